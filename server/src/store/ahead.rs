//! What a device is told before the log itself: how much is coming, and which of it is pressing.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{ConsultationId, OdsCode};

/// Looks ahead of a device's cursor.
#[async_trait]
pub trait AheadStore {
    /// How many documents a device with this cursor has not seen as they are now.
    async fn documents_ahead(&self, pharmacy: &OdsCode, cursor: u64) -> Result<u64, StoreError>;

    /// Unfinished documents, the newest first.
    async fn unfinished(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<ConsultationId>, StoreError>;
}
