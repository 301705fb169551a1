//! One line as it is drawn, from top to bottom.

use super::{Known, broken_by, line_anchor, made};
use crate::consultation::medicine_words::{medicine_line, schedule_words};
use crate::consultation::model::field_anchor;
use jiff::civil::Date;
use shared::consultation::{Consultation, Medicine};
use shared::medicines::allergy;
use shared::pathway::Pathway;
use shared::register;
use shared::supply::{self, LOOK_AGAIN, Question, Review, Standing};

/// The refusal that is about who is here, not about the supply: a pharmacist may still make it, so all is still asked.
const PHARMACIST_ONLY: &str = "pharmacist-only";

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is decided.
    Open,
    Supplied,
    /// Recorded as supplied, and the rules speak against it: nobody has said yet that it is an exception.
    AgainstTheRules,
    /// It has happened, with the reason (practice 14).
    Exception,
    NotSupplied,
    SentOn,
}

impl Stage {
    /// In a word or two.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Open => "Not decided",
            Self::Supplied => "Supplied",
            Self::AgainstTheRules => "Supplied against the rules",
            Self::Exception => "Supplied as an exception",
            Self::NotSupplied => "Not supplied",
            Self::SentOn => "Sent on",
        }
    }

    /// Are answers and amounts still open to change as they stand?
    pub const fn is_edited(self) -> bool {
        matches!(self, Self::Open | Self::AgainstTheRules)
    }
}

/// Words with where the rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub words: String,
    pub source: &'static str,
}

/// A warning that a professional judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub id: &'static str,
    pub said: Said,
    pub asks_reason: bool,
}

/// Something to do before it can be supplied, and where that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenThing {
    pub words: String,
    /// The id of its place on the page; empty where it is on no place of its own.
    pub anchor: String,
}

/// The record's allergies beside a medicine. Nothing in it says that the medicine is safe (practice 9).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allergies {
    /// What speaks against it, a sentence each: stays in sight.
    pub matches: Vec<String>,
    /// Where nothing does, what that does not mean; and what could not be compared.
    pub limits: Vec<String>,
}

/// Everything that is drawn of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    pub name: String,
    /// `tablet, prescription-only medicine, Schedule 5 controlled drug`.
    pub facts: String,
    /// Two changes met: somebody looks at it again before it counts.
    pub two_changes: bool,
    pub allergies: Allergies,
    pub stage: Stage,
    /// The line as it reads in the record.
    pub words: String,
    /// By which right: `Emergency supply`; empty while unknown.
    pub title: &'static str,
    pub maximum: Option<Said>,
    /// Answered ones, and the next that is to be answered.
    pub questions: Vec<&'static Question>,
    /// Unanswered ones that come after it.
    pub later: usize,
    /// All unanswered ones, asked or not.
    pub unanswered: usize,
    pub shows_details: bool,
    /// The unit as the dictionary has it; empty where it is typed.
    pub unit: String,
    /// `4 tablet a day`; empty while quantity or days are missing.
    pub a_day: String,
    pub refusals: Vec<Said>,
    /// Something speaks against the supply, whoever would make it.
    pub is_refused: bool,
    pub warnings: Vec<Judgement>,
    pub open: Vec<OpenThing>,
    /// The pack's last day has passed.
    pub is_expired: bool,
    /// From where it may be had in this setting, as id and label; empty while the setting is not known.
    pub places: Vec<(&'static str, &'static str)>,
    /// The same for a supply that has happened: whatever has a word.
    pub all_places: Vec<(&'static str, &'static str)>,
    pub may_supply: bool,
    /// Something speaks against it that an exception can name.
    pub may_be_exception: bool,
    /// What a recorded exception broke, each with its source.
    pub broken: Vec<String>,
    /// What keeps a decision that was made from being signed, a sentence each.
    pub problems: Vec<String>,
    pub label_words: String,
    pub needs_register_entry: bool,
    /// Under a patient group direction: nobody prescribed it, and nothing was asked for.
    pub under_direction: bool,
}

/// `None` where there is no such line. `today` is the day in England.
pub fn view(
    record: &Consultation,
    id: &str,
    pathway: &Pathway,
    known: &Known,
    today: Date,
) -> Option<LineView> {
    let line = record.medicines.get(id)?;
    let stage = stage(record, line);
    let circumstances = known.circumstances(record, today);
    // A supply that was made is judged by its own day, and by nobody who merely reads it.
    let review = made(record, line).filter(|_| line.decision == supply::SUPPLIED);
    let review = review.unwrap_or_else(|| supply::review(line, &circumstances));
    let would_be = Medicine { supplied_at: noon(today), ..line.clone() };
    let problems = supply::before_signing(record, today).into_iter().filter(|problem| problem.line == id);
    let refused = review.refusals.iter().any(|refusal| refusal.id != PHARMACIST_ONLY);
    let (questions, later) = questions(&review, stage, refused);
    Some(LineView {
        name: line.name.clone(),
        facts: facts(line),
        two_changes: !supply::is_confirmed(line),
        allergies: allergies(record, line),
        stage,
        words: medicine_line(pathway, line),
        title: review.title,
        maximum: review
            .maximum
            .map(|maximum| Said { words: maximum.words.to_owned(), source: maximum.source }),
        questions,
        later,
        unanswered: review.questions.iter().filter(|question| review.is_open(&question.id)).count(),
        shows_details: stage.is_edited() && (!refused || has_details(line)),
        unit: if line.unit_code.is_empty() { String::new() } else { line.unit.clone() },
        a_day: supply::a_day(line).unwrap_or_default(),
        is_refused: refused,
        refusals: review
            .refusals
            .iter()
            .map(|refusal| Said { words: refusal.words.clone(), source: refusal.source })
            .collect(),
        warnings: review
            .warnings
            .iter()
            .map(|warning| Judgement {
                id: warning.id,
                said: Said { words: warning.words.to_owned(), source: warning.source },
                asks_reason: warning.asks_reason,
            })
            .collect(),
        open: open_things(id, pathway, &review),
        is_expired: super::is_expired(line, today).unwrap_or_default(),
        places: supply::places_offered(&circumstances.setting, circumstances.today),
        all_places: supply::places_known(circumstances.today),
        may_supply: stage == Stage::Open && review.may_be_made(),
        may_be_exception: match stage {
            Stage::Open => !broken_by(record, &would_be).is_empty(),
            Stage::AgainstTheRules | Stage::Exception => !broken_by(record, line).is_empty(),
            _ => false,
        },
        broken: line.broken_rules.split_whitespace().map(|rule| supply::rule_words(line, rule)).collect(),
        problems: if stage == Stage::Open {
            Vec::new()
        } else {
            problems.map(|problem| problem.words).collect()
        },
        label_words: review.label_words.unwrap_or_default(),
        under_direction: supply::is_under_direction(line),
        needs_register_entry: review.needs_register_entry && (stage == Stage::Open || is_entered(record, id)),
    })
}

/// What the register itself says of a line that was supplied.
fn is_entered(record: &Consultation, id: &str) -> bool {
    let supplied = register::supplied(record, &record.signatures);
    supplied.iter().any(|one| one.line == id && register::need(one) == register::Need::Entered)
}

/// Any moment of that day in England.
fn noon(day: Date) -> String {
    format!("{day}T12:00:00Z")
}

fn stage(record: &Consultation, line: &Medicine) -> Stage {
    match supply::standing(record, line) {
        Standing::Exception => Stage::Exception,
        Standing::Supplied => Stage::Supplied,
        Standing::Refused => Stage::NotSupplied,
        Standing::Referred => Stage::SentOn,
        Standing::Unsound => Stage::AgainstTheRules,
        Standing::Open | Standing::Recommended => Stage::Open,
    }
}

fn allergies(record: &Consultation, line: &Medicine) -> Allergies {
    let compared = allergy::check(allergy::recorded(record), line);
    let matches: Vec<String> = compared.matches.iter().map(allergy::AllergyMatch::words).collect();
    let not_asked = allergy::not_asked(record).map(str::to_owned);
    let nothing_found = matches.is_empty().then(|| allergy::NOTHING_FOUND.to_owned());
    let limits = not_asked.into_iter().chain(nothing_found).chain(compared.limits).collect();
    Allergies { matches, limits }
}

/// One by one: what is answered, so that it can be corrected, and the first that is not. What is refused already asks
/// nothing more.
fn questions(review: &Review, stage: Stage, refused: bool) -> (Vec<&'static Question>, usize) {
    if !stage.is_edited() {
        return (Vec::new(), 0);
    }
    let is_open = |question: &&&'static Question| review.is_open(&question.id);
    let unanswered: Vec<&str> =
        review.questions.iter().filter(is_open).map(|question| question.id.as_str()).collect();
    let next = if refused { None } else { unanswered.first().copied() };
    let shown = review.questions.iter().copied();
    let shown: Vec<&'static Question> = shown
        .filter(|question| !unanswered.contains(&question.id.as_str()) || next == Some(question.id.as_str()))
        .collect();
    (shown, if refused { 0 } else { unanswered.len().saturating_sub(1) })
}

/// Something is there to be corrected, although the rules have closed the way.
fn has_details(line: &Medicine) -> bool {
    [&line.quantity, &line.days, &line.supplied_from].into_iter().any(|part| !part.trim().is_empty())
}

/// What is to be done that is neither a question nor a warning of this line, for those stand there themselves.
fn open_things(id: &str, pathway: &Pathway, review: &Review) -> Vec<OpenThing> {
    let stands_there = |open: &&supply::Open| {
        open.id == LOOK_AGAIN
            || review.question(open.id).is_some()
            || review.warnings.iter().any(|warning| warning.id == open.id)
    };
    let open = review.open.iter().filter(|open| !stands_there(open));
    open.map(|open| OpenThing {
        words: open.words.clone(),
        anchor: match open.id {
            "quantity" | "unit" | "days" | "directions" => format!("{}-{}", line_anchor(id), open.id),
            "supplied-from" => format!("{}-place", line_anchor(id)),
            field if pathway.field(field).is_some() => field_anchor(field),
            _ => String::new(),
        },
    })
    .collect()
}

fn facts(line: &Medicine) -> String {
    let class = match line.legal_class.as_str() {
        _ if line.product_kind == "appliance" => "appliance",
        "POM" => "prescription-only medicine",
        "P" => "pharmacy medicine",
        "GSL" => "general-sale medicine",
        _ => "",
    };
    let typed = if line.code.trim().is_empty() { "typed in words" } else { "" };
    let schedule = if typed.is_empty() { schedule_words(&line.schedule) } else { "" };
    let parts = [line.form.as_str(), class, schedule, typed];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Ids of the lines in the order in which they were made.
pub fn lines_in_order(record: &Consultation) -> Vec<String> {
    let mut lines: Vec<(&String, &Medicine)> = record.medicines.iter().collect();
    lines.sort_by(|(a_id, a), (b_id, b)| (&a.recorded_at, a_id).cmp(&(&b.recorded_at, b_id)));
    lines.into_iter().map(|(id, _)| id.clone()).collect()
}
