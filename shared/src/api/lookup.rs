//! Looking a patient up in the Personal Demographics Service, and organisations in the ODS.

use crate::ids::ConsultationId;
use crate::patient::PdsPatient;
use serde::{Deserialize, Serialize};

/// `POST /api/patients/look-up`: as the healthcare worker who is signed in. Needs a CIS2 sign-in: without one the
/// answer is 403 with the type `/problems/cis2-needed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientLookUp {
    /// Whose record it is for; goes into the audit log.
    pub consultation: ConsultationId,
    pub by: LookUpBy,
}

/// What is known of the patient (PDS search, identity.md 4.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LookUpBy {
    /// Ten digits.
    Number {
        nhs_number: String,
    },
    Details(LookUpDetails),
}

/// At least a family name and a birth date; fuzzy needs more, see `problem`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LookUpDetails {
    pub family_name: String,
    pub given_name: String,
    /// `1952-03-04`.
    pub birth_date: String,
    /// `male`, `female`, `other`, `unknown`; empty when not used.
    pub sex: String,
    pub postcode: String,
    /// Names that sound alike, swapped names, former names. Only after an exact search found nobody.
    pub fuzzy: bool,
}

/// What PDS found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LookUpAnswer {
    /// One. `superseded` is the number that was asked for, where PDS answered with another that took its place.
    Found { patient: Box<PdsPatient>, superseded: String },
    /// Several, in the order of PDS; the score is not shown (identity.md 4.4).
    Several { patients: Vec<PdsPatient> },
    /// More than PDS gives out: say more about the patient.
    TooMany,
    /// Nobody, as far as what was asked goes.
    NoMatch,
    /// The record of this number was withdrawn: the number must not be used.
    Invalidated,
}

/// A practice or pharmacy in the Organisation Data Service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationView {
    pub ods: String,
    pub name: String,
    pub kind: OrganisationKind,
    /// `false`: closed; `successor` names what followed where ODS knows it.
    pub active: bool,
    pub successor: String,
    /// On one line, commas between.
    pub address: String,
    pub postcode: String,
    pub phone: String,
    /// RFC 3339: when ODS said so.
    pub fetched_at: String,
}

/// What kind of organisation, by its ODS role: RO182, RO76 or RO177 (identity.md 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganisationKind {
    Practice,
    Pharmacy,
    #[default]
    Other,
}

/// `GET /api/organisations/area`: the practices around this pharmacy, for use with no network. `GET
/// /api/organisations/{ods}` answers one [`OrganisationView`]; `GET /api/organisations?kind=practice&name=…&postcode=…`
/// a list of at most 50.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AreaView {
    /// RFC 3339: when this list was last brought up to date; empty for never.
    pub fetched_at: String,
    pub practices: Vec<OrganisationView>,
}
