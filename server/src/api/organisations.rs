//! Practices and pharmacies of the Organisation Data Service.

use crate::app::App;
use crate::organisations;
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use axum::extract::{Path, Query};
use serde::Deserialize;
use shared::api::{AreaView, OrganisationKind, OrganisationView};

/// The organisation of an ODS code, with the time at which ODS said so.
#[utoipa::path(get, path = "/api/organisations/{ods}", tag = "organisations",
    params(("ods" = String, Path)),
    responses((status = 200, description = "`OrganisationView`"), (status = 404, description = "ODS knows no such code"),
        (status = 503, description = "ODS does not answer, and this is not known from before")))]
pub async fn show(
    app: App,
    _staff: Staff,
    Path(ods): Path<String>,
) -> Result<Json<OrganisationView>, Problem> {
    let ods = ods.parse().map_err(|_| Problem::NotFound("An organisation with this code"))?;
    Ok(Json(organisations::by_code(&app, &ods).await?))
}

/// What is searched for.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Asked {
    kind: Option<OrganisationKind>,
    name: String,
    postcode: String,
}

/// At most fifty organisations in use, by a part of the name and the beginning of the postcode.
#[utoipa::path(get, path = "/api/organisations", tag = "organisations",
    params(("kind" = Option<String>, Query), ("name" = Option<String>, Query), ("postcode" = Option<String>, Query)),
    responses((status = 200, description = "List of `OrganisationView`"),
        (status = 422, description = "Too little to search with")))]
pub async fn list(
    app: App,
    _staff: Staff,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<OrganisationView>>, Problem> {
    let Query(asked) =
        asked.map_err(|_| Problem::Invalid("Search for a practice or a pharmacy.".to_owned()))?;
    Ok(Json(organisations::by_name(&app, asked.kind, &asked.name, &asked.postcode).await?))
}

/// The practices around this pharmacy, for use with no network.
#[utoipa::path(get, path = "/api/organisations/area", tag = "organisations",
    responses((status = 200, description = "`AreaView`")))]
pub async fn area(app: App, _staff: Staff) -> Result<Json<AreaView>, Problem> {
    Ok(Json(organisations::area(&app).await?))
}
