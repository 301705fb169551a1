//! Services near a postcode: asked of one directory after the other, remembered, and answered from memory with its age.

use crate::support::{Browser, HOUR, NOW, TestApp, ods, problem, read};
use crate::weather::{Sky, Weather};
use axum::Router;
use reqwest::StatusCode;
use satchel::nhs::{dos_rest, service_search};
use serde_json::json;
use shared::api::{AddressProposal, AddressView, PlacesView};
use shared::time::stored;

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

async fn with_directories() -> (TestApp, dos_rest::Simulator, service_search::Simulator) {
    let (dos, search) = (dos_rest::Simulator::new(), service_search::Simulator::new());
    let (dos_at, search_at) = (serve(dos.router()).await, serve(search.router()).await);
    (TestApp::with(&at(&dos_at, &search_at)).await, dos, search)
}

/// Settings of a server that asks the directories there.
fn at<'a>(dos: &'a str, search: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("dos_rest_url", dos),
        ("dos_rest_user", "demonstration"),
        ("dos_rest_password", "demonstration"),
        ("service_search_url", search),
        ("service_search_key", "a-key"),
    ]
}

async fn ask(browser: &Browser, service: &str, postcode: &str) -> reqwest::Response {
    browser.post("/api/places", json!({ "service": service, "postcode": postcode })).await
}

async fn near(browser: &Browser, service: &str) -> PlacesView {
    read(ask(browser, service, "zz993vz").await).await
}

const AWAY: (u16, &[u8]) = (503, b"<html>");

#[tokio::test]
async fn services_come_with_their_hours_and_the_bank_holidays_of_the_coming_weeks() {
    let (server, dos, _) = with_directories().await;
    let asha = server.asha().await;
    let found = near(&asha, "pharmacy").await;
    assert_eq!((found.postcode.as_str(), found.source.as_str()), ("ZZ99 3VZ", "Directory of Services"));
    assert_eq!((found.fetched_at.as_str(), found.from_before), (stored(NOW).as_str(), false));
    assert_eq!((found.places.len(), found.places[1].name.as_str()), (4, "Sycamore Pharmacy"));
    assert_eq!(found.bank_holidays, ["2026-12-25", "2026-12-28", "2027-01-01"]);
    near(&asha, "pharmacy").await;
    let asked = dos.asked();
    assert_eq!(asked.len(), 1, "what was asked a moment ago is not asked again");
    assert!(asked[0].contains("/13,131,132,148,149/"), "{asked:?}");
    let ids: Vec<_> =
        found.places.iter().map(|place| (place.ods.as_str(), place.dos_service_id.as_str())).collect();
    assert_eq!(
        ids[..2],
        [("FA123", "2099000001"), ("FB456", "2099000002")],
        "each pharmacy once, not its profiles"
    );
    assert_eq!(near(&asha, "out-of-hours").await.places.len(), 2);
}

#[tokio::test]
async fn whatever_the_directories_do_the_last_results_stand_and_new_ones_come_when_they_recover() {
    let (dos, search) = (dos_rest::Simulator::new(), service_search::Simulator::new());
    let (dos_weather, dos_at) = Weather::before(&serve(dos.router()).await).await;
    let (search_weather, search_at) = Weather::before(&serve(search.router()).await).await;
    let server = TestApp::with(&at(&dos_at, &search_at)).await;
    let asha = server.asha().await;
    let first = near(&asha, "pharmacy").await;
    for sky in [Sky::Slow, Sky::Down, Sky::Failing, Sky::Busy(120), Sky::Half, Sky::WrongType] {
        server.app.clock.advance(HOUR);
        dos_weather.becomes(sky.clone());
        search_weather.becomes(sky.clone());
        let remembered = near(&asha, "pharmacy").await;
        assert!(remembered.from_before && remembered.fetched_at == first.fetched_at, "{sky:?}");
        let (status, _) = problem(ask(&asha, "out-of-hours", "ZZ99 3VZ").await).await;
        assert!(status.is_server_error(), "{sky:?}: nothing is made up");
    }
    server.app.clock.advance(HOUR);
    dos_weather.becomes(Sky::Clear);
    assert!(!near(&asha, "pharmacy").await.from_before);
}

#[tokio::test]
async fn another_directory_is_asked_and_then_memory_with_its_age_and_then_it_is_said() {
    let (server, dos, search) = with_directories().await;
    let asha = server.asha().await;
    near(&asha, "pharmacy").await;
    server.app.clock.advance(HOUR);
    dos.answer_with(Some((AWAY.0, AWAY.1.to_vec())));
    let other = near(&asha, "pharmacy").await;
    assert_eq!((other.source.as_str(), other.from_before), ("NHS Service Search", false));
    server.app.clock.advance(HOUR);
    search.answer_with(Some((AWAY.0, AWAY.1.to_vec())));
    let remembered = near(&asha, "pharmacy").await;
    assert_eq!((remembered.fetched_at.as_str(), remembered.from_before), (stored(NOW + HOUR).as_str(), true));
    let unknown = ask(&asha, "emergency-department", "ZZ99 3VZ").await;
    assert_eq!(problem(unknown).await, (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-away".into()));
    server.app.clock.advance(31 * 24 * HOUR);
    let old = ask(&server.asha().await, "pharmacy", "ZZ99 3VZ").await;
    assert_eq!(problem(old).await.0, StatusCode::SERVICE_UNAVAILABLE, "a month ago is too long ago");
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_and_nobody_asks_signed_out() {
    let (server, dos, _) = with_directories().await;
    let asha = server.asha().await;
    for (service, postcode) in [("spa", "ZZ99 3VZ"), ("pharmacy", "ZZ"), ("pharmacy", "")] {
        let answer = ask(&asha, service, postcode).await;
        assert_eq!(problem(answer).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{service} {postcode}");
    }
    assert!(dos.asked().is_empty());
    assert_eq!(ask(&server.browser(), "pharmacy", "ZZ99 3VZ").await.status(), StatusCode::UNAUTHORIZED);
    let alone = TestApp::start().await;
    let answer = ask(&alone.asha().await, "pharmacy", "ZZ99 3VZ").await;
    assert_eq!(problem(answer).await.0, StatusCode::UNPROCESSABLE_ENTITY, "no directory is set");
}

#[tokio::test]
async fn a_mailbox_that_the_directory_names_is_proposed_and_not_used() {
    let (server, ..) = with_directories().await;
    let asha = server.asha().await;
    let propose = async |code: &str| -> AddressProposal {
        read(asha.post("/api/directory/propose", json!({ "ods": code })).await).await
    };
    assert_eq!(propose("a99999").await.email, "a99999@nhs.net");
    assert!(propose("A99999").await.known_already);
    assert_eq!(propose("A00000").await, AddressProposal::default());
    let book: Vec<AddressView> = read(asha.get("/api/directory").await).await;
    assert_eq!(
        (book.len(), book[0].address.name.as_str(), book[0].confirmed_at.as_str()),
        (1, "Elm Road Surgery", "")
    );
    let used = server.app.store.confirmed_address(&ods("FA123"), &ods("A99999")).await.expect("read");
    assert_eq!(used, None);
}
