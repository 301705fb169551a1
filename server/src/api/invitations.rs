//! Inviting somebody to the pharmacy: a one-time link, shown once; links not used yet, and withdrawing one.

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::{self, Staff, invitation_id};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use shared::api::{InvitationLink, NewInvitation, PendingInvitation};
use shared::people::Permission;
use shared::time::{Millis, stored};

/// Makes an enrolment link for one person in one role.
#[utoipa::path(post, path = "/api/invitations", tag = "invitations",
    request_body(description = "`NewInvitation`", content = Object),
    responses(
        (status = 200, description = "`InvitationLink`"),
        (status = 422, description = "Access would end at a time that has passed")))]
pub async fn create(
    app: App,
    staff: Staff,
    Body(asked): Body<NewInvitation>,
) -> Result<Json<InvitationLink>, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let until = access_ends(&app, &asked.access_ends)?;
    let line = app.audit_entry(&staff, "invited", asked.role.name(), &asked.access_ends);
    Ok(Json(session::invite_until(&app, &staff.pharmacy, asked.role, until, line).await?))
}

/// Links of this pharmacy that nobody has used, newest first.
#[utoipa::path(get, path = "/api/invitations", tag = "invitations",
    responses((status = 200, description = "List of `PendingInvitation`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<PendingInvitation>>, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let mut pending = Vec::new();
    for invitation in app.store.invitations(&staff.pharmacy, app.clock.now()).await? {
        let by = match &invitation.invited_by {
            Some(person) => app.store.person(person).await?.map(|person| person.name).unwrap_or_default(),
            None => "the server’s command line".to_owned(),
        };
        pending.push(PendingInvitation {
            id: invitation_id(&invitation.token_hash),
            role: invitation.role,
            expires_at: stored(invitation.expires_at),
            access_ends: invitation.access_ends.map(stored).unwrap_or_default(),
            invited_by: by,
        });
    }
    Ok(Json(pending))
}

/// Withdraws a link: it enrols nobody any more.
#[utoipa::path(delete, path = "/api/invitations/{id}", tag = "invitations",
    params(("id" = String, Path, description = "As the list names it; not the token")),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 404, description = "Used, expired or withdrawn before")))]
pub async fn withdraw(app: App, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let pending = app.store.invitations(&staff.pharmacy, app.clock.now()).await?;
    let found = pending.into_iter().find(|invitation| invitation_id(&invitation.token_hash) == id);
    let withdrawn = match &found {
        Some(found) => app.store.withdraw_invitation(&staff.pharmacy, &found.token_hash).await?,
        None => false,
    };
    if !withdrawn {
        return Err(Problem::NotFound("This invitation"));
    }
    app.audit_by(&staff, "invitation-withdrawn", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When access ends by itself, as somebody typed it: in the time to come, or empty for never.
pub(super) fn access_ends(app: &App, typed: &str) -> Result<Option<Millis>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let until = shared::time::read(typed.trim()).filter(|until| *until > app.clock.now());
    until.map(Some).ok_or_else(|| {
        Problem::Invalid(
            "Choose a time to come for the end of access, or leave it empty. To end access now, remove the person."
                .to_owned(),
        )
    })
}
