//! What proves who wrote what, as the store keeps it and hands it on.

use super::StoreError;
use async_trait::async_trait;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use shared::ids::{ConsultationId, OdsCode};
use shared::sync::frame::ActorClaim;
use std::collections::BTreeMap;

/// An author's signature over their newest change of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorSignature {
    pub document: ConsultationId,
    pub actor: Actor,
    pub signature: [u8; AUTHOR_SIGNATURE_LENGTH],
}

/// The proofs that come with an append. Receipts and bindings stand beside them in `Append`.
#[derive(Debug, Clone, Default)]
pub struct Proofs {
    /// Each takes the place of an earlier one of the same author in the same document.
    pub signatures: Vec<AuthorSignature>,
    /// Where actors come from; one that is known stays as it is.
    pub claims: Vec<(Actor, ActorClaim)>,
    /// `Receipt::challenge` and the receipt's hash; one that is known stays as it is.
    pub challenges: Vec<([u8; 32], [u8; 32])>,
}

/// The proofs that belong to a page of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageProofs {
    /// Those that came with the page's part of the log, by document.
    pub signatures: BTreeMap<ConsultationId, Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>>,
    /// Actors first seen in the page's part of the log.
    pub claims: Vec<ActorClaim>,
    /// The receipts behind [`Self::claims`], each once.
    pub receipts: Vec<Vec<u8>>,
}

/// What proves authorship, beyond receipts and actors.
#[async_trait]
pub trait ProofStore {
    /// The hash of the receipt that answered a challenge before.
    async fn receipt_of_challenge(&self, challenge: &[u8; 32]) -> Result<Option<[u8; 32]>, StoreError>;

    /// The signatures of one document's authors, each over their newest change.
    async fn signatures_of(
        &self,
        pharmacy: &OdsCode,
        document: &ConsultationId,
    ) -> Result<Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>, StoreError>;
}
