//! Web sessions, and the nonces given out for receipts.

use super::SqlStore;
use super::columns::{parsed, parsed_if};
use super::people::person_from;
use crate::store::{BARS_REQUEST_KEPT, Nonce, SessionStore, SignedInSession, StoreError, StoredSession};
use async_trait::async_trait;
use shared::ids::PersonId;
use shared::time::Millis;
use sqlx::{Row as _, query};

#[async_trait]
impl SessionStore for SqlStore {
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
            "insert into session (id_hash, person, device, cis2, data, expires_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (id_hash) do update set person = excluded.person, device = excluded.device,
                 cis2 = excluded.cis2, data = excluded.data, expires_at = excluded.expires_at",
        )
        .bind(&session.id_hash[..])
        .bind(session.person.map(|id| id.to_string()))
        .bind(session.device.map(|id| id.to_string()))
        .bind(&session.cis2)
        .bind(&session.data)
        .bind(session.expires_at)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn session(&self, id_hash: &[u8; 32], now: Millis) -> Result<Option<StoredSession>, StoreError> {
        let row = query(
            "select person, device, cis2, data, expires_at from session where id_hash = $1 and expires_at > $2",
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
                cis2: row.try_get("cis2")?,
                data: row.try_get("data")?,
                expires_at: row.try_get("expires_at")?,
            })
        })
        .transpose()
    }

    async fn signed_in_session(
        &self,
        id_hash: &[u8; 32],
        now: Millis,
    ) -> Result<Option<SignedInSession>, StoreError> {
        let rows = query(
            "select data, expires_at, person.id as id, name, gphc, gphc_checked, pharmacy, role, until
             from session join person on person.id = session.person
                 join membership on membership.person = session.person
             where id_hash = $1 and expires_at > $2 and (until is null or until > $2)
                 and not exists (select 1 from device
                     where device.id = session.device and device.revoked_at is not null)",
        )
        .bind(&id_hash[..])
        .bind(now)
        .fetch_all(&self.read)
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let roles = rows
            .iter()
            .map(|row| Ok((parsed(row, "pharmacy")?, parsed(row, "role")?, row.try_get("until")?)));
        Ok(Some(SignedInSession {
            data: first.try_get("data")?,
            expires_at: first.try_get("expires_at")?,
            person: person_from(first)?,
            roles: roles.collect::<Result<_, StoreError>>()?,
        }))
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
        query("delete from cis2_session where until <= $1").bind(now).execute(&self.write).await?;
        query("delete from cis2_logout where until <= $1").bind(now).execute(&self.write).await?;
        let long_ago = now.saturating_sub(BARS_REQUEST_KEPT);
        query("delete from bars_request where received_at <= $1").bind(long_ago).execute(&self.write).await?;
        Ok(())
    }
}
