//! Practices and pharmacies: found, remembered, and answered from memory with their age.

use crate::support::{Browser, HOUR, NOW, TestApp, problem, read};
use reqwest::StatusCode;
use satchel::nhs::ods::Simulator;
use satchel::nhs::ods::simulator::{Place, places};
use satchel::organisations::refresh;
use shared::api::{AreaView, OrganisationView};
use shared::people::Role;
use shared::time::stored;

const AWAY: (u16, &[u8]) = (503, b"<html>");

async fn with_ods(area: &str) -> (TestApp, Simulator) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = [("ods_url", base.as_str()), ("ods_key", "a-key"), ("ods_area", area)];
    (TestApp::with(&settings).await, simulator)
}

fn away(ods: &Simulator) {
    ods.answer_with(Some((AWAY.0, AWAY.1.to_vec())));
}

async fn show(browser: &Browser, code: &str) -> OrganisationView {
    read(browser.get(&format!("/api/organisations/{code}")).await).await
}

async fn names(browser: &Browser, query: &str) -> Vec<String> {
    let found: Vec<OrganisationView> = read(browser.get(&format!("/api/organisations?{query}")).await).await;
    found.into_iter().map(|one| one.name).collect()
}

async fn area(browser: &Browser) -> AreaView {
    read(browser.get("/api/organisations/area").await).await
}

#[tokio::test]
async fn anybody_signed_in_may_ask_and_nobody_else() {
    let (server, _) = with_ods("").await;
    for role in [Role::Technician, Role::Administrator, Role::Auditor] {
        let gphc = if role == Role::Technician { "5001234" } else { "" };
        let browser = server.enrolled(role, "Sam Example", gphc).await;
        assert_eq!(show(&browser, "A99999").await.name, "ELM ROAD SURGERY", "{role:?}");
    }
    for path in ["/api/organisations/A99999", "/api/organisations?name=elm", "/api/organisations/area"] {
        assert_eq!(server.browser().get(path).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_code_that_is_not_known_or_is_none_is_not_found() {
    let (server, _) = with_ods("").await;
    let asha = server.asha().await;
    for code in ["A00000", "x", "..%2F..%2Fetc"] {
        let answer = asha.get(&format!("/api/organisations/{code}")).await;
        assert_eq!(problem(answer).await, (StatusCode::NOT_FOUND, "not-found".into()), "{code}");
    }
}

#[tokio::test]
async fn what_was_asked_today_is_not_asked_again_and_with_the_ods_away_memory_says_how_old_it_is() {
    let (server, ods) = with_ods("").await;
    let asha = server.asha().await;
    show(&asha, "A99999").await;
    show(&asha, "A99999").await;
    assert_eq!(ods.asked().len(), 1);
    server.app.clock.advance(25 * HOUR);
    let asha = server.asha().await;
    away(&ods);
    let known = show(&asha, "A99999").await;
    assert_eq!((known.name.as_str(), known.fetched_at), ("ELM ROAD SURGERY", stored(NOW)));
    let unknown = asha.get("/api/organisations/A82648").await;
    assert_eq!(problem(unknown).await, (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-away".into()));
    ods.answer_with(None);
    assert_eq!(show(&asha, "A99999").await.fetched_at, stored(NOW + 25 * HOUR));
}

#[tokio::test]
async fn a_search_needs_enough_and_is_answered_from_memory_when_the_ods_is_away() {
    let (server, ods) = with_ods("").await;
    let asha = server.asha().await;
    for query in ["", "name=el", "postcode=Z", "name=elm%2A", "postcode=ZZ99%2A", "kind=hospital&name=elm"] {
        let answer = asha.get(&format!("/api/organisations?{query}")).await;
        assert_eq!(problem(answer).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
    assert!(ods.asked().is_empty());
    assert_eq!(names(&asha, "kind=practice&postcode=zz99%203w").await, ["BOBBIN YARD MEDICAL PRACTICE"]);
    assert_eq!(names(&asha, "name=elm").await, ["ELM ROAD SURGERY", "ELM PHARMACY"]);
    away(&ods);
    assert_eq!(names(&asha, "kind=practice&name=elm").await, ["ELM ROAD SURGERY"]);
    assert!(names(&asha, "name=far%20away").await.is_empty(), "nothing was ever heard of it");
}

#[tokio::test]
async fn without_an_ods_memory_is_all_there_is() {
    let server = TestApp::start().await;
    let asha = server.asha().await;
    let answer = asha.get("/api/organisations/A99999").await;
    assert_eq!(problem(answer).await, (StatusCode::NOT_IMPLEMENTED, "nhs-service-not-set-up".into()));
    assert_eq!(area(&asha).await, AreaView::default());
}

#[tokio::test]
async fn the_practices_of_the_area_are_kept_up_to_date_at_night() {
    let (server, ods) = with_ods("ZZ99").await;
    let (app, client) = (&server.app, server.app.ods.clone().expect("an ODS"));
    assert_eq!(area(&server.asha().await).await.fetched_at, "");
    assert!(refresh(app, &client).await.expect("fetched"));
    assert!(!refresh(app, &client).await.expect("nothing due"));
    let first = area(&server.asha().await).await;
    let codes: Vec<&str> = first.practices.iter().map(|one| one.ods.as_str()).collect();
    assert_eq!(codes, ["A82648", "A99999", "A99998"], "in use, of the district, no pharmacies; by name");
    assert_eq!(first.fetched_at, stored(NOW));

    // One closes, and one that did not change is not heard of again.
    let changed = |place: Place| match place.ods.as_str() {
        "A99998" => Some(Place { active: false, successor: "A99999", changed: "2026-11-22", ..place }),
        "A82648" => None,
        _ => Some(place),
    };
    ods.replace(places().into_iter().filter_map(changed).collect());
    app.clock.advance(24 * HOUR);
    assert!(refresh(app, &client).await.expect("fetched"));
    assert!(ods.asked().last().expect("asked").contains("lastChangeDate=ge2026-11-20"));
    let second = area(&server.asha().await).await;
    assert_eq!(second.practices.len(), 3);
    assert!(second.practices.iter().any(|one| one.ods == "A99998" && !one.active));

    away(&ods);
    app.clock.advance(24 * HOUR);
    assert!(refresh(app, &client).await.is_err());
    let third = area(&server.asha().await).await;
    assert_eq!((third.practices.len(), third.fetched_at), (3, stored(NOW + 24 * HOUR)), "as old as it is");
}

#[tokio::test]
async fn the_area_is_where_the_pharmacy_is_unless_somebody_says_otherwise() {
    let (server, _) = with_ods("").await;
    let client = server.app.ods.clone().expect("an ODS");
    assert!(!refresh(&server.app, &client).await.expect("nothing to go by"));
    let mut elm = crate::support::elm();
    elm.address = "1 Elm Road, Zettington, ZZ98 3VZ".into();
    server.app.store.put_pharmacy(&elm).await.expect("a pharmacy");
    assert!(refresh(&server.app, &client).await.expect("fetched"));
    let practices = area(&server.asha().await).await.practices;
    assert_eq!(practices.iter().map(|one| one.ods.as_str()).collect::<Vec<_>>(), ["A99996"]);
}
