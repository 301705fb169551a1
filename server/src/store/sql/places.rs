//! What directories of services said was near a postcode.

use super::SqlStore;
use super::dialect::BEGIN_WRITE;
use crate::store::{PlaceSearch, PlaceStore, StoreError};
use async_trait::async_trait;
use shared::time::Millis;
use sqlx::{Row as _, query};

#[async_trait]
impl PlaceStore for SqlStore {
    async fn put_place_search(&self, search: &PlaceSearch, keep_from: Millis) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        query("DELETE FROM place_search WHERE fetched_at < $1")
            .bind(keep_from)
            .execute(&mut *transaction)
            .await?;
        query(
            "INSERT INTO place_search (service, postcode, source, body, fetched_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (service, postcode) DO UPDATE SET source = excluded.source, body = excluded.body,
                 fetched_at = excluded.fetched_at",
        )
        .bind(&search.service)
        .bind(&search.postcode)
        .bind(&search.source)
        .bind(&search.body)
        .bind(search.fetched_at)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn place_search(&self, service: &str, postcode: &str) -> Result<Option<PlaceSearch>, StoreError> {
        let row = query("SELECT * FROM place_search WHERE service = $1 AND postcode = $2")
            .bind(service)
            .bind(postcode)
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(PlaceSearch {
            service: row.try_get("service")?,
            postcode: row.try_get("postcode")?,
            source: row.try_get("source")?,
            body: row.try_get("body")?,
            fetched_at: row.try_get("fetched_at")?,
        }))
    }
}
