//! An entry of the register of prescription-only medicines (HMR 2012, regulation 253 and Schedule 23).

use super::rules::{NotEntered, RULES};
use super::supplied::Supplied;
use crate::supply::register_within_days;
use crate::time::{self, Millis};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Is a supply entered in the register?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    Entered,
    /// Not, and why, in words.
    NotEntered {
        id: &'static str,
        words: &'static str,
    },
}

/// What the register says of one supply.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Consultation and line by their ids.
    pub consultation: String,
    pub line: String,
    /// Day of the supply: `2026-11-22`.
    pub date: String,
    pub name: String,
    /// `20 capsule`.
    pub quantity: String,
    pub form: String,
    pub strength: String,
    pub patient: String,
    /// Lines with a line break between.
    pub address: String,
    /// Why it could not wait, in words.
    pub nature: String,
    /// It happened although the rules do not allow it (practice 14): why.
    pub exception: String,
    /// Nobody has shown that the rules allow it, and nobody has recorded it as an exception.
    pub unsound: bool,
    /// When it came into a signed record, RFC 3339; empty: not entered yet.
    pub entered_at: String,
    /// Name and GPhC number of who signed.
    pub signed_by: String,
    /// The last day on which it could be entered in time.
    pub by: String,
    /// It was entered later than that.
    pub late: bool,
    /// What Schedule 23 asks for and the record does not say: `quantity`, `nature of the emergency`.
    pub missing: Vec<String>,
}

/// Is this supply entered? One that the rules do not allow is entered as well: it happened. What is not known to be
/// something else is taken for a prescription-only medicine.
pub fn need(supplied: &Supplied) -> Need {
    if let Some(why) = RULES.not_entered.iter().find(|rule| rule.fits(supplied)) {
        return Need::NotEntered { id: &why.id, words: &why.words };
    }
    if RULES.entered.contains(&supplied.supply_type) {
        return Need::Entered;
    }
    Need::NotEntered { id: "other-supply", words: "Only emergency supplies are entered." }
}

impl NotEntered {
    fn fits(&self, supplied: &Supplied) -> bool {
        let one_of = |list: &[String], word: &str| list.is_empty() || list.iter().any(|one| one == word);
        let grouped = self.groups.is_empty()
            || supplied.groups.split_whitespace().any(|group| self.groups.iter().any(|one| one == group));
        one_of(&self.supply_types, &supplied.supply_type)
            && one_of(&self.schedules, &supplied.schedule)
            && one_of(&self.legal_classes, &supplied.legal_class)
            && grouped
    }
}

/// The last day on which a supply of that day is entered in time.
pub fn to_be_entered_by(supplied_on: Date) -> Date {
    supplied_on.saturating_add(i64::from(register_within_days(supplied_on)).days())
}

/// Entered, or still not entered, after the last day on which it could be in time. Never where no day is known.
pub fn late(supplied: &Supplied, now: Millis) -> bool {
    let entered = time::read(&supplied.entered_at).unwrap_or(now);
    supplied.day().is_some_and(|day| time::day(entered) > to_be_entered_by(day))
}

/// The entries of these supplies, in their order; those that are not entered are left out.
pub fn entries<'a>(supplies: impl IntoIterator<Item = &'a Supplied>, now: Millis) -> Vec<Entry> {
    let entered = supplies.into_iter().filter(|supplied| need(supplied) == Need::Entered);
    entered.map(|supplied| Entry::of(supplied, now)).collect()
}

impl Entry {
    /// What is entered of a supply ([`need`]).
    pub fn of(supplied: &Supplied, now: Millis) -> Self {
        let day = supplied.day();
        let written = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let mut entry = Self {
            consultation: supplied.consultation.clone(),
            line: supplied.line.clone(),
            date: written(day),
            name: supplied.name.clone(),
            quantity: supplied.amount(),
            form: supplied.form.clone(),
            strength: supplied.strength.clone(),
            patient: supplied.patient.clone(),
            address: supplied.address.clone(),
            nature: supplied.nature.clone(),
            exception: supplied.exception.clone(),
            unsound: supplied.unsound,
            entered_at: supplied.entered_at.clone(),
            signed_by: supplied.signed_by.clone(),
            by: written(day.map(to_be_entered_by)),
            late: late(supplied, now),
            missing: Vec::new(),
        };
        // Form and strength stand in the name where a medicine was typed in words.
        let asked = [
            ("date", entry.date.is_empty()),
            ("name", entry.name.is_empty()),
            ("quantity", supplied.quantity.trim().is_empty()),
            ("form", entry.form.is_empty() && !supplied.code.is_empty()),
            ("patient’s name", entry.patient.is_empty()),
            ("patient’s address", entry.address.is_empty()),
            ("nature of the emergency", entry.nature.is_empty()),
        ];
        entry.missing =
            asked.into_iter().filter(|(_, gone)| *gone).map(|(what, _)| what.to_owned()).collect();
        entry
    }
}
