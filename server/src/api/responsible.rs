//! Who the responsible pharmacist is (practice 30; Medicines (Pharmacies) (Responsible Pharmacist) Regulations 2008).

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{Responsible, StoreError};
use axum::Json;
use shared::api::ResponsiblePharmacist;
use shared::ids::{GphcNumber, OdsCode};
use shared::people::Permission;
use shared::time::stored;

/// Names who is responsible from now on. Whoever was before stays in the history.
#[utoipa::path(put, path = "/api/pharmacy/responsible-pharmacist", tag = "standing",
    request_body(description = "`ResponsiblePharmacist`", content = Object),
    responses(
        (status = 200, description = "`ResponsiblePharmacist`, with since when"),
        (status = 422, description = "The name is empty, or the number is not a pharmacist's")))]
pub async fn name(
    app: App,
    staff: Staff,
    Body(asked): Body<ResponsiblePharmacist>,
) -> Result<Json<ResponsiblePharmacist>, Problem> {
    staff.may(Permission::NameResponsiblePharmacist)?;
    let name = super::enrolment::full_name(&asked.name)?;
    let gphc: Option<GphcNumber> = asked.gphc.parse().ok().filter(GphcNumber::is_pharmacist);
    let gphc = gphc.ok_or_else(|| {
        Problem::Invalid("Enter the pharmacist’s GPhC number: 7 digits that begin with 2.".to_owned())
    })?;
    let named = Responsible { name, gphc, since: app.clock.now(), until: None, named_by: staff.person.id };
    app.store.name_responsible(&staff.pharmacy, &named).await?;
    app.audit_by(&staff, "responsible-pharmacist-named", named.gphc.as_str(), "").await?;
    Ok(Json(view(named)))
}

pub(super) async fn now_responsible(
    app: &App,
    pharmacy: &OdsCode,
) -> Result<Option<ResponsiblePharmacist>, StoreError> {
    let newest = app.store.responsible(pharmacy, 1).await?;
    Ok(newest.into_iter().next().map(view))
}

fn view(responsible: Responsible) -> ResponsiblePharmacist {
    ResponsiblePharmacist {
        name: responsible.name,
        gphc: responsible.gphc.to_string(),
        since: stored(responsible.since),
    }
}
