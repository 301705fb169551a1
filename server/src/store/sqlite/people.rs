//! People in SQLite.

use super::SqliteStore;
use crate::store::{
    AuditEntry, Device, DeviceKeys, Enrolment, Invitation, InvitationUse, Membership, Nonce, PeopleStore,
    Person, Pharmacy, SigningKey, StoreError, StoredPasskey, StoredSession,
};
use async_trait::async_trait;
use shared::ids::{DeviceId, GphcNumber, NotAnId, OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection, query};
use std::str::FromStr;

/// A stored identity, role or number; anything else was not written by this program.
fn parsed<T: FromStr>(row: &SqliteRow, column: &str) -> Result<T, StoreError>
where
    T::Err: Into<Unreadable>,
{
    row.try_get::<String, _>(column)?.parse::<T>().map_err(|e| StoreError::broken(e.into()))
}

fn parsed_if<T: FromStr>(row: &SqliteRow, column: &str) -> Result<Option<T>, StoreError>
where
    T::Err: Into<Unreadable>,
{
    row.try_get::<Option<String>, _>(column)?
        .map(|text| text.parse::<T>().map_err(|e| StoreError::broken(e.into())))
        .transpose()
}

#[derive(Debug, thiserror::Error)]
#[error("a stored value cannot be read: {0}")]
struct Unreadable(String);

impl From<NotAnId> for Unreadable {
    fn from(error: NotAnId) -> Self {
        Self(error.to_string())
    }
}

impl From<String> for Unreadable {
    fn from(error: String) -> Self {
        Self(error)
    }
}

fn pharmacy_from(row: &SqliteRow) -> Result<Pharmacy, StoreError> {
    let dos_ids: Option<String> = row.try_get("dos_ids")?;
    Ok(Pharmacy {
        ods: parsed(row, "ods")?,
        name: row.try_get("name")?,
        dos_ids: dos_ids.map(|ids| ids.split(' ').map(str::to_owned).collect()).unwrap_or_default(),
        mailbox: row.try_get("mailbox")?,
        phone: row.try_get("phone")?,
        address: row.try_get("address")?,
    })
}

fn person_from(row: &SqliteRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: parsed(row, "id")?,
        name: row.try_get("name")?,
        gphc: parsed_if(row, "gphc")?,
        gphc_checked: row.try_get("gphc_checked")?,
    })
}

fn passkey_from(row: &SqliteRow) -> Result<StoredPasskey, StoreError> {
    Ok(StoredPasskey {
        credential_id: row.try_get("credential_id")?,
        person: parsed(row, "person")?,
        label: row.try_get("label")?,
        passkey: row.try_get("passkey")?,
        added_at: row.try_get("added_at")?,
        used_at: row.try_get("used_at")?,
    })
}

async fn insert_passkey(to: &mut SqliteConnection, passkey: &StoredPasskey) -> Result<(), StoreError> {
    query(
        "insert into passkey (credential_id, person, label, passkey, added_at, used_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&passkey.credential_id)
    .bind(passkey.person.to_string())
    .bind(&passkey.label)
    .bind(&passkey.passkey)
    .bind(passkey.added_at)
    .bind(passkey.used_at)
    .execute(to)
    .await?;
    Ok(())
}

const PHARMACIES: &str = "select ods, name, mailbox, phone, address,
    (select group_concat(dos_id, ' ') from (select dos_id from pharmacy_dos where pharmacy = ods order by dos_id))
        as dos_ids
    from pharmacy order by ods";
const PHARMACY: &str = "select ods, name, mailbox, phone, address,
    (select group_concat(dos_id, ' ') from (select dos_id from pharmacy_dos where pharmacy = ods order by dos_id))
        as dos_ids
    from pharmacy where ods = $1";

impl SqliteStore {
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

    async fn device_from(&self, row: &SqliteRow) -> Result<Device, StoreError> {
        let id = parsed(row, "id")?;
        Ok(Device {
            id,
            pharmacy: parsed(row, "pharmacy")?,
            label: row.try_get("label")?,
            people: self.people_on(&id).await?,
            added_at: row.try_get("added_at")?,
            seen_at: row.try_get("seen_at")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    }
}

#[async_trait]
impl PeopleStore for SqliteStore {
    async fn put_pharmacy(&self, pharmacy: &Pharmacy) -> Result<(), StoreError> {
        let mut tx = self.write.begin().await?;
        query(
            "insert into pharmacy (ods, name, mailbox, phone, address) values ($1, $2, $3, $4, $5)
             on conflict (ods) do update set name = excluded.name, mailbox = excluded.mailbox,
                 phone = excluded.phone, address = excluded.address",
        )
        .bind(pharmacy.ods.as_str())
        .bind(&pharmacy.name)
        .bind(&pharmacy.mailbox)
        .bind(&pharmacy.phone)
        .bind(&pharmacy.address)
        .execute(&mut *tx)
        .await?;
        query("delete from pharmacy_dos where pharmacy = $1")
            .bind(pharmacy.ods.as_str())
            .execute(&mut *tx)
            .await?;
        for id in &pharmacy.dos_ids {
            query("insert into pharmacy_dos (dos_id, pharmacy) values ($1, $2)")
                .bind(id)
                .bind(pharmacy.ods.as_str())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn pharmacies(&self) -> Result<Vec<Pharmacy>, StoreError> {
        query(PHARMACIES).fetch_all(&self.read).await?.iter().map(pharmacy_from).collect()
    }

    async fn pharmacy(&self, ods: &OdsCode) -> Result<Option<Pharmacy>, StoreError> {
        let row = query(PHARMACY).bind(ods.as_str()).fetch_optional(&self.read).await?;
        row.as_ref().map(pharmacy_from).transpose()
    }

    async fn pharmacy_by_dos_id(&self, dos_id: &str) -> Result<Option<Pharmacy>, StoreError> {
        let row = query("select pharmacy from pharmacy_dos where dos_id = $1")
            .bind(dos_id)
            .fetch_optional(&self.read)
            .await?;
        match row {
            Some(row) => self.pharmacy(&parsed(&row, "pharmacy")?).await,
            None => Ok(None),
        }
    }

    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError> {
        let row = query("select id, name, gphc, gphc_checked from person where id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(person_from).transpose()
    }

    async fn memberships(&self, person: &PersonId) -> Result<Vec<Membership>, StoreError> {
        let rows = query(
            "select pharmacy, name, role from membership join pharmacy on ods = pharmacy
             where person = $1 order by pharmacy",
        )
        .bind(person.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Membership {
                    pharmacy: parsed(row, "pharmacy")?,
                    pharmacy_name: row.try_get("name")?,
                    role: parsed(row, "role")?,
                })
            })
            .collect()
    }

    async fn role_at(&self, person: &PersonId, pharmacy: &OdsCode) -> Result<Option<Role>, StoreError> {
        let row = query("select role from membership where person = $1 and pharmacy = $2")
            .bind(person.to_string())
            .bind(pharmacy.as_str())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(|row| parsed(row, "role")).transpose()
    }

    async fn put_invitation(&self, invitation: &Invitation) -> Result<(), StoreError> {
        query(
            "insert into invitation (token_hash, pharmacy, role, expires_at, invited_by)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(&invitation.token_hash[..])
        .bind(invitation.pharmacy.as_str())
        .bind(invitation.role.name())
        .bind(invitation.expires_at)
        .bind(invitation.invited_by.map(|person| person.to_string()))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError> {
        let row =
            query("select pharmacy, role, expires_at, invited_by from invitation where token_hash = $1")
                .bind(&token_hash[..])
                .fetch_optional(&self.read)
                .await?;
        row.map(|row| {
            Ok(Invitation {
                token_hash: *token_hash,
                pharmacy: parsed(&row, "pharmacy")?,
                role: parsed(&row, "role")?,
                expires_at: row.try_get("expires_at")?,
                invited_by: parsed_if(&row, "invited_by")?,
            })
        })
        .transpose()
    }

    async fn enrol(&self, enrolment: &Enrolment) -> Result<InvitationUse, StoreError> {
        let mut tx = self.write.begin().await?;
        let row = query("delete from invitation where token_hash = $1 returning pharmacy, role, expires_at")
            .bind(&enrolment.token_hash[..])
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(InvitationUse::Unknown) };
        if row.try_get::<Millis, _>("expires_at")? <= enrolment.at {
            return Ok(InvitationUse::Expired);
        }
        let person = &enrolment.person;
        query("insert into person (id, name, gphc, gphc_checked) values ($1, $2, $3, $4)")
            .bind(person.id.to_string())
            .bind(&person.name)
            .bind(person.gphc.as_ref().map(GphcNumber::as_str))
            .bind(person.gphc_checked)
            .execute(&mut *tx)
            .await?;
        query("insert into membership (person, pharmacy, role) values ($1, $2, $3)")
            .bind(person.id.to_string())
            .bind(row.try_get::<String, _>("pharmacy")?)
            .bind(row.try_get::<String, _>("role")?)
            .execute(&mut *tx)
            .await?;
        if let Some(passkey) = &enrolment.passkey {
            insert_passkey(&mut tx, passkey).await?;
        }
        if let Some(key) = &enrolment.device_key {
            query(
                "insert into device (id, pharmacy, label, added_at, seen_at) values ($1, $2, '', $3, $3)
                 on conflict (id) do nothing",
            )
            .bind(key.device.to_string())
            .bind(row.try_get::<String, _>("pharmacy")?)
            .bind(enrolment.at)
            .execute(&mut *tx)
            .await?;
            query("insert into signing_key (person, device, key, registered_at) values ($1, $2, $3, $4)")
                .bind(person.id.to_string())
                .bind(key.device.to_string())
                .bind(&key.key)
                .bind(enrolment.at)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(InvitationUse::Used)
    }

    async fn add_passkey(&self, passkey: &StoredPasskey) -> Result<(), StoreError> {
        let mut connection = self.write.acquire().await?;
        insert_passkey(&mut connection, passkey).await
    }

    async fn passkey(&self, credential_id: &str) -> Result<Option<StoredPasskey>, StoreError> {
        let row = query(
            "select credential_id, person, label, passkey, added_at, used_at from passkey
             where credential_id = $1",
        )
        .bind(credential_id)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(passkey_from).transpose()
    }

    async fn passkeys(&self, person: &PersonId) -> Result<Vec<StoredPasskey>, StoreError> {
        let rows = query(
            "select credential_id, person, label, passkey, added_at, used_at from passkey
             where person = $1 order by added_at, credential_id",
        )
        .bind(person.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(passkey_from).collect()
    }

    async fn passkey_used(&self, credential_id: &str, passkey: &str, at: Millis) -> Result<(), StoreError> {
        query("update passkey set passkey = $2, used_at = $3 where credential_id = $1")
            .bind(credential_id)
            .bind(passkey)
            .bind(at)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn remove_passkey(&self, person: &PersonId, credential_id: &str) -> Result<bool, StoreError> {
        let done = query(
            "delete from passkey where credential_id = $2 and person = $1
             and (select count(*) from passkey where person = $1) > 1",
        )
        .bind(person.to_string())
        .bind(credential_id)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn put_device(&self, keys: &DeviceKeys) -> Result<(), StoreError> {
        let mut tx = self.write.begin().await?;
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
             on conflict (device, vault, key_version) do update set sealed = excluded.sealed, at = excluded.at",
        )
        .bind(keys.device.to_string())
        .bind(&keys.vault)
        .bind(keys.key_version)
        .bind(&keys.sealed)
        .bind(keys.at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn devices(&self, pharmacy: &OdsCode) -> Result<Vec<Device>, StoreError> {
        let rows = query(
            "select id, pharmacy, label, added_at, seen_at, revoked_at from device
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
            query("select id, pharmacy, label, added_at, seen_at, revoked_at from device where id = $1")
                .bind(id.to_string())
                .fetch_optional(&self.read)
                .await?;
        match row {
            Some(row) => Ok(Some(self.device_from(&row).await?)),
            None => Ok(None),
        }
    }

    async fn device_seen(&self, id: &DeviceId, at: Millis) -> Result<(), StoreError> {
        query("update device set seen_at = max(seen_at, $2) where id = $1")
            .bind(id.to_string())
            .bind(at)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn revoke_device(&self, pharmacy: &OdsCode, id: &DeviceId, at: Millis) -> Result<bool, StoreError> {
        let mut tx = self.write.begin().await?;
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

    async fn sealed_keys(&self, device: &DeviceId) -> Result<Vec<(String, u32, String)>, StoreError> {
        let rows = query(
            "select vault, key_version, sealed from sealed_key where device = $1
             order by at desc, key_version desc",
        )
        .bind(device.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("vault")?, row.try_get("key_version")?, row.try_get("sealed")?)))
            .collect()
    }

    async fn put_nonce(&self, nonce: &Nonce) -> Result<(), StoreError> {
        query(
            "insert into nonce (nonce, person, device, issued_at) values ($1, $2, $3, $4)
             on conflict (nonce) do nothing",
        )
        .bind(&nonce.nonce)
        .bind(nonce.person.map(|id| id.to_string()))
        .bind(nonce.device.map(|id| id.to_string()))
        .bind(nonce.issued_at)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn nonce_known(&self, nonce: &str) -> Result<Option<Nonce>, StoreError> {
        let row = query("select person, device, issued_at from nonce where nonce = $1")
            .bind(nonce)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            Ok(Nonce {
                nonce: nonce.to_owned(),
                person: parsed_if(&row, "person")?,
                device: parsed_if(&row, "device")?,
                issued_at: row.try_get("issued_at")?,
            })
        })
        .transpose()
    }

    async fn put_session(&self, session: &StoredSession) -> Result<(), StoreError> {
        query(
            "insert into session (id_hash, person, device, data, expires_at) values ($1, $2, $3, $4, $5)
             on conflict (id_hash) do update set person = excluded.person, device = excluded.device,
                 data = excluded.data, expires_at = excluded.expires_at",
        )
        .bind(&session.id_hash[..])
        .bind(session.person.map(|id| id.to_string()))
        .bind(session.device.map(|id| id.to_string()))
        .bind(&session.data)
        .bind(session.expires_at)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn session(&self, id_hash: &[u8; 32], now: Millis) -> Result<Option<StoredSession>, StoreError> {
        let row = query(
            "select person, device, data, expires_at from session where id_hash = $1 and expires_at > $2",
        )
        .bind(&id_hash[..])
        .bind(now)
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| {
            Ok(StoredSession {
                id_hash: *id_hash,
                person: parsed_if(&row, "person")?,
                device: parsed_if(&row, "device")?,
                data: row.try_get("data")?,
                expires_at: row.try_get("expires_at")?,
            })
        })
        .transpose()
    }

    async fn delete_session(&self, id_hash: &[u8; 32]) -> Result<(), StoreError> {
        query("delete from session where id_hash = $1").bind(&id_hash[..]).execute(&self.write).await?;
        Ok(())
    }

    async fn delete_sessions_of(&self, person: &PersonId) -> Result<(), StoreError> {
        query("delete from session where person = $1").bind(person.to_string()).execute(&self.write).await?;
        Ok(())
    }

    async fn forget_expired(&self, now: Millis) -> Result<(), StoreError> {
        query("delete from session where expires_at <= $1").bind(now).execute(&self.write).await?;
        query("delete from invitation where expires_at <= $1").bind(now).execute(&self.write).await?;
        Ok(())
    }

    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        query("insert into audit (at, person, pharmacy, action, subject) values ($1, $2, $3, $4, $5)")
            .bind(entry.at)
            .bind(entry.person.map(|id| id.to_string()))
            .bind(entry.pharmacy.as_ref().map(OdsCode::as_str))
            .bind(&entry.action)
            .bind(&entry.subject)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn audit(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = query(
            "select at, person, pharmacy, action, subject from audit where pharmacy = $1
             order by place desc limit $2",
        )
        .bind(pharmacy.as_str())
        .bind(limit)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    at: row.try_get("at")?,
                    person: parsed_if(row, "person")?,
                    pharmacy: parsed_if(row, "pharmacy")?,
                    action: row.try_get("action")?,
                    subject: row.try_get("subject")?,
                })
            })
            .collect()
    }
}
