//! Inviting somebody to the pharmacy: a one-time link, shown once.

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::{self, Staff};
use axum::Json;
use shared::api::{InvitationLink, NewInvitation};
use shared::people::Permission;

/// Makes an enrolment link for one person in one role.
#[utoipa::path(post, path = "/api/invitations", tag = "invitations",
    request_body(description = "`NewInvitation`", content = Object),
    responses((status = 200, description = "`InvitationLink`")))]
pub async fn create(
    app: App,
    staff: Staff,
    Body(asked): Body<NewInvitation>,
) -> Result<Json<InvitationLink>, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    Ok(Json(session::invite(&app, &staff.pharmacy, asked.role, Some(staff.person.id)).await?))
}
