//! The tokens of a month: what goes to NHSBSA with the end-of-month bundle (practice 23).

use super::supplied::{Supplied, supplied};
use crate::consultation::{Consultation, Signature};
use crate::pathway::{self, Strand};
use crate::prescription::charge::due;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Items that have room on one form (FP10DT).
pub const ITEMS_A_FORM: usize = 4;

/// The token of one consultation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenRow {
    pub consultation: String,
    /// Day of the first supply: `2026-11-22`.
    pub date: String,
    pub patient: String,
    pub nhs_number: String,
    /// `PF UMS` or `PF CP`; empty where neither is known.
    pub mark: String,
    /// What was supplied, a name each.
    pub items: Vec<String>,
    pub forms: u32,
    /// `exempt`, `paid`, `free`; empty: not asked.
    pub charge: String,
    /// Code of the exemption.
    pub exemption: String,
    /// `seen`, `not-seen`; empty: not asked.
    pub evidence: String,
    /// How it was made: `printed`, `copied`; empty: it was not.
    pub made: String,
    /// It was signed on paper: `yes`, `no`; empty: not asked.
    pub signed: String,
    /// `patient`, `representative`; empty: nobody declared.
    pub declared_by: String,
    /// Why none goes with the bundle, in words: exempt by age, confirmed by the NHS, free for everybody. Empty: it goes.
    pub not_sent: String,
    /// Nobody has shown that the rules allow one of its supplies ([`Supplied::unsound`]).
    pub unsound: bool,
}

impl TokenRow {
    /// `2026-11`; empty where no day is known.
    pub fn month(&self) -> &str {
        self.date.get(..7).unwrap_or_default()
    }

    /// What keeps it from going into the bundle, in words; `None`: nothing.
    pub fn open(&self) -> Option<&'static str> {
        if self.unsound {
            return Some("A supply on it is not shown to be within the rules.");
        }
        if !self.not_sent.is_empty() {
            return None;
        }
        match (self.made.as_str(), self.signed.as_str()) {
            ("", _) if self.charge.is_empty() => Some("Nobody has asked about the charge."),
            ("", _) => Some("No token was made."),
            (_, "yes") => None,
            (_, "no") => Some("The token is not signed."),
            _ => Some("Nobody has said whether the token is signed."),
        }
    }
}

/// The mark of a service on its tokens. Minor illness has none: nothing is supplied there on the NHS.
pub fn mark(strand: Strand) -> &'static str {
    match strand {
        Strand::UrgentMedicineSupply => "PF UMS",
        Strand::ClinicalPathway => "PF CP",
        Strand::MinorIllness => "",
    }
}

/// The token of a record, also where none is needed and why; `None` where nothing was supplied on the NHS. An exception is
/// never claimed, so it is on no token (practice 14).
pub fn token(record: &Consultation, signatures: &BTreeMap<String, Signature>) -> Option<TokenRow> {
    let claimed = |line: &Supplied| {
        matches!(line.supply_type.as_str(), "emergency-supply" | "patient-group-direction")
            && !line.is_exception()
    };
    let lines: Vec<Supplied> = supplied(record, signatures).into_iter().filter(claimed).collect();
    let first = lines.first()?;
    let charge = &record.charge;
    let due = due(record, first.day().unwrap_or_default());
    // One that was made all the same goes.
    let not_sent = if due.needs_declaration || !charge.token.is_empty() { String::new() } else { due.why };
    let mark = pathway::find(&record.pathway).map_or("", |pathway| mark(pathway.strand));
    let forms = u32::try_from(lines.len().div_ceil(ITEMS_A_FORM)).unwrap_or(u32::MAX);
    Some(TokenRow {
        consultation: record.id.clone(),
        date: first.day().map(|day| day.to_string()).unwrap_or_default(),
        patient: first.patient.clone(),
        nhs_number: first.nhs_number.clone(),
        mark: mark.to_owned(),
        items: lines.iter().map(|line| line.name.clone()).collect(),
        forms,
        charge: charge.status.clone(),
        exemption: charge.exemption.clone(),
        evidence: charge.evidence.clone(),
        made: charge.token.clone(),
        signed: charge.token_signed.clone(),
        declared_by: charge.declared_by.clone(),
        not_sent,
        unsound: lines.iter().any(|line| line.unsound),
    })
}
