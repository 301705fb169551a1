//! Answers of the sync endpoints; the frames themselves are in `sync::frame`.

use crate::ids::{ConsultationId, Epoch};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /api/sync/push`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAnswer {
    pub epoch: Epoch,
    /// A fresh nonce for the next unlock's receipt.
    pub server_nonce: String,
    /// One for each document pushed, in their order.
    pub documents: Vec<DocumentAnswer>,
}

/// What became of one pushed document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentAnswer {
    pub id: ConsultationId,
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Stored, or not, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Committed and on disk, or known already. `seq` is its place in the pharmacy's log.
    Stored { seq: u64 },
    /// The server lacks something these build on: send the changes it has not got (heads given, hex).
    Missing { heads: Vec<String> },
    /// Set aside on the server too; the device keeps them sealed and shows both sides.
    Refused { reason: Refusal, detail: String },
}

/// Why changes were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// More or larger than a consultation can be.
    TooLarge,
    /// Not changes, or not applicable.
    Unreadable,
    /// The actor is not this person's, device's or receipt's.
    ForeignActor,
    /// The receipt is not acceptable.
    Receipt,
    /// The author's signature does not hold.
    AuthorSignature,
    /// The document belongs to another pharmacy.
    ForeignPharmacy,
    /// Deliveries are written by the server only.
    WroteDeliveries,
    /// A signature in another's name, or by a role that may not sign.
    ForbiddenSignature,
    /// A person called an NHS number verified; only the server learns that (practice 11).
    VerifiedNumber,
    /// A signed record was changed without an amendment.
    SignedRecord,
    /// This person's role may not record.
    RoleMayNot,
    /// Made under a nonce from before the person or the device was removed; an administrator can release it.
    Removed,
    /// The record was destroyed at the end of its retention (practice 36): the device deletes it, too.
    Destroyed,
    /// A reason that a later version of the server gives.
    #[serde(other)]
    Other,
}

/// `POST /api/sync/heads`: what a device holds, after a new epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HeadsRequest {
    /// Heads in hex by document.
    pub documents: BTreeMap<ConsultationId, Vec<String>>,
}

/// Which documents' changes the server has lost and wants again, with the heads it has (empty: none at all).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadsAnswer {
    pub epoch: Epoch,
    pub wanted: BTreeMap<ConsultationId, Vec<String>>,
}
