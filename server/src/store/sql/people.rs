//! Pharmacies, the people who work there, and the links they enrol with.

use super::columns::{parsed, parsed_if};
use super::dialect::BEGIN_WRITE;
use super::passkeys::insert_passkey;
use super::{DbRow, SqlStore};
use crate::store::{
    Enrolment, Invitation, InvitationUse, Membership, PeopleStore, Person, Pharmacy, StoreError,
};
use async_trait::async_trait;
use shared::ids::{GphcNumber, OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;
use sqlx::{Row as _, query};

const PHARMACIES: &str = "select ods, name, mailbox, phone, address,
    (select string_agg(dos_id, ' ' order by dos_id) from pharmacy_dos where pharmacy = ods)
        as dos_ids
    from pharmacy order by ods";
const PHARMACY: &str = "select ods, name, mailbox, phone, address,
    (select string_agg(dos_id, ' ' order by dos_id) from pharmacy_dos where pharmacy = ods)
        as dos_ids
    from pharmacy where ods = $1";

fn pharmacy_from(row: &DbRow) -> Result<Pharmacy, StoreError> {
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

/// A person's row.
pub fn person_from(row: &DbRow) -> Result<Person, StoreError> {
    Ok(Person {
        id: parsed(row, "id")?,
        name: row.try_get("name")?,
        gphc: parsed_if(row, "gphc")?,
        gphc_checked: row.try_get("gphc_checked")?,
    })
}

#[async_trait]
impl PeopleStore for SqlStore {
    async fn put_pharmacy(&self, pharmacy: &Pharmacy) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
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

    async fn memberships(&self, person: &PersonId, now: Millis) -> Result<Vec<Membership>, StoreError> {
        let rows = query(
            "select pharmacy, name, role, until from membership join pharmacy on ods = pharmacy
             where person = $1 and (until is null or until > $2) order by pharmacy",
        )
        .bind(person.to_string())
        .bind(now)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Membership {
                    pharmacy: parsed(row, "pharmacy")?,
                    pharmacy_name: row.try_get("name")?,
                    role: parsed(row, "role")?,
                    until: row.try_get("until")?,
                })
            })
            .collect()
    }

    async fn role_at(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        now: Millis,
    ) -> Result<Option<Role>, StoreError> {
        let row = query(
            "select role from membership
             where person = $1 and pharmacy = $2 and (until is null or until > $3)",
        )
        .bind(person.to_string())
        .bind(pharmacy.as_str())
        .bind(now)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(|row| parsed(row, "role")).transpose()
    }

    async fn put_invitation(&self, invitation: &Invitation) -> Result<(), StoreError> {
        query(
            "insert into invitation (token_hash, pharmacy, role, expires_at, invited_by, access_ends)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&invitation.token_hash[..])
        .bind(invitation.pharmacy.as_str())
        .bind(invitation.role.name())
        .bind(invitation.expires_at)
        .bind(invitation.invited_by.map(|person| person.to_string()))
        .bind(invitation.access_ends)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError> {
        let row = query(
            "select pharmacy, role, expires_at, invited_by, access_ends from invitation
             where token_hash = $1",
        )
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
                access_ends: row.try_get("access_ends")?,
            })
        })
        .transpose()
    }

    async fn enrol(&self, enrolment: &Enrolment) -> Result<InvitationUse, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let row = query(
            "delete from invitation where token_hash = $1
             returning pharmacy, role, expires_at, access_ends",
        )
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
        query("insert into membership (person, pharmacy, role, until) values ($1, $2, $3, $4)")
            .bind(person.id.to_string())
            .bind(row.try_get::<String, _>("pharmacy")?)
            .bind(row.try_get::<String, _>("role")?)
            .bind(row.try_get::<Option<Millis>, _>("access_ends")?)
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
            query(
                "insert into signing_key (person, device, key, registered_at, stands_in)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(person.id.to_string())
            .bind(key.device.to_string())
            .bind(&key.key)
            .bind(enrolment.at)
            .bind(true)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(InvitationUse::Used)
    }
}
