//! Promises about who is heard and what they are told over BaRS: proven senders only, and to each its own referrals.

use super::bars::{Answer, BASE, CORRELATION, NEW, NEW_ID, asked, begun, get, named, post, taken};
use super::support::{server, server_with};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use satchel::app::App;
use uuid::Uuid;

const SEARCH: &str = "/ServiceRequest?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9997001028";

/// As `get`, by an organisation of that ODS code; an empty one: of none.
async fn get_as(app: &App, path: &str, code: &str) -> Answer {
    let identifier =
        format!(r#"[{{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"{code}"}}]"#);
    let identifier = if code.is_empty() { "[]" } else { &identifier };
    let organisation = format!(r#"{{"resourceType":"Organization","identifier":{identifier}}}"#);
    let mut request =
        named(Request::get(format!("{BASE}{path}")), CORRELATION).body(Body::empty()).expect("a request");
    let value = STANDARD.encode(organisation).parse().expect("a header");
    request.headers_mut().insert("NHSD-End-User-Organisation", value);
    asked(app, request).await
}

#[tokio::test]
async fn where_nothing_says_how_senders_are_proven_nobody_is_heard() {
    let server = server_with(&[], |_| {}).await;
    assert_eq!(post(&server.app, NEW).await.code(), (403, "forbidden"));
    for path in [SEARCH, "/metadata", "/ServiceRequest/x"] {
        let answer = get(&server.app, path).await;
        assert_eq!(
            (answer.status, answer.body["resourceType"].as_str()),
            (StatusCode::FORBIDDEN, Some("OperationOutcome"))
        );
    }
    assert!(server.app.store.rows(None).await.expect("rows").is_empty());
}

#[tokio::test]
async fn only_the_organisation_that_referred_reads_its_referral_back() {
    let server = server().await;
    let id = taken(&server.app, NEW).await.service_request();
    let one = format!("/ServiceRequest/{id}");
    assert_eq!(get_as(&server.app, &one, "a99998").await.status, StatusCode::OK);
    assert_eq!(get_as(&server.app, SEARCH, "A99998").await.body["total"], 1);
    for stranger in ["Y12345", ""] {
        let answer = get_as(&server.app, &one, stranger).await;
        assert_eq!(answer.code(), (401, "forbidden"), "{}", answer.words());
    }
    let found = get_as(&server.app, SEARCH, "Y12345").await;
    assert_eq!(
        (found.status, found.body["total"].as_u64()),
        (StatusCode::OK, Some(0)),
        "nor that there is one"
    );
    assert_eq!(get_as(&server.app, SEARCH, "").await.code(), (401, "forbidden"));
}

#[tokio::test]
async fn a_referral_is_read_back_and_taken_back_under_whichever_id_of_the_pharmacy_it_last_came() {
    let server = server().await;
    let ods = "FZ999".parse().expect("a code");
    let mut pharmacy = server.app.store.pharmacy(&ods).await.expect("read").expect("there");
    pharmacy.dos_ids.push("2099000003".to_owned());
    server.app.store.put_pharmacy(&pharmacy).await.expect("stored");
    let id = taken(&server.app, NEW).await.service_request();
    begun(&server.app).await;
    // The record keeps what it was begun with; the newest message is for the other id.
    let second = NEW.replace(NEW_ID, &Uuid::new_v4().to_string()).replace("2099000001", "2099000003");
    let mut request = named(Request::post(format!("{BASE}/$process-message")), &Uuid::new_v4().to_string())
        .header("content-type", "application/fhir+json")
        .body(Body::from(second))
        .expect("a request");
    let target = r#"{"value":"2099000003","system":"https://fhir.nhs.uk/Id/dos-service-id"}"#;
    request
        .headers_mut()
        .insert("NHSD-Target-Identifier", STANDARD.encode(target).parse().expect("a header"));
    let answer = asked(&server.app, request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(get(&server.app, &format!("/ServiceRequest/{id}")).await.status, StatusCode::OK);
    taken(&server.app, include_str!("../../src/intake/bars/fixtures/cancel.json")).await;
}
