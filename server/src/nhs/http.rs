//! The one place that builds an HTTP client for NHS systems: time-outs, no redirects, request ids, bounded bodies.

use reqwest::{Certificate, Client, Identity, RequestBuilder, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use uuid::Uuid;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("satchel/", env!("CARGO_PKG_VERSION"));

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the answer is larger than allowed")]
    TooLarge,
    #[error("the answer broke off")]
    BrokeOff(#[source] reqwest::Error),
}

/// Builds the client that every integration shares.
///
/// `identity` is a PEM text with a certificate and its key, for systems that ask for mutual TLS (MESH live).
/// Fails when that text is not one, or when the machine has no usable TLS.
pub fn client(identity: Option<&SecretString>) -> Result<Client, reqwest::Error> {
    client_trusting(identity, None)
}

/// As [`client`]; `authorities` is a PEM text with the only authorities whose certificates are believed, where a system
/// has its own (the NHS root of live MESH), instead of those of the machine.
#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
pub fn client_trusting(
    identity: Option<&SecretString>,
    authorities: Option<&[u8]>,
) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        // A redirect would carry credentials and patient data to a place nobody configured.
        .redirect(Policy::none())
        .user_agent(USER_AGENT);
    if let Some(pem) = identity {
        builder = builder.identity(Identity::from_pem(pem.expose_secret().as_bytes())?);
    }
    if let Some(pem) = authorities {
        builder = builder.tls_certs_only(Certificate::from_pem_bundle(pem)?);
    }
    builder.build()
}

/// Names the request, so that the other side's support desk can find it.
pub fn named(request: RequestBuilder, id: Uuid) -> RequestBuilder {
    request.header("X-Request-ID", id.hyphenated().to_string())
}

/// Reads a body of at most `limit` bytes, counted after decompression.
pub async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|e| BodyError::BrokeOff(e.without_url()))? {
        if bytes.len() + part.len() > limit {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, response::Redirect, routing::get};

    async fn serve(router: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let base = serve(Router::new().route("/", get(|| async { Redirect::temporary("/elsewhere") }))).await;
        let answer = client(None).expect("a client").get(base).send().await.expect("an answer");
        assert!(answer.status().is_redirection());
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_not_read() {
        let base = serve(Router::new().route("/", get(|| async { "x".repeat(2000) }))).await;
        let answer = client(None).expect("a client").get(base).send().await.expect("an answer");
        assert!(matches!(body(answer, 1999).await, Err(BodyError::TooLarge)));
    }
}
