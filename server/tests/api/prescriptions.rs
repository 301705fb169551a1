//! Prescriptions and exemptions: who may look, what never leaves, and what the audit log keeps.

use crate::support::{Browser, TestApp, ods, problem, read};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::ids::ConsultationId;
use shared::people::Role;
use shared::prescription::exemption_check::Answer;
use uuid::Uuid;

const EXEMPTION: &str = "/api/prescriptions/exemption";
const SEARCH: &str = "/api/prescriptions/search";

fn id() -> ConsultationId {
    ConsultationId(Uuid::from_u128(7))
}

fn by_id(id_typed: &str) -> Value {
    json!({ "consultation": id(), "by": { "kind": "id", "id": id_typed } })
}

fn exemption(prescription: &str) -> Value {
    json!({
        "consultation": id(), "prescription": prescription, "nhs_number": "9990523185", "given_name": "Obadiah",
        "family_name": "Samplewick", "birth_date": "1968-09-23", "postcode": "ZZ99 3VZ",
    })
}

async fn answer(browser: &Browser, body: Value) -> Answer {
    let response = browser.post(EXEMPTION, body).await;
    assert_eq!(response.status(), StatusCode::OK);
    read(response).await
}

async fn audited(server: &TestApp) -> Vec<String> {
    let lines = server.app.store.audit(&ods("FA123"), 100).await.expect("the store");
    lines.into_iter().filter(|line| line.action == "checked-exemption").map(|line| line.why).collect()
}

#[tokio::test]
async fn pharmacist_and_technician_may_look_for_prescriptions_and_nobody_else() {
    let server = TestApp::with(&[]).await;
    for (role, gphc, expected) in [
        (Role::Pharmacist, "2074123", (501, "nhs-service-not-set-up")),
        (Role::Technician, "5001234", (501, "nhs-service-not-set-up")),
        (Role::Administrator, "", (403, "role-may-not")),
        (Role::Auditor, "", (403, "role-may-not")),
    ] {
        let browser = server.enrolled(role, "Sam Example", gphc).await;
        let (status, name) = problem(browser.post(SEARCH, by_id("5A1B0E-A99999-0001A1")).await).await;
        assert_eq!((status.as_u16(), name.as_str()), expected, "{role:?}");
    }
}

#[tokio::test]
async fn an_id_with_a_wrong_check_character_never_leaves() {
    let server = TestApp::with(&[]).await;
    let asha = server.asha().await;
    for typed in ["5A1B0E-A99999-0001A2", "5A1B0E", ""] {
        let (status, name) = problem(asha.post(SEARCH, by_id(typed)).await).await;
        assert_eq!((status.as_u16(), name.as_str()), (422, "invalid"), "{typed}");
    }
}

#[tokio::test]
async fn without_a_prescription_or_with_an_unverified_number_nothing_is_asked_and_that_is_audited() {
    let server = TestApp::with(&[]).await;
    let asha = server.asha().await;
    let Answer::NotCalled(because) = answer(&asha, exemption("")).await else { panic!("asked") };
    assert_eq!(because.rule, "PEC-FR-30");
    // The device's word that PDS confirmed the number is not asked for and would not count.
    let Answer::NotCalled(because) = answer(&asha, exemption("5A1B0E-A99999-0001A1")).await else {
        panic!("asked")
    };
    assert_eq!(because.rule, "PEC-FR-3");
    let mut told = audited(&server).await;
    told.sort();
    assert_eq!(told, ["not-called PEC-FR-3", "not-called PEC-FR-30"]);
}
