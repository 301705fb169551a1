//! Who is signed in; signing in with a passkey, with no name asked; signing out.

use super::body::Body;
use crate::app::App;
use crate::cis2;
use crate::problem::Problem;
use crate::session::{self, Ceremony, Staff};
use crate::store::{AuditEntry, Membership, Pharmacy, StoreError, StoredPasskey};
use axum::Json;
use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::api::{CONTACT_LIMIT_HOURS, CeremonyAnswer, Cis2Standing, PersonView, PharmacyView, SessionView};
use shared::ids::{DeviceId, OdsCode, PersonId};
use tower_sessions::Session;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

/// Who is signed in, and what the device must know about the server each time they meet. Works signed out.
#[utoipa::path(get, path = "/api/session", tag = "session", security(()),
    responses((status = 200, description = "`SessionView`; signed out, `person` is null")))]
pub async fn show(app: App, session: Session, staff: Option<Staff>) -> Result<Json<SessionView>, Problem> {
    if let Some(device) = staff.as_ref().and_then(|staff| staff.device) {
        app.store.device_seen(&device, app.clock.now()).await?;
    }
    view(&app, &session, staff.as_ref()).await
}

/// Signs out here. Safe to repeat.
#[utoipa::path(delete, path = "/api/session", tag = "session", security(()),
    responses((status = 204, description = "Signed out")))]
pub async fn end(app: App, session: Session, staff: Option<Staff>) -> Result<StatusCode, Problem> {
    cis2::forget(&app, &session).await?;
    session::sign_out(&session).await?;
    if let Some(staff) = staff {
        app.audit_by(&staff, "signed-out", "", "").await?;
        // No listener is no failure: nobody had a live connection.
        let _ = app.ended.send(staff.person.id);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Begins signing in. The passkey says who it is; no name is asked.
#[utoipa::path(post, path = "/api/session/passkey/start", tag = "session", security(()),
    responses((status = 200, description = "`Ceremony` for `navigator.credentials.get`")))]
pub async fn start(app: App, session: Session) -> Result<Json<shared::api::Ceremony>, Problem> {
    let (challenge, state) = app.webauthn.start_discoverable_authentication().map_err(Problem::internal)?;
    session::begin(&app, &session, Ceremony::SignIn { state }).await?;
    let mut options = serde_json::to_value(challenge).map_err(Problem::internal)?;
    if let Some(options) = options.as_object_mut() {
        // Whether the browser offers passkeys beside a text field is for the screen to say.
        options.remove("mediation");
    }
    Ok(Json(shared::api::Ceremony { options }))
}

/// Signs in: checks what the passkey says and begins a new session.
#[utoipa::path(post, path = "/api/session/passkey/finish", tag = "session", security(()),
    request_body(description = "`CeremonyAnswer`", content = Object),
    responses(
        (status = 200, description = "`SessionView`"),
        (status = 401, description = "The passkey was not accepted"),
        (status = 409, description = "Begun too long ago, or not here")))]
pub async fn finish(
    app: App,
    session: Session,
    Body(answer): Body<CeremonyAnswer>,
) -> Result<Json<SessionView>, Problem> {
    let Ceremony::SignIn { state } = session::take(&app, &session).await? else {
        return Err(Problem::CeremonyExpired);
    };
    let credential: PublicKeyCredential = read_answer(answer)?;
    let id = URL_SAFE_NO_PAD.encode(credential.get_credential_id());
    let Some(stored) = app.store.passkey(&id).await? else {
        return Err(refused(&app, None, "passkey", Problem::PasskeyRefused(None)).await);
    };
    let person = Some(stored.person);
    let owner = credential.get_user_unique_id();
    if owner.is_some_and(|owner| owner != stored.person.as_bytes()) {
        return Err(refused(&app, person, "passkey", Problem::PasskeyRefused(None)).await);
    }
    let mut passkey: Passkey = serde_json::from_str(&stored.passkey).map_err(Problem::internal)?;
    let result = match app.webauthn.finish_discoverable_authentication_v2(&credential, state, &passkey) {
        Ok(result) => result,
        Err(error) => {
            return Err(refused(&app, person, "passkey", Problem::PasskeyRefused(Some(error))).await);
        }
    };
    passkey.update_credential(&result);
    remember_use(&app, &stored, &passkey).await?;

    let works_at = app.store.memberships(&stored.person, app.clock.now()).await?;
    let Some(Membership { pharmacy, .. }) = works_at.into_iter().next() else {
        return Err(refused(&app, person, "passkey", Problem::PasskeyRefused(None)).await);
    };
    session::sign_in(&app, &session, stored.person, pharmacy.clone()).await?;
    signed_in(&app, stored.person, &pharmacy, None, &format!("passkey {id}")).await?;
    signed_in_view(&app, &session, stored.person, &pharmacy).await
}

/// Says in the audit log who signed in, and by what.
pub(super) async fn signed_in(
    app: &App,
    person: PersonId,
    pharmacy: &OdsCode,
    device: Option<DeviceId>,
    by: &str,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        at: app.clock.now(),
        person: Some(person),
        pharmacy: Some(pharmacy.clone()),
        device,
        action: "signed-in".to_owned(),
        subject: by.to_owned(),
        ..AuditEntry::default()
    };
    app.store.record_audit(&entry).await
}

/// Says in the audit log that a sign-in was refused, and answers the problem. `person` is whose key it was, where that is
/// known: then their pharmacy's auditor sees it.
pub(super) async fn refused(app: &App, person: Option<PersonId>, by: &str, problem: Problem) -> Problem {
    let pharmacy = match &person {
        Some(person) => match app.store.memberships(person, app.clock.now()).await {
            Ok(works_at) => works_at.into_iter().next().map(|at| at.pharmacy),
            Err(error) => return error.into(),
        },
        None => None,
    };
    match app.audit(person, pharmacy.as_ref(), "sign-in-refused", by).await {
        Ok(()) => problem,
        Err(error) => error.into(),
    }
}

async fn remember_use(app: &App, stored: &StoredPasskey, passkey: &Passkey) -> Result<(), Problem> {
    let passkey = serde_json::to_string(passkey).map_err(Problem::internal)?;
    Ok(app.store.passkey_used(&stored.credential_id, &passkey, app.clock.now()).await?)
}

/// The authenticator's answer, typed. One that carries the PRF's output is refused: that key must stay on the device.
pub(super) fn read_answer<T: serde::de::DeserializeOwned>(answer: CeremonyAnswer) -> Result<T, Problem> {
    if answer.credential.pointer("/clientExtensionResults/prf/results").is_some()
        || answer.credential.pointer("/extensions/prf/results").is_some()
    {
        return Err(Problem::Invalid(
            "The app sent a key that must stay on your device. Nothing was kept. Update the app.".to_owned(),
        ));
    }
    serde_json::from_value(answer.credential).map_err(|_| Problem::PasskeyRefused(None))
}

/// The answer to every successful sign-in.
pub(super) async fn signed_in_view(
    app: &App,
    session: &Session,
    person: PersonId,
    pharmacy: &OdsCode,
) -> Result<Json<SessionView>, Problem> {
    let role = app.store.role_at(&person, pharmacy, app.clock.now()).await?.ok_or(Problem::NotSignedIn)?;
    let person = app.store.person(&person).await?.ok_or(Problem::NotSignedIn)?;
    let staff = Staff { person, pharmacy: pharmacy.clone(), role, device: None };
    view(app, session, Some(&staff)).await
}

async fn view(app: &App, session: &Session, staff: Option<&Staff>) -> Result<Json<SessionView>, Problem> {
    let mut pharmacies = Vec::new();
    if let Some(staff) = staff {
        let works_at = app.store.memberships(&staff.person.id, app.clock.now()).await?;
        pharmacies
            .extend(works_at.into_iter().map(|at| PharmacyView { ods: at.pharmacy, name: at.pharmacy_name }));
        pharmacies.sort_by_key(|at| at.ods != staff.pharmacy);
    }
    let nonce = app.issue_nonce(staff.map(|staff| staff.person.id), staff.and_then(|staff| staff.device));
    Ok(Json(SessionView {
        person: staff.map(person_view),
        pharmacies,
        epoch: app.epoch(),
        server_nonce: nonce,
        server_time: shared::time::stored(app.clock.now()),
        server_key: app.server_keys.view(),
        demo: app.config.demo,
        contact_limit_hours: contact_limit(app, staff).await?,
        cis2: match staff {
            Some(_) => cis2::standing(app, session).await?,
            None => Cis2Standing { offered: app.cis2.is_some(), present: None },
        },
        has_passkey: match staff {
            Some(staff) => !app.store.passkeys(&staff.person.id).await?.is_empty(),
            None => false,
        },
    }))
}

async fn contact_limit(app: &App, staff: Option<&Staff>) -> Result<u32, Problem> {
    let Some(staff) = staff else { return Ok(CONTACT_LIMIT_HOURS) };
    Ok(app.store.contact_limit(&staff.pharmacy).await?.unwrap_or(CONTACT_LIMIT_HOURS))
}

fn person_view(staff: &Staff) -> PersonView {
    PersonView {
        id: staff.person.id,
        name: staff.person.name.clone(),
        gphc: staff.person.gphc.as_ref().map(ToString::to_string).unwrap_or_default(),
        gphc_checked: staff.person.gphc_checked,
        role: staff.role,
    }
}

pub(super) fn pharmacy_view(pharmacy: Pharmacy) -> PharmacyView {
    PharmacyView { ods: pharmacy.ods, name: pharmacy.name }
}
