//! Evidence of competence and PGD authorisations: filed and withdrawn by an administrator, known to whom they are about.

use super::body::Body;
use crate::app::App;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{Filing, Paper, StoredCertificate};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::civil::Date;
use shared::api::{
    Certificate, Filed, NewAuthorisation, NewEvidence, PersonStanding, PharmacyContact, StandingView,
};
use shared::ids::PersonId;
use shared::people::{Evidence, Permission, PgdAuthorisation};
use shared::time::stored;
use uuid::Uuid;

/// Largest body that is read: a file of [`LARGEST_FILE`] in base64 and what stands around it.
pub const LARGEST_FILING: usize = 3 * 1024 * 1024;
const LARGEST_FILE: usize = 2 * 1024 * 1024;
const LONGEST_TEXT: usize = 500;

/// What the person who is signed in may do at this pharmacy and who is responsible: kept on the device for when there is no
/// network.
#[utoipa::path(get, path = "/api/standing", tag = "standing",
    responses((status = 200, description = "`StandingView`")))]
pub async fn own(app: App, staff: Staff) -> Result<Json<StandingView>, Problem> {
    let (person, pharmacy, now) = (&staff.person.id, &staff.pharmacy, app.clock.now());
    let works_at = app.store.memberships(person, now).await?;
    let until = works_at.into_iter().find(|at| at.pharmacy == *pharmacy).and_then(|at| at.until);
    let contact = app.store.pharmacy(pharmacy).await?.map(|pharmacy| PharmacyContact {
        address: pharmacy.address,
        phone: pharmacy.phone,
        email: app.mail.as_ref().map(|mail| mail.from().to_owned()).unwrap_or_default(),
    });
    Ok(Json(StandingView {
        evidence: app.store.evidence(pharmacy, person).await?,
        authorisations: app.store.authorisations(pharmacy, person).await?,
        responsible: super::responsible::now_responsible(&app, pharmacy).await?,
        access_ends: until.map(stored).unwrap_or_default(),
        ncrs: app.config.ncrs_url.clone(),
        fetched_at: stored(now),
        pharmacy: contact.unwrap_or_default(),
    }))
}

/// What is filed about somebody who works here.
#[utoipa::path(get, path = "/api/people/{id}/standing", tag = "standing",
    params(("id" = Uuid, Path, description = "Person id")),
    responses((status = 200, description = "`PersonStanding`"), (status = 404, description = "Does not work here")))]
pub async fn of_person(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
) -> Result<Json<PersonStanding>, Problem> {
    let person = whom(&app, &staff, id).await?;
    Ok(Json(PersonStanding {
        person,
        evidence: app.store.evidence(&staff.pharmacy, &person).await?,
        authorisations: app.store.authorisations(&staff.pharmacy, &person).await?,
    }))
}

/// Somebody's evidence of competence, newest first.
#[utoipa::path(get, path = "/api/people/{id}/evidence", tag = "standing",
    params(("id" = Uuid, Path, description = "Person id")),
    responses((status = 200, description = "List of `Evidence`"), (status = 404, description = "Does not work here")))]
pub async fn evidence(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Json<Vec<Evidence>>, Problem> {
    let person = whom(&app, &staff, id).await?;
    Ok(Json(app.store.evidence(&staff.pharmacy, &person).await?))
}

/// Somebody's authorisations under PGDs, newest first.
#[utoipa::path(get, path = "/api/people/{id}/authorisations", tag = "standing",
    params(("id" = Uuid, Path, description = "Person id")),
    responses((status = 200, description = "List of `PgdAuthorisation`"), (status = 404, description = "Does not work here")))]
pub async fn authorisations(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<PgdAuthorisation>>, Problem> {
    let person = whom(&app, &staff, id).await?;
    Ok(Json(app.store.authorisations(&staff.pharmacy, &person).await?))
}

/// Files evidence of competence for one service.
#[utoipa::path(post, path = "/api/people/{id}/evidence", tag = "standing",
    params(("id" = Uuid, Path, description = "Person id")),
    request_body(description = "`NewEvidence`", content = Object),
    responses(
        (status = 200, description = "`Filed`"),
        (status = 404, description = "Does not work here"),
        (status = 422, description = "A day that is none, a file that is not what it says")))]
pub async fn file_evidence(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(asked): Body<NewEvidence>,
) -> Result<Json<Filed>, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let person = whom(&app, &staff, id).await?;
    let (dated, expires) = days(&asked.dated, &asked.expires)?;
    let id = Uuid::new_v4();
    let filing = filing(&app, &staff, person, Paper::Evidence, id, asked.certificate)?;
    let evidence = Evidence {
        id,
        service: text(&asked.service, "the service")?,
        kind: asked.kind,
        dated,
        expires,
        note: optional(&asked.note)?,
        certificate: String::new(),
    };
    app.store.file_evidence(&filing, &evidence).await?;
    app.audit_by(&staff, "evidence-filed", &format!("{person} {id}"), "").await?;
    Ok(Json(Filed { id }))
}

/// Files a named professional's signed authorisation for one version of a PGD.
#[utoipa::path(post, path = "/api/people/{id}/authorisations", tag = "standing",
    params(("id" = Uuid, Path, description = "Person id")),
    request_body(description = "`NewAuthorisation`", content = Object),
    responses(
        (status = 200, description = "`Filed`"),
        (status = 404, description = "Does not work here"),
        (status = 422, description = "A day that is none, a file that is not what it says")))]
pub async fn file_authorisation(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
    Body(asked): Body<NewAuthorisation>,
) -> Result<Json<Filed>, Problem> {
    staff.may(Permission::AdministerPharmacy)?;
    let person = whom(&app, &staff, id).await?;
    if asked.expires.trim().is_empty() {
        return Err(invalid("Enter the last day of the PGD: every PGD ends."));
    }
    let (signed, expires) = days(&asked.signed, &asked.expires)?;
    let id = Uuid::new_v4();
    let filing = filing(&app, &staff, person, Paper::Authorisation, id, asked.certificate)?;
    let authorisation = PgdAuthorisation {
        id,
        person,
        pgd: text(&asked.pgd, "the PGD")?,
        version: text(&asked.version, "the version")?,
        signed,
        expires,
        authorised_by: text(&asked.authorised_by, "who authorised")?,
        certificate: String::new(),
    };
    app.store.file_authorisation(&filing, &authorisation).await?;
    app.audit_by(&staff, "authorisation-filed", &format!("{person} {id}"), "").await?;
    Ok(Json(Filed { id }))
}

/// Withdraws evidence: it is kept, and counts for nothing from now on.
#[utoipa::path(delete, path = "/api/evidence/{id}", tag = "standing",
    params(("id" = Uuid, Path, description = "Evidence id")),
    responses((status = 204, description = "Withdrawn"), (status = 404, description = "Not one of this pharmacy's, or withdrawn before")))]
pub async fn withdraw_evidence(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    withdraw(&app, &staff, Paper::Evidence, id, "evidence-withdrawn").await
}

/// Withdraws an authorisation: it is kept, and authorises nothing from now on.
#[utoipa::path(delete, path = "/api/authorisations/{id}", tag = "standing",
    params(("id" = Uuid, Path, description = "Authorisation id")),
    responses((status = 204, description = "Withdrawn"), (status = 404, description = "Not one of this pharmacy's, or withdrawn before")))]
pub async fn withdraw_authorisation(
    app: App,
    staff: Staff,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    withdraw(&app, &staff, Paper::Authorisation, id, "authorisation-withdrawn").await
}

/// The file that shows it.
#[utoipa::path(get, path = "/api/evidence/{id}/certificate", tag = "standing",
    params(("id" = Uuid, Path, description = "Evidence id")),
    responses((status = 200, description = "PDF, JPEG or PNG"), (status = 404, description = "No such file here")))]
pub async fn evidence_file(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    file(&app, &staff, Paper::Evidence, id).await
}

/// The file that shows it.
#[utoipa::path(get, path = "/api/authorisations/{id}/certificate", tag = "standing",
    params(("id" = Uuid, Path, description = "Authorisation id")),
    responses((status = 200, description = "PDF, JPEG or PNG"), (status = 404, description = "No such file here")))]
pub async fn authorisation_file(app: App, staff: Staff, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    file(&app, &staff, Paper::Authorisation, id).await
}

/// Somebody who works here. Others than oneself are for whoever looks after the pharmacy.
async fn whom(app: &App, staff: &Staff, id: Uuid) -> Result<PersonId, Problem> {
    let person = PersonId(id);
    if person == staff.person.id {
        return Ok(person);
    }
    staff.may(Permission::AdministerPharmacy)?;
    let here = app.store.staff(&staff.pharmacy).await?;
    here.iter()
        .any(|member| member.person.id == person)
        .then_some(person)
        .ok_or(Problem::NotFound("This person"))
}

async fn withdraw(
    app: &App,
    staff: &Staff,
    paper: Paper,
    id: Uuid,
    action: &str,
) -> Result<StatusCode, Problem> {
    const MISSING: Problem = Problem::NotFound("What was filed");
    staff.may(Permission::AdministerPharmacy)?;
    let now = app.clock.now();
    let (whose, _) = app.store.certificate(paper, &staff.pharmacy, &id).await?.ok_or(MISSING)?;
    if !app.store.withdraw(paper, &staff.pharmacy, &id, &staff.person.id, now).await? {
        return Err(MISSING);
    }
    app.audit_by(staff, action, &format!("{whose} {id}"), "").await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn file(app: &App, staff: &Staff, paper: Paper, id: Uuid) -> Result<Response, Problem> {
    const MISSING: Problem = Problem::NotFound("This file");
    let found = app.store.certificate(paper, &staff.pharmacy, &id).await?;
    let Some((person, certificate)) = found else { return Err(MISSING) };
    if person != staff.person.id {
        staff.may(Permission::AdministerPharmacy)?;
    }
    let certificate = certificate.ok_or(MISSING)?;
    let plain = app.server_keys.at_rest.open(&place(paper, id), &certificate.sealed);
    let plain =
        plain.ok_or_else(|| Problem::internal("a certificate does not open with the server's key"))?;
    app.audit_by(staff, "certificate-read", &format!("{person} {id}"), "").await?;
    // Never shown within our own pages: whoever filed it could have put a script into it.
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_str(&certificate.kind).map_err(Problem::internal)?),
        (header::CONTENT_DISPOSITION, attachment(&certificate.name)?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, plain).into_response())
}

/// A download under the file's own name, of which only plain letters stay (RFC 6266).
fn attachment(name: &str) -> Result<HeaderValue, Problem> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(Problem::internal)
}

/// Where a file is sealed for: it opens as nothing else.
fn place(paper: Paper, id: Uuid) -> String {
    let kind = match paper {
        Paper::Evidence => "evidence",
        Paper::Authorisation => "authorisation",
    };
    format!("certificate/{kind}/{id}")
}

fn filing(
    app: &App,
    staff: &Staff,
    person: PersonId,
    paper: Paper,
    id: Uuid,
    certificate: Option<Certificate>,
) -> Result<Filing, Problem> {
    let certificate = certificate.map(|certificate| {
        let bytes = checked(&certificate)?;
        Ok::<_, Problem>(StoredCertificate {
            name: text(&certificate.name, "the file’s name")?,
            kind: certificate.kind,
            sealed: app.server_keys.at_rest.seal(&place(paper, id), &bytes),
        })
    });
    Ok(Filing {
        person,
        pharmacy: staff.pharmacy.clone(),
        by: staff.person.id,
        at: app.clock.now(),
        certificate: certificate.transpose()?,
    })
}

/// A file's bytes, where they begin like what it says it is.
fn checked(certificate: &Certificate) -> Result<Vec<u8>, Problem> {
    let bytes = STANDARD.decode(&certificate.bytes).map_err(|_| invalid("The file did not arrive whole."))?;
    if bytes.len() > LARGEST_FILE {
        return Err(invalid("The file is larger than 2 MB. Scan it with less detail."));
    }
    let begins: &[u8] = match certificate.kind.as_str() {
        "application/pdf" => b"%PDF-",
        "image/jpeg" => b"\xff\xd8\xff",
        "image/png" => b"\x89PNG\r\n\x1a\n",
        _ => return Err(invalid("Choose a PDF, a JPEG or a PNG.")),
    };
    if bytes.starts_with(begins) {
        Ok(bytes)
    } else {
        Err(invalid("The file is not what its name says. Choose a PDF, a JPEG or a PNG."))
    }
}

/// When it is from, and the last day on which it counts; empty for no end.
fn days(dated: &str, expires: &str) -> Result<(String, String), Problem> {
    let read = |text: &str| -> Result<Date, Problem> {
        text.trim().parse().map_err(|_| invalid("Enter a day, for example 2026-11-22."))
    };
    let from = read(dated)?;
    if expires.trim().is_empty() {
        return Ok((from.to_string(), String::new()));
    }
    let last = read(expires)?;
    if last < from {
        return Err(invalid("It would end before it began. Check both days."));
    }
    Ok((from.to_string(), last.to_string()))
}

fn text(typed: &str, what: &str) -> Result<String, Problem> {
    match optional(typed)? {
        text if text.is_empty() => Err(Problem::Invalid(format!("Enter {what}."))),
        text => Ok(text),
    }
}

fn optional(typed: &str) -> Result<String, Problem> {
    let text = typed.trim();
    if text.chars().count() > LONGEST_TEXT {
        return Err(invalid("A text is longer than 500 characters."));
    }
    Ok(text.to_owned())
}

fn invalid(detail: &str) -> Problem {
    Problem::Invalid(detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: &str, bytes: &[u8]) -> Certificate {
        Certificate { name: "a".to_owned(), kind: kind.to_owned(), bytes: STANDARD.encode(bytes) }
    }

    #[test]
    fn a_file_begins_like_what_it_says_it_is() {
        assert!(checked(&file("application/pdf", b"%PDF-1.7 ...")).is_ok());
        assert!(checked(&file("image/png", b"\x89PNG\r\n\x1a\n...")).is_ok());
        assert!(checked(&file("application/pdf", b"<script>alert(1)</script>")).is_err());
        assert!(checked(&file("text/html", b"<html>")).is_err());
        assert!(checked(&file("image/svg+xml", b"<svg onload=...>")).is_err());
        let mut large = b"%PDF-".to_vec();
        large.resize(LARGEST_FILE + 1, 0);
        assert!(checked(&file("application/pdf", &large)).is_err());
        large.pop();
        assert!(checked(&file("application/pdf", &large)).is_ok());
    }

    #[test]
    fn a_files_name_says_nothing_to_the_browser() {
        let value = attachment("a\"; filename=\"evil.html\r\nX: y").expect("a header");
        assert_eq!(value, "attachment; filename=\"a__ filename__evil.html__X_ y\"");
    }

    #[test]
    fn nothing_ends_before_it_began() {
        assert!(days("2026-11-22", "2026-11-21").is_err());
        assert!(days("2026-11-31", "").is_err());
        assert_eq!(days(" 2026-11-22", "").expect("days"), ("2026-11-22".to_owned(), String::new()));
    }
}
