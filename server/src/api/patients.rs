//! Looking a patient up in the Personal Demographics Service.

use super::body::Body;
use crate::app::App;
use crate::nhs::pds::{Access, Mode, PdsError};
use crate::patients;
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use shared::api::{LookUpAnswer, PatientLookUp};
use shared::people::Permission;
use tower_sessions::Session;

/// Asks PDS as the healthcare worker who is signed in. Nothing is written into the consultation; a person settles what
/// differs. Each look-up is audited.
#[utoipa::path(post, path = "/api/patients/look-up", tag = "patients",
    request_body(description = "`PatientLookUp`", content = Object),
    responses((status = 200, description = "`LookUpAnswer`"),
        (status = 403, description = "The role may not, or `/problems/cis2-needed`: sign in with CIS2 first"),
        (status = 422, description = "What was typed is not enough or not right; nothing was asked"),
        (status = 503, description = "PDS does not answer, or is asked by too many")))]
pub async fn look_up(
    app: App,
    staff: Staff,
    session: Session,
    Body(asked): Body<PatientLookUp>,
) -> Result<Json<LookUpAnswer>, Problem> {
    staff.may(Permission::LookUpPatients)?;
    let question = patients::check(&app, &staff, asked).await?;
    let Some(platform) = app.platform.as_ref().filter(|_| app.pds.is_some()) else {
        return Err(PdsError::NotSetUp.into());
    };
    let worker = platform.as_worker(&app, &session).await?;
    let access = Access {
        token: worker.token,
        organisation: staff.pharmacy.clone(),
        mode: Mode::Worker { role: Some(worker.role_id).filter(|role| !role.is_empty()) },
    };
    Ok(Json(patients::look_up(&app, &staff, &access, &question).await?))
}
