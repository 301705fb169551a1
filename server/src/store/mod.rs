//! What the server keeps, behind one trait; each database is one folder beside this file.

mod outbox;
mod people;
mod records;
mod sqlite;

pub use outbox::*;
pub use people::*;
pub use records::*;
pub use sqlite::SqliteStore;

/// Everything that is kept. Callers hold an `Arc<dyn Store>` and never learn which database it is.
pub trait Store: RecordStore + PeopleStore + OutboxStore + Send + Sync {}

impl<T: RecordStore + PeopleStore + OutboxStore + Send + Sync> Store for T {}

/// Why something was not kept or not found out.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again in a moment.
    #[error("The database is busy. Try again in a moment.")]
    Busy(#[source] sqlx::Error),
    /// Somebody else wrote first: read again, decide again, write again.
    #[error("This was changed by somebody else at the same moment. Try again.")]
    Conflict,
    /// Our mistake or a broken disk: log it.
    #[error("The database could not be read or written.")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// For a stored value that cannot be what this program wrote.
    pub fn broken(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Broken(Box::new(cause))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let busy = match &error {
            sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(inner) => inner.message().contains("database is locked"),
            _ => false,
        };
        let taken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
        if busy {
            Self::Busy(error)
        } else if taken {
            Self::Conflict
        } else {
            Self::Broken(Box::new(error))
        }
    }
}
