//! What PDS sends, as narrow as it is used. Everything may be missing: a valid record may hold nothing but its number.

use crate::nhs::fhir::{
    Address, Bundle, Coding, ContactPoint, Extension, HumanName, OperationOutcome, Reference,
};
use serde::Deserialize;

/// The three kinds of answer; told apart by what they say they are and never by the HTTP status.
#[derive(Debug, Deserialize)]
#[serde(tag = "resourceType")]
pub(super) enum Resource {
    Patient(Box<Patient>),
    Bundle(Bundle<Resource>),
    OperationOutcome(OperationOutcome),
    #[serde(other)]
    Other,
}

/// The Spine error code of the first issue, or nothing. The diagnostics beside it may quote a patient and are not read.
pub(super) fn error_code(outcome: &OperationOutcome) -> &str {
    outcome.issue.first().map_or("", |issue| issue.details.code())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Patient {
    pub id: String,
    pub meta: Meta,
    pub name: Vec<HumanName>,
    pub gender: String,
    pub birth_date: String,
    pub deceased_date_time: String,
    pub deceased_boolean: bool,
    pub address: Vec<Address>,
    pub telecom: Vec<ContactPoint>,
    pub general_practitioner: Vec<Reference>,
    pub extension: Vec<Extension>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Meta {
    pub version_id: String,
    pub security: Vec<Coding>,
}
