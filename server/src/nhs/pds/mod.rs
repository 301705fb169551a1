//! The Personal Demographics Service (PDS FHIR API, R4): who a patient is, by NHS number or by what is known of them.

mod client;
mod fault;
mod gate;
mod patient;
mod search;
pub mod simulator;
mod wire;

#[cfg(test)]
mod sandbox_tests;
#[cfg(test)]
mod tests;

pub use client::Client;
pub use fault::{Decision, Telling, decision};
pub use search::Search;
pub use simulator::Simulator;

use secrecy::SecretString;
use shared::ids::OdsCode;
use std::time::Duration;

/// Where PDS is served, and how long is waited for it.
#[derive(Debug, Clone)]
pub struct PdsSettings {
    /// `https://api.service.nhs.uk/personal-demographics/FHIR/R4`, integration, sandbox or simulator; no slash at the
    /// end.
    pub base_url: String,
    pub pace: Pace,
}

/// How long is waited and how often is tried.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// For all tries of one request together, waiting in our own queue included.
    pub patience: Duration,
    /// For one try.
    pub each: Duration,
    /// About how long the first pause between two tries is; each further one is twice as long.
    pub pause: Duration,
}

impl Default for Pace {
    /// What a person in front of a screen bears.
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            each: Duration::from_secs(5),
            pause: Duration::from_millis(250),
        }
    }
}

/// On whose behalf PDS is asked.
#[derive(Debug, Clone)]
pub struct Access {
    /// The NHS API platform's access token.
    pub token: SecretString,
    /// For which pharmacy; sent as `NHSD-End-User-Organisation-ODS`, since one server serves several.
    pub organisation: OdsCode,
    pub mode: Mode,
}

/// PDS's access modes that are used here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// A healthcare worker is signed in with CIS2. `role` is the role profile id they chose (`NHSD-Session-URID`).
    Worker { role: Option<String> },
    /// A background process with no user present: one unique match or none.
    Application,
}

impl Mode {
    /// `worker` or `application`, as the store keeps it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Worker { .. } => "worker",
            Self::Application => "application",
        }
    }
}

/// What to do when PDS gives no answer about the patient.
#[derive(Debug, thiserror::Error)]
pub enum PdsError {
    /// Nothing was asked: no PDS is configured.
    #[error(
        "This server is not connected to the Personal Demographics Service. Record what the patient says; it stays \
         marked as not traced."
    )]
    NotSetUp,
    /// Try again in a moment: the limit of PDS, or too many of our own are waiting.
    #[error(
        "The Personal Demographics Service is asked by many at the moment. Nothing was found out. Try again in a \
         minute, or record what the patient says and look them up later."
    )]
    Busy,
    /// Try again later; go on without.
    #[error(
        "The Personal Demographics Service does not answer. Nothing was found out. Record what the patient says; it \
         stays marked as not traced. Look them up later."
    )]
    Away(#[source] Option<reqwest::Error>),
    /// A person must change what is asked.
    #[error(
        "The Personal Demographics Service could not search with what was typed. Check the names, the birth date \
         and the postcode, then try again."
    )]
    SayMore,
    /// The token is not accepted (any more).
    #[error("Looking a patient up needs a sign-in with your NHS identity (CIS2). Sign in, then try again.")]
    SignInAgain,
    /// Signed in, and not allowed: no retry helps.
    #[error(
        "The Personal Demographics Service does not let you look patients up with this role. Choose another role \
         when you sign in with your NHS identity, or ask your Registration Authority."
    )]
    NotAllowed,
    /// Our mistake or our registration's: log it and tell whoever looks after the server.
    #[error(
        "The Personal Demographics Service refused how Satchel asked ({code}). Tell whoever looks after the server. \
         Record what the patient says; it stays marked as not traced."
    )]
    OurFault {
        /// The Spine error code, `MISSING_VALUE`.
        code: String,
    },
    /// Not an answer of PDS as it is specified.
    #[error(
        "The Personal Demographics Service gave an answer that Satchel cannot read. Nothing was taken over from it. \
         Try again; if it goes on, tell whoever looks after the server."
    )]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
