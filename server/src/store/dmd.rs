//! The release of dm+d in use: the files devices fetch, and replaced ids. Public data; no patient's.

use super::StoreError;
use async_trait::async_trait;
use shared::time::Millis;

/// Larger than a packet and small enough to be held many times.
pub const DMD_CHUNK: usize = 256 * 1024;

/// A release that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmdRelease {
    /// Its day: `2026-11-16`.
    pub release: String,
    /// SHA-256 over the names and contents of its files.
    pub digest: [u8; 32],
    /// Number of the rules by which the files were built.
    pub builder: u32,
    pub imported_at: Millis,
    /// `file`, `demonstration`, or `trud` with what TRUD calls it.
    pub source: String,
    /// JSON: how much there is of what.
    pub counts: String,
    /// JSON: what changed since the release before.
    pub changes: String,
    pub files: Vec<DmdFile>,
}

/// One file built from a release; its bytes lie packed, in chunks of [`DMD_CHUNK`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmdFile {
    /// `core`, `full`, `ledger`.
    pub name: String,
    /// Of the file before it was packed.
    pub sha256: [u8; 32],
    /// Packed, and whole.
    pub bytes: u64,
    pub whole: u64,
    pub chunks: u32,
}

/// A release to be put in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDmd {
    pub release: DmdRelease,
    /// The packed bytes of [`DmdRelease::files`], in their order.
    pub contents: Vec<Vec<u8>>,
    pub replaced: Vec<DmdReplaced>,
}

/// An old id and the one that stands for it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmdReplaced {
    pub old: u64,
    pub new: u64,
    /// `vtm`, `vmp`, `ingredient`, `form`, `route`, `supplier`, `unit`.
    pub kind: String,
}

/// One dictionary for all servers on the database.
#[async_trait]
pub trait DmdStore {
    /// The release in use.
    async fn dmd_release(&self) -> Result<Option<DmdRelease>, StoreError>;

    /// Puts a release in the place of the one that was imported at `before` (`None`: there was none), whole or not at
    /// all. [`StoreError::Conflict`] where another took that place meanwhile.
    async fn put_dmd(&self, new: &NewDmd, before: Option<Millis>) -> Result<(), StoreError>;

    /// A part of a file of the release in use, counted from 0. `None` also where another release came into use.
    async fn dmd_chunk(&self, sha256: &[u8; 32], place: u32) -> Result<Option<Vec<u8>>, StoreError>;

    /// What took the place of an id.
    async fn dmd_replaced(&self, old: u64) -> Result<Option<DmdReplaced>, StoreError>;
}
