//! The audit log: what an auditor searches and takes away, and what devices add to it.

use super::body::Body;
use crate::app::App;
use crate::audit::Readable;
use crate::audit::csv::{self, Row};
use crate::problem::{Problem, chain};
use crate::session::Staff;
use crate::store::{AuditEntry, AuditSearch, StoreError, StoredAudit};
use axum::Json;
use axum::body::Body as Answer;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use shared::api::{AUDIT_NHS_NUMBER, AuditPage, DeviceAudit, DeviceAuditLine};
use shared::consultation::hex;
use shared::ids::{ConsultationId, PersonId};
use shared::patient::NhsNumber;
use shared::people::Permission;
use shared::time::{Millis, london};
use std::collections::BTreeSet;

/// Lines of a page on a screen.
const PAGE: u32 = 100;
/// Lines of an export that are in memory at once.
const EXPORT_PAGE: u32 = 1000;
/// Lines that a device may tell at once.
const MOST_FROM_DEVICE: usize = 200;
const LONGEST_WHY: usize = 500;
/// What may be done with a record on a device.
const ON_DEVICES: [&str; 7] = [
    "opened-consultation",
    "opened-history",
    "printed",
    "copied-nhs-number",
    "opened-ncrs",
    "opened-tracker",
    "started-without-evidence",
];

/// What an auditor looks for; empty fields do not matter.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// First day, 2026-11-22.
    from: String,
    /// Last day.
    to: String,
    /// Who did it: an id.
    person: String,
    /// One of `actions`.
    action: String,
    /// What it was done to.
    consultation: String,
    #[param(ignore)]
    before: Option<u64>,
}

/// This pharmacy's audit log, newest first.
#[utoipa::path(get, path = "/api/audit", tag = "audit",
    params(
        Wanted,
        ("before" = Option<u64>, Query, description = "`next` of the page before"),
        ("x-satchel-nhs-number" = Option<String>, Header, description = "Of whom it is about; never kept")),
    responses(
        (status = 200, description = "`AuditPage`"),
        (status = 403, description = "The role may not read the audit log"),
        (status = 422, description = "Something asked for cannot be read")))]
pub async fn search(
    app: App,
    staff: Staff,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<AuditPage>, Problem> {
    staff.may(Permission::ReadAudit)?;
    let search = asked(&app, &staff, &headers, wanted)?;
    if search.before.is_none() {
        app.audit_by(&staff, "audit-read", &described(&search), "").await?;
    }
    let mut found = app.store.audit_lines(&search, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let mut readable = Readable::default();
    let mut lines = Vec::with_capacity(found.len());
    for line in &found {
        lines.push(readable.line(&*app.store, line).await?);
    }
    let next = lines.last().filter(|_| more).map(|line| line.place);
    Ok(Json(AuditPage { lines, next, actions: app.store.audit_actions(&staff.pharmacy).await? }))
}

/// The same as a table for a spreadsheet, oldest first.
#[utoipa::path(get, path = "/api/audit/export", tag = "audit",
    params(
        Wanted,
        ("x-satchel-nhs-number" = Option<String>, Header, description = "Of whom it is about; never kept")),
    responses(
        (status = 200, description = "CSV", content_type = "text/csv"),
        (status = 403, description = "The role may not read the audit log"),
        (status = 422, description = "Something asked for cannot be read")))]
pub async fn export(
    app: App,
    staff: Staff,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    staff.may(Permission::ReadAudit)?;
    let search = AuditSearch { oldest_first: true, before: None, ..asked(&app, &staff, &headers, wanted)? };
    app.audit_by(&staff, "audit-exported", &described(&search), "").await?;
    let head = csv::head().map_err(Problem::internal)?;
    let rest = Export { app, search, readable: Readable::default(), head: Some(head) };
    let parts = stream::try_unfold(rest, Export::next);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\"")),
    ];
    Ok((headers, Answer::from_stream(parts)).into_response())
}

/// An export under way: page after page, so that a long log takes no more memory than a short one.
struct Export {
    app: App,
    search: AuditSearch,
    readable: Readable,
    head: Option<Vec<u8>>,
}

impl Export {
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, std::io::Error> {
        if let Some(head) = self.head.take() {
            return Ok(Some((head, self)));
        }
        match self.page().await {
            Ok(part) if part.is_empty() => Ok(None),
            Ok(part) => Ok(Some((part, self))),
            Err(error) => {
                tracing::error!(cause = %chain(&error), "an export of the audit log was cut short");
                Err(std::io::Error::other("the audit log could not be read to its end"))
            }
        }
    }

    async fn page(&mut self) -> Result<Vec<u8>, StoreError> {
        let found = self.app.store.audit_lines(&self.search, EXPORT_PAGE).await?;
        self.search.after = found.last().map(|line| line.place).or(self.search.after);
        let mut lines = Vec::with_capacity(found.len());
        for line in &found {
            lines.push(self.readable.line(&*self.app.store, line).await?);
        }
        let rows = found.iter().zip(&lines).map(|(stored, line)| row(stored, line));
        csv::rows(rows).map_err(StoreError::broken)
    }
}

fn row<'a>(stored: &'a StoredAudit, line: &'a shared::api::AuditLine) -> Row<'a> {
    let hash = stored.hash.map(|hash| hex(&hash)).unwrap_or_default();
    Row { line, pharmacy: stored.entry.pharmacy.as_ref(), hash }
}

/// What was looked for, without the patient's number.
fn described(search: &AuditSearch) -> String {
    let words = [
        search.person.map(|person| format!("person {person}")),
        search.action.as_ref().map(|action| format!("action {action}")),
        search.subject.as_ref().map(|subject| format!("consultation {subject}")),
        search.patient.map(|_| "one patient".to_owned()),
        search.from.map(|from| format!("from {}", shared::time::day(from))),
        search.until.map(|until| format!("to {}", shared::time::day(until - 1))),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    if words.is_empty() { "everything".to_owned() } else { words.join(", ") }
}

fn asked(
    app: &App,
    staff: &Staff,
    headers: &HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<AuditSearch, Problem> {
    let Ok(Query(wanted)) = wanted else { return Err(invalid("“before” must be a whole number.")) };
    let number = headers.get(AUDIT_NHS_NUMBER).map(|value| value.to_str().unwrap_or("not text"));
    let number: Option<NhsNumber> = read(number.unwrap_or_default(), "This is not an NHS number.")?;
    let patient = number.map(|number| app.server_keys.at_rest.patient_mark(&number));
    let consultation: Option<ConsultationId> =
        read(&wanted.consultation, "“consultation” must be a consultation’s id.")?;
    let person: Option<PersonId> = read(&wanted.person, "“person” must be a person’s id.")?;
    Ok(AuditSearch {
        pharmacy: Some(staff.pharmacy.clone()),
        from: day(&wanted.from)?.map(begins).transpose()?,
        until: day(&wanted.to)?.map(|day| begins(day.saturating_add(1.day()))).transpose()?,
        person,
        action: Some(wanted.action).filter(|action| !action.is_empty()),
        subject: consultation.map(|id| id.to_string()),
        patient,
        before: wanted.before,
        after: None,
        oldest_first: false,
    })
}

fn read<T: std::str::FromStr>(text: &str, otherwise: &str) -> Result<Option<T>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| invalid(otherwise)),
    }
}

fn day(text: &str) -> Result<Option<Date>, Problem> {
    read(text, "A day is written 2026-11-22.")
}

/// When a day begins in England.
fn begins(day: Date) -> Result<Millis, Problem> {
    let midnight = day.to_zoned(london()).map_err(|_| invalid("This day is out of range."))?;
    Ok(midnight.timestamp().as_millisecond())
}

fn invalid(detail: &str) -> Problem {
    Problem::Invalid(detail.to_owned())
}

/// What somebody did with records on this device, perhaps with no network. Safe to repeat.
#[utoipa::path(post, path = "/api/audit/device", tag = "audit",
    request_body(description = "`DeviceAudit`", content = Object),
    responses(
        (status = 204, description = "All of it is in the log"),
        (status = 409, description = "The device has not made itself known in this session"),
        (status = 413, description = "More than 200 lines: send fewer at once"),
        (status = 422, description = "A line that cannot be of this device")))]
pub async fn from_device(
    app: App,
    staff: Staff,
    Body(told): Body<DeviceAudit>,
) -> Result<StatusCode, Problem> {
    if told.lines.len() > MOST_FROM_DEVICE {
        return Err(Problem::TooLarge);
    }
    let device = match &staff.device {
        Some(device) => app.store.device(device).await?,
        None => None,
    };
    let device = device.filter(|device| device.pharmacy == staff.pharmacy).ok_or_else(|| {
        Problem::Conflict("This device has not made itself known. Sign in again on it.".to_owned())
    })?;
    let people: BTreeSet<PersonId> = device.people.iter().map(|person| person.id).collect();
    let consultations: Vec<ConsultationId> =
        told.lines.iter().map(|line| line.consultation).collect::<BTreeSet<_>>().into_iter().collect();
    let elsewhere = |row: &shared::consultation::WorkListRow| row.pharmacy != staff.pharmacy.as_str();
    if app.store.summaries(&consultations).await?.iter().any(elsewhere) {
        return Err(invalid("A consultation is not one of this pharmacy’s."));
    }
    let marks = app.patient_marks(&consultations).await?;
    let mut entries = Vec::with_capacity(told.lines.len());
    for line in told.lines {
        if !people.contains(&line.person) {
            return Err(invalid("Somebody named here has never had a key on this device."));
        }
        let done_at = plausible(&line)?;
        let about = line.consultation.to_string();
        entries.push(AuditEntry {
            done_at: Some(done_at),
            person: Some(line.person),
            patient: marks.get(&line.consultation).copied(),
            event: Some(line.id),
            ..app.audit_entry(&staff, &line.action, &about, line.why.trim())
        });
    }
    app.store.record_audits(&entries).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When it was done, by the device's clock, of a line that can be kept.
fn plausible(line: &DeviceAuditLine) -> Result<Millis, Problem> {
    if !ON_DEVICES.contains(&line.action.as_str()) {
        return Err(invalid("An action named here is not one that devices tell of."));
    }
    if line.why.chars().count() > LONGEST_WHY || line.why.chars().any(char::is_control) {
        return Err(invalid("A reason is too long or holds characters that cannot be kept."));
    }
    shared::time::read(&line.at).ok_or_else(|| invalid("A time cannot be read."))
}
