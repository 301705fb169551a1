//! Stores one append inside the transaction that its group shares.

use super::records::actor_from;
use super::{Connection, outbox, proofs, quarantine};
use crate::store::{ActorBinding, Append, DocumentWrite, IntakeKey, StoreError};
use shared::consultation::Status;
use shared::ids::OdsCode;

/// Writes one append and answers a number for each document. The caller undoes it all where it fails.
pub async fn store(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    append: &Append,
) -> Result<Vec<u64>, StoreError> {
    // The pharmacy's row comes first and stays locked until the transaction ends: whoever takes a number commits it
    // before the next one is given out, so no reader can pass a number that appears later.
    let last = take_numbers(connection, pharmacy, append.documents.len()).await?;
    for receipt in &append.receipts {
        sqlx::query(
            "INSERT INTO receipt (hash, pharmacy, person, device, bytes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (hash) DO NOTHING",
        )
        .bind(receipt.hash.as_slice())
        .bind(pharmacy.as_str())
        .bind(receipt.person.to_string())
        .bind(receipt.device.to_string())
        .bind(&receipt.bytes)
        .execute(&mut *connection)
        .await?;
    }
    for binding in &append.actors {
        bind_actor(connection, pharmacy, binding).await?;
    }
    for entry in &append.quarantined {
        quarantine::set_aside(connection, pharmacy, entry).await?;
    }
    let mut numbered = Vec::with_capacity(append.documents.len());
    for (seq, document) in (last - append.documents.len() as i64 + 1..).zip(&append.documents) {
        write_document(connection, pharmacy, seq, document).await?;
        numbered.push((document.id, seq));
    }
    proofs::store(connection, pharmacy, &append.proofs, &numbered).await?;
    Ok(numbered.into_iter().map(|(_, seq)| seq as u64).collect())
}

/// Locks the pharmacy's log and takes the next numbers of it; answers the last one.
pub async fn take_numbers(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    many: usize,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "INSERT INTO pharmacy_log (pharmacy, seq) VALUES ($1, $2)
         ON CONFLICT (pharmacy) DO UPDATE SET seq = pharmacy_log.seq + excluded.seq RETURNING seq",
    )
    .bind(pharmacy.as_str())
    .bind(many as i64)
    .fetch_one(&mut *connection)
    .await?)
}

async fn bind_actor(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    binding: &ActorBinding,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO actor (actor, pharmacy, person, device, receipt) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (actor) DO NOTHING",
    )
    .bind(binding.actor.as_slice())
    .bind(pharmacy.as_str())
    .bind(binding.person.to_string())
    .bind(binding.device.to_string())
    .bind(binding.receipt.as_slice())
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query("SELECT actor, pharmacy, person, device, receipt FROM actor WHERE actor = $1")
        .bind(binding.actor.as_slice())
        .fetch_one(&mut *connection)
        .await?;
    let (owner, standing) = actor_from(&row)?;
    if owner == *pharmacy && standing == *binding { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn write_document(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    seq: i64,
    document: &DocumentWrite,
) -> Result<(), StoreError> {
    let id = document.id.to_string();
    let summary = serde_json::to_string(&document.row).map_err(StoreError::broken)?;
    let heads = document.heads.join(" ");
    let written = if document.based_on == 0 {
        let base = document.base.as_deref().ok_or(StoreError::Conflict)?;
        sqlx::query(
            "INSERT INTO document (id, pharmacy, seq, base, base_seq, heads, status, received_at, summary)
             VALUES ($1, $2, $3, $4, $3, $5, $6, $7, $8)",
        )
        .bind(&id)
        .bind(pharmacy.as_str())
        .bind(seq)
        .bind(base)
        .bind(heads)
        .bind(status_name(document.row.status))
        .bind(&document.row.received_at)
        .bind(summary)
        .execute(&mut *connection)
        .await?
    } else {
        if document.base.is_some() {
            sqlx::query("DELETE FROM change WHERE document = $1").bind(&id).execute(&mut *connection).await?;
        }
        sqlx::query(
            "UPDATE document SET seq = $3, heads = $4, status = $5, received_at = $6, summary = $7,
                    base_seq = CASE WHEN $8 IS NULL THEN base_seq ELSE $3 END, base = COALESCE($8, base)
             WHERE id = $1 AND pharmacy = $2 AND seq = $9",
        )
        .bind(&id)
        .bind(pharmacy.as_str())
        .bind(seq)
        .bind(heads)
        .bind(status_name(document.row.status))
        .bind(&document.row.received_at)
        .bind(summary)
        .bind(document.base.as_deref())
        .bind(document.based_on as i64)
        .execute(&mut *connection)
        .await?
    };
    if written.rows_affected() == 0 {
        return Err(StoreError::Conflict);
    }
    for change in &document.changes {
        sqlx::query(
            "INSERT INTO change (document, hash, actor, seq, bytes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (document, hash) DO NOTHING",
        )
        .bind(&id)
        .bind(change.hash.as_slice())
        .bind(&change.actor)
        .bind(seq)
        .bind(&change.bytes)
        .execute(&mut *connection)
        .await?;
    }
    for key in &document.intake {
        claim(connection, pharmacy, &id, key).await?;
    }
    outbox::insert(connection, &document.deliveries).await
}

async fn claim(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    document: &str,
    key: &IntakeKey,
) -> Result<(), StoreError> {
    let (kind, text) = parts(key);
    let claimed = sqlx::query(
        "INSERT INTO intake_key (pharmacy, kind, key, document) VALUES ($1, $2, $3, $4)
         ON CONFLICT (pharmacy, kind, key) DO NOTHING",
    )
    .bind(pharmacy.as_str())
    .bind(kind)
    .bind(text)
    .bind(document)
    .execute(&mut *connection)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(());
    }
    let holder: String =
        sqlx::query_scalar("SELECT document FROM intake_key WHERE pharmacy = $1 AND kind = $2 AND key = $3")
            .bind(pharmacy.as_str())
            .bind(kind)
            .bind(text)
            .fetch_one(&mut *connection)
            .await?;
    match key {
        IntakeKey::DocumentSet(_) if holder == document => Ok(()),
        IntakeKey::DocumentSet(_) | IntakeKey::Message(_) => Err(StoreError::Conflict),
    }
}

/// How a key is stored: its kind and its text.
pub fn parts(key: &IntakeKey) -> (&'static str, &str) {
    match key {
        IntakeKey::Message(id) => ("message", id),
        IntakeKey::DocumentSet(set) => ("document-set", set),
    }
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Received => "received",
        Status::Open => "open",
        Status::Completed => "completed",
        Status::Closed => "closed",
        Status::Withdrawn => "withdrawn",
    }
}
