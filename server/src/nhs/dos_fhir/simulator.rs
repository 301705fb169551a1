//! Our own dos-search: organisations around Zettington with their endpoints, and the API's strictness.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

const CODES: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const EXTENSIONS: &str = "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-";
const ERRORS: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-SpineErrorOrWarningCode";
/// What any HTTP client sends, and what the API names; everything else is refused.
const EXPECTED: [&str; 9] = [
    "host",
    "accept",
    "accept-encoding",
    "user-agent",
    "connection",
    "authorization",
    "version",
    "x-request-id",
    "x-correlation-id",
];

/// One dos-search; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Simulator(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    asked: Vec<String>,
    /// What every request is answered with instead.
    trouble: Option<(u16, Vec<u8>)>,
}

/// Code, name, and whether it has a mailbox for messages about patients.
const ORGANISATIONS: [(&str, &str, bool); 4] = [
    ("A99999", "Elm Road Surgery", true),
    ("A82648", "Bobbin Yard Medical Practice", false),
    ("FB456", "Sycamore Pharmacy", true),
    ("FA123", "Elm Pharmacy", true),
];

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

    /// The codes that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.inside().asked.clone()
    }

    /// The routes of the API, to be served under any path.
    pub fn router(&self) -> Router {
        Router::new().route("/Organization", get(search)).with_state(self.clone())
    }
}

async fn search(
    State(directory): State<Simulator>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let parameter =
        |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let code = parameter("identifier").and_then(|identifier| identifier.split_once('|'));
    {
        let mut inside = directory.inside();
        inside.asked.push(code.map(|(_, code)| code.to_owned()).unwrap_or_default());
        if let Some((status, body)) = &inside.trouble {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, body.clone()).into_response();
        }
    }
    if let Some(unexpected) = headers.keys().find(|name| !EXPECTED.contains(&name.as_str())) {
        return refused("REC_BAD_REQUEST", &format!("Unexpected header(s): {unexpected}."));
    }
    if let Some((unexpected, _)) =
        query.iter().find(|(name, _)| name != "identifier" && name != "_revinclude")
    {
        return refused("INVALID_SEARCH_DATA", &format!("Unexpected query parameter(s): {unexpected}."));
    }
    let given = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given("version") != "1" || given("x-request-id").parse::<Uuid>().is_err() {
        return refused("MISSING_HEADER", "A mandatory header is missing or not valid.");
    }
    if !given(header::AUTHORIZATION.as_str()).starts_with("Bearer ") {
        return outcome(StatusCode::UNAUTHORIZED, "ACCESS_DENIED", "Invalid access token");
    }
    let Some((CODES, code)) = code else {
        return refused("INVALID_IDENTIFIER_SYSTEM", "Invalid identifier system");
    };
    let plausible = (5..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plausible {
        return refused("INVALID_ODS_CODE_FORMAT", "ODS Code must match the pattern ^[A-Z0-9]{5,12}$");
    }
    if parameter("_revinclude") != Some("Endpoint:organization") {
        return refused("MISSING_VALUE", "_revinclude is missing");
    }
    let entries = ORGANISATIONS.iter().find(|one| one.0 == code).map(entries).unwrap_or_default();
    fhir(StatusCode::OK, &json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries }))
}

fn entries((code, name, takes_mail): &(&str, &str, bool)) -> Vec<Value> {
    let organisation = json!({
        "resourceType": "Organization", "id": format!("organisation-{code}"),
        "identifier": [{ "use": "official", "system": CODES, "value": code }], "active": true, "name": name,
        "telecom": [{ "system": "phone", "value": "01632 960801", "use": "work" }],
    });
    let mut entries = vec![json!({ "resource": organisation, "search": { "mode": "match" } })];
    let endpoint = |order: u32, scenario: &str, address: &str| {
        let resource = json!({
            "resourceType": "Endpoint", "id": format!("endpoint-{code}-{order}"),
            "extension": [
                { "url": format!("{EXTENSIONS}OrganizationEndpointOrder"), "valueInteger": order },
                { "url": format!("{EXTENSIONS}EndpointCompression"), "valueBoolean": false },
                { "url": format!("{EXTENSIONS}EndpointBusinessScenario"), "valueCode": scenario },
            ],
            "status": "active",
            "connectionType": { "code": "email" },
            "managingOrganization": { "reference": format!("Organization/organisation-{code}") },
            "payloadMimeType": ["application/pdf"],
            "address": address,
        });
        json!({ "resource": resource, "search": { "mode": "include" } })
    };
    if *takes_mail {
        // The order of the directory's list is not the order of use.
        entries.push(endpoint(2, "copy-recipient", &format!("copies.{}@nhs.net", code.to_lowercase())));
        entries.push(endpoint(1, "primary-recipient", &format!("patients.{}@nhs.net", code.to_lowercase())));
    }
    entries
}

fn refused(code: &str, words: &str) -> Response {
    outcome(StatusCode::BAD_REQUEST, code, words)
}

fn outcome(status: StatusCode, code: &str, words: &str) -> Response {
    let details = json!({ "coding": [{ "system": ERRORS, "version": "1.0.0", "code": code }] });
    let issue = json!({ "severity": "error", "code": "value", "details": details, "diagnostics": words });
    fhir(status, &json!({ "resourceType": "OperationOutcome", "issue": [issue] }))
}

fn fhir(status: StatusCode, resource: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/fhir+json")];
    (status, kind, Json(resource).into_response().into_body()).into_response()
}
