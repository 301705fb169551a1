//! What came to the pharmacy, whatever brought it, as filing needs to know it.

use shared::consultation::{Patient, Referral};
use shared::time::Millis;

/// One message, read and not yet filed.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// The sender's id of this message: one message, however often it is sent (ITK `trackingid`, BaRS `Bundle.id`,
    /// MESH message id). Compared without regard to case.
    pub message_id: String,
    /// Newest first; at least one.
    pub parts: Vec<Part>,
}

/// One document of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A referral, or a newer version of one.
    Report { referral: Box<Referral>, patient: Box<Patient> },
    /// The sender takes an earlier one back.
    Withdrawal(Withdrawal),
}

/// The withdrawal of an earlier document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// As [`Referral::document_set`] of what is withdrawn.
    pub document_set: String,
    /// The id of the withdrawn document; empty when only the set is named.
    pub document_id: String,
    /// In the sender's words; may be empty.
    pub reason: String,
    /// RFC 3339; empty when not given.
    pub at: String,
}

impl Part {
    /// What is newest: by the document's time, then by its version.
    pub fn age(&self) -> (Option<Millis>, u64) {
        match self {
            Self::Report { referral, .. } => {
                (shared::time::read(&referral.document_at), referral.document_version)
            }
            Self::Withdrawal(withdrawal) => (shared::time::read(&withdrawal.at), 0),
        }
    }
}
