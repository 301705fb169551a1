//! The outbox as its pharmacy sees it: what was sent, what needs a person, and what a person decides about it.

use crate::app::App;
use crate::outbox::{self, ChangeError};
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use axum::extract::Path;
use shared::api::{DeliveryView, DoneByHand};
use shared::people::Permission;
use uuid::Uuid;

/// Deliveries of this pharmacy, newest first, one for each way; `needs_attention` marks those that wait for a person.
#[utoipa::path(get, path = "/api/deliveries", tag = "deliveries",
    responses((status = 200, description = "List of deliveries")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<DeliveryView>>, Problem> {
    if !staff.role.may(Permission::ReadConsultations) {
        staff.may(Permission::ReadAudit)?;
    }
    Ok(Json(outbox::views(&app.store.deliveries(Some(&staff.pharmacy)).await?)))
}

/// Sends a delivery again at once.
#[utoipa::path(post, path = "/api/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = Uuid, Path, description = "Delivery id")),
    responses(
        (status = 200, description = "The delivery, queued"),
        (status = 404, description = "Not one of this pharmacy's"),
        (status = 409, description = "It has arrived, is being sent, or has no message")))]
pub async fn retry(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Json<DeliveryView>, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let row = outbox::retry(&app, id, Some(&staff.pharmacy)).await?;
    app.audit_by(&staff, "delivery-retried", &id.to_string(), "").await?;
    shown(&app, &row).await
}

/// Goes the next way at once instead of this one.
#[utoipa::path(post, path = "/api/deliveries/{id}/next-way", tag = "deliveries",
    params(("id" = Uuid, Path, description = "Delivery id")),
    responses(
        (status = 200, description = "The delivery that gave way"),
        (status = 404, description = "Not one of this pharmacy's"),
        (status = 409, description = "It has arrived, is being sent, or there is no other way")))]
pub async fn next_way(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Json<DeliveryView>, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let row = outbox::next_way(&app, id, Some(&staff.pharmacy)).await?;
    app.audit_by(&staff, "delivery-next-way", &id.to_string(), "").await?;
    shown(&app, &row).await
}

/// A person says that it was done by hand: on the phone, on paper.
#[utoipa::path(post, path = "/api/deliveries/{id}/done", tag = "deliveries",
    params(("id" = Uuid, Path, description = "Delivery id")),
    request_body(description = "`DoneByHand`", content = Object),
    responses(
        (status = 200, description = "The delivery, done"),
        (status = 404, description = "Not one of this pharmacy's"),
        (status = 409, description = "It has arrived, is being sent, or nothing was said")))]
pub async fn done(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Json(done): Json<DoneByHand>,
) -> Result<Json<DeliveryView>, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let row = outbox::done(&app, id, Some(&staff.pharmacy), &staff.person.name, &done.words).await?;
    app.audit_by(&staff, "delivery-done", &id.to_string(), "").await?;
    shown(&app, &row).await
}

async fn shown(app: &App, row: &crate::store::DeliveryRow) -> Result<Json<DeliveryView>, Problem> {
    Ok(Json(outbox::view(row, &outbox::ways_of(app, row).await?)))
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::NotFound("This delivery"),
            ChangeError::Cannot(why) => Self::Conflict(why.to_string()),
            ChangeError::Store(error) => error.into(),
        }
    }
}
