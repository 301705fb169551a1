//! The outbox as its pharmacy sees it: what was sent, what needs a person, and another try.

use crate::app::App;
use crate::outbox::{self, RetryError};
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use axum::extract::Path;
use serde_json::Value;
use shared::people::Permission;
use uuid::Uuid;

/// Deliveries of this pharmacy, newest first; `needs_attention` marks those that wait for a person.
#[utoipa::path(get, path = "/api/deliveries", tag = "deliveries",
    responses((status = 200, description = "List of deliveries")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<Value>>, Problem> {
    if !staff.role.may(Permission::ReadConsultations) {
        staff.may(Permission::ReadAudit)?;
    }
    let rows = app.store.deliveries(Some(&staff.pharmacy)).await?;
    Ok(Json(rows.iter().map(outbox::view).collect()))
}

/// Sends a delivery again at once.
#[utoipa::path(post, path = "/api/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = Uuid, Path, description = "Delivery id")),
    responses(
        (status = 200, description = "The delivery, queued"),
        (status = 404, description = "Not one of this pharmacy's"),
        (status = 409, description = "It has arrived, is being sent, or has no message")))]
pub async fn retry(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let row = outbox::retry(&app, id, Some(&staff.pharmacy)).await.map_err(|error| match error {
        RetryError::Unknown => Problem::NotFound("This delivery"),
        RetryError::Cannot(why) => Problem::Conflict(why.to_string()),
        RetryError::Store(error) => error.into(),
    })?;
    app.audit_by(&staff, "delivery-retried", &id.to_string(), "").await?;
    Ok(Json(outbox::view(&row)))
}
