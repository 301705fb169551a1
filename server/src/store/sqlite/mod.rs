//! The store in SQLite: one writer connection, many readers, every commit on disk before it is answered.

mod outbox;
mod people;
mod records;

use super::StoreError;
use records::Writer;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr as _;
use std::time::Duration;

/// How long a connection waits for another process, the command line for instance, to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

/// Cheap to clone: a handle to the pools.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    /// One connection, so that writers of this process queue here and not inside SQLite.
    pub(super) write: SqlitePool,
    pub(super) read: SqlitePool,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database, making it and bringing its tables up to date where needed.
    ///
    /// `url` is `sqlite://path`.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&write).await.map_err(StoreError::broken)?;
        let read =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        let writer = Writer::start(write.clone());
        Ok(Self { write, read, writer })
    }
}
