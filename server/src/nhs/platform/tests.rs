//! The tokens over real HTTP, against our own platform.

use super::simulator::Access;
use super::{Platform, PlatformSettings, Simulator, TokenError};
use crate::clock::Clock;
use crate::keys::AssertionKey;
use crate::nhs::http;
use axum::http::StatusCode;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;

const NOW: i64 = 1_795_356_300_000;
const API_KEY: &str = "an-api-key";
const SECRET: &str = "its-secret";

struct World {
    clock: Clock,
    simulator: Simulator,
    platform: Arc<Platform>,
    key: AssertionKey,
    base: String,
}

async fn world() -> World {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let clock = Clock::set_to(NOW);
    let key = AssertionKey::invented(Algorithm::RS512).expect("a key");
    let keys = JwkSet { keys: vec![key.public().clone()] };
    let simulator = Simulator::new(clock.clone(), &base, API_KEY, SECRET, keys);
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = PlatformSettings {
        base_url: base.clone(),
        api_key: API_KEY.to_owned(),
        secret: Some(SecretString::from(SECRET)),
    };
    let http = http::client(None).expect("a client");
    let platform = Arc::new(Platform::new(http, settings, key.clone()));
    World { clock, simulator, platform, key, base }
}

impl World {
    async fn token(&self) -> Result<String, TokenError> {
        self.platform.as_application(self.clock.now()).await.map(|token| token.expose_secret().to_owned())
    }

    /// Posts claims of our choice, signed with the registered key.
    async fn post(&self, change: impl FnOnce(&mut Value)) -> (StatusCode, Value) {
        let now = self.clock.now() / 1000;
        let mut claims = json!({
            "iss": API_KEY, "sub": API_KEY, "aud": format!("{}/oauth2/token", self.base),
            "jti": uuid::Uuid::new_v4(), "iat": now, "exp": now + 300,
        });
        change(&mut claims);
        self.post_assertion(&self.key.sign(&claims).expect("signed")).await
    }

    async fn post_assertion(&self, assertion: &str) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", super::client::BEARER_ASSERTION),
            ("client_assertion", assertion),
        ];
        let http = http::client(None).expect("a client");
        let answer =
            http.post(format!("{}/oauth2/token", self.base)).form(&form).send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }
}

#[tokio::test]
async fn a_signed_assertion_brings_a_token_that_is_used_until_a_little_before_its_end() {
    let world = world().await;
    let first = world.token().await.expect("a token");
    assert_eq!(world.simulator.access(&first), Some(Access::Application));
    world.clock.advance(538_000);
    assert_eq!(world.token().await.expect("a token"), first);
    assert_eq!(world.simulator.asked(), 1);
    world.clock.advance(2_000);
    let second = world.token().await.expect("a token");
    assert_ne!(second, first, "599 seconds are nearly over");
    assert!(world.simulator.access(&first).is_some(), "what is on its way with the first is still taken");
}

#[tokio::test]
async fn fifty_at_once_ask_for_one_token() {
    let world = world().await;
    for round in 1..=2 {
        let asking: Vec<_> = (0..50)
            .map(|_| {
                let (platform, now) = (world.platform.clone(), world.clock.now());
                tokio::spawn(async move { platform.as_application(now).await })
            })
            .collect();
        for asked in asking {
            asked.await.expect("no panic").expect("a token");
        }
        assert_eq!(world.simulator.asked(), round);
        world.clock.advance(600_000);
    }
}

#[tokio::test]
async fn an_outage_is_told_to_all_who_wait_and_is_over_when_it_is_over() {
    let world = world().await;
    world.simulator.answer_with(Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(matches!(world.token().await, Err(TokenError::Unavailable(_))));
    world.simulator.answer_with(None);
    let token = world.token().await.expect("a token");
    world.clock.advance(560_000);
    world.simulator.answer_with(Some(StatusCode::BAD_GATEWAY));
    assert_eq!(world.token().await.expect("good for some seconds still"), token);
    world.clock.advance(40_000);
    assert!(world.token().await.is_err());
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_there_is_an_outage() {
    let settings =
        PlatformSettings { base_url: "http://127.0.0.1:1".to_owned(), api_key: String::new(), secret: None };
    let key = AssertionKey::invented(Algorithm::RS512).expect("a key");
    let platform = Platform::new(http::client(None).expect("a client"), settings, key);
    let failure = platform.as_application(NOW).await.expect_err("nobody is there");
    assert!(matches!(failure, TokenError::Unavailable(_)));
}

#[tokio::test]
async fn another_key_than_the_registered_one_is_a_matter_of_settings() {
    let world = world().await;
    let other = AssertionKey::from_pem(
        &crate::keys::invented_pem().expect("a key"),
        Algorithm::RS512,
        Some(world.key.kid()),
    )
    .expect("a key");
    let settings =
        PlatformSettings { base_url: world.base.clone(), api_key: API_KEY.to_owned(), secret: None };
    let platform = Platform::new(http::client(None).expect("a client"), settings, other);
    match platform.as_application(world.clock.now()).await {
        Err(TokenError::Refused { meaning, .. }) => assert!(meaning.contains("PRIVATE_KEY"), "{meaning}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_pretend_platform_holds_to_the_rules_of_the_real_one() {
    let world = world().await;
    let now = NOW / 1000;
    assert_eq!(world.post(|_| {}).await.0, StatusCode::OK);
    let refused: [(&str, Value); 7] = [
        ("exp", json!(now + 600)),
        ("exp", json!(now - 60)),
        ("exp", json!((now + 60).to_string())),
        ("jti", json!("")),
        ("sub", json!("another")),
        ("aud", json!(format!("{}/oauth2/token/", world.base))),
        ("aud", json!([format!("{}/oauth2/token", world.base)])),
    ];
    for (claim, value) in refused {
        let (status, answer) = world.post(|claims| claims[claim] = value.clone()).await;
        assert!(status.is_client_error(), "{claim} {value}: {answer}");
        assert!(answer["error_description"].as_str().is_some_and(|words| words.contains(claim)), "{answer}");
    }
}

#[tokio::test]
async fn an_assertion_counts_once_and_only_in_rs512() {
    let world = world().await;
    let url = format!("{}/oauth2/token", world.base);
    let once = world.key.assertion(API_KEY, &url, NOW).expect("signed");
    assert_eq!(world.post_assertion(&once).await.0, StatusCode::OK);
    let (status, answer) = world.post_assertion(&once).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error_description"].as_str().is_some_and(|words| words.contains("'jti'")), "{answer}");
    let weaker = AssertionKey::invented(Algorithm::RS256).expect("a key");
    let (status, answer) = world.post_assertion(&weaker.assertion(API_KEY, &url, NOW).expect("signed")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error_description"].as_str().is_some_and(|words| words.contains("'alg'")), "{answer}");
}
