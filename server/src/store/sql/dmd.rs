//! The release of dm+d in use.

use super::columns::{count, exactly};
use super::dialect::{BEGIN_READ, BEGIN_WRITE};
use super::{Connection, SqlStore};
use crate::store::{DMD_CHUNK, DmdFile, DmdRelease, DmdReplaced, DmdStore, NewDmd, StoreError};
use async_trait::async_trait;
use shared::time::Millis;
use sqlx::{Row as _, query};

/// Three places a row: far below what either database takes in one statement.
const ROWS_AT_ONCE: usize = 500;

/// Ids have 18 digits at most; what has more was none.
fn id(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(StoreError::broken)
}

#[async_trait]
impl DmdStore for SqlStore {
    async fn dmd_release(&self) -> Result<Option<DmdRelease>, StoreError> {
        // Release and files of one moment.
        let mut transaction = self.read.begin_with(BEGIN_READ).await?;
        let row =
            query("SELECT * FROM dmd_release WHERE replaced_at IS NULL ORDER BY imported_at DESC LIMIT 1")
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let files = query("SELECT * FROM dmd_file ORDER BY name").fetch_all(&mut *transaction).await?;
        let files = files.iter().map(|file| {
            Ok(DmdFile {
                name: file.try_get("name")?,
                sha256: exactly(file, "sha256")?,
                bytes: count(file, "bytes")?,
                whole: count(file, "whole")?,
                chunks: count(file, "chunks")?,
            })
        });
        Ok(Some(DmdRelease {
            release: row.try_get("release")?,
            digest: exactly(&row, "digest")?,
            builder: count(&row, "builder")?,
            imported_at: row.try_get("imported_at")?,
            source: row.try_get("source")?,
            counts: row.try_get("counts")?,
            changes: row.try_get("changes")?,
            files: files.collect::<Result<_, StoreError>>()?,
        }))
    }

    async fn put_dmd(&self, new: &NewDmd, before: Option<Millis>) -> Result<(), StoreError> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await?;
        let ended =
            query("UPDATE dmd_release SET replaced_at = $1 WHERE replaced_at IS NULL AND imported_at = $2")
                .bind(new.release.imported_at)
                .bind(before.unwrap_or(Millis::MIN))
                .execute(&mut *transaction)
                .await?;
        let in_use = query("SELECT release FROM dmd_release WHERE replaced_at IS NULL")
            .fetch_optional(&mut *transaction)
            .await?;
        if ended.rows_affected() != u64::from(before.is_some()) || in_use.is_some() {
            return Err(StoreError::Conflict);
        }
        for table in ["DELETE FROM dmd_chunk", "DELETE FROM dmd_file", "DELETE FROM dmd_replaced"] {
            query(table).execute(&mut *transaction).await?;
        }
        put_release(&mut transaction, &new.release).await?;
        for (file, content) in new.release.files.iter().zip(&new.contents) {
            put_file(&mut transaction, file, content).await?;
        }
        for replaced in new.replaced.chunks(ROWS_AT_ONCE) {
            put_replaced(&mut transaction, replaced).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn dmd_chunk(&self, sha256: &[u8; 32], place: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let row = query("SELECT data FROM dmd_chunk WHERE sha256 = $1 AND place = $2")
            .bind(sha256.as_slice())
            .bind(i64::from(place))
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|row| row.try_get("data")).transpose()?)
    }

    async fn dmd_replaced(&self, old: u64) -> Result<Option<DmdReplaced>, StoreError> {
        let row = query("SELECT old, new, kind FROM dmd_replaced WHERE old = $1")
            .bind(id(old)?)
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(DmdReplaced {
            old: count(&row, "old")?,
            new: count(&row, "new")?,
            kind: row.try_get("kind")?,
        }))
    }
}

async fn put_release(connection: &mut Connection, release: &DmdRelease) -> Result<(), StoreError> {
    query(
        "INSERT INTO dmd_release (release, digest, builder, imported_at, source, counts, changes)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&release.release)
    .bind(release.digest.as_slice())
    .bind(i64::from(release.builder))
    .bind(release.imported_at)
    .bind(&release.source)
    .bind(&release.counts)
    .bind(&release.changes)
    .execute(connection)
    .await?;
    Ok(())
}

async fn put_file(connection: &mut Connection, file: &DmdFile, content: &[u8]) -> Result<(), StoreError> {
    query("INSERT INTO dmd_file (name, sha256, bytes, whole, chunks) VALUES ($1, $2, $3, $4, $5)")
        .bind(&file.name)
        .bind(file.sha256.as_slice())
        .bind(id(file.bytes)?)
        .bind(id(file.whole)?)
        .bind(i64::from(file.chunks))
        .execute(&mut *connection)
        .await?;
    for (place, data) in (0_i64..).zip(content.chunks(DMD_CHUNK)) {
        query("INSERT INTO dmd_chunk (sha256, place, data) VALUES ($1, $2, $3)")
            .bind(file.sha256.as_slice())
            .bind(place)
            .bind(data)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn put_replaced(connection: &mut Connection, replaced: &[DmdReplaced]) -> Result<(), StoreError> {
    let rows: Vec<String> = (0..replaced.len())
        .map(|row| format!("(${}, ${}, ${})", row * 3 + 1, row * 3 + 2, row * 3 + 3))
        .collect();
    let insert = format!("INSERT INTO dmd_replaced (old, new, kind) VALUES {}", rows.join(", "));
    let mut insert = query(sqlx::AssertSqlSafe(insert));
    for one in replaced {
        insert = insert.bind(id(one.old)?).bind(id(one.new)?).bind(&one.kind);
    }
    insert.execute(connection).await?;
    Ok(())
}
