//! Reads the log, the documents in it and the proofs of authorship.

use super::append::parts;
use super::columns::{count, exactly, parsed};
use super::dialect::BEGIN_READ;
use super::quarantine::entry_from;
use super::retention::destroyed_between;
use super::{Connection, DbRow, SqlStore, proofs};
use crate::store::{
    ActorBinding, Append, DocumentStanding, IntakeKey, LogPage, Quarantined, RecordStore, StoreError,
    StoredDocument, StoredReceipt,
};
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use shared::authorship::Actor;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::patient::NhsNumber;
use sqlx::{QueryBuilder, Row as _};
use std::collections::BTreeMap;

/// Documents that a page of the log reads in one query: the last query reads so many too many at most.
const AT_ONCE: usize = 64;
/// Documents that one query asks for by name.
const BY_NAME: usize = 256;

pub(super) fn summary(row: &DbRow) -> Result<WorkListRow, StoreError> {
    serde_json::from_str(row.try_get("summary")?).map_err(StoreError::broken)
}

/// An actor's row: of which pharmacy, and whose.
pub fn actor_from(row: &DbRow) -> Result<(OdsCode, ActorBinding), StoreError> {
    let binding = ActorBinding {
        actor: exactly(row, "actor")?,
        person: parsed(row, "person")?,
        device: parsed(row, "device")?,
        receipt: exactly(row, "receipt")?,
    };
    Ok((parsed(row, "pharmacy")?, binding))
}

/// A document without its changes.
fn document_from(row: &DbRow) -> Result<StoredDocument, StoreError> {
    Ok(StoredDocument {
        id: parsed(row, "id")?,
        seq: count(row, "seq")?,
        base: row.try_get::<Option<Vec<u8>>, _>("base")?.unwrap_or_default(),
        changes: Vec::new(),
        row: summary(row)?,
    })
}

fn standing_from(row: &DbRow) -> Result<DocumentStanding, StoreError> {
    let heads: &str = row.try_get("heads")?;
    Ok(DocumentStanding {
        pharmacy: parsed(row, "pharmacy")?,
        seq: count(row, "seq")?,
        heads: heads.split_whitespace().map(str::to_owned).collect(),
    })
}

/// The next documents of a page that begins after `cursor`, in the order of the first number of each that its reader
/// has not seen. The order of their latest numbers would be another: a document that is written to again and again
/// would wait at the end of the log, while readers pass the number of its base and are never sent that.
async fn next_parts(
    connection: &mut Connection,
    pharmacy: &OdsCode,
    cursor: u64,
    from: u64,
) -> Result<Vec<DbRow>, StoreError> {
    // The plus keeps SQLite on the index of documents with a tail, which has few of them after most cursors.
    Ok(sqlx::query(
        "SELECT document.id, document.seq, part.first, document.summary,
                CASE WHEN document.base_seq > $2 THEN document.base END AS base
         FROM (SELECT bases.id, bases.first FROM
                   (SELECT id, base_seq AS first FROM document
                    WHERE pharmacy = $1 AND base_seq > $3 ORDER BY base_seq LIMIT $4) AS bases
               UNION ALL
               SELECT tails.id, COALESCE((SELECT MIN(change.seq) FROM change
                                          WHERE change.document = tails.id AND change.seq > $2), tails.seq)
               FROM document AS tails
               WHERE tails.pharmacy = $1 AND tails.seq > $3 AND + tails.base_seq <= $2
                     AND tails.seq > tails.base_seq) AS part
         JOIN document ON document.id = part.id
         WHERE part.first > $3 ORDER BY part.first LIMIT $4",
    )
    .bind(pharmacy.as_str())
    .bind(cursor as i64)
    .bind(from as i64)
    .bind(AT_ONCE as i64)
    .fetch_all(connection)
    .await?)
}

/// Puts to each document the changes that came after `cursor`, oldest first.
async fn changes_after(
    connection: &mut Connection,
    documents: &mut [StoredDocument],
    cursor: u64,
) -> Result<(), StoreError> {
    let mut places: BTreeMap<String, &mut StoredDocument> =
        documents.iter_mut().map(|document| (document.id.to_string(), document)).collect();
    let ids: Vec<String> = places.keys().cloned().collect();
    for ids in ids.chunks(BY_NAME) {
        let mut query = QueryBuilder::new("SELECT document, bytes FROM change WHERE seq > ");
        query.push_bind(cursor as i64).push(" AND document IN (");
        let mut separated = query.separated(", ");
        for id in ids {
            separated.push_bind(id.as_str());
        }
        query.push(") ORDER BY place");
        let mut rows = query.build().fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            if let Some(document) = places.get_mut(row.try_get::<&str, _>("document")?) {
                document.changes.push(row.try_get("bytes")?);
            }
        }
    }
    Ok(())
}

#[async_trait]
impl RecordStore for SqlStore {
    async fn append(&self, pharmacy: &OdsCode, append: Append) -> Result<Vec<u64>, StoreError> {
        self.writers.append(pharmacy, append).await
    }

    async fn document(
        &self,
        pharmacy: &OdsCode,
        id: &ConsultationId,
    ) -> Result<Option<StoredDocument>, StoreError> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await?;
        let row = sqlx::query("SELECT id, seq, base, summary FROM document WHERE pharmacy = $1 AND id = $2")
            .bind(pharmacy.as_str())
            .bind(id.to_string())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut document = document_from(&row)?;
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
        row.as_ref().map(standing_from).transpose()
    }

    async fn standings(
        &self,
        ids: &[ConsultationId],
    ) -> Result<BTreeMap<ConsultationId, DocumentStanding>, StoreError> {
        let mut found = BTreeMap::new();
        for ids in ids.chunks(BY_NAME) {
            let mut query = QueryBuilder::new("SELECT id, pharmacy, seq, heads FROM document WHERE id IN (");
            let mut places = query.separated(", ");
            for id in ids {
                places.push_bind(id.to_string());
            }
            query.push(")");
            for row in query.build().fetch_all(&self.read).await? {
                found.insert(parsed(&row, "id")?, standing_from(&row)?);
            }
        }
        Ok(found)
    }

    async fn documents_after(
        &self,
        pharmacy: &OdsCode,
        cursor: u64,
        limit: usize,
    ) -> Result<LogPage, StoreError> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await?;
        let last: i64 = sqlx::query_scalar(
            "SELECT COALESCE(MAX(seq), 0) FROM
                 (SELECT MAX(seq) AS seq FROM document WHERE pharmacy = $1
                  UNION ALL SELECT MAX(seq) FROM destroyed WHERE pharmacy = $1) AS numbers",
        )
        .bind(pharmacy.as_str())
        .fetch_one(&mut *transaction)
        .await?;
        let mut documents: Vec<StoredDocument> = Vec::new();
        let (mut size, mut from, mut more) = (0, cursor, true);
        while size < limit && more {
            let rows = next_parts(&mut transaction, pharmacy, cursor, from).await?;
            more = rows.len() == AT_ONCE;
            for row in &rows {
                if size >= limit {
                    more = true;
                    break;
                }
                let document = document_from(row)?;
                size += document.base.len() + row.try_get::<&str, _>("summary")?.len();
                from = count(row, "first")?;
                documents.push(document);
            }
        }
        // Everything up to the end is here; the last numbers may be of destroyed documents.
        let upto = if more { from } else { from.max(last as u64) };
        changes_after(&mut transaction, &mut documents, cursor).await?;
        let ids: Vec<ConsultationId> = documents.iter().map(|document| document.id).collect();
        let destroyed = destroyed_between(&mut transaction, pharmacy, cursor as i64, upto as i64).await?;
        let proofs = proofs::of_page(&mut transaction, pharmacy, &ids, cursor, upto).await?;
        Ok(LogPage { documents, proofs, destroyed, cursor: upto, more: upto < last as u64 })
    }

    async fn last_seq(&self, pharmacy: &OdsCode) -> Result<u64, StoreError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT seq FROM pharmacy_log WHERE pharmacy = $1")
            .bind(pharmacy.as_str())
            .fetch_optional(&self.read)
            .await?;
        Ok(seq.unwrap_or(0) as u64)
    }

    async fn last_seqs(&self) -> Result<BTreeMap<OdsCode, u64>, StoreError> {
        let rows =
            sqlx::query("SELECT pharmacy, seq FROM pharmacy_log WHERE seq > 0").fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((parsed(row, "pharmacy")?, count(row, "seq")?))).collect()
    }

    async fn rows(&self, pharmacy: Option<&OdsCode>) -> Result<Vec<WorkListRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT summary FROM document WHERE CAST($1 AS TEXT) IS NULL OR pharmacy = $1 ORDER BY received_at DESC, id",
        )
        .bind(pharmacy.map(OdsCode::as_str))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(summary).collect()
    }

    async fn rows_of(
        &self,
        pharmacy: &OdsCode,
        number: &NhsNumber,
        most: u32,
    ) -> Result<Vec<WorkListRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT summary FROM document WHERE pharmacy = $1 AND nhs_number = $2 AND nhs_number <> ''
             ORDER BY received_at DESC, id LIMIT $3",
        )
        .bind(pharmacy.as_str())
        .bind(number.as_str())
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(summary).collect()
    }

    async fn actor(&self, actor: &Actor) -> Result<Option<(OdsCode, ActorBinding)>, StoreError> {
        let row = sqlx::query("SELECT actor, pharmacy, person, device, receipt FROM actor WHERE actor = $1")
            .bind(actor.as_slice())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(actor_from).transpose()
    }

    async fn receipt(&self, hash: &[u8; 32]) -> Result<Option<(OdsCode, StoredReceipt)>, StoreError> {
        let row = sqlx::query("SELECT pharmacy, person, device, bytes FROM receipt WHERE hash = $1")
            .bind(hash.as_slice())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let receipt = StoredReceipt {
            hash: *hash,
            person: parsed(&row, "person")?,
            device: parsed(&row, "device")?,
            bytes: row.try_get("bytes")?,
        };
        Ok(Some((parsed(&row, "pharmacy")?, receipt)))
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
        row.map(|row| parsed(&row, "document")).transpose()
    }

    async fn quarantined(&self, pharmacy: &OdsCode) -> Result<Vec<Quarantined>, StoreError> {
        let rows = sqlx::query(
            "SELECT document, person, device, reason, detail, at, bytes, changes, releasable FROM quarantine
             WHERE pharmacy = $1 ORDER BY place DESC",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        let whole = |row| Ok(Quarantined { bytes: DbRow::try_get(row, "bytes")?, ..entry_from(row)? });
        rows.iter().map(whole).collect()
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
             ON CONFLICT (name) DO UPDATE SET value = meta.value RETURNING value",
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
