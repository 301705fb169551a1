//! The Organisation Data Service (Organisation Data Terminology API, FHIR R4): practices and pharmacies.

mod client;
pub mod simulator;
mod wire;

#[cfg(test)]
mod tests;

pub use client::{Client, OrganisationSearch};
pub use simulator::Simulator;

use secrecy::SecretString;

/// Where ODS is served, and the key it knows this server by.
#[derive(Debug, Clone)]
pub struct OdsSettings {
    /// `https://api.service.nhs.uk/organisation-data-terminology-api/fhir`, integration, sandbox or simulator; no slash
    /// at the end.
    pub base_url: String,
    /// API key, sent as `apikey`.
    pub key: SecretString,
    /// Organisations in one page.
    pub page: usize,
}

/// The API recommends paging; a page of so many stays far below the 10 MB that it refuses to exceed.
pub const DEFAULT_PAGE: usize = 200;

/// What to do when ODS does not answer about an organisation.
#[derive(Debug, thiserror::Error)]
pub enum OdsError {
    /// Nothing was asked: no ODS is configured.
    #[error(
        "This server is not connected to the Organisation Data Service, and does not know this from before."
    )]
    NotSetUp,
    /// Try again later; what is known from before still serves.
    #[error(
        "The Organisation Data Service does not answer, and this is not known from before. Try again later, or type \
         the practice’s name."
    )]
    Away(#[source] Option<reqwest::Error>),
    /// A person must change what is asked.
    #[error(
        "The Organisation Data Service could not search with this. Write more of the name or the postcode."
    )]
    SayMore,
    /// The key is wrong, or we asked wrongly: tell whoever looks after the server.
    #[error(
        "The Organisation Data Service refused this server (HTTP {status}). Tell whoever looks after it."
    )]
    Refused { status: u16 },
    /// Not an answer of ODS as it is specified.
    #[error("The Organisation Data Service gave an answer that Satchel cannot read. Try again later.")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
