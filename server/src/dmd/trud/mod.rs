//! TRUD, where NHS England publishes releases: which is the newest, and fetching it (medicines.md 1.1).
//!
//! The subscriber's key stands in the path of every address, so no address is ever shown or logged.

mod client;
mod simulator;
#[cfg(test)]
mod tests;

pub use client::{Client, Pace};
pub use simulator::Simulator;

use secrecy::SecretString;
use serde::Deserialize;

/// Where TRUD's API is.
pub const DEFAULT_URL: &str = "https://isd.digital.nhs.uk/trud/api/v1";
/// dm+d, weekly.
pub const DMD: u16 = 24;
/// The supplementary files: BNF codes, history, ingredients of moieties.
pub const SUPPLEMENT: u16 = 25;

/// How TRUD is reached.
#[derive(Debug, Clone)]
pub struct TrudSettings {
    /// Without a slash at the end.
    pub base_url: String,
    pub key: SecretString,
}

/// One release of an item.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrudRelease {
    /// `nhsbsa_dmd_11.2.0_20261116000001.zip`.
    pub id: String,
    #[serde(default)]
    pub release_date: String,
    /// Holds the key: never shown.
    archive_file_url: String,
    /// In hexadecimal; not every reply has it.
    #[serde(default)]
    archive_file_sha256: String,
}

impl std::fmt::Debug for TrudRelease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrudRelease")
            .field("id", &self.id)
            .field("release_date", &self.release_date)
            .finish_non_exhaustive()
    }
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum TrudError {
    #[error("TRUD does not answer at the moment. It is tried again later.")]
    Away(#[source] Option<reqwest::Error>),
    #[error(
        "TRUD refused this server (status {status}, item {item}). Is SATCHEL_TRUD_API_KEY right, and is the account \
         subscribed to this item?"
    )]
    Refused { status: u16, item: u16 },
    #[error("TRUD’s answer could not be understood: {0}.")]
    Unreadable(&'static str),
    #[error("TRUD named a file on another host than its own, which is not fetched.")]
    OtherHost,
    #[error("The file is larger than any release.")]
    TooLarge,
    #[error("The file was changed on the way: its checksum is not the one TRUD tells.")]
    Damaged,
    #[error("The file could not be written to this machine’s disk.")]
    Disk(#[source] std::io::Error),
}

impl TrudError {
    /// Whether the same may succeed in a moment.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Damaged)
    }
}
