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
    /// The author, or their passkey, is not known to the server, perhaps since a restore; an administrator can release
    /// it.
    LostAuthor,
    /// Brought by somebody else, and recorded under a role that the author does not have any more; an administrator can
    /// release it.
    FormerRole,
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

impl Refusal {
    /// The reason in plain words, to follow *because*.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::TooLarge => "it is larger than the server takes",
            Self::Unreadable => "the server could not read it",
            Self::ForeignActor | Self::AuthorSignature => "the server could not tell who wrote it",
            Self::Receipt => "the server did not accept how the device was unlocked",
            Self::ForeignPharmacy => "it belongs to another pharmacy",
            Self::WroteDeliveries => "it changed what only the server records",
            Self::ForbiddenSignature => "it was signed by somebody who may not sign it",
            Self::VerifiedNumber => "it called an NHS number verified that the server has not seen verified",
            Self::SignedRecord => "the consultation had been signed",
            Self::LostAuthor => "its author is not known to the server; an administrator can release it",
            Self::FormerRole => "its author has another role now; an administrator can release it",
            Self::RoleMayNot => "this role may not record consultations",
            Self::Removed => "the person or the device was removed; an administrator can release it",
            Self::Destroyed => "the record was destroyed at the end of its retention",
            Self::Other => {
                "the server had a reason that this version of the app does not know; update the app"
            }
        }
    }

    /// `Not taken by the server because …`, with what the server adds.
    pub fn told(self, detail: &str) -> String {
        // The reason says already who can release it.
        let detail = detail.split("; an administrator can release").next().unwrap_or_default();
        let mut letters = detail.trim().trim_end_matches('.').chars();
        let said = letters.next().map(|first| format!(" {}{}.", first.to_uppercase(), letters.as_str()));
        format!("Not taken by the server because {}.{}", self.in_words(), said.unwrap_or_default())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_whole_sentences_each_of_them_once() {
        let detail = "it lay unsent on a device that was removed; an administrator can release it";
        assert_eq!(
            Refusal::Removed.told(detail),
            "Not taken by the server because the person or the device was removed; an administrator can release \
             it. It lay unsent on a device that was removed."
        );
        let whole = "The server does not take a record of this size.";
        assert!(Refusal::TooLarge.told(whole).ends_with(&format!(". {whole}")));
        assert!(Refusal::Receipt.told("").ends_with("was unlocked."));
    }
}
