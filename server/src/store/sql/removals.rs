//! Who works at a pharmacy, and who was removed from it.

use super::SqlStore;
use super::columns::parsed;
use super::dialect::BEGIN_WRITE;
use super::people::person_from;
use crate::store::{Removal, RemovalStore, StaffMember, StoreError};
use async_trait::async_trait;
use shared::ids::{OdsCode, PersonId};
use shared::time::Millis;
use sqlx::{Row as _, query};

#[async_trait]
impl RemovalStore for SqlStore {
    async fn staff(&self, pharmacy: &OdsCode) -> Result<Vec<StaffMember>, StoreError> {
        let rows = query(
            "select person.id as id, name, gphc, gphc_checked, role, until
             from membership join person on person.id = membership.person
             where pharmacy = $1 order by name, person.id",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(StaffMember {
                    person: person_from(row)?,
                    role: parsed(row, "role")?,
                    until: row.try_get("until")?,
                })
            })
            .collect()
    }

    async fn remove_person(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let recorded = query(
            "insert into removal (person, pharmacy, role, at)
             select person, pharmacy, role, $3 from membership where person = $1 and pharmacy = $2
             on conflict (person, pharmacy) do update set role = excluded.role, at = excluded.at",
        )
        .bind(person.to_string())
        .bind(pharmacy.as_str())
        .bind(at)
        .execute(&mut *tx)
        .await?;
        if recorded.rows_affected() == 0 {
            return Ok(false);
        }
        query("delete from membership where person = $1 and pharmacy = $2")
            .bind(person.to_string())
            .bind(pharmacy.as_str())
            .execute(&mut *tx)
            .await?;
        query("delete from session where person = $1").bind(person.to_string()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn removal(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        now: Millis,
    ) -> Result<Option<Removal>, StoreError> {
        let row = query(
            "select role, until as at from membership where person = $1 and pharmacy = $2 and until <= $3
             union all
             select role, at from removal where person = $1 and pharmacy = $2
             order by at desc limit 1",
        )
        .bind(person.to_string())
        .bind(pharmacy.as_str())
        .bind(now)
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| Ok(Removal { role: parsed(&row, "role")?, at: row.try_get("at")? })).transpose()
    }
}
