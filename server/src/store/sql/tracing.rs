//! What PDS said of the NHS numbers of our patients.

use super::SqlStore;
use super::columns::{exactly, parsed};
use super::dialect::BEGIN_WRITE;
use crate::store::{PdsCheck, SeenNumber, StoreError, TracingStore};
use async_trait::async_trait;
use shared::ids::ConsultationId;
use sqlx::{QueryBuilder, Row as _, query};
use std::collections::BTreeMap;

/// Ids in one question.
const AT_ONCE: usize = 500;

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

    async fn seen_numbers(
        &self,
        ids: &[ConsultationId],
    ) -> Result<BTreeMap<ConsultationId, Vec<([u8; 32], bool)>>, StoreError> {
        let mut found: BTreeMap<ConsultationId, Vec<([u8; 32], bool)>> = BTreeMap::new();
        for ids in ids.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new(
                "SELECT consultation, number, stands FROM pds_seen WHERE consultation IN (",
            );
            let mut places = query.separated(", ");
            for id in ids {
                places.push_bind(id.to_string());
            }
            query.push(")");
            for row in query.build().fetch_all(&self.read).await? {
                let stands = row.try_get::<i64, _>("stands")? != 0;
                let number = exactly(&row, "number")?;
                found.entry(parsed(&row, "consultation")?).or_default().push((number, stands));
            }
        }
        Ok(found)
    }

    async fn pds_checks(&self) -> Result<BTreeMap<ConsultationId, PdsCheck>, StoreError> {
        let rows = query("SELECT consultation, asked, at FROM pds_check").fetch_all(&self.read).await?;
        rows.iter()
            .map(|row| {
                let check = PdsCheck { asked: exactly(row, "asked")?, at: row.try_get("at")? };
                Ok((parsed(row, "consultation")?, check))
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
