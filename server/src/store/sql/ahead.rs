//! Looking ahead of a device's cursor.

use super::SqlStore;
use super::columns::parsed;
use crate::store::{AheadStore, StoreError};
use async_trait::async_trait;
use shared::ids::{ConsultationId, OdsCode};
use sqlx::{query, query_scalar};

#[async_trait]
impl AheadStore for SqlStore {
    async fn documents_ahead(&self, pharmacy: &OdsCode, cursor: u64) -> Result<u64, StoreError> {
        let count: i64 = query_scalar("SELECT COUNT(*) FROM document WHERE pharmacy = $1 AND seq > $2")
            .bind(pharmacy.as_str())
            .bind(cursor as i64)
            .fetch_one(&self.read)
            .await?;
        Ok(count as u64)
    }

    async fn unfinished(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<ConsultationId>, StoreError> {
        let rows = query(
            "SELECT id FROM document WHERE pharmacy = $1 AND status IN ('received', 'open')
             ORDER BY received_at DESC, id LIMIT $2",
        )
        .bind(pharmacy.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }
}
