//! Back-channel logout: what CIS2 may end, and what nobody else may.

use crate::support::{Browser, MARIGOLD, MINUTE, TOBIAS, World};
use satchel::keys::{AssertionKey, invented_pem};
use serde_json::{Value, json};
use shared::people::Role;

async fn post(world: &World, token: &str) -> u16 {
    let here = world.origin.replace("localhost", "127.0.0.1");
    let http = satchel::nhs::http::client(None).expect("a client");
    let form = [("logout_token", token)];
    let answer = http.post(format!("{here}/api/cis2/backchannel-logout")).form(&form).send().await;
    answer.expect("an answer").status().as_u16()
}

async fn logout(world: &World, over: Value) -> u16 {
    post(world, &world.cis2.logout_token(MARIGOLD, &over).expect("a token")).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.session().await.person.is_some()
}

#[tokio::test]
async fn cis2_ends_what_it_began_at_once_on_every_device_of_that_session() {
    let world = World::start().await;
    let (one, two, other) = (world.browser(), world.browser(), world.browser());
    one.sign_in(MARIGOLD, "/").await;
    two.sign_in(MARIGOLD, "/").await;
    other.sign_in(TOBIAS, "/").await;
    assert!(is_signed_in(&one).await && is_signed_in(&two).await && is_signed_in(&other).await);
    assert_eq!(logout(&world, json!({})).await, 200);
    assert!(!is_signed_in(&one).await && !is_signed_in(&two).await);
    assert!(is_signed_in(&other).await, "nobody else’s");
}

#[tokio::test]
async fn a_session_that_a_passkey_began_loses_what_cis2_proved_and_goes_on() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Pharmacist, "Asha Patel", "2999901").await;
    asha.step_up(MARIGOLD, "/").await;
    assert!(asha.session().await.cis2.present.is_some());
    assert_eq!(logout(&world, json!({})).await, 200);
    let session = asha.session().await;
    assert!(session.person.is_some() && session.cis2.present.is_none());
}

#[tokio::test]
async fn a_session_of_another_sid_stays_and_without_one_every_session_ends() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    assert_eq!(logout(&world, json!({ "sid": "another" })).await, 200);
    assert!(is_signed_in(&browser).await);
    assert_eq!(logout(&world, json!({ "sid": null })).await, 200);
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn a_token_that_is_not_right_in_every_claim_ends_nothing() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    let now = world.app.clock.now() / 1000;
    let wrong: &[(&str, Value)] = &[
        ("iss", json!("https://evil.example")),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("iat", json!(now - 301)),
        ("iat", json!(now + 60)),
        ("iat", Value::Null),
        ("exp", json!(now - 60)),
        ("jti", Value::Null),
        ("sub", Value::Null),
        ("events", json!({})),
        ("events", Value::Null),
        ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": "yes" })),
        ("nonce", json!("an ID token in disguise")),
    ];
    for (claim, value) in wrong {
        assert_eq!(logout(&world, json!({ *claim: value })).await, 400, "{claim} {value}");
    }
    assert!(is_signed_in(&browser).await);
    assert_eq!(logout(&world, json!({ "aud": ["x", "123456789012.apps.national"] })).await, 200);
}

#[tokio::test]
async fn a_token_of_another_signer_or_algorithm_ends_nothing() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    let right = world.cis2.logout_token(MARIGOLD, &json!({})).expect("a token");
    let (signed, signature) = right.rsplit_once('.').expect("three parts");
    let claims = signed.split('.').nth(1).expect("claims");
    // {"alg":"none"} and {"alg":"HS256"}
    for forged in [
        format!("eyJhbGciOiJub25lIn0.{claims}."),
        format!("eyJhbGciOiJIUzI1NiJ9.{claims}.{signature}"),
        signed.to_owned(),
        String::new(),
    ] {
        assert_eq!(post(&world, &forged).await, 400, "{forged}");
    }
    let stranger =
        AssertionKey::from_pem(&invented_pem().expect("a key"), jsonwebtoken::Algorithm::RS256, None);
    let stranger = stranger.expect("a key").assertion("a", "b", world.app.clock.now()).expect("signed");
    assert_eq!(post(&world, &stranger).await, 400);
    assert!(is_signed_in(&browser).await);
}

#[tokio::test]
async fn a_token_counts_once_and_never_for_a_newer_sign_in() {
    let world = World::start().await;
    let first = world.browser();
    first.sign_in(MARIGOLD, "/").await;
    let token = world.cis2.logout_token(MARIGOLD, &json!({})).expect("a token");
    assert_eq!(post(&world, &token).await, 200);
    assert_eq!(post(&world, &token).await, 400, "replayed");

    let kept_back = world.cis2.logout_token(MARIGOLD, &json!({})).expect("a token");
    world.app.clock.advance(MINUTE);
    let second = world.browser();
    second.sign_in(MARIGOLD, "/").await;
    assert_eq!(post(&world, &kept_back).await, 400, "older than the sign-in");
    assert!(is_signed_in(&second).await);
}

#[tokio::test]
async fn a_logout_of_somebody_who_left_already_is_done() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    browser.delete("/api/session").await;
    assert_eq!(logout(&world, json!({})).await, 200);
}
