//! How long a pharmacy's devices may be without contact.

use super::SqlStore;
use crate::store::{ContactLimitStore, StoreError};
use async_trait::async_trait;
use shared::ids::OdsCode;
use sqlx::{Row as _, query};

#[async_trait]
impl ContactLimitStore for SqlStore {
    async fn contact_limit(&self, pharmacy: &OdsCode) -> Result<Option<u32>, StoreError> {
        let row = query("select hours from contact_limit where pharmacy = $1")
            .bind(pharmacy.as_str())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let hours: i64 = row.try_get("hours")?;
        u32::try_from(hours).map(Some).map_err(StoreError::broken)
    }

    async fn set_contact_limit(&self, pharmacy: &OdsCode, hours: u32) -> Result<(), StoreError> {
        query(
            "insert into contact_limit (pharmacy, hours) values ($1, $2)
             on conflict (pharmacy) do update set hours = excluded.hours",
        )
        .bind(pharmacy.as_str())
        .bind(i64::from(hours))
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
