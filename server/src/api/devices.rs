//! Devices of the pharmacy: how one makes itself known, the list, and revoking one that was lost.

use super::body::Body;
use crate::app::App;
use crate::keys;
use crate::problem::Problem;
use crate::session::{self, Staff};
use crate::store::{Device, DeviceKeys, StoreError};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::api::{DeviceRegistration, DeviceView};
use shared::ids::DeviceId;
use shared::people::Permission;
use shared::vault::SealedToServer;
use tower_sessions::Session;
use uuid::Uuid;

const LONGEST_TEXT: usize = 200;

/// Makes this device and the signed-in person's signing key on it known. Safe to repeat.
#[utoipa::path(put, path = "/api/devices/{id}", tag = "devices",
    params(("id" = Uuid, Path, description = "Made by the device when its vault was set up")),
    request_body(description = "`DeviceRegistration`", content = Object),
    responses(
        (status = 204, description = "Known"),
        (status = 409, description = "Of another pharmacy, or revoked"),
        (status = 422, description = "A key that is not one, or sealed to another server's key")))]
pub async fn register(
    app: App,
    session: Session,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(asked): Body<DeviceRegistration>,
) -> Result<StatusCode, Problem> {
    let device = DeviceId(id);
    check(&app, &asked)?;
    let is_new = app.store.device(&device).await?.is_none();
    forget_torn(&app, &device, &asked).await?;
    let keys = DeviceKeys {
        device,
        pharmacy: staff.pharmacy.clone(),
        person: staff.person.id,
        label: asked.label.trim().to_owned(),
        signing_key: asked.signing_key,
        vault: asked.vault,
        key_version: asked.key_version,
        sealed: serde_json::to_string(&asked.sealed).map_err(Problem::internal)?,
        at: app.clock.now(),
    };
    app.store.put_device(&keys).await.map_err(|error| match error {
        StoreError::Conflict => Problem::Conflict(
            "This device belongs to another pharmacy or was removed from this one. Set it up anew."
                .to_owned(),
        ),
        StoreError::Busy(_) | StoreError::Broken(_) => error.into(),
    })?;
    session::name_device(&session, device).await?;
    if is_new {
        app.audit_by(&staff, "device-added", &device.to_string(), "").await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Devices of this pharmacy, newest first.
#[utoipa::path(get, path = "/api/devices", tag = "devices",
    responses((status = 200, description = "List of `DeviceView`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<DeviceView>>, Problem> {
    let devices = app.store.devices(&staff.pharmacy).await?;
    Ok(Json(devices.into_iter().map(view).collect()))
}

/// Revokes a device: its sessions end, and it is told so when it next gets in touch.
#[utoipa::path(delete, path = "/api/devices/{id}", tag = "devices",
    params(("id" = Uuid, Path, description = "Device id")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "Not one of this pharmacy's, or revoked already")))]
pub async fn revoke(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let device = DeviceId(id);
    let now = app.clock.now();
    if !app.store.revoke_device(&staff.pharmacy, &device, now).await? {
        return Err(Problem::NotFound("This device"));
    }
    app.audit_by(&staff, "device-revoked", &device.to_string(), "").await?;
    if let Some(revoked) = app.store.device(&device).await? {
        for person in revoked.people {
            // No listener is no failure: nobody had a live connection.
            let _ = app.ended.send(person.id);
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What the store has already stays, lest a colleague puts another key in its place; unless it opens no longer.
async fn forget_torn(app: &App, device: &DeviceId, asked: &DeviceRegistration) -> Result<(), StoreError> {
    for (vault, key_version, sealed) in app.store.sealed_keys(device).await? {
        let same = vault == asked.vault && key_version == asked.key_version;
        if same && !opens(app, &sealed) {
            app.store.forget_sealed_key(device, &vault, key_version, &sealed).await?;
        }
    }
    Ok(())
}

fn opens(app: &App, sealed: &str) -> bool {
    let sealed: Option<SealedToServer> = serde_json::from_str(sealed).ok();
    sealed.is_some_and(|sealed| keys::open_sealed(&app.server_keys.secret, &sealed).is_some())
}

fn check(app: &App, asked: &DeviceRegistration) -> Result<(), Problem> {
    let point = URL_SAFE_NO_PAD.decode(&asked.signing_key).unwrap_or_default();
    if point.len() != 65 || p256::PublicKey::from_sec1_bytes(&point).is_err() {
        return Err(Problem::Invalid(
            "This device’s signing key cannot be read. Set the device up again.".to_owned(),
        ));
    }
    if asked.sealed.key_id != app.server_keys.id {
        return Err(Problem::Invalid(
            "This vault’s key is sealed to another server. Sign in again so that the device learns this one’s."
                .to_owned(),
        ));
    }
    if keys::open_sealed(&app.server_keys.secret, &asked.sealed).is_none() {
        return Err(Problem::Invalid(
            "This vault’s key does not open here, so it could never be given back. Sign in again.".to_owned(),
        ));
    }
    let sealed = &asked.sealed;
    let fits = [&asked.label, &asked.vault, &sealed.ephemeral, &sealed.sealed]
        .iter()
        .all(|text| !text.trim().is_empty() && text.len() <= LONGEST_TEXT);
    if fits {
        Ok(())
    } else {
        Err(Problem::Invalid("What this device says about itself is empty or too long.".to_owned()))
    }
}

/// A device as *settings* shows it.
pub(super) fn view(device: Device) -> DeviceView {
    DeviceView {
        id: device.id,
        label: device.label,
        people: device.people.iter().map(|person| person.id).collect(),
        people_names: device.people.into_iter().map(|person| person.name).collect(),
        added_at: shared::time::stored(device.added_at),
        seen_at: shared::time::stored(device.seen_at),
        unsent: None,
    }
}
