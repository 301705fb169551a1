//! The Service Search client over real HTTP, against our own directory and against what NHS England published.

use super::wire::{Items, fuzzed};
use super::{Client, Kind, Simulator};
use crate::nhs::http;
use crate::nhs::services::ServicesError;
use crate::samples::samples;
use proptest::prelude::*;
use secrecy::SecretString;
use shared::places::{Open, Place};

async fn directory() -> (Client, Simulator, String) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(http::client(None).expect("a client"), Simulator::settings(&base)), simulator, base)
}

async fn nearest(client: &Client, kind: Kind, postcode: &str) -> Result<super::Near, ServicesError> {
    client.nearest(kind, &postcode.parse().expect("a postcode"), 20).await
}

#[tokio::test]
async fn the_nearest_come_first_with_their_hours_and_without_the_publics_mailbox() {
    let (client, simulator, _) = directory().await;
    let near = nearest(&client, Kind::Pharmacy, "ZZ99 3VZ").await.expect("an answer");
    assert!(!near.from_district);
    let names: Vec<_> = near.places.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Elm Pharmacy", "Sycamore Pharmacy", "Night Owl Pharmacy"]);
    let sycamore = &near.places[1];
    assert_eq!(
        (sycamore.phone.as_str(), sycamore.address.as_str()),
        ("01632 960805", "2 Heron Close, Zettington")
    );
    assert!((850..950).contains(&sycamore.metres.expect("a distance")), "{:?}", sycamore.metres);
    let open =
        |wall: &str| sycamore.hours.open(shared::time::from_the_wall(wall).expect("a time"), |_| false);
    assert_eq!((open("2026-11-23T13:30"), open("2026-11-23T14:30")), (Open::No, Open::Yes));
    assert_eq!((open("2026-12-24T10:00"), open("2026-11-22T10:00")), (Open::No, Open::No));
    let asked = simulator.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1]["orderby"].as_str().expect("text").contains("POINT(-1.08"), "longitude first");
    let optician = nearest(&client, Kind::Optician, "ZZ99 3VZ").await.expect("an answer");
    assert_eq!((optician.places.len(), optician.places[0].ods.as_str()), (1, ""), "no ODS code");
}

#[tokio::test]
async fn a_postcode_without_an_organisation_is_searched_from_the_middle_of_its_district() {
    let (client, ..) = directory().await;
    let near = nearest(&client, Kind::Dentist, "ZZ99 1AA").await.expect("an answer");
    assert!(near.from_district && near.places.len() == 1);
    let nowhere = nearest(&client, Kind::Dentist, "ZZ1 1AA").await;
    assert!(matches!(nowhere, Err(ServicesError::NotFound)));
}

#[tokio::test]
async fn every_failure_has_its_meaning() {
    let (client, simulator, base) = directory().await;
    for (status, body, meant) in [
        (400, b"{}".to_vec(), "not found"),
        (404, br#"{"statusCode":404,"message":"Resource not found"}"#.to_vec(), "unreadable"),
        (401, b"{}".to_vec(), "refused"),
        (429, Vec::new(), "busy"),
        (500, Vec::new(), "away"),
        (200, b"<html></html>".to_vec(), "unreadable"),
        (200, b"{}".to_vec(), "unreadable"),
        (200, br#"{"value":{}}"#.to_vec(), "unreadable"),
        (200, [br#"{"value":"#.to_vec(), vec![b'['; 100_000]].concat(), "unreadable"),
    ] {
        simulator.answer_with(Some((status, body)));
        let came = nearest(&client, Kind::Pharmacy, "ZZ99 3VZ").await.expect_err("a failure");
        let right = match meant {
            "not found" => matches!(came, ServicesError::NotFound),
            "away" => matches!(came, ServicesError::Away(_)),
            "busy" => matches!(came, ServicesError::Busy),
            "refused" => matches!(came, ServicesError::Refused { .. }),
            _ => matches!(came, ServicesError::Unreadable(_)),
        };
        assert!(right, "{status}: {came:?}");
    }
    simulator.answer_with(None);
    let mut settings = Simulator::settings(&base);
    settings.key = SecretString::from("");
    let keyless = Client::new(http::client(None).expect("a client"), settings);
    let came = nearest(&keyless, Kind::Pharmacy, "ZZ99 3VZ").await;
    assert!(matches!(came, Err(ServicesError::Refused { status: 401 })));
}

fn published(name: &str) -> Option<Vec<Place>> {
    let bytes = std::fs::read(samples("service-search")?.join(name)).expect("the sample is readable");
    let items: Items = serde_json::from_slice(&bytes).expect("an answer of the directory");
    Some(items.value.expect("a list").iter().map(super::wire::Item::place).collect())
}

#[test]
fn every_published_answer_is_read() {
    for (name, count, named) in [
        ("organisations-not-found_v3.json", 0, true),
        ("organisations-single_v3.json", 1, true),
        ("search-organisation-closing-time-location.json", 5, true),
        ("search-organisation-response-body_v3.json", 10, false),
        ("search-organisations-by-location-filter-by-wheelchair-access.json", 1, false),
        ("search-organisations-by-name-filtered-response.json", 1, true),
        ("search-organisations-by-nearest-filter-postcode-response.json", 12, true),
        ("search-organisations-geocode-filtered-response.json", 10, true),
        ("search-organisations-location-response.json", 10, false),
        ("search-organisations-service-code-filtered-response.json", 1, true),
    ] {
        let Some(found) = published(name) else { return };
        assert!(found.len() >= count.min(1) && (count == 0) == found.is_empty(), "{name}: {}", found.len());
        assert!(
            !named || found.iter().all(|place| !place.name.is_empty() && !place.postcode.is_empty()),
            "{name}"
        );
    }
    let Some(found) = published("organisations-single_v3.json") else { return };
    let practice = &found[0];
    let open =
        |wall: &str| practice.hours.open(shared::time::from_the_wall(wall).expect("a time"), |_| false);
    assert_eq!((practice.ods.as_str(), practice.hours.week.len()), ("Y02494", 7));
    assert_eq!(
        (open("2026-11-23T08:00"), open("2026-11-23T18:00"), open("2026-11-22T12:00")),
        (Open::Yes, Open::No, Open::No)
    );
    assert!(practice.position.is_some() && !practice.phone.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        fuzzed(&bytes);
    }
}
