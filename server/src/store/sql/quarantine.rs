//! What was set aside, and what became of it.

use super::columns::{Unreadable, count, parsed, parsed_if};
use super::{Connection, DbRow, SqlStore};
use crate::store::{QuarantineEntry, QuarantineStore, Quarantined, Settled, StoreError};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use shared::api::QuarantineState;
use shared::ids::{ConsultationId, OdsCode};
use sqlx::{Row as _, query};

/// Sets one entry aside; the same bytes again are the same entry, for the reason they are refused for now.
pub async fn set_aside(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    entry: &Quarantined,
) -> Result<(), StoreError> {
    query(
        "insert into quarantine
             (pharmacy, document, person, device, reason, detail, at, bytes, hash, changes, releasable)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (document, hash) do update
             set reason = excluded.reason, detail = excluded.detail, releasable = excluded.releasable
             where quarantine.state = 'waiting' and quarantine.pharmacy = excluded.pharmacy",
    )
    .bind(pharmacy.as_str())
    .bind(entry.document.to_string())
    .bind(entry.person.to_string())
    .bind(&entry.device)
    .bind(&entry.reason)
    .bind(&entry.detail)
    .bind(entry.at)
    .bind(&entry.bytes)
    .bind(Sha256::digest(&entry.bytes).as_slice())
    .bind(entry.changes as i64)
    .bind(entry.releasable)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// An entry as far as a list shows it.
pub fn entry_from(row: &DbRow) -> Result<Quarantined, StoreError> {
    Ok(Quarantined {
        document: parsed(row, "document")?,
        person: parsed(row, "person")?,
        device: row.try_get("device")?,
        reason: row.try_get("reason")?,
        detail: row.try_get("detail")?,
        at: row.try_get("at")?,
        bytes: Vec::new(),
        changes: count(row, "changes")?,
        releasable: row.try_get("releasable")?,
    })
}

fn numbered_from(row: &DbRow) -> Result<QuarantineEntry, StoreError> {
    let state = match row.try_get("state")? {
        "waiting" => QuarantineState::Waiting,
        "released" => QuarantineState::Released,
        "closed" => QuarantineState::Closed,
        _ => return Err(StoreError::broken(Unreadable("state"))),
    };
    Ok(QuarantineEntry {
        id: count(row, "place")?,
        entry: entry_from(row)?,
        state,
        settled_by: parsed_if(row, "settled_by")?,
        settled_at: row.try_get("settled_at")?,
        settled_because: row.try_get("settled_because")?,
    })
}

fn whole_from(row: &DbRow) -> Result<QuarantineEntry, StoreError> {
    let mut entry = numbered_from(row)?;
    entry.entry.bytes = row.try_get("bytes")?;
    Ok(entry)
}

fn state_name(state: QuarantineState) -> &'static str {
    match state {
        QuarantineState::Waiting => "waiting",
        QuarantineState::Released => "released",
        QuarantineState::Closed => "closed",
    }
}

#[async_trait]
impl QuarantineStore for SqlStore {
    async fn quarantine(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<QuarantineEntry>, StoreError> {
        let rows = query(
            "select place, document, person, device, reason, detail, at, changes, releasable, state,
                 settled_by, settled_at, settled_because
             from quarantine where pharmacy = $1 order by place desc limit $2",
        )
        .bind(pharmacy.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(numbered_from).collect()
    }

    async fn quarantine_entry(
        &self,
        pharmacy: &OdsCode,
        id: u64,
    ) -> Result<Option<QuarantineEntry>, StoreError> {
        let row = query(
            "select place, document, person, device, reason, detail, at, bytes, changes, releasable, state,
                 settled_by, settled_at, settled_because
             from quarantine where pharmacy = $1 and place = $2",
        )
        .bind(pharmacy.as_str())
        .bind(id as i64)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(whole_from).transpose()
    }

    async fn quarantine_of(
        &self,
        pharmacy: &OdsCode,
        document: &ConsultationId,
    ) -> Result<Vec<QuarantineEntry>, StoreError> {
        let rows = query(
            "select place, document, person, device, reason, detail, at, bytes, changes, releasable, state,
                 settled_by, settled_at, settled_because
             from quarantine where pharmacy = $1 and document = $2 and state = 'waiting' order by place",
        )
        .bind(pharmacy.as_str())
        .bind(document.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(whole_from).collect()
    }

    async fn settle(&self, pharmacy: &OdsCode, id: u64, settled: &Settled) -> Result<bool, StoreError> {
        let done = query(
            "update quarantine set state = $3, settled_by = $4, settled_at = $5, settled_because = $6
             where pharmacy = $1 and place = $2 and state = 'waiting'",
        )
        .bind(pharmacy.as_str())
        .bind(id as i64)
        .bind(state_name(settled.state))
        .bind(settled.by.to_string())
        .bind(settled.at)
        .bind(&settled.because)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
