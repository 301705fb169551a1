//! A prescription as a tracker shows it, and whether it should be dispensed rather than an emergency supply be made.

use super::Id;
use super::rules::{Coded, is_open, waiting};
use crate::consultation::Patient;
use serde::{Deserialize, Serialize};

/// Everything that one look found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Whose they are, ten digits; empty where the answer does not say.
    pub nhs_number: String,
    /// As the answer names them: `MISS ETTA CORY`.
    pub patient: String,
    /// `1948-04-30`; empty where the answer does not say.
    pub birth_date: String,
    pub prescriptions: Vec<Prescription>,
}

impl Found {
    /// Why it may be somebody else's, in words: who searches by an id sees whatever patient that has.
    pub fn not_of(&self, patient: &Patient) -> Option<String> {
        let differ = |theirs: &str, ours: &str| !theirs.is_empty() && !ours.is_empty() && theirs != ours;
        if differ(&self.nhs_number, &patient.nhs_number) {
            return Some(
                "This prescription is for somebody with another NHS number. Check the prescription id, and do not \
                 tell this patient what it says."
                    .to_owned(),
            );
        }
        if self.nhs_number.is_empty() || patient.nhs_number.is_empty() {
            if differ(&self.birth_date, &patient.birth_date) {
                return Some(
                    "This prescription is for somebody with another birth date. Check the prescription id, and do \
                     not tell this patient what it says."
                        .to_owned(),
                );
            }
            return Some(format!(
                "Make sure that it is this patient’s: the NHS numbers could not be compared. It names {}.",
                if self.patient.is_empty() { "nobody" } else { &self.patient }
            ));
        }
        None
    }
}

/// One prescription, or one issue of a repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prescription {
    pub id: Id,
    /// When it was written, RFC 3339 or a day, as sent; empty where it is not said.
    pub issued: String,
    /// `Acute`, `Repeat`, `Repeat dispensing (eRD)`; empty where it is not said.
    pub kind: String,
    pub status: Coded,
    /// Empty in the answer to a search, which lists none.
    pub items: Vec<Item>,
    /// Who wrote it: name, organisation or its ODS code; empty where it is not said.
    pub prescriber: String,
    /// ODS code of the dispenser who holds it now or answered last; empty where nobody does.
    pub with_dispenser: String,
    /// Their name, where the answer says it.
    pub dispenser_name: String,
    /// ODS code of the pharmacy the patient nominated for it; empty where it is not said.
    pub nominated: String,
    pub repeats: Option<Repeats>,
    pub events: Vec<Event>,
    /// The prescriber asked for the whole of it to be cancelled.
    pub pending_cancellation: bool,
    /// The prescriber asked for items of it to be cancelled.
    pub items_pending_cancellation: bool,
    /// Why the prescriber did so.
    pub cancellation_reason: Option<Coded>,
}

/// Which issue of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats {
    pub issue: u32,
    pub of: u32,
}

/// One line of a prescription.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    pub name: String,
    /// dm+d code; the clinical tracker sends none.
    pub code: String,
    /// `20 tablet`; empty where it is not said.
    pub quantity: String,
    pub directions: String,
    pub status: Coded,
    pub dispensed: Vec<Dispensed>,
    pub pending_cancellation: bool,
    pub cancellation_reason: Option<Coded>,
}

/// One answer of a dispenser to a line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dispensed {
    /// RFC 3339; empty where it is not said.
    pub at: String,
    /// `30 tablet`.
    pub quantity: String,
    /// ODS code of who dispensed; empty where it is not said.
    pub by: String,
    pub status: Coded,
    /// Why not, or not all.
    pub reason: Option<Coded>,
}

/// Something that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// RFC 3339.
    pub at: String,
    /// As sent: `Release Request successful`.
    pub title: String,
    /// The status that it had from then on.
    pub status: Coded,
    /// ODS codes of who took part, a comma between.
    pub who: String,
}

impl Prescription {
    /// Whether something of it can still be dispensed, and by whom. What is being cancelled cannot.
    pub fn is_waiting(&self) -> bool {
        let all_closed = !self.items.is_empty()
            && self.items.iter().all(|item| item.pending_cancellation || !is_open(&item.status.code));
        !waiting(&self.status.code).is_empty() && !self.pending_cancellation && !all_closed
    }

    /// Held by a dispenser who is not `here`, an ODS code.
    pub fn is_elsewhere(&self, here: &str) -> bool {
        waiting(&self.status.code) == "elsewhere" && self.with_dispenser != here
    }

    /// Items and what became of them, for a record: `Salbutamol inhaler, 1 inhaler: Item to be dispensed`, one a line.
    pub fn in_words(&self) -> String {
        let lines = self.items.iter().map(|item| {
            let quantity =
                if item.quantity.is_empty() { String::new() } else { format!(", {}", item.quantity) };
            let cancelled = if item.pending_cancellation { " (being cancelled)" } else { "" };
            format!("{}{quantity}: {}{cancelled}", item.name, item.status.words)
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Those of which something is still to be dispensed: first what anybody can, then what a dispenser holds, then what is
/// not released yet; the newest first.
pub fn preferred(prescriptions: &[Prescription]) -> Vec<&Prescription> {
    let rank = |one: &Prescription| match waiting(&one.status.code) {
        "dispense" => 0,
        "elsewhere" => 1,
        _ => 2,
    };
    let mut waiting: Vec<&Prescription> = prescriptions.iter().filter(|one| one.is_waiting()).collect();
    waiting.sort_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| other.issued.cmp(&one.issued)));
    waiting
}

/// What whoever is about to make an emergency supply reads first; `None` where nothing is waiting. `here`: the ODS code
/// of this pharmacy.
pub fn waiting_words(prescriptions: &[Prescription], here: &str) -> Option<String> {
    let first = *preferred(prescriptions).first()?;
    Some(match waiting(&first.status.code) {
        "elsewhere" if first.with_dispenser.is_empty() && first.dispenser_name.is_empty() => {
            "A prescription is with a dispenser. Find out with whom, and whether it can be dispensed today, before \
             an emergency supply is made."
                .to_owned()
        }
        "elsewhere" if first.is_elsewhere(here) => format!(
            "A prescription is with another dispenser ({}). Ask them to dispense or return it before an emergency \
             supply is made.",
            if first.dispenser_name.is_empty() { &first.with_dispenser } else { &first.dispenser_name }
        ),
        "later" => "A prescription has been written and is not released yet. Ask the practice whether it can be \
                    released before an emergency supply is made."
            .to_owned(),
        _ => "A prescription is waiting: dispense it rather than make an emergency supply.".to_owned(),
    })
}
