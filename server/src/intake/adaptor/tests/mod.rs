//! What is promised about the adaptor's reports: the same referral as the 111 message, and nothing from broken ones.

mod broken;
mod compared;
mod own;

use super::*;
use crate::intake::itk111::{self, Accepting};
use shared::consultation::Patient;
use std::collections::BTreeMap;

pub const JSON: &str = include_str!("../fixtures/minor-illness-dx28.json");
pub const XML: &str = include_str!("../fixtures/minor-illness-dx28.xml");
/// The 111 message of the same call.
pub const CDA: &str = include_str!("../../itk111/fixtures/minor-illness-dx28.xml");

/// Later than every report.
pub fn now() -> Millis {
    shared::time::read("2026-11-22T22:00:00Z").expect("an instant")
}

pub fn made(bytes: &[u8]) -> (Referral, Patient) {
    newest(read(bytes, now()).expect("a report").arrived)
}

pub fn made_of_111(bytes: &[u8]) -> (Referral, Patient) {
    newest(itk111::read(bytes, &Accepting::anything(now())).expect("a report").arrived)
}

fn newest(arrived: Arrived) -> (Referral, Patient) {
    match arrived.parts.into_iter().next() {
        Some(Part::Report { referral, patient }) => (*referral, *patient),
        other => panic!("no report: {other:?}"),
    }
}

/// Every field there is, by name, as text; each section and each question of the triage is a field of its own.
pub fn fields(referral: &Referral, patient: &Patient) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (about, value) in [
        ("referral", serde_json::to_value(referral).expect("JSON")),
        ("patient", serde_json::to_value(patient).expect("JSON")),
    ] {
        for (name, value) in value.as_object().expect("fields") {
            match value {
                serde_json::Value::Array(_) => {}
                serde_json::Value::String(text) => {
                    fields.insert(format!("{about}.{name}"), text.clone());
                }
                other => {
                    fields.insert(format!("{about}.{name}"), other.to_string());
                }
            }
        }
    }
    for section in &referral.sections {
        add(&mut fields, format!("section {}", section.title), &section.text);
    }
    for line in &referral.triage {
        add(&mut fields, format!("triage {}", line.question), &line.answer);
    }
    fields
}

/// What stands there twice is compared together, in order.
fn add(fields: &mut BTreeMap<String, String>, name: String, text: &str) {
    let had = fields.entry(name).or_default();
    if !had.is_empty() {
        had.push('\n');
    }
    had.push_str(text);
}

/// The names of the fields in which the two differ, with both values.
pub fn differences(
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> BTreeMap<String, (String, String)> {
    let names = ours.keys().chain(theirs.keys());
    let pairs = names.map(|name| {
        let value = |fields: &BTreeMap<String, String>| fields.get(name).cloned().unwrap_or_default();
        (name.clone(), (value(ours), value(theirs)))
    });
    pairs.filter(|(_, (ours, theirs))| ours != theirs).collect()
}
