//! The Directory of Services over its REST API (UEC DoS REST v1.0): services of a kind near a postcode, and one by its
//! ODS code. It is to be retired, so a server goes without it where it is not configured.

mod client;
pub mod simulator;
mod wire;

#[cfg(test)]
mod tests;

pub use client::{Asked, Client};
pub use simulator::Simulator;
pub use wire::{Service, fuzzed};

use secrecy::SecretString;

/// Where the Directory of Services is, and the account that this server has there.
#[derive(Debug, Clone)]
pub struct DosRestSettings {
    /// `https://www.pathwaysdos.nhs.uk/app/controllers/api/v1.0/services`, or a simulator; no slash at the end.
    pub base_url: String,
    pub user: String,
    pub password: SecretString,
    /// Miles round the postcode: 37.5 unless set, at most 100 (DoS REST v1.0, `searchDistance`).
    pub miles: f32,
}

/// What the Directory of Services uses where no distance is said.
pub const DEFAULT_MILES: f32 = 37.5;
/// The farthest it searches.
pub const MOST_MILES: f32 = 100.0;
