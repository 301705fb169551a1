//! Messages kept as they came.

use super::columns::{exactly, parsed, parsed_if};
use super::{Connection, DbRow, SqlStore};
use crate::store::{KeptMessage, KeptStore, StoreError};
use async_trait::async_trait;
use shared::ids::{ConsultationId, OdsCode};
use sqlx::{Row as _, query};
use uuid::Uuid;

/// A question for whole rows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, pharmacy, channel, message_id, request_id, content_type, hash, sealed, received_at,
                 consultation FROM kept_message ",
            $rest
        )
    };
}

/// Keeps one, in a transaction that may hold more.
pub async fn keep(connection: &mut Connection, message: &KeptMessage) -> Result<(), StoreError> {
    query(
        "INSERT INTO kept_message
             (id, pharmacy, channel, message_id, request_id, content_type, hash, sealed, received_at, consultation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
    )
    .bind(message.id.to_string())
    .bind(message.pharmacy.as_str())
    .bind(&message.channel)
    .bind(message.message_id.to_lowercase())
    .bind(&message.request_id)
    .bind(&message.content_type)
    .bind(message.hash.as_slice())
    .bind(&message.sealed)
    .bind(message.received_at)
    .bind(message.consultation.map(|id| id.to_string()))
    .execute(connection)
    .await?;
    Ok(())
}

fn message(row: &DbRow) -> Result<KeptMessage, StoreError> {
    Ok(KeptMessage {
        id: parsed(row, "id")?,
        pharmacy: parsed(row, "pharmacy")?,
        channel: row.try_get("channel")?,
        message_id: row.try_get("message_id")?,
        request_id: row.try_get("request_id")?,
        content_type: row.try_get("content_type")?,
        hash: exactly(row, "hash")?,
        sealed: row.try_get("sealed")?,
        received_at: row.try_get("received_at")?,
        consultation: parsed_if(row, "consultation")?,
    })
}

#[async_trait]
impl KeptStore for SqlStore {
    async fn keep_message(&self, message: &KeptMessage) -> Result<(), StoreError> {
        let mut connection = self.write.acquire().await?;
        keep(&mut connection, message).await
    }

    async fn kept_message(&self, id: &Uuid) -> Result<Option<KeptMessage>, StoreError> {
        let row = query(select!("WHERE id = $1")).bind(id.to_string()).fetch_optional(&self.read).await?;
        row.as_ref().map(message).transpose()
    }

    async fn kept_messages_of(&self, consultation: &ConsultationId) -> Result<Vec<KeptMessage>, StoreError> {
        let rows = query(select!("WHERE consultation = $1 ORDER BY received_at DESC, id"))
            .bind(consultation.to_string())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(message).collect()
    }

    async fn kept_messages_under(
        &self,
        channel: &str,
        pharmacy: &OdsCode,
        message_id: &str,
    ) -> Result<Vec<KeptMessage>, StoreError> {
        let rows = query(select!(
            "WHERE pharmacy = $1 AND channel = $2 AND message_id = $3
             ORDER BY received_at DESC, id"
        ))
        .bind(pharmacy.as_str())
        .bind(channel)
        .bind(message_id.to_lowercase())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(message).collect()
    }

    async fn kept_message_belongs(
        &self,
        id: &Uuid,
        consultation: &ConsultationId,
    ) -> Result<bool, StoreError> {
        let done = query(
            "UPDATE kept_message SET consultation = $2 WHERE id = $1 AND (consultation IS NULL OR consultation = $2)",
        )
        .bind(id.to_string())
        .bind(consultation.to_string())
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
