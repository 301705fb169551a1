//! Promises of `POST /adaptor/report`: only who shows the token, once, and one consultation whichever way a call comes.

use super::support::{Server, server, server_with};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use satchel::app::App;
use shared::consultation::{Status, WorkListRow};
use tower::ServiceExt as _;

const JSON: &str = include_str!("../../src/intake/adaptor/fixtures/minor-illness-dx28.json");
const XML: &str = include_str!("../../src/intake/adaptor/fixtures/minor-illness-dx28.xml");
const CDA: &str = include_str!("../../src/intake/itk111/fixtures/minor-illness-dx28.xml");
const NULLIFICATION: &str = include_str!("../../src/intake/itk111/fixtures/nullification.xml");
const TOKEN: &str = "an-adaptor-that-shows-this-is-ours";

async fn with_adaptor() -> Server {
    server_with(&[("adaptor_token", TOKEN)], |_| {}).await
}

async fn post(app: &App, token: &str, body: impl Into<Body>) -> (StatusCode, String) {
    let request = Request::post("/adaptor/report")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/fhir+json")
        .body(body.into())
        .expect("a request");
    let answer = satchel::api::router(app.clone()).oneshot(request).await.expect("an answer");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

async fn taken(app: &App, body: &str) {
    let (status, said) = post(app, TOKEN, body.to_owned()).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{said}");
}

async fn sent_by_111(app: &App, body: &str) {
    let request = Request::post("/itk/report").body(Body::from(body.to_owned())).expect("a request");
    let answer = satchel::api::router(app.clone()).oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn rows(app: &App) -> Vec<WorkListRow> {
    app.store.rows(None).await.expect("rows")
}

async fn only(app: &App) -> WorkListRow {
    let mut rows = rows(app).await;
    assert_eq!(rows.len(), 1, "one consultation");
    rows.remove(0)
}

#[tokio::test]
async fn without_a_token_in_the_settings_there_is_nobody_to_hand_it_to() {
    let server = server().await;
    for token in ["", TOKEN] {
        assert_eq!(post(&server.app, token, JSON).await.0, StatusCode::NOT_FOUND);
    }
    assert!(rows(&server.app).await.is_empty());
}

#[tokio::test]
async fn only_who_shows_the_token_is_heard() {
    let server = with_adaptor().await;
    let longer = format!("{TOKEN}x");
    for token in ["", "another", &TOKEN[1..], &longer] {
        let (status, said) = post(&server.app, token, JSON).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(said.contains("token-refused"), "{said}");
    }
    assert!(rows(&server.app).await.is_empty(), "nothing of it is stored");
}

#[tokio::test]
async fn a_report_stands_on_the_work_list_once_however_often_it_comes() {
    let server = with_adaptor().await;
    for report in [JSON, JSON, XML] {
        taken(&server.app, report).await;
    }
    let row = only(&server.app).await;
    assert_eq!((row.channel.as_str(), row.disposition.as_str()), ("itk111", "Dx28"));
    assert_eq!(
        (row.patient_name.as_str(), row.due_at.as_str()),
        ("BRAMBLEWORTH, Odile Fay", "2026-11-22T10:15:00Z")
    );
    assert!(row.has_warnings, "special notes are not overlooked");
}

#[tokio::test]
async fn a_call_that_comes_by_111_and_by_the_adaptor_is_one_consultation() {
    for adaptor_first in [true, false] {
        let server = with_adaptor().await;
        if adaptor_first {
            taken(&server.app, JSON).await;
            sent_by_111(&server.app, CDA).await;
        } else {
            sent_by_111(&server.app, CDA).await;
            taken(&server.app, JSON).await;
        }
        assert_eq!(only(&server.app).await.nhs_number, "9997001028", "adaptor first: {adaptor_first}");
    }
}

#[tokio::test]
async fn a_call_that_comes_both_ways_at_once_is_one_consultation() {
    let server = with_adaptor().await;
    let app = &server.app;
    tokio::join!(taken(app, JSON), sent_by_111(app, CDA), taken(app, XML), sent_by_111(app, CDA));
    only(app).await;
}

#[tokio::test]
async fn what_the_adaptor_brought_is_withdrawn_by_111_and_has_no_clock_any_more() {
    let server = with_adaptor().await;
    taken(&server.app, JSON).await;
    sent_by_111(&server.app, NULLIFICATION).await;
    assert_eq!(only(&server.app).await.status, Status::Withdrawn);
}

#[tokio::test]
async fn what_is_not_for_us_or_no_report_is_refused_with_a_reason_and_without_the_patient() {
    let server = with_adaptor().await;
    let elsewhere = JSON.replace("FZ999:DOSServiceID:2099000001", "FZ998");
    for (body, words) in [
        (elsewhere.as_str(), "not served here (ODS FZ998)"),
        ("{", "cannot be read"),
        ("{\"resourceType\":\"Bundle\"}", "MessageHeader is missing"),
        (CDA, "cannot be read"),
    ] {
        let (status, said) = post(&server.app, TOKEN, body.to_owned()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(said.contains(words), "{said}");
        assert!(!said.contains("Brambleworth") && !said.contains("9997001028"), "{said}");
    }
    let (status, _) = post(&server.app, TOKEN, vec![b' '; 6 * 1024 * 1024]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(rows(&server.app).await.is_empty());
}
