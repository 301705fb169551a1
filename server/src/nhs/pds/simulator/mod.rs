//! Our own PDS: the published behaviours over invented people, and troubles that a test can order.

mod people;
mod search;

pub use people::{Person, Standing, people};

use super::{Pace, PdsSettings};
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use search::{Found, find};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

const SPINE: &str = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode";
/// Beyond so many the oldest requests are forgotten: a demonstration may run for weeks.
const REMEMBERED: usize = 1000;

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// An error as PDS writes it, with `Retry-After` in seconds where one is given.
    Error { status: u16, code: &'static str, retry_after: Option<u64> },
    /// No answer, ever.
    Silence,
    /// Whatever bytes.
    Answer { status: u16, kind: &'static str, body: Vec<u8> },
}

/// What one request said about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Path and query as they were asked for.
    pub path: String,
    pub request_id: String,
    pub correlation_id: String,
    pub role: String,
    pub organisation: String,
    pub token: String,
}

/// Whose a token is: `None` for one that is not accepted, else whether it is of a background process.
pub type Tokens = Arc<dyn Fn(&str) -> Option<bool> + Send + Sync>;

/// One PDS; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Mutex<Inside>>, Tokens);

#[derive(Debug, Default)]
struct Inside {
    people: Vec<Person>,
    troubles: VecDeque<Trouble>,
    asked: VecDeque<Asked>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("pds::Simulator")
    }
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulator {
    /// With everybody in [`people`]. Any token is good; one that begins with `application` is of a background process.
    pub fn new() -> Self {
        let any = |token: &str| (!token.is_empty()).then(|| token.starts_with("application"));
        Self::believing(Arc::new(any))
    }

    /// With tokens as somebody else gave them out.
    pub fn believing(tokens: Tokens) -> Self {
        Self(Arc::new(Mutex::new(Inside { people: people(), ..Inside::default() })), tokens)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request meets this; several are met one after another.
    pub fn next(&self, trouble: Trouble) {
        self.inside().troubles.push_back(trouble);
    }

    /// From now on other people are known.
    pub fn replace(&self, people: Vec<Person>) {
        self.inside().people = people;
    }

    /// The requests so far, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.inside().asked.iter().cloned().collect()
    }

    /// How to reach it where it is served at `base`, waiting as for the real one.
    pub fn settings(base: &str) -> PdsSettings {
        PdsSettings { base_url: base.to_owned(), pace: Pace::default() }
    }

    /// The routes of PDS, to be served under any path.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/Patient/{number}", get(retrieve))
            .route("/Patient", get(look_for))
            .layer(from_fn_with_state(self.clone(), at_the_door))
            .with_state(self.clone())
    }
}

/// Checks what every request must carry, and mirrors its ids (PDS FHIR API, request headers).
async fn at_the_door(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let asked = asked(&request);
    let trouble = {
        let mut inside = simulator.inside();
        if inside.asked.len() >= REMEMBERED {
            inside.asked.pop_front();
        }
        inside.asked.push_back(asked.clone());
        inside.troubles.pop_front()
    };
    let mut response = match trouble {
        Some(Trouble::Silence) => std::future::pending().await,
        Some(Trouble::Error { status, code, retry_after }) => {
            let mut response = outcome(status, code, "error", "processing");
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
        Some(Trouble::Answer { status, kind, body }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            (status, [(header::CONTENT_TYPE, kind)], Body::from(body)).into_response()
        }
        None => match refused(&asked, (simulator.1)(&asked.token)) {
            Some(refusal) => refusal,
            None => next.run(request).await,
        },
    };
    for (name, value) in [("x-request-id", &asked.request_id), ("x-correlation-id", &asked.correlation_id)] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn asked(request: &Request) -> Asked {
    let header = |name: &str| text(request.headers(), name);
    Asked {
        path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
        request_id: header("x-request-id"),
        correlation_id: header("x-correlation-id"),
        role: header("nhsd-session-urid"),
        organisation: header("nhsd-end-user-organisation-ods"),
        token: bearer(request.headers()).to_owned(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

fn refused(asked: &Asked, token: Option<bool>) -> Option<Response> {
    if token.is_none() {
        return Some(outcome(401, "ACCESS_DENIED", "error", "forbidden"));
    }
    if asked.request_id.is_empty() {
        return Some(outcome(400, "MISSING_VALUE", "error", "required"));
    }
    let bad_role = !asked.role.bytes().all(|byte| byte.is_ascii_digit());
    if asked.request_id.parse::<Uuid>().is_err() || bad_role {
        return Some(outcome(400, "INVALID_VALUE", "error", "value"));
    }
    None
}

async fn retrieve(State(simulator): State<Simulator>, Path(number): Path<String>) -> Response {
    if number.parse::<shared::patient::NhsNumber>().is_err() {
        return outcome(400, "INVALID_RESOURCE_ID", "error", "value");
    }
    let inside = simulator.inside();
    let known = |number: &str| inside.people.iter().find(|person| person.number == number);
    let Some(person) = known(&number) else {
        return outcome(404, "RESOURCE_NOT_FOUND", "information", "not-found");
    };
    let person = match person.standing {
        Standing::Invalidated => return outcome(404, "INVALIDATED_RESOURCE", "error", "processing"),
        Standing::Superseded(by) => known(by).unwrap_or(person),
        _ => person,
    };
    ([(header::ETAG, "W/\"1\"")], fhir(&person.record())).into_response()
}

async fn look_for(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let unique = (simulator.1)(bearer(&headers)).unwrap_or_default();
    let inside = simulator.inside();
    let matches = match find(&inside.people, &query, unique) {
        Ok(Found::Some(matches)) => matches,
        Ok(Found::TooMany) => return outcome(200, "TOO_MANY_MATCHES", "information", "multiple-matches"),
        Err((status, code, issue)) => return outcome(status, code, "error", issue),
    };
    let entry: Vec<Value> = matches
        .iter()
        .map(|person| {
            let url = format!("https://pds.example/Patient/{}", person.number);
            json!({ "fullUrl": url, "search": { "score": 0.97 }, "resource": person.match_of_search() })
        })
        .collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": entry.len() });
    // With nobody in it PDS leaves the list out.
    if !entry.is_empty() {
        bundle["entry"] = json!(entry);
    }
    fhir(&bundle)
}

fn fhir(resource: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/fhir+json")], Json(resource).into_response().into_body())
        .into_response()
}

/// An error as PDS writes it.
fn outcome(status: u16, code: &str, severity: &str, issue: &str) -> Response {
    let body = json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": severity,
            "code": issue,
            "details": { "coding": [{ "system": SPINE, "version": "1", "code": code, "display": code }] },
        }],
    });
    let mut response = fhir(&body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}
