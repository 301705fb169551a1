//! What the adaptor's report says: sections, warnings, consent, and the triage as questions and answers.

use super::{Bundle, people, time};
use crate::intake::itk111::sections::{self, Section};
use crate::intake::xml::squeeze;
use crate::nhs::fhir::Element;
use shared::consultation::{Patient, Referral, ReportSection, TriageLine};
use shared::time::day_and_time;
use std::collections::HashSet;

/// Fills in what the report says, and what in it is a warning.
pub fn take(
    bundle: &Bundle<'_>,
    composition: &Element,
    patient: &Patient,
    mut warnings: Vec<String>,
    referral: &mut Referral,
) {
    let mut found = Vec::new();
    gather(composition, "", &mut found);
    let said: HashSet<String> =
        found.iter().map(|section: &Section| squeeze(&section.section.text)).collect();
    for plan in bundle.all("CarePlan") {
        let text = plan.text("description");
        // The adaptor repeats the section about advice as a plan.
        if !text.is_empty() && !said.contains(&squeeze(text)) {
            found.push(Section::titled(plan.text("title"), text));
        }
    }
    if composition.text("confidentiality") == "V" {
        warnings.push("The sender marked this report very restricted.".to_owned());
    }
    warnings.extend(found.iter().filter_map(Section::warning));
    let mut appointments =
        bundle.all("Encounter").filter(|encounter| encounter.first("appointment").is_some());
    if appointments.any(|encounter| bundle.referred(encounter, "appointment").is_none()) {
        warnings.push("An appointment was made that is not told here. Ask the sender about it.".to_owned());
    }
    warnings.dedup();
    referral.warnings = warnings.join("\n");
    referral.sender_consent = consent(bundle);
    referral.complaint = sections::complaint(&found, &condition(bundle), &referral.disposition_text);
    referral.sections = found.into_iter().map(|section| section.section).collect();
    if let Some(incident) = people::incident_elsewhere(bundle, patient) {
        referral.sections.push(ReportSection { title: "Where it happened".to_owned(), text: incident });
    }
    referral.triage = triage(bundle);
}

/// Sections in order, nested ones after the one that holds them. What only refers to another resource has no words.
fn gather(holder: &Element, above: &str, found: &mut Vec<Section>) {
    for section in holder.children("section") {
        let title = match section.text("title").trim() {
            "" => above,
            own => own,
        };
        let text = section.text("text.div");
        if !text.is_empty() {
            found.push(Section::titled(title, text));
        }
        gather(section, title, found);
    }
}

/// What the patient said is wrong, in the code for the presenting complaint (SNOMED CT 33962009).
fn condition(bundle: &Bundle<'_>) -> String {
    let said = bundle.all("Observation").find(|seen| seen.text("code.coding.code") == "33962009");
    said.map(|seen| seen.text("valueString").trim().to_owned()).unwrap_or_default()
}

fn consent(bundle: &Bundle<'_>) -> String {
    let mut lines = Vec::new();
    for consent in bundle.all("Consent") {
        lines.extend(
            consent
                .children("action")
                .map(|action| match action.text("text") {
                    "" => action.text("coding.display"),
                    text => text,
                })
                .filter(|words| !words.is_empty())
                .map(str::to_owned),
        );
        let bound = |path: &str| time(consent.text(path)).map(day_and_time);
        let mut words = "Permission to view".to_owned();
        if let Some(from) = bound("dataPeriod.start") {
            words = format!("{words}, from {from}");
        }
        if let Some(until) = bound("dataPeriod.end") {
            words = format!("{words}, until {until}");
        }
        if consent.first("dataPeriod").is_some() {
            lines.push(words);
        }
    }
    lines.join("\n")
}

/// The triage, one line for each answer that was given. The adaptor does not pass on which answers were changed during
/// the call: one that was given again is listed once, where it was given first.
fn triage(bundle: &Bundle<'_>) -> Vec<TriageLine> {
    let items = bundle.all("QuestionnaireResponse").flat_map(|response| response.children("item"));
    let mut listed = HashSet::new();
    items.filter_map(line).filter(|line| listed.insert(line.clone())).collect()
}

fn line(item: &Element) -> Option<TriageLine> {
    let question = item.text("text").trim();
    let chosen: Vec<&str> = item
        .children("answer")
        .map(|answer| answer.text("valueString").trim())
        .filter(|answer| !answer.is_empty())
        .collect();
    // Variables of the engine are sometimes sent as questions: `*`, `=="present"`.
    let variable = chosen.iter().all(|text| *text == "*" || text.starts_with("=="));
    if chosen.is_empty() || variable || is_of_the_engine(question) {
        return None;
    }
    Some(TriageLine { question: question.to_owned(), answer: chosen.join("; ") })
}

/// Steps of the triage engine that nobody was asked: `STRING:…`, `PATIENT_AGE`.
fn is_of_the_engine(question: &str) -> bool {
    let named = question.contains('_') && !question.contains(|c: char| c.is_lowercase() || c.is_whitespace());
    question.starts_with("STRING:") || named
}
