//! What the server keeps, behind one trait; each database is one folder beside this file.

mod access;
mod activity;
mod ahead;
mod alerts;
mod audit;
mod backup;
mod bars;
mod cis2;
mod contact_limit;
mod database;
mod devices;
mod directory;
mod dmd;
mod joining;
mod kept;
mod news;
mod organisations;
mod outbox;
mod passkeys;
mod people;
mod places;
mod postgres;
mod practice_routes;
mod proofs;
mod quarantine;
mod records;
mod register;
mod removals;
mod retention;
mod sessions;
mod sqlite;
mod standing;
mod supplies;
mod tracing;
mod waiting;

pub use access::*;
pub use activity::*;
pub use ahead::*;
pub use alerts::*;
pub use audit::*;
pub use backup::*;
pub use bars::*;
pub use cis2::*;
pub use contact_limit::*;
pub use database::*;
pub use devices::*;
pub use directory::*;
pub use dmd::*;
pub use joining::*;
pub use kept::*;
pub use news::*;
pub use organisations::*;
pub use outbox::*;
pub use passkeys::*;
pub use people::*;
pub use places::*;
pub use postgres::PostgresStore;
pub use practice_routes::*;
pub use proofs::*;
pub use quarantine::*;
pub use records::*;
pub use register::*;
pub use removals::*;
pub use retention::*;
pub use sessions::*;
pub use sqlite::SqliteStore;
pub use standing::*;
pub use supplies::*;
pub use tracing::*;
pub use waiting::*;

/// Everything that is kept. Callers hold an `Arc<dyn Store>` and never learn which database it is.
pub trait Store:
    RecordStore
    + PeopleStore
    + PasskeyStore
    + DeviceStore
    + JoiningStore
    + SessionStore
    + AuditStore
    + AccessStore
    + StandingStore
    + RegisterStore
    + ContactLimitStore
    + OutboxStore
    + ProofStore
    + QuarantineStore
    + RemovalStore
    + RetentionStore
    + BackupStore
    + NewsStore
    + AheadStore
    + Cis2Store
    + TracingStore
    + OrganisationStore
    + KeptStore
    + WaitingStore
    + AlertStore
    + DirectoryStore
    + PracticeRouteStore
    + PlaceStore
    + DmdStore
    + BarsStore
    + SupplyStore
    + ActivityStore
    + Send
    + Sync
{
}

impl Store for SqliteStore {}
impl Store for PostgresStore {}

/// Why something was not kept or not found out.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again in a moment.
    #[error("The database is busy. Try again in a moment.")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
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
        if is_busy(&error) {
            return Self::Busy(error.into());
        }
        let taken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
        if taken { Self::Conflict } else { Self::broken(error) }
    }
}

/// Whether the same may succeed in a moment: somebody else is writing, or the database is away.
fn is_busy(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(inner) => {
            inner.message().contains("database is locked") || inner.code().is_some_and(|code| passes(&code))
        }
        _ => false,
    }
}

/// SQLSTATE codes of failures that pass by themselves (PostgreSQL, appendix A).
fn passes(code: &str) -> bool {
    // Serialization failure, deadlock, lock not available, read-only after a failover; and the classes of lost
    // connections, too few resources and an operator's intervention such as a shutdown.
    matches!(code, "40001" | "40P01" | "55P03" | "25006")
        || ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
}
