//! A healthcare worker's token for the APIs of the NHS, from their CIS2 sign-in.

use crate::support::{HOUR, MARIGOLD, MINUTE, OTTOLINE, World};
use async_trait::async_trait;
use reqwest::StatusCode;
use satchel::nhs::platform::simulator::Access;
use satchel::nhs::platform::{TokenError, WorkerAccess};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use shared::people::Role;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use std::collections::HashMap;
use std::sync::Arc;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result as StoreResult;
use tower_sessions::{Session, SessionStore};

/// A session is read here as the database has it; nothing is written back.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl SessionStore for Nowhere {
    async fn save(&self, _: &Record) -> StoreResult<()> {
        Ok(())
    }
    async fn load(&self, _: &Id) -> StoreResult<Option<Record>> {
        Ok(None)
    }
    async fn delete(&self, _: &Id) -> StoreResult<()> {
        Ok(())
    }
}

/// The one web session there is, as a handler would be given it.
async fn the_session(world: &World) -> Session {
    let mut database = SqliteConnection::connect(&world.app.config.database_url).await.expect("a connection");
    let row = sqlx::query("select data from session where person is not null");
    let row = row.fetch_one(&mut database).await.expect("one session");
    let data: HashMap<String, Value> = serde_json::from_str(row.get("data")).expect("JSON");
    let session = Session::new(None, Arc::new(Nowhere), None);
    for (key, value) in data {
        session.insert_value(&key, value).await.expect("kept");
    }
    session
}

async fn access(world: &World, session: &Session) -> Result<WorkerAccess, TokenError> {
    world.app.platform.as_ref().expect("configured").as_worker(&world.app, session).await
}

/// After the exchange that a sign-in begins beside its answer.
async fn signed_in(world: &World, holder: &str) -> Session {
    world.browser().sign_in(holder, "/").await;
    let session = the_session(world).await;
    access(world, &session).await.expect("a token");
    assert_eq!(world.platform.asked(), 1, "exchanged once, whoever was first");
    session
}

#[tokio::test]
async fn a_sign_in_is_exchanged_once_and_the_role_goes_with_it() {
    let world = World::start().await;
    let session = signed_in(&world, MARIGOLD).await;
    let given = access(&world, &session).await.expect("a token");
    assert_eq!(given.role_id, "999100000012");
    let meant = Access::Worker { subject: MARIGOLD.to_owned(), role_id: "999100000012".to_owned(), level: 3 };
    assert_eq!(world.platform.access(given.token.expose_secret()), Some(meant));
    assert_eq!(world.platform.asked(), 1);
}

#[tokio::test]
async fn fifty_at_once_use_a_refresh_token_once() {
    let world = World::start().await;
    let session = signed_in(&world, MARIGOLD).await;
    for round in 2..=4 {
        world.app.clock.advance(10 * MINUTE);
        let asking: Vec<_> = (0..50)
            .map(|_| {
                let (app, session) = (world.app.clone(), session.clone());
                tokio::spawn(async move {
                    let platform = app.platform.as_ref().expect("configured");
                    platform.as_worker(&app, &session).await
                })
            })
            .collect();
        for asked in asking {
            asked.await.expect("no panic").expect("a token");
        }
        assert_eq!(world.platform.asked(), round, "single-use tokens are not spent twice");
    }
}

#[tokio::test]
async fn after_twelve_hours_cis2_is_asked_for_again() {
    let world = World::start().await;
    let session = signed_in(&world, MARIGOLD).await;
    world.app.clock.advance(11 * HOUR);
    access(&world, &session).await.expect("refreshed");
    world.app.clock.advance(HOUR);
    assert!(matches!(access(&world, &session).await, Err(TokenError::Cis2Needed)));
}

#[tokio::test]
async fn a_passkey_alone_brings_no_token() {
    let world = World::start().await;
    world.enrolled(Role::Pharmacist, "Asha Patel", "2074123").await;
    let session = the_session(&world).await;
    assert!(matches!(access(&world, &session).await, Err(TokenError::Cis2Needed)));
    assert_eq!(world.platform.asked(), 0);
}

#[tokio::test]
async fn an_outage_passes_and_gives_the_turn_back() {
    let world = World::start().await;
    let session = signed_in(&world, OTTOLINE).await;
    world.app.clock.advance(10 * MINUTE);
    world.platform.answer_with(Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(matches!(access(&world, &session).await, Err(TokenError::Unavailable(_))));
    world.platform.answer_with(None);
    access(&world, &session).await.expect("the refresh token was not spent");
}

#[tokio::test]
async fn no_token_outlives_signing_out() {
    let world = World::start().await;
    let browser = world.browser();
    browser.sign_in(MARIGOLD, "/").await;
    let session = the_session(&world).await;
    access(&world, &session).await.expect("a token");
    browser.delete("/api/session").await;
    assert!(matches!(access(&world, &session).await, Err(TokenError::Cis2Needed)));
}
