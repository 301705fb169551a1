//! The store in PostgreSQL: any number of servers beside one another on one database.

mod dialect;
mod news;
#[path = "../sql/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for both databases, each with its own types")]
mod sql;

use super::{Hint, NewsStore, StoreError};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{Executor as _, query_scalar};
use std::str::FromStr as _;
use std::time::Duration;
use tokio::sync::mpsc;

type SqlStore = PostgresStore;
type Connection = PgConnection;
type DbRow = PgRow;
type Pool = PgPool;

/// How long a request waits for a connection before it is told to try again.
const CONNECTION_WITHIN: Duration = Duration::from_secs(10);

/// One connection listens, one tells.
const FOR_NEWS: u32 = 2;

/// A database made for less may lose what it acknowledged; one made for more keeps its own setting.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// Cheap to clone: a handle to the pools.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    write: PgPool,
    /// The same connections; a replica could take its place.
    read: PgPool,
    news: PgPool,
    writers: sql::Writers,
}

impl PostgresStore {
    /// Opens the database and brings its tables up to date where needed; servers that start together wait for one.
    ///
    /// `url` is `postgres://user:password@host/database`; at most `connections` are held, and two more for news.
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("satchel");
        // Opening a connection for the migrations alone, since they may take longer than a request may wait.
        let migrating = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/postgres").run(&migrating).await.map_err(StoreError::broken)?;
        warn_where_nothing_is_safe(&migrating).await?;
        migrating.close().await;

        // A server that hangs in the middle of a transaction must not hold up the others for ever.
        let careful = options
            .clone()
            .options([("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "30s")]);
        let write = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECTION_WITHIN)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(DURABLE).await.map(drop) })
            })
            .connect_with(careful)
            .await?;
        // Nothing that is said here must outlive a crash.
        let news = PgPoolOptions::new()
            .max_connections(FOR_NEWS)
            .acquire_timeout(CONNECTION_WITHIN)
            .connect_with(options.options([("synchronous_commit", "off")]))
            .await?;
        let writers = sql::Writers::start(&write, &news::Announcer::start(news.clone()));
        Ok(Self { read: write.clone(), write, news, writers })
    }
}

impl NewsStore for PostgresStore {
    fn hints(&self) -> mpsc::Receiver<Hint> {
        news::hints(self.news.clone())
    }
}

/// A cluster that does not write to disk is for tests; whoever runs one with patients must hear of it.
async fn warn_where_nothing_is_safe(pool: &PgPool) -> Result<(), StoreError> {
    for setting in ["fsync", "full_page_writes"] {
        let value: String = query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(pool).await?;
        if value == "off" {
            tracing::warn!(setting, "PostgreSQL is set to lose acknowledged records in a crash");
        }
    }
    Ok(())
}
