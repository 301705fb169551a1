//! What PDS said of the NHS numbers of our patients, as the store keeps it.

use super::StoreError;
use async_trait::async_trait;
use shared::consultation::WorkListRow;
use shared::ids::ConsultationId;
use shared::time::Millis;

/// One number that PDS gave, or took back, for one consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenNumber {
    pub consultation: ConsultationId,
    /// Keyed hash ([`crate::keys::TraceKey`]); the number itself is not kept here.
    pub number: [u8; 32],
    /// `false`: PDS has another one instead, or withdrew it.
    pub stands: bool,
    /// `worker` or `application`.
    pub mode: &'static str,
    pub at: Millis,
}

/// When the background last asked about a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdsCheck {
    /// Keyed hash of what it asked with.
    pub asked: [u8; 32],
    pub at: Millis,
}

/// Which numbers PDS vouched for (practice 11), and what was asked when.
#[async_trait]
pub trait TracingStore {
    /// Remembers them; what was seen later takes the place of what was seen before.
    async fn saw_numbers(&self, seen: &[SeenNumber]) -> Result<(), StoreError>;

    /// Hash of each number that PDS spoke of for this consultation, and whether it stands.
    async fn seen_numbers(&self, id: &ConsultationId) -> Result<Vec<([u8; 32], bool)>, StoreError>;

    /// Every consultation that is not settled, with what the background last asked about it.
    async fn open_with_checks(&self) -> Result<Vec<(WorkListRow, Option<PdsCheck>)>, StoreError>;

    /// Remembers that it asked.
    async fn put_pds_check(&self, id: &ConsultationId, check: &PdsCheck) -> Result<(), StoreError>;
}
