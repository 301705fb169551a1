//! Our own referrer: a practice that sends a referral by BaRS when asked, and takes the response as strictly as a
//! receiver must.

use super::codes::{EVENTS, RESPONSE, RESPONSE_REFERRAL, dos_id};
use crate::clock::Clock;
use crate::intake::bars::{Headers, Outcome, Refusal, content_format};
use crate::nhs::fhir::{Element, Format};
use crate::nhs::http;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::time::{Millis, stored};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// The pretend practice's id at the Directory of Services, which no real service has.
pub const PRACTICE_SERVICE: &str = "2099000777";
/// The referral that it sends, of an invented patient.
const EXAMPLE: &str = include_str!("../../intake/bars/fixtures/new.json");

/// Whom a token is of; `true` for an application's.
pub type Tokens = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// One referrer; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inside>);

struct Inside {
    believed: Tokens,
    clock: Clock,
    /// Where referrals are sent, `http://127.0.0.1:8080/bars/FHIR/R4`; empty: none are.
    receiver: String,
    /// Directory of Services id of the pharmacy they are sent to.
    pharmacy: String,
    state: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    /// Responses by request id, with the bytes.
    responses: BTreeMap<Uuid, Bytes>,
    /// Bundles by id.
    bundles: BTreeMap<String, Value>,
    /// What every request is answered with instead.
    trouble: Option<(u16, &'static str, Vec<u8>)>,
}

impl Simulator {
    /// One that takes responses only.
    pub fn believing(believed: Tokens) -> Self {
        Self::sending(believed, Clock::Real, "", "")
    }

    /// One that also sends its referral to `pharmacy` at `receiver`.
    pub fn sending(believed: Tokens, clock: Clock, receiver: &str, pharmacy: &str) -> Self {
        let state = Mutex::new(Taken::default());
        let (receiver, pharmacy) = (receiver.to_owned(), pharmacy.to_owned());
        Self(Arc::new(Inside { believed, clock, receiver, pharmacy, state }))
    }

    fn state(&self) -> MutexGuard<'_, Taken> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every message is answered with this status, content type and body; `None` for the usual.
    pub fn answer_with(&self, trouble: Option<(u16, &'static str, Vec<u8>)>) {
        self.state().trouble = trouble;
    }

    /// The responses taken, each once.
    pub fn responses(&self) -> Vec<Value> {
        self.state().bundles.values().cloned().collect()
    }

    /// `/FHIR/R4/$process-message` takes responses, `/responses` lists them, `/send` sends a referral.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/FHIR/R4/$process-message", post(process))
            .route("/responses", get(async |State(simulator): State<Self>| Json(simulator.responses())))
            .route("/send", post(send))
            .with_state(self.clone())
    }

    fn take(&self, headers: &HeaderMap, body: &Bytes) -> Result<Element, Refusal> {
        let token =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if !token.is_some_and(|token| (self.0.believed)(token)) {
            return Err(Refusal::new(Outcome::Unauthorized, "No token of an application."));
        }
        let read = Headers::read(headers)?;
        let bundle = content_format(headers)?
            .read(body)
            .map_err(|why| Refusal::new(Outcome::Invalid, why.to_string()))?;
        let known = self.state().responses.get(&read.request_id).cloned();
        if let Some(had) = known {
            let outcome = if had == *body { Outcome::Duplicate } else { Outcome::Conflict };
            return Err(Refusal::new(outcome, "This request id was used before."));
        }
        check(&bundle, &read)?;
        let id = bundle.text("id").to_owned();
        let json = serde_json::from_slice(&Format::Json.write(&bundle)).unwrap_or_default();
        let mut state = self.state();
        if state.bundles.contains_key(&id) {
            return Err(Refusal::new(Outcome::Invariant, "This Bundle.id was used before."));
        }
        state.bundles.insert(id.clone(), json);
        state.responses.insert(read.request_id, body.clone());
        let mut answer = bundle;
        answer.set("id", Uuid::new_v4().to_string());
        Ok(answer)
    }
}

/// What a receiver of responses looks at.
fn check(bundle: &Element, headers: &Headers) -> Result<(), Refusal> {
    let refuse = |words: &str| Err(Refusal::new(Outcome::Invariant, words));
    let Some(header) = bundle.first("entry.resource").filter(|header| header.kind == "MessageHeader") else {
        return refuse("The first entry is not a MessageHeader.");
    };
    if bundle.text("type") != "message" || bundle.text("meta.versionId").is_empty() {
        return refuse("Not a message of a version.");
    }
    if !header.has_code("eventCoding", EVENTS, RESPONSE) || header.text("definition") != RESPONSE_REFERRAL {
        return refuse("Not a response to a referral.");
    }
    if dos_id(header.text("destination.endpoint")) != Some(headers.target.as_str())
        || headers.target != PRACTICE_SERVICE
    {
        return Err(Refusal::new(Outcome::NotFound, "This is not who is meant."));
    }
    if header.text("response.identifier").is_empty() || header.text("reason.coding.code") != "new" {
        return refuse("The response does not say what it answers.");
    }
    let resources = bundle.all("entry.resource");
    for kind in
        ["ServiceRequest", "Patient", "Practitioner", "PractitionerRole", "Consent", "HealthcareService"]
    {
        if !resources.iter().any(|resource| resource.kind == kind) {
            return refuse("A resource of the response is missing.");
        }
    }
    let request = resources.iter().find(|resource| resource.kind == "ServiceRequest");
    if !request.is_some_and(|request| matches!(request.text("status"), "revoked" | "completed")) {
        return refuse("The ServiceRequest of a response is revoked or completed.");
    }
    Ok(())
}

async fn process(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    let trouble = simulator.state().trouble.clone();
    if let Some((status, kind, body)) = trouble {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return (status, [(header::CONTENT_TYPE, kind), (header::RETRY_AFTER, "7")], body).into_response();
    }
    let (status, resource) = match simulator.take(&headers, &body) {
        Ok(answer) => (200, answer),
        Err(refusal) => (refusal.outcome.published().0, refusal.resource(Uuid::new_v4())),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(header::CONTENT_TYPE, Format::Json.content_type())];
    (status, kind, Format::Json.write(&resource)).into_response()
}

/// Sends the example, as a message of this moment with ids of its own.
async fn send(State(simulator): State<Simulator>) -> Response {
    let ids = [Uuid::new_v4(), Uuid::new_v4()];
    let example = example(&simulator.0.pharmacy, ids, simulator.0.clock.now());
    let target = json!({ "value": simulator.0.pharmacy, "system": super::codes::DOS_ID });
    let organisation = json!({
        "resourceType": "Organization",
        "identifier": [{ "system": super::codes::ODS_CODE, "value": "A99998" }],
        "name": "Larch Court Health Centre",
    });
    let encoded = |value: &Value| STANDARD.encode(value.to_string());
    let Ok(client) = http::client(None) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let request =
        http::named(client.post(format!("{}/$process-message", simulator.0.receiver)), Uuid::new_v4())
            .header("NHSD-Target-Identifier", encoded(&target))
            .header("NHSD-End-User-Organisation", encoded(&organisation))
            .header("NHSD-Requesting-Software", encoded(&json!({ "resourceType": "Device" })))
            .header("X-Correlation-Id", Uuid::new_v4().to_string())
            .header("Content-Type", "application/fhir+json; version=1.4.0")
            .body(example);
    let Ok(answer) = request.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let body: Value = http::body(answer, 1 << 22)
        .await
        .ok()
        .and_then(|body| serde_json::from_slice(&body).ok())
        .unwrap_or_default();
    (status, Json(json!({ "bundle": ids[0], "answer": body }))).into_response()
}

/// The example for that service, under those ids of Bundle and case, sent now.
fn example(pharmacy: &str, [bundle, case]: [Uuid; 2], now: Millis) -> String {
    let day = 24 * 60 * 60 * 1000;
    EXAMPLE
        .replace("5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417", &bundle.to_string())
        // Each referral is one of its own, not a version of the one before.
        .replace("0b5e0000-0000-4000", &case.to_string()[..18])
        .replace("LC 20417", &case.simple().to_string()[..8])
        .replace("2099000001", pharmacy)
        .replace("2026-11-22T13:40:00+00:00", &stored(now))
        .replace("2026-11-23T13:40:00+00:00", &stored(now + day))
}

/// For people who try the demonstration.
async fn page() -> Html<&'static str> {
    Html(
        "<!doctype html><html lang=\"en\"><title>Pretend practice</title><h1>Pretend practice</h1>\
         <form method=\"post\" action=\"/simulator/bars/send\"><button>Send a referral by BaRS</button></form>\
         <p><a href=\"/simulator/bars/responses\">Responses that came back</a></p></html>",
    )
}
