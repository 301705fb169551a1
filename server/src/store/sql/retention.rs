//! Holds, destruction, and what a restore holds back.

use super::append::take_numbers;
use super::columns::parsed;
use super::dialect::{BEGIN_READ, BEGIN_WRITE};
use super::{DbRow, SqlStore};
use crate::store::{Destroyed, LegalHold, OutboxHold, RetentionStore, StoreError, Wanted};
use async_trait::async_trait;
use shared::ids::{ConsultationId, DeviceId, OdsCode};
use sqlx::{QueryBuilder, Row as _, query, query_scalar};
use std::collections::BTreeSet;

/// Ids asked for in one query.
const AT_ONCE: usize = 500;

fn hold_from(row: &DbRow) -> Result<LegalHold, StoreError> {
    Ok(LegalHold {
        document: parsed(row, "document")?,
        reason: row.try_get("reason")?,
        placed_by: row.try_get("placed_by")?,
        at: row.try_get("at")?,
    })
}

fn destroyed_from(row: &DbRow) -> Result<Destroyed, StoreError> {
    Ok(Destroyed {
        document: parsed(row, "document")?,
        pharmacy: parsed(row, "pharmacy")?,
        at: row.try_get("at")?,
        certificate: row.try_get("certificate")?,
    })
}

#[async_trait]
impl RetentionStore for SqlStore {
    async fn legal_holds(&self) -> Result<Vec<LegalHold>, StoreError> {
        let rows = query("SELECT document, reason, placed_by, at FROM legal_hold ORDER BY at, document")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(hold_from).collect()
    }

    async fn put_legal_hold(&self, hold: &LegalHold) -> Result<bool, StoreError> {
        let put = query(
            "INSERT INTO legal_hold (document, reason, placed_by, at)
             SELECT id, $2, $3, $4 FROM document WHERE id = $1
             ON CONFLICT (document) DO UPDATE
             SET reason = excluded.reason, placed_by = excluded.placed_by, at = excluded.at",
        )
        .bind(hold.document.to_string())
        .bind(&hold.reason)
        .bind(&hold.placed_by)
        .bind(hold.at)
        .execute(&self.write)
        .await?;
        Ok(put.rows_affected() > 0)
    }

    async fn end_legal_hold(&self, document: &ConsultationId) -> Result<bool, StoreError> {
        let ended = query("DELETE FROM legal_hold WHERE document = $1")
            .bind(document.to_string())
            .execute(&self.write)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    async fn destroy(&self, destroyed: &Destroyed, seq: u64) -> Result<u64, StoreError> {
        let id = destroyed.document.to_string();
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        let number = take_numbers(&mut transaction, &destroyed.pharmacy, 1).await?;
        let free = query(
            "SELECT id FROM document WHERE id = $1 AND pharmacy = $2 AND seq = $3
                 AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.document = document.id)
                 AND NOT EXISTS (SELECT 1 FROM delivery
                                 WHERE delivery.consultation = document.id AND delivery.next_at IS NOT NULL)",
        )
        .bind(&id)
        .bind(destroyed.pharmacy.as_str())
        .bind(i64::try_from(seq).map_err(StoreError::broken)?)
        .fetch_optional(&mut *transaction)
        .await?;
        if free.is_none() {
            return Err(StoreError::Conflict);
        }
        // What hangs on the record by a reference goes with it; these know it by its id alone.
        query("DELETE FROM quarantine WHERE document = $1").bind(&id).execute(&mut *transaction).await?;
        for statement in
            ["DELETE FROM pds_seen WHERE consultation = $1", "DELETE FROM pds_check WHERE consultation = $1"]
        {
            query(statement).bind(&id).execute(&mut *transaction).await?;
        }
        query("DELETE FROM document WHERE id = $1").bind(&id).execute(&mut *transaction).await?;
        query("INSERT INTO destroyed (document, pharmacy, seq, at, certificate) VALUES ($1, $2, $3, $4, $5)")
            .bind(&id)
            .bind(destroyed.pharmacy.as_str())
            .bind(number)
            .bind(destroyed.at)
            .bind(&destroyed.certificate)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        u64::try_from(number).map_err(StoreError::broken)
    }

    async fn destroyed(&self) -> Result<Vec<Destroyed>, StoreError> {
        let rows = query("SELECT document, pharmacy, at, certificate FROM destroyed ORDER BY at, document")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(destroyed_from).collect()
    }

    async fn destroyed_among(&self, ids: &[ConsultationId]) -> Result<BTreeSet<ConsultationId>, StoreError> {
        let mut found = BTreeSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new("SELECT document FROM destroyed WHERE document IN (");
            let mut places = query.separated(", ");
            for id in ids {
                places.push_bind(id.to_string());
            }
            query.push(")");
            for row in query.build().fetch_all(&self.read).await? {
                found.insert(parsed(&row, "document")?);
            }
        }
        Ok(found)
    }

    async fn outbox_holds(&self) -> Result<Vec<OutboxHold>, StoreError> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await?;
        let held = query("SELECT pharmacy, since FROM outbox_hold ORDER BY pharmacy")
            .fetch_all(&mut *transaction)
            .await?;
        let mut holds = Vec::with_capacity(held.len());
        for row in &held {
            let pharmacy: OdsCode = parsed(row, "pharmacy")?;
            let waiting = query(
                "SELECT device FROM outbox_hold_device waiting WHERE pharmacy = $1
                     AND NOT EXISTS (SELECT 1 FROM device
                                     WHERE device.id = waiting.device AND device.revoked_at IS NOT NULL)
                     AND (asked = 0 OR EXISTS
                         (SELECT 1 FROM outbox_hold_document due WHERE due.device = waiting.device))
                 ORDER BY device",
            )
            .bind(pharmacy.as_str())
            .fetch_all(&mut *transaction)
            .await?;
            let waits_for = waiting.iter().map(|row| parsed(row, "device")).collect::<Result<_, _>>()?;
            holds.push(OutboxHold { pharmacy, since: row.try_get("since")?, waits_for });
        }
        Ok(holds)
    }

    async fn hold_wants(&self, device: &DeviceId, wanted: &[Wanted]) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        let known = query("UPDATE outbox_hold_device SET asked = 1 WHERE device = $1")
            .bind(device.to_string())
            .execute(&mut *transaction)
            .await?;
        if known.rows_affected() > 0 {
            // What was asked for before stays: a device that says less this time still owes it.
            for wanted in wanted {
                query(
                    "INSERT INTO outbox_hold_document (device, document, heads) VALUES ($1, $2, $3)
                     ON CONFLICT (device, document) DO UPDATE SET heads = excluded.heads",
                )
                .bind(device.to_string())
                .bind(wanted.document.to_string())
                .bind(wanted.heads.join(" "))
                .execute(&mut *transaction)
                .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn hold_wanted(&self, pharmacy: &OdsCode) -> Result<Vec<(DeviceId, Wanted)>, StoreError> {
        let rows = query(
            "SELECT due.device, due.document, due.heads
             FROM outbox_hold_document due
             JOIN outbox_hold_device waiting ON waiting.device = due.device
             JOIN outbox_hold hold ON hold.pharmacy = waiting.pharmacy
             WHERE waiting.pharmacy = $1 AND NOT EXISTS
                 (SELECT 1 FROM quarantine
                  WHERE quarantine.document = due.document AND quarantine.device = due.device
                      AND quarantine.at >= hold.since)
             ORDER BY due.device, due.document",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                let heads: &str = row.try_get("heads")?;
                let heads = heads.split_whitespace().map(str::to_owned).collect();
                Ok((parsed(row, "device")?, Wanted { document: parsed(row, "document")?, heads }))
            })
            .collect()
    }

    async fn hold_got(&self, device: &DeviceId, document: &ConsultationId) -> Result<(), StoreError> {
        query("DELETE FROM outbox_hold_document WHERE device = $1 AND document = $2")
            .bind(device.to_string())
            .bind(document.to_string())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn end_outbox_hold(&self, pharmacy: &OdsCode) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        for statement in [
            "DELETE FROM outbox_hold_device WHERE pharmacy = $1",
            "DELETE FROM outbox_hold WHERE pharmacy = $1",
        ] {
            query(statement).bind(pharmacy.as_str()).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Ids destroyed with these numbers of a pharmacy's log, inside the reader's own transaction.
pub async fn destroyed_between(
    connection: &mut super::Connection,
    pharmacy: &OdsCode,
    after: i64,
    upto: i64,
) -> Result<Vec<ConsultationId>, StoreError> {
    let ids: Vec<String> = query_scalar(
        "SELECT document FROM destroyed WHERE pharmacy = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
    )
    .bind(pharmacy.as_str())
    .bind(after)
    .bind(upto)
    .fetch_all(connection)
    .await?;
    ids.iter().map(|id| id.parse().map_err(StoreError::broken)).collect()
}
