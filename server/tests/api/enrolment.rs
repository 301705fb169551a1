//! Enrolling with a one-time link.

use crate::support::{HOUR, NOW, TestApp, problem, read};
use reqwest::StatusCode;
use serde_json::json;
use shared::api::{InvitationView, SessionView};
use shared::people::Role;

#[tokio::test]
async fn a_pharmacist_enrols_and_is_signed_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.invite(Role::Pharmacist).await;
    let answer: SessionView = read(browser.enrol(&token, "  Asha   Patel ", "207 4123").await).await;
    let person = answer.person.expect("signed in");
    assert_eq!((person.name.as_str(), person.gphc.as_str()), ("Asha Patel", "2074123"));
    assert_eq!((person.role, person.gphc_checked), (Role::Pharmacist, false));
    assert_eq!(answer.pharmacies[0].name, "Elm Pharmacy");
    assert_eq!(browser.session().await.person, Some(person));
}

#[tokio::test]
async fn a_text_that_not_every_database_can_keep_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.invite(Role::Pharmacist).await;
    let answer = browser.enrol(&token, "Asha\0Patel", "2074123").await;
    assert_eq!(problem(answer).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
    assert_eq!(browser.enrol(&token, r"Asha \u0000", "2074123").await.status(), StatusCode::OK, "only words");
}

#[tokio::test]
async fn a_link_says_what_it_offers_before_anything_is_typed() {
    let app = TestApp::start().await;
    let token = app.invite(Role::Technician).await;
    let answer = app.browser().post("/api/enrolment/look", json!({ "token": token })).await;
    let offered: InvitationView = read(answer).await;
    assert_eq!((offered.pharmacy.ods.as_str(), offered.role), ("FA123", Role::Technician));
    assert_eq!(offered.expires_at, shared::time::stored(NOW + 24 * HOUR));
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    let token = app.invite(Role::Pharmacist).await;
    app.browser().enrol(&token, "Asha Patel", "2074123").await;
    let second = app.browser().enrol(&token, "Tom Reid", "2074124").await;
    assert_eq!(problem(second).await, (StatusCode::NOT_FOUND, "link-unknown".to_owned()));
}

#[tokio::test]
async fn two_who_hurry_with_one_link_do_not_both_get_in() {
    let app = TestApp::start().await;
    let token = app.invite(Role::Pharmacist).await;
    let (mut asha, mut tom) = (app.browser(), app.browser());
    let asked = |name: &str| json!({ "token": token, "name": name, "gphc": "2074123" });
    let started = read(asha.post("/api/enrolment/start", asked("Asha Patel")).await).await;
    let ashas = asha.create_passkey(started);
    let started = read(tom.post("/api/enrolment/start", asked("Tom Reid")).await).await;
    let toms = tom.create_passkey(started);
    let (first, second) =
        tokio::join!(asha.post("/api/enrolment/finish", ashas), tom.post("/api/enrolment/finish", toms));
    let mut statuses = [first.status(), second.status()];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::NOT_FOUND]);
}

#[tokio::test]
async fn an_expired_link_says_so() {
    let app = TestApp::start().await;
    let token = app.invite(Role::Pharmacist).await;
    app.app.clock.advance(24 * HOUR);
    let answer = app.browser().enrol(&token, "Asha Patel", "2074123").await;
    assert_eq!(problem(answer).await, (StatusCode::GONE, "link-expired".to_owned()));
}

#[tokio::test]
async fn a_technicians_number_does_not_enrol_a_pharmacist() {
    let app = TestApp::start().await;
    let token = app.invite(Role::Pharmacist).await;
    let answer = app.browser().enrol(&token, "Tom Reid", "5001234").await;
    assert_eq!(problem(answer).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
}

#[tokio::test]
async fn an_administrator_needs_no_number() {
    let app = TestApp::start().await;
    let browser = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    assert_eq!(browser.session().await.person.expect("signed in").gphc, "");
}

#[tokio::test]
async fn an_enrolment_begun_too_long_ago_is_begun_again() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.invite(Role::Pharmacist).await;
    let asked = json!({ "token": token, "name": "Asha Patel", "gphc": "2074123" });
    let started = read(browser.post("/api/enrolment/start", asked).await).await;
    let made = browser.create_passkey(started);
    app.app.clock.advance(11 * 60_000);
    let answer = browser.post("/api/enrolment/finish", made).await;
    assert_eq!(problem(answer).await, (StatusCode::CONFLICT, "ceremony-expired".to_owned()));
}

#[tokio::test]
async fn a_pharmacist_invites_and_a_technician_may_not() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let answer = asha.post("/api/invitations", json!({ "role": "technician" })).await;
    let link: shared::api::InvitationLink = read(answer).await;
    let (_, token) = link.link.split_once("http://localhost:8080/enrol#").expect("a link to our origin");
    let mut tom = app.browser();
    assert_eq!(tom.enrol(token, "Tom Reid", "5001234").await.status(), StatusCode::OK);
    let refused = tom.post("/api/invitations", json!({ "role": "pharmacist" })).await;
    assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "role-may-not".to_owned()));
}
