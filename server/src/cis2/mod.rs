//! CIS2, the NHS's sign-in for staff: this server is the relying party (OpenID Connect, authorization code flow).
//!
//! Sources: NHS England, CIS2 Authentication, guidance for developers; OpenID Connect Core, Discovery and Back-Channel
//! Logout; RFC 7523, RFC 7636, RFC 9207.

mod callback;
mod checks;
mod logout;
mod people;
mod provider;
mod request;
mod return_path;
mod roles;
pub mod simulator;
mod standing;
mod userinfo;

pub use callback::{Answer, Outcome, finish};
pub use logout::{LogoutRefused, take as take_logout};
pub use request::start;
pub use return_path::ReturnPath;
pub use simulator::Simulator;
pub use standing::{Held, WorkerTokens, end_address, forget, handle_in, held, reread, standing};

use crate::keys::AssertionKey;
use jsonwebtoken::jwk::JwkSet;
use provider::Provider;
use shared::api::Cis2Failure;
use std::time::Duration;

/// The national organisation of locums: a role there is at no one pharmacy (NHS national RBAC).
pub const LOCUM: &str = "FFFFF";
/// How long CIS2 may take over one answer; a sign-in asks three times and must fit into one request.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// How this server is known to CIS2.
#[derive(Debug, Clone)]
pub struct Cis2Settings {
    /// As CIS2 writes it in its tokens, with `:443` where that stands there. Never read as an address.
    pub issuer: String,
    /// Address of the document that describes the provider.
    pub discovery: String,
    pub client_id: String,
    /// Asked for as `acr_values`, and what comes back must satisfy it: `AAL2_OR_AAL3_ANY`.
    pub acr: String,
    /// Where CIS2 sends the browser back to: `…/api/cis2/callback`.
    pub redirect_uri: String,
    /// How long one answer may take.
    pub patience: Duration,
}

/// The way to one provider.
#[derive(Debug)]
pub struct Cis2 {
    pub settings: Cis2Settings,
    /// The first signs; all are published, so that a key can be replaced without a gap.
    keys: Vec<AssertionKey>,
    provider: Provider,
}

impl Cis2 {
    /// `http` comes from [`crate::nhs::http::client`]; `keys` must not be empty.
    pub fn new(http: reqwest::Client, settings: Cis2Settings, keys: Vec<AssertionKey>) -> Self {
        Self { provider: Provider::new(http, settings.clone()), settings, keys }
    }

    /// The public halves of all keys.
    pub fn public_keys(&self) -> JwkSet {
        JwkSet { keys: self.keys.iter().map(|key| key.public().clone()).collect() }
    }
}

/// Why a sign-in did not succeed: the word for the person, and the cause for the log, which holds no token or name.
#[derive(Debug, thiserror::Error)]
#[error("a sign-in with CIS2 failed ({}): {cause}", .told.name())]
pub struct Failed {
    pub told: Cis2Failure,
    pub cause: String,
}

impl Failed {
    fn new(told: Cis2Failure, cause: impl Into<String>) -> Self {
        Self { told, cause: cause.into() }
    }

    fn untrusted(cause: impl Into<String>) -> Self {
        Self::new(Cis2Failure::NotTrusted, cause)
    }

    fn away(cause: impl std::fmt::Display) -> Self {
        Self::new(Cis2Failure::Unavailable, cause.to_string())
    }
}

impl From<crate::problem::Problem> for Failed {
    /// Of our own store or session: for the person, signing in did not work this time.
    fn from(problem: crate::problem::Problem) -> Self {
        Self::away(crate::problem::chain(&problem))
    }
}

impl From<crate::store::StoreError> for Failed {
    fn from(error: crate::store::StoreError) -> Self {
        Self::away(crate::problem::chain(&error))
    }
}
