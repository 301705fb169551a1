//! Records between devices and this server; the frames are described in `shared::sync::frame`.

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::sync;
use axum::Json;
use axum::body::{Body as Answer, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use shared::api::{HeadsAnswer, HeadsRequest, PushAnswer};
use shared::ids::ConsultationId;
use shared::people::Permission;
use tower_sessions::Session;

/// Largest push that is read. Devices halve what is refused as too large.
pub const LARGEST_PUSH: usize = 16 * 1024 * 1024;

/// How many documents a pull is about.
const DOCUMENTS: HeaderName = HeaderName::from_static("x-satchel-documents");

const FRAMES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Takes what a device recorded. Each document is stored or refused on its own; sending again is harmless.
#[utoipa::path(post, path = "/api/sync/push", tag = "sync",
    request_body(description = "`PushFrame`, binary", content_type = "application/octet-stream", content = Vec<u8>),
    responses(
        (status = 200, description = "`PushAnswer`: a verdict for each document, in order"),
        (status = 413, description = "More than is taken at once: push fewer documents"),
        (status = 422, description = "Not a push frame")))]
pub async fn push(
    app: App,
    staff: Staff,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<PushAnswer>, Problem> {
    if headers.get(header::CONTENT_TYPE) != Some(&FRAMES) {
        return Err(Problem::UnsupportedContent);
    }
    let body = body.map_err(|_| Problem::TooLarge)?;
    Ok(Json(sync::push(&app, &staff, body).await?))
}

/// Where a device's copy of the log ends.
#[derive(Debug, Deserialize)]
pub struct After {
    #[serde(default)]
    after: u64,
}

/// Everything after a cursor, as frames with their length before each; every frame carries its own cursor.
#[utoipa::path(get, path = "/api/sync/pull", tag = "sync",
    params(("after" = Option<u64>, Query, description = "Cursor of the last frame stored; 0 for all")),
    responses((status = 200, description = "`PullFrame`s, binary", content_type = "application/octet-stream")))]
pub async fn pull(
    app: App,
    staff: Staff,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, Problem> {
    staff.may(Permission::ReadConsultations)?;
    let Ok(Query(After { after })) = after else {
        return Err(Problem::Invalid("“after” must be a whole number.".to_owned()));
    };
    let (ahead, frames) = sync::frames(app, staff.pharmacy, after).await?;
    let headers = [(header::CONTENT_TYPE, FRAMES), (DOCUMENTS, HeaderValue::from(ahead))];
    Ok((headers, Answer::from_stream(frames)).into_response())
}

const UNKNOWN: &str = "This consultation";

/// One consultation as it stands, for a device on which a part of it is damaged or no longer kept.
#[utoipa::path(get, path = "/api/sync/document/{id}", tag = "sync",
    params(("id" = String, Path, description = "Consultation")),
    responses(
        (status = 200, description = "One `PullFrame`, binary", content_type = "application/octet-stream"),
        (status = 404, description = "This pharmacy has no such consultation")))]
pub async fn document(
    app: App,
    staff: Staff,
    id: Result<Path<ConsultationId>, PathRejection>,
) -> Result<Response, Problem> {
    staff.may(Permission::ReadConsultations)?;
    let Ok(Path(id)) = id else { return Err(Problem::NotFound(UNKNOWN)) };
    let frame = sync::whole(&app, &staff.pharmacy, &id).await?.ok_or(Problem::NotFound(UNKNOWN))?;
    app.audit_consultation(&staff, "fetched-consultation", &id, "").await?;
    Ok(([(header::CONTENT_TYPE, FRAMES)], frame.to_bytes()).into_response())
}

/// After a restore: which of a device's documents this server wants again.
#[utoipa::path(post, path = "/api/sync/heads", tag = "sync",
    request_body(description = "`HeadsRequest`", content = Object),
    responses((status = 200, description = "`HeadsAnswer`")))]
pub async fn heads(
    app: App,
    staff: Staff,
    Body(request): Body<HeadsRequest>,
) -> Result<Json<HeadsAnswer>, Problem> {
    staff.may(Permission::ReadConsultations)?;
    Ok(Json(sync::compare(&app, &staff, request).await?))
}

/// A WebSocket that says only up to which number there is news.
#[utoipa::path(get, path = "/api/sync/live", tag = "sync",
    responses(
        (status = 101, description = "Each message is a number in decimal"),
        (status = 403, description = "Not from this website")))]
pub async fn live(
    app: App,
    staff: Staff,
    session: Session,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    staff.may(Permission::ReadConsultations)?;
    // Browsers let any website open a socket here, cookie included; only the Origin tells.
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if origin != Some(app.config.origin_text().as_str()) {
        return Err(Problem::ForeignOrigin);
    }
    Ok(upgrade.on_upgrade(move |socket| sync::tell(socket, app, staff, session)))
}
