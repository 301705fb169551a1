//! Request ids of BaRS.

use super::SqlStore;
use super::columns::exactly;
use crate::store::{BarsStore, RequestSeen, StoreError};
use async_trait::async_trait;
use shared::time::Millis;
use sqlx::query;
use uuid::Uuid;

#[async_trait]
impl BarsStore for SqlStore {
    async fn bars_request(&self, id: &Uuid, hash: &[u8; 32], now: Millis) -> Result<RequestSeen, StoreError> {
        let taken = query(
            "insert into bars_request (id, hash, received_at) values ($1, $2, $3) on conflict (id) do nothing",
        )
        .bind(id.to_string())
        .bind(&hash[..])
        .bind(now)
        .execute(&self.write)
        .await?;
        if taken.rows_affected() > 0 {
            return Ok(RequestSeen::First);
        }
        // Read where it was written: a reader beside it may be a moment behind.
        let row = query("select hash from bars_request where id = $1")
            .bind(id.to_string())
            .fetch_one(&self.write)
            .await?;
        let had: [u8; 32] = exactly(&row, "hash")?;
        Ok(if had == *hash { RequestSeen::Again } else { RequestSeen::Otherwise })
    }
}
