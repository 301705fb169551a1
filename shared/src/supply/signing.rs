//! What a signature may say of the medicines: a supply is shown lawful, or marked as the exception it is (practice 14).

use super::circumstances::{Circumstances, Professional};
use super::confirm::is_confirmed;
use super::review::{Review, review};
use super::rules::no_supply_reason;
use super::words::rule_words;
use super::{OPEN, RECOMMENDED, REFERRED, REFUSED, SUPPLIED};
use crate::consultation::{Consultation, Medicine};
use crate::pathway;
use crate::time;
use jiff::civil::Date;

/// Something that keeps a signature from saying that all is as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Key of the line in `Consultation::medicines`.
    pub line: String,
    /// A sentence that begins with the medicine's name.
    pub words: String,
}

/// What became of a line, as far as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing is decided.
    Open,
    Recommended,
    Refused,
    Referred,
    /// Supplied, and shown to be within the rules of its day.
    Supplied,
    /// Supplied and marked as an exception, with what it broke.
    Exception,
    /// Called supplied, and neither of both: it was changed, or the rules do not carry it.
    Unsound,
}

impl Standing {
    /// The word by which a pathway file reads it.
    pub const fn code(self) -> &'static str {
        match self {
            // A supply that is not shown lawful is no result yet.
            Self::Open | Self::Unsound => "open",
            Self::Recommended => "recommended",
            Self::Refused => "refused",
            Self::Referred => "referred",
            Self::Supplied => "supplied",
            Self::Exception => "exception",
        }
    }
}

/// A supply that happened outside the rules, for whoever looks into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Key of the line in `Consultation::medicines`.
    pub line: String,
    pub name: String,
    /// RFC 3339.
    pub supplied_at: String,
    /// Why it happened, in the professional's words.
    pub why: String,
    /// What the rules say against it, with the source; the id where these rules know no words for it.
    pub against: Vec<String>,
}

/// The review of a line on the day it was supplied, or on `today` while it was not. `None` where it says it was supplied
/// and not when.
fn on_its_day(record: &Consultation, line: &Medicine, today: Date) -> Option<Review> {
    let day = if line.decision == SUPPLIED { time::day(time::read(&line.supplied_at)?) } else { today };
    Some(review(line, &Circumstances::of(record, day)))
}

/// What became of a line of this record.
pub fn standing(record: &Consultation, line: &Medicine) -> Standing {
    match line.decision.as_str() {
        OPEN => Standing::Open,
        RECOMMENDED => Standing::Recommended,
        REFUSED => Standing::Refused,
        REFERRED => Standing::Referred,
        SUPPLIED if !line.exception.trim().is_empty() => Standing::Exception,
        SUPPLIED if on_its_day(record, line, Date::ZERO).is_some_and(|review| review.may_be_made()) => {
            Standing::Supplied
        }
        _ => Standing::Unsound,
    }
}

/// Less than was asked for was supplied, and somebody still has to supply the rest.
pub fn is_part(line: &Medicine) -> bool {
    line.decision == SUPPLIED && !line.owed.trim().is_empty()
}

/// Everything that keeps a signature on `today`, a day in England, from being honest about the medicines. Empty: it may be
/// signed. A signature that an emergency cuts short does not wait for it; the summary then says so.
pub fn before_signing(record: &Consultation, today: Date) -> Vec<Problem> {
    before_signing_by(record, today, None)
}

/// [`before_signing`] that also judges the professional's authorisations.
pub fn before_signing_by(
    record: &Consultation,
    today: Date,
    professional: Option<&Professional>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (id, line) in &record.medicines {
        let words = match line.decision.as_str() {
            OPEN => vec!["Decide: supplied, not supplied or referred on.".to_owned()],
            SUPPLIED => supplied(record, line, today, professional),
            REFUSED if rules_of(record).is_some() => refused(line),
            REFUSED | RECOMMENDED | REFERRED => Vec::new(),
            other => vec![format!("“{other}” is no decision that is known here. Decide again.")],
        };
        let name = if line.name.trim().is_empty() { "Medicine" } else { line.name.trim() };
        problems.extend(
            words.into_iter().map(|words| Problem { line: id.clone(), words: format!("{name}: {words}") }),
        );
    }
    problems
}

/// The rules by which the record's pathway lets medicines be supplied.
fn rules_of(record: &Consultation) -> Option<pathway::SupplyRules> {
    pathway::find(&record.pathway).and_then(|pathway| pathway.medicines.rules)
}

fn refused(line: &Medicine) -> Vec<String> {
    let reason = no_supply_reason(&line.no_supply_reason);
    match reason {
        None => vec!["Choose why it was not supplied.".to_owned()],
        Some(reason) if reason.words && line.reason.trim().is_empty() => {
            vec!["Say in words why it was not supplied.".to_owned()]
        }
        Some(_) => Vec::new(),
    }
}

fn supplied(
    record: &Consultation,
    line: &Medicine,
    today: Date,
    professional: Option<&Professional>,
) -> Vec<String> {
    let mut words = Vec::new();
    if rules_of(record).is_none() {
        words.push("Supplies are not recorded in this kind of consultation.".to_owned());
    }
    let Some(at) = time::read(&line.supplied_at) else {
        words.push("Say when it was handed over.".to_owned());
        return words;
    };
    let day = time::day(at);
    if day > today {
        words.push(format!("The supply is dated {}, which is in the future.", time::written_date(day)));
    }
    if time::read(&record.referral.received_at).is_some_and(|received| at < received) {
        words.push(format!(
            "The supply is dated {}, before the referral came. Correct the time.",
            time::day_and_time(at)
        ));
    }
    if is_part(line) && record.onward.service != "pharmacy" {
        words.push(
            "The rest is still wanted: choose the pharmacy that supplies it, under sending the patient on."
                .to_owned(),
        );
    }
    if !is_confirmed(line) {
        words.push("It was changed in two places. Look at all of it, then confirm it.".to_owned());
        return words;
    }
    let mut circumstances = Circumstances::of(record, day);
    circumstances.professional = professional.cloned();
    let review = review(line, &circumstances);
    let is_exception = !line.exception.trim().is_empty();
    match (review.may_be_made(), is_exception) {
        (true, false) => {
            if !line.broken_rules.trim().is_empty() {
                words.push("It names broken rules and no reason for the exception. Look at it again.".to_owned());
            }
        }
        (true, true) => words.push(
            "It is marked as an exception, and the rules allow it. Take the mark away, or correct the answers."
                .to_owned(),
        ),
        (false, true) => {
            if line.broken_rules != review.broken_rules() {
                words.push("What it breaks has changed since the exception was written. Look at it again.".to_owned());
            }
        }
        (false, false) => {
            let refused = review.refusals.iter().map(|refusal| format!("{} ({})", refusal.words, refusal.source));
            words.extend(refused);
            words.extend(review.open.iter().map(|open| open.words.clone()));
            if review.refusals.is_empty() && review.open.is_empty() {
                words.push("There are no rules here for this kind of supply.".to_owned());
            }
        }
    }
    words
}

/// May this consultation be claimed for, as far as its medicines go? Never where a supply was made outside the rules, or
/// is not shown to be within them (practice 14).
pub fn is_claimable(record: &Consultation) -> bool {
    let outside = [Standing::Exception, Standing::Unsound];
    record.medicines.values().all(|line| !outside.contains(&standing(record, line)))
}

/// Supplies that were made outside the rules, for the incident that each of them opens.
pub fn exceptions(record: &Consultation) -> Vec<Exception> {
    let lines = record.medicines.iter();
    lines
        .filter(|(_, line)| standing(record, line) == Standing::Exception)
        .map(|(id, line)| Exception {
            line: id.clone(),
            name: line.name.clone(),
            supplied_at: line.supplied_at.clone(),
            why: line.exception.trim().to_owned(),
            against: line.broken_rules.split_whitespace().map(|rule| rule_words(line, rule)).collect(),
        })
        .collect()
}
