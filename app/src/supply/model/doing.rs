//! What can be done to a line: made, changed, supplied, not supplied, recorded as it happened, taken back.
//!
//! Everything here works on the record as it stands when it is written, not as it was drawn.

use super::Known;
use crate::consultation::onward_model;
use shared::consultation::{Consultation, Medicine, Onward};
use shared::medicines::Product;
use shared::pathway::Pathway;
use shared::places::Service;
use shared::supply;
use shared::supply::pgd::{self, Direction};
use shared::time::{self, Millis};

/// The question of the pathway that holds what was asked for, one a line.
const ASKED_FOR: &str = "requested-medicines";

/// Adds a line about what was chosen or typed, in which nothing is decided.
pub fn make(record: &mut Consultation, id: &str, mut line: Medicine, now: Millis) {
    if line.name.trim().is_empty() {
        return;
    }
    line.requested = asked_for(record, &line.name);
    line.recorded_at = time::stored(now);
    supply::confirm(&mut line);
    record.medicines.insert(id.to_owned(), line);
}

/// A line for a supply under a patient group direction, in which nothing is decided.
pub fn under_direction(mut line: Medicine, direction: &Direction) -> Medicine {
    supply::PATIENT_GROUP_DIRECTION.clone_into(&mut line.supply_type);
    line.legal_document = direction.key();
    line
}

/// What the rules say of a hit of the search, before anything is known of the patient; `None` where they say nothing.
pub fn at_a_glance(product: &Product) -> Option<String> {
    let glance = supply::at_a_glance(product);
    let words = glance.words?;
    let source = if glance.may_be_supplied == supply::Verdict::No { glance.source } else { "" };
    Some(if source.is_empty() { words } else { format!("{words} ({source})") })
}

/// In whose words it was asked for: the line of the request that begins alike, or the only one that there is.
fn asked_for(record: &Consultation, name: &str) -> String {
    let answer = record.answers.get(ASKED_FOR).and_then(|answer| answer.as_text()).unwrap_or_default();
    let asked: Vec<&str> = answer.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = |words: &str| {
        let word = words.split(|c: char| !c.is_alphabetic()).find(|word| word.len() > 2);
        word.map(str::to_lowercase)
    };
    let alike = asked.iter().find(|line| first(line).is_some() && first(line) == first(name));
    match (alike, asked.as_slice()) {
        (Some(line), _) => (*line).to_owned(),
        (None, [only]) => (*only).to_owned(),
        _ => String::new(),
    }
}

/// Changes a line. One on which two changes have met stays so until somebody has looked at the whole of it.
pub fn change(record: &mut Consultation, id: &str, change: impl FnOnce(&mut Medicine)) {
    let Some(line) = record.medicines.get_mut(id) else { return };
    let looked_at = supply::is_confirmed(line);
    change(line);
    if looked_at {
        supply::confirm(line);
    }
}

/// Somebody has looked at the line after two changes met in it.
pub fn look_again(record: &mut Consultation, id: &str) {
    if let Some(line) = record.medicines.get_mut(id) {
        supply::confirm(line);
    }
}

/// Records the supply, where it may be made. `false`: it may not, and nothing was changed.
pub fn decide_to_supply(record: &mut Consultation, id: &str, known: &Known, now: Millis) -> bool {
    let circumstances = known.circumstances(record, time::day(now));
    let Some(line) = record.medicines.get_mut(id) else { return false };
    let looked_at = supply::is_confirmed(line);
    if supply::is_under_direction(line)
        && let Some(me) = &known.me
    {
        // Under which authorisation stands in the line, so that it can be read later who was allowed to.
        pgd::authorise(line, me, circumstances.today);
        if looked_at {
            supply::confirm(line);
        }
    }
    let review = supply::review(line, &circumstances);
    if !supply::is_confirmed(line) || line.decision == supply::SUPPLIED || !review.may_be_made() {
        return false;
    }
    undecided(line);
    line.reason.clear();
    supply::SUPPLIED.clone_into(&mut line.decision);
    review.supply_type.clone_into(&mut line.supply_type);
    line.supplied_at = time::stored(now);
    let part = line.owed.trim().to_owned();
    supply::confirm(line);
    if !part.is_empty() {
        let reason = format!("{}: supplied in part here, still wanted: {part}", line.name);
        send_on(&mut record.onward, Service::Pharmacy, &reason);
    }
    true
}

/// Records that it is not supplied, with the coded reason.
pub fn decide_not_to_supply(record: &mut Consultation, id: &str, reason: &str) {
    change(record, id, |line| {
        undecided(line);
        line.owed.clear();
        supply::REFUSED.clone_into(&mut line.decision);
        reason.clone_into(&mut line.no_supply_reason);
    });
}

/// Records a supply that has happened although the rules speak against it, with what they say (practice 14). Recorded
/// once more, it names what they say now. `false` while nobody has said why, or where nothing speaks against it.
pub fn record_what_happened(record: &mut Consultation, id: &str, now: Millis) -> bool {
    let Some(line) = record.medicines.get(id) else { return false };
    let mut written = line.clone();
    undecided(&mut written);
    let made = line.decision == supply::SUPPLIED && time::read(&line.supplied_at).is_some();
    written.supplied_at = if made { line.supplied_at.clone() } else { time::stored(now) };
    let broken = super::broken_by(record, &written);
    if line.exception.trim().is_empty() || broken.is_empty() {
        return false;
    }
    supply::SUPPLIED.clone_into(&mut written.decision);
    if !supply::is_under_direction(&written) {
        supply::EMERGENCY_SUPPLY.clone_into(&mut written.supply_type);
    }
    written.exception.clone_from(&line.exception);
    written.broken_rules = broken;
    change(record, id, |line| *line = written);
    true
}

/// Takes the decision back; what was typed about the line stays.
pub fn take_back(record: &mut Consultation, id: &str) {
    change(record, id, undecided);
}

/// What only a decision has is none of an open line, and none of the next decision.
fn undecided(line: &mut Medicine) {
    // The direction was chosen with the medicine, not with the decision.
    if !supply::is_under_direction(line) {
        line.supply_type.clear();
    }
    for part in [
        &mut line.decision,
        &mut line.supplied_at,
        &mut line.no_supply_reason,
        &mut line.exception,
        &mut line.broken_rules,
    ] {
        part.clear();
    }
}

/// Who can help a patient to whom nothing, or not all, is supplied here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helper {
    Practice,
    OutOfHours,
    /// The line of NHS 111 for health professionals.
    ProfessionalLine,
    Pharmacy,
}

impl Helper {
    pub const ALL: [Self; 4] = [Self::Practice, Self::OutOfHours, Self::ProfessionalLine, Self::Pharmacy];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Practice => "The GP practice",
            Self::OutOfHours => "Out of hours",
            Self::ProfessionalLine => "NHS 111, line for health professionals",
            Self::Pharmacy => "Another pharmacy",
        }
    }

    const fn service(self) -> Service {
        match self {
            Self::Practice => Service::Gp,
            Self::OutOfHours | Self::ProfessionalLine => Service::OutOfHours,
            Self::Pharmacy => Service::Pharmacy,
        }
    }
}

/// Begins sending the patient on because of this line. Whom somebody has already chosen stays chosen.
pub fn ask_for_help(record: &mut Consultation, id: &str, pathway: &Pathway, helper: Helper) {
    let Some(line) = record.medicines.get(id) else { return };
    let reason = format!("{}: not supplied here. {}", line.name, supply::no_supply_words(line));
    let chosen_here = !record.onward.is_chosen();
    send_on(&mut record.onward, helper.service(), reason.trim());
    match helper {
        Helper::Practice if chosen_here => {
            if let Some(place) = onward_model::own_practice(record) {
                onward_model::chosen(record, pathway, &place);
            }
        }
        Helper::ProfessionalLine if chosen_here => helper.words().clone_into(&mut record.onward.name),
        Helper::Pharmacy => change(record, id, |line| supply::REFERRED.clone_into(&mut line.decision)),
        _ => {}
    }
}

/// Fills in what is empty; the reason is added to what stands.
fn send_on(onward: &mut Onward, service: Service, reason: &str) {
    if !onward.is_chosen() {
        service.as_str().clone_into(&mut onward.service);
    }
    if onward.urgency.is_empty() {
        "urgent".clone_into(&mut onward.urgency);
    }
    if !onward.reason.lines().any(|line| line == reason) {
        let lines = [onward.reason.trim_end(), reason];
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        onward.reason = lines.join("\n");
    }
}
