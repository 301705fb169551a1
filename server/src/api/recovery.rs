//! The ways back when nobody can open a device's vault, or it may not be opened any more (design 6).

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::recovery;
use crate::session::{self, Staff};
use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use shared::api::{DeviceLogAnswer, DeviceStanding, Standing, VaultKeyAnswer, VaultKeyRequest};
use shared::ids::DeviceId;
use shared::people::Permission;
use shared::vault::{LOG_PART_BYTES, SealedLog};
use tower_sessions::Session;
use uuid::Uuid;

/// Largest part of a sealed log that is read: the records of a part and the papers it repeats.
pub const LARGEST_LOG: usize = LOG_PART_BYTES + 1024 * 1024;
/// A key is given only to somebody who has just signed in: a session left open is not enough.
const FRESH: i64 = 5 * 60_000;

/// Whether a device is still wanted. Works without a session, since a locked device must learn it too.
#[utoipa::path(get, path = "/api/device-standing/{device}", tag = "recovery", security(()),
    params(("device" = Uuid, Path, description = "Device id")),
    responses((status = 200, description = "`DeviceStanding`"), (status = 429, description = "Too many tries")))]
pub async fn standing(app: App, Path(id): Path<Uuid>) -> Result<Json<DeviceStanding>, Problem> {
    let device = app.store.device(&DeviceId(id)).await?;
    let standing = match device {
        None => Standing::Unknown,
        Some(device) if device.revoked_at.is_some() => Standing::Revoked,
        Some(_) => Standing::Active,
    };
    Ok(Json(DeviceStanding { standing }))
}

/// Takes a part of a device's sealed log into quarantine. Safe to repeat. Without a session only from a device that
/// was revoked; with one also from a device of the same pharmacy whose vault nobody can open.
#[utoipa::path(post, path = "/api/device-log/{device}", tag = "recovery", security(()),
    params(("device" = Uuid, Path, description = "Device id")),
    request_body(description = "`SealedLog`, binary", content_type = "application/octet-stream", content = Vec<u8>),
    responses(
        (status = 200, description = "`DeviceLogAnswer`"),
        (status = 401, description = "The device is in use: sign in first"),
        (status = 404, description = "Not known here"),
        (status = 409, description = "The vault's key never reached this server"),
        (status = 413, description = "Send it in smaller parts"),
        (status = 422, description = "Not a sealed log of this device")))]
pub async fn log(
    app: App,
    staff: Option<Staff>,
    Path(id): Path<Uuid>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<DeviceLogAnswer>, Problem> {
    let device = app.store.device(&DeviceId(id)).await?.ok_or(Problem::NotFound("This device"))?;
    if device.revoked_at.is_none() {
        let staff = staff.ok_or(Problem::NotSignedIn)?;
        if staff.pharmacy != device.pharmacy {
            return Err(Problem::NotFound("This device"));
        }
    }
    let body = body.map_err(|_| Problem::TooLarge)?;
    let log = SealedLog::from_bytes(&body)
        .map_err(|why| Problem::Invalid(format!("What the device sent cannot be read: {why}.")))?;
    Ok(Json(recovery::take_log(&app, &device, log).await?))
}

/// Gives the vault key back, sealed to the device, for a person whom no wrap on it fits: a lost passkey, a new
/// colleague.
#[utoipa::path(post, path = "/api/devices/{id}/vault-key", tag = "recovery",
    params(("id" = Uuid, Path, description = "Device id")),
    request_body(description = "`VaultKeyRequest`", content = Object),
    responses(
        (status = 200, description = "`VaultKeyAnswer`"),
        (status = 403, description = "The role may not read consultations, or the sign-in is too old"),
        (status = 404, description = "Not a device of this pharmacy in use"),
        (status = 409, description = "Its key never reached this server"),
        (status = 422, description = "Not a public key")))]
pub async fn vault_key(
    app: App,
    session: Session,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(asked): Body<VaultKeyRequest>,
) -> Result<Json<VaultKeyAnswer>, Problem> {
    staff.may(Permission::ReadConsultations)?;
    let signed_in = session::signed_in_at(&session).await?.ok_or(Problem::NotSignedIn)?;
    if app.clock.now() - signed_in > FRESH {
        return Err(Problem::SignInAgain);
    }
    let device = app.store.device(&DeviceId(id)).await?;
    let device = device
        .filter(|device| device.pharmacy == staff.pharmacy && device.revoked_at.is_none())
        .ok_or(Problem::NotFound("This device"))?;
    let keys = recovery::returned(&app, &device.id, &asked.ephemeral).await?;
    let keys = keys.ok_or_else(|| {
        Problem::Invalid(
            "The device asked with a key that cannot be read. Reload the app, then try again.".to_owned(),
        )
    })?;
    if keys.is_empty() {
        return Err(Problem::Conflict(
            "The key of this vault never reached this server, so it cannot be given back.".to_owned(),
        ));
    }
    let subject = device.id.to_string();
    // Whoever had a key there before now opens, as the same person, what that key no longer does: a lost passkey, or
    // somebody who has got hold of another of their passkeys. It must be seen for what it is.
    let known = app.store.signing_keys_in_use(&staff.person.id, &device.id).await?.len() > 1;
    let action = if known { "vault-key-taken-over" } else { "vault-key-returned" };
    app.audit_by(&staff, action, &subject, "").await?;
    Ok(Json(VaultKeyAnswer { keys }))
}
