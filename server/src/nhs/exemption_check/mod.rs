//! Real-time exemption checking (RTEC): whether the NHSBSA knows an exemption of a patient whose electronic
//! prescription is dispensed. When it may be asked is decided by [`shared::prescription::exemption_check`].

mod client;
pub mod simulator;
mod wire;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use simulator::Simulator;

use jiff::civil::Date;
use shared::ids::OdsCode;
use shared::patient::{NhsNumber, Postcode};
use shared::prescription::Id;

/// Where the check is, and who we are on the Spine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptionCheckSettings {
    /// Without a slash at the end; `/rtec-api-gateway/search` follows.
    pub base_url: String,
    /// Twelve digits (`Ssp-From`).
    pub asid: String,
    /// What our tokens call us: this server's own address.
    pub issuer: String,
}

/// What is asked. All of it is needed (RTEC swagger, `SearchRequest`).
#[derive(Debug, Clone)]
pub struct Question {
    pub birth_date: Date,
    pub nhs_number: NhsNumber,
    pub postcode: Postcode,
    pub given_name: String,
    pub family_name: String,
    pub prescription: Id,
}

/// On whose behalf it is asked (PEC-FR-11 to 14).
#[derive(Debug, Clone)]
pub struct Asker {
    /// Our id of the person.
    pub person: String,
    pub name: String,
    /// Role profile that they chose at CIS2.
    pub role: String,
    pub job_role: String,
    pub organisation: OdsCode,
}

/// What the check said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// An exemption of this type.
    Found(String),
    /// None was found, which does not mean that there is none.
    NotFound,
}

/// Why the check said nothing. To whoever is at the screen they are all one: it could not be checked (PEC-FR-42).
#[derive(Debug, thiserror::Error)]
pub enum ExemptionCheckError {
    #[error("the exemption check does not answer")]
    Away(#[source] Option<reqwest::Error>),
    #[error("the exemption check did not take the question")]
    Invalid,
    #[error("the exemption check refused this server (HTTP {status})")]
    Refused { status: u16 },
    #[error("the exemption check gave an answer that cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
