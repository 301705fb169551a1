//! Looking patients up: who may, what never leaves, what is remembered, and what a device makes of it.

use crate::support::{Browser, NOW, TestApp, ods, problem, read};
use reqwest::StatusCode;
use satchel::nhs::pds::simulator::Trouble;
use satchel::nhs::pds::{Access, Mode, Simulator};
use satchel::patients;
use satchel::problem::Problem;
use satchel::session::Staff;
use satchel::store::{Organisation, Person};
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::api::{LookUpAnswer, LookUpBy, LookUpDetails, OrganisationKind, PatientLookUp};
use shared::ids::{ConsultationId, PersonId};
use shared::people::Role;
use uuid::Uuid;

/// A server whose PDS is our own.
async fn with_pds() -> (TestApp, Simulator) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (TestApp::with(&[("pds_url", &base)]).await, simulator)
}

fn id() -> ConsultationId {
    ConsultationId(Uuid::from_u128(7))
}

fn by_number(number: &str) -> Value {
    json!({ "consultation": id(), "by": { "kind": "number", "nhs_number": number } })
}

fn by_details(details: &LookUpDetails) -> Value {
    json!({ "consultation": id(), "by": LookUpBy::Details(details.clone()) })
}

async fn asks(browser: &Browser, body: Value) -> (StatusCode, String) {
    problem(browser.post("/api/patients/look-up", body).await).await
}

fn samplewick() -> LookUpDetails {
    LookUpDetails {
        family_name: "Samplewick".into(),
        birth_date: "1968-09-23".into(),
        ..LookUpDetails::default()
    }
}

fn tom() -> Staff {
    Staff {
        person: Person {
            id: PersonId(Uuid::from_u128(1)),
            name: "Tom Reid".into(),
            gphc: None,
            gphc_checked: false,
        },
        pharmacy: ods("FA123"),
        role: Role::Technician,
        device: None,
    }
}

/// Looks up as the route does once it has a token.
async fn look_up(server: &TestApp, by: LookUpBy) -> Result<LookUpAnswer, Problem> {
    let access = Access {
        token: SecretString::from("worker-1"),
        organisation: ods("FA123"),
        mode: Mode::Worker { role: None },
    };
    let question = patients::check(&server.app, &tom(), PatientLookUp { consultation: id(), by }).await?;
    patients::look_up(&server.app, &tom(), &access, &question).await
}

async fn audited(server: &TestApp) -> Vec<String> {
    let lines = server.app.store.audit(&ods("FA123"), 100).await.expect("the store");
    lines.into_iter().filter(|line| line.action == "looked-up-patient").map(|line| line.subject).collect()
}

/// Whether the server would send that number to a practice as verified.
async fn stands(server: &TestApp, number: &str) -> Option<bool> {
    let hash = server.app.server_keys.traces.number(&id(), number);
    let seen = server.app.store.seen_numbers(&id()).await.expect("the store");
    seen.into_iter().find(|(number, _)| *number == hash).map(|(_, stands)| stands)
}

#[tokio::test]
async fn a_technician_may_look_a_patient_up_and_an_administrator_and_an_auditor_may_not() {
    let (server, _) = with_pds().await;
    for (role, gphc, may) in [
        (Role::Pharmacist, "2074123", true),
        (Role::Technician, "5001234", true),
        (Role::Administrator, "", false),
        (Role::Auditor, "", false),
    ] {
        let browser = server.enrolled(role, "Sam Example", gphc).await;
        let (status, name) = asks(&browser, by_number("9990523186")).await;
        let expected = if may { (422, "invalid") } else { (403, "role-may-not") };
        assert_eq!((status.as_u16(), name.as_str()), expected, "{role:?}");
    }
    let nobody = server.browser();
    assert_eq!(asks(&nobody, by_number("9990523185")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_typed_wrongly_never_leaves() {
    let (server, pds) = with_pds().await;
    let asha = server.asha().await;
    for body in [
        by_number("9990523186"),
        by_number("999052318"),
        by_number("9990523185/../x"),
        by_details(&LookUpDetails { family_name: "Sam*".into(), ..samplewick() }),
        by_details(&LookUpDetails { birth_date: String::new(), ..samplewick() }),
        by_details(&LookUpDetails { fuzzy: true, ..samplewick() }),
    ] {
        assert_eq!(
            asks(&asha, body.clone()).await,
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid".into()),
            "{body}"
        );
    }
    assert!(pds.asked().is_empty() && audited(&server).await.is_empty());
}

#[tokio::test]
async fn without_pds_or_a_way_to_its_tokens_a_look_up_says_so_and_goes_on_without() {
    let asha_without = TestApp::start().await;
    let asha = asha_without.asha().await;
    let (status, name) = asks(&asha, by_number("9990523185")).await;
    assert_eq!((status.as_u16(), name.as_str()), (501, "nhs-service-not-set-up"));
    let (server, pds) = with_pds().await;
    let asha = server.asha().await;
    assert_eq!(asks(&asha, by_number("9990523185")).await.0.as_u16(), 501);
    assert!(pds.asked().is_empty());
}

#[tokio::test]
async fn the_consultation_of_another_pharmacy_is_none_of_theirs() {
    let (server, pds) = with_pds().await;
    let other = satchel::store::Pharmacy { ods: ods("FB456"), ..crate::support::elm() };
    server.app.store.put_pharmacy(&other).await.expect("a pharmacy");
    let record = shared::consultation::Consultation::new(id(), &ods("FB456"), "minor-illness@1", NOW);
    let writer = satchel::sync::server_writer(&server.app);
    let mut document = shared::consultation::Document::create(NOW, &writer, &record).expect("a document");
    let write = satchel::store::DocumentWrite {
        id: id(),
        based_on: 0,
        base: Some(document.save()),
        changes: Vec::new(),
        heads: document.heads().iter().map(ToString::to_string).collect(),
        row: document.row().expect("a row"),
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: None,
    };
    let append = satchel::store::Append { documents: vec![write], ..Default::default() };
    server.app.store.append(&ods("FB456"), append).await.expect("stored");
    let asked = look_up(&server, LookUpBy::Number { nhs_number: "9990523185".into() }).await;
    assert!(matches!(asked, Err(Problem::NotFound(_))));
    assert!(pds.asked().is_empty() && audited(&server).await.is_empty());
}

#[tokio::test]
async fn every_look_up_is_audited_also_one_that_finds_nobody_or_fails() {
    let (server, pds) = with_pds().await;
    let number = |number: &str| LookUpBy::Number { nhs_number: number.into() };
    assert!(matches!(look_up(&server, number("9990523185")).await, Ok(LookUpAnswer::Found { .. })));
    assert!(matches!(look_up(&server, number("9991112030")).await, Ok(LookUpAnswer::NoMatch)));
    pds.next(Trouble::Error { status: 400, code: "MISSING_VALUE", retry_after: None });
    let failed = look_up(&server, number("9990523185")).await;
    assert!(matches!(failed, Err(Problem::Pds(_))));
    assert_eq!(audited(&server).await, vec![id().to_string(); 3]);
}

#[tokio::test]
async fn that_pds_does_not_know_a_number_takes_nothing_back_and_that_it_withdrew_one_does() {
    let (server, _) = with_pds().await;
    let number = |number: &str| LookUpBy::Number { nhs_number: number.into() };
    assert!(matches!(look_up(&server, number("9991112030")).await, Ok(LookUpAnswer::NoMatch)));
    assert_eq!(stands(&server, "9991112030").await, None, "what 111 verified stays so");
    assert!(matches!(look_up(&server, number("9991110283")).await, Ok(LookUpAnswer::Invalidated)));
    assert_eq!(stands(&server, "9991110283").await, Some(false));
}

#[tokio::test]
async fn a_practice_is_named_where_the_ods_told_of_it_before() {
    let (server, _) = with_pds().await;
    let practice = Organisation {
        ods: ods("A82648"),
        name: "Bobbin Yard Surgery".into(),
        kind: OrganisationKind::Practice,
        active: true,
        successor: String::new(),
        address: String::new(),
        postcode: String::new(),
        phone: String::new(),
        fetched_at: NOW,
    };
    server.app.store.put_organisations(&[practice]).await.expect("the store");
    match look_up(&server, LookUpBy::Details(samplewick())).await {
        Ok(LookUpAnswer::Found { patient, .. }) => assert_eq!(patient.gp_name, "Bobbin Yard Surgery"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_pds_gave_replaced_or_withdrew_is_known_when_the_practice_is_told() {
    let (server, _) = with_pds().await;
    let number = |number: &str| LookUpBy::Number { nhs_number: number.into() };
    assert_eq!(stands(&server, "9991110143").await, None);
    look_up(&server, number("9991110143")).await.expect("an answer");
    assert_eq!(stands(&server, "9991110143").await, Some(false), "the one that was replaced");
    assert_eq!(stands(&server, "9991110216").await, Some(true), "the one in its place");
    look_up(&server, number("9991110283")).await.expect("an answer");
    assert_eq!(stands(&server, "9991110283").await, Some(false), "withdrawn");
    let pair =
        LookUpDetails { family_name: "Pairwise".into(), birth_date: "1995-05-05".into(), ..samplewick() };
    look_up(&server, LookUpBy::Details(pair)).await.expect("an answer");
    for either in ["9991110917", "9991110984"] {
        assert_eq!(stands(&server, either).await, Some(true), "a person chooses among them");
    }
}

#[tokio::test]
async fn a_signed_in_person_without_cis2_is_asked_for_it_and_nothing_leaves() {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key.pem");
    std::fs::write(&key, satchel::keys::invented_pem().expect("a key")).expect("written");
    let server = TestApp::with(&[
        ("pds_url", &base),
        ("nhs_api_url", "http://127.0.0.1:1"),
        ("nhs_api_key", "a-key"),
        ("nhs_api_private_key", &key.display().to_string()),
        ("nhs_api_kid", "one"),
    ])
    .await;
    let asha = server.asha().await;
    assert_eq!(asks(&asha, by_number("9990523185")).await, (StatusCode::FORBIDDEN, "cis2-needed".into()));
    assert!(simulator.asked().is_empty());
    let body: Value = read(asha.get("/api/session").await).await;
    assert!(body["person"].is_object(), "and stays signed in");
}
