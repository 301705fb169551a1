//! What was set aside and what became of it, as the store keeps it.

use super::{Quarantined, StoreError};
use async_trait::async_trait;
use shared::api::QuarantineState;
use shared::ids::{ConsultationId, OdsCode, PersonId};
use shared::time::Millis;

/// One entry with its number and what was decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineEntry {
    pub id: u64,
    /// Its bytes are empty in a list.
    pub entry: Quarantined,
    pub state: QuarantineState,
    /// `None` while it waits.
    pub settled_by: Option<PersonId>,
    pub settled_at: Option<Millis>,
    /// Why it was closed; empty otherwise.
    pub settled_because: String,
}

/// A decision about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub state: QuarantineState,
    pub by: PersonId,
    pub at: Millis,
    pub because: String,
}

/// The quarantine of each pharmacy. Entries are put there by [`super::RecordStore::append`].
#[async_trait]
pub trait QuarantineStore {
    /// Newest first, without their bytes; at most `limit`.
    async fn quarantine(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<QuarantineEntry>, StoreError>;

    /// One entry with its bytes; `None` when the pharmacy has no such entry.
    async fn quarantine_entry(
        &self,
        pharmacy: &OdsCode,
        id: u64,
    ) -> Result<Option<QuarantineEntry>, StoreError>;

    /// The waiting entries of one consultation with their bytes, oldest first.
    async fn quarantine_of(
        &self,
        pharmacy: &OdsCode,
        document: &ConsultationId,
    ) -> Result<Vec<QuarantineEntry>, StoreError>;

    /// Settles an entry that waits. `false` when there is none, or somebody settled it before.
    async fn settle(&self, pharmacy: &OdsCode, id: u64, settled: &Settled) -> Result<bool, StoreError>;
}
