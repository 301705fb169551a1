//! The Directory of Services Search API (`dos-search`, FHIR R4), which replaces the REST API: an organisation by its
//! ODS code, with the endpoints at which it takes messages.

mod client;
pub mod simulator;
mod wire;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use simulator::Simulator;
pub use wire::{Endpoint, Organisation, fuzzed};
