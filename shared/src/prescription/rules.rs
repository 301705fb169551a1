//! The code lists of the Electronic Prescription Service, in words.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/prescriptions.json")))
        .expect("prescriptions.toml is checked by a test")
});

pub(super) fn rules() -> &'static Rules {
    &RULES
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Rules {
    pub tracker: Tracker,
    status: Vec<Known>,
    item: Vec<Known>,
    withdrawal: Vec<Known>,
    not_dispensed: Vec<Known>,
    kind: Vec<Known>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Tracker {
    pub website: String,
    pub id_parameter: String,
}

#[derive(Debug, Deserialize)]
struct Known {
    code: String,
    words: String,
    /// `dispense`, `elsewhere`, `later`; empty: over.
    #[serde(default)]
    waiting: String,
    #[serde(default)]
    open: bool,
}

/// A code with what it means, which may be more than its own list knew when this was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coded {
    pub code: String,
    pub words: String,
}

impl Coded {
    /// `display`: how the sender called it. Where that contradicts the list, both are told; a code that the list does
    /// not have is passed on with the sender's word.
    fn of(list: &[Known], code: &str, display: &str) -> Self {
        let known = list.iter().find(|known| known.code == code).map(|known| known.words.as_str());
        let words = match (known, display) {
            (Some(words), "") => words.to_owned(),
            (Some(words), display) if same(words, display) => words.to_owned(),
            (Some(words), display) => format!("{words} (sent as “{display}”)"),
            (None, "") if code.is_empty() => "Not said".to_owned(),
            (None, "") => format!("Unknown code {code}"),
            (None, display) => display.to_owned(),
        };
        Self { code: code.to_owned(), words }
    }
}

/// Letters and digits only: published spellings differ in hyphens, apostrophes and case.
fn same(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

/// The status of a prescription (EPS-task-business-status).
pub fn status(code: &str, display: &str) -> Coded {
    Coded::of(&RULES.status, code, display)
}

/// The status of an item (medicationdispense-type).
pub fn item_status(code: &str, display: &str) -> Coded {
    Coded::of(&RULES.item, code, display)
}

/// Why a prescriber cancelled (medicationrequest-status-reason).
pub fn withdrawal_reason(code: &str, display: &str) -> Coded {
    Coded::of(&RULES.withdrawal, code, display)
}

/// Why a dispenser did not dispense (medicationdispense-status-reason).
pub(super) fn not_dispensed_reason(code: &str, display: &str) -> Coded {
    Coded::of(&RULES.not_dispensed, code, display)
}

/// What kind of prescription it is, by intent or course of therapy; empty for neither.
pub fn kind_words(code: &str) -> String {
    let known = RULES.kind.iter().find(|known| known.code == code);
    known.map(|known| known.words.clone()).unwrap_or_default()
}

/// What of a status can still be dispensed; empty: it is over, or not known.
pub(super) fn waiting(code: &str) -> &'static str {
    RULES.status.iter().find(|known| known.code == code).map_or("", |known| known.waiting.as_str())
}

/// Whether an item with this status may still be handed over. An unknown one may: nobody is to overlook it.
pub(super) fn is_open(code: &str) -> bool {
    RULES.item.iter().find(|known| known.code == code).is_none_or(|known| known.open)
}

#[cfg(test)]
mod tests {
    use super::super::samples::sample;
    use super::*;

    #[test]
    fn every_published_code_has_its_published_words() {
        let Some(published) = sample("codelists/derived/eps_codes.csv") else { return };
        let mut compared = 0;
        for line in published.lines().skip(1) {
            let columns: Vec<&str> = line.splitn(4, ',').collect();
            let list = match columns[0].trim_start_matches("https://fhir.nhs.uk/CodeSystem/") {
                "EPS-task-business-status" => &RULES.status,
                "medicationdispense-type" => &RULES.item,
                "medicationrequest-status-reason" => &RULES.withdrawal,
                "medicationdispense-status-reason" => &RULES.not_dispensed,
                _ => continue,
            };
            let known =
                list.iter().find(|known| known.code == columns[1]).unwrap_or_else(|| panic!("{line}"));
            assert!(same(&known.words, columns[2]), "{line}");
            compared += 1;
        }
        let ours = RULES.status.len() + RULES.item.len() + RULES.withdrawal.len() + RULES.not_dispensed.len();
        assert_eq!(compared, ours, "and none was made up");
    }

    #[test]
    fn a_code_that_contradicts_its_word_is_told_with_both() {
        assert_eq!(status("0001", "To be Dispensed").words, "To be dispensed");
        assert_eq!(status("0002", "Dispensed").words, "With dispenser (sent as “Dispensed”)");
        assert_eq!(status("0042", "").words, "Unknown code 0042");
        assert_eq!(status("0042", "Somewhere").words, "Somewhere");
    }
}
