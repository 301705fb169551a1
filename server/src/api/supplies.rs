//! Earlier supplies of a patient, the register of prescription-only medicines, recalls, and the tokens of a month.

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::AuditEntry;
use crate::supplies;
use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::Deserialize;
use shared::api::{EarlierAsked, EarlierView, RecallAsked, RecallView, RegisterView, TokensView};
use shared::patient::NhsNumber;
use shared::people::Permission;
use shared::register::batch_key;

/// Letters of a batch that the audit log keeps.
const LONGEST_BATCH: usize = 40;

/// The days of the register that are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Days {
    /// First day, 2026-11-01.
    from: String,
    /// Last day.
    to: String,
}

/// The month that is asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Month {
    /// 2026-11.
    month: String,
}

/// Earlier emergency supplies of a patient at this pharmacy, newest first, as the signed records that are here say it.
/// Patient data stand in the body: addresses end up in logs.
#[utoipa::path(post, path = "/api/supplies/earlier", tag = "supplies",
    request_body(description = "`EarlierAsked`", content = Object),
    responses((status = 200, description = "`EarlierView`"),
        (status = 404, description = "The consultation is another pharmacy's"),
        (status = 422, description = "That is no NHS number, or no consultation's id")))]
pub async fn earlier(
    app: App,
    staff: Staff,
    Body(asked): Body<EarlierAsked>,
) -> Result<Json<EarlierView>, Problem> {
    staff.may(Permission::ReadConsultations)?;
    let answer = supplies::earlier(&app, &staff.pharmacy, &asked).await?;
    let number: Option<NhsNumber> = asked.nhs_number.parse().ok();
    let entry = AuditEntry {
        patient: number.map(|number| app.server_keys.at_rest.patient_mark(&number)),
        ..app.audit_entry(&staff, "earlier-supplies-read", &asked.consultation, "")
    };
    app.store.record_audit(&entry).await?;
    Ok(Json(answer))
}

/// The register of prescription-only medicines, oldest first, at most two years at once.
#[utoipa::path(get, path = "/api/supplies/register", tag = "supplies", params(Days),
    responses((status = 200, description = "`RegisterView`"),
        (status = 422, description = "A day cannot be read, or there are too many")))]
pub async fn register(
    app: App,
    staff: Staff,
    days: Result<Query<Days>, QueryRejection>,
) -> Result<Json<RegisterView>, Problem> {
    staff.may(Permission::ReadRegisters)?;
    let days = days.map(|Query(days)| days).unwrap_or_default();
    let answer = supplies::register(&app, &staff.pharmacy, &days.from, &days.to).await?;
    app.audit_by(&staff, "pom-register-read", &format!("{} to {}", answer.from, answer.to), "").await?;
    Ok(Json(answer))
}

/// Everyone who was given a batch. The batch stands in the body with what is named beside it.
#[utoipa::path(post, path = "/api/supplies/recall", tag = "supplies",
    request_body(description = "`RecallAsked`", content = Object),
    responses((status = 200, description = "`RecallView`"), (status = 422, description = "No batch was given")))]
pub async fn recall(
    app: App,
    staff: Staff,
    Body(asked): Body<RecallAsked>,
) -> Result<Json<RecallView>, Problem> {
    staff.may(Permission::ReadRegisters)?;
    let answer = supplies::recall(&app, &staff.pharmacy, &asked.batch, &asked.product).await?;
    let batch: String = batch_key(&asked.batch).chars().take(LONGEST_BATCH).collect();
    app.audit_by(&staff, "recall-searched", &batch, "").await?;
    Ok(Json(answer))
}

/// The tokens of a month, for the end-of-month bundle.
#[utoipa::path(get, path = "/api/supplies/tokens", tag = "supplies", params(Month),
    responses((status = 200, description = "`TokensView`"), (status = 422, description = "That is no month")))]
pub async fn tokens(
    app: App,
    staff: Staff,
    month: Result<Query<Month>, QueryRejection>,
) -> Result<Json<TokensView>, Problem> {
    staff.may(Permission::ReadRegisters)?;
    let month = month.map(|Query(month)| month).unwrap_or_default();
    let answer = supplies::tokens(&app, &staff.pharmacy, &month.month).await?;
    app.audit_by(&staff, "tokens-read", &answer.month, "").await?;
    Ok(Json(answer))
}
