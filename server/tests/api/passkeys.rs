//! A person's own passkeys.

use crate::support::{TestApp, problem, read};
use reqwest::StatusCode;
use serde_json::json;
use shared::api::PasskeyView;

#[tokio::test]
async fn a_second_passkey_signs_in_like_the_first() {
    let app = TestApp::start().await;
    let mut asha = app.asha().await;
    let started = read(asha.post("/api/passkeys/start", json!({})).await).await;
    let made = asha.create_passkey(started);
    let added: PasskeyView = read(asha.post("/api/passkeys/finish", made).await).await;
    assert_eq!(added.label, "Passkey of 22 Nov 2026");

    let first = read::<Vec<PasskeyView>>(asha.get("/api/passkeys").await).await;
    assert_eq!(first.len(), 2);
    let older = first.iter().find(|passkey| passkey.id != added.id).expect("the first");
    let gone = asha.delete(&format!("/api/passkeys/{}", older.id)).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);

    asha.set_cookie(None);
    asha.forget(&older.id);
    assert_eq!(asha.sign_in().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn nobody_removes_their_only_passkey() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mine = read::<Vec<PasskeyView>>(asha.get("/api/passkeys").await).await;
    let answer = asha.delete(&format!("/api/passkeys/{}", mine[0].id)).await;
    assert_eq!(problem(answer).await, (StatusCode::CONFLICT, "conflict".to_owned()));
}

#[tokio::test]
async fn nobody_removes_anothers_passkey() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mallory = app.enrolled(shared::people::Role::Administrator, "Mallory Moss", "").await;
    let ashas = read::<Vec<PasskeyView>>(asha.get("/api/passkeys").await).await;
    let answer = mallory.delete(&format!("/api/passkeys/{}", ashas[0].id)).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(read::<Vec<PasskeyView>>(asha.get("/api/passkeys").await).await.len(), 1);
}

#[tokio::test]
async fn a_passkey_is_renamed_by_its_owner_alone() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mine = read::<Vec<PasskeyView>>(asha.get("/api/passkeys").await).await.remove(0);
    let path = format!("/api/passkeys/{}", mine.id);
    let put = |label: String| asha.ask(reqwest::Method::PUT, &path, Some(json!({ "label": label })));
    assert_eq!(put("  Blue   key ".to_owned()).await.status(), StatusCode::NO_CONTENT);
    for wrong in [String::new(), "x".repeat(61), "a\u{7}".to_owned()] {
        assert_eq!(put(wrong).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let listed = read::<Vec<PasskeyView>>(asha.get("/api/passkeys").await).await;
    assert_eq!(listed[0].label, "Blue key");
    let ines = app.enrolled(shared::people::Role::Administrator, "Ines Moreau", "").await;
    let other = ines.ask(reqwest::Method::PUT, &path, Some(json!({ "label": "Mine" }))).await;
    assert_eq!(problem(other).await, (StatusCode::NOT_FOUND, "not-found".to_owned()));
}
