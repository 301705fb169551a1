//! Signing in and out, and the cookie.

use crate::support::{HOUR, NOW, TestApp, ods, problem, read};
use reqwest::{Method, StatusCode, header};
use satchel::keys::Holder;
use serde_json::json;
use shared::api::SessionView;
use shared::people::Role;
use sqlx::Executor as _;
use std::time::Duration;

#[tokio::test]
async fn a_passkey_signs_in_without_a_name() {
    let app = TestApp::start().await;
    let mut asha = app.asha().await;
    let enrolled = asha.session().await.person;
    asha.set_cookie(None);
    assert_eq!(asha.session().await.person, None);
    let answer: SessionView = read(asha.sign_in().await).await;
    assert_eq!(answer.person, enrolled);
}

#[tokio::test]
async fn a_passkey_nobody_enrolled_is_refused() {
    let app = TestApp::start().await;
    let elsewhere = TestApp::start().await;
    let mut stranger = elsewhere.asha().await;
    let start = app.browser();
    let answer = start.post("/api/session/passkey/start", json!({})).await;
    let touched = stranger.touch(read(answer).await);
    let answer = start.post("/api/session/passkey/finish", touched).await;
    assert_eq!(problem(answer).await, (StatusCode::UNAUTHORIZED, "passkey-refused".to_owned()));
}

#[tokio::test]
async fn one_touch_does_not_sign_in_twice() {
    let app = TestApp::start().await;
    let mut asha = app.asha().await;
    let start = asha.post("/api/session/passkey/start", json!({})).await;
    let touched = asha.touch(read(start).await);
    let first = asha.post("/api/session/passkey/finish", touched.clone()).await;
    assert_eq!(first.status(), StatusCode::OK);
    let second = asha.post("/api/session/passkey/finish", touched).await;
    assert_eq!(problem(second).await, (StatusCode::CONFLICT, "ceremony-expired".to_owned()));
}

#[tokio::test]
async fn the_session_id_changes_at_sign_in() {
    let app = TestApp::start().await;
    let mut asha = app.asha().await;
    asha.post("/api/session/passkey/start", json!({})).await;
    let before = asha.cookie().expect("a cookie");
    asha.sign_in().await;
    let after = asha.cookie().expect("a cookie");
    assert_ne!(before, after);
    asha.set_cookie(Some(before));
    assert_eq!(asha.session().await.person, None, "the old id is worth nothing");
}

#[tokio::test]
async fn the_cookie_is_for_this_website_and_not_for_scripts() {
    let app = TestApp::start().await;
    let answer = app.browser().post("/api/session/passkey/start", json!({})).await;
    let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.starts_with("satchel="), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn a_public_servers_cookie_never_travels_in_the_clear() {
    let app = TestApp::with(&[("origin", "https://satchel.example")]).await;
    let start = app.browser().bare(Method::POST, "/api/session/passkey/start");
    let answer = start.header(header::ORIGIN, "https://satchel.example").send().await.expect("an answer");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.starts_with("__Host-satchel=") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(answer.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=63072000", "for this host only");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let cookie = asha.cookie();
    assert!(asha.session().await.person.is_some(), "they were here a moment ago");
    assert_eq!(asha.delete("/api/session").await.status(), StatusCode::NO_CONTENT);
    asha.set_cookie(cookie);
    assert_eq!(asha.session().await.person, None);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    app.app.clock.advance(12 * HOUR - 60_000);
    assert!(asha.session().await.person.is_some());
    app.app.clock.advance(60_000);
    assert_eq!(asha.session().await.person, None);
}

#[tokio::test]
async fn a_database_that_is_busy_is_said_to_be_and_signs_nobody_out() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let cookie = asha.cookie();
    let mut other = app.another_writer().await;
    other.execute("BEGIN IMMEDIATE").await.expect("the lock on writing");
    let answer = asha.post("/api/session/passkey/start", json!({})).await;
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(problem(answer).await, (StatusCode::SERVICE_UNAVAILABLE, "busy".to_owned()));
    other.execute("ROLLBACK").await.expect("the lock given back");
    assert_eq!(asha.cookie(), cookie);
    assert!(asha.session().await.person.is_some());
}

#[tokio::test]
async fn a_nonce_is_new_each_time_proves_itself_and_fills_no_table() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let person = asha.session().await.person.expect("signed in").id;
    let nonces = &app.app.server_keys.nonces;
    let (first, second) = (asha.session().await.server_nonce, asha.session().await.server_nonce);
    assert_ne!(first, second);
    assert_eq!(nonces.issued(&first, &[Holder::Person(person)]), Some(NOW));
    let stranger = app.browser().session().await.server_nonce;
    assert_eq!(nonces.issued(&stranger, &[Holder::Person(person)]), None);
    assert_eq!(nonces.issued(&stranger, &[Holder::Anybody]), Some(NOW));
    for nonce in [first, second, stranger] {
        assert_eq!(app.app.store.nonce_known(&nonce).await.expect("a store"), None);
    }
}

#[tokio::test]
async fn a_body_with_the_vaults_key_in_it_is_refused() {
    let app = TestApp::start().await;
    let mut asha = app.asha().await;
    let start = asha.post("/api/session/passkey/start", json!({})).await;
    let mut touched = asha.touch(read(start).await);
    touched["credential"]["clientExtensionResults"] =
        json!({ "prf": { "results": { "first": "c2VjcmV0" } } });
    let answer = asha.post("/api/session/passkey/finish", touched).await;
    assert_eq!(problem(answer).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
}

#[tokio::test]
async fn whoever_was_removed_here_is_out_at_once() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let person = asha.session().await.person.expect("signed in");
    assert_eq!(ines.delete(&format!("/api/people/{}", person.id)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(asha.session().await.person, None);
    assert!(ines.session().await.person.is_some(), "the others stay");
}

#[tokio::test]
async fn whoever_was_removed_by_another_server_is_out_within_a_second() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let person = asha.session().await.person.expect("signed in");
    let removed = app.app.store.remove_person(&person.id, &ods("FA123"), NOW).await;
    assert!(removed.expect("a store"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(asha.session().await.person, None);
}
