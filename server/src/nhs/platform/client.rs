//! The token endpoint over HTTP: one request, one answer, nothing kept.

use super::PlatformSettings;
use super::errors::{Later, TokenError, refused};
use super::wire::{ErrorAnswer, TokenAnswer};
use crate::keys::AssertionKey;
use crate::nhs::http;
use jsonwebtoken::jwk::Jwk;
use reqwest::StatusCode;
use secrecy::ExposeSecret as _;
use shared::time::Millis;
use uuid::Uuid;

pub const BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Far more than a token answer has.
const LARGEST_ANSWER: usize = 64 * 1024;

/// One application at one environment of the platform.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    settings: PlatformSettings,
    key: AssertionKey,
    /// The address asked, and the assertion's audience: the two must be the same text.
    token_url: String,
}

impl Client {
    pub fn new(http: reqwest::Client, settings: PlatformSettings, key: AssertionKey) -> Self {
        let token_url = format!("{}/oauth2/token", settings.base_url);
        Self { http, settings, key, token_url }
    }

    pub fn base_url(&self) -> &str {
        &self.settings.base_url
    }

    pub fn public_key(&self) -> &Jwk {
        self.key.public()
    }

    /// Application-restricted: a signed JWT for a token.
    pub async fn as_application(&self, now: Millis) -> Result<TokenAnswer, TokenError> {
        let assertion = self.assertion(now)?;
        self.ask(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", BEARER_ASSERTION),
            ("client_assertion", &assertion),
        ])
        .await
    }

    /// Token exchange: a CIS2 sign-in for a token of the person.
    pub async fn exchanged(&self, id_token: &str, now: Millis) -> Result<TokenAnswer, TokenError> {
        let assertion = self.assertion(now)?;
        self.ask(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
            ("subject_token", id_token),
            ("client_assertion_type", BEARER_ASSERTION),
            ("client_assertion", &assertion),
        ])
        .await
    }

    /// The next token for one that was refreshed; the refresh token is used up by it.
    pub async fn refreshed(&self, refresh: &str) -> Result<TokenAnswer, TokenError> {
        let Some(secret) = &self.settings.secret else { return Err(TokenError::Cis2Needed) };
        self.ask(&[
            ("grant_type", "refresh_token"),
            ("client_id", &self.settings.api_key),
            ("client_secret", secret.expose_secret()),
            ("refresh_token", refresh),
        ])
        .await
    }

    fn assertion(&self, now: Millis) -> Result<String, TokenError> {
        self.key.assertion(&self.settings.api_key, &self.token_url, now).map_err(TokenError::away)
    }

    async fn ask(&self, form: &[(&str, &str)]) -> Result<TokenAnswer, TokenError> {
        let request = http::named(self.http.post(&self.token_url).form(form), Uuid::new_v4());
        let answer = request.send().await.map_err(|error| TokenError::away(error.without_url()))?;
        let status = answer.status();
        let body = http::body(answer, LARGEST_ANSWER).await.map_err(TokenError::away)?;
        if status == StatusCode::OK {
            // What could not be read may hold a token, so the cause is told without its words.
            return serde_json::from_slice(&body).map_err(|_| TokenError::away(Later(status)));
        }
        Err(refused(status, serde_json::from_slice::<ErrorAnswer>(&body).unwrap_or_default()))
    }
}
