//! The waiting list: what came from people, to be read by one, who says what it is.

use super::body::Body;
use crate::app::App;
use crate::intake::waiting;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{Decided, SettledAs, StoreError, WaitingRow};
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use shared::api::{WAITING_TOTAL as TOTAL_HEADER, WaitingSettlement, WaitingView};
use shared::ids::ConsultationId;
use shared::people::Permission;
use uuid::Uuid;

/// As many as a screen shows and a device keeps.
const MOST: u32 = 200;

/// What is asked for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    settled: bool,
}

/// How many messages wait, of which the answer may hold fewer.
const TOTAL: HeaderName = HeaderName::from_static(TOTAL_HEADER);

/// Messages that nobody has decided about, longest waiting first; with `settled=true` the others after them, newest first.
/// `x-satchel-waiting` says how many wait, also where there are more than an answer holds. Devices keep them sealed for
/// when there is no network.
#[utoipa::path(get, path = "/api/waiting", tag = "waiting",
    params(("settled" = Option<bool>, Query, description = "Those that were decided about, too")),
    responses((status = 200, description = "List of `WaitingView`")))]
pub async fn list(
    app: App,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Vec<WaitingView>>), Problem> {
    staff.may(Permission::RecordConsultations)?;
    let total = app.store.waiting_count(&staff.pharmacy).await?;
    let rows = app.store.waiting(&staff.pharmacy, asked.settled, MOST).await?;
    if !rows.is_empty() {
        app.audit_by(&staff, "waiting-listed", &rows.len().to_string(), "").await?;
    }
    let list = rows.iter().map(|row| waiting::view(&app, row)).collect();
    Ok(([(TOTAL, HeaderValue::from(total))], Json(list)))
}

/// One message, decided about or not.
#[utoipa::path(get, path = "/api/waiting/{id}", tag = "waiting",
    params(("id" = Uuid, Path, description = "Message id")),
    responses((status = 200, description = "`WaitingView`"), (status = 404, description = "Not one of this pharmacy's")))]
pub async fn show(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Json<WaitingView>, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let row = row(&app, &staff, &id).await?;
    app.audit_by(&staff, "waiting-read", &id.to_string(), "").await?;
    Ok(Json(waiting::view(&app, &row)))
}

/// The message byte for byte as it came, to be saved and never drawn by the browser.
#[utoipa::path(get, path = "/api/waiting/{id}/original", tag = "waiting",
    params(("id" = Uuid, Path, description = "Message id")),
    responses((status = 200, description = "The message"), (status = 404, description = "Not one of this pharmacy's")))]
pub async fn original(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let row = row(&app, &staff, &id).await?;
    let (content_type, bytes) =
        waiting::original(&app, &row).await?.ok_or(Problem::NotFound("The original of this message"))?;
    app.audit_by(&staff, "waiting-original-read", &id.to_string(), "").await?;
    let name = if content_type == "message/rfc822" { "message.eml" } else { "message.xml" };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    // Whatever it is, no browser shows it as a page of ours.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Problem::internal)?);
    Ok(response)
}

/// Says what a message is. The same again changes nothing.
#[utoipa::path(post, path = "/api/waiting/{id}/settle", tag = "waiting",
    params(("id" = Uuid, Path, description = "Message id")),
    request_body(description = "`WaitingSettlement`", content = Object),
    responses((status = 204, description = "Decided"),
        (status = 404, description = "The message is not one of this pharmacy's, or the consultation is not here yet"),
        (status = 409, description = "Somebody has decided otherwise"),
        (status = 422, description = "No such decision")))]
pub async fn settle(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(decided): Body<WaitingSettlement>,
) -> Result<StatusCode, Problem> {
    staff.may(Permission::RecordConsultations)?;
    let (what, consultation) = understood(&decided)?;
    let before = row(&app, &staff, &id).await?;
    let settled = Decided { what, at: app.clock.now(), by: staff.person.name.clone(), consultation };
    match app.store.settle_waiting(&staff.pharmacy, &id, &settled).await {
        Ok(true) => {}
        Ok(false) => return Err(Problem::Conflict(decided_otherwise(&before))),
        // A device that was offline may bring it in a moment, and then tries again.
        Err(StoreError::Conflict) => return Err(Problem::NotFound("This consultation")),
        Err(error) => return Err(error.into()),
    }
    app.audit_by(&staff, "waiting-settled", &id.to_string(), what.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn row(app: &App, staff: &Staff, id: &Uuid) -> Result<WaitingRow, Problem> {
    app.store.waiting_row(&staff.pharmacy, id).await?.ok_or(Problem::NotFound("This message"))
}

/// What was decided, and the consultation where the decision has one.
fn understood(decided: &WaitingSettlement) -> Result<(SettledAs, Option<ConsultationId>), Problem> {
    let invalid =
        || Problem::Invalid("Say what the message is, and which consultation it belongs to.".to_owned());
    let what: SettledAs = decided.what.parse().map_err(|_| invalid())?;
    let consultation = match (what, decided.consultation.as_str()) {
        (SettledAs::NotAReferral, _) => None,
        (_, id) => Some(id.parse().map_err(|_| invalid())?),
    };
    Ok((what, consultation))
}

fn decided_otherwise(row: &WaitingRow) -> String {
    let by = row.settled.as_ref().map(|settled| settled.by.as_str()).filter(|by| !by.is_empty());
    format!(
        "{} has already made a record of this message. Compare the two, and close yours as a duplicate.",
        by.unwrap_or("Somebody")
    )
}
