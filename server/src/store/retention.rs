//! The end of records: legal holds, destruction, and what a restore holds back.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{ConsultationId, DeviceId, OdsCode};
use shared::time::Millis;
use std::collections::BTreeSet;

/// A record that is kept whatever its age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    pub document: ConsultationId,
    /// Why: a complaint's or a court's reference, never patient data.
    pub reason: String,
    pub placed_by: String,
    pub at: Millis,
}

/// A record that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroyed {
    pub document: ConsultationId,
    pub pharmacy: OdsCode,
    pub at: Millis,
    /// JSON; empty where it lies elsewhere.
    pub certificate: String,
}

/// How far a restored server is from sending again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxHold {
    pub pharmacy: OdsCode,
    pub since: Millis,
    /// Devices that have not yet given back what they hold.
    pub waits_for: Vec<DeviceId>,
}

/// A document of which a device holds something that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub document: ConsultationId,
    /// Change hashes in hex.
    pub heads: Vec<String>,
}

/// Holds and destruction.
#[async_trait]
pub trait RetentionStore {
    async fn legal_holds(&self) -> Result<Vec<LegalHold>, StoreError>;

    /// Keeps a record whatever its age; a second hold replaces the first. `false`: there is no such record.
    async fn put_legal_hold(&self, hold: &LegalHold) -> Result<bool, StoreError>;

    /// `false`: there was none.
    async fn end_legal_hold(&self, document: &ConsultationId) -> Result<bool, StoreError>;

    /// Removes a whole record, everything that hangs on it, and leaves its id. Refused as a
    /// [`StoreError::Conflict`] when the record is on hold, is not there, has moved on from `seq`, or when something
    /// about it is still to be sent.
    async fn destroy(&self, destroyed: &Destroyed, seq: u64) -> Result<u64, StoreError>;

    /// What was destroyed, oldest first.
    async fn destroyed(&self) -> Result<Vec<Destroyed>, StoreError>;

    /// Which of these were destroyed.
    async fn destroyed_among(&self, ids: &[ConsultationId]) -> Result<BTreeSet<ConsultationId>, StoreError>;

    async fn is_destroyed(&self, document: &ConsultationId) -> Result<bool, StoreError> {
        Ok(!self.destroyed_among(std::slice::from_ref(document)).await?.is_empty())
    }

    /// Pharmacies of which nothing is sent for the time being.
    async fn outbox_holds(&self) -> Result<Vec<OutboxHold>, StoreError>;

    /// A device has said what it holds; this is wanted of it, with the heads it has.
    async fn hold_wants(&self, device: &DeviceId, wanted: &[Wanted]) -> Result<(), StoreError>;

    /// What is still wanted of devices of a pharmacy. What was set aside since the restore is not waited for.
    async fn hold_wanted(&self, pharmacy: &OdsCode) -> Result<Vec<(DeviceId, Wanted)>, StoreError>;

    /// A device has given this back.
    async fn hold_got(&self, device: &DeviceId, document: &ConsultationId) -> Result<(), StoreError>;

    /// Lets a pharmacy's messages go.
    async fn end_outbox_hold(&self, pharmacy: &OdsCode) -> Result<(), StoreError>;
}
