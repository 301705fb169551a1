//! Our own Manage Your Service: keeps claims by their references and refuses what NHSBSA would refuse.

use crate::clock::Clock;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use shared::claim::{Standing, window};
use shared::ids::GphcNumber;
use shared::time::day;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const TYPES: [&str; 4] = ["EMG_MED", "MIN_ILL", "MIN_ILL_UEC", "CLIN_PATH"];

/// One Manage Your Service; clones are the same one.
#[derive(Debug, Clone)]
pub struct Simulator {
    clock: Clock,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    claims: BTreeMap<String, Kept>,
    declared: BTreeSet<String>,
    trouble: Option<u16>,
}

/// A claim as it stands there, with how it came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kept {
    pub id: String,
    pub reference: String,
    pub month: String,
    pub claim: Value,
    /// Changes since it was made.
    pub amended: u32,
    pub deleted: bool,
}

impl Simulator {
    pub fn new(clock: Clock) -> Self {
        Self { clock, inside: Arc::default() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every claim there ever was, by its reference.
    pub fn kept(&self) -> Vec<Kept> {
        self.inside().claims.values().cloned().collect()
    }

    /// The contractor has declared this month (`2026-11`): nothing of it changes any more.
    pub fn declare(&self, month: &str) {
        self.inside().declared.insert(month.to_owned());
    }

    /// From now on every answer has this status and no body; `None` for the usual.
    pub fn answer_with(&self, trouble: Option<u16>) {
        self.inside().trouble = trouble;
    }

    /// `/Claim`, `/Claim/{id}`; and for whoever looks on, `/claims` and `PUT /trouble`, `PUT /declared`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/Claim", post(create))
            .route("/Claim/{id}", get(read).put(amend).delete(take_back))
            .route("/claims", get(all))
            .route("/declared", put(declare))
            .route("/trouble", put(trouble))
            .with_state(self.clone())
    }

    /// The refusal, with its code, of what is no claim that NHSBSA would take.
    fn check(&self, claim: &Value) -> Result<(String, String), &'static str> {
        let text = |path: &str| claim.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let reference = text("/identifier/0/value");
        let kind = text("/type/coding/0/code");
        if claim["resourceType"] != "Claim" || reference.is_empty() || !TYPES.contains(&kind) {
            return Err("type");
        }
        let today = day(self.clock.now());
        let (month, created) = (text("/billablePeriod/start").parse(), text("/created").parse::<Date>());
        let (Ok(month), Ok(created)) = (month, created) else { return Err("type") };
        if created > today {
            return Err("in-the-future");
        }
        let in_month = |date: Date| date == created.first_of_month();
        let standing = window(created).map(|window| window.on(today));
        if !in_month(month) || !matches!(standing, Some(Standing::InTime | Standing::Late)) {
            return Err("window-closed");
        }
        let contained = |id: &str| {
            let all = claim["contained"].as_array().into_iter().flatten();
            all.filter(|one| one["id"] == id).map(Clone::clone).next().unwrap_or_default()
        };
        let patient = contained("patientId");
        let named = |one: &Value, path: &str| {
            one.pointer(path).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        if !named(&patient, "/name/0/family") || !named(&patient, "/birthDate") {
            return Err("patient-incomplete");
        }
        if text("/careTeam/0/provider/identifier/value").parse::<GphcNumber>().is_err() {
            return Err("professional");
        }
        if !named(&contained("pharmacyOrganization"), "/identifier/0/value") {
            return Err("provider");
        }
        let about = |category: &str| {
            let all = claim["supportingInfo"].as_array().into_iter().flatten();
            all.filter(|one| one.pointer("/category/coding/0/code").is_some_and(|code| code == category))
                .count()
        };
        let referrer = claim["supportingInfo"][0].pointer("/code/coding/0/code").and_then(Value::as_str);
        let walk_in = referrer == Some("SELF");
        let missing = match kind {
            "CLIN_PATH" => (about("GATEWAY_POINT") == 0).then_some("gateway"),
            "EMG_MED" if walk_in || referrer == Some("GP") => Some("referrer"),
            "EMG_MED" => (about("SUPPLY_REQUEST_REASON") == 0).then_some("reason"),
            _ if walk_in => Some("referrer"),
            _ => (about("PRESENTING_COMPLAINT_OR_ISSUES") == 0).then_some("complaint"),
        };
        let uncoded = claim["item"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|item| item["productOrService"]["coding"].is_null());
        match missing.or(uncoded.then_some("product")) {
            Some(code) => Err(code),
            None => Ok((reference.to_owned(), month.to_string().chars().take(7).collect())),
        }
    }
}

fn outcome(status: StatusCode, code: &str, id: Option<&str>) -> Response {
    let mut body = json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": "error", "code": "invalid", "details": { "coding": [{ "code": code }] } }],
    });
    if let Some(id) = id {
        body["submissionId"] = json!(id);
    }
    (status, Json(body)).into_response()
}

/// The set trouble, where there is one.
fn in_trouble(inside: &Inside) -> Option<Response> {
    let status = StatusCode::from_u16(inside.trouble?).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Some(status.into_response())
}

async fn create(State(mys): State<Simulator>, body: Bytes) -> Response {
    let claim: Value = serde_json::from_slice(&body).unwrap_or_default();
    let checked = mys.check(&claim);
    let mut inside = mys.inside();
    if let Some(trouble) = in_trouble(&inside) {
        return trouble;
    }
    let (reference, month) = match checked {
        Ok(found) => found,
        Err(code) => return outcome(StatusCode::UNPROCESSABLE_ENTITY, code, None),
    };
    if inside.declared.contains(&month) {
        return outcome(StatusCode::UNPROCESSABLE_ENTITY, "window-closed", None);
    }
    match inside.claims.get_mut(&reference) {
        // One that was taken back may be made again under its reference.
        Some(kept) if kept.deleted => {
            kept.deleted = false;
            kept.claim = claim;
            (StatusCode::CREATED, Json(json!({ "submissionId": kept.id }))).into_response()
        }
        Some(kept) if kept.claim == claim => outcome(StatusCode::CONFLICT, "duplicate", Some(&kept.id)),
        Some(_) => outcome(StatusCode::CONFLICT, "another-claim", None),
        None => {
            let id = format!("MYS-{:06}", inside.claims.len() + 1);
            let kept = Kept {
                id: id.clone(),
                reference: reference.clone(),
                month,
                claim,
                amended: 0,
                deleted: false,
            };
            inside.claims.insert(reference, kept);
            (StatusCode::CREATED, Json(json!({ "submissionId": id }))).into_response()
        }
    }
}

async fn amend(State(mys): State<Simulator>, Path(id): Path<String>, body: Bytes) -> Response {
    let claim: Value = serde_json::from_slice(&body).unwrap_or_default();
    let checked = mys.check(&claim);
    let mut inside = mys.inside();
    if let Some(trouble) = in_trouble(&inside) {
        return trouble;
    }
    let (reference, month) = match checked {
        Ok(found) => found,
        Err(code) => return outcome(StatusCode::UNPROCESSABLE_ENTITY, code, None),
    };
    if inside.declared.contains(&month) {
        return outcome(StatusCode::CONFLICT, "declared", None);
    }
    let Some(kept) = inside.claims.values_mut().find(|kept| kept.id == id && !kept.deleted) else {
        return outcome(StatusCode::NOT_FOUND, "not-found", None);
    };
    if kept.reference != reference {
        return outcome(StatusCode::CONFLICT, "another-claim", None);
    }
    if kept.claim != claim {
        kept.amended += 1;
        kept.claim = claim;
        kept.month = month;
    }
    Json(json!({ "submissionId": id })).into_response()
}

async fn take_back(State(mys): State<Simulator>, Path(id): Path<String>) -> Response {
    let mut inside = mys.inside();
    if let Some(trouble) = in_trouble(&inside) {
        return trouble;
    }
    let declared = inside.declared.clone();
    let Some(kept) = inside.claims.values_mut().find(|kept| kept.id == id && !kept.deleted) else {
        return outcome(StatusCode::NOT_FOUND, "not-found", None);
    };
    if declared.contains(&kept.month) {
        return outcome(StatusCode::CONFLICT, "declared", None);
    }
    kept.deleted = true;
    StatusCode::NO_CONTENT.into_response()
}

async fn read(State(mys): State<Simulator>, Path(id): Path<String>) -> Response {
    let inside = mys.inside();
    match inside.claims.values().find(|kept| kept.id == id && !kept.deleted) {
        Some(kept) => Json(kept.claim.clone()).into_response(),
        None => outcome(StatusCode::NOT_FOUND, "not-found", None),
    }
}

async fn all(State(mys): State<Simulator>) -> Json<Vec<Kept>> {
    Json(mys.kept())
}

async fn declare(State(mys): State<Simulator>, month: String) -> StatusCode {
    mys.declare(&month);
    StatusCode::NO_CONTENT
}

async fn trouble(State(mys): State<Simulator>, status: String) -> StatusCode {
    mys.answer_with(status.parse().ok());
    StatusCode::NO_CONTENT
}
