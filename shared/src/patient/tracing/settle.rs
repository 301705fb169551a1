//! Settling: what a person chose is written, and nothing else.

use super::{TracedField, differences};
use crate::consultation::Patient;
use crate::patient::PdsPatient;
use crate::time::{self, Millis};
use std::collections::BTreeSet;

/// What settling did to the NHS number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// It was so already, or there was none.
    Confirmed,
    /// PDS had put another in its place; this is the old one, which must be used no longer.
    Superseded(String),
    /// The person chose PDS's over this one.
    Replaced(String),
}

/// The recorded number is kept against PDS's: then this is not the same record, and nothing was settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "You kept the NHS number that was recorded, so nothing is taken from PDS and the patient stays not traced. If it \
     is wrong, choose the number that PDS holds."
)]
pub struct NumberKept;

/// Settles the differences: writes of what PDS holds only the fields in `chosen`, and the trace itself (number,
/// *verified*, when, version, nominated pharmacy). Of a restricted record no address, phone or practice is written.
///
/// `superseded`: the number that was asked for where PDS answered with the one that took its place; empty otherwise.
pub fn settle(
    patient: &mut Patient,
    held: &PdsPatient,
    superseded: &str,
    chosen: &BTreeSet<TracedField>,
    at: Millis,
) -> Result<Number, NumberKept> {
    let before = patient.nhs_number.clone();
    let number = if before.is_empty() || before == held.nhs_number {
        Number::Confirmed
    } else if before == superseded {
        Number::Superseded(before)
    } else if chosen.contains(&TracedField::NhsNumber) {
        Number::Replaced(before)
    } else {
        return Err(NumberKept);
    };
    for difference in differences(patient, held) {
        if difference.usable && chosen.contains(&difference.field) {
            difference.field.write(patient, held);
        }
    }
    patient.nhs_number.clone_from(&held.nhs_number);
    "verified".clone_into(&mut patient.nhs_number_status);
    patient.traced_at = time::stored(at);
    patient.pds_version.clone_from(&held.version);
    if !held.restricted {
        patient.nominated_pharmacy.clone_from(&held.nominated_pharmacy);
    }
    Ok(number)
}

/// The patient is known from what was said only, again: somebody changed the number by hand.
pub fn forget_trace(patient: &mut Patient) {
    patient.traced_at.clear();
    patient.pds_version.clear();
    patient.nominated_pharmacy.clear();
}
