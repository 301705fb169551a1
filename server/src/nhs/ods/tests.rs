//! The ODS client over real HTTP, against our own ODS.

use super::simulator::{Place, places};
use super::{Client, OdsError, OrganisationSearch, Simulator};
use crate::nhs::http;
use crate::store::Organisation;
use secrecy::SecretString;
use shared::api::OrganisationKind;
use shared::time::Millis;

const NOW: Millis = 1_795_356_300_000;

async fn ods() -> (Client, Simulator, String) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(http::client(None).expect("a client"), Simulator::settings(&base)), simulator, base)
}

async fn organisation(client: &Client, code: &str) -> Result<Option<Organisation>, OdsError> {
    client.organisation(&code.parse().expect("an ODS code"), NOW).await
}

#[tokio::test]
async fn a_practice_is_told_with_its_place_and_telephone() {
    let (client, ..) = ods().await;
    let elm = organisation(&client, "A99999").await.expect("an answer").expect("known");
    assert_eq!(
        elm,
        Organisation {
            ods: "A99999".parse().expect("a code"),
            name: "ELM ROAD SURGERY".into(),
            kind: OrganisationKind::Practice,
            active: true,
            successor: String::new(),
            address: "14 ELM ROAD, ZETTINGTON".into(),
            postcode: "ZZ99 3VZ".into(),
            phone: "01632 960801".into(),
            fetched_at: NOW,
        }
    );
    let pharmacy = organisation(&client, "FB456").await.expect("an answer").expect("known");
    let hospital = organisation(&client, "RZZ99").await.expect("an answer").expect("known");
    assert_eq!((pharmacy.kind, hospital.kind), (OrganisationKind::Pharmacy, OrganisationKind::Other));
}

#[tokio::test]
async fn a_closed_practice_says_so_and_what_followed() {
    let (client, ..) = ods().await;
    let closed = organisation(&client, "A99997").await.expect("an answer").expect("known");
    assert_eq!((closed.active, closed.successor.as_str()), (false, "A99998"));
    assert_eq!(closed.kind, OrganisationKind::Practice, "what it was, it was");
}

#[tokio::test]
async fn a_code_that_nobody_has_is_no_fault_and_a_proxys_404_says_nothing() {
    let (client, simulator, _) = ods().await;
    assert_eq!(organisation(&client, "A00000").await.expect("an answer"), None);
    simulator.answer_with(Some((404, b"<html>no such page</html>".to_vec())));
    assert!(matches!(organisation(&client, "A99999").await, Err(OdsError::Unreadable(_))));
}

#[tokio::test]
async fn a_search_reads_every_page_and_stops_at_what_was_asked_for() {
    let (_, simulator, base) = ods().await;
    let mut settings = Simulator::settings(&base);
    settings.page = 10;
    let client = Client::new(http::client(None).expect("a client"), settings);
    let many = (0..45).map(|n| Place { ods: format!("A{n:05}"), ..places().remove(0) }).collect();
    simulator.replace(many);
    let search = OrganisationSearch { kind: Some(OrganisationKind::Practice), ..Default::default() };
    assert_eq!(client.search(&search, 1000, NOW).await.expect("a list").len(), 45);
    assert_eq!(simulator.asked().len(), 5);
    assert_eq!(client.search(&search, 25, NOW).await.expect("a list").len(), 25);
}

#[tokio::test]
async fn a_search_asks_by_role_name_postcode_and_change() {
    let (client, simulator, _) = ods().await;
    let search = OrganisationSearch {
        kind: Some(OrganisationKind::Pharmacy),
        name: "pharmacy".into(),
        postcode: "ZZ99".into(),
        active: true,
        changed_since: "2026-01-01".into(),
    };
    let found = client.search(&search, 50, NOW).await.expect("a list");
    let codes: Vec<&str> = found.iter().map(|one| one.ods.as_str()).collect();
    assert_eq!(codes, ["FA123", "FB456"]);
    assert_eq!(
        simulator.asked(),
        [
            "/Organization?_count=50&_offset=0&roleCode=RO182&name:contains=pharmacy&address-postalcode=ZZ99&active=true&lastChangeDate=ge2026-01-01"
        ]
    );
    let none = OrganisationSearch { name: "nothing like it".into(), ..search };
    assert!(client.search(&none, 50, NOW).await.expect("a list").is_empty());
}

#[tokio::test]
async fn every_failure_has_its_meaning() {
    let (client, simulator, base) = ods().await;
    for (status, meant) in [
        (429, "away"),
        (500, "away"),
        (503, "away"),
        (422, "more"),
        (400, "more"),
        (401, "refused"),
        (403, "refused"),
    ] {
        simulator.answer_with(Some((status, b"{}".to_vec())));
        let came = organisation(&client, "A99999").await.expect_err("a failure");
        let right = match meant {
            "away" => matches!(came, OdsError::Away(_)),
            "more" => matches!(came, OdsError::SayMore),
            _ => matches!(came, OdsError::Refused { .. }),
        };
        assert!(right, "{status}: {came:?}");
    }
    simulator.answer_with(None);
    let mut settings = Simulator::settings(&base);
    settings.key = SecretString::from("");
    let keyless = Client::new(http::client(None).expect("a client"), settings);
    assert!(matches!(organisation(&keyless, "A99999").await, Err(OdsError::Refused { status: 401 })));
    let away = Client::new(http::client(None).expect("a client"), Simulator::settings("http://127.0.0.1:1"));
    assert!(matches!(organisation(&away, "A99999").await, Err(OdsError::Away(Some(_)))));
}

#[tokio::test]
async fn hostile_answers_are_refused() {
    let (client, simulator, _) = ods().await;
    let deep = [b"{\"resourceType\":\"Organization\",\"address\":".to_vec(), vec![b'['; 100_000]].concat();
    for body in [
        b"<html></html>".to_vec(),
        b"{}".to_vec(),
        br#"{"resourceType":"Patient"}"#.to_vec(),
        br#"{"resourceType":"Organization","id":"../../etc"}"#.to_vec(),
        br#"{"resourceType":"Organization","id":"A99999","name":5}"#.to_vec(),
        br#"{"resourceType":"OperationOutcome","issue":[]}"#.to_vec(),
        vec![b' '; 12 * 1024 * 1024],
        deep,
    ] {
        simulator.answer_with(Some((200, body)));
        assert!(matches!(organisation(&client, "A99999").await, Err(OdsError::Unreadable(_))));
    }
}
