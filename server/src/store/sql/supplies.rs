//! What was handed over, line by line.

use super::activity;
use super::columns::parsed;
use super::dialect::BEGIN_WRITE;
use super::{Connection, DbRow, SqlStore};
use crate::store::{StoreError, SuppliedTo, Supplies, SupplyStore};
use async_trait::async_trait;
use serde::de::DeserializeOwned;
use shared::ids::{ConsultationId, OdsCode};
use shared::register::{Supplied, TokenRow, batch_key, of_person};
use shared::time;
use sqlx::{Row as _, query};

fn facts<T: DeserializeOwned>(row: &DbRow) -> Result<T, StoreError> {
    serde_json::from_str(row.try_get("facts")?).map_err(StoreError::broken)
}

fn all<T: DeserializeOwned>(rows: &[DbRow]) -> Result<Vec<T>, StoreError> {
    rows.iter().map(facts).collect()
}

/// In the place of whatever was read of this record before. The same version again changes nothing.
pub async fn replace(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    document: &str,
    supplies: &Supplies,
) -> Result<(), StoreError> {
    let read = query(
        "INSERT INTO supply_read (document, version, heads) VALUES ($1, $2, $3)
         ON CONFLICT (document) DO UPDATE SET version = excluded.version, heads = excluded.heads
         WHERE supply_read.version <> excluded.version OR supply_read.heads <> excluded.heads",
    )
    .bind(document)
    .bind(supplies.version)
    .bind(&supplies.heads)
    .execute(&mut *connection)
    .await?;
    if read.rows_affected() == 0 {
        return Ok(());
    }
    for statement in
        ["DELETE FROM supply WHERE document = $1", "DELETE FROM supply_token WHERE document = $1"]
    {
        query(statement).bind(document).execute(&mut *connection).await?;
    }
    for line in &supplies.lines {
        let day = line.day().map(|day| day.to_string()).unwrap_or_default();
        query(
            "INSERT INTO supply (document, line, pharmacy, at, day, supply_type, nhs_number, person, batch, facts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(document)
        .bind(&line.line)
        .bind(pharmacy.as_str())
        .bind(time::read(&line.supplied_at).unwrap_or_default())
        .bind(day)
        .bind(&line.supply_type)
        .bind(&line.nhs_number)
        .bind(of_person(&line.patient, &line.birth_date))
        .bind(batch_key(&line.batch))
        .bind(serde_json::to_string(line).map_err(StoreError::broken)?)
        .execute(&mut *connection)
        .await?;
    }
    if let Some(token) = &supplies.token {
        query("INSERT INTO supply_token (document, pharmacy, month, facts) VALUES ($1, $2, $3, $4)")
            .bind(document)
            .bind(pharmacy.as_str())
            .bind(token.month())
            .bind(serde_json::to_string(token).map_err(StoreError::broken)?)
            .execute(&mut *connection)
            .await?;
    }
    activity::replace(connection, pharmacy, document, supplies.done.as_ref()).await
}

#[async_trait]
impl SupplyStore for SqlStore {
    async fn supplied_between(
        &self,
        pharmacy: &OdsCode,
        from: &str,
        to: &str,
    ) -> Result<Vec<Supplied>, StoreError> {
        let rows = query(
            "SELECT facts FROM supply WHERE pharmacy = $1 AND day >= $2 AND day <= $3
             ORDER BY day, at, document, line",
        )
        .bind(pharmacy.as_str())
        .bind(from)
        .bind(to)
        .fetch_all(&self.read)
        .await?;
        all(&rows)
    }

    async fn supplied_to(
        &self,
        pharmacy: &OdsCode,
        patient: &SuppliedTo,
        supply_type: &str,
        most: u32,
    ) -> Result<Vec<Supplied>, StoreError> {
        let rows = query(
            "SELECT facts FROM supply WHERE pharmacy = $1 AND supply_type = $2
                 AND ((nhs_number <> '' AND nhs_number = $3)
                      OR (person <> '' AND person = $4 AND (nhs_number = '' OR $3 = '')))
             ORDER BY at DESC, document DESC, line LIMIT $5",
        )
        .bind(pharmacy.as_str())
        .bind(supply_type)
        .bind(&patient.nhs_number)
        .bind(&patient.person)
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        all(&rows)
    }

    async fn supplied_of_batch(&self, pharmacy: &OdsCode, batch: &str) -> Result<Vec<Supplied>, StoreError> {
        let rows = query(
            "SELECT facts FROM supply WHERE pharmacy = $1 AND batch = $2 ORDER BY at DESC, document DESC, line",
        )
        .bind(pharmacy.as_str())
        .bind(batch)
        .fetch_all(&self.read)
        .await?;
        all(&rows)
    }

    async fn tokens_of(&self, pharmacy: &OdsCode, month: &str) -> Result<Vec<TokenRow>, StoreError> {
        let rows = query("SELECT facts FROM supply_token WHERE pharmacy = $1 AND month = $2")
            .bind(pharmacy.as_str())
            .bind(month)
            .fetch_all(&self.read)
            .await?;
        let mut tokens: Vec<TokenRow> = all(&rows)?;
        tokens.sort_by(|a, b| (&a.date, &a.consultation).cmp(&(&b.date, &b.consultation)));
        Ok(tokens)
    }

    async fn supplies_unread(
        &self,
        pharmacy: &OdsCode,
        version: i64,
        after: Option<&ConsultationId>,
        most: u32,
    ) -> Result<Vec<ConsultationId>, StoreError> {
        // Whoever has signed has a status of these two.
        let rows = query(
            "SELECT id FROM document
             WHERE status IN ('completed', 'closed') AND pharmacy = $1 AND id > $2
                 AND NOT EXISTS (SELECT 1 FROM supply_read
                                 WHERE supply_read.document = document.id AND supply_read.version >= $3)
             ORDER BY id LIMIT $4",
        )
        .bind(pharmacy.as_str())
        .bind(after.map(ToString::to_string).unwrap_or_default())
        .bind(version)
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    async fn put_supplies(
        &self,
        pharmacy: &OdsCode,
        id: &ConsultationId,
        seq: u64,
        supplies: &Supplies,
    ) -> Result<bool, StoreError> {
        let id = id.to_string();
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        // Nothing of the record changes; the row is taken so that no push comes in between.
        let there = query("UPDATE document SET seq = seq WHERE id = $1 AND pharmacy = $2 AND seq = $3")
            .bind(&id)
            .bind(pharmacy.as_str())
            .bind(i64::try_from(seq).map_err(StoreError::broken)?)
            .execute(&mut *transaction)
            .await?;
        if there.rows_affected() == 0 {
            return Ok(false);
        }
        replace(&mut transaction, pharmacy, &id, supplies).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
