//! The SQL of both databases: compiled once inside `sqlite` and once inside `postgres`.
//!
//! Whichever of the two is `super` names the types, and its `dialect` says the little in which they differ.

mod access;
mod activity;
mod ahead;
mod alerts;
mod append;
mod audit;
mod backup;
mod bars;
mod cis2;
mod columns;
mod contact_limit;
mod devices;
mod directory;
mod dmd;
mod group;
mod joining;
mod kept;
mod organisations;
mod outbox;
mod passkeys;
mod people;
mod places;
mod practice_routes;
mod proofs;
mod quarantine;
mod records;
mod register;
mod removals;
mod retention;
mod sessions;
mod standing;
mod supplies;
mod tracing;
mod waiting;

use super::{Connection, DbRow, Pool, SqlStore, dialect};

pub use group::Writers;
