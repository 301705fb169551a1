//! The Directory of Healthcare Services (Service Search API v3): the nearest pharmacies, dentists and others, with
//! their opening times, as NHS.UK shows them.

mod client;
pub mod simulator;
mod wire;

#[cfg(test)]
mod tests;

pub use client::{Client, Kind, Near};
pub use simulator::Simulator;
pub use wire::fuzzed;

use secrecy::SecretString;

/// Where Service Search is, and the key it knows this server by.
#[derive(Debug, Clone)]
pub struct ServiceSearchSettings {
    /// `https://api.service.nhs.uk/service-search-api`, integration, sandbox or simulator; no slash at the end.
    pub base_url: String,
    /// API key, sent as `apikey`.
    pub key: SecretString,
}
