//! The waiting list.

use super::columns::{Unreadable, count, parsed, parsed_if};
use super::dialect::BEGIN_WRITE;
use super::{DbRow, SqlStore, kept};
use crate::store::{Decided, KeptMessage, StoreError, WaitingRow, WaitingStore};
use async_trait::async_trait;
use shared::ids::OdsCode;
use sqlx::{Row as _, query};
use uuid::Uuid;

/// A question for whole rows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, pharmacy, source, arrived_at, sealed, settled_as, settled_at, settled_by, consultation
             FROM waiting ",
            $rest
        )
    };
}

fn waiting(row: &DbRow) -> Result<WaitingRow, StoreError> {
    let settled = match parsed_if(row, "settled_as")? {
        None => None,
        Some(what) => {
            let at: Option<i64> = row.try_get("settled_at")?;
            Some(Decided {
                what,
                at: at.ok_or_else(|| StoreError::broken(Unreadable("settled_at")))?,
                by: row.try_get::<Option<String>, _>("settled_by")?.unwrap_or_default(),
                consultation: parsed_if(row, "consultation")?,
            })
        }
    };
    Ok(WaitingRow {
        id: parsed(row, "id")?,
        pharmacy: parsed(row, "pharmacy")?,
        source: row.try_get("source")?,
        arrived_at: row.try_get("arrived_at")?,
        sealed: row.try_get("sealed")?,
        settled,
    })
}

#[async_trait]
impl WaitingStore for SqlStore {
    async fn put_waiting(&self, row: &WaitingRow, message: &KeptMessage) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        kept::keep(&mut transaction, message).await?;
        query(
            "INSERT INTO waiting (id, pharmacy, source, arrived_at, sealed) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(row.id.to_string())
        .bind(row.pharmacy.as_str())
        .bind(&row.source)
        .bind(row.arrived_at)
        .bind(&row.sealed)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn waiting(
        &self,
        pharmacy: &OdsCode,
        settled_too: bool,
        most: u32,
    ) -> Result<Vec<WaitingRow>, StoreError> {
        let question = if settled_too {
            select!(
                "WHERE pharmacy = $1
                 ORDER BY CASE WHEN settled_as IS NULL THEN 0 ELSE 1 END,
                     CASE WHEN settled_as IS NULL THEN arrived_at ELSE -arrived_at END, id LIMIT $2"
            )
        } else {
            select!("WHERE pharmacy = $1 AND settled_as IS NULL ORDER BY arrived_at, id LIMIT $2")
        };
        let rows =
            query(question).bind(pharmacy.as_str()).bind(i64::from(most)).fetch_all(&self.read).await?;
        rows.iter().map(waiting).collect()
    }

    async fn waiting_count(&self, pharmacy: &OdsCode) -> Result<u64, StoreError> {
        let row = query("SELECT COUNT(*) AS number FROM waiting WHERE pharmacy = $1 AND settled_as IS NULL")
            .bind(pharmacy.as_str())
            .fetch_one(&self.read)
            .await?;
        count(&row, "number")
    }

    async fn waiting_row(&self, pharmacy: &OdsCode, id: &Uuid) -> Result<Option<WaitingRow>, StoreError> {
        let row = query(select!("WHERE pharmacy = $1 AND id = $2"))
            .bind(pharmacy.as_str())
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(waiting).transpose()
    }

    async fn settle_waiting(
        &self,
        pharmacy: &OdsCode,
        id: &Uuid,
        settled: &Decided,
    ) -> Result<bool, StoreError> {
        let consultation = settled.consultation.map(|id| id.to_string());
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        if let Some(consultation) = &consultation {
            let there = query("SELECT 1 AS one FROM document WHERE id = $1 AND pharmacy = $2")
                .bind(consultation)
                .bind(pharmacy.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
            if there.is_none() {
                return Err(StoreError::Conflict);
            }
        }
        let done = query(
            "UPDATE waiting SET settled_as = $3, settled_at = $4, settled_by = $5, consultation = $6
             WHERE pharmacy = $1 AND id = $2
               AND (settled_as IS NULL OR settled_as = 'not-a-referral'
                    OR (settled_as = $3 AND consultation = $6))",
        )
        .bind(pharmacy.as_str())
        .bind(id.to_string())
        .bind(settled.what.as_str())
        .bind(settled.at)
        .bind(&settled.by)
        .bind(&consultation)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(consultation) = &consultation {
            query("UPDATE kept_message SET consultation = $2 WHERE id = $1")
                .bind(id.to_string())
                .bind(consultation)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}
