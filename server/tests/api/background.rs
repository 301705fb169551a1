//! Checks with PDS in the background: what a person is told, what is never changed, and how little is asked.

use crate::support::{HOUR, NOW, TestApp, ods};
use satchel::app::App;
use satchel::nhs::pds::Simulator;
use satchel::nhs::pds::simulator::Trouble;
use satchel::patients::background::{CheckError, check, due};
use satchel::store::{Append, DocumentWrite, PdsCheck};
use secrecy::SecretString;
use shared::consultation::{Consultation, Document, Patient, Signature};
use shared::ids::ConsultationId;
use uuid::Uuid;

async fn with_pds() -> (TestApp, Simulator) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (TestApp::with(&[("pds_url", &base)]).await, simulator)
}

/// An open consultation as the server files it.
async fn filed(app: &App, patient: Patient) -> ConsultationId {
    filed_as(app, |record| record.patient = patient).await
}

async fn filed_as(app: &App, change: impl FnOnce(&mut Consultation)) -> ConsultationId {
    let id = ConsultationId(Uuid::new_v4());
    let mut record = Consultation::new(id, &ods("FA123"), "minor-illness@1", NOW);
    change(&mut record);
    let writer = satchel::sync::server_writer(app);
    let mut document = Document::create(NOW, &writer, &record).expect("a document");
    let write = DocumentWrite {
        id,
        based_on: 0,
        base: Some(document.save()),
        changes: Vec::new(),
        heads: document.heads().iter().map(ToString::to_string).collect(),
        row: document.row().expect("a row"),
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: None,
    };
    let append = Append { documents: vec![write], ..Append::default() };
    app.store.append(&ods("FA123"), append).await.expect("stored");
    id
}

fn numbered(number: &str, born: &str) -> Patient {
    Patient {
        nhs_number: number.into(),
        nhs_number_status: "verified".into(),
        family_name: "Somebody".into(),
        birth_date: born.into(),
        ..Patient::default()
    }
}

fn peregrine() -> Patient {
    Patient {
        family_name: "Imaginary".into(),
        given_name: "Peregrine".into(),
        birth_date: "1991-08-08".into(),
        postcode: "ZZ99 3WZ".into(),
        ..Patient::default()
    }
}

async fn record(app: &App, id: &ConsultationId) -> Consultation {
    let stored = app.store.document(&ods("FA123"), id).await.expect("the store").expect("the record");
    satchel::intake::opened(&stored).expect("a document").read().expect("a record")
}

async fn round(app: &App) -> Result<usize, CheckError> {
    let due = due(app).await.expect("the store");
    let number = due.len();
    let pds = app.pds.as_ref().expect("a PDS");
    check(app, pds, &SecretString::from("application-1"), due).await?;
    Ok(number)
}

async fn kinds(app: &App, id: &ConsultationId) -> Vec<String> {
    record(app, id).await.notices.into_values().map(|notice| notice.kind).collect()
}

#[tokio::test]
async fn what_pds_says_stands_beside_the_details_and_changes_none() {
    for (number, born, told) in [
        ("9991110143", "1977-11-02", vec!["pds-superseded"]),
        ("9991110283", "1966-06-06", vec!["pds-invalidated"]),
        ("9991110429", "1931-12-01", vec!["pds-deceased"]),
        ("9991112030", "1950-01-01", vec!["pds-no-match"]),
        ("9990523185", "1950-01-01", vec!["pds-another-person"]),
        ("9990523185", "1968-09-23", vec![]),
        ("9991110771", "1949-04-05", vec![]),
    ] {
        let (server, _) = with_pds().await;
        let patient = numbered(number, born);
        let id = filed(&server.app, patient.clone()).await;
        assert_eq!(round(&server.app).await.expect("asked"), 1);
        assert_eq!(kinds(&server.app, &id).await, told, "{number}");
        assert_eq!(record(&server.app, &id).await.patient, patient, "nothing of the patient is changed");
    }
}

#[tokio::test]
async fn a_restricted_patient_leaves_no_trace_of_where_they_are() {
    let (server, _) = with_pds().await;
    let id = filed(&server.app, numbered("9991110070", "1950-01-01")).await;
    round(&server.app).await.expect("asked");
    let told = format!("{:?}", record(&server.app, &id).await.notices);
    assert!(told.contains("pds-another-person"));
    for secret in ["Nowhere", "ZZ99", "A99999", "FA123", "Concealer"] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_patient_without_a_number_is_found_for_certain_or_not_at_all() {
    let (server, pds) = with_pds().await;
    let found = filed(&server.app, peregrine()).await;
    let unknown = filed(&server.app, Patient { birth_date: "1991-08-09".into(), ..peregrine() }).await;
    let too_little = filed(&server.app, Patient { postcode: String::new(), ..peregrine() }).await;
    assert_eq!(round(&server.app).await.expect("asked"), 3);
    let notice = record(&server.app, &found).await.notices.into_values().next().expect("a notice");
    assert_eq!(notice.kind, "pds-number-found");
    assert!(notice.text.contains("999 111 0003"), "{}", notice.text);
    assert_eq!(record(&server.app, &found).await.patient, peregrine());
    assert_eq!(kinds(&server.app, &unknown).await, ["pds-no-match"]);
    assert!(kinds(&server.app, &too_little).await.is_empty());
    let searches = pds.asked().into_iter().filter(|asked| asked.path.contains('?')).count();
    assert_eq!(searches, 2, "too little is not asked about");
}

#[tokio::test]
async fn a_number_is_vouched_for_only_where_it_was_found_by_what_is_known_of_the_patient() {
    let (server, _) = with_pds().await;
    let unverified =
        Patient { nhs_number_status: "unverified".into(), ..numbered("9990412073", "1944-05-11") };
    let typed = filed(&server.app, unverified).await;
    let searched = filed(&server.app, peregrine()).await;
    let replaced = filed(&server.app, numbered("9991110143", "1977-11-02")).await;
    round(&server.app).await.expect("asked");
    let app = &server.app;
    let stands = async |id: &ConsultationId, number: &str| {
        let hash = app.server_keys.traces.number(id, number);
        let seen = app.store.seen_numbers(id).await.expect("the store");
        seen.into_iter().find(|(number, _)| *number == hash).map(|(_, stands)| stands)
    };
    let nobody_compared = stands(&typed, "9990412073").await;
    assert_eq!(nobody_compared, None, "it is somebody’s number, and nobody compared whose");
    assert_eq!(stands(&searched, "9991110003").await, Some(true));
    assert_eq!(stands(&replaced, "9991110143").await, Some(false));
    assert_eq!(stands(&replaced, "9991110216").await, None);
}

#[tokio::test]
async fn pds_is_asked_once_a_day_and_again_when_something_else_is_known() {
    let (server, pds) = with_pds().await;
    let app = &server.app;
    let id = filed(app, numbered("9991110429", "1931-12-01")).await;
    round(app).await.expect("asked");
    assert_eq!(round(app).await.expect("nothing"), 0);
    app.clock.advance(23 * HOUR);
    assert_eq!(round(app).await.expect("nothing"), 0);
    app.clock.advance(HOUR);
    assert_eq!(round(app).await.expect("asked"), 1);
    assert_eq!(kinds(app, &id).await, ["pds-deceased"], "and nobody is told twice");
    app.clock.advance(-3 * HOUR);
    assert_eq!(round(app).await.expect("asked"), 1, "a clock that was set back makes it due");

    satchel::sync::server_edit(app, &ods("FA123"), &id, |record| {
        "9990523185".clone_into(&mut record.patient.nhs_number);
    })
    .await
    .expect("an edit");
    assert_eq!(round(app).await.expect("asked"), 1);
    assert_eq!(pds.asked().len(), 4);
}

#[tokio::test]
async fn what_is_closed_is_not_asked_about() {
    let (server, pds) = with_pds().await;
    filed_as(&server.app, |record| {
        record.patient = numbered("9991110429", "1931-12-01");
        record.outcome.closure_reason = "no_contact".to_owned();
        let signature = Signature { person: "p".to_owned(), ..Signature::default() };
        record.signatures.insert("p/0".to_owned(), signature);
    })
    .await;
    assert_eq!(round(&server.app).await.expect("nothing"), 0);
    assert!(pds.asked().is_empty());
}

#[tokio::test]
async fn a_pds_that_is_away_loses_nothing() {
    let (server, pds) = with_pds().await;
    let id = filed(&server.app, numbered("9991110429", "1931-12-01")).await;
    pds.next(Trouble::Error { status: 503, code: "SERVICE_UNAVAILABLE", retry_after: Some(60) });
    assert!(matches!(round(&server.app).await, Err(CheckError::Pds(_))));
    assert!(kinds(&server.app, &id).await.is_empty());
    assert_eq!(round(&server.app).await.expect("asked"), 1);
    assert_eq!(kinds(&server.app, &id).await, ["pds-deceased"]);
}

#[tokio::test]
async fn one_that_pds_cannot_answer_does_not_keep_the_others_waiting() {
    let (server, pds) = with_pds().await;
    for _ in 0..2 {
        filed(&server.app, numbered("9991110429", "1931-12-01")).await;
    }
    pds.next(Trouble::Answer { status: 200, kind: "text/html", body: b"<html>".to_vec() });
    assert_eq!(round(&server.app).await.expect("asked"), 2);
    assert_eq!(round(&server.app).await.expect("nothing"), 0);
}

#[tokio::test]
async fn a_pharmacy_that_comes_home_is_asked_about_in_portions() {
    let (server, _) = with_pds().await;
    for _ in 0..45 {
        filed(&server.app, Patient::default()).await;
    }
    let mut rounds = Vec::new();
    for _ in 0..4 {
        rounds.push(round(&server.app).await.expect("nothing to ask with"));
    }
    assert_eq!(rounds, [20, 20, 5, 0]);
}

#[tokio::test]
async fn a_restored_server_asks_again_and_tells_nobody_twice() {
    let (server, _) = with_pds().await;
    let app = &server.app;
    let id = filed(app, numbered("9991110143", "1977-11-02")).await;
    round(app).await.expect("asked");
    // As a backup from before remembers it: the record came back from a device.
    let before = PdsCheck { asked: [0; 32], at: NOW - HOUR };
    app.store.put_pds_check(&id, &before).await.expect("the store");
    let notices = record(app, &id).await.notices;
    app.clock.advance(HOUR);
    assert_eq!(round(app).await.expect("asked"), 1);
    assert_eq!(record(app, &id).await.notices, notices);
}
