//! Practices and pharmacies of the Organisation Data Service.

use super::columns::{Unreadable, parsed};
use super::dialect::BEGIN_WRITE;
use super::{DbRow, SqlStore};
use crate::store::{Organisation, OrganisationStore, StoreError};
use async_trait::async_trait;
use shared::api::OrganisationKind;
use shared::ids::OdsCode;
use sqlx::{Row as _, query};

fn kind_word(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Practice => "practice",
        OrganisationKind::Pharmacy => "pharmacy",
        OrganisationKind::Other => "other",
    }
}

fn organisation_from(row: &DbRow) -> Result<Organisation, StoreError> {
    let kind = match row.try_get::<&str, _>("kind")? {
        "practice" => OrganisationKind::Practice,
        "pharmacy" => OrganisationKind::Pharmacy,
        "other" => OrganisationKind::Other,
        _ => return Err(StoreError::broken(Unreadable("kind"))),
    };
    Ok(Organisation {
        ods: parsed(row, "ods")?,
        name: row.try_get("name")?,
        kind,
        active: row.try_get::<i64, _>("active")? != 0,
        successor: row.try_get("successor")?,
        address: row.try_get("address")?,
        postcode: row.try_get("postcode")?,
        phone: row.try_get("phone")?,
        fetched_at: row.try_get("fetched_at")?,
    })
}

#[async_trait]
impl OrganisationStore for SqlStore {
    async fn put_organisations(&self, organisations: &[Organisation]) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        for one in organisations {
            query(
                "INSERT INTO organisation
                     (ods, name, kind, active, successor, address, postcode, phone, fetched_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 ON CONFLICT (ods) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                     active = excluded.active, successor = excluded.successor, address = excluded.address,
                     postcode = excluded.postcode, phone = excluded.phone, fetched_at = excluded.fetched_at",
            )
            .bind(one.ods.as_str())
            .bind(&one.name)
            .bind(kind_word(one.kind))
            .bind(i64::from(one.active))
            .bind(&one.successor)
            .bind(&one.address)
            .bind(&one.postcode)
            .bind(&one.phone)
            .bind(one.fetched_at)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn organisation(&self, ods: &OdsCode) -> Result<Option<Organisation>, StoreError> {
        let row = query("SELECT * FROM organisation WHERE ods = $1")
            .bind(ods.as_str())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(organisation_from).transpose()
    }

    async fn organisations(&self, kind: Option<OrganisationKind>) -> Result<Vec<Organisation>, StoreError> {
        let rows = query("SELECT * FROM organisation WHERE kind = $1 OR $1 = '' ORDER BY name, ods")
            .bind(kind.map(kind_word).unwrap_or_default())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(organisation_from).collect()
    }
}
