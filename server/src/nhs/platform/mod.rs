//! Access tokens for every API of the NHS API platform: for this server itself, and for whoever is signed in with CIS2.
//!
//! Sources: the API platform's guides to application-restricted access (signed JWT) and to CIS2 separate
//! authentication and authorisation (token exchange).

mod application;
mod client;
mod errors;
pub mod simulator;
#[cfg(test)]
mod tests;
mod wire;
mod worker;

pub use errors::TokenError;
pub use simulator::Simulator;

use crate::app::App;
use crate::keys::AssertionKey;
use application::{RENEWED_BEFORE, Single};
use client::Client;
use secrecy::SecretString;
use shared::time::Millis;
use tower_sessions::Session;

/// How this server is known to the platform.
#[derive(Debug, Clone)]
pub struct PlatformSettings {
    /// `https://api.service.nhs.uk`, `https://int.api.service.nhs.uk` or a simulator; no slash at the end.
    pub base_url: String,
    /// The API key: the client id, and `iss` and `sub` of every assertion.
    pub api_key: String,
    /// Its secret, which the platform asks for when a healthcare worker's token is refreshed; `None`: not refreshed.
    pub secret: Option<SecretString>,
}

/// The one way to a token. Tokens are kept for as long as they are good and are never shown.
#[derive(Debug)]
pub struct Platform {
    client: Client,
    application: Single,
}

/// What an API needs to know about the healthcare worker it is called for.
#[derive(Debug, Clone)]
pub struct WorkerAccess {
    pub token: SecretString,
    /// The role chosen at CIS2, for `NHSD-Session-URID`; empty where CIS2 named none.
    pub role_id: String,
    /// Staff group, sub-group and job role, `S8000:G8000:R8003`; empty where CIS2 named none.
    pub job_role: String,
}

impl Platform {
    /// `http` comes from [`crate::nhs::http::client`]; `key` is the one registered with the platform (RS512).
    pub fn new(http: reqwest::Client, settings: PlatformSettings, key: AssertionKey) -> Self {
        Self { client: Client::new(http, settings, key), application: Single::default() }
    }

    /// Where every API of the platform is: `…/personal-demographics/FHIR/R4` follows.
    pub fn base_url(&self) -> &str {
        self.client.base_url()
    }

    /// The public half of the key, for our own JWKS.
    pub fn public_key(&self) -> &jsonwebtoken::jwk::Jwk {
        self.client.public_key()
    }

    /// A token for this server, where no healthcare worker is behind the request (application-restricted).
    pub async fn as_application(&self, now: Millis) -> Result<SecretString, TokenError> {
        self.application.token(now, || self.client.as_application(now)).await
    }

    /// A token for the healthcare worker of this session (CIS2 separate authentication and authorisation).
    pub async fn as_worker(&self, app: &App, session: &Session) -> Result<WorkerAccess, TokenError> {
        worker::access(&self.client, app, session).await
    }
}
