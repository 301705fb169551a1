//! Looking for a patient's prescriptions, and checking their exemption from charges.

use super::body::Body;
use crate::app::App;
use crate::nhs::prescription_tracker::TrackerError;
use crate::prescriptions::{self, Plan};
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use shared::api::{ExemptionAsked, PrescriptionsAsked, PrescriptionsFound};
use shared::people::Permission::LookUpPatients;
use shared::prescription::exemption_check::Answer;
use tower_sessions::Session;

/// Asks the tracker as the healthcare worker who is signed in, by prescription id or NHS number. Nothing is written into
/// the consultation. Each look is audited.
#[utoipa::path(post, path = "/api/prescriptions/search", tag = "prescriptions",
    request_body(description = "`PrescriptionsAsked`", content = Object),
    responses((status = 200, description = "`PrescriptionsFound`"),
        (status = 403, description = "The role may not, or `/problems/cis2-needed`: sign in with CIS2 first"),
        (status = 422, description = "No proper id or number; nothing was asked"),
        (status = 501, description = "This server is not connected to the tracker"),
        (status = 503, description = "The tracker does not answer")))]
pub async fn search(
    app: App,
    staff: Staff,
    session: Session,
    Body(asked): Body<PrescriptionsAsked>,
) -> Result<Json<PrescriptionsFound>, Problem> {
    staff.may(LookUpPatients)?;
    let search = prescriptions::check_search(&app, &staff, &asked).await?;
    let Some(platform) = app.platform.as_ref().filter(|_| app.prescriptions.tracker.is_some()) else {
        return Err(TrackerError::NotSetUp.into());
    };
    let access = prescriptions::access(&staff, platform.as_worker(&app, &session).await?);
    Ok(Json(prescriptions::search(&app, &staff, &access, &search).await?))
}

/// Checks an exemption in real time, or says why none is checked. Every check is audited, whatever came of it.
#[utoipa::path(post, path = "/api/prescriptions/exemption", tag = "prescriptions",
    request_body(description = "`ExemptionAsked`", content = Object),
    responses((status = 200, description = "`exemption_check::Answer`: `found`, `not-found`, `failed`, `not-called`"),
        (status = 403, description = "The role may not, or `/problems/cis2-needed`: sign in with CIS2 first"),
        (status = 422, description = "No proper id or number; nothing was asked")))]
pub async fn exemption(
    app: App,
    staff: Staff,
    session: Session,
    Body(asked): Body<ExemptionAsked>,
) -> Result<Json<Answer>, Problem> {
    staff.may(LookUpPatients)?;
    let question = match prescriptions::plan(&app, &staff, &asked).await? {
        Plan::Nothing(answer) => return Ok(Json(answer)),
        Plan::Ask(question) => question,
    };
    let Some(platform) = &app.platform else { return Err(Problem::Cis2Needed) };
    let worker = platform.as_worker(&app, &session).await?;
    Ok(Json(prescriptions::exemption(&app, &staff, &worker, &asked.consultation, &question).await?))
}
