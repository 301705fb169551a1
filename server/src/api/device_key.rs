//! Signing in with a device's own key, for browsers without passkeys and for sessions that ended while it was away.
//!
//! The key's private half is wrapped in the vault; using it proves that the vault has just been opened.

use super::body::Body;
use super::enrolment::{enrolled, full_name, gphc_for};
use super::session::{refused, signed_in, signed_in_view};
use crate::app::{App, random_text};
use crate::problem::Problem;
use crate::session::{self, Ceremony};
use crate::store::{DeviceKey, Enrolment, Person};
use axum::Json;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use shared::api::{
    DeviceKeyChallenge, DeviceKeyEnrolment, DeviceKeySignIn, DeviceKeySignInStart, SessionView,
};
use shared::authorship::{device_enrolment_statement, device_sign_in_statement};
use shared::ids::PersonId;
use tower_sessions::Session;
use uuid::Uuid;

/// Enrols where the platform has no passkeys at all: the device's key stands in.
#[utoipa::path(post, path = "/api/enrolment/device-key", tag = "enrolment", security(()),
    request_body(description = "`DeviceKeyEnrolment`", content = Object),
    responses(
        (status = 200, description = "`SessionView`"),
        (status = 401, description = "The signature does not hold"),
        (status = 404, description = "Used, withdrawn or mistyped"),
        (status = 410, description = "Expired"),
        (status = 422, description = "The name is empty, or the GPhC number does not fit the role")))]
pub async fn enrol(
    app: App,
    session: Session,
    Body(asked): Body<DeviceKeyEnrolment>,
) -> Result<Json<SessionView>, Problem> {
    let invitation = session::invitation(&app, &asked.token).await?;
    let name = full_name(&asked.name)?;
    let gphc = gphc_for(invitation.role, &asked.gphc)?;
    let statement = device_enrolment_statement(&asked.token, &asked.device, &asked.signing_key);
    if !holds(&asked.signing_key, &statement, &asked.signature) {
        return Err(Problem::PasskeyRefused(None));
    }
    let enrolment = Enrolment {
        token_hash: invitation.token_hash,
        person: Person { id: PersonId(Uuid::new_v4()), name, gphc, gphc_checked: false },
        passkey: None,
        device_key: Some(DeviceKey { device: asked.device, key: asked.signing_key }),
        at: app.clock.now(),
    };
    enrolled(&app, &session, enrolment).await
}

/// Begins signing in with a device's key.
#[utoipa::path(post, path = "/api/session/device-key/start", tag = "session", security(()),
    request_body(description = "`DeviceKeySignInStart`", content = Object),
    responses((status = 200, description = "`DeviceKeyChallenge`")))]
pub async fn start(
    app: App,
    session: Session,
    Body(asked): Body<DeviceKeySignInStart>,
) -> Result<Json<DeviceKeyChallenge>, Problem> {
    let challenge = random_text();
    let ceremony =
        Ceremony::DeviceKey { person: asked.person, device: asked.device, challenge: challenge.clone() };
    session::begin(&app, &session, ceremony).await?;
    Ok(Json(DeviceKeyChallenge { challenge }))
}

/// Signs in: the person's key on a device that nobody has revoked.
#[utoipa::path(post, path = "/api/session/device-key/finish", tag = "session", security(()),
    request_body(description = "`DeviceKeySignIn`", content = Object),
    responses(
        (status = 200, description = "`SessionView`"),
        (status = 401, description = "The signature does not hold, or the device or the person was removed"),
        (status = 409, description = "Begun too long ago, or not here")))]
pub async fn finish(
    app: App,
    session: Session,
    Body(answer): Body<DeviceKeySignIn>,
) -> Result<Json<SessionView>, Problem> {
    let Ceremony::DeviceKey { person, device, challenge } = session::take(&app, &session).await? else {
        return Err(Problem::CeremonyExpired);
    };
    if (answer.person, answer.device, &answer.challenge) != (person, device, &challenge) {
        return Err(refused(&app, None, "device-key", Problem::PasskeyRefused(None)).await);
    }
    let statement = device_sign_in_statement(&person, &device, &challenge);
    let keys = app.store.signing_keys_in_use(&person, &device).await?;
    let found = keys.into_iter().find(|(key, _)| holds(key, &statement, &answer.signature));
    let found = match found {
        Some((_, pharmacy)) => {
            let role = app.store.role_at(&person, &pharmacy, app.clock.now()).await?;
            role.map(|_| pharmacy)
        }
        None => None,
    };
    let Some(pharmacy) = found else {
        // Whom the device names has shown nothing; they are named where they exist, so that they can be warned.
        let known = app.store.person(&person).await?.map(|person| person.id);
        return Err(refused(&app, known, "device-key", Problem::PasskeyRefused(None)).await);
    };
    session::sign_in(&app, &session, person, pharmacy.clone()).await?;
    session::name_device(&session, device).await?;
    signed_in(&app, person, &pharmacy, Some(device), "device-key").await?;
    signed_in_view(&app, &session, person, &pharmacy).await
}

/// Is this the key's signature over the statement? Key and signature as base64url text.
fn holds(key: &str, statement: &[u8], signature: &str) -> bool {
    let read = || {
        let key = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key).ok()?).ok()?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        key.verify(statement, &signature).ok()
    };
    read().is_some()
}
