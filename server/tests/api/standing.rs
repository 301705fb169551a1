//! Evidence, authorisations and who is responsible.

use crate::support::{Browser, TestApp, problem, read};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use shared::api::{AuditPage, Filed, PersonStanding, ResponsiblePharmacist, StandingView};
use shared::people::Role;
use sqlx::Row as _;

const PDF: &[u8] = b"%PDF-1.7 a certificate in words nobody else may read";

fn evidence(certificate: Value) -> Value {
    json!({ "service": "minor-illness", "kind": "training", "dated": "2026-01-10", "expires": "2027-01-10",
            "note": "assessed", "certificate": certificate })
}

fn pdf() -> Value {
    json!({ "name": "Asha’s certificate.pdf", "kind": "application/pdf", "bytes": STANDARD.encode(PDF) })
}

async fn id(browser: &Browser) -> String {
    browser.session().await.person.expect("signed in").id.to_string()
}

#[tokio::test]
async fn what_is_filed_reaches_whom_it_is_about_and_withdrawn_no_longer_counts() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let person = id(&asha).await;
    let filed: Filed =
        read(ines.post(&format!("/api/people/{person}/evidence"), evidence(pdf())).await).await;
    let own: StandingView = read(asha.get("/api/standing").await).await;
    assert_eq!((own.evidence.len(), own.evidence[0].id), (1, filed.id));
    assert_eq!(
        (own.evidence[0].certificate.as_str(), own.access_ends.as_str()),
        ("Asha’s certificate.pdf", "")
    );
    assert!(own.ncrs.starts_with("https://") && own.fetched_at == "2026-11-22T14:05:00Z");
    let gone = ines.delete(&format!("/api/evidence/{}", filed.id)).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    let own: StandingView = read(asha.get("/api/standing").await).await;
    assert!(own.evidence.is_empty());
    let again = ines.delete(&format!("/api/evidence/{}", filed.id)).await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    // Kept all the same, with who and when.
    let mut beside = app.another_writer().await;
    let row = sqlx::query("SELECT withdrawn_by, withdrawn_at FROM evidence").fetch_one(&mut beside).await;
    let row = row.expect("a row");
    assert_eq!(row.get::<String, _>(0), id(&ines).await);
    assert_eq!(row.get::<i64, _>(1), crate::support::NOW);
    // The audit log names them, and keeps both ids.
    let ola = app.enrolled(Role::Auditor, "Ola Nowak", "").await;
    for action in ["evidence-filed", "evidence-withdrawn"] {
        let page: AuditPage = read(ola.get(&format!("/api/audit?action={action}")).await).await;
        let told = (page.lines[0].about.as_str(), page.lines[0].subject.clone());
        assert_eq!(told, ("Asha Patel", format!("{person} {}", filed.id)));
    }
}

#[tokio::test]
async fn a_certificate_is_sealed_at_rest_and_leaves_as_a_download_only() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let person = id(&asha).await;
    let filed: Filed =
        read(ines.post(&format!("/api/people/{person}/evidence"), evidence(pdf())).await).await;
    let mut beside = app.another_writer().await;
    let row = sqlx::query("SELECT sealed FROM certificate").fetch_one(&mut beside).await.expect("a row");
    let sealed: Vec<u8> = row.get(0);
    assert!(!sealed.windows(11).any(|part| part == &PDF[..11]), "it stands there for all to read");
    for browser in [&asha, &ines] {
        let answer = browser.get(&format!("/api/evidence/{}/certificate", filed.id)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers();
        assert_eq!(headers[header::CONTENT_TYPE], "application/pdf");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(headers[header::CONTENT_DISPOSITION].to_str().expect("text").starts_with("attachment;"));
        assert_eq!(answer.bytes().await.expect("a body"), PDF);
    }
    let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
    let refused = tom.get(&format!("/api/evidence/{}/certificate", filed.id)).await;
    assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "role-may-not".to_owned()));
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_and_days_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let path = format!("/api/people/{}/evidence", id(&asha).await);
    let html = json!({ "name": "a.pdf", "kind": "application/pdf", "bytes": STANDARD.encode("<script>") });
    let svg = json!({ "name": "a.svg", "kind": "image/svg+xml", "bytes": STANDARD.encode("<svg>") });
    let mut ends_early = evidence(Value::Null);
    ends_early["expires"] = json!("2025-01-01");
    for wrong in [evidence(html), evidence(svg), ends_early] {
        let refused = asha.post(&path, wrong).await;
        assert_eq!(problem(refused).await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()));
    }
    // Two megabytes pass, though other bodies may not be as large.
    let mut large = PDF.to_vec();
    large.resize(2 * 1024 * 1024, b' ');
    let large = json!({ "name": "a.pdf", "kind": "application/pdf", "bytes": STANDARD.encode(large) });
    assert_eq!(asha.post(&path, evidence(large)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_authorisation_is_for_one_person_and_every_pgd_ends() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let person = id(&asha).await;
    let path = format!("/api/people/{person}/authorisations");
    let mut asked = json!({ "pgd": "sore-throat", "version": "2.0", "signed": "2026-02-01",
        "expires": "2027-01-30", "authorised_by": "Superintendent", "certificate": null });
    let _: Filed = read(ines.post(&path, asked.clone()).await).await;
    let held: PersonStanding = read(ines.get(&format!("/api/people/{person}/standing")).await).await;
    assert_eq!((held.authorisations.len(), held.authorisations[0].person.to_string()), (1, person.clone()));
    asked["expires"] = json!("");
    assert_eq!(ines.post(&path, asked).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
    let other = tom.get(&format!("/api/people/{person}/standing")).await;
    assert_eq!(other.status(), StatusCode::FORBIDDEN, "colleagues’ papers are none of theirs");
}

#[tokio::test]
async fn the_responsible_pharmacist_is_named_from_now_on() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let path = "/api/pharmacy/responsible-pharmacist";
    for wrong in [json!({ "name": "", "gphc": "2074123" }), json!({ "name": "Tom Reid", "gphc": "5001234" })]
    {
        let refused = asha.ask(Method::PUT, path, Some(wrong)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let named = asha.ask(Method::PUT, path, Some(json!({ "name": "Asha Patel", "gphc": "2074123" }))).await;
    let named: ResponsiblePharmacist = read(named).await;
    assert_eq!(named.since, "2026-11-22T14:05:00Z");
    let own: StandingView = read(asha.get("/api/standing").await).await;
    assert_eq!(own.responsible, Some(named));
    let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
    let refused = tom.ask(Method::PUT, path, Some(json!({ "name": "Tom Reid", "gphc": "2074123" }))).await;
    assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "role-may-not".to_owned()));
}
