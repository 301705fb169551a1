//! The audit log, as the store keeps it.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{OdsCode, PersonId};
use shared::time::Millis;

/// One line of the audit log. Never patient data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Millis,
    /// `None` for the command line and for people not signed in.
    pub person: Option<PersonId>,
    pub pharmacy: Option<OdsCode>,
    /// `signed-in`, `device-revoked`: stable words.
    pub action: String,
    /// What it was done to: an id.
    pub subject: String,
}

/// Who did what, when. Never patient data.
#[async_trait]
pub trait AuditStore {
    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError>;
    /// The newest `limit` lines of one pharmacy's audit log, newest first.
    async fn audit(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;
}
