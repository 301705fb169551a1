//! The DoS REST client over real HTTP, against our own Directory of Services and against what NHS England published.

use super::wire::{Said, fuzzed};
use super::{Asked, Client, Service, Simulator};
use crate::nhs::http;
use crate::nhs::services::ServicesError;
use crate::samples::samples;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::json;
use shared::patient::Postcode;
use shared::places::{Open, Place, Position, between, in_miles};

async fn dos() -> (Client, Simulator, String) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(http::client(None).expect("a client"), Simulator::settings(&base)), simulator, base)
}

async fn near(client: &Client, types: &[u16]) -> Result<Vec<Place>, ServicesError> {
    let postcode: Postcode = "ZZ99 3VZ".parse().expect("a postcode");
    let found = client.by_type(Asked { postcode: &postcode, types, of_each: 3 }).await?;
    Ok(found.iter().map(Service::place).collect())
}

#[tokio::test]
async fn services_of_a_kind_come_with_where_they_are_and_how_far() {
    let (client, simulator, _) = dos().await;
    let found = near(&client, &[13]).await.expect("an answer");
    let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Elm Pharmacy", "Sycamore Pharmacy", "Early Bird Pharmacy"]);
    let second = &found[1];
    assert_eq!((second.ods.as_str(), second.dos_service_id.as_str()), ("FB456", "2099000002"));
    assert_eq!(
        (second.address.as_str(), second.postcode.as_str()),
        ("2 Heron Close, Zettington", "ZZ99 3WZ")
    );
    assert_eq!((second.phone.as_str(), second.number_to_call()), ("01632 960805", "07700 900111"));
    assert_eq!(second.metres.map(in_miles).as_deref(), Some("0.6"));
    assert_eq!(
        simulator.asked(),
        ["byServiceType/0/ZZ993VZ/37.5/0/0/0/0/13/3"],
        "every slot that would say something of the patient is 0"
    );
    let dentist = near(&client, &[12, 14]).await.expect("an answer");
    assert_eq!((dentist.len(), dentist[0].ods.as_str()), (2, ""), "an id is no ODS code");
}

#[tokio::test]
async fn the_service_of_a_code_comes_with_its_address_and_one_that_nobody_has_is_no_fault() {
    let (client, simulator, _) = dos().await;
    let ods = |code: &str| code.parse().expect("an ODS code");
    let elm = client.by_ods(&ods("A99999")).await.expect("an answer").expect("known");
    assert_eq!(elm.email(), "a99999@nhs.net");
    assert!(client.by_ods(&ods("A00000")).await.expect("an answer").is_none());
    simulator.answer_with(Some((200, br#"{"error":{"code":"404","message":"x"}}"#.to_vec())));
    assert!(client.by_ods(&ods("A99999")).await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_profile_of_a_pharmacy_has_the_pharmacys_code_and_name() {
    let (client, ..) = dos().await;
    let found = near(&client, &[131, 132, 148, 149]).await.expect("an answer");
    let found: Vec<_> = found.iter().map(|one| (one.ods.as_str(), one.name.as_str())).collect();
    assert_eq!(found, [("FB456", "Sycamore Pharmacy"), ("FA123", "Elm Pharmacy")]);
    let code = |given: &str| {
        let service = json!({ "id": 7, "name": "PF++:", "odsCode": given });
        let service: Service = serde_json::from_value(service).expect("a service");
        (service.ods_code(), service.is_profile(), service.place().name)
    };
    assert_eq!(code("fa123m06dsp"), ("FA123".to_owned(), true, "PF++:".to_owned()));
    for other in ["FA123", "M06", "A99M06", "FA1234M06", "FÉ12M06", "RZZ99"] {
        let (ods, is_profile, _) = code(other);
        assert_eq!((ods, is_profile), (other.to_ascii_uppercase(), false));
    }
}

#[tokio::test]
async fn every_failure_has_its_meaning() {
    let (client, simulator, base) = dos().await;
    let error = |code: u16| format!(r#"{{"error":{{"code":{code},"message":"x"}}}}"#).into_bytes();
    for (status, body, meant) in [
        (400, error(400), "not found"),
        (404, error(404), "not found"),
        (404, b"<html>".to_vec(), "not found"),
        (200, error(500), "away"),
        (500, error(500), "away"),
        (503, b"<html>".to_vec(), "away"),
        (429, Vec::new(), "busy"),
        (401, error(401), "refused"),
        (302, Vec::new(), "refused"),
        (200, b"<html></html>".to_vec(), "unreadable"),
        (200, b"{}".to_vec(), "unreadable"),
        (200, br#"{"success":{"services":[{"id":"1","#.to_vec(), "unreadable"),
        (200, [br#"{"success":"#.to_vec(), vec![b'['; 100_000]].concat(), "unreadable"),
        (200, vec![b' '; 9 * 1024 * 1024], "unreadable"),
    ] {
        simulator.answer_with(Some((status, body)));
        let came = near(&client, &[13]).await.expect_err("a failure");
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
    settings.password = SecretString::from("wrong");
    let stranger = Client::new(http::client(None).expect("a client"), settings);
    assert!(matches!(near(&stranger, &[13]).await, Err(ServicesError::Refused { status: 401 })));
    let away = Client::new(http::client(None).expect("a client"), Simulator::settings("http://127.0.0.1:1"));
    let came = near(&away, &[13]).await.expect_err("nobody is there");
    assert!(matches!(came, ServicesError::Away(Some(_))));
    assert!(!crate::problem::chain(&came).contains("ZZ99"), "no postcode in what is logged");
}

fn published(name: &str) -> Option<Vec<Place>> {
    let bytes = std::fs::read(samples("dos-rest")?.join(name)).expect("the sample is readable");
    let said: Said = serde_json::from_slice(&bytes).expect("an answer of the directory");
    Some(said.success.expect("services").services.iter().map(Service::place).collect())
}

#[test]
fn every_published_answer_is_read() {
    for (name, count) in [
        ("pathways_nearby_YO231AY.json", 21),
        ("pathways_multiple.json", 20),
        ("pathways_response.json", 10),
        ("pathways_dispenser_FF072.json", 1),
        ("pathways_dispenser_FMG15.json", 1),
        ("pathways_no_dispenser.json", 0),
    ] {
        let Some(found) = published(name) else { return };
        assert_eq!(found.len(), count, "{name}");
        for place in found {
            let known = [&place.name, &place.address, &place.postcode, &place.dos_service_id];
            assert!(known.iter().all(|text| !text.is_empty()), "{name}: {place:?}");
            assert!(place.position.is_some() && place.hours.week.len() == 7, "{name}: {place:?}");
            assert!(place.hours.bank_holidays.is_some(), "{name}: {}", place.name);
        }
    }
}

#[test]
fn the_hours_of_a_published_service_are_those_it_states() {
    let Some(found) = published("pathways_nearby_YO231AY.json") else { return };
    let open = |place: &Place, wall: &str| {
        place.hours.open(shared::time::from_the_wall(wall).expect("a time"), |_| false)
    };
    assert_eq!(open(&found[0], "2026-11-23T17:59"), Open::Yes);
    assert_eq!(open(&found[0], "2026-11-21T13:00"), Open::No, "a Saturday");
    let kings_square = found.iter().find(|place| place.ods == "FQ084").expect("in the answer");
    assert_eq!(open(kings_square, "2017-08-28T09:30"), Open::No, "a specified date, from ten");
    assert_eq!(open(kings_square, "2017-08-28T10:30"), Open::Yes);
}

/// One point exists from which the grid gives every distance that the directory published.
#[test]
fn the_published_distances_come_out_of_the_grid() {
    let Some(found) = published("pathways_nearby_YO231AY.json") else { return };
    let told: Vec<(Position, String)> = found
        .iter()
        .map(|place| (place.position.expect("on the grid"), in_miles(place.metres.expect("told"))))
        .collect();
    let agrees = |from: Position| {
        told.iter().filter(|(at, miles)| between(from, *at).map(in_miles).as_ref() == Some(miles)).count()
    };
    let all = (459_500..461_500).step_by(10).flat_map(|easting| {
        (449_500..452_500).step_by(10).map(move |northing| Position::Grid { easting, northing })
    });
    let best = all.map(agrees).max().expect("points");
    assert_eq!((told.len(), best), (21, 21));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        fuzzed(&bytes);
    }

    #[test]
    fn any_words_in_an_answer_are_read(word in "\\PC{0,40}", hours in "[0-9:-]{0,6}") {
        let service = serde_json::json!({ "id": word, "easting": hours, "northing": word, "patientDistance": hours,
            "openingTimes": { "days": [{ "day": "Monday", "sessions": [{ "start": { "hours": hours, "minutes": word } }] }],
                "specifiedDates": [{ "date": hours, "sessions": [] }] } });
        let answer = serde_json::json!({ "success": { "services": [service] } });
        fuzzed(answer.to_string().as_bytes());
    }
}
