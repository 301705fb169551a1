//! A person's own passkeys: list, add one more, remove one (never the last).

use super::body::Body;
use super::devices::label;
use super::session::read_answer;
use crate::app::App;
use crate::problem::Problem;
use crate::session::{self, Ceremony, Staff};
use crate::store::{StoreError, StoredPasskey};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::api::{CeremonyAnswer, NewLabel, PasskeyView};
use shared::ids::PersonId;
use tower_sessions::Session;
use webauthn_rs::prelude::{CredentialID, Passkey, PasskeyRegistration};

/// The signed-in person's passkeys, oldest first.
#[utoipa::path(get, path = "/api/passkeys", tag = "passkeys",
    responses((status = 200, description = "List of `PasskeyView`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<PasskeyView>>, Problem> {
    let passkeys = app.store.passkeys(&staff.person.id).await?;
    Ok(Json(passkeys.iter().map(view).collect()))
}

/// Begins adding a passkey, for instance on a second device.
#[utoipa::path(post, path = "/api/passkeys/start", tag = "passkeys",
    responses((status = 200, description = "`Ceremony` for `navigator.credentials.create`")))]
pub async fn start(app: App, session: Session, staff: Staff) -> Result<Json<shared::api::Ceremony>, Problem> {
    let known = app.store.passkeys(&staff.person.id).await?;
    let known: Vec<CredentialID> =
        known.iter().filter_map(|passkey| URL_SAFE_NO_PAD.decode(&passkey.credential_id).ok()).collect();
    let person = staff.person.id;
    let (options, state) = ask_for_a_passkey(&app, person, &staff.person.name, &known)?;
    session::begin(&app, &session, Ceremony::AddPasskey { person, state }).await?;
    Ok(Json(options))
}

/// Adds the passkey.
#[utoipa::path(post, path = "/api/passkeys/finish", tag = "passkeys",
    request_body(description = "`CeremonyAnswer`", content = Object),
    responses(
        (status = 200, description = "`PasskeyView`"),
        (status = 401, description = "Not signed in, or the passkey was not accepted"),
        (status = 409, description = "Known already, or begun too long ago")))]
pub async fn finish(
    app: App,
    session: Session,
    staff: Staff,
    Body(answer): Body<CeremonyAnswer>,
) -> Result<Json<PasskeyView>, Problem> {
    let Ceremony::AddPasskey { person, state } = session::take(&app, &session).await? else {
        return Err(Problem::CeremonyExpired);
    };
    if person != staff.person.id {
        return Err(Problem::CeremonyExpired);
    }
    let passkey = app
        .webauthn
        .finish_passkey_registration(&read_answer(answer)?, &state)
        .map_err(|error| Problem::PasskeyRefused(Some(error)))?;
    let stored = passkey_to_store(&app, person, &passkey)?;
    app.store.add_passkey(&stored).await?;
    app.audit_by(&staff, "passkey-added", &stored.credential_id, "").await?;
    Ok(Json(view(&stored)))
}

/// Gives one of one's own passkeys a name.
#[utoipa::path(put, path = "/api/passkeys/{id}", tag = "passkeys",
    params(("id" = String, Path, description = "Credential id, base64url")),
    request_body(description = "`NewLabel`", content = Object),
    responses(
        (status = 204, description = "Named"),
        (status = 404, description = "Not one of yours"),
        (status = 422, description = "Empty, or longer than 60 characters")))]
pub async fn rename(
    app: App,
    staff: Staff,
    Path(id): Path<String>,
    Body(asked): Body<NewLabel>,
) -> Result<StatusCode, Problem> {
    let label = label(&asked)?;
    if !app.store.name_passkey(&staff.person.id, &id, &label).await? {
        return Err(Problem::NotFound("This passkey"));
    }
    app.audit_by(&staff, "passkey-renamed", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether somebody without any passkey could still sign in: by CIS2 that knows them, or with a key that they wrapped with
/// a passphrase when they enrolled. Any other device key is opened with the very passkey that would be gone.
async fn has_another_way_in(app: &App, person: &PersonId) -> Result<bool, StoreError> {
    if let Some(cis2) = &app.cis2
        && app.store.is_linked_to_cis2(person, &cis2.settings.issuer).await?
    {
        return Ok(true);
    }
    app.store.has_stand_in_key(person).await
}

/// Removes one of one's own passkeys. The last one stays where there is no other way in: nobody locks themselves out by
/// accident.
#[utoipa::path(delete, path = "/api/passkeys/{id}", tag = "passkeys",
    params(("id" = String, Path, description = "Credential id, base64url")),
    responses(
        (status = 204, description = "Removed"),
        (status = 409, description = "It is the last one"),
        (status = 404, description = "Not one of yours")))]
pub async fn remove(app: App, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let mine = app.store.passkeys(&staff.person.id).await?;
    if !mine.iter().any(|passkey| passkey.credential_id == id) {
        return Err(Problem::NotFound("This passkey"));
    }
    let even_the_last = has_another_way_in(&app, &staff.person.id).await?;
    if !app.store.remove_passkey(&staff.person.id, &id, even_the_last).await? {
        return Err(Problem::Conflict(
            "This is your only passkey. Add another one first, or you could not sign in again.".to_owned(),
        ));
    }
    app.audit_by(&staff, "passkey-removed", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Options for a passkey that can be found without a name and asks for finger, face or PIN.
pub(super) fn ask_for_a_passkey(
    app: &App,
    person: PersonId,
    name: &str,
    known: &[CredentialID],
) -> Result<(shared::api::Ceremony, PasskeyRegistration), Problem> {
    let known = (!known.is_empty()).then(|| known.to_vec());
    let (challenge, state) =
        app.webauthn.start_passkey_registration(person.0, name, name, known).map_err(Problem::internal)?;
    let mut options = serde_json::to_value(challenge).map_err(Problem::internal)?;
    require_discoverable(&mut options);
    Ok((shared::api::Ceremony { options }, state))
}

/// webauthn-rs asks for `residentKey: discouraged`; signing in without a name needs the opposite.
fn require_discoverable(options: &mut Value) {
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = json!("required");
    selection["requireResidentKey"] = json!(true);
    selection["userVerification"] = json!("required");
    // Which model of phone somebody has is none of our business.
    options["publicKey"]["attestation"] = json!("none");
}

pub(super) fn passkey_to_store(
    app: &App,
    person: PersonId,
    passkey: &Passkey,
) -> Result<StoredPasskey, Problem> {
    let now = app.clock.now();
    Ok(StoredPasskey {
        credential_id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        person,
        label: format!("Passkey of {}", shared::time::written_date(shared::time::day(now))),
        passkey: serde_json::to_string(passkey).map_err(Problem::internal)?,
        added_at: now,
        used_at: None,
    })
}

fn view(passkey: &StoredPasskey) -> PasskeyView {
    PasskeyView {
        id: passkey.credential_id.clone(),
        label: passkey.label.clone(),
        added_at: shared::time::stored(passkey.added_at),
        used_at: passkey.used_at.map(shared::time::stored).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_can_be_found_without_a_name() {
        let mut options =
            json!({ "publicKey": { "authenticatorSelection": { "residentKey": "discouraged" } } });
        require_discoverable(&mut options);
        assert_eq!(options["publicKey"]["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["publicKey"]["attestation"], "none");
    }
}
