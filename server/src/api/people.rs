//! Who works at the pharmacy, and removing somebody.

use super::devices;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use shared::api::StaffView;
use shared::ids::PersonId;
use shared::people::Permission;
use uuid::Uuid;

/// Everybody who works at this pharmacy, by name, with the devices they have a key on.
#[utoipa::path(get, path = "/api/people", tag = "people",
    responses((status = 200, description = "List of `StaffView`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<StaffView>>, Problem> {
    let in_use = app.store.devices(&staff.pharmacy).await?;
    let people = app.store.staff(&staff.pharmacy).await?.into_iter().map(|(person, role)| {
        let theirs = in_use.iter().filter(|device| device.people.iter().any(|on| on.id == person.id));
        StaffView {
            id: person.id,
            name: person.name,
            gphc: person.gphc.as_ref().map(ToString::to_string).unwrap_or_default(),
            gphc_checked: person.gphc_checked,
            role,
            access_ends: String::new(),
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
