//! The pharmacies' address books.

use super::columns::{Unreadable, parsed, parsed_if};
use super::dialect::BEGIN_WRITE;
use super::{Connection, DbRow, SqlStore};
use crate::store::{AddressEntry, AddressWrite, DirectoryStore, StoreError};
use async_trait::async_trait;
use shared::ids::OdsCode;
use shared::time::Millis;
use sqlx::{Row as _, query};
use uuid::Uuid;

fn entry(row: &DbRow) -> Result<AddressEntry, StoreError> {
    let code_hash: Option<Vec<u8>> = row.try_get("code_hash")?;
    let code_hash = code_hash.map(TryInto::try_into).transpose();
    Ok(AddressEntry {
        id: parsed(row, "id")?,
        pharmacy: parsed(row, "pharmacy")?,
        ods: parsed_if(row, "ods")?,
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        phone: row.try_get("phone")?,
        note: row.try_get("note")?,
        source: row.try_get("source")?,
        code_hash: code_hash.map_err(|_| StoreError::broken(Unreadable("code_hash")))?,
        confirmed_at: row.try_get("confirmed_at")?,
        confirmed_by: parsed_if(row, "confirmed_by")?,
        confirmed_with: row.try_get("confirmed_with")?,
        changed_at: row.try_get("changed_at")?,
    })
}

/// An entry put in, and what happens where its id is there already. Whose an entry is never changes.
macro_rules! insert {
    ($or:literal) => {
        concat!(
            "INSERT INTO address_book (id, pharmacy, ods, kind, name, email, phone, note, source, code_hash,
                 confirmed_at, confirmed_by, confirmed_with, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ",
            $or
        )
    };
}
macro_rules! over {
    ($where:literal) => {
        concat!(
            insert!(
                "ON CONFLICT (id) DO UPDATE SET ods = excluded.ods, kind = excluded.kind, name = excluded.name,
                     email = excluded.email, phone = excluded.phone, note = excluded.note,
                     source = excluded.source, code_hash = excluded.code_hash,
                     confirmed_at = excluded.confirmed_at, confirmed_by = excluded.confirmed_by,
                     confirmed_with = excluded.confirmed_with, changed_at = excluded.changed_at "
            ),
            $where
        )
    };
}
const NEW: &str = insert!("ON CONFLICT (id) DO NOTHING");
const ANYHOW: &str = over!("");
const UNCHANGED_SINCE: &str =
    over!("WHERE address_book.changed_at = $15 AND address_book.pharmacy = excluded.pharmacy");

/// Writes one entry; answers how many rows that changed.
async fn write(
    connection: &mut Connection,
    sql: &'static str,
    entry: &AddressEntry,
    seen: Option<Millis>,
) -> Result<u64, StoreError> {
    let mut statement = query(sql)
        .bind(entry.id.to_string())
        .bind(entry.pharmacy.as_str())
        .bind(entry.ods.as_ref().map(OdsCode::as_str))
        .bind(&entry.kind)
        .bind(&entry.name)
        .bind(&entry.email)
        .bind(&entry.phone)
        .bind(&entry.note)
        .bind(&entry.source)
        .bind(entry.code_hash.as_ref().map(<[u8; 32]>::as_slice))
        .bind(entry.confirmed_at)
        .bind(entry.confirmed_by.map(|person| person.to_string()))
        .bind(&entry.confirmed_with)
        .bind(entry.changed_at);
    if let Some(seen) = seen {
        statement = statement.bind(seen);
    }
    Ok(statement.execute(connection).await?.rows_affected())
}

#[async_trait]
impl DirectoryStore for SqlStore {
    async fn put_address(&self, entry: &AddressEntry) -> Result<(), StoreError> {
        let mut connection = self.write.acquire().await?;
        write(&mut connection, ANYHOW, entry, None).await?;
        Ok(())
    }

    async fn write_addresses(&self, changes: &[AddressWrite]) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        for AddressWrite { entry, seen } in changes {
            if seen.is_some() {
                // One that was removed meanwhile must not come back by being changed.
                let there = query("SELECT 1 FROM address_book WHERE id = $1")
                    .bind(entry.id.to_string())
                    .fetch_optional(&mut *transaction)
                    .await?;
                if there.is_none() {
                    return Err(StoreError::Conflict);
                }
            }
            let sql = if seen.is_some() { UNCHANGED_SINCE } else { NEW };
            if write(&mut transaction, sql, entry, *seen).await? != 1 {
                return Err(StoreError::Conflict);
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn address(&self, id: &Uuid) -> Result<Option<AddressEntry>, StoreError> {
        let row = query("SELECT * FROM address_book WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(entry).transpose()
    }

    async fn addresses(&self, pharmacy: &OdsCode) -> Result<Vec<AddressEntry>, StoreError> {
        let rows = query("SELECT * FROM address_book WHERE pharmacy = $1 ORDER BY name, id")
            .bind(pharmacy.as_str())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(entry).collect()
    }

    async fn confirmed_address(
        &self,
        pharmacy: &OdsCode,
        organisation: &OdsCode,
    ) -> Result<Option<AddressEntry>, StoreError> {
        let row = query(
            "SELECT * FROM address_book
             WHERE pharmacy = $1 AND ods = $2 AND confirmed_at IS NOT NULL AND email <> ''
             ORDER BY confirmed_at DESC, id LIMIT 1",
        )
        .bind(pharmacy.as_str())
        .bind(organisation.as_str())
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(entry).transpose()
    }

    async fn remove_address(&self, pharmacy: &OdsCode, id: &Uuid) -> Result<bool, StoreError> {
        let done = query("DELETE FROM address_book WHERE pharmacy = $1 AND id = $2")
            .bind(pharmacy.as_str())
            .bind(id.to_string())
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
