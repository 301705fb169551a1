//! Promises of `POST /itk/report`: taken once, never over work that was begun, refused with a reason.

use super::support::server;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use satchel::app::App;
use satchel::intake::itk111::{Accepting, Address, read};
use satchel::store::Pharmacy;
use satchel::sync::server_edit;
use shared::consultation::{Status, WorkListRow};
use std::io::Write as _;
use std::path::Path;
use tower::ServiceExt as _;

const MINOR_ILLNESS: &str = include_str!("../../src/intake/itk111/fixtures/minor-illness-dx28.xml");
const NULLIFICATION: &str = include_str!("../../src/intake/itk111/fixtures/nullification.xml");
const REPEAT_CALLER: &str = include_str!("../../src/intake/itk111/fixtures/repeat-caller.xml");

async fn post(app: &App, body: impl Into<Body>) -> (StatusCode, String) {
    let request = Request::post("/itk/report")
        .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
        .body(body.into())
        .expect("a request");
    let answer = satchel::api::router(app.clone()).oneshot(request).await.expect("an answer");
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/xml; charset=utf-8");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

async fn taken(app: &App, body: impl Into<Body>) {
    let (status, answer) = post(app, body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer.contains("OK:"), "{answer}");
}

async fn refused(app: &App, body: impl Into<Body>) -> String {
    let (status, answer) = post(app, body).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{answer}");
    assert!(answer.contains("ToolkitErrorInfo"), "{answer}");
    assert!(rows(app).await.is_empty(), "nothing is stored of what was refused");
    answer
}

async fn rows(app: &App) -> Vec<WorkListRow> {
    app.store.rows(None).await.expect("rows")
}

async fn only(app: &App) -> WorkListRow {
    let mut rows = rows(app).await;
    assert_eq!(rows.len(), 1, "one consultation");
    rows.remove(0)
}

/// The same report as its sender would send it again, with a newer version of the document.
fn newer() -> String {
    MINOR_ILLNESS
        .replace(r#"<versionNumber value="1"/>"#, r#"<versionNumber value="2"/>"#)
        .replace("6D0F2C51-0B47-4C0E-9C53-5F6E0B9D0101", "6D0F2C51-0B47-4C0E-9C53-5F6E0B9D9999")
        .replace("0C5B7C0E-2F61-4F7F-8B12-1D7C11110101", "0C5B7C0E-2F61-4F7F-8B12-1D7C11119999")
        .replace("Dx28", "Dx06")
}

#[tokio::test]
async fn a_report_stands_on_the_work_list_and_every_device_is_told() {
    let server = server().await;
    let mut news = server.app.news.subscribe();
    taken(&server.app, MINOR_ILLNESS).await;
    let row = only(&server.app).await;
    assert_eq!((row.status, row.disposition.as_str()), (Status::Received, "Dx28"));
    assert_eq!(
        (row.patient_name.as_str(), row.nhs_number.as_str()),
        ("BRAMBLEWORTH, Odile Fay", "9997001028")
    );
    assert!(!row.due_at.is_empty() && !row.complaint.is_empty());
    assert_eq!(news.try_recv().expect("a nudge").pharmacy.as_str(), "FZ999");
}

#[tokio::test]
async fn the_same_message_twice_makes_one_consultation() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    taken(&server.app, MINOR_ILLNESS).await;
    only(&server.app).await;
}

#[tokio::test]
async fn the_same_message_many_times_at_the_same_moment_makes_one_consultation() {
    let server = server().await;
    let app = &server.app;
    let send = || taken(app, MINOR_ILLNESS);
    tokio::join!(send(), send(), send(), send(), send(), send());
    only(app).await;
}

#[tokio::test]
async fn a_newer_version_takes_the_place_of_one_nobody_began() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    taken(&server.app, newer()).await;
    let row = only(&server.app).await;
    assert_eq!((row.disposition.as_str(), row.has_notice), ("Dx06", false));
}

#[tokio::test]
async fn a_newer_version_is_a_notice_beside_a_visit_that_was_begun() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    begin(&server.app).await;
    taken(&server.app, newer()).await;
    let row = only(&server.app).await;
    assert_eq!((row.disposition.as_str(), row.has_notice, row.status), ("Dx28", true, Status::Open));
}

#[tokio::test]
async fn a_newer_version_under_the_tracking_id_of_the_first_is_taken_and_not_refused() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    let newer =
        newer().replace("6D0F2C51-0B47-4C0E-9C53-5F6E0B9D9999", "6D0F2C51-0B47-4C0E-9C53-5F6E0B9D0101");
    taken(&server.app, newer.clone()).await;
    assert_eq!(only(&server.app).await.disposition, "Dx06");
    taken(&server.app, newer).await;
    only(&server.app).await;
}

#[tokio::test]
async fn another_patient_under_a_reused_document_set_stands_on_the_work_list_too() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    let other = newer().replace("9997001028", "9997001036").replace("Brambleworth", "Otherwise");
    for _ in 0..2 {
        taken(&server.app, other.clone()).await;
    }
    let mut names: Vec<_> = rows(&server.app).await.into_iter().map(|row| row.patient_name).collect();
    names.sort();
    assert_eq!(names, ["BRAMBLEWORTH, Odile Fay", "OTHERWISE, Odile Fay"]);
}

async fn begin(app: &App) {
    let row = only(app).await;
    let (pharmacy, id) = (row.pharmacy.parse().expect("a code"), row.id.parse().expect("an id"));
    server_edit(app, &pharmacy, &id, |record| {
        "2026-11-22T14:00:00Z".clone_into(&mut record.visit.started_at);
    })
    .await
    .expect("an edit");
}

#[tokio::test]
async fn a_withdrawal_takes_back_what_nobody_began() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    taken(&server.app, NULLIFICATION).await;
    assert_eq!(only(&server.app).await.status, Status::Withdrawn);
}

#[tokio::test]
async fn a_withdrawal_is_only_a_notice_once_the_visit_was_begun() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS).await;
    begin(&server.app).await;
    taken(&server.app, NULLIFICATION).await;
    let row = only(&server.app).await;
    assert_eq!((row.status, row.has_notice), (Status::Open, true));
}

#[tokio::test]
async fn several_reports_of_a_repeat_caller_make_one_consultation_that_says_so() {
    let server = server().await;
    taken(&server.app, REPEAT_CALLER).await;
    assert!(only(&server.app).await.repeat_caller);
}

#[tokio::test]
async fn a_pharmacy_is_found_by_its_directory_number_alone() {
    let server = server().await;
    taken(&server.app, MINOR_ILLNESS.replace("addressing:ods:FZ999", "addressing:ods:FQQ11")).await;
    assert_eq!(only(&server.app).await.pharmacy, "FZ999");
}

#[tokio::test]
async fn a_pharmacy_that_is_not_served_here_is_named_in_the_fault() {
    let server = server().await;
    let elsewhere = MINOR_ILLNESS
        .replace("addressing:ods:FZ999", "addressing:ods:FQQ11")
        .replace("2099000001", "2099000002");
    let fault = refused(&server.app, elsewhere).await;
    assert!(
        fault.contains("soap:Client") && fault.contains("FQQ11") && fault.contains("2099000002"),
        "{fault}"
    );
}

#[tokio::test]
async fn what_is_not_a_report_is_a_fault_and_nothing_is_stored() {
    let server = server().await;
    let counts = MINOR_ILLNESS.replace(r#"<itk:manifest count="1">"#, r#"<itk:manifest count="2">"#);
    let action = MINOR_ILLNESS.replacen("SendNHS111Report-v2-0</wsa", "SendNHS111Report-v9-9</wsa", 1);
    let bomb = format!(
        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"{}\">]>{}",
        "&a;".repeat(1000),
        MINOR_ILLNESS.trim_start_matches(r#"<?xml version="1.0" encoding="UTF-8"?>"#),
    );
    for body in [counts, action, bomb, "not XML at all".to_owned(), String::new()] {
        refused(&server.app, body).await;
    }
}

#[tokio::test]
async fn twenty_megabytes_are_a_fault_and_nothing_is_stored() {
    let server = server().await;
    let padding = "<!-- -->".repeat(20 * 1024 * 1024 / 8);
    let fault = refused(&server.app, format!("{MINOR_ILLNESS}{padding}")).await;
    assert!(fault.contains("too large"), "{fault}");
}

#[tokio::test]
async fn every_published_request_is_taken_once_however_often_it_is_sent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/nhs111/doc");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        // Past the test harness, which swallows what is printed. Standard error may be closed.
        let _ = writeln!(std::io::stderr(), "SKIPPED: the NHS samples are not at {}", folder.display());
        return;
    };
    let requests: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with("-itk-request.xml"))
        .collect();
    assert!(requests.len() >= 9, "the folder is there but its requests are not");
    for request in requests {
        let server = server().await;
        let body = std::fs::read(&request).expect("a sample");
        serve_addressee(&server.app, &body).await;
        taken(&server.app, body.clone()).await;
        taken(&server.app, body).await;
        assert_eq!(rows(&server.app).await.len(), 1, "{}", request.display());
    }
}

/// Makes the pharmacy that the message is addressed to one of ours.
async fn serve_addressee(app: &App, body: &[u8]) {
    let report = read(body, &Accepting::anything(app.clock.now())).expect("a report");
    let ods = report.addressed_to.iter().find_map(|address| match address {
        Address::Ods(ods) => Some(ods.clone()),
        Address::Dos(_) => None,
    });
    let dos = report.addressed_to.iter().find_map(|address| match address {
        Address::Dos(id) => Some(id.clone()),
        Address::Ods(_) => None,
    });
    let pharmacy = Pharmacy {
        ods: ods.unwrap_or_else(|| "FQQ99".parse().expect("a code")),
        name: "Addressee".into(),
        dos_ids: dos.into_iter().collect(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    };
    app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
}
