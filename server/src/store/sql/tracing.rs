//! What PDS said of the NHS numbers of our patients.

use super::SqlStore;
use super::columns::exactly;
use super::dialect::BEGIN_WRITE;
use super::records::summary;
use crate::store::{PdsCheck, SeenNumber, StoreError, TracingStore};
use async_trait::async_trait;
use shared::consultation::WorkListRow;
use shared::ids::ConsultationId;
use sqlx::{Row as _, query};

#[async_trait]
impl TracingStore for SqlStore {
    async fn saw_numbers(&self, seen: &[SeenNumber]) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        for seen in seen {
            query(
                "INSERT INTO pds_seen (consultation, number, stands, mode, at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (consultation, number)
                 DO UPDATE SET stands = excluded.stands, mode = excluded.mode, at = excluded.at",
            )
            .bind(seen.consultation.to_string())
            .bind(seen.number.as_slice())
            .bind(i64::from(seen.stands))
            .bind(seen.mode)
            .bind(seen.at)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn seen_numbers(&self, id: &ConsultationId) -> Result<Vec<([u8; 32], bool)>, StoreError> {
        let rows = query("SELECT number, stands FROM pds_seen WHERE consultation = $1")
            .bind(id.to_string())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(|row| Ok((exactly(row, "number")?, row.try_get::<i64, _>("stands")? != 0))).collect()
    }

    async fn open_with_checks(&self) -> Result<Vec<(WorkListRow, Option<PdsCheck>)>, StoreError> {
        // As the index `document_open` says it, or neither database would use it.
        let rows = query(
            "SELECT document.summary, pds_check.asked, pds_check.at
             FROM document LEFT JOIN pds_check ON pds_check.consultation = document.id
             WHERE document.status IN ('received', 'open')
             ORDER BY document.received_at DESC, document.id",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                let check = match row.try_get::<Option<i64>, _>("at")? {
                    Some(at) => Some(PdsCheck { asked: exactly(row, "asked")?, at }),
                    None => None,
                };
                Ok((summary(row)?, check))
            })
            .collect()
    }

    async fn put_pds_check(&self, id: &ConsultationId, check: &PdsCheck) -> Result<(), StoreError> {
        query(
            "INSERT INTO pds_check (consultation, asked, at) VALUES ($1, $2, $3)
             ON CONFLICT (consultation) DO UPDATE SET asked = excluded.asked, at = excluded.at",
        )
        .bind(id.to_string())
        .bind(check.asked.as_slice())
        .bind(check.at)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
