//! A healthcare worker's token: exchanged for their CIS2 sign-in, kept with it, renewed by one caller at a time.
//!
//! A refresh token is good once. Two who used it at once would both lose it, on one server or on two, so whoever renews
//! takes a turn in the database; the others wait and read what came of it.

use super::client::Client;
use super::errors::{Later, TokenError};
use super::wire::{TokenAnswer, ends};
use super::{RENEWED_BEFORE, WorkerAccess};
use crate::app::App;
use crate::cis2::{self, Held, WorkerTokens};
use crate::problem::Problem;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use shared::time::Millis;
use std::time::Duration;
use tower_sessions::Session;

/// Longer than any request may take, so that a turn ends by itself only where its server died.
const TURN: Millis = 40_000;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How often a waiting caller looks before it gives up; about as long as a request may take.
const LOOKS: u32 = 400;

/// The token of whoever is signed in with CIS2 in this session.
pub async fn access(client: &Client, app: &App, session: &Session) -> Result<WorkerAccess, TokenError> {
    let (sign_in, held) = cis2::held(app, session).await.map_err(ours)?.ok_or(TokenError::Cis2Needed)?;
    if let Some(access) = good(&held, app.clock.now()) {
        return Ok(access);
    }
    for _ in 0..LOOKS {
        let now = app.clock.now();
        if app.store.take_cis2_turn(&sign_in.handle, now, now + TURN).await.map_err(TokenError::away)? {
            return renewed(client, app, &sign_in.handle).await;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
        let held = cis2::reread(app, &sign_in.handle).await.map_err(ours)?.ok_or(TokenError::Cis2Needed)?;
        if let Some(access) = good(&held, now) {
            return Ok(access);
        }
    }
    Err(TokenError::away(Later(StatusCode::REQUEST_TIMEOUT)))
}

/// With the turn taken: looks once more, renews, and gives the turn back whatever came of it.
async fn renewed(client: &Client, app: &App, handle: &str) -> Result<WorkerAccess, TokenError> {
    let result = renew(client, app, handle).await;
    let sealed = result.as_ref().ok().map(|held| held.seal(app, handle));
    app.store.end_cis2_turn(handle, sealed.as_deref()).await.map_err(TokenError::away)?;
    let held = result?;
    good(&held, app.clock.now()).ok_or(TokenError::Cis2Needed)
}

async fn renew(client: &Client, app: &App, handle: &str) -> Result<Held, TokenError> {
    let now = app.clock.now();
    let mut held = cis2::reread(app, handle).await.map_err(ours)?.ok_or(TokenError::Cis2Needed)?;
    if good(&held, now).is_some() {
        return Ok(held);
    }
    let refresh = held.tokens.as_ref().filter(|tokens| now < tokens.refresh_until);
    let refreshed = match refresh.and_then(|tokens| tokens.refresh.as_deref()) {
        Some(refresh) => client.refreshed(refresh).await,
        None => Err(TokenError::Cis2Needed),
    };
    let answer = match refreshed {
        // The sign-in itself may be fresh enough still for another exchange.
        Err(TokenError::Cis2Needed) if now < held.id_token_until => {
            client.exchanged(&held.id_token, now).await
        }
        other => other,
    };
    held.tokens = Some(kept(&answer?, now));
    Ok(held)
}

fn kept(answer: &TokenAnswer, now: Millis) -> WorkerTokens {
    WorkerTokens {
        access: answer.access_token.expose_secret().to_owned(),
        until: ends(now, answer.expires_in),
        refresh: answer.refresh_token.as_ref().map(|token| token.expose_secret().to_owned()),
        refresh_until: ends(now, answer.refresh_token_expires_in),
    }
}

fn good(held: &Held, now: Millis) -> Option<WorkerAccess> {
    let tokens = held.tokens.as_ref().filter(|tokens| now < tokens.until - RENEWED_BEFORE)?;
    Some(WorkerAccess {
        token: SecretString::from(tokens.access.clone()),
        role_id: held.role_id.clone(),
        job_role: held.job_role.clone(),
    })
}

/// Of our own session or database: it may be otherwise in a moment.
fn ours(problem: Problem) -> TokenError {
    TokenError::away(problem)
}
