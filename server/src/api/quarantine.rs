//! What was set aside: who may see it, what was said there, and the two ways out of it (design 5).

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{QuarantineEntry, Settled, StoreError};
use crate::sync::quarantine;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use shared::api::{
    CloseBranch, CloseQuarantined, QuarantineState, QuarantinedDetail, QuarantinedView, Refusal,
};
use shared::ids::{ConsultationId, DeviceId, PersonId};
use shared::people::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// More than anybody looks through; older ones are found once these are settled.
const MOST: u32 = 500;
const LONGEST_REASON: usize = 500;

/// What was set aside at this pharmacy, newest first.
#[utoipa::path(get, path = "/api/quarantine", tag = "quarantine",
    responses((status = 200, description = "List of `QuarantinedView`")))]
pub async fn list(app: App, staff: Staff) -> Result<Json<Vec<QuarantinedView>>, Problem> {
    let entries = app.store.quarantine(&staff.pharmacy, MOST).await?;
    let mut words = Words::default();
    let mut views = Vec::new();
    for entry in entries.iter().filter(|entry| may_see(&staff, entry)) {
        views.push(words.view(&app, &staff, entry).await?);
    }
    Ok(Json(views))
}

/// What was said there beside what stands. An administrator who may not read consultations is told who wrote it and how
/// much it is, so that they know what they would release and whom to ask.
#[utoipa::path(get, path = "/api/quarantine/{id}", tag = "quarantine",
    params(("id" = u64, Path, description = "Number of the entry")),
    responses((status = 200, description = "`QuarantinedDetail`"), (status = 404, description = "Not to be seen")))]
pub async fn show(app: App, staff: Staff, Path(id): Path<u64>) -> Result<Json<QuarantinedDetail>, Problem> {
    let reads = staff.role.may(Permission::ReadConsultations);
    if !reads {
        staff.may(Permission::AdministerPharmacy)?;
    }
    let found = entry(&app, &staff, id).await?;
    let said = quarantine::said(&app, &staff, &found).await?;
    app.audit_consultation(&staff, "looked-at-set-aside", &found.entry.document, "").await?;
    Ok(Json(QuarantinedDetail {
        withheld: if reads { 0 } else { said.values.len() },
        values: if reads { said.values } else { Vec::new() },
        authors: said.authors,
        entry: Words::default().view(&app, &staff, &found).await?,
    }))
}

/// Puts the work of somebody who was removed, or lost in a restore, into the record after all. Safe to repeat.
#[utoipa::path(post, path = "/api/quarantine/{id}/release", tag = "quarantine",
    params(("id" = u64, Path, description = "Number of the entry")),
    responses(
        (status = 204, description = "It is in the record"),
        (status = 403, description = "Not an administrator"),
        (status = 409, description = "It cannot be released; the detail says why")))]
pub async fn release(app: App, staff: Staff, Path(id): Path<u64>) -> Result<StatusCode, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let found = entry(&app, &staff, id).await?;
    quarantine::release(&app, &staff, &found).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes an entry: what was right in it has been entered anew. Safe to repeat.
#[utoipa::path(post, path = "/api/quarantine/{id}/close", tag = "quarantine",
    params(("id" = u64, Path, description = "Number of the entry")),
    request_body(description = "`CloseQuarantined`", content = Object),
    responses(
        (status = 204, description = "Closed"),
        (status = 403, description = "Neither its author nor a pharmacist"),
        (status = 409, description = "Released already")))]
pub async fn close(
    app: App,
    staff: Staff,
    Path(id): Path<u64>,
    Body(asked): Body<CloseQuarantined>,
) -> Result<StatusCode, Problem> {
    let because = reason(&asked.reason)?;
    let found = entry(&app, &staff, id).await?;
    closed(&app, &staff, &found, because).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes every waiting entry of a consultation that holds one of these changes. Safe to repeat.
#[utoipa::path(post, path = "/api/quarantine/close", tag = "quarantine",
    request_body(description = "`CloseBranch`", content = Object),
    responses((status = 204, description = "Closed"), (status = 403, description = "Neither the author nor a pharmacist")))]
pub async fn close_branch(
    app: App,
    staff: Staff,
    Body(asked): Body<CloseBranch>,
) -> Result<StatusCode, Problem> {
    let because = reason(&asked.reason)?;
    let wanted: BTreeSet<String> = asked.changes.iter().map(|hash| hash.to_ascii_lowercase()).collect();
    for found in app.store.quarantine_of(&staff.pharmacy, &asked.consultation).await? {
        if quarantine::holds(&app, &staff.pharmacy, &found.entry, &wanted).await {
            closed(&app, &staff, &found, because).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn closed(app: &App, staff: &Staff, found: &QuarantineEntry, because: &str) -> Result<(), Problem> {
    if found.entry.person != staff.person.id {
        staff.may(Permission::SignConsultations)?;
    }
    match found.state {
        QuarantineState::Closed => return Ok(()),
        QuarantineState::Released => {
            return Err(Problem::Conflict("This was released and is in the record.".to_owned()));
        }
        QuarantineState::Waiting => {}
    }
    let settled = Settled {
        state: QuarantineState::Closed,
        by: staff.person.id,
        at: app.clock.now(),
        because: because.to_owned(),
    };
    if app.store.settle(&staff.pharmacy, found.id, &settled).await? {
        let subject = found.entry.document.to_string();
        app.audit_by(staff, "quarantine-closed", &subject, "").await?;
    }
    Ok(())
}

fn reason(typed: &str) -> Result<&str, Problem> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > LONGEST_REASON {
        return Err(Problem::Invalid(
            "Say in a few words why this is closed, for example “entered again on 22 November”.".to_owned(),
        ));
    }
    Ok(typed)
}

async fn entry(app: &App, staff: &Staff, id: u64) -> Result<QuarantineEntry, Problem> {
    let found = app.store.quarantine_entry(&staff.pharmacy, id).await?;
    found.filter(|entry| may_see(staff, entry)).ok_or(Problem::NotFound("What was set aside"))
}

/// Administrators and pharmacists see the pharmacy's, everybody else their own.
fn may_see(staff: &Staff, entry: &QuarantineEntry) -> bool {
    staff.role.may(Permission::AdministerPharmacy) || entry.entry.person == staff.person.id
}

/// Names and labels, each looked up once.
#[derive(Default)]
struct Words {
    names: BTreeMap<PersonId, String>,
    labels: BTreeMap<String, String>,
    patients: Option<BTreeMap<String, String>>,
}

impl Words {
    async fn view(
        &mut self,
        app: &App,
        staff: &Staff,
        found: &QuarantineEntry,
    ) -> Result<QuarantinedView, StoreError> {
        let entry = &found.entry;
        let reason = serde_json::from_value(entry.reason.clone().into()).unwrap_or(Refusal::Other);
        let settled_by = match &found.settled_by {
            Some(person) => self.name(app, person).await?,
            None => String::new(),
        };
        Ok(QuarantinedView {
            id: found.id,
            consultation: entry.document,
            patient_name: self.patient(app, staff, &entry.document).await?,
            reason,
            detail: entry.detail.clone(),
            at: shared::time::stored(entry.at),
            person: entry.person,
            person_name: self.name(app, &entry.person).await?,
            device_label: self.label(app, &entry.device).await?,
            changes: entry.changes as usize,
            releasable: entry.releasable,
            state: found.state,
            settled_by,
            settled_at: found.settled_at.map(shared::time::stored).unwrap_or_default(),
            settled_because: found.settled_because.clone(),
        })
    }

    async fn name(&mut self, app: &App, person: &PersonId) -> Result<String, StoreError> {
        if let Some(name) = self.names.get(person) {
            return Ok(name.clone());
        }
        let name = app.store.person(person).await?.map(|person| person.name).unwrap_or_default();
        self.names.insert(*person, name.clone());
        Ok(name)
    }

    async fn label(&mut self, app: &App, device: &str) -> Result<String, StoreError> {
        if let Some(label) = self.labels.get(device) {
            return Ok(label.clone());
        }
        let Ok(id) = device.parse::<DeviceId>() else { return Ok(String::new()) };
        let label = app.store.device(&id).await?.map(|device| device.label).unwrap_or_default();
        self.labels.insert(device.to_owned(), label.clone());
        Ok(label)
    }

    async fn patient(
        &mut self,
        app: &App,
        staff: &Staff,
        document: &ConsultationId,
    ) -> Result<String, StoreError> {
        if !staff.role.may(Permission::ReadConsultations) {
            return Ok(String::new());
        }
        if self.patients.is_none() {
            let rows = app.store.rows(Some(&staff.pharmacy)).await?;
            self.patients = Some(rows.into_iter().map(|row| (row.id, row.patient_name)).collect());
        }
        let patients = self.patients.as_ref();
        Ok(patients.and_then(|patients| patients.get(&document.to_string()).cloned()).unwrap_or_default())
    }
}
