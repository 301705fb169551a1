//! What the practice reads about one signed consultation, made from the pathway's headings and the answers.

use crate::nhs::gp_connect::{Coded, Content, Heading, Measurement};
use shared::consultation::{Answer, Consultation, Medicine};
use shared::pathway::{self, Facts, Field, Pathway};

/// SNOMED codes of the measurements that practice systems take (referrals.md 10.2).
const TEMPERATURE: &str = "703421000";
const HEART_RATE: &str = "364075005";
const SYSTOLIC: &str = "72313002";
const DIASTOLIC: &str = "1091811000000102";

/// Fields without a heading and private ones stay in the pharmacy (practice 10); so do the free notes, in which
/// anything may stand.
pub(super) fn content(pathway: &Pathway, record: &Consultation) -> Content {
    let assessment = pathway::assess_record(pathway, record);
    let facts = Facts::of(record);
    let words = |field: &Field| {
        pathway::answer_in_words(pathway, field, &record.answers, &record.observations, &facts)
    };
    let mut content = Content::default();
    if let Some(outcome) = assessment.verdict.outcome() {
        content.add(Heading::ClinicalSummary, &format!("Outcome: {}", outcome.label));
    }
    let asked =
        || assessment.sections.iter().flat_map(|state| &state.questions).map(|question| question.field);
    for field in asked().filter(|field| !field.private && field.red_flag.is_none() && !field.observation) {
        let Some((heading, answer)) = field.heading.zip(words(field)) else { continue };
        let line = format!("{}: {answer}", field.short());
        if heading == pathway::Heading::PresentingComplaintsOrIssues {
            content.complaints.extend(coded(field, record));
        }
        // A heading that this route has no place for is still read, in the summary.
        content.add(Heading::from_code(heading.code()).unwrap_or(Heading::ClinicalSummary), &line);
    }
    red_flags(asked(), record, &mut content);
    observations(asked(), record, &words, &mut content);
    for medicine in record.medicines.values() {
        content.add(Heading::AdviceGiven, &medicine_line(medicine));
    }
    content
}

/// The chosen option's code, where it has one.
fn coded(field: &Field, record: &Consultation) -> Option<Coded> {
    let chosen = record.answers.get(&field.id).and_then(Answer::as_text)?;
    let code = field.option(chosen)?.snomed.as_ref()?;
    Some(Coded { code: code.code.clone(), display: code.display.clone() })
}

fn red_flags<'a>(fields: impl Iterator<Item = &'a Field>, record: &Consultation, content: &mut Content) {
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for field in fields.filter(|field| field.red_flag.is_some() && !field.private) {
        match record.answers.get(&field.id).and_then(Answer::as_yes) {
            Some(true) => present.push(field.short()),
            Some(false) => absent.push(field.short()),
            None => {}
        }
    }
    if !present.is_empty() {
        content.add(Heading::RedFlags, &format!("Present: {}", present.join("; ")));
    }
    if !absent.is_empty() {
        content.add(Heading::RedFlags, &format!("Asked about and not present: {}", absent.join("; ")));
    }
}

/// What the practice's system takes as a code goes as one; the rest goes as words, or all of it would be refused.
fn observations<'a>(
    fields: impl Iterator<Item = &'a Field>,
    record: &Consultation,
    words: &impl Fn(&Field) -> Option<String>,
    content: &mut Content,
) {
    let (mut systolic, mut diastolic) = (None, None);
    let mut spoken = Vec::new();
    for field in fields.filter(|field| field.observation && !field.private) {
        let Some(answer) = words(field) else { continue };
        let value = record.observations.get(&field.id).and_then(Answer::as_number);
        match (field.snomed.as_ref().map(|code| code.code.as_str()), value) {
            (Some(TEMPERATURE), Some(value)) => content.measurements.push(Measurement::Temperature(value)),
            (Some(HEART_RATE), Some(value)) => content.measurements.push(Measurement::HeartRate(value)),
            (Some(SYSTOLIC), Some(value)) => systolic = Some(value),
            (Some(DIASTOLIC), Some(value)) => diastolic = Some(value),
            _ => spoken.push(format!("{} {answer}", field.short())),
        }
    }
    match (systolic, diastolic) {
        (Some(systolic), Some(diastolic)) => {
            content.measurements.push(Measurement::BloodPressure { systolic, diastolic });
        }
        (Some(upper), None) => spoken.push(format!("Systolic blood pressure {upper} mmHg")),
        (None, Some(lower)) => spoken.push(format!("Diastolic blood pressure {lower} mmHg")),
        (None, None) => {}
    }
    if !spoken.is_empty() {
        content.add(Heading::ClinicalSummary, &format!("Observations: {}", spoken.join("; ")));
    }
}

/// `Recommended: Paracetamol 500 mg tablets, 32. One or two four times a day.`
fn medicine_line(medicine: &Medicine) -> String {
    let decision = match medicine.decision.as_str() {
        "recommended" => "Recommended",
        "refused" => "Not recommended",
        "referred" => "Referred for",
        _ => "Discussed",
    };
    let more = [medicine.directions.as_str(), medicine.reason.as_str()];
    let more: Vec<&str> = more.into_iter().map(str::trim).filter(|words| !words.is_empty()).collect();
    let stop = if more.is_empty() { "" } else { ". " };
    format!("{decision}: {}{stop}{}", medicine.name.trim(), more.join(". "))
}
