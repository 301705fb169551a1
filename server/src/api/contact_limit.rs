//! How long the pharmacy's devices may be without contact (practice 31).

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use axum::http::StatusCode;
use shared::api::{ContactLimit, LONGEST_CONTACT_LIMIT_HOURS};
use shared::people::Permission;

/// Sets it for all devices of this pharmacy. Each hears of it when it next gets in touch. Safe to repeat.
#[utoipa::path(put, path = "/api/pharmacy/contact-limit", tag = "devices",
    request_body(description = "`ContactLimit`", content = Object),
    responses((status = 204, description = "Set"), (status = 422, description = "Shorter than an hour or longer than 30 days")))]
pub async fn set(app: App, staff: Staff, Body(asked): Body<ContactLimit>) -> Result<StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    if !(1..=LONGEST_CONTACT_LIMIT_HOURS).contains(&asked.hours) {
        return Err(Problem::Invalid("Choose between 1 hour and 30 days.".to_owned()));
    }
    app.store.set_contact_limit(&staff.pharmacy, asked.hours).await?;
    let hours = asked.hours.to_string();
    app.audit_by(&staff, "contact-limit-set", &hours, "").await?;
    Ok(StatusCode::NO_CONTENT)
}
