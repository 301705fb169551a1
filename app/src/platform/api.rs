//! The server's doors, by name. Bodies are `shared::api`; nothing here decides anything.

use super::http;
use super::js;
use super::passkey;
use super::trouble::Trouble;
use crate::state::Satchel;
use serde_json::{Value, json};
use shared::api::{
    Ceremony, CeremonyAnswer, DeviceKeyChallenge, DeviceKeyEnrolment, DeviceKeySignIn, DeviceKeySignInStart,
    DeviceRegistration, DeviceView, EnrolmentStart, HeadsAnswer, HeadsRequest, InvitationLink,
    InvitationView, NewInvitation, PasskeyView, PushAnswer, SessionView,
};
use shared::ids::DeviceId;
use shared::people::Role;

pub async fn session(satchel: Satchel) -> Result<SessionView, Trouble> {
    http::get(satchel, "/api/session").await
}

pub async fn end_session(satchel: Satchel) -> Result<(), Trouble> {
    http::delete(satchel, "/api/session").await
}

/// What an enrolment link offers. The token goes in the body: addresses end up in logs.
pub async fn look_at_invitation(satchel: Satchel, token: &str) -> Result<InvitationView, Trouble> {
    http::post(satchel, "/api/enrolment/look", &json!({ "token": token })).await
}

pub async fn invite(satchel: Satchel, role: Role) -> Result<InvitationLink, Trouble> {
    http::post(satchel, "/api/invitations", &NewInvitation { role }).await
}

pub async fn start_enrolment(satchel: Satchel, start: &EnrolmentStart) -> Result<Ceremony, Trouble> {
    http::post(satchel, "/api/enrolment/start", start).await
}

pub async fn finish_enrolment(satchel: Satchel, credential: Value) -> Result<SessionView, Trouble> {
    http::post(satchel, "/api/enrolment/finish", &CeremonyAnswer { credential }).await
}

pub async fn enrol_device_key(
    satchel: Satchel,
    enrolment: &DeviceKeyEnrolment,
) -> Result<SessionView, Trouble> {
    http::post(satchel, "/api/enrolment/device-key", enrolment).await
}

pub async fn start_passkey_sign_in(satchel: Satchel) -> Result<Ceremony, Trouble> {
    http::post(satchel, "/api/session/passkey/start", &json!({})).await
}

pub async fn finish_passkey_sign_in(satchel: Satchel, credential: Value) -> Result<SessionView, Trouble> {
    http::post(satchel, "/api/session/passkey/finish", &CeremonyAnswer { credential }).await
}

pub async fn start_device_key_sign_in(
    satchel: Satchel,
    start: &DeviceKeySignInStart,
) -> Result<DeviceKeyChallenge, Trouble> {
    http::post(satchel, "/api/session/device-key/start", start).await
}

pub async fn finish_device_key_sign_in(
    satchel: Satchel,
    answer: &DeviceKeySignIn,
) -> Result<SessionView, Trouble> {
    http::post(satchel, "/api/session/device-key/finish", answer).await
}

pub async fn register_device(
    satchel: Satchel,
    device: DeviceId,
    registration: &DeviceRegistration,
) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/devices/{device}"), registration).await
}

pub async fn devices(satchel: Satchel) -> Result<Vec<DeviceView>, Trouble> {
    http::get(satchel, "/api/devices").await
}

pub async fn revoke_device(satchel: Satchel, device: DeviceId) -> Result<(), Trouble> {
    http::delete(satchel, &format!("/api/devices/{device}")).await
}

pub async fn passkeys(satchel: Satchel) -> Result<Vec<PasskeyView>, Trouble> {
    http::get(satchel, "/api/passkeys").await
}

pub async fn remove_passkey(satchel: Satchel, id: &str) -> Result<(), Trouble> {
    http::delete(satchel, &format!("/api/passkeys/{id}")).await
}

/// Makes another passkey for signing in to the server.
pub async fn add_passkey(satchel: Satchel) -> Result<(), Trouble> {
    let ceremony: Ceremony = http::post(satchel, "/api/passkeys/start", &json!({})).await?;
    let made = passkey::make(ceremony.options, &js::random::<32>()).await?;
    let answer = CeremonyAnswer { credential: made.answer };
    http::post::<Value>(satchel, "/api/passkeys/finish", &answer).await.map(drop)
}

pub async fn push(satchel: Satchel, frame: &[u8]) -> Result<PushAnswer, Trouble> {
    http::post_bytes(satchel, "/api/sync/push", frame).await
}

pub async fn heads(satchel: Satchel, held: &HeadsRequest) -> Result<HeadsAnswer, Trouble> {
    http::post(satchel, "/api/sync/heads", held).await
}

pub async fn pull(satchel: Satchel, after: u64) -> Result<http::Stream, Trouble> {
    http::Stream::open(satchel, &format!("/api/sync/pull?after={after}")).await
}
