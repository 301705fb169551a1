//! The registers as they were last imported.

use super::SqlStore;
use super::columns::{count, parsed};
use super::dialect::BEGIN_WRITE;
use crate::store::{RegisterEntry, RegisterStore, Source, StoreError};
use async_trait::async_trait;
use shared::ids::GphcNumber;
use sqlx::{Row as _, query};
use tokio::sync::mpsc;

/// The list ended before its end was reached.
#[derive(Debug, thiserror::Error)]
#[error("the list could not be read to its end")]
struct CutShort;

#[async_trait]
impl RegisterStore for SqlStore {
    async fn replace_register(
        &self,
        source: Source,
        mut entries: mpsc::Receiver<Option<RegisterEntry>>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let old = query("delete from register_entry where source = $1").bind(source.name());
        let old = old.execute(&mut *tx).await?.rows_affected();
        loop {
            match entries.recv().await {
                Some(Some(entry)) => {
                    query(
                        "insert into register_entry (source, number, service, name, status, dated)
                         values ($1, $2, $3, $4, $5, $6)",
                    )
                    .bind(source.name())
                    .bind(entry.number.as_str())
                    .bind(&entry.service)
                    .bind(&entry.name)
                    .bind(entry.status.name())
                    .bind(&entry.dated)
                    .execute(&mut *tx)
                    .await?;
                }
                Some(None) => break,
                None => return Err(StoreError::broken(CutShort)),
            }
        }
        tx.commit().await?;
        Ok(old)
    }

    async fn register_size(&self, source: Source) -> Result<u64, StoreError> {
        let row = query("select count(*) as size from register_entry where source = $1")
            .bind(source.name())
            .fetch_one(&self.read)
            .await?;
        count(&row, "size")
    }

    async fn registered(
        &self,
        source: Source,
        number: &GphcNumber,
    ) -> Result<Vec<RegisterEntry>, StoreError> {
        let rows = query(
            "select number, service, name, status, dated from register_entry
             where source = $1 and number = $2 order by service",
        )
        .bind(source.name())
        .bind(number.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RegisterEntry {
                    number: parsed(row, "number")?,
                    name: row.try_get("name")?,
                    status: parsed(row, "status")?,
                    service: row.try_get("service")?,
                    dated: row.try_get("dated")?,
                })
            })
            .collect()
    }
}
