//! The store in SQLite: one writer connection, many readers, every commit on disk before it is answered.

mod dialect;
#[path = "../sql/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for both databases, each with its own types")]
mod sql;

use super::{HINTS_WAITING, Hint, NewsStore, StoreError};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use std::str::FromStr as _;
use std::time::Duration;
use tokio::sync::mpsc;

type SqlStore = SqliteStore;
type Connection = SqliteConnection;
type DbRow = SqliteRow;
type Pool = SqlitePool;

/// How long a connection waits for another process, the command line for instance, to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// How long a request waits for a connection before it is told to try again; it is given up altogether after 30 s.
const CONNECTION_WITHIN: Duration = Duration::from_secs(10);
/// Kilobytes (hence the minus) that each reader keeps of the file; the system's own cache of it is behind them.
const READER_CACHE: &str = "-512";

/// How often the logs are looked at for what another process wrote: SQLite tells nobody.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Cheap to clone: a handle to the pools.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    /// One connection, so that writers of this process queue here and not inside SQLite.
    write: SqlitePool,
    read: SqlitePool,
    writers: sql::Writers,
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
        // A file does not hang up, so asking each connection whether it is still there would only double the waiting.
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECTION_WITHIN)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&write).await.map_err(StoreError::broken)?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(CONNECTION_WITHIN)
            .test_before_acquire(false)
            .connect_with(options.read_only(true).pragma("cache_size", READER_CACHE))
            .await?;
        let writers = sql::Writers::start(&write, &dialect::Announcer);
        Ok(Self { write, read, writers })
    }
}

impl NewsStore for SqliteStore {
    fn hints(&self) -> mpsc::Receiver<Hint> {
        let (hints, receiver) = mpsc::channel(HINTS_WAITING);
        tokio::spawn(async move {
            while hints.send(Hint::Look).await.is_ok() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        receiver
    }
}
