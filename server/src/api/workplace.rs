//! Somebody who works at several pharmacies goes from one to another.

use super::body::Body;
use super::session::signed_in_view;
use crate::app::App;
use crate::problem::Problem;
use crate::session::{self, Staff};
use axum::Json;
use shared::api::{SessionView, WorkAt};
use tower_sessions::Session;

/// Takes the session to another pharmacy where this person works.
#[utoipa::path(post, path = "/api/session/pharmacy", tag = "session",
    request_body(description = "`WorkAt`", content = Object),
    responses(
        (status = 200, description = "`SessionView` at that pharmacy"),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "Not one of theirs")))]
pub async fn work_at(
    app: App,
    session: Session,
    staff: Staff,
    Body(asked): Body<WorkAt>,
) -> Result<Json<SessionView>, Problem> {
    let person = staff.person.id;
    // Asked by one who does not work there, it is as if there were no such pharmacy.
    let now = app.clock.now();
    app.store.role_at(&person, &asked.pharmacy, now).await?.ok_or(Problem::NotFound("This pharmacy"))?;
    session::go_to(&session, asked.pharmacy.clone()).await?;
    let there = Staff { pharmacy: asked.pharmacy.clone(), ..staff };
    app.audit_by(&there, "signed-in", "from another pharmacy", "").await?;
    signed_in_view(&app, &session, person, &asked.pharmacy).await
}
