//! Alerts about referrals that nobody has opened, and about messages that nobody has decided about.

use super::SqlStore;
use super::columns::parsed;
use super::records::summary;
use crate::store::{AlertAddresses, AlertStage, AlertStore, StoreError};
use async_trait::async_trait;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::time::{Millis, stored};
use sqlx::{Row as _, query};
use uuid::Uuid;

#[async_trait]
impl AlertStore for SqlStore {
    async fn alert_addresses(&self, pharmacy: &OdsCode) -> Result<Option<AlertAddresses>, StoreError> {
        let row = query("SELECT first, second FROM alert_address WHERE pharmacy = $1")
            .bind(pharmacy.as_str())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(AlertAddresses { first: row.try_get("first")?, second: row.try_get("second")? }))
    }

    async fn set_alert_addresses(
        &self,
        pharmacy: &OdsCode,
        addresses: &AlertAddresses,
    ) -> Result<(), StoreError> {
        query(
            "INSERT INTO alert_address (pharmacy, first, second) VALUES ($1, $2, $3)
             ON CONFLICT (pharmacy) DO UPDATE SET first = excluded.first, second = excluded.second",
        )
        .bind(pharmacy.as_str())
        .bind(&addresses.first)
        .bind(&addresses.second)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn unalerted(
        &self,
        stage: AlertStage,
        since: Millis,
        until: Millis,
    ) -> Result<Vec<WorkListRow>, StoreError> {
        let rows = query(
            "SELECT summary FROM document
             WHERE status = 'received' AND received_at >= $1 AND received_at <= $2
               AND NOT EXISTS (SELECT 1 FROM alert WHERE consultation = document.id AND stage = $3)
               AND NOT EXISTS (SELECT 1 FROM audit
                               WHERE subject = document.id AND action = 'opened-consultation')
             ORDER BY received_at, id",
        )
        .bind(stored(since))
        .bind(stored(until))
        .bind(stage.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(summary).collect()
    }

    async fn claim_alert(
        &self,
        consultation: &ConsultationId,
        stage: AlertStage,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let done = query(
            "INSERT INTO alert (consultation, stage, at) VALUES ($1, $2, $3)
             ON CONFLICT (consultation, stage) DO NOTHING",
        )
        .bind(consultation.to_string())
        .bind(stage.as_str())
        .bind(at)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn give_alert_back(
        &self,
        consultation: &ConsultationId,
        stage: AlertStage,
    ) -> Result<(), StoreError> {
        query("DELETE FROM alert WHERE consultation = $1 AND stage = $2")
            .bind(consultation.to_string())
            .bind(stage.as_str())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn unalerted_waiting(
        &self,
        stage: AlertStage,
        since: Millis,
        until: Millis,
    ) -> Result<Vec<(Uuid, OdsCode)>, StoreError> {
        let rows = query(
            "SELECT id, pharmacy FROM waiting
             WHERE settled_as IS NULL AND arrived_at >= $1 AND arrived_at <= $2
               AND NOT EXISTS (SELECT 1 FROM waiting_alert AS told WHERE told.waiting = waiting.id AND told.stage = $3)
             ORDER BY arrived_at, id",
        )
        .bind(since)
        .bind(until)
        .bind(stage.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| Ok((parsed(row, "id")?, parsed(row, "pharmacy")?))).collect()
    }

    async fn claim_waiting_alert(
        &self,
        waiting: &Uuid,
        stage: AlertStage,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let done = query(
            "INSERT INTO waiting_alert (waiting, stage, at) VALUES ($1, $2, $3)
             ON CONFLICT (waiting, stage) DO NOTHING",
        )
        .bind(waiting.to_string())
        .bind(stage.as_str())
        .bind(at)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn give_waiting_alert_back(&self, waiting: &Uuid, stage: AlertStage) -> Result<(), StoreError> {
        query("DELETE FROM waiting_alert WHERE waiting = $1 AND stage = $2")
            .bind(waiting.to_string())
            .bind(stage.as_str())
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
