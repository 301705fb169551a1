//! The dos-search client over real HTTP, against our own directory and against what NHS England published.

use super::wire::{Endpoint, Organisation, fuzzed, read};
use super::{Client, Simulator};
use crate::nhs::http;
use crate::nhs::services::ServicesError;
use crate::samples::samples;
use proptest::prelude::*;
use secrecy::SecretString;
use shared::ids::OdsCode;

async fn directory() -> (Client, Simulator, String) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(http::client(None).expect("a client"), base.clone()), simulator, base)
}

fn ods(code: &str) -> OdsCode {
    code.parse().expect("an ODS code")
}

async fn ask(client: &Client, code: &str) -> Result<Option<Organisation>, ServicesError> {
    client.organisation(&SecretString::from("a-token"), &ods(code)).await
}

#[tokio::test]
async fn an_organisation_comes_with_its_endpoints_in_order_and_proposes_the_first_mailbox() {
    let (client, ..) = directory().await;
    let elm = ask(&client, "A99999").await.expect("an answer, every header expected").expect("known");
    assert_eq!((elm.name.as_str(), elm.phone.as_str()), ("Elm Road Surgery", "01632 960801"));
    assert_eq!(elm.endpoints.iter().map(|one| one.order).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(elm.proposed_email(), Some("patients.a99999@nhs.net"));
    let bobbin = ask(&client, "A82648").await.expect("an answer").expect("known");
    assert_eq!(bobbin.proposed_email(), None);
    assert_eq!(ask(&client, "A00000").await.expect("an answer"), None);
}

#[tokio::test]
async fn a_header_or_parameter_too_many_is_refused_as_by_the_real_one() {
    let (_, _, base) = directory().await;
    let identifier = "https://fhir.nhs.uk/Id/ods-organization-code|A99999";
    let request = |extra: Option<(&'static str, &'static str)>, query: &'static [(&str, &str)]| {
        let asked = http::client(None).expect("a client").get(format!("{base}/Organization"));
        let asked = http::named(asked, uuid::Uuid::new_v4()).bearer_auth("a-token").header("version", "1");
        let asked =
            asked.query(&[("identifier", identifier), ("_revinclude", "Endpoint:organization")]).query(query);
        match extra {
            Some((name, value)) => asked.header(name, value),
            None => asked,
        }
    };
    let status =
        async |asked: reqwest::RequestBuilder| asked.send().await.expect("an answer").status().as_u16();
    assert_eq!(status(request(None, &[])).await, 200);
    assert_eq!(status(request(Some(("x-custom", "1")), &[])).await, 400);
    assert_eq!(status(request(None, &[("foo", "1")])).await, 400);
}

#[tokio::test]
async fn every_failure_has_its_meaning() {
    let (client, simulator, _) = directory().await;
    for (status, body, meant) in [
        (400, b"{}".to_vec(), "not found"),
        (404, b"<html>".to_vec(), "not found"),
        (401, b"{}".to_vec(), "refused"),
        (403, b"{}".to_vec(), "refused"),
        (429, b"{}".to_vec(), "busy"),
        (500, b"{}".to_vec(), "away"),
        (504, Vec::new(), "away"),
        (200, b"<html></html>".to_vec(), "unreadable"),
        (200, b"{}".to_vec(), "unreadable"),
        (200, br#"{"resourceType":"OperationOutcome"}"#.to_vec(), "unreadable"),
        (200, another(), "unreadable"),
        (200, [br#"{"resourceType":"Bundle","entry":"#.to_vec(), vec![b'['; 100_000]].concat(), "unreadable"),
    ] {
        simulator.answer_with(Some((status, body)));
        let came = ask(&client, "A99999").await.expect_err("a failure");
        let right = match meant {
            "not found" => matches!(came, ServicesError::NotFound),
            "away" => matches!(came, ServicesError::Away(_)),
            "busy" => matches!(came, ServicesError::Busy),
            "refused" => matches!(came, ServicesError::Refused { .. }),
            _ => matches!(came, ServicesError::Unreadable(_)),
        };
        assert!(right, "{status}: {came:?}");
    }
}

/// An answer about somebody else must not lend its mailbox to whoever was asked about.
fn another() -> Vec<u8> {
    let identifier =
        serde_json::json!([{ "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A99998" }]);
    let organisation =
        serde_json::json!({ "resourceType": "Organization", "id": "1", "identifier": identifier });
    serde_json::json!({ "resourceType": "Bundle", "entry": [{ "resource": organisation }] })
        .to_string()
        .into_bytes()
}

#[test]
fn the_published_answer_is_read() {
    let Some(folder) = samples("dos-fhir") else { return };
    let bytes = std::fs::read(folder.join("bundle-service-details-by-ods-code.json")).expect("readable");
    let found = read(&bytes, &ods("ABC123")).expect("an answer").expect("an organisation");
    assert_eq!(found.name, "Example Organization");
    let first = &found.endpoints[0];
    assert_eq!(
        first,
        &Endpoint {
            order: 1,
            scenario: "primary-recipient".into(),
            connection: "email".into(),
            content_types: vec!["application/pdf".into()],
            address: first.address.clone(),
        }
    );
    assert_eq!((found.endpoints.len(), found.endpoints[1].scenario.as_str()), (2, "copy-recipient"));
    assert_eq!(found.proposed_email(), Some(first.address.as_str()));
    for name in
        ["operationoutcome-500.json", "operationoutcome-invalid-ods.json", "organisation-payload.json"]
    {
        let bytes = std::fs::read(folder.join(name)).expect("readable");
        assert!(read(&bytes, &ods("ABC123")).is_err(), "{name} is no answer to this question");
    }
}

#[test]
fn an_endpoint_of_another_organisation_or_out_of_use_proposes_nothing() {
    let answer = |managed_by: &str, status: &str, connection: &str| {
        let base = "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-";
        let bundle = serde_json::json!({ "resourceType": "Bundle", "entry": [
            { "resource": { "resourceType": "Organization", "id": "1", "identifier": [
                { "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A99999" }] } },
            { "resource": { "resourceType": "Endpoint", "status": status,
                "extension": [{ "url": format!("{base}EndpointBusinessScenario"), "valueCode": "primary-recipient" }],
                "connectionType": { "code": connection }, "payloadMimeType": ["application/pdf"],
                "managingOrganization": { "reference": managed_by }, "address": "elm@nhs.net" } },
        ]});
        let found = read(bundle.to_string().as_bytes(), &ods("A99999")).expect("read").expect("known");
        found.proposed_email().map(str::to_owned)
    };
    assert_eq!(answer("Organization/1", "active", "email").as_deref(), Some("elm@nhs.net"));
    assert_eq!(answer("Organization/2", "active", "email"), None);
    assert_eq!(answer("Organization/1", "off", "email"), None);
    assert_eq!(answer("Organization/1", "active", "itk"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        fuzzed(&bytes);
    }
}
