//! Consultation documents as opaque bytes, in one log a pharmacy, with what proves who wrote them.

use super::{AuditEntry, KeptMessage, NewDelivery, PageProofs, Proofs, StoreError, Supplies};
use async_trait::async_trait;
use shared::authorship::Actor;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, DeviceId, Epoch, OdsCode, PersonId};
use shared::patient::NhsNumber;
use std::collections::BTreeMap;

/// Everything one transaction stores for one pharmacy: all of it or nothing, fsynced when it is answered.
#[derive(Debug, Clone, Default)]
pub struct Append {
    /// The life of the data in which it was decided on; another one by now is a [`StoreError::Conflict`], because what
    /// was known then, whose an actor is for instance, may have been lost in a restore. `None` where nothing rests on
    /// more than the documents' own numbers.
    pub epoch: Option<Epoch>,
    pub receipts: Vec<StoredReceipt>,
    pub actors: Vec<ActorBinding>,
    pub documents: Vec<DocumentWrite>,
    pub quarantined: Vec<Quarantined>,
    /// What proves who wrote the documents.
    pub proofs: Proofs,
    /// What the audit log says of it.
    pub audit: Vec<AuditEntry>,
    /// Messages that are kept as they came.
    pub kept: Vec<KeptMessage>,
}

/// One document's part of an [`Append`]. Each takes one number of the pharmacy's log.
#[derive(Debug, Clone)]
pub struct DocumentWrite {
    pub id: ConsultationId,
    /// The document's number when it was read, 0 for a new one. Another number by now is a
    /// [`StoreError::Conflict`]: the summary row would be of a record that is no longer so.
    pub based_on: u64,
    /// A whole save that takes the place of everything stored so far; required for a new document.
    pub base: Option<Vec<u8>>,
    /// New changes, oldest first; those the base holds are not repeated here.
    pub changes: Vec<StoredChange>,
    /// Change hashes in hex after this write.
    pub heads: Vec<String>,
    pub row: WorkListRow,
    /// Messages this write answers; one already answered makes the whole append a conflict.
    pub intake: Vec<IntakeKey>,
    /// Messages to send, put into the outbox in this same transaction.
    pub deliveries: Vec<NewDelivery>,
    /// What its standing signed version says was handed over, in the place of what an earlier one said. `None` where
    /// nobody has signed, or where this write changes nothing about it.
    pub supplies: Option<Supplies>,
}

/// One change as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChange {
    pub hash: [u8; 32],
    pub actor: Vec<u8>,
    pub bytes: Vec<u8>,
}

/// What makes an arriving message known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntakeKey {
    /// A message's own id. Claimed twice is a conflict, whoever claims.
    Message(String),
    /// The document set that this consultation answers for. Claimed by another consultation is a conflict.
    DocumentSet(String),
}

/// A document as it is stored; nothing here has been opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    pub id: ConsultationId,
    /// Number of the latest write to it.
    pub seq: u64,
    /// A whole save; empty in a page of the log when the reader has it already.
    pub base: Vec<u8>,
    /// Changes that the base does not hold, oldest first.
    pub changes: Vec<Vec<u8>>,
    pub row: WorkListRow,
}

/// What is known of a document without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentStanding {
    pub pharmacy: OdsCode,
    /// Number of the latest write to it.
    pub seq: u64,
    /// Change hashes in hex.
    pub heads: Vec<String>,
}

/// A part of a pharmacy's log, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    pub documents: Vec<StoredDocument>,
    pub proofs: PageProofs,
    /// Destroyed in this part of the log.
    pub destroyed: Vec<ConsultationId>,
    /// Everything up to here is in this page or earlier ones.
    pub cursor: u64,
    /// Whether there is more beyond `cursor`.
    pub more: bool,
}

/// Whose an actor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorBinding {
    pub actor: Actor,
    pub person: PersonId,
    pub device: DeviceId,
    pub receipt: [u8; 32],
}

/// The receipt of one unlock, already verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    pub hash: [u8; 32],
    pub person: PersonId,
    pub device: DeviceId,
    pub bytes: Vec<u8>,
}

/// Something refused, kept for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub document: ConsultationId,
    pub person: PersonId,
    pub device: String,
    /// `shared::api::Refusal` in its wire spelling.
    pub reason: String,
    /// For whoever looks into it; no patient data.
    pub detail: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The pushed document as a push frame of its own, sealed with the server's secret.
    pub bytes: Vec<u8>,
    /// Changes in it; 0 when it cannot be read.
    pub changes: u64,
    /// Whether an administrator may release it.
    pub releasable: bool,
}

/// The log, the documents in it and the proofs of authorship.
#[async_trait]
pub trait RecordStore {
    /// Stores everything in one transaction and answers when it is on disk: one number for each document, in order.
    ///
    /// Numbers of a pharmacy have no gaps, and none becomes visible before all smaller ones are.
    async fn append(&self, pharmacy: &OdsCode, append: Append) -> Result<Vec<u64>, StoreError>;

    /// One document of that pharmacy; `None` when the pharmacy has no such document.
    async fn document(
        &self,
        pharmacy: &OdsCode,
        id: &ConsultationId,
    ) -> Result<Option<StoredDocument>, StoreError>;

    /// Whose a document is and how far it has come, without reading it; `None` when there is no such document.
    async fn standing(&self, id: &ConsultationId) -> Result<Option<DocumentStanding>, StoreError>;

    /// Like [`Self::standing`] for many at once; those that are not there are left out.
    async fn standings(
        &self,
        ids: &[ConsultationId],
    ) -> Result<BTreeMap<ConsultationId, DocumentStanding>, StoreError>;

    /// Which pharmacy a document belongs to; `None` when there is no such document at all.
    async fn owner(&self, id: &ConsultationId) -> Result<Option<OdsCode>, StoreError> {
        Ok(self.standing(id).await?.map(|standing| standing.pharmacy))
    }

    /// The log after `cursor`, stopping after about `limit` bytes (at least one document).
    ///
    /// Whoever has passed a cursor has been sent every part with a number up to it. A document stands where its first
    /// part after `cursor` does, with all of its parts after `cursor`: those beyond the page's own come again later.
    async fn documents_after(
        &self,
        pharmacy: &OdsCode,
        cursor: u64,
        limit: usize,
    ) -> Result<LogPage, StoreError>;

    /// The last number in the pharmacy's log; 0 when it is empty.
    async fn last_seq(&self, pharmacy: &OdsCode) -> Result<u64, StoreError>;

    /// The last number in each pharmacy's log that is not empty.
    async fn last_seqs(&self) -> Result<BTreeMap<OdsCode, u64>, StoreError>;

    /// Summary rows, of one pharmacy or of all, newest received first.
    async fn rows(&self, pharmacy: Option<&OdsCode>) -> Result<Vec<WorkListRow>, StoreError>;

    /// Summary rows of the patient with that number, newest received first.
    async fn rows_of(
        &self,
        pharmacy: &OdsCode,
        number: &NhsNumber,
        most: u32,
    ) -> Result<Vec<WorkListRow>, StoreError>;

    /// Whose an actor is, and of which pharmacy; `None` at first sight.
    async fn actor(&self, actor: &Actor) -> Result<Option<(OdsCode, ActorBinding)>, StoreError>;

    /// A receipt that was accepted before, with the pharmacy it was accepted for.
    async fn receipt(&self, hash: &[u8; 32]) -> Result<Option<(OdsCode, StoredReceipt)>, StoreError>;

    /// The consultation that already answers for a message or a document set.
    async fn intake_document(
        &self,
        pharmacy: &OdsCode,
        key: &IntakeKey,
    ) -> Result<Option<ConsultationId>, StoreError>;

    /// What was refused for one pharmacy, newest first.
    async fn quarantined(&self, pharmacy: &OdsCode) -> Result<Vec<Quarantined>, StoreError>;

    /// A fact about this life of the data, for instance `epoch`.
    async fn meta(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// Writes a fact unless there is one already; answers the one that stands.
    async fn meta_or_put(&self, name: &str, value: &str) -> Result<String, StoreError>;

    /// Writes a fact over any earlier one.
    async fn put_meta(&self, name: &str, value: &str) -> Result<(), StoreError>;
}
