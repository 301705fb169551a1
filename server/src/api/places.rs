//! Services near a postcode, and mailboxes that the national directories name.

use super::body::Body;
use crate::app::App;
use crate::places::{self, Proposed};
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use shared::api::{AddressAsked, AddressProposal, PlacesAsked, PlacesView};
use shared::ids::OdsCode;
use shared::people::Permission::AdministerPharmacy;

/// Services of a kind near a postcode, from a directory, or as one said before where none answers. The postcode stands
/// in the body: addresses end up in logs.
#[utoipa::path(post, path = "/api/places", tag = "places",
    request_body(description = "`PlacesAsked`", content = Object),
    responses((status = 200, description = "`PlacesView`"), (status = 422, description = "No such kind, no postcode, or no directory knows it"),
        (status = 503, description = "No directory answers, and nothing is known from before")))]
pub async fn search(
    app: App,
    _staff: Staff,
    Body(asked): Body<PlacesAsked>,
) -> Result<Json<PlacesView>, Problem> {
    Ok(Json(places::search(&app, &asked).await?))
}

/// Asks the directories for an organisation's mailbox and proposes it to the address book, unconfirmed.
#[utoipa::path(post, path = "/api/directory/propose", tag = "directory",
    request_body(description = "`AddressAsked`", content = Object),
    responses((status = 200, description = "`AddressProposal`"), (status = 503, description = "No directory answers")))]
pub async fn propose(
    app: App,
    staff: Staff,
    Body(asked): Body<AddressAsked>,
) -> Result<Json<AddressProposal>, Problem> {
    staff.may(AdministerPharmacy)?;
    let ods: OdsCode =
        asked.ods.parse().map_err(|problem: shared::ids::NotAnId| Problem::Invalid(problem.to_string()))?;
    let answer = match places::propose_email(&app, &staff.pharmacy, &ods).await? {
        Proposed::Added(email) => {
            app.audit_by(&staff, "address-proposed", ods.as_str(), "").await?;
            AddressProposal { email, known_already: false }
        }
        Proposed::KnownAlready => AddressProposal { email: String::new(), known_already: true },
        Proposed::Nothing => AddressProposal::default(),
    };
    Ok(Json(answer))
}
