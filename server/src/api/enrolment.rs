//! Enrolling with a one-time link: what it offers, the name and GPhC number, the first passkey.

use super::body::Body;
use super::passkeys::{ask_for_a_passkey, passkey_to_store};
use super::session::{pharmacy_view, read_answer, signed_in_view};
use crate::app::App;
use crate::problem::Problem;
use crate::register::{self, Standing};
use crate::session::{self, Ceremony, Staff};
use crate::store::{AuditEntry, Enrolment, InvitationUse, Person};
use axum::Json;
use shared::api::{CeremonyAnswer, EnrolmentLook, EnrolmentStart, InvitationView, SessionView};
use shared::ids::{GphcNumber, PersonId};
use shared::people::Role;
use tower_sessions::Session;
use uuid::Uuid;

const LONGEST_NAME: usize = 100;

/// What a link offers, before anything is typed.
#[utoipa::path(post, path = "/api/enrolment/look", tag = "enrolment", security(()),
    request_body(description = "`EnrolmentLook`", content = Object),
    responses(
        (status = 200, description = "`InvitationView`"),
        (status = 404, description = "Used, withdrawn or mistyped"),
        (status = 410, description = "Expired")))]
pub async fn look(app: App, Body(asked): Body<EnrolmentLook>) -> Result<Json<InvitationView>, Problem> {
    let invitation = session::invitation(&app, &asked.token).await?;
    let pharmacy = app.pharmacy(&invitation.pharmacy).await?;
    Ok(Json(InvitationView {
        pharmacy: pharmacy_view(pharmacy),
        role: invitation.role,
        expires_at: shared::time::stored(invitation.expires_at),
    }))
}

/// Begins an enrolment: checks name and number, asks for a passkey.
#[utoipa::path(post, path = "/api/enrolment/start", tag = "enrolment", security(()),
    request_body(description = "`EnrolmentStart`", content = Object),
    responses(
        (status = 200, description = "`Ceremony` for `navigator.credentials.create`"),
        (status = 404, description = "Used, withdrawn or mistyped"),
        (status = 410, description = "Expired"),
        (status = 422, description = "The name is empty, or the GPhC number does not fit the role")))]
pub async fn start(
    app: App,
    session: Session,
    Body(asked): Body<EnrolmentStart>,
) -> Result<Json<shared::api::Ceremony>, Problem> {
    let invitation = session::invitation(&app, &asked.token).await?;
    let name = full_name(&asked.name)?;
    let gphc = gphc_for(invitation.role, &asked.gphc)?;
    registered(&app, gphc.as_ref(), &name).await?;
    let person = PersonId(Uuid::new_v4());
    let (options, state) = ask_for_a_passkey(&app, person, &name, &[])?;
    let token_hash = invitation.token_hash;
    session::begin(&app, &session, Ceremony::Enrol { token_hash, person, name, gphc, state }).await?;
    Ok(Json(options))
}

/// Enrols: person, role and passkey are stored at once, the link is used up, and they are signed in.
#[utoipa::path(post, path = "/api/enrolment/finish", tag = "enrolment", security(()),
    request_body(description = "`CeremonyAnswer`", content = Object),
    responses(
        (status = 200, description = "`SessionView`"),
        (status = 401, description = "The passkey was not accepted"),
        (status = 404, description = "The link was used in the meantime"),
        (status = 409, description = "Begun too long ago, or not here")))]
pub async fn finish(
    app: App,
    session: Session,
    Body(answer): Body<CeremonyAnswer>,
) -> Result<Json<SessionView>, Problem> {
    let Ceremony::Enrol { token_hash, person, name, gphc, state } = session::take(&app, &session).await?
    else {
        return Err(Problem::CeremonyExpired);
    };
    let passkey = app
        .webauthn
        .finish_passkey_registration(&read_answer(answer)?, &state)
        .map_err(|error| Problem::PasskeyRefused(Some(error)))?;
    let enrolment = Enrolment {
        token_hash,
        person: Person { id: person, name, gphc, gphc_checked: false },
        passkey: Some(passkey_to_store(&app, person, &passkey)?),
        device_key: None,
        at: app.clock.now(),
    };
    enrolled(&app, &session, enrolment).await
}

/// Joins a further pharmacy: somebody who is signed in, as with their passkey just now, uses a link for themselves.
/// The session is then at that pharmacy.
#[utoipa::path(post, path = "/api/enrolment/join", tag = "enrolment",
    request_body(description = "`EnrolmentLook`", content = Object),
    responses(
        (status = 200, description = "`SessionView` at the pharmacy of the link"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "Used, withdrawn or mistyped"),
        (status = 410, description = "Expired"),
        (status = 422, description = "Their GPhC number does not fit the role")))]
pub async fn join(
    app: App,
    session: Session,
    staff: Staff,
    Body(asked): Body<EnrolmentLook>,
) -> Result<Json<SessionView>, Problem> {
    let invitation = session::invitation(&app, &asked.token).await?;
    let person = &staff.person;
    gphc_for(invitation.role, person.gphc.as_ref().map(GphcNumber::as_str).unwrap_or_default())?;
    match app.store.join(&invitation.token_hash, &person.id, app.clock.now()).await? {
        InvitationUse::Used => {}
        InvitationUse::Unknown => return Err(Problem::LinkUnknown),
        InvitationUse::Expired => return Err(Problem::LinkExpired),
    }
    session::go_to(&session, invitation.pharmacy.clone()).await?;
    let there = Staff { pharmacy: invitation.pharmacy.clone(), ..staff.clone() };
    app.audit_by(&there, "joined", &person.id.to_string(), "").await?;
    signed_in_view(&app, &session, person.id, &invitation.pharmacy).await
}

/// Uses the link up and signs the new person in.
pub(super) async fn enrolled(
    app: &App,
    session: &Session,
    mut enrolment: Enrolment,
) -> Result<Json<SessionView>, Problem> {
    let found = &mut enrolment.person;
    let why_not = registered(app, found.gphc.as_ref(), &found.name).await?;
    found.gphc_checked = found.gphc.is_some() && why_not.is_empty();
    match app.store.enrol(&enrolment).await? {
        InvitationUse::Used => {}
        InvitationUse::Unknown => return Err(Problem::LinkUnknown),
        InvitationUse::Expired => return Err(Problem::LinkExpired),
    }
    let person = enrolment.person.id;
    let works_at = app.store.memberships(&person, app.clock.now()).await?;
    let pharmacy = works_at.into_iter().next().ok_or(Problem::NotSignedIn)?.pharmacy;
    session::sign_in(app, session, person, pharmacy.clone()).await?;
    if let Some(key) = &enrolment.device_key {
        session::name_device(session, key.device).await?;
    }
    let line = AuditEntry {
        at: app.clock.now(),
        person: Some(person),
        pharmacy: Some(pharmacy.clone()),
        device: enrolment.device_key.as_ref().map(|key| key.device),
        action: "enrolled".to_owned(),
        subject: person.to_string(),
        why: why_not,
        ..AuditEntry::default()
    };
    app.store.record_audit(&line).await?;
    signed_in_view(app, session, person, &pharmacy).await
}

/// What the register says of a number and a name: why it was not checked, or nothing where it was. Somebody who is suspended
/// or removed is refused.
async fn registered(app: &App, gphc: Option<&GphcNumber>, name: &str) -> Result<String, Problem> {
    let Some(number) = gphc else { return Ok(String::new()) };
    match register::look_up(&*app.store, number, name).await? {
        Standing::Checked => Ok(String::new()),
        Standing::NotChecked(why) => Ok(why),
        Standing::Barred(status) => Err(Problem::Invalid(format!(
            "The GPhC register has this number as {status}, so it cannot be enrolled with. If that is not right any more, \
             ask whoever looks after the server to import a newer register."
        ))),
    }
}

pub(super) fn full_name(typed: &str) -> Result<String, Problem> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let plausible =
        !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if plausible {
        Ok(name)
    } else {
        Err(Problem::Invalid("Enter your full name, as it should stand beside what you sign.".to_owned()))
    }
}

/// The number must be one that the role can have (practice 4). That it is theirs is not checked here, and shown so.
pub(super) fn gphc_for(role: Role, typed: &str) -> Result<Option<GphcNumber>, Problem> {
    let number = match typed.trim() {
        "" => None,
        typed if is_premises(typed) => {
            return Err(Problem::Invalid(
                "This is the number of a pharmacy’s premises. Enter your own GPhC number: 7 digits, beginning \
                 with 2 for a pharmacist or 5 for a technician."
                    .to_owned(),
            ));
        }
        typed => Some(typed.parse::<GphcNumber>().map_err(|_| {
            Problem::Invalid(
                "Enter your GPhC number: 7 digits, beginning with 2 for a pharmacist or 5 for a technician."
                    .to_owned(),
            )
        })?),
    };
    let fits = match role {
        Role::Pharmacist => number.as_ref().is_some_and(GphcNumber::is_pharmacist),
        Role::Technician => number.as_ref().is_some_and(GphcNumber::is_technician),
        Role::Administrator | Role::Auditor => true,
    };
    if fits {
        return Ok(number);
    }
    let first = if role == Role::Pharmacist { 2 } else { 5 };
    Err(Problem::Invalid(format!(
        "This link enrols a {}, whose GPhC number has 7 digits and begins with {first}.",
        role.name()
    )))
}

/// Seven digits that begin with 1 (NHS Data Dictionary, GPhC premises number).
fn is_premises(typed: &str) -> bool {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    digits.len() == 7 && digits.starts_with('1') && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technicians_number_does_not_make_a_pharmacist() {
        assert!(gphc_for(Role::Pharmacist, "5012345").is_err());
        assert!(gphc_for(Role::Technician, "5012345").is_ok());
    }

    #[test]
    fn a_premises_number_is_recognised_and_refused_in_its_own_words() {
        for role in Role::ALL {
            let refused = gphc_for(role, "109 6547").expect_err("premises");
            assert!(refused.to_string().contains("premises"), "{refused}");
        }
    }

    #[test]
    fn a_pharmacist_has_a_number_and_an_administrator_need_not() {
        assert!(gphc_for(Role::Pharmacist, " ").is_err());
        assert!(matches!(gphc_for(Role::Administrator, ""), Ok(None)));
    }

    #[test]
    fn a_name_is_more_than_spaces() {
        assert!(full_name(" \t ").is_err());
        assert_eq!(full_name("  Asha   Patel ").expect("a name"), "Asha Patel");
    }
}
