//! Devices of a pharmacy.

use crate::support::{Browser, TestApp, problem, read};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, Response, StatusCode};
use satchel::store::Pharmacy;
use serde_json::{Value, json};
use shared::api::DeviceView;
use shared::people::Role;

const DEVICE: &str = "0b5f7f0e-8a53-4a0a-9d2b-4f3f6a1c2d3e";

/// A point on the curve that is nobody's key in earnest.
fn signing_key() -> String {
    let key = p256::SecretKey::from_slice(&[7; 32]).expect("a scalar");
    URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_bytes())
}

async fn about(browser: &Browser) -> Value {
    let server_key = browser.session().await.server_key.id;
    json!({
        "label": "iPad, Safari", "signing_key": signing_key(), "vault": "dmF1bHQ", "key_version": 1,
        "sealed": { "key_id": server_key, "ephemeral": "ZXBoZW1lcmFs", "sealed": "c2VhbGVk" },
    })
}

async fn register(browser: &Browser) -> Response {
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
async fn a_signing_key_that_is_no_point_on_the_curve_is_refused() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let mut body = about(&asha).await;
    body["signing_key"] = json!(URL_SAFE_NO_PAD.encode([4; 65]));
    let answer = asha.ask(Method::PUT, &format!("/api/devices/{DEVICE}"), Some(body)).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
