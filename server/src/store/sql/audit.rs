//! The audit log: one chain, whose end is locked by whoever adds to it.

use super::columns::{Unreadable, count, parsed_if};
use super::dialect::{BEGIN_WRITE, OVERRIDING};
use super::{Connection, DbRow, SqlStore};
use crate::audit::chain;
use crate::store::{AuditEntry, AuditHead, AuditSearch, AuditStore, StoreError, StoredAudit};
use async_trait::async_trait;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::time::Millis;
use sqlx::{QueryBuilder, Row as _, query};

/// In `meta`: place and hash of the last line.
const HEAD: &str = "audit-head";
const COLUMNS: &str =
    "place, at, done_at, person, pharmacy, device, action, subject, why, patient, event, hash";
/// Lines from before the chain that are hashed between two reads.
const PAGE: i64 = 500;

fn line_from(row: &DbRow) -> Result<StoredAudit, StoreError> {
    let entry = AuditEntry {
        at: row.try_get("at")?,
        done_at: row.try_get("done_at")?,
        person: parsed_if(row, "person")?,
        pharmacy: parsed_if(row, "pharmacy")?,
        device: parsed_if(row, "device")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        why: row.try_get("why")?,
        patient: hash_in(row, "patient")?,
        event: parsed_if(row, "event")?,
    };
    Ok(StoredAudit { place: count(row, "place")?, entry, hash: hash_in(row, "hash")? })
}

fn hash_in(row: &DbRow, column: &'static str) -> Result<Option<[u8; 32]>, StoreError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.map(|bytes| bytes.try_into().map_err(|_| StoreError::broken(Unreadable(column)))).transpose()
}

fn head_from(row: &DbRow) -> Result<AuditHead, StoreError> {
    chain::read(row.try_get("value")?).ok_or_else(|| StoreError::broken(Unreadable("value")))
}

/// Locks the end of the chain until the caller's transaction ends, so that there is never a second line after one.
async fn locked_head(connection: &mut Connection) -> Result<AuditHead, StoreError> {
    let row = query(
        "insert into meta (name, value) values ($1, $2)
         on conflict (name) do update set value = meta.value returning value",
    )
    .bind(HEAD)
    .bind(chain::written(&chain::BEGINNING))
    .fetch_one(connection)
    .await?;
    head_from(&row)
}

async fn put_head(connection: &mut Connection, head: &AuditHead) -> Result<(), StoreError> {
    query("update meta set value = $2 where name = $1")
        .bind(HEAD)
        .bind(chain::written(head))
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds lines inside a transaction of the caller, which should end soon: others wait for the end of the chain.
pub async fn add(connection: &mut Connection, entries: &[AuditEntry]) -> Result<(), StoreError> {
    let Some(first) = entries.first() else { return Ok(()) };
    let mut head = locked_head(connection).await?;
    if head == chain::BEGINNING {
        head = chain_older(connection, head, first.at).await?;
    }
    for entry in entries {
        if !is_known(connection, entry).await? {
            head = append(connection, &head, entry).await?;
        }
    }
    put_head(connection, &head).await
}

async fn is_known(connection: &mut Connection, entry: &AuditEntry) -> Result<bool, StoreError> {
    let Some(event) = entry.event else { return Ok(false) };
    let known = query("select place from audit where event = $1").bind(event.to_string());
    Ok(known.fetch_optional(connection).await?.is_some())
}

async fn append(
    connection: &mut Connection,
    head: &AuditHead,
    entry: &AuditEntry,
) -> Result<AuditHead, StoreError> {
    let place = head.place + 1;
    let hash = chain::hash(&head.hash, place, entry);
    let insert = format!(
        "insert into audit ({COLUMNS}) {OVERRIDING}
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    );
    query(sqlx::AssertSqlSafe(insert))
        .bind(i64::try_from(place).map_err(StoreError::broken)?)
        .bind(entry.at)
        .bind(entry.done_at)
        .bind(entry.person.map(|id| id.to_string()))
        .bind(entry.pharmacy.as_ref().map(OdsCode::as_str))
        .bind(entry.device.map(|id| id.to_string()))
        .bind(&entry.action)
        .bind(&entry.subject)
        .bind(&entry.why)
        .bind(entry.patient.map(|mark| mark.to_vec()))
        .bind(entry.event.map(|id| id.to_string()))
        .bind(hash.to_vec())
        .execute(connection)
        .await?;
    Ok(AuditHead { place, hash })
}

/// Chains the lines that carry no hash after `head`: written before there was a chain, or taken from an old backup. The
/// chain says that it began with them.
async fn chain_older(
    connection: &mut Connection,
    mut head: AuditHead,
    now: Millis,
) -> Result<AuditHead, StoreError> {
    let select =
        format!("select {COLUMNS} from audit where hash is null and place > $1 order by place limit {PAGE}");
    let mut lines = 0;
    loop {
        let rows = query(sqlx::AssertSqlSafe(select.clone()))
            .bind(head.place as i64)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let line = line_from(row)?;
            let hash = chain::hash(&head.hash, line.place, &line.entry);
            query("update audit set hash = $2 where place = $1")
                .bind(line.place as i64)
                .bind(hash.to_vec())
                .execute(&mut *connection)
                .await?;
            head = AuditHead { place: line.place, hash };
            lines += 1;
        }
        if rows.is_empty() {
            break;
        }
    }
    if lines == 0 {
        return Ok(head);
    }
    let begun = AuditEntry {
        at: now,
        action: "audit-chain-begun".to_owned(),
        subject: format!("{lines} lines from before"),
        ..AuditEntry::default()
    };
    append(connection, &head, &begun).await
}

/// The end of the chain as it stands, without locking it.
pub async fn head(connection: &mut Connection) -> Result<Option<AuditHead>, StoreError> {
    let row = query("select value from meta where name = $1").bind(HEAD).fetch_optional(connection).await?;
    row.as_ref().map(head_from).transpose()
}

/// After a restore has put its lines in: the chain ends where the lines do, and goes on with a link that says what there
/// was before.
pub async fn go_on_after_restore(
    connection: &mut Connection,
    before: Option<AuditHead>,
    now: Millis,
) -> Result<(), StoreError> {
    locked_head(connection).await?;
    let last = format!("select {COLUMNS} from audit where hash is not null order by place desc limit 1");
    let last = query(sqlx::AssertSqlSafe(last)).fetch_optional(&mut *connection).await?;
    let head = match last {
        Some(row) => {
            let line = line_from(&row)?;
            AuditHead { place: line.place, hash: line.hash.unwrap_or(chain::BEGINNING.hash) }
        }
        None => chain::BEGINNING,
    };
    let head = chain_older(connection, head, now).await?;
    let link = AuditEntry {
        at: now,
        action: "log-after-restore".to_owned(),
        subject: before.as_ref().map(chain::written).unwrap_or_default(),
        why: match before {
            Some(_) => "The log had ended so before a backup was restored.".to_owned(),
            None => "There was no log before a backup was restored.".to_owned(),
        },
        ..AuditEntry::default()
    };
    let head = append(connection, &head, &link).await?;
    put_head(connection, &head).await
}

#[async_trait]
impl AuditStore for SqlStore {
    async fn record_audits(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        add(&mut tx, entries).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn begin_audit_chain(&self, now: Millis) -> Result<(), StoreError> {
        let waiting = query("select place from audit where hash is null limit 1");
        if head(&mut *self.read.acquire().await?).await?.is_some()
            || waiting.fetch_optional(&self.read).await?.is_none()
        {
            return Ok(());
        }
        let mut tx = self.write.begin_with(BEGIN_WRITE).await?;
        let locked = locked_head(&mut tx).await?;
        if locked == chain::BEGINNING {
            let head = chain_older(&mut tx, locked, now).await?;
            put_head(&mut tx, &head).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn audit_lines(&self, search: &AuditSearch, limit: u32) -> Result<Vec<StoredAudit>, StoreError> {
        let mut sql = QueryBuilder::new(format!("select {COLUMNS} from audit where 1 = 1"));
        if let Some(pharmacy) = &search.pharmacy {
            sql.push(" and pharmacy = ").push_bind(pharmacy.as_str().to_owned());
        }
        if let Some(from) = search.from {
            sql.push(" and at >= ").push_bind(from);
        }
        if let Some(until) = search.until {
            sql.push(" and at < ").push_bind(until);
        }
        if let Some(person) = search.person {
            sql.push(" and person = ").push_bind(person.to_string());
        }
        if let Some(action) = &search.action {
            sql.push(" and action = ").push_bind(action.clone());
        }
        if let Some(subject) = &search.subject {
            sql.push(" and subject = ").push_bind(subject.clone());
        }
        if let Some(patient) = search.patient {
            sql.push(" and patient = ").push_bind(patient.to_vec());
        }
        if let Some(before) = search.before {
            sql.push(" and place < ").push_bind(i64::try_from(before).unwrap_or(i64::MAX));
        }
        if let Some(after) = search.after {
            sql.push(" and place > ").push_bind(i64::try_from(after).unwrap_or(i64::MAX));
        }
        sql.push(if search.oldest_first { " order by place" } else { " order by place desc" });
        sql.push(" limit ").push_bind(i64::from(limit));
        sql.build().fetch_all(&self.read).await?.iter().map(line_from).collect()
    }

    async fn audit_actions(&self, pharmacy: &OdsCode) -> Result<Vec<String>, StoreError> {
        // From one word to the next in the index: a long log is not read for its few words.
        let rows = query(
            "with recursive word (action) as (
                 select min(action) from audit where pharmacy = $1
                 union all
                 select (select min(audit.action) from audit
                         where audit.pharmacy = $1 and audit.action > word.action)
                 from word where word.action is not null)
             select action from word where action is not null order by action",
        )
        .bind(pharmacy.as_str())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| Ok(row.try_get("action")?)).collect()
    }

    async fn audit_after(&self, place: u64, limit: u32) -> Result<Vec<StoredAudit>, StoreError> {
        let search = AuditSearch { after: Some(place), oldest_first: true, ..AuditSearch::default() };
        self.audit_lines(&search, limit).await
    }

    async fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        head(&mut *self.read.acquire().await?).await
    }

    async fn summaries(&self, ids: &[ConsultationId]) -> Result<Vec<WorkListRow>, StoreError> {
        let mut found = Vec::new();
        for ids in super::append::cut(ids) {
            let mut sql = QueryBuilder::new("select summary from document where id in (");
            let mut places = sql.separated(", ");
            for id in ids {
                places.push_bind(id.to_string());
            }
            sql.push(")");
            for row in sql.build().fetch_all(&self.read).await? {
                let summary: &str = row.try_get("summary")?;
                found.push(serde_json::from_str(summary).map_err(StoreError::broken)?);
            }
        }
        Ok(found)
    }
}
