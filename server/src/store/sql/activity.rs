//! What was done, for figures, months of claims and exports.

use super::columns::parsed;
use super::{Connection, DbRow, SqlStore};
use crate::store::{
    ActivityStore, ClaimMonth, DaysOf, ExtractRow, OpenDeliveries, Rare, SignedDone, StoreError,
};
use async_trait::async_trait;
use shared::activity::{Done, Health};
use shared::ids::OdsCode;
use sqlx::{Row as _, query};
use std::collections::BTreeSet;

/// In the place of whatever was read of this record before.
pub async fn replace(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    document: &str,
    done: Option<&SignedDone>,
) -> Result<(), StoreError> {
    for statement in
        ["DELETE FROM activity WHERE document = $1", "DELETE FROM activity_extract WHERE document = $1"]
    {
        query(statement).bind(document).execute(&mut *connection).await?;
    }
    let Some(done) = done else { return Ok(()) };
    query("INSERT INTO activity (pharmacy, day, document, patient, facts) VALUES ($1, $2, $3, $4, $5)")
        .bind(pharmacy.as_str())
        .bind(&done.facts.day)
        .bind(document)
        .bind(&done.patient)
        .bind(serde_json::to_string(&done.facts).map_err(StoreError::broken)?)
        .execute(&mut *connection)
        .await?;
    query(
        "INSERT INTO activity_extract (document, pharmacy, day, person, age_band, sex, district, items)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(document)
    .bind(pharmacy.as_str())
    .bind(&done.facts.day)
    .bind(&done.person)
    .bind(&done.extract.age_band)
    .bind(&done.extract.sex)
    .bind(&done.extract.postcode_district)
    .bind(serde_json::to_string(&done.extract).map_err(StoreError::broken)?)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

fn done_of(row: &DbRow, pharmacy: &OdsCode) -> Result<Done, StoreError> {
    Ok(Done {
        consultation: row.try_get("document")?,
        patient: row.try_get("patient")?,
        pharmacy: pharmacy.to_string(),
        facts: serde_json::from_str(row.try_get("facts")?).map_err(StoreError::broken)?,
        told_at: row.try_get("told_at")?,
        claim: row.try_get("claim")?,
        claim_detail: row.try_get("claim_detail")?,
    })
}

/// The latest of a delivery's amendments counts, and of its ways the one that got there.
const DONE: &str = "SELECT document, patient, facts,
        (SELECT changed_at FROM delivery WHERE consultation = document AND kind = 'gp-notice' AND state = 'accepted'
         ORDER BY amendment DESC LIMIT 1) AS told_at,
        '' AS claim, '' AS claim_detail
     FROM activity WHERE pharmacy = $1 AND day >= $2 AND day <= $3 ORDER BY day, document";
const DONE_WITH_CLAIMS: &str = "SELECT activity.document, patient, facts,
        (SELECT changed_at FROM delivery WHERE consultation = activity.document AND kind = 'gp-notice'
             AND state = 'accepted' ORDER BY amendment DESC LIMIT 1) AS told_at,
        COALESCE(claim.state, '') AS claim, COALESCE(claim.detail, '') AS claim_detail
     FROM activity LEFT JOIN delivery claim ON claim.consultation = activity.document AND claim.kind = 'claim'
         AND claim.amendment = (SELECT MAX(amendment) FROM delivery latest
                                WHERE latest.consultation = activity.document AND latest.kind = 'claim')
     WHERE activity.pharmacy = $1 AND day >= $2 AND day <= $3 ORDER BY day, activity.document";

#[async_trait]
impl ActivityStore for SqlStore {
    async fn done(&self, days: &DaysOf, claims: bool) -> Result<Vec<Done>, StoreError> {
        let rows = query(if claims { DONE_WITH_CLAIMS } else { DONE })
            .bind(days.pharmacy.as_str())
            .bind(&days.from)
            .bind(&days.to)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(|row| done_of(row, &days.pharmacy)).collect()
    }

    async fn sync_health(&self, pharmacy: &OdsCode) -> Result<Health, StoreError> {
        let row = query(
            "SELECT (SELECT COUNT(*) FROM delivery WHERE pharmacy = $1 AND state IN ('queued', 'sent', 'received'))
                        AS waiting,
                    (SELECT COUNT(*) FROM delivery WHERE pharmacy = $1
                         AND state IN ('held', 'refused', 'needs-attention')) AS stuck,
                    (SELECT COUNT(*) FROM device WHERE pharmacy = $1 AND unsent > 0 AND revoked_at IS NULL) AS unsent",
        )
        .bind(pharmacy.as_str())
        .fetch_one(&self.read)
        .await?;
        let count = |name| -> Result<u32, StoreError> {
            Ok(u32::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u32::MAX))
        };
        Ok(Health { waiting: count("waiting")?, stuck: count("stuck")?, unsent: count("unsent")? })
    }

    async fn open_deliveries(&self) -> Result<Vec<OpenDeliveries>, StoreError> {
        let rows = query(
            "SELECT kind, state, COUNT(*) AS many, MIN(changed_at) AS since FROM delivery
             WHERE state IN ('queued', 'sent', 'received', 'held', 'refused', 'needs-attention')
             GROUP BY kind, state",
        )
        .fetch_all(&self.read)
        .await?;
        let read = |row: &DbRow| {
            Ok(OpenDeliveries {
                kind: parsed(row, "kind")?,
                state: parsed(row, "state")?,
                count: u32::try_from(row.try_get::<i64, _>("many")?).unwrap_or(u32::MAX),
                since: row.try_get("since")?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn extracts(
        &self,
        days: &DaysOf,
        after: Option<&(String, String)>,
        most: u32,
    ) -> Result<Vec<ExtractRow>, StoreError> {
        let (day, document) = after.map_or(("", ""), |(day, document)| (day.as_str(), document.as_str()));
        let rows = query(
            "SELECT document, day, person, items FROM activity_extract
             WHERE pharmacy = $1 AND day >= $2 AND day <= $3 AND (day, document) > ($4, $5)
             ORDER BY day, document LIMIT $6",
        )
        .bind(days.pharmacy.as_str())
        .bind(&days.from)
        .bind(&days.to)
        .bind(day)
        .bind(document)
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        let read = |row: &DbRow| {
            Ok(ExtractRow {
                place: (row.try_get("day")?, row.try_get("document")?),
                person: row.try_get("person")?,
                items: serde_json::from_str(row.try_get("items")?).map_err(StoreError::broken)?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn extracts_counted(&self, days: &DaysOf) -> Result<u64, StoreError> {
        let row = query(
            "SELECT COUNT(*) AS many FROM activity_extract WHERE pharmacy = $1 AND day >= $2 AND day <= $3",
        )
        .bind(days.pharmacy.as_str())
        .bind(&days.from)
        .bind(&days.to)
        .fetch_one(&self.read)
        .await?;
        Ok(u64::try_from(row.try_get::<i64, _>("many")?).unwrap_or_default())
    }

    async fn shared_by_few(&self, days: &DaysOf, fewer_than: u32) -> Result<BTreeSet<Rare>, StoreError> {
        let rows = query(
            "SELECT age_band, sex, district FROM activity_extract WHERE pharmacy = $1 AND day >= $2 AND day <= $3
             GROUP BY age_band, sex, district
             HAVING COUNT(DISTINCT CASE WHEN person = '' THEN document ELSE person END) < $4",
        )
        .bind(days.pharmacy.as_str())
        .bind(&days.from)
        .bind(&days.to)
        .bind(i64::from(fewer_than))
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("age_band")?, row.try_get("sex")?, row.try_get("district")?)))
            .collect()
    }

    async fn claim_month(&self, pharmacy: &OdsCode, month: &str) -> Result<Option<ClaimMonth>, StoreError> {
        let row = query(
            "SELECT figures, declared, told_by, told_at FROM claim_month WHERE pharmacy = $1 AND month = $2",
        )
        .bind(pharmacy.as_str())
        .bind(month)
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ClaimMonth {
            figures: serde_json::from_str(row.try_get("figures")?).map_err(StoreError::broken)?,
            declared: row.try_get::<i64, _>("declared")? != 0,
            told_by: row.try_get("told_by")?,
            told_at: row.try_get("told_at")?,
        }))
    }

    async fn put_claim_month(
        &self,
        pharmacy: &OdsCode,
        month: &str,
        told: &ClaimMonth,
    ) -> Result<(), StoreError> {
        query(
            "INSERT INTO claim_month (pharmacy, month, figures, declared, told_by, told_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (pharmacy, month) DO UPDATE SET figures = excluded.figures, declared = excluded.declared,
                 told_by = excluded.told_by, told_at = excluded.told_at",
        )
        .bind(pharmacy.as_str())
        .bind(month)
        .bind(serde_json::to_string(&told.figures).map_err(StoreError::broken)?)
        .bind(i64::from(told.declared))
        .bind(&told.told_by)
        .bind(told.told_at)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
