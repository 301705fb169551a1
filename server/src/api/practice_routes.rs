//! By which ways practices are told, as the pharmacy has set it.

use crate::app::App;
use crate::outbox::{self, OrderError};
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use axum::extract::Path;
use shared::ids::OdsCode;
use shared::people::Permission;
use std::collections::BTreeMap;

/// The orders that were set, by practice; a practice that is not among them is told in the usual order.
#[utoipa::path(get, path = "/api/practices/routes", tag = "deliveries",
    responses((status = 200, description = "Practice to list of ways, the first to be tried first")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<BTreeMap<String, Vec<String>>>, Problem> {
    staff.may(Permission::ReadConsultations)?;
    let set = app.store.practice_routes(&staff.pharmacy).await?;
    let words = |(practice, routes): (OdsCode, Vec<crate::store::Route>)| {
        (practice.to_string(), routes.iter().map(ToString::to_string).collect())
    };
    Ok(Json(set.into_iter().map(words).collect()))
}

/// Sets the order of ways for a practice: `update-record`, `emergency-supply`, `send-document`, `email`, `print`. An empty
/// list means the usual order again.
#[utoipa::path(put, path = "/api/practices/{ods}/routes", tag = "deliveries",
    params(("ods" = String, Path, description = "The practice")),
    request_body(description = "List of ways", content = Object),
    responses((status = 204, description = "Set"), (status = 404, description = "No ODS code"),
        (status = 422, description = "A word that is no way to a practice, or one twice")))]
pub async fn set(
    app: App,
    staff: Staff,
    Path(ods): Path<String>,
    Json(words): Json<Vec<String>>,
) -> Result<axum::http::StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let practice: OdsCode = ods.parse().map_err(|_| Problem::NotFound("A practice with this code"))?;
    outbox::set_practice_routes(&app, &staff.pharmacy, &practice, &words).await.map_err(
        |error| match error {
            OrderError::Words(why) => Problem::Invalid(why),
            OrderError::Store(error) => error.into(),
        },
    )?;
    app.audit_by(&staff, "practice-routes-set", practice.as_str(), &words.join(", ")).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
