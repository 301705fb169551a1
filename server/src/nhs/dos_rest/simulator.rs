//! Our own Directory of Services: invented services around Zettington, and the API's behaviours over them.

use super::{DEFAULT_MILES, DosRestSettings};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const USER: &str = "demonstration";
const PASSWORD: &str = "demonstration";
/// Where every search begins: the middle of Zettington.
const MIDDLE: (i32, i32) = (460_000, 450_000);

/// One Directory of Services; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Simulator(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    asked: Vec<String>,
    /// What every request is answered with instead.
    trouble: Option<(u16, Vec<u8>)>,
}

/// One invented service: type, id, ODS code, name, street, postcode, telephone for patients and for clinicians, metres
/// east and north of the middle, and its usual hours on weekdays.
type Invented = (
    u16,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    (i32, i32),
    (u8, u8),
);

const SERVICES: [Invented; 13] = [
    (
        13,
        "2099000001",
        "FA123",
        "Elm Pharmacy",
        "1 Elm Road",
        "ZZ99 3VZ",
        "01632 960123",
        "",
        (0, 100),
        (9, 18),
    ),
    (
        13,
        "2099000002",
        "FB456",
        "Sycamore Pharmacy",
        "2 Heron Close",
        "ZZ99 3WZ",
        "01632 960805",
        "07700 900111",
        (600, 700),
        (9, 18),
    ),
    (
        13,
        "2099000003",
        "FD111",
        "Night Owl Pharmacy",
        "9 Owl Lane",
        "ZZ99 3CZ",
        "01632 960807",
        "",
        (3000, 1000),
        (0, 0),
    ),
    (
        13,
        "2099000004",
        "FD222",
        "Early Bird Pharmacy",
        "3 Lark Rise",
        "ZZ99 3CZ",
        "01632 960808",
        "",
        (-1500, 400),
        (6, 12),
    ),
    // Profiles of two of them, as the directory lists each service of a pharmacy.
    (
        132,
        "2099000005",
        "FB456M06",
        "PF++: Sycamore Pharmacy",
        "2 Heron Close",
        "ZZ99 3WZ",
        "01632 960805",
        "07700 900111",
        (600, 700),
        (9, 18),
    ),
    (
        148,
        "2099000006",
        "FA123BPS",
        "BP Check: Elm Pharmacy",
        "1 Elm Road",
        "ZZ99 3VZ",
        "01632 960123",
        "",
        (0, 100),
        (9, 18),
    ),
    (
        100,
        "2099000011",
        "A99999",
        "Elm Road Surgery",
        "14 Elm Road",
        "ZZ99 3VZ",
        "01632 960801",
        "07700 900121",
        (50, 80),
        (8, 18),
    ),
    (
        25,
        "2099000021",
        "RZZ98",
        "Zettington Out of Hours",
        "Hospital Hill",
        "ZZ99 3VZ",
        "111",
        "07700 900131",
        (2000, 2000),
        (0, 0),
    ),
    (
        135,
        "2099000022",
        "RZZ97",
        "Zettington Urgent Treatment Centre",
        "Hospital Hill",
        "ZZ99 3VZ",
        "01632 960811",
        "",
        (2000, 2010),
        (8, 20),
    ),
    (
        105,
        "2099000031",
        "RZZ99",
        "Zettington Hospital Emergency Department",
        "Hospital Hill",
        "ZZ99 3VZ",
        "01632 960806",
        "07700 900141",
        (2000, 1990),
        (0, 0),
    ),
    (
        12,
        "2099000041",
        "",
        "Molar Street Dental Practice",
        "4 Molar Street",
        "ZZ99 3WZ",
        "01632 960821",
        "",
        (400, -300),
        (9, 17),
    ),
    (
        14,
        "2099000051",
        "",
        "Iris Lane Opticians",
        "8 Iris Lane",
        "ZZ99 3WZ",
        "01632 960831",
        "",
        (-700, 200),
        (9, 17),
    ),
    (
        29,
        "2099000061",
        "RZZ96",
        "Zettington Sexual Health Clinic",
        "5 Market Place",
        "ZZ99 3VZ",
        "01632 960841",
        "07700 900151",
        (300, 900),
        (10, 19),
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

    /// The paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.inside().asked.clone()
    }

    /// How to reach it where it is served at `base`.
    pub fn settings(base: &str) -> DosRestSettings {
        DosRestSettings {
            base_url: base.to_owned(),
            user: USER.to_owned(),
            password: SecretString::from(PASSWORD),
            miles: DEFAULT_MILES,
        }
    }

    /// The routes of the directory, to be served under any path.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/byServiceType/{*slots}", get(by_type))
            .route("/byOdsCode/{ods}", get(by_ods))
            .with_state(self.clone())
    }

    fn met(&self, headers: &HeaderMap, asked: String) -> Result<(), Box<Response>> {
        let mut inside = self.inside();
        inside.asked.push(asked);
        if let Some((status, body)) = &inside.trouble {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Err(Box::new((status, body.clone()).into_response()));
        }
        let expected = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
        if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
            return Err(Box::new(failure(401, "Unauthorized")));
        }
        Ok(())
    }
}

async fn by_type(
    State(dos): State<Simulator>,
    headers: HeaderMap,
    Path(slots): Path<String>,
) -> Result<Response, Response> {
    dos.met(&headers, format!("byServiceType/{slots}")).map_err(|refusal| *refusal)?;
    let slots: Vec<&str> = slots.split('/').collect();
    let [_case, postcode, miles, _practice, _age, _sex, _disposition, types, of_each] = slots[..] else {
        return Err(failure(400, "Missing parameters"));
    };
    if postcode.len() < 5 || !postcode.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(failure(404, "Postcode not found"));
    }
    let miles: f64 = miles.parse().unwrap_or(37.5);
    let of_each: usize = of_each.parse().unwrap_or(5);
    let mut services = Vec::new();
    for kind in types.split(',').filter_map(|kind| kind.parse::<u16>().ok()) {
        let mut found: Vec<_> = SERVICES.iter().filter(|one| one.0 == kind && far(one.8) <= miles).collect();
        found.sort_by(|one, other| far(one.8).total_cmp(&far(other.8)));
        services.extend(found.into_iter().take(of_each).map(|one| service(one, false)));
    }
    Ok(success(&services))
}

async fn by_ods(
    State(dos): State<Simulator>,
    headers: HeaderMap,
    Path(ods): Path<String>,
) -> Result<Response, Response> {
    dos.met(&headers, format!("byOdsCode/{ods}")).map_err(|refusal| *refusal)?;
    match SERVICES.iter().find(|one| one.2 == ods) {
        Some(found) => Ok(success(&[service(found, true)])),
        None => Ok(success(&[])),
    }
}

/// Miles from the middle.
fn far((east, north): (i32, i32)) -> f64 {
    f64::from(east).hypot(f64::from(north)) / 1609.344
}

fn service(one: &Invented, whole: bool) -> Value {
    let (kind, id, ods, name, street, postcode, public, clinicians, at, (opens, closes)) = *one;
    let sessions = |opens: u8, closes: u8| {
        json!([{ "start": { "hours": format!("{opens:02}"), "minutes": "00" },
                 "end": { "hours": format!("{closes:02}"), "minutes": "00" } }])
    };
    let always = opens == closes;
    let day = |day: &str| {
        let open = match day {
            _ if always => json!([]),
            "Saturday" => sessions(opens, 13),
            "Sunday" | "Bankholiday" => json!([]),
            _ => sessions(opens, closes),
        };
        json!({ "day": day, "sessions": open })
    };
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Bankholiday"];
    let mut service = json!({
        "id": id,
        "name": format!("Zettington: {name}"),
        "publicName": name,
        "type": { "id": kind.to_string(), "name": "" },
        "odsCode": if ods.is_empty() { id } else { ods },
        "address": [street, "Zettington"],
        "postcode": postcode,
        "easting": (MIDDLE.0 + at.0).to_string(),
        "northing": (MIDDLE.1 + at.1).to_string(),
        "phone": { "public": public, "nonPublic": clinicians, "fax": "" },
        "openingTimes": {
            "allHours": always,
            "days": days.map(day),
            "specifiedDates": [{ "date": "24-12-2026", "sessions": sessions(9, 12) }],
        },
        "patientDistance": format!("{:.1}", far(at)),
    });
    if whole && !ods.is_empty() {
        service["email"] = json!(format!("{}@nhs.net", ods.to_lowercase()));
    }
    service
}

fn success(services: &[Value]) -> Response {
    let body = json!({ "success": {
        "code": 200, "transactionId": "0", "servicesReturnedAreCatchAll": "FALSE",
        "serviceCount": services.len(), "services": services,
    }});
    Json(body).into_response()
}

fn failure(code: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}
