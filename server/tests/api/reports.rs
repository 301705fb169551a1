//! Figures, months of claims and exports, as the people who read them ask for them.

use crate::support::{Browser, TestApp, elm, ods, read};
use reqwest::{Method, Response, StatusCode};
use satchel::store::{Append, DocumentWrite, SignedDone, Supplies};
use satchel::supplies::VERSION;
use serde_json::{Value, json};
use shared::activity::{Dashboard, Extract, Facts, ITEMS};
use shared::api::{ExportView, Problem};
use shared::claim::Month;
use shared::consultation::{Status, WorkListRow};
use shared::ids::{ConsultationId, OdsCode};
use shared::people::Role;
use shared::register::Supplied;

/// A signed consultation as a push leaves it; only its rows are asked about here.
async fn done(app: &TestApp, pharmacy: &OdsCode, number: u8, district: &str) -> String {
    let id = ConsultationId::from_bytes([number; 16]);
    let day = format!("2026-{}-10", if number.is_multiple_of(2) { "10" } else { "11" });
    let facts = Facts {
        day: day.clone(),
        service: "minor-illness".to_owned(),
        channel: "itk111".to_owned(),
        person: "Asha Patel".to_owned(),
        verdict: "payable".to_owned(),
        supplied: vec!["Lidocaine".to_owned()],
        ..Facts::default()
    };
    let extract = Extract {
        consultation: id.to_string(),
        pharmacy: pharmacy.to_string(),
        channel: "itk111".to_owned(),
        nhs_number: "9990548609".to_owned(),
        family_name: "Winters".to_owned(),
        complaint: "=cmd()|'sore'".to_owned(),
        age_band: "65 to 74".to_owned(),
        sex: "female".to_owned(),
        postcode_district: district.to_owned(),
        day: day.clone(),
        started_at: format!("{day}T10:00:00Z"),
        ..Extract::default()
    };
    let line = Supplied {
        consultation: id.to_string(),
        line: "line".to_owned(),
        name: "Lidocaine".to_owned(),
        supplied_at: format!("{day}T10:10:00Z"),
        patient: "WINTERS, Hettie".to_owned(),
        directions: "For Hettie".to_owned(),
        ..Supplied::default()
    };
    let supplies = Supplies {
        version: VERSION,
        lines: vec![line],
        done: Some(SignedDone {
            patient: "WINTERS, Hettie".to_owned(),
            person: format!("p{number}"),
            facts,
            extract,
        }),
        ..Supplies::default()
    };
    let write = DocumentWrite {
        id,
        based_on: 0,
        base: Some(b"only rows are asked about".to_vec()),
        changes: Vec::new(),
        heads: Vec::new(),
        row: WorkListRow { id: id.to_string(), status: Status::Completed, ..WorkListRow::default() },
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: Some(supplies),
    };
    let append = Append { documents: vec![write], ..Append::default() };
    app.app.store.append(pharmacy, append).await.expect("stored");
    id.to_string()
}

/// What was answered, in words.
async fn refused(answer: Response) -> (StatusCode, String) {
    let status = answer.status();
    let problem: Problem = read(answer).await;
    (status, problem.detail)
}

async fn text(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("text")
}

async fn with_records() -> (TestApp, Browser) {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    for number in 1..=7 {
        done(&app, &elm().ods, number, if number == 7 { "E1" } else { "SW1A" }).await;
    }
    (app, asha)
}

const DAYS: &str = "from=2026-10-01&to=2026-11-30";

#[tokio::test]
async fn the_figures_of_some_days_are_those_of_this_pharmacy() {
    let (app, asha) = with_records().await;
    done(&app, &ods("FB456"), 9, "SW1A").await;
    let view: Dashboard = read(asha.get(&format!("/api/activity?{DAYS}")).await).await;
    assert_eq!(view.consultations, 7);
    assert_eq!(view.medicines[0].count, 7);
    let view: Dashboard = read(asha.get("/api/activity?from=2026-11-01&to=2026-11-30").await).await;
    assert_eq!(view.consultations, 4);
    let view: Dashboard = read(asha.get(&format!("/api/activity?{DAYS}&person=Nobody")).await).await;
    assert_eq!(view.consultations, 0);
}

#[tokio::test]
async fn figures_across_pharmacies_are_of_those_where_somebody_may_read_them() {
    let (app, asha) = with_records().await;
    done(&app, &ods("FB456"), 9, "SW1A").await;
    let view: Dashboard = read(asha.get(&format!("/api/activity?{DAYS}&across=yes")).await).await;
    assert_eq!(view.consultations, 7, "she does not work at the other one");
}

#[tokio::test]
async fn days_that_make_no_span_are_named() {
    let (_app, asha) = with_records().await;
    for (days, words) in [
        ("from=2026-11-30&to=2026-11-01", "before the first"),
        ("from=yesterday&to=2026-11-01", "for example"),
        ("from=2020-01-01&to=2026-11-01", "two years"),
    ] {
        let (status, said) = refused(asha.get(&format!("/api/activity?{days}")).await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_month_compares_with_what_somebody_read_in_manage_your_service() {
    let (_app, asha) = with_records().await;
    let view: Month = read(asha.get("/api/claims/month/2026-11").await).await;
    assert_eq!((view.services[0].missing, view.to_mend, view.declared.as_str()), (4, 4, ""));
    let told = json!({ "figures": { "minor-illness": 3 }, "declared": true });
    let view: Month = read(asha.ask(Method::PUT, "/api/claims/month/2026-11", Some(told)).await).await;
    assert_eq!((view.services[0].mys, view.services[0].differs()), (Some(3), Some(3)));
    assert!(view.declared.starts_with("Asha Patel"), "{}", view.declared);
    let wrong = json!({ "figures": { "flu": 3 } });
    let (status, said) = refused(asha.ask(Method::PUT, "/api/claims/month/2026-11", Some(wrong)).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("flu") && said.contains("minor-illness"), "{said}");
    let (status, _) = refused(asha.get("/api/claims/month/2026-13").await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn evidence_and_the_report_of_a_failure_are_papers() {
    let (_app, asha) = with_records().await;
    for path in ["evidence", "it-failure?what=The%20line%20was%20cut"] {
        let answer = asha.get(&format!("/api/claims/month/2026-11/{path}")).await;
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        assert!(answer.bytes().await.expect("bytes").starts_with(b"%PDF"));
    }
    let (status, said) = refused(asha.get("/api/claims/month/2026-11/it-failure").await).await;
    assert_eq!((status, said.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "Say what failed."));
}

#[tokio::test]
async fn an_export_is_a_file_for_each_month_and_kind() {
    let (_app, asha) = with_records().await;
    let view: ExportView = read(asha.get(&format!("/api/exports?{DAYS}")).await).await;
    assert_eq!((view.consultations, view.parts.len()), (7, 12));
    let mut rows = 0;
    for part in view.parts.iter().filter(|part| part.name.ends_with("consultations.csv")) {
        rows += text(&asha, &part.path).await.lines().count() - 1;
    }
    assert_eq!(rows, 7);
    let november = text(&asha, &format!("/api/exports/2026-11-consultations.csv?{DAYS}")).await;
    assert!(november.contains("9990548609") && november.contains("Winters"));
    assert!(!november.contains(",=cmd"), "a spreadsheet must not take words for a formula");
    assert_eq!(november.lines().next().map(|head| head.split(',').count()), Some(ITEMS.len()));
}

#[tokio::test]
async fn nobody_is_recognised_in_a_marked_export_and_one_patient_keeps_one_mark() {
    let (_app, asha) = with_records().await;
    let mut marks = Vec::new();
    let dictionary = text(&asha, "/api/exports/dictionary.csv").await;
    assert!(
        dictionary.contains("consultations,nhs_number,Patient demographics,NHS number.,10 digits,keyed hash")
    );
    for name in [
        "2026-11-consultations.csv",
        "2026-11-medicines.csv",
        "2026-11-Patient.ndjson",
        "2026-11-Encounter.ndjson",
        "2026-11-ServiceRequest.ndjson",
        "2026-11-MedicationDispense.ndjson",
    ] {
        let marked = text(&asha, &format!("/api/exports/{name}?{DAYS}&marked_for=warehouse")).await;
        assert!(!marked.is_empty(), "{name}");
        for secret in ["9990548609", "inters", "Hettie", "sore", "01010101-0101"] {
            assert!(!marked.contains(secret), "{name} tells {secret}");
        }
        assert!(!marked.contains("E1"), "{name}: one patient alone lives there");
        if name.ends_with("Patient.ndjson") {
            for line in marked.lines() {
                let patient: Value = serde_json::from_str(line).expect("JSON");
                marks.push(patient["identifier"][0]["value"].to_string());
            }
        }
    }
    marks.dedup();
    assert_eq!(marks.len(), 1);
    let other = text(&asha, &format!("/api/exports/2026-11-Patient.ndjson?{DAYS}&marked_for=another")).await;
    assert!(!other.contains(marks[0].trim_matches('"')), "recipients cannot put theirs together");
    let kept =
        text(&asha, &format!("/api/exports/2026-10-consultations.csv?{DAYS}&marked_for=warehouse")).await;
    assert!(kept.contains("65 to 74,female") && kept.contains("SW1A"), "six share it: {kept}");
}

#[tokio::test]
async fn a_file_that_is_in_no_export_is_not_found() {
    let (_app, asha) = with_records().await;
    for name in ["2026-12-consultations.csv", "2026-11-secrets.csv", "x", "2026-11", "é".repeat(9).as_str()]
    {
        let answer = asha.get(&format!("/api/exports/{name}?{DAYS}")).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn every_export_is_in_the_audit_log() {
    let (app, asha) = with_records().await;
    text(&asha, &format!("/api/exports/2026-11-medicines.csv?{DAYS}&marked_for=warehouse")).await;
    let ola = app.enrolled(Role::Auditor, "Ola Nowak", "").await;
    let page: shared::api::AuditPage = read(ola.get("/api/audit?action=records-exported").await).await;
    assert_eq!(
        page.lines[0].subject,
        "2026-11-medicines.csv, 2026-11-01 to 2026-11-30, marked for warehouse"
    );
}
