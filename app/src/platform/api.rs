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
    InvitationView, NewInvitation, PasskeyView, PushAnswer, SessionView, StaffView, VaultKeyAnswer,
    VaultKeyRequest, WorkAt,
};
use shared::ids::{ConsultationId, DeviceId, OdsCode, PersonId};
use shared::people::Role;
use shared::sync::frame::PullFrame;

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

pub async fn invite(satchel: Satchel, role: Role, access_ends: String) -> Result<InvitationLink, Trouble> {
    http::post(satchel, "/api/invitations", &NewInvitation { role, access_ends }).await
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

/// Everybody who works at this pharmacy.
pub async fn people(satchel: Satchel) -> Result<Vec<StaffView>, Trouble> {
    http::get(satchel, "/api/people").await
}

/// Ends somebody's work at this pharmacy.
pub async fn remove_person(satchel: Satchel, person: PersonId) -> Result<(), Trouble> {
    http::delete(satchel, &format!("/api/people/{person}")).await
}

/// Asks for the server's sealed copy of the vault key, sealed to a key made for this alone.
pub async fn vault_key(
    satchel: Satchel,
    device: DeviceId,
    request: &VaultKeyRequest,
) -> Result<VaultKeyAnswer, Trouble> {
    http::post(satchel, &format!("/api/devices/{device}/vault-key"), request).await
}

/// Uses an enrolment link for somebody who is signed in; the session is then at the link's pharmacy.
pub async fn join(satchel: Satchel, token: &str) -> Result<SessionView, Trouble> {
    http::post(satchel, "/api/enrolment/join", &json!({ "token": token })).await
}

/// Takes the session to another pharmacy of the person who is signed in.
pub async fn work_at(satchel: Satchel, pharmacy: &OdsCode) -> Result<SessionView, Trouble> {
    http::post(satchel, "/api/session/pharmacy", &WorkAt { pharmacy: pharmacy.clone() }).await
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
    make_passkey(satchel, &js::random::<32>()).await.map(drop)
}

/// Makes a passkey for whoever is signed in, asking for the PRF of `prf_input` on the way.
pub async fn make_passkey(satchel: Satchel, prf_input: &[u8]) -> Result<passkey::Made, Trouble> {
    let ceremony: Ceremony = http::post(satchel, "/api/passkeys/start", &json!({})).await?;
    let made = passkey::make(ceremony.options, prf_input).await?;
    let answer = CeremonyAnswer { credential: made.answer.clone() };
    http::post::<Value>(satchel, "/api/passkeys/finish", &answer).await?;
    Ok(made)
}

/// From the worker.
pub async fn push(frame: &[u8]) -> Result<PushAnswer, Trouble> {
    http::post_bytes_quietly("/api/sync/push", frame).await
}

/// From the worker.
pub async fn heads(held: &HeadsRequest) -> Result<HeadsAnswer, Trouble> {
    http::post_quietly("/api/sync/heads", held).await
}

/// From the worker.
pub async fn pull(after: u64) -> Result<http::Stream, Trouble> {
    http::Stream::open(&format!("/api/sync/pull?after={after}")).await
}

/// One document whole, as a pull frame; from the worker.
pub async fn whole(id: ConsultationId) -> Result<PullFrame, Trouble> {
    let bytes = http::get_bytes_quietly(&format!("/api/sync/document/{id}")).await?;
    PullFrame::from_bytes(&bytes).map_err(|_| Trouble::StrangeAnswer)
}
