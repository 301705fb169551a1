//! In what PostgreSQL differs.

use super::PostgresStore;
use crate::clock::Clock;
use crate::store::StoreError;
use shared::time::Millis;
use sqlx::query_scalar;

pub use super::news::Announcer;

/// Each statement sees what is committed by then; rows that two writers want are locked by whoever comes first.
pub const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// What is read in one transaction is of one moment.
pub const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Groups of different pharmacies are committed side by side.
pub const WRITERS: usize = 4;

/// Rows that another worker is just taking are left to it.
macro_rules! skip_locked {
    ($table:literal) => {
        concat!("FOR UPDATE OF ", $table, " SKIP LOCKED")
    };
}
pub(in crate::store::postgres) use skip_locked;

/// The columns of a table in their order: `name` and `kind`.
pub const COLUMNS: &str = "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind
     FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
     ORDER BY ordinal_position";

/// Row numbers may be given when a row is inserted.
pub const OVERRIDING: &str = "OVERRIDING SYSTEM VALUE";

/// What a restore begins with: nobody else may read or write until it is done.
pub fn alone(tables: &[&str]) -> Vec<String> {
    let names = tables.iter().map(|table| format!("\"{table}\"")).collect::<Vec<_>>().join(", ");
    vec![format!("LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")]
}

/// What makes row numbers go on after those that were given.
pub fn places_go_on(layout: &crate::store::Layout) -> Vec<String> {
    let numbered = layout.tables.iter().filter(|table| table.columns.iter().any(|name| name == "place"));
    numbered
        .map(|table| {
            let name = &table.name;
            format!(
                "SELECT setval(pg_get_serial_sequence('{name}', 'place'), COALESCE(MAX(place), 0) + 1, false)
                 FROM \"{name}\""
            )
        })
        .collect()
}

/// Lets a restore take lines out of the audit log, inside its own transaction.
pub const LOG_UNGUARDED: &[&str] = &["ALTER TABLE audit DISABLE TRIGGER audit_never_deleted"];

/// Guards it again.
pub const LOG_GUARDED: &[&str] = &["ALTER TABLE audit ENABLE TRIGGER audit_never_deleted"];

/// By how much a server's clock may differ from the database's. Leases are longer than a send by more than this.
const CLOCKS_AGREE_WITHIN: Millis = 60_000;

/// This server's clock cannot be compared with other servers'.
#[derive(Debug, thiserror::Error)]
#[error(
    "this server's clock differs from the database's by {0} seconds; deliveries wait until it is set right"
)]
struct WrongClock(Millis);

impl PostgresStore {
    /// Whether leases taken here mean the same on other servers. The database's clock is the one they share.
    pub(super) async fn clock_agrees(&self) -> Result<(), StoreError> {
        let before = Clock::Real.now();
        let theirs: Millis =
            query_scalar("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
                .fetch_one(&self.write)
                .await?;
        let after = Clock::Real.now();
        match apart(before, theirs, after) {
            difference if difference <= CLOCKS_AGREE_WITHIN => Ok(()),
            difference => Err(StoreError::broken(WrongClock(difference / 1000))),
        }
    }
}

/// By how much the clocks differ at least, when the answer `theirs` was given between `before` and `after`.
fn apart(before: Millis, theirs: Millis, after: Millis) -> Millis {
    (before - theirs).max(theirs - after).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_wrong_clock() {
        assert_eq!(apart(1000, 1500, 90_000), 0);
        assert_eq!(apart(1000, 1500, 1400), 100);
        assert_eq!(apart(200_000, 1500, 200_100), 198_500);
    }
}
