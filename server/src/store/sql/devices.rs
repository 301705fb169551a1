//! Devices, who signs on them, and the vault keys they sealed to the server.

use super::columns::{Unreadable, count, parsed};
use super::dialect::BEGIN_WRITE;
use super::people::person_from;
use super::{DbRow, SqlStore};
use crate::store::{Device, DeviceKeys, DeviceStore, Person, SigningKey, StoreError};
use async_trait::async_trait;
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::time::Millis;
use sqlx::{Row as _, query};

impl SqlStore {
    async fn people_on(&self, device: &DeviceId) -> Result<Vec<Person>, StoreError> {
        let rows = query(
            "select distinct person.id, name, gphc, gphc_checked
             from signing_key join person on person.id = signing_key.person
             where device = $1 order by name, person.id",
        )
        .bind(device.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(person_from).collect()
    }

    async fn device_from(&self, row: &DbRow) -> Result<Device, StoreError> {
        let id = parsed(row, "id")?;
        Ok(Device {
            id,
            pharmacy: parsed(row, "pharmacy")?,
            label: row.try_get("label")?,
            people: self.people_on(&id).await?,
            added_at: row.try_get("added_at")?,
            seen_at: row.try_get("seen_at")?,
            revoked_at: row.try_get("revoked_at")?,
            unsent: row
                .try_get::<Option<i64>, _>("unsent")?
                .map(u32::try_from)
                .transpose()
                .map_err(|_| StoreError::broken(Unreadable("unsent")))?,
        })
    }
}

#[async_trait]
impl DeviceStore for SqlStore {
    async fn put_device(&self, keys: &DeviceKeys) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let stored = query(
            "insert into device (id, pharmacy, label, added_at, seen_at) values ($1, $2, $3, $4, $4)
             on conflict (id) do update set label = excluded.label, seen_at = excluded.seen_at
                 where device.pharmacy = excluded.pharmacy and device.revoked_at is null",
        )
        .bind(keys.device.to_string())
        .bind(keys.pharmacy.as_str())
        .bind(&keys.label)
        .bind(keys.at)
        .execute(&mut *tx)
        .await?;
        if stored.rows_affected() == 0 {
            return Err(StoreError::Conflict);
        }
        query(
            "insert into signing_key (person, device, key, registered_at) values ($1, $2, $3, $4)
             on conflict do nothing",
        )
        .bind(keys.person.to_string())
        .bind(keys.device.to_string())
        .bind(&keys.signing_key)
        .bind(keys.at)
        .execute(&mut *tx)
        .await?;
        query(
            "insert into sealed_key (device, vault, key_version, sealed, at) values ($1, $2, $3, $4, $5)
             on conflict (device, vault, key_version) do nothing",
        )
        .bind(keys.device.to_string())
        .bind(&keys.vault)
        .bind(i64::from(keys.key_version))
        .bind(&keys.sealed)
        .bind(keys.at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn devices(&self, pharmacy: &OdsCode) -> Result<Vec<Device>, StoreError> {
        let rows = query(
            "select id, pharmacy, coalesce(given_label, label) as label, added_at, seen_at, revoked_at, unsent
             from device
             where pharmacy = $1 and revoked_at is null order by added_at desc, id",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        let mut devices = Vec::with_capacity(rows.len());
        for row in &rows {
            devices.push(self.device_from(row).await?);
        }
        Ok(devices)
    }

    async fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        let row =
            query("select id, pharmacy, coalesce(given_label, label) as label, added_at, seen_at, revoked_at, unsent
             from device where id = $1")
                .bind(id.to_string())
                .fetch_optional(&self.read)
                .await?;
        match row {
            Some(row) => Ok(Some(self.device_from(&row).await?)),
            None => Ok(None),
        }
    }

    async fn device_seen(&self, id: &DeviceId, at: Millis) -> Result<(), StoreError> {
        query("update device set seen_at = case when seen_at > $2 then seen_at else $2 end where id = $1")
            .bind(id.to_string())
            .bind(at)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn revoke_device(&self, pharmacy: &OdsCode, id: &DeviceId, at: Millis) -> Result<bool, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let done =
            query("update device set revoked_at = $3 where id = $1 and pharmacy = $2 and revoked_at is null")
                .bind(id.to_string())
                .bind(pharmacy.as_str())
                .bind(at)
                .execute(&mut *tx)
                .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        query("delete from session where device = $1").bind(id.to_string()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn signing_keys_in_use(
        &self,
        person: &PersonId,
        device: &DeviceId,
    ) -> Result<Vec<(String, OdsCode)>, StoreError> {
        let rows = query(
            "select key, pharmacy from signing_key join device on device.id = signing_key.device
             where person = $1 and device = $2 and revoked_at is null",
        )
        .bind(person.to_string())
        .bind(device.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("key")?, parsed(row, "pharmacy")?))).collect()
    }

    async fn signing_key(
        &self,
        person: &PersonId,
        device: &DeviceId,
        key: &str,
    ) -> Result<Option<SigningKey>, StoreError> {
        let row = query(
            "select pharmacy, registered_at, revoked_at from signing_key
             join device on device.id = signing_key.device
             where person = $1 and device = $2 and key = $3",
        )
        .bind(person.to_string())
        .bind(device.to_string())
        .bind(key)
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| {
            Ok(SigningKey {
                pharmacy: parsed(&row, "pharmacy")?,
                registered_at: row.try_get("registered_at")?,
                revoked_at: row.try_get("revoked_at")?,
            })
        })
        .transpose()
    }

    async fn forget_sealed_key(
        &self,
        device: &DeviceId,
        vault: &str,
        key_version: u32,
        sealed: &str,
    ) -> Result<(), StoreError> {
        query(
            "delete from sealed_key
             where device = $1 and vault = $2 and key_version = $3 and sealed = $4",
        )
        .bind(device.to_string())
        .bind(vault)
        .bind(i64::from(key_version))
        .bind(sealed)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn sealed_keys(&self, device: &DeviceId) -> Result<Vec<(String, u32, String)>, StoreError> {
        let rows = query(
            "select vault, key_version, sealed from sealed_key where device = $1
             order by at desc, key_version desc",
        )
        .bind(device.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("vault")?, count(row, "key_version")?, row.try_get("sealed")?)))
            .collect()
    }
}
