//! Claims over HTTP: one request, one answer. Our reference makes a second try harmless.

use super::Act;
use crate::nhs::http;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use shared::time::Millis;
use std::time::Duration;
use uuid::Uuid;

/// Far more than an answer has.
const LARGEST: usize = 1024 * 1024;
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Longer than any id of theirs.
const LONGEST_ID: usize = 100;
const KIND: &str = "application/json";

/// One claims API: live, staging or simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Without a slash at the end; `/Claim` follows.
    base_url: String,
    /// Sent as a bearer token where one is set: the live API's way to know a supplier was not found.
    key: Option<SecretString>,
}

/// What NHSBSA did with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// NHSBSA's own id of the claim.
    pub id: String,
    /// It had come before; this was another try.
    pub before: bool,
}

/// Why a claim was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Nothing left this machine.
    #[error("NHSBSA could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It may have arrived: try again under the same reference.
    #[error("NHSBSA did not say whether the claim arrived")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("NHSBSA asks to try again later")]
    Busy { after: Option<Millis> },
    /// Address, key or registration of this server.
    #[error("NHSBSA does not accept this server (HTTP {status})")]
    NotAllowed { status: u16 },
    /// Trying again changes nothing: what to mend, as far as NHSBSA's code says it.
    #[error("{words}")]
    Refused { code: String, words: &'static str },
}

#[derive(Debug, thiserror::Error)]
#[error("an answer of status {0} that is not of the claims API")]
struct Odd(StatusCode);

impl Client {
    /// `http` comes from [`crate::nhs::http::client`].
    pub fn new(http: reqwest::Client, base_url: &str, key: Option<SecretString>) -> Self {
        Self { http, base_url: base_url.trim_end_matches('/').to_owned(), key }
    }

    /// Makes, changes or takes back a claim. `theirs` is NHSBSA's id of it, for those two; `at` what our clock says.
    pub async fn send(
        &self,
        act: Act,
        theirs: &str,
        request_id: Uuid,
        body: &[u8],
        at: Millis,
    ) -> Result<Taken, ClaimError> {
        let claims = format!("{}/Claim", self.base_url);
        let one = || format!("{claims}/{theirs}");
        let request = match act {
            Act::Create => self.http.post(&claims).body(body.to_vec()),
            Act::Amend => self.http.put(one()).body(body.to_vec()),
            Act::Delete => self.http.delete(one()),
        };
        let mut request = http::named(request, request_id)
            .timeout(ANSWER_WITHIN)
            .header(ACCEPT, KIND)
            .header(CONTENT_TYPE, KIND);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose_secret());
        }
        let answer = request.send().await.map_err(|error| {
            let error = error.without_url();
            if error.is_connect() {
                ClaimError::Unreachable(error)
            } else {
                ClaimError::Unknown(error.into())
            }
        })?;
        read(answer, act, theirs, at).await
    }
}

async fn read(answer: Response, act: Act, theirs: &str, now: Millis) -> Result<Taken, ClaimError> {
    let status = answer.status();
    let after = http::retry_after(answer.headers(), now);
    let body = http::body(answer, LARGEST).await.map_err(|error| ClaimError::Unknown(error.into()))?;
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = ["submissionId", "id"].into_iter().find_map(|name| id_in(&said, name));
    if status.is_success() {
        return match (act, id) {
            // A page of something in between says nothing about the claim.
            (Act::Create, None) => Err(ClaimError::Unknown(Odd(status).into())),
            (_, id) => Ok(Taken { id: id.unwrap_or_else(|| theirs.to_owned()), before: false }),
        };
    }
    let code = code(&said, status);
    let refused = |words| Err(ClaimError::Refused { code: code.clone(), words });
    match status {
        StatusCode::CONFLICT => match (act, id, code.as_str()) {
            (Act::Create, Some(id), "duplicate") => Ok(Taken { id, before: true }),
            (_, _, "declared") => refused(
                "The month has been declared, so this claim cannot be changed any more. Write to NHSBSA.",
            ),
            _ => refused("Another claim stands under this reference. Look in Manage Your Service."),
        },
        // It is gone already, which is what was wanted.
        StatusCode::NOT_FOUND | StatusCode::GONE if act == Act::Delete => {
            Ok(Taken { id: theirs.to_owned(), before: true })
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            refused("NHSBSA does not know the claim that was to be changed. Look in Manage Your Service.")
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Err(ClaimError::Busy { after }),
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            Err(ClaimError::Unknown(Odd(status).into()))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(ClaimError::NotAllowed { status: status.as_u16() })
        }
        _ => refused(mend(&code)),
    }
}

fn id_in(said: &Value, name: &str) -> Option<String> {
    let id = said
        .get(name)
        .and_then(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (!id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(plain)).then_some(id)
}

/// NHSBSA's code, or the status. Only what is written like a code: anything else could be about a patient.
fn code(said: &Value, status: StatusCode) -> String {
    let code = said.pointer("/issue/0/details/coding/0/code").and_then(Value::as_str).unwrap_or_default();
    let is_code =
        !code.is_empty() && code.len() <= 40 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if is_code { code.to_owned() } else { status.as_u16().to_string() }
}

/// What to mend, by the code of the refusal. NHSBSA's own list was not found; these are what its rules would refuse.
fn mend(code: &str) -> &'static str {
    match code {
        "window-closed" => {
            "The month cannot be claimed any more. With evidence that the IT failed, write to NHSBSA."
        }
        "in-the-future" => {
            "The consultation lies in the future. Check the clock of the device, and amend the record."
        }
        "patient-incomplete" => {
            "Name or birth date of the patient is missing. Add it, amend the record and sign again."
        }
        "professional" => "The GPhC number is not one. Mend it in Settings, amend the record and sign again.",
        "provider" => {
            "NHSBSA does not know the ODS code of this pharmacy, or it is not registered for the service."
        }
        "referrer" => {
            "The referrer is missing or cannot refer to this service. Add who referred, and sign again."
        }
        "complaint" => "The complaint is missing. Add it, amend the record and sign again.",
        "reason" => "Why the medicine was asked for is missing. Add it, amend the record and sign again.",
        "gateway" => "No gateway point is named. Look whether the consultation is payable.",
        "product" => {
            "A product without a dm+d code cannot be claimed. Choose it from the dictionary, and sign again."
        }
        "type" => "NHSBSA does not take claims of this kind from this server. Tell whoever looks after it.",
        _ => {
            "NHSBSA would not have the claim. Look in Manage Your Service what it says, mend the record and sign again."
        }
    }
}
