//! A patient as the Personal Demographics Service holds them, in our words (identity.md 4.6). Everything may be missing.

use serde::{Deserialize, Serialize};

/// What PDS said of one patient, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PdsPatient {
    /// Ten digits.
    pub nhs_number: String,
    /// The version that PDS gave, for knowing whether it has changed.
    pub version: String,
    pub family_name: String,
    pub given_name: String,
    pub title: String,
    /// `1952-03-04`, `1952-03` or `1952`; empty when PDS has none.
    pub birth_date: String,
    /// `male`, `female`, `other`, `unknown`; empty when PDS has none.
    pub sex: String,
    /// `2026-10-22`, or only that they died where PDS has no date; empty for the living.
    pub deceased: String,
    /// `informal` or `formal`; empty for the living.
    pub death_status: String,
    /// Sensitive: PDS gives out no address, contact or practice, and none is ever stored here (identity.md 4.3).
    pub restricted: bool,
    /// Lines with a line break between; the one that is valid now.
    pub address: String,
    pub postcode: String,
    pub phone: String,
    pub email: String,
    pub gp_ods: String,
    /// Empty where the ODS was not asked or did not know.
    pub gp_name: String,
    /// ODS code of the nominated pharmacy. Of a restricted patient not shown, which is not the same as none.
    pub nominated_pharmacy: String,
    /// How they want to be contacted, in words; empty when nothing is said.
    pub contact_preference: String,
    /// Language, and whether an interpreter is needed, in words.
    pub language: String,
    /// Why they are no longer registered, in words; empty for the registered.
    pub removed: String,
    /// RFC 3339: when PDS said so.
    pub fetched_at: String,
}
