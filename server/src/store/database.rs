//! Which database is meant, and opening it.

use super::{PostgresStore, SqliteStore, Store, StoreError};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use std::str::FromStr as _;
use std::sync::Arc;

/// Opens the database that `url` names; `connections` is the most that PostgreSQL is asked for.
pub async fn open(url: &str, connections: u16) -> Result<Arc<dyn Store>, StoreError> {
    if is_postgres(url) {
        Ok(Arc::new(PostgresStore::open(url, connections.into()).await?))
    } else {
        Ok(Arc::new(SqliteStore::open(url).await?))
    }
}

/// Whether a database URL names PostgreSQL; otherwise it is SQLite's.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Whether a database URL can be meant; otherwise what it must be, without quoting it: it may hold a password.
pub fn check_url(url: &str) -> Result<(), &'static str> {
    if is_postgres(url) {
        match PgConnectOptions::from_str(url) {
            Ok(options) if options.get_database().is_some() => Ok(()),
            _ => Err("must be postgres://user:password@host/database"),
        }
    } else if url.starts_with("sqlite:") && SqliteConnectOptions::from_str(url).is_ok() {
        Ok(())
    } else {
        Err("must begin with sqlite:// followed by a path, or with postgres://")
    }
}

/// A database URL as it may be shown and logged.
pub fn without_password(url: &str) -> String {
    if !is_postgres(url) {
        return url.to_owned();
    }
    match PgConnectOptions::from_str(url) {
        Ok(options) => {
            let database = options.get_database().unwrap_or_default();
            format!(
                "postgres://{}@{}:{}/{database}",
                options.get_username(),
                options.get_host(),
                options.get_port()
            )
        }
        Err(_) => "postgres://".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let url = "postgresql://satchel:s3cret@db.example.nhs.uk/satchel?password=other&sslmode=verify-full";
        assert_eq!(without_password(url), "postgres://satchel@db.example.nhs.uk:5432/satchel");
        assert_eq!(without_password("sqlite://satchel.db"), "sqlite://satchel.db");
    }

    #[test]
    fn only_databases_that_can_be_meant_are_taken() {
        let meant = ["sqlite://satchel.db", "postgres://a:b@host/db", "postgresql://host/db"];
        assert!(meant.iter().all(|url| check_url(url).is_ok()));
        let not_meant = ["satchel.db", "mysql://host/db", "postgres://", "postgres://host:port/db"];
        assert!(not_meant.iter().all(|url| check_url(url).is_err()));
    }
}
