//! The one place that builds an HTTP client for NHS systems: time-outs, no redirects, request ids, bounded bodies.

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Certificate, Client, Identity, RequestBuilder, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use shared::time::Millis;
use std::time::Duration;
use uuid::Uuid;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// What another system may ask for at most: a longer wait is a mistake, and would keep a message back for days.
const LONGEST_WAIT: Millis = 30 * 60_000;
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

/// How long another system asks to wait, in milliseconds from `now`: seconds or a date (RFC 9110, 10.2.3), never more
/// than half an hour.
pub fn retry_after(headers: &HeaderMap, now: Millis) -> Option<Millis> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<i64>() {
        Ok(seconds) => seconds.saturating_mul(1000),
        Err(_) => date(headers, &RETRY_AFTER)? - now,
    };
    Some(wait.clamp(0, LONGEST_WAIT))
}

/// A header that holds a date (RFC 9110, 5.6.7).
pub fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Millis> {
    let text = headers.get(name)?.to_str().ok()?;
    // HTTP says GMT where e-mail says +0000.
    let text = text.replace("GMT", "+0000");
    Some(DateTimeParser::new().parse_timestamp(text).ok()?.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, response::Redirect, routing::get};
    use reqwest::header::HeaderValue;

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

    #[test]
    fn how_long_to_wait_is_read_in_both_its_forms_and_is_never_days() {
        // Wed, 18 Nov 2026 11:06:40 GMT.
        let now = 1_795_000_000_000;
        let wait = |text| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            retry_after(&headers, now)
        };
        assert_eq!(wait("120"), Some(120_000));
        assert_eq!(wait("Wed, 18 Nov 2026 11:07:40 GMT"), Some(60_000));
        assert_eq!(wait("Wed, 18 Nov 2026 09:00:00 GMT"), Some(0), "that time is over");
        assert_eq!(wait("999999999999999999"), Some(LONGEST_WAIT));
        assert_eq!(wait("soon"), None);
    }
}
