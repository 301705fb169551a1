//! The passkeys that people sign in with.

use super::columns::parsed;
use super::dialect::BEGIN_WRITE;
use super::{Connection, DbRow, SqlStore};
use crate::store::{PasskeyStore, StoreError, StoredPasskey};
use async_trait::async_trait;
use shared::ids::PersonId;
use shared::time::Millis;
use sqlx::{Row as _, query};

fn passkey_from(row: &DbRow) -> Result<StoredPasskey, StoreError> {
    Ok(StoredPasskey {
        credential_id: row.try_get("credential_id")?,
        person: parsed(row, "person")?,
        label: row.try_get("label")?,
        passkey: row.try_get("passkey")?,
        added_at: row.try_get("added_at")?,
        used_at: row.try_get("used_at")?,
    })
}

/// Adds a passkey inside a transaction of the caller.
pub async fn insert_passkey(to: &mut Connection, passkey: &StoredPasskey) -> Result<(), StoreError> {
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

#[async_trait]
impl PasskeyStore for SqlStore {
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

    async fn remove_passkey(
        &self,
        person: &PersonId,
        credential_id: &str,
        even_the_last: bool,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        // Locks the person: two removals at once would each find the other's passkey still there.
        query("update person set name = name where id = $1")
            .bind(person.to_string())
            .execute(&mut *tx)
            .await?;
        let done = query(
            "delete from passkey where credential_id = $2 and person = $1
             and ($3 or (select count(*) from passkey where person = $1) > 1)",
        )
        .bind(person.to_string())
        .bind(credential_id)
        .bind(even_the_last)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }
}
