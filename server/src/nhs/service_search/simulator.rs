//! Our own Service Search: invented organisations around Zettington, and the API's behaviours over them.

use super::ServiceSearchSettings;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One Service Search; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Simulator(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    asked: Vec<Value>,
    /// What every request is answered with instead.
    trouble: Option<(u16, Vec<u8>)>,
}

/// Type, ODS code, name, street, postcode, telephone, latitude and longitude.
type Invented =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, (f64, f64));

const ORGANISATIONS: [Invented; 6] = [
    ("PHA", "FA123", "Elm Pharmacy", "1 Elm Road", "ZZ99 3VZ", "01632 960123", (53.9400, -1.0800)),
    ("PHA", "FB456", "Sycamore Pharmacy", "2 Heron Close", "ZZ99 3WZ", "01632 960805", (53.9460, -1.0710)),
    ("PHA", "FD111", "Night Owl Pharmacy", "9 Owl Lane", "ZZ99 3CZ", "01632 960807", (53.9500, -1.0400)),
    ("GPB", "A99999", "Elm Road Surgery", "14 Elm Road", "ZZ99 3VZ", "01632 960801", (53.9402, -1.0801)),
    (
        "DEN",
        "V00001",
        "Molar Street Dental Practice",
        "4 Molar Street",
        "ZZ99 3WZ",
        "01632 960821",
        (53.9380, -1.0750),
    ),
    (
        "OPT",
        "op_Z_1__000001_ZZ993WZ",
        "Iris Lane Opticians",
        "8 Iris Lane",
        "ZZ99 3WZ",
        "01632 960831",
        (53.9410, -1.0900),
    ),
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

    /// The bodies that were sent so far.
    pub fn asked(&self) -> Vec<Value> {
        self.inside().asked.clone()
    }

    /// How to reach it where it is served at `base`.
    pub fn settings(base: &str) -> ServiceSearchSettings {
        ServiceSearchSettings { base_url: base.to_owned(), key: SecretString::from("demonstration") }
    }

    /// The routes of the API, to be served under any path.
    pub fn router(&self) -> Router {
        Router::new().route("/", post(search)).route("/api/", post(search)).with_state(self.clone())
    }
}

async fn search(
    State(directory): State<Simulator>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
    Json(body): Json<Value>,
) -> Response {
    {
        let mut inside = directory.inside();
        inside.asked.push(body.clone());
        if let Some((status, body)) = &inside.trouble {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, body.clone()).into_response();
        }
    }
    if !query.contains(&("api-version".to_owned(), "3".to_owned())) {
        let said = json!({ "statusCode": 404, "message": "Resource not found" });
        return (StatusCode::NOT_FOUND, Json(said)).into_response();
    }
    if headers.get("apikey").is_none_or(HeaderValue::is_empty) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let filter = body["filter"].as_str().unwrap_or_default();
    let mut found: Vec<&Invented> = ORGANISATIONS.iter().filter(|one| fits(one, filter)).collect();
    if let Some((longitude, latitude)) = point(body["orderby"].as_str().unwrap_or_default()) {
        let far =
            |one: &Invented| (one.6.0 - latitude).hypot((one.6.1 - longitude) * latitude.to_radians().cos());
        found.sort_by(|one, other| far(one).total_cmp(&far(other)));
    }
    let most = body["top"].as_u64().and_then(|top| usize::try_from(top).ok()).unwrap_or(50);
    let value: Vec<Value> = found.into_iter().take(most).map(item).collect();
    Json(json!({ "@odata.context": "https://simulator.example/$metadata#docs(*)", "value": value }))
        .into_response()
}

/// The filters that the API documents: by type, and by words of the postcode.
fn fits(one: &Invented, filter: &str) -> bool {
    let quoted = |before: &str| filter.split_once(before).and_then(|(_, rest)| rest.split('\'').next());
    let kind = quoted("OrganisationTypeId eq '").is_none_or(|kind| kind == one.0);
    let postcode = quoted("search.ismatch('").is_none_or(|text| {
        let text = text.trim_matches('"');
        one.4 == text || one.4.split(' ').any(|word| word == text)
    });
    kind && postcode
}

/// `…geography'POINT(-1.08 53.94)'…`.
fn point(order: &str) -> Option<(f64, f64)> {
    let inside = order.split_once("POINT(")?.1.split(')').next()?;
    let (longitude, latitude) = inside.split_once(' ')?;
    Some((longitude.parse().ok()?, latitude.parse().ok()?))
}

fn item((kind, ods, name, street, postcode, phone, (latitude, longitude)): &Invented) -> Value {
    let open = |day: &str, opens: &str, closes: &str| {
        json!({ "Weekday": day, "OpeningTime": opens, "ClosingTime": closes, "OpeningTimeType": "General",
                "AdditionalOpeningDate": "", "IsOpen": true })
    };
    let mut times: Vec<Value> = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
        .iter()
        .flat_map(|day| [open(day, "09:00", "13:00"), open(day, "14:00", "18:00")])
        .collect();
    times.push(json!({ "Weekday": "", "OpeningTime": "", "ClosingTime": "", "OpeningTimeType": "Additional",
        "AdditionalOpeningDate": "Dec 24 2026", "IsOpen": false }));
    json!({
        "@search.score": 1.0, "ODSCode": ods, "OrganisationName": name, "OrganisationTypeId": kind,
        "Address1": street, "Address2": null, "Address3": "", "City": "Zettington", "Postcode": postcode,
        "Latitude": latitude, "Longitude": longitude,
        "Contacts": [
            { "ContactType": "Primary", "ContactMethodType": "Email", "ContactValue": "hello@example.org" },
            { "ContactType": "Primary", "ContactMethodType": "Telephone", "ContactValue": phone },
        ],
        "OpeningTimes": times,
    })
}
