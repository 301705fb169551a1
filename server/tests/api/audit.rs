//! The audit log as an auditor searches it and as devices add to it.

use crate::devices::{DEVICE, register};
use crate::support::{Browser, HOUR, TestApp, elm, ods, problem, read};
use reqwest::{Method, StatusCode, header};
use satchel::audit::chain;
use satchel::store::AuditSearch;
use serde_json::{Value, json};
use shared::api::{AuditLine, AuditPage};
use shared::ids::ConsultationId;
use shared::patient::NhsNumber;
use shared::people::Role;
use uuid::Uuid;

const NUMBER: &str = "9990412073";

async fn page(browser: &Browser, query: &str) -> AuditPage {
    read(browser.get(&format!("/api/audit{query}")).await).await
}

/// Lines about a patient, whose number travels in a header: addresses are logged.
async fn about(browser: &Browser, number: &str) -> AuditPage {
    let asked = browser.bare(Method::GET, "/api/audit").header("x-satchel-nhs-number", number);
    let asked = asked.header(header::COOKIE, browser.cookie().expect("signed in"));
    read(asked.send().await.expect("an answer")).await
}

fn actions(page: &AuditPage) -> Vec<&str> {
    page.lines.iter().map(|line| line.action.as_str()).collect()
}

async fn auditor(app: &TestApp) -> Browser {
    app.enrolled(Role::Auditor, "Ola Nowak", "").await
}

#[tokio::test]
async fn who_signed_in_and_by_what_is_in_the_log() {
    let app = TestApp::start().await;
    let mut asha = app.asha().await;
    asha.delete("/api/session").await;
    assert_eq!(asha.sign_in().await.status(), StatusCode::OK);
    let ola = auditor(&app).await;
    let page = page(&ola, "?action=signed-in").await;
    let line: &AuditLine = &page.lines[0];
    assert_eq!((line.name.as_str(), line.words.as_str()), ("Asha Patel", "Signed in"));
    assert!(line.subject.starts_with("passkey "), "{}", line.subject);
    assert!(page.actions.iter().any(|action| action == "signed-out"), "{:?}", page.actions);
}

#[tokio::test]
async fn a_refused_sign_in_names_nobody_who_is_not_known() {
    let app = TestApp::start().await;
    let stranger = app.browser();
    let started = read(stranger.post("/api/session/passkey/start", json!({})).await).await;
    // A passkey of another server: good in itself, and nobody's here.
    let other = TestApp::start().await;
    let mut elsewhere = other.asha().await;
    let answer = elsewhere.touch(started);
    let refused = stranger.post("/api/session/passkey/finish", answer).await;
    assert_eq!(problem(refused).await, (StatusCode::UNAUTHORIZED, "passkey-refused".to_owned()));
    let search = AuditSearch { action: Some("sign-in-refused".to_owned()), ..AuditSearch::default() };
    let lines = app.app.store.audit_lines(&search, 9).await.expect("read");
    assert_eq!((lines.len(), lines[0].entry.person, &lines[0].entry.pharmacy), (1, None, &None));
}

#[tokio::test]
async fn an_auditor_finds_a_patients_lines_by_the_number_and_the_log_never_holds_it() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    let person = asha.session().await.person.expect("signed in").id;
    let staff = satchel::session::Staff {
        person: app.app.store.person(&person).await.expect("read").expect("there"),
        pharmacy: elm().ods,
        role: Role::Pharmacist,
        device: None,
    };
    let number: NhsNumber = NUMBER.parse().expect("a number");
    let consultation = ConsultationId(Uuid::from_bytes([4; 16]));
    app.app.audit_patient(&staff, "looked-up-patient", &consultation, &number, "").await.expect("kept");
    let ola = auditor(&app).await;
    assert_eq!(actions(&about(&ola, "999 041 2073").await), ["looked-up-patient"]);
    assert_eq!(actions(&about(&ola, "9990548609").await), Vec::<&str>::new());
    assert_eq!(actions(&page(&ola, &format!("?consultation={consultation}")).await), ["looked-up-patient"]);
    let export = ola.get("/api/audit/export").await.text().await.expect("a body");
    assert!(export.contains("looked-up-patient") && !export.contains(NUMBER), "{export}");
    let everything = page(&ola, "").await;
    let searched =
        everything.lines.iter().find(|line| line.subject.contains("one patient")).expect("audited");
    assert_eq!(searched.action, "audit-read");
    assert!(!serde_json::to_string(&everything).expect("JSON").contains(NUMBER));
}

#[tokio::test]
async fn only_an_administrator_or_an_auditor_reads_the_log() {
    let app = TestApp::start().await;
    let asha = app.asha().await;
    for path in ["/api/audit", "/api/audit/export"] {
        let refused = asha.get(path).await;
        assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "role-may-not".to_owned()));
        assert_eq!(app.browser().get(path).await.status(), StatusCode::UNAUTHORIZED);
    }
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    assert_eq!(ines.get("/api/audit").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_pharmacy_reads_its_own_log_and_no_other() {
    let app = TestApp::start().await;
    let ola = auditor(&app).await;
    let elsewhere = Some(ods("FB456"));
    app.app.audit(None, elsewhere.as_ref(), "printed", "").await.expect("kept");
    assert!(!actions(&page(&ola, "").await).contains(&"printed"));
    let export = ola.get("/api/audit/export").await.text().await.expect("a body");
    assert!(!export.contains("printed"));
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended() {
    let app = TestApp::start().await;
    let ola = auditor(&app).await;
    for _ in 0..150 {
        app.app.audit(None, Some(&elm().ods), "printed", "").await.expect("kept");
    }
    let first = page(&ola, "?action=printed").await;
    assert_eq!(first.lines.len(), 100);
    let next = first.next.expect("more");
    let second = page(&ola, &format!("?action=printed&before={next}")).await;
    assert_eq!((second.lines.len(), second.next), (50, None));
    assert!(second.lines[0].place < first.lines[99].place);
}

#[tokio::test]
async fn days_are_days_in_england_and_what_cannot_be_read_is_said() {
    let app = TestApp::start().await;
    let ola = auditor(&app).await;
    // 22 November, 14:05; ten hours on it is the 23rd.
    app.app.clock.advance(10 * HOUR);
    app.app.audit(None, Some(&elm().ods), "printed", "").await.expect("kept");
    assert!(!actions(&page(&ola, "?to=2026-11-22").await).contains(&"printed"));
    assert_eq!(actions(&page(&ola, "?from=2026-11-23&to=2026-11-23&action=printed").await), ["printed"]);
    for query in ["?from=yesterday", "?person=asha", "?before=x", "?consultation=1"] {
        let refused = ola.get(&format!("/api/audit{query}")).await;
        assert_eq!(
            problem(refused).await,
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_export_is_a_file_and_is_itself_audited() {
    let app = TestApp::start().await;
    let ola = auditor(&app).await;
    let answer = ola.get("/api/audit/export").await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(answer.headers()[header::CONTENT_DISPOSITION].to_str().expect("text").starts_with("attachment"));
    let text = answer.text().await.expect("a body");
    assert!(text.starts_with("place,at,") && text.contains("Ola Nowak"), "{text}");
    assert_eq!(actions(&page(&ola, "?action=audit-exported").await), ["audit-exported"]);
    let whole = chain::verify(&*app.app.store, None).await.expect("whole");
    assert!(whole.lines >= 4);
}

/// Asha on a device of hers, and what it tells.
async fn on_a_device(app: &TestApp) -> (Browser, Value) {
    let asha = app.asha().await;
    assert_eq!(register(&asha).await.status(), StatusCode::NO_CONTENT);
    let person = asha.session().await.person.expect("signed in").id;
    let line = json!({
        "id": Uuid::from_bytes([1; 16]), "person": person, "at": "2026-11-20T08:00:00Z",
        "action": "opened-consultation", "consultation": Uuid::from_bytes([4; 16]), "why": "",
    });
    (asha, line)
}

#[tokio::test]
async fn what_was_opened_on_a_device_reaches_the_log_once_with_both_clocks() {
    let app = TestApp::start().await;
    let (asha, line) = on_a_device(&app).await;
    for _ in 0..2 {
        let told = asha.post("/api/audit/device", json!({ "lines": [line] })).await;
        assert_eq!(told.status(), StatusCode::NO_CONTENT);
    }
    let ola = auditor(&app).await;
    let page = page(&ola, "?action=opened-consultation").await;
    assert_eq!(page.lines.len(), 1);
    let found = &page.lines[0];
    assert_eq!((found.at.as_str(), found.done_at.as_str()), ("2026-11-22T14:05:00Z", "2026-11-20T08:00:00Z"));
    assert_eq!(
        (found.name.as_str(), found.device.map(|id| id.to_string())),
        ("Asha Patel", Some(DEVICE.to_owned()))
    );
}

#[tokio::test]
async fn a_device_cannot_tell_of_somebody_who_never_had_a_key_on_it() {
    let app = TestApp::start().await;
    let (asha, line) = on_a_device(&app).await;
    let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
    let other = ines.session().await.person.expect("signed in").id;
    let refused = [
        ("person", json!(other)),
        ("action", json!("signed-in")),
        ("at", json!("yesterday")),
        ("why", json!("x".repeat(600))),
    ];
    for (field, value) in refused {
        let mut forged = line.clone();
        forged[field] = value;
        let answer = asha.post("/api/audit/device", json!({ "lines": [line, forged] })).await;
        assert_eq!(
            problem(answer).await,
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()),
            "{field}"
        );
    }
    // One that is not on a device tells nothing.
    let nowhere = ines.post("/api/audit/device", json!({ "lines": [] })).await;
    assert_eq!(nowhere.status(), StatusCode::CONFLICT);
    let many = vec![line; 201];
    let too_many = asha.post("/api/audit/device", json!({ "lines": many })).await;
    assert_eq!(too_many.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let opened = AuditSearch { action: Some("opened-consultation".to_owned()), ..AuditSearch::default() };
    assert!(app.app.store.audit_lines(&opened, 9).await.expect("read").is_empty(), "all or nothing");
}
