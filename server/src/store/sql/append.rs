//! Stores appends inside the transaction that their group shares.

use super::columns::{count, parsed};
use super::records::actor_from;
use super::{Connection, kept, outbox, proofs, quarantine, supplies};
use crate::store::{ActorBinding, Append, DocumentWrite, IntakeKey, StoreError, StoredChange};
use shared::consultation::Status;
use shared::ids::{ConsultationId, Epoch, OdsCode};
use sqlx::{QueryBuilder, Row as _};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

/// Rows that one statement writes. Of few lengths, so that the database has each of them ready.
const LENGTHS: [usize; 4] = [64, 16, 4, 1];

/// One document on its way into the log, with the number it takes.
struct Numbered<'a> {
    pharmacy: &'a OdsCode,
    seq: i64,
    document: &'a DocumentWrite,
}

/// Writes the appends of a group, those of one pharmacy side by side, and answers numbers for the documents of each. The
/// caller undoes it all where it fails.
pub async fn store(
    connection: &mut Connection,
    group: &[(&OdsCode, &Append)],
) -> Result<Vec<Vec<u64>>, StoreError> {
    let mut numbers = Vec::with_capacity(group.len());
    let mut numbered = Vec::new();
    for run in group.chunk_by(|(left, one), (right, other)| left == right && one.epoch == other.epoch) {
        let [(pharmacy, first), ..] = run else { continue };
        let many = run.iter().map(|(_, append)| append.documents.len()).sum();
        // The pharmacy's row stays locked until the transaction ends: whoever takes a number commits it before the
        // next one is given out, so no reader can pass a number that appears later.
        let last = match first.epoch {
            Some(epoch) => take_numbers_in(connection, pharmacy, many, epoch).await?,
            None => take_numbers(connection, pharmacy, many).await?,
        };
        let mut seqs = last - many as i64 + 1..;
        for (pharmacy, append) in run {
            let before = numbered.len();
            let taken = append.documents.iter().zip(seqs.by_ref());
            numbered.extend(taken.map(|(document, seq)| Numbered { pharmacy, seq, document }));
            numbers.push(numbered[before..].iter().map(|taken| taken.seq as u64).collect());
        }
    }
    for (pharmacy, append) in group {
        store_authors(connection, pharmacy, append).await?;
    }
    let (edits, others): (Vec<_>, Vec<_>) = numbered.iter().partition(|taken| is_edit(taken.document));
    for Numbered { pharmacy, seq, document } in others {
        write_document(connection, pharmacy, *seq, document).await?;
    }
    write_edits(connection, &edits).await?;
    let mut signed = Vec::new();
    let mut from = 0;
    for (pharmacy, append) in group {
        let taken = &numbered[from..from + append.documents.len()];
        from += append.documents.len();
        let Some(first) = taken.first() else { continue };
        proofs::store(connection, pharmacy, &append.proofs, first.seq).await?;
        for signature in &append.proofs.signatures {
            let taken = taken.iter().find(|taken| taken.document.id == signature.document);
            signed.extend(taken.map(|taken| (taken.seq, signature)));
        }
    }
    proofs::store_signatures(connection, &signed).await?;
    for message in group.iter().flat_map(|(_, append)| &append.kept) {
        kept::keep(connection, message).await?;
    }
    Ok(numbers)
}

/// What comes with an append beside its documents.
async fn store_authors(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    append: &Append,
) -> Result<(), StoreError> {
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
    Ok(())
}

/// Cuts rows into statements of the few lengths that there are, in order.
pub fn cut<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = LENGTHS.into_iter().find(|length| *length <= rows.len())?;
        let (cut, rest) = rows.split_at(length);
        rows = rest;
        Some(cut)
    })
}

/// Whether it only adds changes to what is stored.
fn is_edit(document: &DocumentWrite) -> bool {
    document.based_on > 0
        && document.base.is_none()
        && document.intake.is_empty()
        && document.deliveries.is_empty()
        && document.supplies.is_none()
}

/// Which members of a group write to a document that another has written to since it was read, or that an earlier
/// member writes to. Looked at before the numbers are taken, so that they do not undo the work of the others.
pub async fn overtaken(
    connection: &mut Connection,
    group: &[(&OdsCode, &Append)],
) -> Result<BTreeSet<usize>, StoreError> {
    let mut overtaken = BTreeSet::new();
    let mut read = BTreeMap::new();
    for (index, (pharmacy, append)) in group.iter().enumerate() {
        for document in append.documents.iter().filter(|document| document.based_on > 0) {
            match read.entry(document.id) {
                Entry::Occupied(_) => drop(overtaken.insert(index)),
                Entry::Vacant(first) => drop(first.insert((index, pharmacy.as_str(), document.based_on))),
            }
        }
    }
    let ids: Vec<ConsultationId> = read.keys().copied().collect();
    for ids in cut(&ids) {
        let mut query = QueryBuilder::new("SELECT id, pharmacy, seq FROM document WHERE id IN (");
        let mut places = query.separated(", ");
        for id in ids {
            places.push_bind(id.to_string());
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            let standing = (row.try_get::<&str, _>("pharmacy")?, count::<u64>(&row, "seq")?);
            let id = parsed(&row, "id")?;
            if read.get(&id).is_some_and(|(_, pharmacy, based_on)| (*pharmacy, *based_on) == standing) {
                read.remove(&id);
            }
        }
    }
    overtaken.extend(read.into_values().map(|(index, ..)| index));
    Ok(overtaken)
}

/// Writes edits of different documents, many to a statement.
async fn write_edits(connection: &mut Connection, edits: &[&Numbered<'_>]) -> Result<(), StoreError> {
    for edits in cut(edits) {
        let mut rows = Vec::with_capacity(edits.len());
        for edit in edits {
            rows.push((edit, serde_json::to_string(&edit.document.row).map_err(StoreError::broken)?));
        }
        // Both databases give the columns of VALUES these names.
        let mut query = QueryBuilder::new(
            "UPDATE document SET seq = part.column4, heads = part.column5, status = part.column6,
                    received_at = part.column7, summary = part.column8, nhs_number = part.column9
             FROM (",
        );
        query.push_values(rows, |mut row, (edit, summary)| {
            let Numbered { pharmacy, seq, document } = edit;
            row.push_bind(document.id.to_string())
                .push_bind(pharmacy.as_str())
                .push_bind(document.based_on as i64)
                .push_bind(*seq)
                .push_bind(document.heads.join(" "))
                .push_bind(status_name(document.row.status))
                .push_bind(document.row.received_at.as_str())
                .push_bind(summary)
                .push_bind(document.row.nhs_number.as_str());
        });
        query.push(
            ") AS part WHERE document.id = part.column1 AND document.pharmacy = part.column2
               AND document.seq = part.column3",
        );
        if query.build().execute(&mut *connection).await?.rows_affected() != edits.len() as u64 {
            return Err(StoreError::Conflict);
        }
    }
    let changes: Vec<(&Numbered<'_>, &StoredChange)> = edits
        .iter()
        .flat_map(|edit| edit.document.changes.iter().map(move |change| (*edit, change)))
        .collect();
    for changes in cut(&changes) {
        let mut query = QueryBuilder::new("INSERT INTO change (document, hash, actor, seq, bytes) ");
        query.push_values(changes, |mut row, (edit, change)| {
            row.push_bind(edit.document.id.to_string())
                .push_bind(change.hash.as_slice())
                .push_bind(change.actor.as_slice())
                .push_bind(edit.seq)
                .push_bind(change.bytes.as_slice());
        });
        query.push(" ON CONFLICT (document, hash) DO NOTHING");
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
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

/// [`take_numbers`] of one life of the data only. In the same statement: it costs nothing, and a restore cannot come in
/// between.
async fn take_numbers_in(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    many: usize,
    epoch: Epoch,
) -> Result<i64, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(
        "INSERT INTO pharmacy_log (pharmacy, seq) SELECT $1, $2 FROM meta WHERE name = 'epoch' AND value = $3
         ON CONFLICT (pharmacy) DO UPDATE SET seq = pharmacy_log.seq + excluded.seq RETURNING seq",
    )
    .bind(pharmacy.as_str())
    .bind(many as i64)
    .bind(epoch.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    last.ok_or(StoreError::Conflict)
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
            "INSERT INTO document (id, pharmacy, seq, base, base_seq, heads, status, received_at, summary,
                 nhs_number)
             VALUES ($1, $2, $3, $4, $3, $5, $6, $7, $8, $9)",
        )
        .bind(&id)
        .bind(pharmacy.as_str())
        .bind(seq)
        .bind(base)
        .bind(heads)
        .bind(status_name(document.row.status))
        .bind(&document.row.received_at)
        .bind(summary)
        .bind(&document.row.nhs_number)
        .execute(&mut *connection)
        .await?
    } else {
        if document.base.is_some() {
            sqlx::query("DELETE FROM change WHERE document = $1").bind(&id).execute(&mut *connection).await?;
        }
        sqlx::query(
            "UPDATE document SET seq = $3, heads = $4, status = $5, received_at = $6, summary = $7,
                    nhs_number = $10, base_seq = CASE WHEN $8 IS NULL THEN base_seq ELSE $3 END, base = COALESCE($8, base)
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
        .bind(&document.row.nhs_number)
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
    if let Some(supplies) = &document.supplies {
        supplies::replace(connection, pharmacy, &id, supplies).await?;
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
