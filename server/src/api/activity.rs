//! Figures over days, and months of claims.

use super::body::Body;
use crate::activity;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::Pharmacy;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use shared::activity::{Asked, Dashboard};
use shared::api::ToldOfMonth;
use shared::claim::Month;
use shared::paper::claims::ItFailure;
use shared::people::Permission;

/// Which consultations are counted.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// First day, 2026-11-01.
    from: String,
    /// Last day.
    to: String,
    /// A service: minor-illness, urgent-supply, clinical-pathway; empty: all.
    service: String,
    /// Name of who signed; empty: everybody.
    person: String,
    /// `yes`: of all pharmacies where the asker may read figures.
    across: String,
}

/// The figures of some days.
#[utoipa::path(get, path = "/api/activity", tag = "activity", params(Wanted),
    responses((status = 200, description = "`Dashboard`"),
        (status = 422, description = "A day cannot be read, or there are too many")))]
pub async fn dashboard(
    app: App,
    staff: Staff,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Dashboard>, Problem> {
    staff.may(Permission::ReadReports)?;
    let Wanted { from, to, service, person, across } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let pharmacies = if across == "yes" {
        activity::readable(&app, &staff.person.id).await?
    } else {
        vec![staff.pharmacy.clone()]
    };
    let asked = Asked { from, to, service, person };
    Ok(Json(activity::dashboard(&app, &pharmacies, asked).await?))
}

/// A month of claims: what was done, claimed, accepted, rejected, is missing, and what it brings.
#[utoipa::path(get, path = "/api/claims/month/{month}", tag = "claims",
    params(("month" = String, Path, description = "2026-11")),
    responses((status = 200, description = "`Month`"), (status = 422, description = "That is no month")))]
pub async fn month(app: App, staff: Staff, Path(month): Path<String>) -> Result<Json<Month>, Problem> {
    staff.may(Permission::ReadReports)?;
    let view = activity::month(&app, &staff.pharmacy, &month).await?;
    app.audit_by(&staff, "claim-month-read", &view.month, "").await?;
    Ok(Json(view))
}

/// Says what Manage Your Service shows of a month, and whether it was declared there. It takes the place of what was said
/// before.
#[utoipa::path(put, path = "/api/claims/month/{month}", tag = "claims",
    params(("month" = String, Path, description = "2026-11")),
    request_body(description = "`ToldOfMonth`", content = Object),
    responses((status = 200, description = "`Month`"), (status = 422, description = "No such month or service")))]
pub async fn tell(
    app: App,
    staff: Staff,
    Path(month): Path<String>,
    Body(told): Body<ToldOfMonth>,
) -> Result<Json<Month>, Problem> {
    staff.may(Permission::ReadReports)?;
    activity::tell(&app, &staff.pharmacy, &month, told, &staff.person.name).await?;
    app.audit_by(&staff, "claim-month-told", &month, "").await?;
    Ok(Json(activity::month(&app, &staff.pharmacy, &month).await?))
}

type Pdf = ([(HeaderName, HeaderValue); 1], Vec<u8>);

fn pdf(bytes: Vec<u8>) -> Pdf {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"))], bytes)
}

async fn ours(app: &App, staff: &Staff) -> Result<Pharmacy, Problem> {
    app.store.pharmacy(&staff.pharmacy).await?.ok_or(Problem::NotFound("This pharmacy"))
}

/// The evidence behind a month's claims, for post-payment verification.
#[utoipa::path(get, path = "/api/claims/month/{month}/evidence", tag = "claims",
    params(("month" = String, Path, description = "2026-11")),
    responses((status = 200, description = "PDF", content_type = "application/pdf"),
        (status = 422, description = "That is no month")))]
pub async fn evidence(app: App, staff: Staff, Path(month): Path<String>) -> Result<Pdf, Problem> {
    staff.may(Permission::ReadReports)?;
    let bytes = activity::evidence(&app, &ours(&app, &staff).await?, &month).await?;
    app.audit_by(&staff, "claim-evidence-printed", &month, "").await?;
    Ok(pdf(bytes))
}

/// What is said of a failure of IT.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Failure {
    /// What failed, in words.
    what: String,
    /// From when until when, in words.
    from: String,
    until: String,
    /// The supplier's reference of the incident.
    reference: String,
}

/// The report that NHSBSA wants where a failure of IT made claims late.
#[utoipa::path(get, path = "/api/claims/month/{month}/it-failure", tag = "claims",
    params(("month" = String, Path, description = "2026-11"), Failure),
    responses((status = 200, description = "PDF", content_type = "application/pdf"),
        (status = 422, description = "That is no month, or nobody said what failed")))]
pub async fn it_failure(
    app: App,
    staff: Staff,
    Path(month): Path<String>,
    failure: Result<Query<Failure>, QueryRejection>,
) -> Result<Pdf, Problem> {
    staff.may(Permission::ReadReports)?;
    let failure = failure.map(|Query(failure)| failure).unwrap_or_default();
    let said = ItFailure {
        what: &failure.what,
        from: &failure.from,
        until: &failure.until,
        reference: &failure.reference,
        by: &staff.person.name,
    };
    let bytes = activity::it_failure(&app, &ours(&app, &staff).await?, &month, &said).await?;
    app.audit_by(&staff, "it-failure-reported", &month, "").await?;
    Ok(pdf(bytes))
}
