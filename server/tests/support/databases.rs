//! A database of its own for each test: an SQLite file, or a fresh database on the PostgreSQL that
//! `SATCHEL_TEST_POSTGRES` names (`. script/setup postgres; start_postgres`).

use satchel::store::{PostgresStore, SqliteStore, Store};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::io::Write as _;
use std::sync::Arc;
use tempfile::TempDir;

/// How many connections a store in a test holds at most: tests run side by side on one cluster.
pub const CONNECTIONS: u32 = 6;

/// A database that goes with the test.
pub struct TestDatabase {
    /// For `SATCHEL_DATABASE_URL`.
    pub url: String,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// One more handle on it, as another server would have: pools, writers and news of its own.
    pub async fn open(&self) -> Arc<dyn Store> {
        if self.url.starts_with("sqlite:") {
            Arc::new(SqliteStore::open(&self.url).await.expect("an SQLite store"))
        } else {
            Arc::new(PostgresStore::open(&self.url, CONNECTIONS).await.expect("a PostgreSQL store"))
        }
    }
}

/// A file in a folder of its own.
pub fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
    TestDatabase { url, _folder: Some(folder) }
}

/// A database of a random name; the cluster is thrown away, and the database with it. `None`, said past the test
/// harness, where there is no cluster; a failure in CI and where `SATCHEL_TEST_REQUIRE_POSTGRES` is set.
pub async fn postgres() -> Option<TestDatabase> {
    let cluster = cluster()?;
    let name = format!("satchel_{}", uuid::Uuid::new_v4().simple());
    let options: PgConnectOptions = cluster.parse().expect("SATCHEL_TEST_POSTGRES is a PostgreSQL URL");
    let mut connection =
        PgConnection::connect_with(&options).await.expect("the PostgreSQL of the tests answers");
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .expect("a database can be made");
    let (before, _) = cluster.rsplit_once('/').expect("the URL names a database");
    Some(TestDatabase { url: format!("{before}/{name}"), _folder: None })
}

#[expect(clippy::disallowed_methods, reason = "only a test is told where its PostgreSQL is")]
fn cluster() -> Option<String> {
    if let Ok(url) = std::env::var("SATCHEL_TEST_POSTGRES") {
        return Some(url);
    }
    let required =
        ["CI", "SATCHEL_TEST_REQUIRE_POSTGRES"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(!required, "SATCHEL_TEST_POSTGRES is not set: script/test starts a PostgreSQL and names it");
    // Standard error may be closed; then nobody is there to read it.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: SATCHEL_TEST_POSTGRES is not set, so nothing was tried on PostgreSQL"
    );
    None
}
