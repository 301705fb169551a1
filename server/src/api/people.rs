//! Who works at the pharmacy, and removing somebody.

use super::body::Body;
use super::devices;
use super::invitations::access_ends;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::StaffMember;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use shared::api::{AccessUntil, StaffView};
use shared::ids::PersonId;
use shared::people::Permission;
use uuid::Uuid;

/// Everybody who works at this pharmacy, by name, with the devices they have a key on.
#[utoipa::path(get, path = "/api/people", tag = "people",
    responses((status = 200, description = "List of `StaffView`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<StaffView>>, Problem> {
    let in_use = app.store.devices(&staff.pharmacy).await?;
    let people =
        app.store.staff(&staff.pharmacy).await?.into_iter().map(|StaffMember { person, role, until }| {
            let theirs = in_use.iter().filter(|device| device.people.iter().any(|on| on.id == person.id));
            StaffView {
                id: person.id,
                name: person.name,
                gphc: person.gphc.as_ref().map(ToString::to_string).unwrap_or_default(),
                gphc_checked: person.gphc_checked,
                role,
                access_ends: until.map(shared::time::stored).unwrap_or_default(),
                devices: theirs.cloned().map(devices::view).collect(),
            }
        });
    Ok(Json(people.collect()))
}

/// Removes somebody from this pharmacy: their sessions end, and what they record from now on is refused.
#[utoipa::path(delete, path = "/api/people/{id}", tag = "people",
    params(("id" = Uuid, Path, description = "Person id")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "Does not work here"),
        (status = 409, description = "Oneself")))]
pub async fn remove(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let person = PersonId(id);
    if person == staff.person.id {
        return Err(Problem::Conflict(
            "You cannot remove yourself. Ask a colleague who looks after the pharmacy.".to_owned(),
        ));
    }
    if !app.store.remove_person(&person, &staff.pharmacy, app.clock.now()).await? {
        return Err(Problem::NotFound("This person"));
    }
    app.audit_by(&staff, "person-removed", &person.to_string(), "").await?;
    // No listener is no failure: nobody had a live connection.
    let _ = app.ended.send(person);
    Ok(StatusCode::NO_CONTENT)
}

/// Sets when somebody's access to this pharmacy ends by itself, also after it has ended. What they recorded before then
/// and sends later is set aside for an administrator, as for people who were removed.
#[utoipa::path(put, path = "/api/people/{id}/access", tag = "people",
    params(("id" = Uuid, Path, description = "Person id")),
    request_body(description = "`AccessUntil`", content = Object),
    responses(
        (status = 204, description = "Set"),
        (status = 404, description = "Does not work here"),
        (status = 409, description = "Oneself"),
        (status = 422, description = "Not a time to come")))]
pub async fn set_access(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(asked): Body<AccessUntil>,
) -> Result<StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let person = PersonId(id);
    if person == staff.person.id {
        return Err(Problem::Conflict(
            "You cannot set your own access. Ask a colleague who looks after the pharmacy.".to_owned(),
        ));
    }
    let until = access_ends(&app, &asked.access_ends)?;
    if !app.store.set_access(&person, &staff.pharmacy, until).await? {
        return Err(Problem::NotFound("This person"));
    }
    app.audit_by(&staff, "access-set", &person.to_string(), &asked.access_ends).await?;
    // No listener is no failure: nobody had a live connection.
    let _ = app.ended.send(person);
    Ok(StatusCode::NO_CONTENT)
}
