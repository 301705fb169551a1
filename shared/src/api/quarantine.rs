//! Work that the server did not take: what it was, and what a person decides about it.

use super::Refusal;
use crate::consultation::AsideValue;
use crate::ids::{ConsultationId, PersonId};
use serde::{Deserialize, Serialize};

/// One line of `GET /api/quarantine`, newest first. Administrators and pharmacists see their pharmacy's, everybody
/// else what they sent or wrote themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedView {
    pub id: u64,
    pub consultation: ConsultationId,
    /// As the server's summary has it; empty where it has none, and for people who may not read consultations.
    pub patient_name: String,
    pub reason: Refusal,
    /// In words, for whoever looks into it. Never patient data.
    pub detail: String,
    /// When it was set aside, RFC 3339.
    pub at: String,
    /// Who sent it; for the log of a removed device, who wrote it.
    pub person: PersonId,
    /// Empty for somebody whom this server no longer knows.
    pub person_name: String,
    /// Empty when the device was not known.
    pub device_label: String,
    /// Changes in it; 0 when it cannot be read.
    pub changes: usize,
    /// Whether an administrator may release it as it is. Otherwise what is right is entered anew, and this is closed.
    pub releasable: bool,
    pub state: QuarantineState,
    /// Name of who released or closed it; empty while it waits.
    pub settled_by: String,
    /// RFC 3339; empty while it waits.
    pub settled_at: String,
    /// Why it was closed; empty otherwise.
    pub settled_because: String,
}

/// Whether somebody has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuarantineState {
    Waiting,
    /// It is in the record now.
    Released,
    /// What was right in it was entered anew, or nothing was.
    Closed,
}

/// `GET /api/quarantine/{id}`: what was said there beside what stands, for people who may read consultations; for
/// administrators who may not, who wrote it and how much there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedDetail {
    #[serde(flatten)]
    pub entry: QuarantinedView,
    /// Each field once. Empty when all of it stands by now, or when the bytes cannot be worked with: then closing is
    /// all that is left.
    pub values: Vec<AsideValue>,
    /// How many values there are that whoever asks may not read; then `values` is empty.
    #[serde(default)]
    pub withheld: usize,
    /// Who the record says wrote it. Of somebody whom the server does not know, or with another role now, releasing it
    /// vouches for exactly these words.
    #[serde(default)]
    pub authors: Vec<ClaimedAuthor>,
}

/// An author in a record's own words, which nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClaimedAuthor {
    pub name: String,
    /// `pharmacist`, `technician` and so on.
    pub role: String,
    /// `passkey`, `passkey-and-pin`, `passphrase`.
    pub unlocked_by: String,
    /// `false` where the server knows neither them nor the passkey they say they used.
    pub unlock_checked: bool,
}

/// `POST /api/quarantine/{id}/close`: the author or a pharmacist, after the right thing was entered anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseQuarantined {
    /// In a few words; kept with the entry.
    pub reason: String,
}

/// `POST /api/quarantine/close`: the same for a device that knows what it wrote and not the server's numbers. Closes
/// every waiting entry of the consultation that holds one of the changes. Safe to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseBranch {
    pub consultation: ConsultationId,
    /// Hashes of the changes, hex.
    pub changes: Vec<String>,
    pub reason: String,
}
