//! Our own tracker: the prescriptions of a few invented people, in the shapes and with the strictness of the real one.

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use shared::prescription::Id;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

const CODES: &str = "https://fhir.nhs.uk/CodeSystem";
const EXTENSIONS: &str = "https://fhir.nhs.uk/StructureDefinition/Extension-";
const IDS: &str = "https://fhir.nhs.uk/Id";
const PARTICIPANT: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-RequestOrchestration.action.participant.typeReference";
/// Beyond so many the oldest requests are forgotten: a demonstration may run for weeks.
const REMEMBERED: usize = 1000;

/// One invented prescription.
#[derive(Debug, Clone)]
struct Script {
    id: &'static str,
    nhs_number: &'static str,
    /// `2026-11-20`.
    written: &'static str,
    intent: &'static str,
    /// EPS-task-business-status, and who holds or dispensed it; empty for nobody.
    status: (&'static str, &'static str),
    dispenser: &'static str,
    /// medicationdispense-type.
    item_status: &'static str,
    items: &'static [(&'static str, u32, &'static str, &'static str)],
    pending_cancellation: bool,
}

/// Numbers come from the range kept for tests (999); the practice is that of the demonstration.
const PEOPLE: [(&str, &str, &str, &str); 2] = [
    ("9990523185", "OBADIAH", "SAMPLEWICK", "1968-09-23"),
    ("9990412073", "WILHELMINA", "TESTERTON", "1944-05-11"),
];

const SCRIPTS: [Script; 3] = [
    Script {
        id: "5A1B0E-A99999-0001A1",
        nhs_number: "9990523185",
        written: "2026-11-20",
        intent: "instance-order",
        status: ("0001", "To be Dispensed"),
        dispenser: "",
        item_status: "0007",
        items: &[(
            "Salbutamol 100micrograms/dose inhaler CFC free",
            200,
            "dose",
            "Inhale 1 or 2 puffs up to four times a day when needed",
        )],
        pending_cancellation: false,
    },
    Script {
        id: "7C2D4F-A99999-0002BV",
        nhs_number: "9990523185",
        written: "2026-10-05",
        intent: "order",
        status: ("0006", "Dispensed"),
        dispenser: "FA123",
        item_status: "0001",
        items: &[("Amoxicillin 500mg capsules", 15, "capsule", "Take one three times a day")],
        pending_cancellation: false,
    },
    Script {
        id: "3E9A11-A99999-0003CA",
        nhs_number: "9990412073",
        written: "2026-11-18",
        intent: "order",
        status: ("0002", "With Dispenser"),
        dispenser: "FB456",
        item_status: "0008",
        items: &[
            ("Amlodipine 5mg tablets", 28, "tablet", "Take one daily"),
            ("Paracetamol 500mg tablets", 32, "tablet", "Take two up to four times a day"),
        ],
        pending_cancellation: false,
    },
];

/// Whether a token is accepted as a healthcare worker's.
pub type Tokens = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// One tracker; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Mutex<Inside>>, Tokens);

#[derive(Debug, Default)]
struct Inside {
    /// Path and query, with the headers that say who asks.
    asked: Vec<(String, [String; 4])>,
    /// What every request is answered with instead.
    trouble: Option<(u16, Vec<u8>)>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("prescription_tracker::Simulator")
    }
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulator {
    /// Any token is good.
    pub fn new() -> Self {
        Self::believing(Arc::new(|token: &str| !token.is_empty()))
    }

    /// With tokens as somebody else gave them out.
    pub fn believing(tokens: Tokens) -> Self {
        Self(Arc::default(), tokens)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every answer is this status with these bytes; `None` for the usual.
    pub fn answer_with(&self, trouble: Option<(u16, Vec<u8>)>) {
        self.inside().trouble = trouble;
    }

    /// Path and query of the requests so far, each with request id, role, organisation and job role.
    pub fn asked(&self) -> Vec<(String, [String; 4])> {
        self.inside().asked.clone()
    }

    /// The routes of the API, to be served under any path.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/RequestGroup", get(search))
            .route("/RequestGroup/{id}", get(whole))
            .layer(from_fn_with_state(self.clone(), at_the_door))
            .with_state(())
    }
}

/// Checks what every request must carry (API description, parameters).
async fn at_the_door(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let names = ["x-request-id", "nhsd-session-urid", "nhsd-organization-uuid", "nhsd-session-jobrole"];
    let who = names.map(|name| text(request.headers(), name));
    {
        let mut inside = simulator.inside();
        if inside.asked.len() >= REMEMBERED {
            inside.asked.remove(0);
        }
        inside.asked.push((path, who.clone()));
        if let Some((status, body)) = &inside.trouble {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, body.clone()).into_response();
        }
    }
    let token = text(request.headers(), header::AUTHORIZATION.as_str());
    let token = token.strip_prefix("Bearer ").unwrap_or_default();
    if !(simulator.1)(token) {
        return outcome(401, "forbidden", "UNAUTHORIZED");
    }
    let [id, role, organisation, job] = who;
    let complete = id.parse::<Uuid>().is_ok() && !organisation.is_empty() && !job.is_empty();
    if !complete || role.is_empty() || !role.bytes().all(|byte| byte.is_ascii_digit()) {
        return outcome(400, "value", "BAD_REQUEST");
    }
    next.run(request).await
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn search(Query(query): Query<Vec<(String, String)>>) -> Response {
    let found: Vec<&Script> = match query.as_slice() {
        [(name, id)] if name == "prescriptionId" && Id::parse(id).is_ok() => {
            SCRIPTS.iter().filter(|script| script.id == id).collect()
        }
        [(name, number)] if name == "nhsNumber" && number.parse::<shared::patient::NhsNumber>().is_ok() => {
            SCRIPTS.iter().filter(|script| script.nhs_number == number).collect()
        }
        _ => return outcome(400, "value", "BAD_REQUEST"),
    };
    let Some(first) = found.first() else {
        return fhir(&json!({ "resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [] }));
    };
    let patient = patient(first);
    let mut entries = vec![patient];
    entries.extend(found.iter().map(|script| entry("match", &group(script, Vec::new()))));
    fhir(&json!({ "resourceType": "Bundle", "type": "searchset", "total": found.len(), "entry": entries }))
}

async fn whole(Path(id): Path<String>) -> Response {
    let Some(script) = SCRIPTS.iter().find(|script| script.id == id) else {
        return outcome(404, "not-found", "NOT_FOUND");
    };
    let mut entries = vec![patient(script)];
    let prescriber = json!({ "resourceType": "PractitionerRole", "id": name(script, PRESCRIBER),
        "organization": { "identifier": { "system": format!("{IDS}/ods-organization-code"), "value": "A99999" } } });
    entries.push(entry("include", &prescriber));
    let mut lines = Vec::new();
    for (at, item) in script.items.iter().enumerate() {
        entries.push(entry("include", &line(script, at, *item)));
        lines.push(
            json!({ "resource": { "reference": format!("urn:uuid:{}", name(script, LINES + at as u128)) } }),
        );
    }
    let mut actions = vec![json!({ "title": "Prescription Line Items(Medications)", "action": lines })];
    actions.push(json!({ "title": "Prescription status transitions", "action": history(script) }));
    entries.push(entry("match", &group(script, actions)));
    fhir(&json!({ "resourceType": "Bundle", "type": "searchset", "total": 1, "entry": entries }))
}

/// What of an answer an id is given to; lines count from [`LINES`] on.
const PATIENT: u128 = 1;
const PRESCRIBER: u128 = 2;
const GROUP: u128 = 3;
const LINES: u128 = 100;

/// The same id for the same thing in each answer.
fn name(script: &Script, part: u128) -> Uuid {
    let of_script = u128::from_str_radix(&script.id[..6], 16).unwrap_or_default();
    Uuid::from_u128(of_script << 32 | part)
}

fn entry(mode: &str, resource: &Value) -> Value {
    let id = resource["id"].as_str().unwrap_or_default();
    json!({ "fullUrl": format!("urn:uuid:{id}"), "search": { "mode": mode }, "resource": resource })
}

fn patient(script: &Script) -> Value {
    let known = PEOPLE.iter().find(|(number, ..)| *number == script.nhs_number);
    let (number, given, family, born) = known.copied().unwrap_or((script.nhs_number, "", "", ""));
    let resource = json!({ "resourceType": "Patient", "id": name(script, PATIENT),
        "identifier": [{ "system": format!("{IDS}/nhs-number"), "value": number }],
        "name": [{ "given": [given], "family": family }], "birthDate": born });
    entry("include", &resource)
}

fn group(script: &Script, actions: Vec<Value>) -> Value {
    let (code, display) = script.status;
    let mut extensions = vec![
        json!({ "url": format!("{EXTENSIONS}EPS-PrescriptionStatusHistory"), "extension": [{ "url": "status",
            "valueCoding": { "system": format!("{CODES}/EPS-task-business-status"), "code": code, "display": display } }] }),
        json!({ "url": format!("{EXTENSIONS}PendingCancellation"), "extension": [
            { "url": "prescriptionPendingCancellation", "valueBoolean": script.pending_cancellation },
            { "url": "lineItemPendingCancellation", "valueBoolean": false } ] }),
    ];
    if script.intent != "order" {
        extensions.push(json!({ "url": format!("{EXTENSIONS}EPS-RepeatInformation"), "extension": [
            { "url": "numberOfRepeatsIssued", "valueInteger": 1 },
            { "url": "numberOfRepeatsAllowed", "valueInteger": 6 } ] }));
    }
    let mut group = json!({ "resourceType": "RequestGroup", "id": name(script, GROUP),
        "identifier": [{ "system": format!("{IDS}/prescription-order-number"), "value": script.id }],
        "subject": { "reference": format!("urn:uuid:{}", name(script, PATIENT)) },
        "author": { "identifier": { "system": format!("{IDS}/ods-organization-code"), "value": "A99999" } },
        "status": "active", "intent": script.intent,
        "authoredOn": format!("{}T00:00:00.000Z", script.written), "extension": extensions });
    if !actions.is_empty() {
        group["action"] = json!(actions);
    }
    group
}

fn line(script: &Script, at: usize, item: (&str, u32, &str, &str)) -> Value {
    let (medicine, quantity, unit, directions) = item;
    let mut line = json!({ "resourceType": "MedicationRequest", "id": name(script, LINES + at as u128),
        "status": "active", "intent": script.intent,
        "groupIdentifier": { "system": format!("{IDS}/prescription-order-number"), "value": script.id },
        "requester": { "reference": format!("urn:uuid:{}", name(script, PRESCRIBER)) },
        "medicationCodeableConcept": { "text": medicine },
        "dispenseRequest": { "quantity": { "value": quantity, "unit": unit } },
        "dosageInstruction": [{ "text": directions }],
        "extension": [
            { "url": format!("{EXTENSIONS}EPS-DispensingInformation"), "extension": [{ "url": "dispenseStatus",
                "valueCoding": { "system": format!("{CODES}/medicationdispense-type"), "code": script.item_status } }] },
            { "url": format!("{EXTENSIONS}PendingCancellation"),
                "extension": [{ "url": "lineItemPendingCancellation", "valueBoolean": false }] },
        ] });
    if !script.dispenser.is_empty() {
        let code = json!([{ "system": format!("{IDS}/ods-organization-code"), "value": script.dispenser }]);
        line["performer"] = json!({ "identifier": code });
    }
    line
}

fn history(script: &Script) -> Vec<Value> {
    let happened = |title: &str, hour: u32, status: (&str, &str), who: &str| {
        json!({ "title": title, "timingDateTime": format!("{}T{hour:02}:00:00.000Z", script.written),
            "code": [{ "coding": [{ "system": format!("{CODES}/EPS-task-business-status"), "code": status.0,
                "display": status.1 }] }],
            "participant": [{ "extension": [{ "url": PARTICIPANT, "valueReference": { "identifier":
                { "system": format!("{IDS}/ods-organization-code"), "value": who } } }] }] })
    };
    let mut history =
        vec![happened("Prescription upload successful", 9, ("0001", "To be Dispensed"), "A99999")];
    if !script.dispenser.is_empty() {
        history.push(happened(
            "Release Request successful",
            10,
            ("0002", "With Dispenser"),
            script.dispenser,
        ));
    }
    if script.status.0 == "0006" {
        history.push(happened("Dispense notification successful", 11, script.status, script.dispenser));
    }
    history
}

fn outcome(status: u16, code: &str, spine: &str) -> Response {
    let coding = json!({ "system": format!("{CODES}/http-error-codes"), "code": spine });
    let issue = json!({ "code": code, "severity": "error", "details": { "coding": [coding] } });
    let mut response = fhir(&json!({ "resourceType": "OperationOutcome", "issue": [issue] }));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn fhir(resource: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/fhir+json")], Json(resource).into_response().into_body())
        .into_response()
}
