//! What is handed on of signed consultations: which files there are, each of them, and the dictionary.

use crate::activity::span;
use crate::app::App;
use crate::exports::{self, File, Part, Wanted};
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::DaysOf;
use axum::Json;
use axum::body::Body as Answer;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use shared::api::{ExportPart, ExportView};
use shared::people::Permission;

/// Letters of a recipient's name.
const LONGEST_RECIPIENT: usize = 60;

/// What is asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// First day, 2026-11-01.
    from: String,
    /// Last day.
    to: String,
    /// `csv` or `fhir`; empty: both.
    shape: String,
    /// Who receives it, where nobody may be recognised: keyed marks stand for people, and what few share is left out.
    /// Empty: as recorded.
    marked_for: String,
}

fn wanted(staff: &Staff, asked: &Asked) -> Result<Wanted, Problem> {
    let (from, to) = span(&asked.from, &asked.to)?;
    let recipient = asked.marked_for.trim();
    if recipient.chars().count() > LONGEST_RECIPIENT || recipient.chars().any(char::is_control) {
        return Err(Problem::Invalid("Give the recipient in at most 60 letters.".to_owned()));
    }
    Ok(Wanted {
        pharmacy: staff.pharmacy.clone(),
        from: from.to_string(),
        to: to.to_string(),
        marked_for: (!recipient.is_empty()).then(|| recipient.to_owned()),
    })
}

fn parts(wanted: &Wanted) -> Result<Vec<Part>, Problem> {
    let (from, to) = span(&wanted.from, &wanted.to)?;
    Ok(exports::parts(from, to))
}

/// The files of an export, a month each. One that broke off is fetched again; the others need not be.
#[utoipa::path(get, path = "/api/exports", tag = "exports", params(Asked),
    responses((status = 200, description = "`ExportView`"), (status = 422, description = "A day cannot be read")))]
pub async fn list(
    app: App,
    staff: Staff,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<ExportView>, Problem> {
    staff.may(Permission::ReadReports)?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let files: Vec<File> = match asked.shape.as_str() {
        "csv" => File::CSV.to_vec(),
        "fhir" => File::FHIR.to_vec(),
        "" => File::CSV.into_iter().chain(File::FHIR).collect(),
        other => return Err(Problem::Invalid(format!("“{other}” is no shape. Use csv or fhir."))),
    };
    let wanted = wanted(&staff, &asked)?;
    crate::supplies::catch_up(&app, &wanted.pharmacy).await?;
    let mut view = ExportView { from: wanted.from.clone(), to: wanted.to.clone(), ..ExportView::default() };
    for part in parts(&wanted)? {
        let days = DaysOf { pharmacy: wanted.pharmacy.clone(), from: part.from.clone(), to: part.to.clone() };
        let consultations = app.store.extracts_counted(&days).await?;
        view.consultations += consultations;
        for file in &files {
            let name = format!("{}-{}", part.month, file.name());
            let path = address(&name, &wanted)?;
            view.parts.push(ExportPart { name, path, consultations });
        }
    }
    Ok(Json(view))
}

/// One file of an export.
#[utoipa::path(get, path = "/api/exports/{name}", tag = "exports",
    params(("name" = String, Path, description = "2026-11-consultations.csv, as `GET /api/exports` names it"), Asked),
    responses((status = 200, description = "CSV or NDJSON"), (status = 404, description = "No such file"),
        (status = 422, description = "A day cannot be read")))]
pub async fn file(
    app: App,
    staff: Staff,
    Path(name): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    staff.may(Permission::ReadReports)?;
    if name == "dictionary.csv" {
        let table = exports::dictionary().map_err(Problem::internal)?;
        return Ok(attached("text/csv; charset=utf-8", &name, Answer::from(table)));
    }
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let wanted = wanted(&staff, &asked)?;
    let gone = Problem::NotFound("This file of the export");
    let Some((month, file)) = named(&name) else { return Err(gone) };
    let Some(part) = parts(&wanted)?.into_iter().find(|part| part.month == month) else { return Err(gone) };
    let what = wanted.marked_for.as_deref().map_or_else(
        || format!("{name}, {} to {}", part.from, part.to),
        |recipient| format!("{name}, {} to {}, marked for {recipient}", part.from, part.to),
    );
    app.audit_by(&staff, "records-exported", &what, "").await?;
    let stream = exports::stream(&app, &wanted, file, &part).await?;
    Ok(attached(file.media_type(), &name, Answer::from_stream(stream)))
}

fn named(name: &str) -> Option<(&str, File)> {
    let (month, rest) = (name.get(..7)?, name.get(7..)?.strip_prefix('-')?);
    Some((month, File::named(rest)?))
}

fn attached(media_type: &'static str, name: &str, body: Answer) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Where a file is fetched, with what was asked for.
fn address(name: &str, wanted: &Wanted) -> Result<String, Problem> {
    let asked = [
        ("from", wanted.from.as_str()),
        ("to", &wanted.to),
        ("marked_for", wanted.marked_for.as_deref().unwrap_or_default()),
    ];
    let said = asked.into_iter().filter(|(_, value)| !value.is_empty());
    // Only its path and question are used: whoever asks knows the host.
    let address = reqwest::Url::parse_with_params(&format!("http://host/api/exports/{name}"), said);
    let address = address.map_err(Problem::internal)?;
    Ok(format!("{}?{}", address.path(), address.query().unwrap_or_default()))
}
