//! Working at a second pharmacy.

use crate::support::{HOUR, TestApp, ods, problem, read};
use reqwest::{Method, StatusCode, header};
use satchel::session::invite;
use serde_json::json;
use shared::api::SessionView;
use shared::people::Role;

/// A link to a second pharmacy, in one role.
async fn link_to_oak(app: &TestApp, role: Role) -> String {
    app.app.store.put_pharmacy(&oak()).await.expect("stored");
    let link = invite(&app.app, &ods("FB456"), role, None).await.expect("invited");
    link.link.split_once('#').expect("a token").1.to_owned()
}

fn oak() -> satchel::store::Pharmacy {
    satchel::store::Pharmacy { ods: ods("FB456"), name: "Oak Pharmacy".to_owned(), ..crate::support::elm() }
}

fn codes(session: &SessionView) -> Vec<&str> {
    session.pharmacies.iter().map(|one| one.ods.as_str()).collect()
}

#[tokio::test]
async fn a_locum_joins_a_second_pharmacy_and_is_the_same_person_at_both() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let before = asha.session().await;
    let token = link_to_oak(&app, Role::Pharmacist).await;
    let there: SessionView = read(asha.post("/api/enrolment/join", json!({ "token": token })).await).await;
    assert_eq!(codes(&there), ["FB456", "FA123"]);
    assert_eq!(there.person.map(|person| person.id), before.person.map(|person| person.id));
    let back = asha.post("/api/session/pharmacy", json!({ "pharmacy": "FA123" })).await;
    assert_eq!(codes(&read(back).await), ["FA123", "FB456"]);
    let again = asha.post("/api/enrolment/join", json!({ "token": token })).await;
    assert_eq!(problem(again).await, (StatusCode::NOT_FOUND, "link-unknown".to_owned()));
}

#[tokio::test]
async fn a_device_that_keeps_one_pharmacys_records_is_not_answered_by_a_session_at_another() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let token = link_to_oak(&app, Role::Pharmacist).await;
    let oak: SessionView = read(asha.post("/api/enrolment/join", json!({ "token": token })).await).await;
    assert_eq!(codes(&oak), ["FB456", "FA123"]);
    let cookie = asha.cookie().expect("signed in");
    for (keeps, expected) in [("FA123", StatusCode::UNAUTHORIZED), ("FB456", StatusCode::OK)] {
        let pull = asha.bare(Method::GET, "/api/sync/pull?after=0").header(header::COOKIE, &cookie);
        let answer = pull.header("x-satchel-pharmacy", keeps).send().await.expect("an answer");
        assert_eq!(answer.status(), expected, "{keeps}");
    }
}

#[tokio::test]
async fn nobody_goes_to_a_pharmacy_where_they_do_not_work() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    link_to_oak(&app, Role::Pharmacist).await;
    let refused = asha.post("/api/session/pharmacy", json!({ "pharmacy": "FB456" })).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    assert_eq!(codes(&asha.session().await), ["FA123"]);
}

#[tokio::test]
async fn a_technician_does_not_become_a_pharmacist_elsewhere() {
    let app = TestApp::start().await;
    let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
    let token = link_to_oak(&app, Role::Pharmacist).await;
    let refused = tom.post("/api/enrolment/join", json!({ "token": token })).await;
    assert_eq!(problem(refused).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
    // The link still works for whom it was meant.
    let asha = app.asha().await;
    assert_eq!(asha.post("/api/enrolment/join", json!({ "token": token })).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn joining_takes_a_session_and_going_elsewhere_does_not_lengthen_it() {
    let app = TestApp::start().await;
    let token = link_to_oak(&app, Role::Pharmacist).await;
    let nobody = app.browser().post("/api/enrolment/join", json!({ "token": token })).await;
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    let asha = app.asha().await;
    let hours = i64::from(app.app.config.session_hours);
    app.app.clock.advance((hours - 1) * HOUR);
    assert_eq!(asha.post("/api/enrolment/join", json!({ "token": token })).await.status(), StatusCode::OK);
    app.app.clock.advance(2 * HOUR);
    assert_eq!(asha.session().await.person, None);
}
