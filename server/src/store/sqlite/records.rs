//! Records in SQLite. Appends that wait at the same time share one transaction, and so one fsync.

use super::{SqliteStore, outbox};
use crate::store::{
    ActorBinding, Append, DocumentStanding, DocumentWrite, IntakeKey, LogPage, Quarantined, RecordStore,
    StoreError, StoredDocument, StoredReceipt,
};
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use shared::authorship::Actor;
use shared::consultation::{Status, WorkListRow};
use shared::ids::{ConsultationId, OdsCode};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection, SqlitePool};
use std::collections::BTreeMap;
use std::str::FromStr;
use tokio::sync::{mpsc, oneshot};

/// Most appends in one transaction; beyond this the first would wait too long for the last.
const GROUP: usize = 256;

type Answer = Result<Vec<u64>, StoreError>;

struct Job {
    pharmacy: OdsCode,
    append: Append,
    answer: oneshot::Sender<Answer>,
}

/// The task that all appends of this process go through.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Job>);

/// The writer task ended, which happens only while the process stops.
#[derive(Debug, thiserror::Error)]
#[error("the database writer has stopped")]
struct Stopped;

impl Writer {
    pub(super) fn start(pool: SqlitePool) -> Self {
        let (jobs, mut waiting) = mpsc::channel::<Job>(GROUP);
        tokio::spawn(async move {
            let mut group = Vec::new();
            while waiting.recv_many(&mut group, GROUP).await > 0 {
                commit(&pool, std::mem::take(&mut group)).await;
            }
        });
        Self(jobs)
    }
}

/// Stores a group in one transaction. A member that fails is rolled back alone; the rest is kept.
async fn commit(pool: &SqlitePool, mut group: Vec<Job>) {
    // Pharmacies are locked in one order everywhere, so that two servers never wait for each other.
    group.sort_by(|a, b| a.pharmacy.cmp(&b.pharmacy));
    let mut done = Vec::with_capacity(group.len());
    let stored = async {
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        for job in group {
            let outcome = in_savepoint(&mut transaction, &job.pharmacy, &job.append).await;
            done.push((job.answer, outcome));
        }
        transaction.commit().await
    }
    .await;
    let failed = stored.is_err();
    let mut cause = stored.err();
    for (answer, outcome) in done {
        let outcome = if failed {
            Err(cause.take().map_or_else(|| StoreError::broken(NotCommitted), StoreError::from))
        } else {
            outcome
        };
        // Whoever asked may have gone away; the work is stored all the same.
        let _ = answer.send(outcome);
    }
}

/// The group's transaction was not committed; the first member carries the cause.
#[derive(Debug, thiserror::Error)]
#[error("the transaction shared with others was not committed")]
struct NotCommitted;

async fn in_savepoint(connection: &mut SqliteConnection, pharmacy: &OdsCode, append: &Append) -> Answer {
    sqlx::query("SAVEPOINT one").execute(&mut *connection).await?;
    let outcome = store(connection, pharmacy, append).await;
    if outcome.is_err() {
        sqlx::query("ROLLBACK TO one").execute(&mut *connection).await?;
    }
    sqlx::query("RELEASE one").execute(&mut *connection).await?;
    outcome
}

async fn store(connection: &mut SqliteConnection, pharmacy: &OdsCode, append: &Append) -> Answer {
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
        set_aside(connection, pharmacy, entry).await?;
    }
    let mut numbers = Vec::with_capacity(append.documents.len());
    if append.documents.is_empty() {
        return Ok(numbers);
    }
    let count = append.documents.len() as i64;
    let last: i64 = sqlx::query_scalar(
        "INSERT INTO pharmacy_log (pharmacy, seq) VALUES ($1, $2)
         ON CONFLICT (pharmacy) DO UPDATE SET seq = seq + excluded.seq RETURNING seq",
    )
    .bind(pharmacy.as_str())
    .bind(count)
    .fetch_one(&mut *connection)
    .await?;
    for (seq, document) in (last - count + 1..).zip(&append.documents) {
        write_document(connection, pharmacy, seq, document).await?;
        numbers.push(seq as u64);
    }
    Ok(numbers)
}

async fn bind_actor(
    connection: &mut SqliteConnection,
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
    let (owner, standing) = read_actor(&row)?;
    if owner == *pharmacy && standing == *binding { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn set_aside(
    connection: &mut SqliteConnection,
    pharmacy: &OdsCode,
    entry: &Quarantined,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO quarantine (pharmacy, document, person, device, reason, detail, at, bytes, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (document, hash) DO NOTHING",
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
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn write_document(
    connection: &mut SqliteConnection,
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
    connection: &mut SqliteConnection,
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

fn parts(key: &IntakeKey) -> (&'static str, &str) {
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

/// Reads text that this program wrote.
fn parse<T>(row: &SqliteRow, column: &str) -> Result<T, StoreError>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.try_get::<&str, _>(column)?.parse().map_err(StoreError::broken)
}

fn summary(row: &SqliteRow) -> Result<WorkListRow, StoreError> {
    serde_json::from_str(row.try_get("summary")?).map_err(StoreError::broken)
}

fn hash(row: &SqliteRow, column: &str) -> Result<[u8; 32], StoreError> {
    row.try_get::<&[u8], _>(column)?.try_into().map_err(StoreError::broken)
}

fn read_actor(row: &SqliteRow) -> Result<(OdsCode, ActorBinding), StoreError> {
    let binding = ActorBinding {
        actor: row.try_get::<&[u8], _>("actor")?.try_into().map_err(StoreError::broken)?,
        person: parse(row, "person")?,
        device: parse(row, "device")?,
        receipt: hash(row, "receipt")?,
    };
    Ok((parse(row, "pharmacy")?, binding))
}

fn read_document(row: &SqliteRow) -> Result<StoredDocument, StoreError> {
    Ok(StoredDocument {
        id: parse(row, "id")?,
        seq: row.try_get::<i64, _>("seq")? as u64,
        base: row.try_get("base")?,
        changes: Vec::new(),
        row: summary(row)?,
    })
}

#[async_trait]
impl RecordStore for SqliteStore {
    async fn append(&self, pharmacy: &OdsCode, append: Append) -> Answer {
        let (answer, answered) = oneshot::channel();
        let job = Job { pharmacy: pharmacy.clone(), append, answer };
        self.writer.0.send(job).await.map_err(|_| StoreError::broken(Stopped))?;
        answered.await.map_err(|_| StoreError::broken(NotCommitted))?
    }

    async fn document(
        &self,
        pharmacy: &OdsCode,
        id: &ConsultationId,
    ) -> Result<Option<StoredDocument>, StoreError> {
        let mut transaction = self.read.begin().await?;
        let row = sqlx::query("SELECT id, seq, base, summary FROM document WHERE pharmacy = $1 AND id = $2")
            .bind(pharmacy.as_str())
            .bind(id.to_string())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut document = read_document(&row)?;
        document.changes = sqlx::query_scalar("SELECT bytes FROM change WHERE document = $1 ORDER BY place")
            .bind(id.to_string())
            .fetch_all(&mut *transaction)
            .await?;
        Ok(Some(document))
    }

    async fn standing(&self, id: &ConsultationId) -> Result<Option<DocumentStanding>, StoreError> {
        let row = sqlx::query("SELECT pharmacy, seq, heads FROM document WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let heads: &str = row.try_get("heads")?;
        Ok(Some(DocumentStanding {
            pharmacy: parse(&row, "pharmacy")?,
            seq: row.try_get::<i64, _>("seq")? as u64,
            heads: heads.split_whitespace().map(str::to_owned).collect(),
        }))
    }

    async fn documents_after(
        &self,
        pharmacy: &OdsCode,
        cursor: u64,
        limit: usize,
    ) -> Result<LogPage, StoreError> {
        let mut transaction = self.read.begin().await?;
        let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM document WHERE pharmacy = $1")
            .bind(pharmacy.as_str())
            .fetch_one(&mut *transaction)
            .await?;
        let mut documents: Vec<StoredDocument> = Vec::new();
        let mut size = 0;
        {
            let mut rows = sqlx::query(
                "SELECT id, seq, CASE WHEN base_seq > $2 THEN base ELSE x'' END AS base, summary
                 FROM document WHERE pharmacy = $1 AND seq > $2 ORDER BY seq",
            )
            .bind(pharmacy.as_str())
            .bind(cursor as i64)
            .fetch(&mut *transaction);
            while size < limit
                && let Some(row) = rows.try_next().await?
            {
                let document = read_document(&row)?;
                size += document.base.len() + row.try_get::<&str, _>("summary")?.len();
                documents.push(document);
            }
        }
        let upto = documents.last().map_or(cursor, |document| document.seq);
        {
            let mut rows = sqlx::query(
                "SELECT document.seq AS seq, change.bytes AS bytes
                 FROM document JOIN change ON change.document = document.id
                 WHERE document.pharmacy = $1 AND document.seq > $2 AND document.seq <= $3 AND change.seq > $2
                 ORDER BY document.seq, change.place",
            )
            .bind(pharmacy.as_str())
            .bind(cursor as i64)
            .bind(upto as i64)
            .fetch(&mut *transaction);
            // Both queries run in the order of the log, so one walk puts each change where it belongs.
            let mut at = 0;
            while let Some(row) = rows.try_next().await? {
                let seq = row.try_get::<i64, _>("seq")? as u64;
                while documents[at].seq != seq {
                    at += 1;
                }
                documents[at].changes.push(row.try_get("bytes")?);
            }
        }
        Ok(LogPage { documents, cursor: upto, more: upto < last as u64 })
    }

    async fn last_seq(&self, pharmacy: &OdsCode) -> Result<u64, StoreError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT seq FROM pharmacy_log WHERE pharmacy = $1")
            .bind(pharmacy.as_str())
            .fetch_optional(&self.read)
            .await?;
        Ok(seq.unwrap_or(0) as u64)
    }

    async fn last_seqs(&self) -> Result<BTreeMap<OdsCode, u64>, StoreError> {
        let rows = sqlx::query("SELECT pharmacy, seq FROM pharmacy_log").fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((parse(row, "pharmacy")?, row.try_get::<i64, _>("seq")? as u64))).collect()
    }

    async fn rows(&self, pharmacy: Option<&OdsCode>) -> Result<Vec<WorkListRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT summary FROM document WHERE $1 IS NULL OR pharmacy = $1 ORDER BY received_at DESC, id",
        )
        .bind(pharmacy.map(OdsCode::as_str))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(summary).collect()
    }

    async fn actor(&self, actor: &Actor) -> Result<Option<(OdsCode, ActorBinding)>, StoreError> {
        let row = sqlx::query("SELECT actor, pharmacy, person, device, receipt FROM actor WHERE actor = $1")
            .bind(actor.as_slice())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read_actor).transpose()
    }

    async fn receipt(&self, hash: &[u8; 32]) -> Result<Option<(OdsCode, StoredReceipt)>, StoreError> {
        let row = sqlx::query("SELECT pharmacy, person, device, bytes FROM receipt WHERE hash = $1")
            .bind(hash.as_slice())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let receipt = StoredReceipt {
            hash: *hash,
            person: parse(&row, "person")?,
            device: parse(&row, "device")?,
            bytes: row.try_get("bytes")?,
        };
        Ok(Some((parse(&row, "pharmacy")?, receipt)))
    }

    async fn intake_document(
        &self,
        pharmacy: &OdsCode,
        key: &IntakeKey,
    ) -> Result<Option<ConsultationId>, StoreError> {
        let (kind, text) = parts(key);
        let row =
            sqlx::query("SELECT document FROM intake_key WHERE pharmacy = $1 AND kind = $2 AND key = $3")
                .bind(pharmacy.as_str())
                .bind(kind)
                .bind(text)
                .fetch_optional(&self.read)
                .await?;
        row.map(|row| parse(&row, "document")).transpose()
    }

    async fn quarantined(&self, pharmacy: &OdsCode) -> Result<Vec<Quarantined>, StoreError> {
        let rows = sqlx::query(
            "SELECT document, person, device, reason, detail, at, bytes FROM quarantine
             WHERE pharmacy = $1 ORDER BY place DESC",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Quarantined {
                    document: parse(row, "document")?,
                    person: parse(row, "person")?,
                    device: row.try_get("device")?,
                    reason: row.try_get("reason")?,
                    detail: row.try_get("detail")?,
                    at: row.try_get("at")?,
                    bytes: row.try_get("bytes")?,
                })
            })
            .collect()
    }

    async fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.read)
            .await?)
    }

    async fn meta_or_put(&self, name: &str, value: &str) -> Result<String, StoreError> {
        // The empty update makes RETURNING answer with the value that stands.
        Ok(sqlx::query_scalar(
            "INSERT INTO meta (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = value RETURNING value",
        )
        .bind(name)
        .bind(value)
        .fetch_one(&self.write)
        .await?)
    }

    async fn put_meta(&self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO meta (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
