//! In what SQLite differs.

use super::SqliteStore;
use crate::store::StoreError;
use shared::ids::OdsCode;
use std::collections::BTreeMap;
use std::future::{Ready, ready};

/// Takes the one write lock at once: a transaction that reads first and writes later could find it taken.
pub const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// What is read in one transaction is of one moment.
pub const BEGIN_READ: &str = "BEGIN";

/// SQLite has one writer at a time.
pub const WRITERS: usize = 1;

/// Nothing to skip: while one writes nobody else does.
macro_rules! skip_locked {
    ($table:literal) => {
        ""
    };
}
pub(in crate::store::sqlite) use skip_locked;

/// Nobody is told: others on the same file look at the logs now and then.
#[derive(Debug, Clone)]
pub struct Announcer;

impl Announcer {
    /// Does nothing.
    #[expect(clippy::unused_self, reason = "the other database has somebody to tell")]
    pub fn logs_reached(&self, _reached: BTreeMap<OdsCode, u64>) {}
}

impl SqliteStore {
    /// All processes on one file are on one machine and share its clock.
    #[expect(clippy::unused_self, reason = "the other database has a clock to ask")]
    pub(super) fn clock_agrees(&self) -> Ready<Result<(), StoreError>> {
        ready(Ok(()))
    }
}

/// The columns of a table in their order: `name` and `kind`.
pub const COLUMNS: &str = "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid";

/// Row numbers may be given when a row is inserted.
pub const OVERRIDING: &str = "";

/// What a restore begins with. A writer is alone already; rows may come before those they refer to.
pub fn alone(_tables: &[&str]) -> Vec<String> {
    vec!["PRAGMA defer_foreign_keys = ON".to_owned()]
}

/// What makes row numbers go on after those that were given: nothing, the largest one counts.
pub fn places_go_on(_layout: &crate::store::Layout) -> Vec<String> {
    Vec::new()
}

/// Lets a restore take lines out of the audit log, inside its own transaction.
pub const LOG_UNGUARDED: &[&str] = &["DROP TRIGGER audit_never_deleted"];

/// Guards it again, as migration 0010 does.
pub const LOG_GUARDED: &[&str] = &["CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END"];
