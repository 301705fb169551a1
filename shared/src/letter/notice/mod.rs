//! The notice to the GP practice: the summary that was read before signing, and nothing beside it (practice 7, 10, 11).

use super::{Block, Letter, reference};
use crate::consultation::{Consultation, Patient, Signature, Summary};
use crate::ids::ConsultationId;
use crate::patient::NhsNumber;
use crate::time;
use jiff::civil::Date;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// The pharmacy that writes. What is not known is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Letterhead<'a> {
    pub name: &'a str,
    /// ODS code.
    pub ods: &'a str,
    /// On one line.
    pub address: &'a str,
    pub phone: &'a str,
    /// Where an answer is read.
    pub email: &'a str,
}

/// What is said of this sending and stands in no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sending<'a> {
    /// The signature that is told of; `None` for a preview before signing.
    pub signature: Option<&'a Signature>,
    /// The amendment whose notice this one takes the place of (practice 21).
    pub replaces: Option<u64>,
    /// Another way was tried and its fate is not known (practice 20).
    pub may_repeat: bool,
}

/// The notice; `None` where the patient objects to the practice being told (practice 7).
///
/// Everything clinical comes from `summary`. Of `record` only the patient's identity and practice are read, so that
/// notes, the sender's warnings and what is private have no way in.
pub fn gp_notice(
    summary: &Summary,
    record: &Consultation,
    letterhead: &Letterhead<'_>,
    sending: &Sending<'_>,
) -> Option<Letter> {
    if summary.gp_notice_stopped {
        return None;
    }
    let id = record.id.parse::<ConsultationId>().ok()?;
    let patient = &record.patient;
    Some(Letter {
        title: format!("Pharmacy First: {}", within_a_sentence(&summary.title)),
        reference: reference(&id),
        version: sending.signature.map_or(0, |signature| signature.amendment),
        banners: banners(patient, sending),
        from: from(letterhead),
        to: to(patient),
        about: about(patient),
        blocks: blocks(summary),
        signed: signed(sending.signature),
        at: sending.signature.map_or(&summary.seen_at, |signature| &signature.at).clone(),
    })
}

fn banners(patient: &Patient, sending: &Sending<'_>) -> Vec<String> {
    let mut banners = Vec::new();
    if let Some(earlier) = sending.replaces {
        banners.push(format!("This replaces version {} of this notice.", earlier.saturating_add(1)));
    }
    if sending.may_repeat {
        banners.push("This may repeat an electronic message with the same reference.".to_owned());
    }
    if !patient.nhs_number.is_empty() && patient.nhs_number_status != "verified" {
        banners.push("The NHS number is not verified: check who this is about before filing it.".to_owned());
    }
    banners
}

pub(super) fn from(letterhead: &Letterhead<'_>) -> Vec<String> {
    let labelled = |label: &str, value: &str| {
        let value = value.trim();
        if value.is_empty() { String::new() } else { format!("{label} {value}") }
    };
    lines(&[
        letterhead.name,
        &labelled("ODS code", letterhead.ods),
        letterhead.address,
        &labelled("Phone", letterhead.phone),
        &labelled("E-mail", letterhead.email),
    ])
}

fn to(patient: &Patient) -> Vec<String> {
    let ods = patient.gp_ods.trim();
    let code = if ods.is_empty() { String::new() } else { format!("ODS code {ods}") };
    let known = lines(&[&patient.gp_name, &code]);
    if known.is_empty() { vec!["The patient’s GP practice".to_owned()] } else { known }
}

pub(super) fn about(patient: &Patient) -> Vec<(String, String)> {
    let number = patient.nhs_number.parse::<NhsNumber>();
    let number = number.map_or_else(|_| patient.nhs_number.clone(), |number| number.spaced());
    let birth = patient.birth_date.parse::<Date>();
    let birth = birth.map_or_else(|_| patient.birth_date.clone(), time::written_date);
    let address: Vec<&str> = patient.address.lines().chain([patient.postcode.as_str()]).collect();
    let said = [
        ("Name", name(patient)),
        ("Date of birth", birth),
        ("NHS number", if number.is_empty() { "not known".to_owned() } else { number }),
        ("Sex", patient.sex.clone()),
        ("Address", lines(&address).join(", ")),
    ];
    said.into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(label, value)| (label.to_owned(), value.trim().to_owned()))
        .collect()
}

/// `TESTERTON, Wilhelmina (Mrs)`, as NHS records write names.
fn name(patient: &Patient) -> String {
    let names = lines(&[&patient.family_name.to_uppercase(), &patient.given_name]).join(", ");
    match patient.title.trim() {
        "" => names,
        title => format!("{names} ({title})"),
    }
}

/// The summary's words under their headings. Numbers that travel as codes elsewhere stand in words here.
pub(super) fn blocks(summary: &Summary) -> Vec<Block> {
    let seen_at = time::read(&summary.seen_at).map(time::day_and_time).unwrap_or_default();
    let said = [("Seen", seen_at), ("By", summary.seen_by.clone())];
    let said = said.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let mut blocks = vec![Block {
        heading: "Contacts with professionals".to_owned(),
        lines: said.map(|(label, value)| format!("{label}: {value}")).collect(),
    }];
    let measured = Block { heading: "Observations".to_owned(), lines: measured(summary) };
    let mut words = summary.headings.iter().map(|words| Block::of(words.title, &words.text));
    blocks.extend(words.next());
    blocks.push(measured);
    blocks.extend(words);
    blocks.retain(|block| !block.lines.is_empty());
    blocks
}

/// One line for each measurement, one for all the numbers that belong under one code.
fn measured(summary: &Summary) -> Vec<String> {
    let mut panels: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lines: Vec<String> = Vec::new();
    for one in &summary.observations {
        let value = format!("{} {} {}", one.display, one.written, one.unit);
        let Some(panel) = &one.panel else {
            lines.push(value.trim_end().to_owned());
            continue;
        };
        if let Some(line) = panels.get(panel.code.as_str()).and_then(|index| lines.get_mut(*index)) {
            line.push_str(", ");
            line.push_str(value.trim_end());
        } else {
            panels.insert(&panel.code, lines.len());
            lines.push(format!("{}: {}", panel.display, value.trim_end()));
        }
    }
    lines
}

pub(super) fn signed(signature: Option<&Signature>) -> String {
    let Some(signature) = signature else { return "Not signed yet.".to_owned() };
    let registered = match signature.gphc.trim() {
        "" => String::new(),
        gphc => format!(", pharmacist, GPhC {gphc}"),
    };
    let at = time::read(&signature.at).map(|at| format!(", {}", time::day_and_time(at)));
    format!("Signed by {}{registered}{}.", signature.name, at.unwrap_or_default())
}

pub(super) fn lines(parts: &[&str]) -> Vec<String> {
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// `Minor illness` after other words; `UTI` stays as it is.
fn within_a_sentence(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain([second]).chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}
