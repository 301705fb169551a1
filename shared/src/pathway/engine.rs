//! Puts answers and pathway together: what to ask, what is missing, what it comes to, and may it be signed.

use super::condition::{Condition, Facts, Gap, Reading};
use super::definition::{Choice, Field, Kind, Outcome, Pathway, Score, Section, Warning};
use super::offers::{GatewayState, Treatment};
use crate::consultation::{self, Answer, Answers, Consultation};

/// All that a screen and the signing need to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment<'a> {
    /// Sections with something to ask, in the order of the file.
    pub sections: Vec<SectionState<'a>>,
    /// What stands between now and signing.
    pub missing: Vec<Missing<'a>>,
    /// After an emergency or a closure: what may be completed later (practice 12).
    pub later: Vec<Missing<'a>>,
    /// Red flags answered yes.
    pub red_flags: Vec<RedFlag<'a>>,
    /// What stays in sight: allergies, known or not asked (practice 9).
    pub pinned: Vec<Pinned<'a>>,
    pub warnings: Vec<&'a Warning>,
    pub scores: Vec<ScoreState<'a>>,
    pub verdict: Verdict<'a>,
    /// An outcome is reached and nothing it needs is missing.
    pub may_sign: bool,
    /// It may be signed at once, whatever else is open: see [`Assessment::cut_short`].
    pub emergency_may_sign: bool,
    /// Ways of getting a recommended medicine that are offered now (practice 1).
    pub supplied_from: Vec<&'a Choice>,
    /// The patient objects to telling the GP: no notice is made (practice 7).
    pub gp_notice_stopped: bool,
    /// The gateways that count on the day of the visit.
    pub gateways: Vec<GatewayState<'a>>,
    /// Medicines that may be considered now.
    pub treatments: Vec<&'a Treatment>,
}

/// One section as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionState<'a> {
    pub section: &'a Section,
    pub questions: Vec<Question<'a>>,
    /// Of the questions that must be answered: how many are, out of how many.
    pub answered: usize,
    pub of: usize,
}

/// One question that is put now.
#[derive(Debug, Clone, PartialEq)]
pub struct Question<'a> {
    pub field: &'a Field,
    /// Ids of the options offered now; empty for other kinds.
    pub options: Vec<&'a str>,
    pub required: bool,
    /// Why there is no answer that counts; `None` when there is one.
    pub gap: Option<Gap>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Missing<'a> {
    pub field: &'a str,
    pub section: &'a str,
    pub label: &'a str,
    pub gap: Gap,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedFlag<'a> {
    pub field: &'a str,
    pub label: &'a str,
    /// What to do, in the pathway's words.
    pub action: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned<'a> {
    pub field: &'a str,
    pub label: &'a str,
    /// The answer in words, or `not asked`.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ScoreState<'a> {
    pub score: &'a Score,
    /// Sum of what is known.
    pub low: u16,
    /// What it could still become; equal to `low` when all is known.
    pub high: u16,
}

/// What the answers come to.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict<'a> {
    Reached {
        outcome: &'a Outcome,
        /// The answers that led to it (ui.md 5).
        because: Vec<Because<'a>>,
    },
    Incomplete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because<'a> {
    pub field: &'a str,
    pub label: &'a str,
    pub answer: String,
}

impl<'a> Verdict<'a> {
    pub fn outcome(&self) -> Option<&'a Outcome> {
        match self {
            Self::Reached { outcome, .. } => Some(outcome),
            Self::Incomplete => None,
        }
    }
}

/// [`assess`] for a record and the pathway it names.
pub fn assess_record<'a>(pathway: &'a Pathway, record: &Consultation) -> Assessment<'a> {
    assess(pathway, &record.answers, &record.observations, &Facts::of(record))
}

/// Reads the answers with the pathway's eyes. Answers to questions that are not put count for nothing.
pub fn assess<'a>(
    pathway: &'a Pathway,
    answers: &Answers,
    observations: &Answers,
    facts: &Facts,
) -> Assessment<'a> {
    let reading = Reading { pathway, answers, observations, facts };
    let sections = sections(pathway, &reading);
    let red_flags = red_flags(pathway, &reading);
    let verdict = verdict(pathway, &reading, &red_flags);
    let open = sections.iter().flat_map(|state| &state.questions).filter(|question| question.required);
    let open = open.filter_map(|question| {
        let Field { id, section, label, .. } = question.field;
        question.gap.clone().map(|gap| Missing { field: id, section, label, gap })
    });
    let needs = verdict.outcome().and_then(|outcome| outcome.needs.as_ref());
    let (missing, later): (Vec<_>, Vec<_>) =
        open.partition(|gap| needs.is_none_or(|needs| needs.iter().any(|need| need == gap.field)));
    let may_sign = missing.is_empty() && verdict.outcome().is_some();
    Assessment {
        emergency_may_sign: may_sign && verdict.outcome().is_some_and(|outcome| outcome.emergency),
        may_sign,
        missing,
        later,
        red_flags,
        pinned: pinned(pathway, &reading),
        warnings: pathway.warnings.iter().filter(|w| reading.holds(&w.when) == Some(true)).collect(),
        scores: scores(pathway, &reading),
        verdict,
        sections,
        supplied_from: reading.choices(&pathway.medicines.supplied_from),
        gp_notice_stopped: stops_gp_notice(pathway, &reading),
        gateways: gateways(pathway, &reading),
        treatments: pathway.treatments.iter().filter(|one| reading.holds(&one.when) == Some(true)).collect(),
    }
}

/// The answer as a pharmacist reads it, with its unit; `None` when the question has no answer that counts.
pub fn answer_in_words(
    pathway: &Pathway,
    field: &Field,
    answers: &Answers,
    observations: &Answers,
    facts: &Facts,
) -> Option<String> {
    in_words(&Reading { pathway, answers, observations, facts }, field)
}

impl Assessment<'_> {
    /// Is a signature given now one over work that an emergency cut short (practice 12)? Only while something is open:
    /// a question, or one of `disputed` answers. The signature after such a one completes the record, whatever could
    /// never be asked, or the GP would not be told.
    pub fn cut_short(&self, record: &Consultation, disputed: usize) -> bool {
        let open = disputed > 0 || !self.later.is_empty();
        self.emergency_may_sign && open && !record.signatures.values().any(|signature| signature.emergency)
    }

    /// What to write as the record's outcome when it is signed.
    pub fn outcome_to_record(&self, answers: &Answers) -> Option<consultation::Outcome> {
        let outcome = self.verdict.outcome()?;
        let text = |field: &str| answers.get(field).and_then(Answer::as_text).unwrap_or_default().to_owned();
        let (closure_reason, attempts) = match &outcome.closing {
            None => (String::new(), String::new()),
            Some(closing) if closing.because.is_empty() => (text(&closing.reason), text(&closing.attempts)),
            Some(closing) => (closing.because.clone(), text(&closing.attempts)),
        };
        Some(consultation::Outcome { code: outcome.id.clone(), closure_reason, attempts })
    }
}

fn sections<'a>(pathway: &'a Pathway, reading: &Reading<'a, '_>) -> Vec<SectionState<'a>> {
    let mut states = Vec::new();
    for section in &pathway.sections {
        let fields = pathway.fields.iter().filter(|field| field.section == section.id);
        let shown = fields.filter(|field| reading.visible(field) == Some(true));
        let questions: Vec<Question<'a>> = shown
            .map(|field| Question {
                field,
                options: reading.offered(field),
                required: reading.holds(&field.required) == Some(true),
                gap: reading.answer(field).err(),
            })
            .collect();
        if questions.is_empty() {
            continue;
        }
        let of = questions.iter().filter(|question| question.required).count();
        let open = questions.iter().filter(|question| question.required && question.gap.is_some()).count();
        states.push(SectionState { section, questions, answered: of - open, of });
    }
    states
}

fn red_flags<'a>(pathway: &'a Pathway, reading: &Reading<'a, '_>) -> Vec<RedFlag<'a>> {
    let flags = pathway.fields.iter().filter_map(|field| Some((field, field.red_flag.as_ref()?)));
    flags
        .filter(|(field, _)| {
            reading.holds(&Condition::Is(field.id.clone(), Answer::YesNo(true))) == Some(true)
        })
        .map(|(field, flag)| RedFlag { field: &field.id, label: &field.label, action: &flag.action })
        .collect()
}

/// Outcomes from the most urgent down; one that is still open blocks those below it.
fn verdict<'a>(pathway: &'a Pathway, reading: &Reading<'a, '_>, present: &[RedFlag<'a>]) -> Verdict<'a> {
    if present.is_empty() {
        let mut closings = pathway.outcomes.iter().filter(|outcome| outcome.closing.is_some());
        if let Some(outcome) = closings.find(|outcome| reading.holds(&outcome.when) == Some(true)) {
            return reached(pathway, reading, outcome, present);
        }
    }
    let mut flags = pathway.fields.iter().filter(|field| field.red_flag.is_some());
    let all_flags_asked = flags.all(|field| match reading.visible(field) {
        Some(false) => true,
        Some(true) => reading.answer(field).is_ok(),
        None => false,
    });
    for outcome in pathway.outcomes.iter().filter(|outcome| outcome.closing.is_none()) {
        if !outcome.emergency && !all_flags_asked {
            return Verdict::Incomplete;
        }
        match reading.holds(&outcome.when) {
            Some(true) => return reached(pathway, reading, outcome, present),
            Some(false) => {}
            None => return Verdict::Incomplete,
        }
    }
    Verdict::Incomplete
}

fn reached<'a>(
    pathway: &'a Pathway,
    reading: &Reading<'a, '_>,
    outcome: &'a Outcome,
    present: &[RedFlag<'a>],
) -> Verdict<'a> {
    let mut because: Vec<Because<'a>> = Vec::new();
    if outcome.when.asks_red_flags() {
        let flags = present.iter();
        because.extend(flags.map(|flag| Because {
            field: flag.field,
            label: flag.label,
            answer: "yes".to_owned(),
        }));
    }
    for field in outcome.when.reads().into_iter().filter_map(|id| pathway.field(id)) {
        let is_new = because.iter().all(|reason| reason.field != field.id);
        if let Some(answer) = in_words(reading, field).filter(|_| is_new) {
            because.push(Because { field: &field.id, label: field.short(), answer });
        }
    }
    Verdict::Reached { outcome, because }
}

fn pinned<'a>(pathway: &'a Pathway, reading: &Reading<'a, '_>) -> Vec<Pinned<'a>> {
    let fields = pathway.fields.iter().filter(|field| field.pinned && reading.visible(field) == Some(true));
    fields
        .map(|field| Pinned {
            field: &field.id,
            label: field.short(),
            text: in_words(reading, field).unwrap_or_else(|| "not asked".to_owned()),
        })
        .collect()
}

fn gateways<'a>(pathway: &'a Pathway, reading: &Reading<'a, '_>) -> Vec<GatewayState<'a>> {
    let Some(day) = reading.facts.day else { return Vec::new() };
    let counting = pathway.gateways.iter().filter(|gateway| gateway.counts_on(day));
    counting.map(|gateway| GatewayState { gateway, crossed: reading.holds(&gateway.when) }).collect()
}

fn scores<'a>(pathway: &'a Pathway, reading: &Reading<'a, '_>) -> Vec<ScoreState<'a>> {
    let all = pathway.scores.iter().filter(|score| reading.holds(&score.shown) == Some(true));
    all.filter_map(|score| reading.score(&score.id).map(|(low, high)| ScoreState { score, low, high }))
        .collect()
}

fn stops_gp_notice(pathway: &Pathway, reading: &Reading<'_, '_>) -> bool {
    let mut fields = pathway.fields.iter().filter(|field| field.stops_gp_notice);
    // A withdrawn question must not revive the notice, so this reads what was said, shown or not.
    fields.any(|field| reading.answers.get(&field.id) == Some(&Answer::YesNo(true)))
}

fn in_words<'a>(reading: &Reading<'a, '_>, field: &'a Field) -> Option<String> {
    if reading.visible(field) != Some(true) {
        return None;
    }
    let answer = reading.answer(field).ok()?;
    let label = |id: &str| field.option(id).map_or_else(|| id.to_owned(), |option| option.label.clone());
    Some(match (field.kind, answer) {
        (Kind::Several, _) => reading.ticked(field).into_iter().map(label).collect::<Vec<_>>().join(", "),
        (Kind::Choice, Some(Answer::Text(id))) => label(id),
        (Kind::Number, Some(Answer::Number(value))) => {
            let unit = field.number.as_ref().map_or("", |number| number.unit.as_str());
            format!("{} {unit}", field.written_number(*value)).trim_end().to_owned()
        }
        (Kind::Date, Some(Answer::Text(date))) => {
            date.parse().map_or_else(|_| date.clone(), crate::time::written_date)
        }
        (_, Some(answer)) => answer.to_string().trim().to_owned(),
        (_, None) => return None,
    })
}
