//! Our own ODS: invented practices and pharmacies around Zettington, and the API's behaviours over them.

use super::{DEFAULT_PAGE, OdsSettings};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const ROLES: &str =
    "https://digital.nhs.uk/services/organisation-data-service/CodeSystem/ODSOrganisationRole";
/// Beyond so many the API refuses to answer in one page.
const MOST_IN_ONE: usize = 1000;

/// One invented organisation.
#[derive(Debug, Clone)]
pub struct Place {
    pub ods: String,
    pub name: String,
    /// ODS roles, the primary one first.
    pub roles: &'static [&'static str],
    pub active: bool,
    pub successor: &'static str,
    pub line: &'static str,
    pub city: &'static str,
    pub postcode: &'static str,
    pub phone: &'static str,
    /// `2026-11-01`.
    pub changed: &'static str,
}

const PRACTICE: &[&str] = &["RO177", "RO76"];
const PHARMACY: &[&str] = &["RO182"];

/// Everybody around Zettington, and one too far away.
pub fn places() -> Vec<Place> {
    let place = |ods: &str, name: &str, roles, line, postcode, phone| Place {
        ods: ods.to_owned(),
        name: name.to_owned(),
        roles,
        active: true,
        successor: "",
        line,
        city: "ZETTINGTON",
        postcode,
        phone,
        changed: "2026-03-01",
    };
    let closed = |place: Place, successor| Place { active: false, successor, ..place };
    vec![
        place("A99999", "ELM ROAD SURGERY", PRACTICE, "14 ELM ROAD", "ZZ99 3VZ", "01632 960801"),
        place(
            "A82648",
            "BOBBIN YARD MEDICAL PRACTICE",
            PRACTICE,
            "1 BOBBIN YARD",
            "ZZ99 3WZ",
            "01632 960802",
        ),
        place("A99998", "LARCH COURT HEALTH CENTRE", PRACTICE, "LARCH COURT", "ZZ99 3CZ", "01632 960803"),
        closed(place("A99997", "OLD FORGE SURGERY", PRACTICE, "MILL STREET", "ZZ99 3CZ", ""), "A99998"),
        place("A99996", "FAR AWAY SURGERY", PRACTICE, "9 DISTANT ROAD", "ZZ98 1AA", "01632 960804"),
        place("FA123", "ELM PHARMACY", PHARMACY, "1 ELM ROAD", "ZZ99 3VZ", "01632 960123"),
        place("FB456", "HERON CLOSE PHARMACY", PHARMACY, "2 HERON CLOSE", "ZZ99 3WZ", "01632 960805"),
        closed(place("FC789", "DOVECOTE CHEMIST", PHARMACY, "DOVECOTE ROW", "ZZ99 3VZ", ""), "FB456"),
        place("RZZ99", "ZETTINGTON HOSPITAL", &["RO198"], "HOSPITAL HILL", "ZZ99 3VZ", "01632 960806"),
    ]
}

/// One ODS; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Simulator(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    places: Vec<Place>,
    asked: Vec<String>,
    /// What every request is answered with instead.
    trouble: Option<(u16, Vec<u8>)>,
}

impl Simulator {
    /// With all of [`places`].
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Inside { places: places(), ..Inside::default() })))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it knows these.
    pub fn replace(&self, places: Vec<Place>) {
        self.inside().places = places;
    }

    /// From now on every answer is this status with these bytes; `None` for the usual.
    pub fn answer_with(&self, trouble: Option<(u16, Vec<u8>)>) {
        self.inside().trouble = trouble;
    }

    /// What was asked for so far: the path, and the query of a search.
    pub fn asked(&self) -> Vec<String> {
        self.inside().asked.clone()
    }

    /// How to reach it where it is served at `base`.
    pub fn settings(base: &str) -> OdsSettings {
        let key = SecretString::from("demonstration");
        OdsSettings { base_url: base.to_owned(), key, page: DEFAULT_PAGE }
    }

    /// The routes of ODS, to be served under any path.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/Organization/{ods}", get(retrieve))
            .route("/Organization", get(search))
            .route("/CodeSystem/$lookup", get(look_up))
            .with_state(self.clone())
    }

    /// Notes what was asked; the refusal, where there is one.
    fn met(&self, headers: &HeaderMap, asked: String) -> Result<(), Box<Response>> {
        let mut inside = self.inside();
        inside.asked.push(asked);
        if let Some((status, body)) = &inside.trouble {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Err(Box::new((status, body.clone()).into_response()));
        }
        if headers.get("apikey").is_none_or(HeaderValue::is_empty) {
            return Err(Box::new(outcome(StatusCode::UNAUTHORIZED, "forbidden", "Invalid ApiKey")));
        }
        Ok(())
    }
}

async fn retrieve(
    State(ods): State<Simulator>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Response> {
    ods.met(&headers, format!("/Organization/{code}")).map_err(|refusal| *refusal)?;
    let inside = ods.inside();
    let found = inside.places.iter().find(|place| place.ods == code);
    found.map(|place| fhir(&place.record())).ok_or_else(|| {
        let words = format!("HAPI-2001: Resource Organization/{code} is not known");
        outcome(StatusCode::NOT_FOUND, "processing", &words)
    })
}

async fn search(
    State(ods): State<Simulator>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let asked: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    ods.met(&headers, format!("/Organization?{}", asked.join("&"))).map_err(|refusal| *refusal)?;
    let inside = ods.inside();
    let mut found: Vec<&Place> = inside.places.iter().collect();
    let (mut count, mut offset) = (20, 0);
    for (name, value) in &query {
        let lower = value.to_lowercase();
        match name.as_str() {
            "_count" => count = value.parse().unwrap_or(20),
            "_offset" => offset = value.parse().unwrap_or(0),
            "roleCode" => found.retain(|place| value.split(',').any(|role| place.roles.contains(&role))),
            "active" => found.retain(|place| place.active == (value == "true")),
            "name:contains" => found.retain(|place| place.name.to_lowercase().contains(&lower)),
            "address-postalcode" => found.retain(|place| place.postcode.to_lowercase().starts_with(&lower)),
            "lastChangeDate" => {
                let day = value.trim_start_matches("ge");
                found.retain(|place| place.changed >= day);
            }
            _ => {
                let words = format!("HAPI-0524: Unknown search parameter \"{name}\"");
                return Err(outcome(StatusCode::BAD_REQUEST, "processing", &words));
            }
        }
    }
    if count > MOST_IN_ONE {
        let words = "Response exceeds APIM size limit";
        return Err(outcome(StatusCode::UNPROCESSABLE_ENTITY, "too-costly", words));
    }
    let page: Vec<Value> =
        found.iter().skip(offset).take(count).map(|place| json!({ "resource": place.record() })).collect();
    let mut links = vec![json!({ "relation": "self", "url": "https://ods.example/Organization" })];
    if offset + page.len() < found.len() {
        links.push(json!({ "relation": "next", "url": "https://ods.example/Organization?_offset=9" }));
    }
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "link": links });
    if !page.is_empty() {
        bundle["entry"] = json!(page);
    }
    Ok(fhir(&bundle))
}

async fn look_up(
    State(ods): State<Simulator>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Response> {
    ods.met(&headers, "/CodeSystem/$lookup".to_owned()).map_err(|refusal| *refusal)?;
    let inside = ods.inside();
    let code =
        query.iter().find(|(name, _)| name == "code").map(|(_, code)| code.as_str()).unwrap_or_default();
    let Some(place) = inside.places.iter().find(|place| place.ods == code) else {
        return Err(outcome(StatusCode::NOT_FOUND, "not-found", "Unable to find code"));
    };
    let property = |code: &str, value: &str| {
        json!({ "name": "property", "part": [
            { "name": "code", "valueCode": code }, { "name": "value", "valueString": value },
        ]})
    };
    let mut parameters = vec![json!({ "name": "display", "valueString": place.name })];
    if !place.successor.is_empty() {
        parameters.push(property("successor", place.successor));
    }
    Ok(fhir(&json!({ "resourceType": "Parameters", "parameter": parameters })))
}

impl Place {
    fn record(&self) -> Value {
        let role = |code: &&str| {
            json!({
                "url": "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-OrganisationRole",
                "extension": [
                    { "url": "instanceID", "valueInteger": 1 },
                    { "url": "roleCode", "valueCodeableConcept": { "coding": [{ "system": ROLES, "code": code }] } },
                    { "url": "active", "valueBoolean": self.active },
                ],
            })
        };
        let mut record = json!({
            "resourceType": "Organization",
            "id": self.ods,
            "extension": self.roles.iter().map(role).collect::<Vec<_>>(),
            "identifier": [{ "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": self.ods }],
            "active": self.active,
            "name": self.name,
            "address": [{ "line": [self.line], "city": self.city, "postalCode": self.postcode, "country": "ENGLAND" }],
        });
        if !self.phone.is_empty() {
            record["telecom"] = json!([{ "system": "phone", "value": self.phone }]);
        }
        record
    }
}

fn fhir(resource: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/fhir+json")], Json(resource).into_response().into_body())
        .into_response()
}

/// An error as a HAPI server writes it.
fn outcome(status: StatusCode, code: &str, words: &str) -> Response {
    let issue = json!({ "severity": "error", "code": code, "diagnostics": words });
    let mut response = fhir(&json!({ "resourceType": "OperationOutcome", "issue": [issue] }));
    *response.status_mut() = status;
    response
}
