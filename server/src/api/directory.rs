//! The pharmacy's own address book: read by whoever sends, kept by whoever administers.

use super::body::Body;
use crate::app::App;
use crate::directory;
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use shared::api::{AddressChange, AddressConfirmation, AddressImport, AddressView};
use shared::people::Permission::{AdministerPharmacy, ReadConsultations};
use uuid::Uuid;

/// All of this pharmacy, by name.
#[utoipa::path(get, path = "/api/directory", tag = "directory",
    responses((status = 200, description = "A list of `AddressView`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<AddressView>>, Problem> {
    staff.may(AdministerPharmacy).or_else(|_| staff.may(ReadConsultations))?;
    Ok(Json(directory::list(&app, &staff.pharmacy).await?))
}

/// Adds an entry or changes one; a changed address has to be confirmed again. Safe to repeat.
#[utoipa::path(put, path = "/api/directory/{id}", tag = "directory", params(("id" = Uuid, Path)),
    request_body(description = "`AddressChange`", content = Object),
    responses((status = 204, description = "Kept"), (status = 409, description = "The organisation has this address already"),
        (status = 422, description = "Something in it is not right")))]
pub async fn put(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(change): Body<AddressChange>,
) -> Result<StatusCode, Problem> {
    staff.may(AdministerPharmacy)?;
    directory::put(&app, &staff.pharmacy, id, &change).await?;
    app.audit_by(&staff, "address-changed", &id.to_string(), "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes an entry.
#[utoipa::path(delete, path = "/api/directory/{id}", tag = "directory", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Not there any more"), (status = 404, description = "No such address")))]
pub async fn remove(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    staff.may(AdministerPharmacy)?;
    if !app.store.remove_address(&staff.pharmacy, &id).await? {
        return Err(Problem::NotFound("This address"));
    }
    app.audit_by(&staff, "address-removed", &id.to_string(), "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds and changes entries by a CSV file, all of it or nothing.
#[utoipa::path(post, path = "/api/directory/import", tag = "directory",
    request_body(content_type = "application/octet-stream", description = "CSV in UTF-8"),
    responses((status = 200, description = "`AddressImport`"), (status = 413, description = "Larger than 8 MB"),
        (status = 422, description = "Which lines are not right; nothing was imported")))]
pub async fn import(
    app: App,
    staff: Staff,
    file: Result<Bytes, BytesRejection>,
) -> Result<Json<AddressImport>, Problem> {
    staff.may(AdministerPharmacy)?;
    let file = file.map_err(|_| Problem::TooLarge)?;
    let done = directory::import(&app, &staff.pharmacy, &file).await?;
    let counts = format!("{} added, {} changed", done.added, done.changed);
    app.audit_by(&staff, "address-book-imported", &counts, "").await?;
    Ok(Json(done))
}

/// Sends a test message with a code; it holds nothing about any patient.
#[utoipa::path(post, path = "/api/directory/{id}/test", tag = "directory", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Sent"), (status = 422, description = "This server sends no e-mail, or the address was refused"),
        (status = 503, description = "The mail server does not answer")))]
pub async fn test(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    staff.may(AdministerPharmacy)?;
    directory::send_test(&app, &staff.pharmacy, id).await?;
    app.audit_by(&staff, "address-tested", &id.to_string(), "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody there has confirmed the address, by the code or by telephone.
#[utoipa::path(post, path = "/api/directory/{id}/confirm", tag = "directory", params(("id" = Uuid, Path)),
    request_body(description = "`AddressConfirmation`", content = Object),
    responses((status = 204, description = "Confirmed"), (status = 422, description = "Not the code, or nobody is named")))]
pub async fn confirm(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(told): Body<AddressConfirmation>,
) -> Result<StatusCode, Problem> {
    staff.may(AdministerPharmacy)?;
    directory::confirm(&app, &staff.pharmacy, id, staff.person.id, &told).await?;
    let how = if told.code.trim().is_empty() { "by telephone" } else { "by the code of the test message" };
    app.audit_by(&staff, "address-confirmed", &id.to_string(), how).await?;
    Ok(StatusCode::NO_CONTENT)
}
