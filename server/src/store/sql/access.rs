//! Links not used yet, access that ends, and what people call their things.

use super::SqlStore;
use super::columns::{exactly, parsed, parsed_if};
use super::people::person_from;
use crate::store::{AccessStore, Invitation, Person, StoreError};
use async_trait::async_trait;
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::time::Millis;
use sqlx::{Row as _, query};

#[async_trait]
impl AccessStore for SqlStore {
    async fn invitations(&self, pharmacy: &OdsCode, now: Millis) -> Result<Vec<Invitation>, StoreError> {
        let rows = query(
            "select token_hash, pharmacy, role, expires_at, invited_by, access_ends from invitation
             where pharmacy = $1 and expires_at > $2 order by expires_at desc, token_hash",
        )
        .bind(pharmacy.as_str())
        .bind(now)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Invitation {
                    token_hash: exactly(row, "token_hash")?,
                    pharmacy: parsed(row, "pharmacy")?,
                    role: parsed(row, "role")?,
                    expires_at: row.try_get("expires_at")?,
                    invited_by: parsed_if(row, "invited_by")?,
                    access_ends: row.try_get("access_ends")?,
                })
            })
            .collect()
    }

    async fn withdraw_invitation(
        &self,
        pharmacy: &OdsCode,
        token_hash: &[u8; 32],
    ) -> Result<bool, StoreError> {
        let done = query("delete from invitation where pharmacy = $1 and token_hash = $2")
            .bind(pharmacy.as_str())
            .bind(&token_hash[..])
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn set_access(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        until: Option<Millis>,
    ) -> Result<bool, StoreError> {
        let done = query("update membership set until = $3 where person = $1 and pharmacy = $2")
            .bind(person.to_string())
            .bind(pharmacy.as_str())
            .bind(until)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn name_device(&self, pharmacy: &OdsCode, id: &DeviceId, label: &str) -> Result<bool, StoreError> {
        let done = query(
            "update device set given_label = $3 where id = $1 and pharmacy = $2 and revoked_at is null",
        )
        .bind(id.to_string())
        .bind(pharmacy.as_str())
        .bind(label)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn device_waits(&self, id: &DeviceId, unsent: u32, at: Millis) -> Result<(), StoreError> {
        query(
            "update device set unsent = $2, seen_at = case when seen_at > $3 then seen_at else $3 end
             where id = $1",
        )
        .bind(id.to_string())
        .bind(i64::from(unsent))
        .bind(at)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn name_passkey(
        &self,
        person: &PersonId,
        credential_id: &str,
        label: &str,
    ) -> Result<bool, StoreError> {
        let done = query("update passkey set label = $3 where person = $1 and credential_id = $2")
            .bind(person.to_string())
            .bind(credential_id)
            .bind(label)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn has_stand_in_key(&self, person: &PersonId) -> Result<bool, StoreError> {
        let row = query(
            "select key from signing_key join device on device.id = signing_key.device
             where person = $1 and stands_in = $2 and revoked_at is null limit 1",
        )
        .bind(person.to_string())
        .bind(true)
        .fetch_optional(&self.read)
        .await?;
        Ok(row.is_some())
    }

    async fn set_gphc_checked(&self, person: &PersonId, checked: bool) -> Result<(), StoreError> {
        query("update person set gphc_checked = $2 where id = $1")
            .bind(person.to_string())
            .bind(checked)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn registered_people(&self) -> Result<Vec<Person>, StoreError> {
        let rows =
            query("select id, name, gphc, gphc_checked from person where gphc is not null order by name, id")
                .fetch_all(&self.read)
                .await?;
        rows.iter().map(person_from).collect()
    }
}
