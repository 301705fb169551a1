//! The audit log.

use super::SqlStore;
use super::columns::parsed_if;
use crate::store::{AuditEntry, AuditStore, StoreError};
use async_trait::async_trait;
use shared::ids::OdsCode;
use sqlx::{Row as _, query};

#[async_trait]
impl AuditStore for SqlStore {
    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        query("insert into audit (at, person, pharmacy, action, subject) values ($1, $2, $3, $4, $5)")
            .bind(entry.at)
            .bind(entry.person.map(|id| id.to_string()))
            .bind(entry.pharmacy.as_ref().map(OdsCode::as_str))
            .bind(&entry.action)
            .bind(&entry.subject)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn audit(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = query(
            "select at, person, pharmacy, action, subject from audit where pharmacy = $1
             order by place desc limit $2",
        )
        .bind(pharmacy.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    at: row.try_get("at")?,
                    person: parsed_if(row, "person")?,
                    pharmacy: parsed_if(row, "pharmacy")?,
                    action: row.try_get("action")?,
                    subject: row.try_get("subject")?,
                })
            })
            .collect()
    }
}
