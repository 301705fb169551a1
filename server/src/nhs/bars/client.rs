//! BaRS over HTTP as a sender: one message, one answer.

use super::codes::{DOS_ID, ODS_CODE};
use crate::nhs::fhir::{Element, Format};
use crate::nhs::http;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use shared::time::Millis;
use std::time::Duration;
use uuid::Uuid;

/// Far more than an answer has.
const LARGEST: usize = 5 * 1024 * 1024;
/// A receiver answers within five seconds, and the national proxy stands between (BaRS App 5).
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// What a response to a referral says of itself, for the statistics of BaRS.
const USE_CONTEXT: &str = "a5t1|referral|servicerequest-response|new";
/// The version of BaRS Core that is spoken.
const KIND: &str = "application/fhir+json; version=1.4.0";

/// One BaRS: live, integration, sandbox or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Without a slash at the end.
    base_url: String,
}

/// One message on its way.
pub struct Sending<'a> {
    /// Directory of Services id of the receiver.
    pub target: &'a str,
    /// The same for every try of one message: by it a receiver knows it again.
    pub request_id: Uuid,
    pub correlation_id: Uuid,
    /// What our clock says.
    pub at: Millis,
    /// ODS code and name of the pharmacy.
    pub organisation: (&'a str, &'a str),
    pub body: &'a [u8],
}

/// What a receiver did with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Now,
    /// It had come before; this was another try.
    Before,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BarsError {
    /// Nothing left this machine.
    #[error("BaRS could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It may have arrived: try again under the same request id.
    #[error("BaRS did not say whether the message arrived")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Try again later.
    #[error("BaRS asks to try again later")]
    Busy { after: Option<Millis> },
    /// Somebody here must mend it: key, certificate, registration.
    #[error("BaRS does not accept this server: {code}")]
    NotAllowed { code: String },
    /// Trying again changes nothing. `code` is of BaRS; `words` are ours, since the receiver's may quote the patient.
    #[error("{words}")]
    Refused { code: String, words: &'static str },
}

#[derive(Debug, thiserror::Error)]
#[error("an answer of status {0} that is not of BaRS")]
struct Odd(StatusCode);

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, base_url: &str) -> Self {
        Self { http, base_url: base_url.to_owned() }
    }

    /// Hands a message over. `token` is the application's.
    pub async fn send(&self, token: &SecretString, sending: &Sending<'_>) -> Result<Taken, BarsError> {
        let target = json!({ "value": sending.target, "system": DOS_ID });
        let (ods, name) = sending.organisation;
        let organisation = json!({
            "resourceType": "Organization",
            "identifier": [{ "system": ODS_CODE, "value": ods }],
            "name": name,
        });
        let device = json!({
            "resourceType": "Device",
            "identifier": [{ "system": "https://satchel.example/Id/device", "value": "satchel" }],
            "deviceName": [{ "name": "Satchel", "type": "manufacturer-name" }],
            "version": [{ "value": env!("CARGO_PKG_VERSION") }],
        });
        let encoded = |value: &serde_json::Value| STANDARD.encode(value.to_string());
        let request =
            http::named(self.http.post(format!("{}/$process-message", self.base_url)), sending.request_id)
                .timeout(ANSWER_WITHIN)
                .bearer_auth(token.expose_secret())
                .header("NHSD-Target-Identifier", encoded(&target))
                .header("NHSD-End-User-Organisation", encoded(&organisation))
                .header("NHSD-Requesting-Software", encoded(&device))
                .header("X-Correlation-Id", sending.correlation_id.to_string())
                .header("use-context", USE_CONTEXT)
                .header(CONTENT_TYPE, KIND)
                .header(ACCEPT, KIND)
                .body(sending.body.to_vec());
        let answer = request.send().await.map_err(|error| {
            let error = error.without_url();
            if error.is_connect() { BarsError::Unreachable(error) } else { BarsError::Unknown(error.into()) }
        })?;
        read(answer, sending.at).await
    }
}

async fn read(answer: Response, now: Millis) -> Result<Taken, BarsError> {
    let status = answer.status();
    let after = http::retry_after(answer.headers(), now);
    let body = http::body(answer, LARGEST).await.map_err(|error| BarsError::Unknown(error.into()))?;
    let resource = Format::Json.read(&body).unwrap_or_default();
    if status.is_success() {
        // A page of something in between says nothing about the message.
        return if resource.kind == "Bundle" {
            Ok(Taken::Now)
        } else {
            Err(BarsError::Unknown(Odd(status).into()))
        };
    }
    let code = code(&resource, status);
    let refused = |words| Err(BarsError::Refused { code: code.clone(), words });
    match status {
        StatusCode::CONFLICT if resource.text("issue.code") == "duplicate" => Ok(Taken::Before),
        StatusCode::CONFLICT => {
            refused("The referrer’s system says that another message came under the same id.")
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Err(BarsError::Busy { after }),
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT | StatusCode::BAD_GATEWAY => {
            Err(BarsError::Unknown(Odd(status).into()))
        }
        status if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => {
            Err(BarsError::Unknown(Odd(status).into()))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(BarsError::NotAllowed { code }),
        StatusCode::NOT_FOUND => {
            refused("The referrer’s system is not known to BaRS, or does not know this referral.")
        }
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
            refused("The referrer’s system takes no answers by BaRS.")
        }
        _ => refused("The referrer’s system would not have the answer."),
    }
}

/// BaRS's own code, or the status where the answer has none. Only what is written like a code: anything else could be
/// about a patient.
fn code(outcome: &Element, status: StatusCode) -> String {
    let code = outcome.text("issue.details.coding.code");
    let is_code =
        !code.is_empty() && code.len() <= 40 && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if is_code { code.to_owned() } else { status.as_u16().to_string() }
}
