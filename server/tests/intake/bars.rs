//! Promises of `/bars/FHIR/R4`: taken once, known again by both ids, taken back, refused as published.

use super::support::{Server, server};
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use satchel::app::App;
use satchel::intake::opened;
use satchel::store::Pharmacy;
use satchel::sync::server_edit;
use serde_json::Value;
use shared::consultation::{Consultation, Status, WorkListRow};
use shared::ids::ConsultationId;
use std::collections::BTreeSet;
use tower::ServiceExt as _;
use uuid::Uuid;

pub const NEW: &str = include_str!("../../src/intake/bars/fixtures/new.json");
const NEW_XML: &str = include_str!("../../src/intake/bars/fixtures/new.xml");
const CANCEL: &str = include_str!("../../src/intake/bars/fixtures/cancel.json");
pub const NEW_ID: &str = "5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417";
const CANCEL_ID: &str = "77c0de10-2f0b-4f0e-8a11-0d6a4b9e0418";
pub const CORRELATION: &str = "9562466f-c982-4bd5-bb0e-255e9f5e6689";
pub const BASE: &str = "/bars/FHIR/R4";

/// An answer: status, both ids, and the body.
pub struct Answer {
    pub status: StatusCode,
    request_id: String,
    kind: String,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["issue"][0]["code"].as_str().unwrap_or_default())
    }

    pub fn words(&self) -> &str {
        self.body["issue"][0]["details"]["text"].as_str().unwrap_or_default()
    }

    /// Our id of the `ServiceRequest` in an answer.
    pub fn service_request(&self) -> String {
        let entries = self.body["entry"].as_array().expect("entries");
        let found = entries.iter().find(|entry| entry["resource"]["resourceType"] == "ServiceRequest");
        found.expect("a ServiceRequest")["resource"]["id"].as_str().expect("an id").to_owned()
    }
}

pub fn named(builder: Builder, request_id: &str) -> Builder {
    let target = r#"{"value":"2099000001","system":"https://fhir.nhs.uk/Id/dos-service-id"}"#;
    let organisation = r#"{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A99998"}],"name":"Larch Court Health Centre"}"#;
    builder
        .header("NHSD-Target-Identifier", STANDARD.encode(target))
        .header("NHSD-End-User-Organisation", STANDARD.encode(organisation))
        .header("NHSD-Requesting-Software", STANDARD.encode(r#"{"resourceType":"Device"}"#))
        .header("X-Request-Id", request_id)
        .header("X-Correlation-Id", CORRELATION)
        .header(header::ACCEPT, "application/fhir+json; version=1.4.0")
}

pub async fn asked(app: &App, request: Request<Body>) -> Answer {
    let answer = satchel::api::router(app.clone()).oneshot(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let text = |name: &str| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (status, request_id, kind) = (parts.status, text("x-request-id"), text("content-type"));
    let body = to_bytes(body, 1 << 22).await.expect("a body");
    Answer { status, request_id, kind, body: serde_json::from_slice(&body).unwrap_or_default() }
}

async fn post_as(app: &App, request_id: &str, body: impl Into<Body>) -> Answer {
    let request = named(Request::post(format!("{BASE}/$process-message")), request_id)
        .header(header::CONTENT_TYPE, "application/fhir+json; version=1.4.0");
    asked(app, request.body(body.into()).expect("a request")).await
}

pub async fn post(app: &App, body: impl Into<Body>) -> Answer {
    post_as(app, &Uuid::new_v4().to_string(), body).await
}

pub async fn get(app: &App, path: &str) -> Answer {
    let request = named(Request::get(format!("{BASE}{path}")), &Uuid::new_v4().to_string());
    asked(app, request.body(Body::empty()).expect("a request")).await
}

pub async fn taken(app: &App, body: impl Into<Body>) -> Answer {
    let answer = post(app, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer
}

async fn rows(app: &App) -> Vec<WorkListRow> {
    app.store.rows(None).await.expect("rows")
}

pub async fn only(app: &App) -> WorkListRow {
    let mut rows = rows(app).await;
    assert_eq!(rows.len(), 1, "one consultation");
    rows.remove(0)
}

async fn record(app: &App) -> Consultation {
    let row = only(app).await;
    let (ods, id) = (row.pharmacy.parse().expect("a code"), row.id.parse().expect("an id"));
    let stored = app.store.document(&ods, &id).await.expect("the store").expect("stored");
    opened(&stored).expect("whole").read().expect("a record")
}

/// Somebody here begins with the only consultation.
pub async fn begun(app: &App) {
    let row = only(app).await;
    let (ods, id) = (row.pharmacy.parse().expect("a code"), row.id.parse().expect("an id"));
    let edit = |record: &mut Consultation| "2026-11-22T14:13:20Z".clone_into(&mut record.visit.started_at);
    server_edit(app, &ods, &id, edit).await.expect("stored");
}

#[tokio::test]
async fn a_referral_stands_on_the_work_list_and_its_sender_is_answered_by_its_own_ids() {
    let server = server().await;
    let request_id = Uuid::new_v4().to_string();
    let answer = post_as(&server.app, &request_id, NEW).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.request_id, request_id);
    assert_eq!(answer.kind, "application/fhir+json; version=1.4.0");
    let row = only(&server.app).await;
    assert_eq!((row.status, row.channel.as_str()), (Status::Received, "bars"));
    assert_eq!(
        (row.patient_name.as_str(), row.complaint.as_str()),
        ("LARKSPURTON, Odile Fay", "Sore throat")
    );
    assert_eq!(row.valid_until, "2026-11-23T13:40:00Z");
    assert!(row.has_warnings && row.repeat_caller);
    assert_eq!(answer.service_request(), row.id, "our own id of it");
    assert_eq!(answer.body["entry"][0]["resource"]["response"]["identifier"], NEW_ID);
}

#[tokio::test]
async fn the_same_request_again_is_a_duplicate_and_other_bytes_under_its_id_a_conflict() {
    let server = server().await;
    let id = Uuid::new_v4().to_string();
    assert_eq!(post_as(&server.app, &id, NEW).await.status, StatusCode::OK);
    let again = post_as(&server.app, &id.to_uppercase(), NEW).await;
    assert_eq!(again.code(), (409, "duplicate"), "{}", again.words());
    let other = post_as(&server.app, &id, NEW.replace(NEW_ID, &Uuid::new_v4().to_string())).await;
    assert_eq!(other.code(), (409, "conflict"), "{}", other.words());
    assert_eq!(rows(&server.app).await.len(), 1);
}

#[tokio::test]
async fn a_bundle_id_sent_again_in_another_request_is_no_workflow() {
    let server = server().await;
    taken(&server.app, NEW).await;
    let again = post(&server.app, NEW).await;
    assert_eq!(again.code(), (400, "invariant"), "{}", again.words());
    let changed = post(&server.app, NEW.replace("Sore throat", "Cough")).await;
    assert_eq!(changed.code(), (400, "invariant"));
    assert_eq!(only(&server.app).await.complaint, "Sore throat");
}

#[tokio::test]
async fn what_was_refused_is_not_called_stored_when_it_comes_again() {
    let server = server().await;
    let id = Uuid::new_v4().to_string();
    let wrong = NEW.replace("\"DRC\"", "\"RES\"");
    for _ in 0..2 {
        assert_eq!(post_as(&server.app, &id, wrong.clone()).await.code(), (400, "invariant"));
    }
    assert!(rows(&server.app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_copies_at_once_make_one_consultation_and_one_success() {
    let server = server().await;
    let id = Uuid::new_v4().to_string();
    let posts = (0..100).map(|_| {
        let (app, id) = (server.app.clone(), id.clone());
        tokio::spawn(async move { post_as(&app, &id, NEW).await })
    });
    let mut said = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        let answer = post.await.expect("no panic");
        said.push((answer.status.as_u16(), answer.code().1.to_owned()));
    }
    assert_eq!(said.iter().filter(|(status, _)| *status == 200).count(), 1, "{said:?}");
    assert!(
        said.iter().all(|(status, code)| *status == 200 || (*status, code.as_str()) == (409, "duplicate")),
        "{said:?}"
    );
    assert_eq!(rows(&server.app).await.len(), 1);
}

#[tokio::test]
async fn a_newer_version_takes_the_place_of_the_first_until_somebody_begins() {
    let server = server().await;
    taken(&server.app, NEW).await;
    let second = NEW.replace(NEW_ID, &Uuid::new_v4().to_string()).replace("\"Sore throat\"", "\"Earache\"");
    taken(&server.app, second).await;
    assert_eq!(only(&server.app).await.complaint, "Earache");
    begun(&server.app).await;
    let third = NEW.replace(NEW_ID, &Uuid::new_v4().to_string()).replace("\"Sore throat\"", "\"Cough\"");
    taken(&server.app, third).await;
    let row = only(&server.app).await;
    assert_eq!((row.complaint.as_str(), row.has_notice), ("Earache", true));
    let record = record(&server.app).await;
    assert_eq!(record.earlier_reports.len(), 2, "every version stays readable");
    let id: ConsultationId = row.id.parse().expect("an id");
    assert_eq!(
        server.app.store.kept_messages_of(&id).await.expect("kept").len(),
        3,
        "and is kept as it came"
    );
}

#[tokio::test]
async fn a_message_is_kept_as_it_came_and_sealed() {
    let server = server().await;
    taken(&server.app, NEW).await;
    let id: ConsultationId = only(&server.app).await.id.parse().expect("an id");
    let kept = server.app.store.kept_messages_of(&id).await.expect("kept");
    let [kept] = &kept[..] else { panic!("one message") };
    assert!(!kept.sealed.windows(11).any(|part| part == b"Larkspurton"), "sealed");
    let opened = server.app.server_keys.at_rest.open(&format!("kept/{}", kept.id), &kept.sealed);
    assert_eq!(opened.expect("opens"), NEW.as_bytes());
    assert_eq!((kept.message_id.as_str(), kept.channel.as_str()), (NEW_ID, "bars"));
}

#[tokio::test]
async fn a_referral_taken_back_before_anybody_began_is_withdrawn() {
    let server = server().await;
    taken(&server.app, NEW).await;
    taken(&server.app, CANCEL).await;
    assert_eq!(only(&server.app).await.status, Status::Withdrawn);
    let withdrawn = record(&server.app).await.referral.withdrawn;
    assert!(withdrawn.contains("The patient came to the surgery instead."), "{withdrawn}");
    let again = CANCEL.replace(CANCEL_ID, &Uuid::new_v4().to_string());
    taken(&server.app, again).await;
    assert_eq!(record(&server.app).await.referral.withdrawn, withdrawn, "said once");
}

#[tokio::test]
async fn a_referral_taken_back_after_somebody_began_is_a_notice_beside_it() {
    let server = server().await;
    taken(&server.app, NEW).await;
    begun(&server.app).await;
    taken(&server.app, CANCEL.replace("\"revoked\"", "\"entered-in-error\"")).await;
    let row = only(&server.app).await;
    assert_eq!((row.status, row.has_notice), (Status::Open, true));
    let record = record(&server.app).await;
    let notice = record.notices.values().next().expect("a notice");
    assert!(notice.text.contains("It was sent by mistake."), "{}", notice.text);
    assert!(record.referral.withdrawn.is_empty(), "nothing was taken out of the pharmacist’s hands");
}

#[tokio::test]
async fn a_cancellation_finds_its_referral_by_our_id_and_by_the_senders_case_number() {
    let server = server().await;
    let ours = taken(&server.app, NEW).await.service_request();
    let theirs = "urn:uuid:0b5e0000-0000-4000-8000-000000000002";
    let by_ours = CANCEL.replace(theirs, &format!("urn:uuid:{ours}"));
    taken(&server.app, by_ours).await;
    assert_eq!(only(&server.app).await.status, Status::Withdrawn);

    let server = super::support::server().await;
    taken(&server.app, NEW).await;
    let mut by_case: Value =
        serde_json::from_str(&CANCEL.replace(theirs, "urn:uuid:77777777-0000-4000-8000-000000000002"))
            .expect("JSON");
    let new: Value = serde_json::from_str(NEW).expect("JSON");
    let encounter = new["entry"][2].clone();
    assert_eq!(encounter["resource"]["resourceType"], "Encounter");
    by_case["entry"].as_array_mut().expect("entries").push(encounter);
    taken(&server.app, by_case.to_string()).await;
    assert_eq!(only(&server.app).await.status, Status::Withdrawn);
}

#[tokio::test]
async fn a_cancellation_of_something_else_or_by_somebody_else_changes_nothing() {
    let server = server().await;
    let nothing = post(&server.app, CANCEL).await;
    assert_eq!(nothing.code(), (404, "not-found"), "{}", nothing.words());
    let ours = taken(&server.app, NEW).await.service_request();
    let fresh = |text: &str| text.replace(CANCEL_ID, &Uuid::new_v4().to_string());
    let category = fresh(CANCEL).replace("\"a5t1\"", "\"referraltopharmacy\"");
    assert_eq!(post(&server.app, category).await.code(), (400, "invariant"));
    let new: Value = serde_json::from_str(NEW).expect("JSON");
    let mut encounter: Value = serde_json::from_str(&fresh(CANCEL)).expect("JSON");
    encounter["entry"].as_array_mut().expect("entries").push(new["entry"][2].clone());
    let status = encounter.to_string().replace("\"triaged\"", "\"finished\"");
    assert_eq!(
        post(&server.app, status).await.code(),
        (400, "invariant"),
        "its Encounter has another status"
    );
    let theirs = "urn:uuid:0b5e0000-0000-4000-8000-000000000002";
    let patient = fresh(CANCEL).replace("9997001028", "9990412073");
    assert_eq!(post(&server.app, patient).await.code(), (400, "invariant"));
    // Another service of another organisation, which knows our id of it.
    let stranger = fresh(CANCEL)
        .replace("|2099000777", "|2099000778")
        .replace("A99998", "A99997")
        .replace(theirs, &format!("urn:uuid:{ours}"));
    let organisation = STANDARD.encode(r#"{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A99997"}]}"#);
    let mut request = named(Request::post(format!("{BASE}/$process-message")), &Uuid::new_v4().to_string())
        .header(header::CONTENT_TYPE, "application/fhir+json")
        .body(Body::from(stranger))
        .expect("a request");
    request.headers_mut().insert("NHSD-End-User-Organisation", organisation.parse().expect("a header"));
    let refused = asked(&server.app, request).await;
    assert_eq!(refused.code(), (401, "forbidden"), "{}", refused.words());
    assert_eq!(only(&server.app).await.status, Status::Received);
}

#[tokio::test]
async fn a_slow_store_is_a_timeout_and_the_retry_is_known() {
    let server = super::support::impatient_server().await;
    let id = Uuid::new_v4().to_string();
    let lock = server.locked().await;
    let slow = post_as(&server.app, &id, NEW).await;
    assert_eq!(slow.code(), (408, "timeout"), "{}", slow.words());
    assert_eq!(slow.request_id, id);
    lock.release().await;
    // What was on its way is stored once the store can, and a retry then is a duplicate.
    loop {
        let again = post_as(&server.app, &id, NEW).await;
        match again.code() {
            (409, "duplicate") => break,
            // After a success the retry itself was the one that got there.
            (408, "timeout") | (200, _) => {}
            other => panic!("{other:?}: {}", again.words()),
        }
    }
    assert_eq!(rows(&server.app).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_at_once_and_nothing_is_stored() {
    let server = server().await;
    let deep = format!("{{\"resourceType\":\"Bundle\",\"a\":{}", "{\"a\":".repeat(100_000));
    for body in ["", "{", "<Bundle/>", "{\"resourceType\":\"Patient\"}", "\u{0}", deep.as_str()] {
        let answer = post(&server.app, body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        assert_eq!(answer.body["resourceType"], "OperationOutcome");
    }
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaa\">]><Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"&a;\"/></Bundle>";
    let deep = format!("<Bundle xmlns=\"http://hl7.org/fhir\">{}", "<a>".repeat(100_000));
    let latin = [NEW_XML.as_bytes(), b"\xe9"].concat();
    for body in [bomb.as_bytes(), deep.as_bytes(), &latin] {
        let request = named(Request::post(format!("{BASE}/$process-message")), &Uuid::new_v4().to_string())
            .header(header::CONTENT_TYPE, "application/fhir+xml");
        let answer = asked(&server.app, request.body(Body::from(body.to_vec())).expect("a request")).await;
        assert_eq!(answer.code(), (400, "invalid"), "{}", answer.body);
    }
    let large = post(&server.app, " ".repeat(6 * 1024 * 1024)).await;
    assert_eq!(large.code(), (400, "not-supported"));
    assert!(rows(&server.app).await.is_empty());
}

#[tokio::test]
async fn no_refusal_names_the_patient() {
    let server = server().await;
    for (from, to) in [
        ("\"DRC\"", "\"RES\""),
        ("\"a5t1\"", "\"a5t3\""),
        ("\"triaged\"", "\"planned\""),
        ("\"message\"", "\"batch\""),
    ] {
        let answer = post(&server.app, NEW.replace(from, to)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let said = answer.body.to_string();
        assert!(!said.contains("Larkspurton") && !said.contains("9997001028"), "{said}");
    }
}

#[tokio::test]
async fn everything_below_bars_is_answered_in_fhir() {
    let server = server().await;
    for (method, path, status) in [
        (Method::GET, "/Slot", 501),
        (Method::POST, "/Appointment", 501),
        (Method::GET, "/$process-message", 405),
        (Method::DELETE, "/metadata", 405),
    ] {
        let request = named(Request::builder().method(method).uri(format!("{BASE}{path}")), CORRELATION);
        let answer = asked(&server.app, request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert_eq!(
            (answer.body["resourceType"].as_str(), answer.request_id.as_str()),
            (Some("OperationOutcome"), CORRELATION)
        );
    }
    for path in ["/bars", "/bars/"] {
        let answer = asked(&server.app, Request::get(path).body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.body["resourceType"], "OperationOutcome", "{path}");
    }
    let html = Request::get(format!("{BASE}/metadata")).header(header::ACCEPT, "text/html");
    let answer = asked(&server.app, html.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.code(), (406, "processing"));
}

#[tokio::test]
async fn what_is_served_is_said_and_the_context_is_checked() {
    let server = server().await;
    let request = Request::get(format!("{BASE}/metadata"));
    let capabilities = asked(&server.app, request.body(Body::empty()).expect("a request")).await;
    assert_eq!(capabilities.body["fhirVersion"], "4.0.1");
    assert_eq!(capabilities.body["messaging"][0]["supportedMessage"].as_array().map(Vec::len), Some(2));
    let context = |id: &str| {
        format!("/MessageDefinition?context=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fdos-service-id%7C{id}")
    };
    let definitions = get(&server.app, &context("2099000001")).await;
    let urls: BTreeSet<&str> = definitions.body["entry"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["resource"]["url"].as_str())
        .collect();
    assert_eq!(urls.len(), 2, "{}", definitions.body);
    assert_eq!(get(&server.app, "/MessageDefinition").await.code(), (400, "required"));
    assert_eq!(get(&server.app, "/MessageDefinition?context=2099000001").await.code(), (400, "invalid"));
    assert_eq!(get(&server.app, &context("2099000999")).await.code(), (404, "not-found"));
}

#[tokio::test]
async fn a_referral_is_read_back_by_our_id_and_found_by_the_patients_number() {
    let server = server().await;
    let id = taken(&server.app, NEW).await.service_request();
    let read = get(&server.app, &format!("/ServiceRequest/{id}")).await;
    assert_eq!((read.body["id"].as_str(), read.body["status"].as_str()), (Some(id.as_str()), Some("active")));
    assert_eq!(
        get(&server.app, &format!("/ServiceRequest/{}", Uuid::new_v4())).await.code(),
        (404, "not-found")
    );
    assert_eq!(get(&server.app, "/ServiceRequest/x").await.code(), (404, "not-found"));
    let search = |more: &str| {
        format!("/ServiceRequest?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9997001028{more}")
    };
    let found = get(&server.app, &search("")).await;
    assert_eq!((found.body["type"].as_str(), found.body["total"].as_u64()), (Some("searchset"), Some(1)));
    assert!(!found.body["link"].to_string().contains("9997001028"), "the number is not repeated");
    let narrowed = get(
        &server.app,
        &search("&patient:birthdate=1948-03-17&patient:address-postalcode=zz993cz&patient:name=larkspurton"),
    )
    .await;
    assert_eq!(narrowed.body["total"], 1);
    assert_eq!(get(&server.app, &search("&patient:birthdate=1950-01-01")).await.body["total"], 0);
    assert_eq!(get(&server.app, "/ServiceRequest").await.code(), (400, "required"));
    assert_eq!(
        get(&server.app, "/ServiceRequest?patient:identifier=9997001028").await.code(),
        (400, "value")
    );
    taken(&server.app, CANCEL).await;
    let read = get(&server.app, &format!("/ServiceRequest/{id}")).await;
    assert_eq!(read.body["status"], "revoked");
}

#[tokio::test]
async fn a_service_reads_only_what_came_to_it() {
    let server = server().await;
    let other = Pharmacy {
        ods: "FZ998".parse().expect("a code"),
        name: "Alder Pharmacy".into(),
        dos_ids: vec!["2099000002".into()],
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    };
    server.app.store.put_pharmacy(&other).await.expect("a pharmacy");
    let id = taken(&server.app, NEW).await.service_request();
    let target =
        STANDARD.encode(r#"{"value":"2099000002","system":"https://fhir.nhs.uk/Id/dos-service-id"}"#);
    for path in [
        format!("/ServiceRequest/{id}"),
        "/ServiceRequest?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9997001028".to_owned(),
    ] {
        let mut request =
            named(Request::get(format!("{BASE}{path}")), CORRELATION).body(Body::empty()).expect("a request");
        request.headers_mut().insert("NHSD-Target-Identifier", target.parse().expect("a header"));
        let answer = asked(&server.app, request).await;
        assert!(answer.status == StatusCode::NOT_FOUND || answer.body["total"] == 0, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_number_that_came_by_bars_is_vouched_for_by_nobody() {
    let server = server().await;
    taken(&server.app, NEW).await;
    let row = only(&server.app).await;
    let (ods, id): (_, ConsultationId) =
        (row.pharmacy.parse().expect("a code"), row.id.parse().expect("an id"));
    let stored = server.app.store.document(&ods, &id).await.expect("the store").expect("stored");
    let mut document = opened(&stored).expect("whole");
    let record = document.read().expect("a record");
    assert_eq!(record.patient.nhs_number_status, "unverified");
    let seen = satchel::patients::vouched(&server.app, &id).await.expect("the store");
    assert!(!seen.for_number(&mut document, &record, "9997001028").expect("readable"));
}

#[tokio::test]
async fn where_the_proxy_must_prove_the_sender_nobody_else_is_heard() {
    let server: Server = super::support::guarded_server().await;
    let answer = post(&server.app, NEW).await;
    assert_eq!(answer.code(), (403, "forbidden"), "{}", answer.words());
    let request = named(Request::post(format!("{BASE}/$process-message")), CORRELATION)
        .header(header::CONTENT_TYPE, "application/fhir+json")
        .header("X-Client-Verify", "SUCCESS");
    let answer = asked(&server.app, request.body(Body::from(NEW)).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn xml_is_answered_in_xml() {
    let server = server().await;
    let mut request = named(Request::post(format!("{BASE}/$process-message")), CORRELATION)
        .header(header::CONTENT_TYPE, "application/fhir+xml")
        .body(Body::from(NEW_XML))
        .expect("a request");
    request.headers_mut().remove(header::ACCEPT);
    let answer = satchel::api::router(server.app.clone()).oneshot(request).await.expect("an answer");
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/fhir+xml; version=1.4.0");
    let body = to_bytes(answer.into_body(), 1 << 22).await.expect("a body");
    assert!(body.starts_with(b"<?xml") && only(&server.app).await.complaint == "Sore throat");
}
