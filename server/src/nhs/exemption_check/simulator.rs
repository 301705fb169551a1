//! Our own exemption check: a few invented people with exemptions, and the refusals of the real one.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::patient::{NhsNumber, Postcode};
use shared::prescription::Id;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// NHS number and type: the demonstration's Mr Samplewick, and Mrs Wordwright with a maternity exemption.
const EXEMPT: [(&str, &str); 2] = [("9990523185", "9180"), ("9991110704", "9005")];
/// All of these must be there (RTEC swagger).
const REQUIRED: [&str; 6] = ["dob", "nhsNumber", "postcode", "forename", "surname", "prescriptionId"];

/// One exemption check; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Simulator(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    asked: Vec<(Value, Value)>,
    trouble: Option<(u16, Vec<u8>)>,
}

impl Simulator {
    pub fn new() -> Self {
        Self::default()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every answer is this status with these bytes; `None` for the usual.
    pub fn answer_with(&self, trouble: Option<(u16, Vec<u8>)>) {
        self.inside().trouble = trouble;
    }

    /// The questions so far, each with the claims of its token.
    pub fn asked(&self) -> Vec<(Value, Value)> {
        self.inside().asked.clone()
    }

    pub fn router(&self) -> Router {
        Router::new().route("/rtec-api-gateway/search", post(search)).with_state(self.clone())
    }
}

async fn search(State(check): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    let question: Value = serde_json::from_slice(&body).unwrap_or_default();
    let claims = claims(&headers);
    {
        let mut inside = check.inside();
        // A demonstration may run for weeks.
        if inside.asked.len() >= 100 {
            inside.asked.remove(0);
        }
        inside.asked.push((question.clone(), claims.clone().unwrap_or_default()));
        if let Some((status, body)) = &inside.trouble {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, body.clone()).into_response();
        }
    }
    let asid = headers.get("ssp-from").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if asid.len() != 12 || !asid.bytes().all(|byte| byte.is_ascii_digit()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(claims) = claims else { return StatusCode::UNAUTHORIZED.into_response() };
    let named = ["iss", "sub", "aud", "requesting_organization", "requesting_user"];
    if named.iter().any(|name| claims[name].as_str().unwrap_or_default().is_empty()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let text = |name: &str| question[name].as_str().unwrap_or_default();
    let proper = REQUIRED.iter().all(|name| !text(name).is_empty())
        && text("nhsNumber").parse::<NhsNumber>().is_ok()
        && text("postcode").parse::<Postcode>().is_ok()
        && Id::parse(text("prescriptionId")).is_ok()
        && text("dob").parse::<jiff::civil::Date>().is_ok();
    if !proper {
        return said(StatusCode::BAD_REQUEST, "bad request", None);
    }
    match EXEMPT.iter().find(|(number, _)| *number == text("nhsNumber")) {
        Some((_, kind)) => said(StatusCode::OK, "Exemption has been found", Some(kind)),
        None => said(StatusCode::NOT_FOUND, "Exemption has not been found", None),
    }
}

fn said(status: StatusCode, message: &str, kind: Option<&str>) -> Response {
    (status, Json(json!({ "message": message, "type": kind }))).into_response()
}

/// What an unsigned token claims; `None` for none.
fn claims(headers: &HeaderMap) -> Option<Value> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let mut parts = token.split('.');
    let (_, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if !signature.is_empty() || parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
