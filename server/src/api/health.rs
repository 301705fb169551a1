//! Whether the process runs, and whether it can do its work: for whatever watches over it.

use crate::app::App;
use crate::problem::Problem;
use axum::Json;
use serde_json::{Value, json};

/// The process runs.
#[utoipa::path(get, path = "/health/live", tag = "operations", security(()),
    responses((status = 200, description = "It runs")))]
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// The store answers, so requests can be served.
#[utoipa::path(get, path = "/health/ready", tag = "operations", security(()),
    responses((status = 200, description = "Ready"), (status = 503, description = "The store does not answer")))]
pub async fn ready(app: App) -> Result<Json<Value>, Problem> {
    app.store.meta("epoch").await.map_err(|error| Problem::Busy(Some(error)))?;
    Ok(Json(json!({ "status": "ready" })))
}
