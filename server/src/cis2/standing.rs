//! What a session has proved by CIS2, for how long, and its end. Tokens are sealed: a stolen database gives nobody one.

use super::checks::Proof;
use super::{Cis2, LOCUM};
use crate::app::{App, random_text};
use crate::problem::Problem;
use crate::session::{self, SignedIn};
use crate::store::{Cis2SignIn, StoreError, Subject};
use serde::{Deserialize, Serialize};
use shared::api::{Cis2Standing, Cis2View};
use shared::ids::PersonId;
use shared::time::Millis;
use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use tower_sessions::Session;
use webauthn_rs::prelude::Url;

/// Key of the handle in the session's data.
const HANDLE: &str = "cis2";
/// After this long both factors are asked for again, at AAL2 and at AAL3 (NIST SP 800-63B, which the CIS2 guidance
/// follows). The API platform refreshes a healthcare worker's tokens for the same twelve hours. Locking an idle screen
/// is the app's work: it does so within minutes.
const COUNTS_FOR: Millis = 12 * 3_600_000;

/// What is sealed with a sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Held {
    pub level: u8,
    /// In words.
    pub role: String,
    /// Role profile, for `NHSD-Session-URID`.
    pub role_id: String,
    /// Staff group, sub-group and job role; empty in a sign-in of before it was kept.
    #[serde(default)]
    pub job_role: String,
    /// ODS code of the role.
    pub organisation: String,
    pub id_token: String,
    pub id_token_until: Millis,
    /// What the API platform gave for it.
    pub tokens: Option<WorkerTokens>,
}

/// A healthcare worker's tokens at the API platform.
#[derive(Clone, Serialize, Deserialize)]
pub struct WorkerTokens {
    pub access: String,
    pub until: Millis,
    /// Good once.
    pub refresh: Option<String>,
    pub refresh_until: Millis,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("level", &self.level).finish_non_exhaustive()
    }
}

impl Held {
    pub fn seal(&self, app: &App, handle: &str) -> Vec<u8> {
        let plain = serde_json::to_vec(self).expect("text and numbers serialise");
        app.server_keys.at_rest.seal(&place(handle), &plain)
    }
}

fn place(handle: &str) -> String {
    format!("cis2/{handle}")
}

/// Notes a sign-in and lets the session name it.
pub async fn keep(
    app: &App,
    session: &Session,
    of: Subject,
    proof: &Proof,
    person: PersonId,
    began: bool,
    held: Held,
) -> Result<(), Problem> {
    forget(app, session).await?;
    let handle = random_text();
    let sealed = held.seal(app, &handle);
    let sign_in = Cis2SignIn {
        handle: handle.clone(),
        of,
        sid: proof.sid.clone(),
        person,
        signed_in_at: app.clock.now(),
        until: proof.auth_time + COUNTS_FOR,
        began,
        sealed,
    };
    app.store.put_cis2_sign_in(&sign_in).await?;
    session.insert(HANDLE, handle).await?;
    Ok(())
}

/// Takes the CIS2 part out of a session and its tokens out of the store.
pub async fn forget(app: &App, session: &Session) -> Result<(), Problem> {
    if let Some(handle) = session.remove::<String>(HANDLE).await? {
        app.store.delete_cis2_sign_in(&handle).await?;
    }
    Ok(())
}

/// Whether the session itself was begun by the CIS2 sign-in it names, and so ends with it.
pub async fn began_session(app: &App, session: &Session) -> Result<bool, Problem> {
    let Some(handle) = session.get::<String>(HANDLE).await? else { return Ok(false) };
    Ok(app.store.cis2_sign_in(&handle, app.clock.now()).await?.is_some_and(|sign_in| sign_in.began))
}

/// The handle in a session's data, for the column beside it.
pub fn handle_in<S: BuildHasher>(data: &HashMap<String, serde_json::Value, S>) -> Option<String> {
    data.get(HANDLE)?.as_str().map(str::to_owned)
}

/// The sign-in of a session while it counts: of the person who is signed in, and for the pharmacy they are at.
pub async fn held(app: &App, session: &Session) -> Result<Option<(Cis2SignIn, Held)>, Problem> {
    let Some(handle) = session.get::<String>(HANDLE).await? else { return Ok(None) };
    let Some(signed_in) = session::signed_in(session).await? else { return Ok(None) };
    let Some(sign_in) = app.store.cis2_sign_in(&handle, app.clock.now()).await? else { return Ok(None) };
    let held = read(app, &sign_in)?;
    Ok(counts(&sign_in, &held, &signed_in).then_some((sign_in, held)))
}

/// Reads a sign-in anew.
pub async fn reread(app: &App, handle: &str) -> Result<Option<Held>, Problem> {
    let sign_in = app.store.cis2_sign_in(handle, app.clock.now()).await?;
    Ok(sign_in.map(|sign_in| read(app, &sign_in)).transpose()?)
}

/// A role is of one organisation: gone to another pharmacy, a person has proved nothing for it yet.
fn counts(sign_in: &Cis2SignIn, held: &Held, signed_in: &SignedIn) -> bool {
    let here = held.organisation == signed_in.pharmacy.as_str() || held.organisation == LOCUM;
    sign_in.person == signed_in.person && here
}

#[derive(Debug, thiserror::Error)]
#[error("a sign-in with CIS2 was sealed with another secret, or is damaged")]
struct NotSealedByUs;

fn read(app: &App, sign_in: &Cis2SignIn) -> Result<Held, StoreError> {
    let plain = app.server_keys.at_rest.open(&place(&sign_in.handle), &sign_in.sealed);
    let plain = plain.ok_or_else(|| StoreError::broken(NotSealedByUs))?;
    serde_json::from_slice(&plain).map_err(StoreError::broken)
}

/// What the device is told.
pub async fn standing(app: &App, session: &Session) -> Result<Cis2Standing, Problem> {
    let offered = app.cis2.is_some();
    if !offered {
        return Ok(Cis2Standing::default());
    }
    let present = held(app, session).await?.map(|(sign_in, held)| Cis2View {
        level: held.level,
        until: shared::time::stored(sign_in.until),
        role: held.role,
        organisation: held.organisation,
    });
    Ok(Cis2Standing { offered, present })
}

/// Where the browser goes to end the session at the provider too; `None` where CIS2 had no part in this one, or is away.
pub async fn end_address(app: &App, cis2: &Cis2, session: &Session) -> Result<Option<String>, Problem> {
    let Some(handle) = session.get::<String>(HANDLE).await? else { return Ok(None) };
    let Some(held) = reread(app, &handle).await? else { return Ok(None) };
    let Ok(metadata) = cis2.provider.metadata(app.clock.now()).await else { return Ok(None) };
    let end = metadata.additional_metadata().end_session_endpoint.as_ref();
    let Some(mut end) = end.and_then(|end| end.parse::<Url>().ok()) else { return Ok(None) };
    end.query_pairs_mut()
        .append_pair("id_token_hint", &held.id_token)
        .append_pair("client_id", &cis2.settings.client_id)
        .append_pair("post_logout_redirect_uri", &format!("{}/", app.config.origin_text()));
    Ok(Some(end.to_string()))
}
