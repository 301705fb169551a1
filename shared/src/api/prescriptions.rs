//! Looking for a patient's prescriptions, and whether the NHS knows an exemption of theirs.

use crate::ids::ConsultationId;
use crate::prescription::Found;
use serde::{Deserialize, Serialize};

/// `POST /api/prescriptions/search`: as the healthcare worker who is signed in. Needs a CIS2 sign-in: without one the
/// answer is 403 with the type `/problems/cis2-needed`. Number and id stand in the body: addresses end up in logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrescriptionsAsked {
    /// Whose record it is for; goes into the audit log.
    pub consultation: ConsultationId,
    pub by: PrescriptionsBy,
}

/// An id or a number, never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum PrescriptionsBy {
    /// As it stands beside the barcode, with or without hyphens.
    Id { id: String },
    /// Ten digits.
    NhsNumber { nhs_number: String },
}

/// What the tracker said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrescriptionsFound {
    pub found: Found,
    /// RFC 3339: when it said so.
    pub fetched_at: String,
    /// Of how many waiting prescriptions the lines could not be had; they stand in the list without them.
    pub without_lines: u32,
}

/// `POST /api/prescriptions/exemption`, answered with [`crate::prescription::exemption_check::Answer`]. Needs a CIS2
/// sign-in where the NHS is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionAsked {
    pub consultation: ConsultationId,
    /// The electronic prescription that is dispensed; empty where there is none, and then nothing is asked.
    #[serde(default)]
    pub prescription: String,
    /// As PDS holds the patient.
    pub nhs_number: String,
    pub given_name: String,
    pub family_name: String,
    /// `1952-03-04`.
    pub birth_date: String,
    pub postcode: String,
    /// Released from prison with a form that says so.
    #[serde(default)]
    pub released_from_prison: bool,
    /// The prescriber's endorsements, item by item.
    #[serde(default)]
    pub endorsements: Vec<Vec<String>>,
}
