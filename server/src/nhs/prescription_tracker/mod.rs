//! The Clinical Prescription Tracker (FHIR R4): a patient's electronic prescriptions, and what became of each line.
//!
//! Only the NHS's own tracker may use it so far (its API description of September 2025); the client stands ready behind
//! `SATCHEL_PRESCRIPTION_TRACKER_URL`. Answers are read by [`shared::prescription::bundle`].

mod client;
pub mod simulator;
mod wire;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use simulator::Simulator;

use secrecy::SecretString;
use shared::ids::OdsCode;

/// On whose behalf the tracker is asked. It knows no other way than a healthcare worker's (CIS2, level 3).
#[derive(Debug, Clone)]
pub struct Access {
    pub token: SecretString,
    /// Role profile (`nhsd-session-urid`).
    pub role: String,
    /// Staff group, sub-group and job role: `S8000:G8000:R8003` (`nhsd-session-jobrole`).
    pub job_role: String,
    /// Where they work (`nhsd-organization-uuid`). That the ODS code is meant is unverified: the description only says
    /// *organization ID*.
    pub organisation: OdsCode,
}

/// What to do when the tracker does not answer.
#[derive(Debug, thiserror::Error)]
pub enum TrackerError {
    /// Nothing was asked: none is configured.
    #[error(
        "This server is not connected to the prescription tracker. Open the tracker’s website, look there, and \
         record what you find."
    )]
    NotSetUp,
    /// Try again later; go on without.
    #[error(
        "The prescription tracker does not answer. Nothing was found out. Look on its website or ask the GP practice, \
         and record what you find."
    )]
    Away(#[source] Option<reqwest::Error>),
    /// A person must change what is asked.
    #[error(
        "The prescription tracker could not search with this. Check the prescription id or the NHS number."
    )]
    SayMore,
    /// The token is not accepted (any more).
    #[error(
        "Looking for prescriptions needs a sign-in with your NHS identity (CIS2). Sign in, then try again."
    )]
    SignInAgain,
    /// Signed in, and not allowed: no retry helps.
    #[error(
        "The prescription tracker does not let you look with this role, or not this server. Look on its website \
         instead, and record what you find."
    )]
    NotAllowed,
    /// Not an answer of the tracker as it is specified.
    #[error(
        "The prescription tracker gave an answer that Satchel cannot read. Nothing was taken over from it. Look on \
         its website, and record what you find."
    )]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
