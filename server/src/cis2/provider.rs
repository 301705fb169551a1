//! What the provider says about itself: discovery, kept for an hour at most, and its keys.

use super::{Cis2Settings, Failed};
use crate::nhs::http::{self, BodyError};
use crate::problem::chain;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, HttpRequest, HttpResponse, ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::time::Millis;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

const HOUR: Millis = 3_600_000;
/// A stranger who invents key names must not make us ask for keys each time.
const REFETCHED_EVERY: Millis = 5 * 60_000;
/// Far more than any of these documents has.
const LARGEST: usize = 512 * 1024;

/// What discovery holds beyond the library's own fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    pub end_session_endpoint: Option<String>,
    pub code_challenge_methods_supported: Vec<String>,
}

impl AdditionalProviderMetadata for Extra {}

/// The discovery document.
pub type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider's public keys, for the two readers of them.
#[derive(Debug, Clone)]
pub struct Keys {
    /// For ID tokens.
    pub openid: CoreJsonWebKeySet,
    /// For everything else that is signed.
    pub plain: JwkSet,
}

/// One provider, over HTTP.
#[derive(Debug)]
pub struct Provider {
    http: reqwest::Client,
    settings: Cis2Settings,
    metadata: Mutex<Option<(Millis, Arc<Metadata>)>>,
    keys: Mutex<Option<KeptKeys>>,
}

#[derive(Debug)]
struct KeptKeys {
    at: Millis,
    /// When an unknown name last made us ask again; `None` since they were first fetched: never.
    again: Option<Millis>,
    keys: Arc<Keys>,
}

impl Provider {
    pub fn new(http: reqwest::Client, settings: Cis2Settings) -> Self {
        Self { http, settings, metadata: Mutex::default(), keys: Mutex::default() }
    }

    /// The discovery document. Its issuer must be the configured one, letter by letter.
    pub async fn metadata(&self, now: Millis) -> Result<Arc<Metadata>, Failed> {
        let mut kept = self.metadata.lock().await;
        if let Some((at, metadata)) = kept.as_ref()
            && (*at..*at + HOUR).contains(&now)
        {
            return Ok(metadata.clone());
        }
        let bytes = self.get(&self.settings.discovery).await?;
        let metadata: Metadata = serde_json::from_slice(&bytes)
            .map_err(|error| Failed::away(format!("the discovery document cannot be read: {error}")))?;
        if metadata.issuer().as_str() != self.settings.issuer {
            return Err(Failed::untrusted(format!(
                "discovery is of the issuer {}, and SATCHEL_CIS2_ISSUER says {}",
                metadata.issuer().as_str(),
                self.settings.issuer
            )));
        }
        let metadata = Arc::new(metadata);
        *kept = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// The provider's keys; asked for anew where `kid` is not among them, and that was not done lately.
    pub async fn keys(&self, kid: &str, now: Millis) -> Result<Arc<Keys>, Failed> {
        let mut kept = self.keys.lock().await;
        let mut again = None;
        if let Some(known) = kept.as_ref().filter(|known| (known.at..known.at + HOUR).contains(&now)) {
            let lately = known.again.is_some_and(|at| (at..at + REFETCHED_EVERY).contains(&now));
            if lately || known.keys.plain.find(kid).is_some() {
                return Ok(known.keys.clone());
            }
            again = Some(now);
        }
        let metadata = self.metadata(now).await?;
        let bytes = self.get(metadata.jwks_uri().as_str()).await?;
        let unreadable = |error| Failed::away(format!("the provider's keys cannot be read: {error}"));
        let openid = serde_json::from_slice(&bytes).map_err(unreadable)?;
        let listed: Value = serde_json::from_slice(&bytes).map_err(unreadable)?;
        // Kinds of keys that we cannot use stand beside those that we can.
        let each = listed["keys"].as_array().into_iter().flatten();
        let plain = JwkSet { keys: each.filter_map(|key| Jwk::deserialize(key).ok()).collect() };
        let keys = Arc::new(Keys { openid, plain });
        *kept = Some(KeptKeys { at: now, again, keys: keys.clone() });
        Ok(keys)
    }

    async fn get(&self, address: &str) -> Result<Vec<u8>, Failed> {
        let answer = self.send(self.http.get(address)).await?;
        if !answer.status().is_success() {
            return Err(Failed::away(format!("{address} answered {}", answer.status())));
        }
        http::body(answer, LARGEST).await.map_err(|error| Failed::away(chain(&error)))
    }

    /// Sends a request of ours, and waits no longer than is right for somebody who stands before a screen.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failed> {
        let request = http::named(request, Uuid::new_v4()).timeout(self.settings.patience);
        request.send().await.map_err(|error| Failed::away(chain(&error.without_url())))
    }

    /// Fetches an address with a bearer token; answers the kind of content and the content.
    pub async fn get_as(&self, address: &str, token: &str) -> Result<(String, Vec<u8>), Failed> {
        let answer = self.send(self.http.get(address).bearer_auth(token)).await?;
        if answer.status().is_server_error() {
            return Err(Failed::away(format!("userinfo answered {}", answer.status())));
        }
        if !answer.status().is_success() {
            return Err(Failed::untrusted(format!("userinfo answered {}", answer.status())));
        }
        let kind = answer.headers().get(reqwest::header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = http::body(answer, LARGEST).await.map_err(|error| Failed::away(chain(&error)))?;
        Ok((kind, bytes))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Bridge> {
        let (parts, body) = request.into_parts();
        let request = self.http.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        let request = http::named(request.body(body), Uuid::new_v4()).timeout(self.settings.patience);
        let answer = request.send().await.map_err(|error| Bridge::Away(error.without_url()))?;
        if answer.status().is_server_error() {
            return Err(Bridge::Failing(answer.status()));
        }
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        *response.body_mut() = http::body(answer, LARGEST).await?;
        Ok(response)
    }
}

/// The library's requests, through our client: it brings none of its own.
impl<'c> AsyncHttpClient<'c> for Provider {
    type Error = Bridge;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Bridge>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Why the library got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Bridge {
    #[error("the provider did not answer")]
    Away(#[source] reqwest::Error),
    #[error("the provider answered {0}")]
    Failing(reqwest::StatusCode),
    #[error(transparent)]
    Body(#[from] BodyError),
}
