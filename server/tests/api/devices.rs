//! Devices of a pharmacy.

use crate::support::{Browser, TestApp, problem, read};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, Response, StatusCode};
use satchel::store::Pharmacy;
use serde_json::{Value, json};
use shared::api::DeviceView;
use shared::people::Role;

#[path = "../support/sealing.rs"]
mod sealing;
use sealing::sealed_to;

pub const DEVICE: &str = "0b5f7f0e-8a53-4a0a-9d2b-4f3f6a1c2d3e";

/// A point on the curve that is nobody's key in earnest.
fn signing_key() -> String {
    let key = p256::SecretKey::from_slice(&[7; 32]).expect("a scalar");
    URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_bytes())
}

async fn about(browser: &Browser) -> Value {
    let server_key = browser.session().await.server_key;
    json!({
        "label": "iPad, Safari", "signing_key": signing_key(), "vault": "dmF1bHQ", "key_version": 1,
        "sealed": sealed_to(&server_key, &[5; 32]),
    })
}

pub async fn register(browser: &Browser) -> Response {
    let body = about(browser).await;
    browser.ask(Method::PUT, &format!("/api/devices/{DEVICE}"), Some(body)).await
}

#[tokio::test]
async fn a_device_that_makes_itself_known_twice_is_one_device() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    assert_eq!(register(&asha).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(register(&asha).await.status(), StatusCode::NO_CONTENT);
    let devices: Vec<DeviceView> = read(asha.get("/api/devices").await).await;
    assert_eq!(devices.len(), 1);
    assert_eq!(
        (devices[0].label.as_str(), devices[0].people_names.as_slice()),
        ("iPad, Safari", ["Asha Patel".to_owned()].as_slice())
    );
}

#[tokio::test]
async fn a_revoked_device_is_signed_out_and_stays_out() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    register(&asha).await;
    assert!(asha.session().await.person.is_some(), "they were here a moment ago");
    assert_eq!(ines.delete(&format!("/api/devices/{DEVICE}")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(asha.session().await.person, None);
    assert_eq!(read::<Vec<DeviceView>>(ines.get("/api/devices").await).await, []);

    let mut back = app.asha().await;
    assert_eq!(register(&back).await.status(), StatusCode::CONFLICT);
    assert_eq!(back.sign_in().await.status(), StatusCode::OK, "the person is not the device");
}

#[tokio::test]
async fn a_technician_may_not_revoke() {
    let app = TestApp::start().await;
    let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
    register(&tom).await;
    let answer = tom.delete(&format!("/api/devices/{DEVICE}")).await;
    assert_eq!(problem(answer).await, (StatusCode::FORBIDDEN, "role-may-not".to_owned()));
}

#[tokio::test]
async fn a_device_belongs_to_one_pharmacy() {
    let app = TestApp::start().await;
    register(&app.asha().await).await;
    let other = Pharmacy { ods: crate::support::ods("FB456"), ..crate::support::elm() };
    app.app.store.put_pharmacy(&other).await.expect("stored");
    let link =
        satchel::session::invite(&app.app, &other.ods, Role::Auditor, None).await.expect("a link").link;
    let mut elsewhere = app.browser();
    elsewhere.enrol(link.split_once('#').expect("a token").1, "Odd Ness", "").await;
    assert_eq!(register(&elsewhere).await.status(), StatusCode::CONFLICT);
    assert_eq!(read::<Vec<DeviceView>>(elsewhere.get("/api/devices").await).await, []);
}

#[tokio::test]
async fn a_key_sealed_to_another_server_is_refused() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mut body = about(&asha).await;
    body["sealed"]["key_id"] = json!("another");
    let answer = asha.ask(Method::PUT, &format!("/api/devices/{DEVICE}"), Some(body)).await;
    assert_eq!(problem(answer).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
}

#[tokio::test]
async fn a_seal_that_the_server_cannot_open_is_refused() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mut body = about(&asha).await;
    body["sealed"]["sealed"] = json!(URL_SAFE_NO_PAD.encode([5; 60]));
    let answer = asha.ask(Method::PUT, &format!("/api/devices/{DEVICE}"), Some(body)).await;
    assert_eq!(problem(answer).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
    assert_eq!(read::<Vec<DeviceView>>(asha.get("/api/devices").await).await, []);
}

#[tokio::test]
async fn nobody_replaces_a_vault_key_that_the_server_can_open() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    register(&asha).await;
    let device = DEVICE.parse().expect("an id");
    let kept = app.app.store.sealed_keys(&device).await.expect("a store");
    // A colleague makes themselves known on her device, under another key of the same version.
    let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
    let mut body = about(&tom).await;
    body["sealed"] = json!(sealed_to(&tom.session().await.server_key, &[6; 32]));
    let answer = tom.ask(Method::PUT, &format!("/api/devices/{DEVICE}"), Some(body)).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.app.store.sealed_keys(&device).await.expect("a store"), kept);
}

#[tokio::test]
async fn a_vault_key_that_no_longer_opens_is_replaced() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let person = asha.session().await.person.expect("somebody").id;
    let device = DEVICE.parse().expect("an id");
    let torn = satchel::store::DeviceKeys {
        device,
        pharmacy: crate::support::ods("FA123"),
        person,
        label: "iPad, Safari".to_owned(),
        signing_key: signing_key(),
        vault: "dmF1bHQ".to_owned(),
        key_version: 1,
        sealed: "{}".to_owned(),
        at: 0,
    };
    app.app.store.put_device(&torn).await.expect("stored");
    assert_eq!(register(&asha).await.status(), StatusCode::NO_CONTENT);
    let kept = app.app.store.sealed_keys(&device).await.expect("a store");
    assert!(kept.len() == 1 && kept[0].2 != "{}", "{kept:?}");
}

#[tokio::test]
async fn a_signing_key_that_is_no_point_on_the_curve_is_refused() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mut body = about(&asha).await;
    body["signing_key"] = json!(URL_SAFE_NO_PAD.encode([4; 65]));
    let answer = asha.ask(Method::PUT, &format!("/api/devices/{DEVICE}"), Some(body)).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

fn satchel(app: &TestApp, arguments: &[&str]) -> (bool, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_satchel"))
        .args(arguments)
        .env("SATCHEL_DATABASE_URL", &app.app.config.database_url)
        .output()
        .expect("the satchel command");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("text"))
}

#[tokio::test]
async fn the_command_line_lists_and_revokes_beside_a_server_that_runs() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    register(&asha).await;
    let (_, listed) = satchel(&app, &["device", "list"]);
    assert!(listed.contains(DEVICE) && listed.contains("Asha Patel") && listed.contains("FA123"), "{listed}");
    let (_, elsewhere) = satchel(&app, &["device", "list", "--pharmacy", "FB456"]);
    assert_eq!(elsewhere, "There are no devices.\n");

    assert!(satchel(&app, &["device", "revoke", DEVICE]).0);
    assert_eq!(asha.session().await.person, None, "the running server ends the session");
    let (done, again) = satchel(&app, &["device", "revoke", DEVICE]);
    assert!(done && again.contains("before"), "{again}");
    let (done, _) = satchel(&app, &["device", "revoke", "5f0c3d11-7b44-4d59-9a41-0e8f27b5a6c3"]);
    assert!(!done, "an unknown one is an error");
    assert_eq!(satchel(&app, &["device", "list"]).1, "There are no devices.\n");
}
