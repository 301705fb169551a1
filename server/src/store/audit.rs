//! The audit log, as the store keeps it: lines are added at the end of one chain, and never changed.

use super::StoreError;
use async_trait::async_trait;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, DeviceId, OdsCode, PersonId};
use shared::time::Millis;
use uuid::Uuid;

/// One line of the audit log. Never patient data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditEntry {
    /// By the server's clock.
    pub at: Millis,
    /// By the device's clock, for what was done on a device.
    pub done_at: Option<Millis>,
    /// `None` for the command line and for people not signed in.
    pub person: Option<PersonId>,
    pub pharmacy: Option<OdsCode>,
    pub device: Option<DeviceId>,
    /// `signed-in`, `device-revoked`: stable words.
    pub action: String,
    /// What it was done to: an id.
    pub subject: String,
    /// Where a reason was given; no patient data.
    pub why: String,
    /// Of whom it is about: keyed hash of the NHS number (`keys::Secret::patient_mark`).
    pub patient: Option<[u8; 32]>,
    /// Where the same may be told twice: the second time it is left out.
    pub event: Option<Uuid>,
}

/// A line with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAudit {
    pub place: u64,
    pub entry: AuditEntry,
    /// `None` in what this program did not chain.
    pub hash: Option<[u8; 32]>,
}

/// The last line of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    pub place: u64,
    pub hash: [u8; 32],
}

/// Which lines are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct AuditSearch {
    pub pharmacy: Option<OdsCode>,
    /// Written at or after.
    pub from: Option<Millis>,
    /// Written before.
    pub until: Option<Millis>,
    pub person: Option<PersonId>,
    pub action: Option<String>,
    pub subject: Option<String>,
    pub patient: Option<[u8; 32]>,
    /// Only lines before this place.
    pub before: Option<u64>,
    /// Only lines after this place.
    pub after: Option<u64>,
    pub oldest_first: bool,
}

/// Who did what, when. Never patient data.
#[async_trait]
pub trait AuditStore {
    /// Adds a line at the end of the chain.
    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.record_audits(std::slice::from_ref(entry)).await
    }

    /// Adds lines in their order, all or none; those whose event is known are left out.
    async fn record_audits(&self, entries: &[AuditEntry]) -> Result<(), StoreError>;

    /// Chains lines from before there was a chain, and says so in the log; nothing where there are none.
    async fn begin_audit_chain(&self, now: Millis) -> Result<(), StoreError>;

    /// The newest `limit` lines of one pharmacy's audit log, newest first.
    async fn audit(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let search = AuditSearch { pharmacy: Some(pharmacy.clone()), ..AuditSearch::default() };
        let found = self.audit_lines(&search, limit).await?;
        Ok(found.into_iter().map(|line| line.entry).collect())
    }

    /// At most `limit` lines, newest first unless asked otherwise.
    async fn audit_lines(&self, search: &AuditSearch, limit: u32) -> Result<Vec<StoredAudit>, StoreError>;

    /// The actions there are in a pharmacy's log, in alphabetical order.
    async fn audit_actions(&self, pharmacy: &OdsCode) -> Result<Vec<String>, StoreError>;

    /// At most `limit` lines of the whole log after a place, oldest first.
    async fn audit_after(&self, place: u64, limit: u32) -> Result<Vec<StoredAudit>, StoreError>;

    /// The end of the chain as it is remembered beside it; `None` before the first line.
    async fn audit_head(&self) -> Result<Option<AuditHead>, StoreError>;

    /// Summary rows of these consultations; those that are not here are left out.
    async fn summaries(&self, ids: &[ConsultationId]) -> Result<Vec<WorkListRow>, StoreError>;
}
