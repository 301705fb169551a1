//! The PDS client over real HTTP, against our own PDS.

use super::simulator::{Person, Standing, Trouble, people};
use super::{
    Access, Client, Decision, Mode, Pace, PdsError, PdsSettings, Search, Simulator, decision, fault,
};
use crate::nhs::http;
use crate::samples::samples;
use axum::Router;
use secrecy::SecretString;
use shared::api::{LookUpAnswer, LookUpDetails};
use shared::patient::{NhsNumber, PdsPatient};
use shared::time::Millis;
use std::time::Duration;
use uuid::Uuid;

/// 22 November 2026, 14:05 UTC.
const NOW: Millis = 1_795_356_300_000;

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn client(base: &str, pace: Pace) -> Client {
    let settings = PdsSettings { base_url: base.to_owned(), pace };
    Client::new(http::client(None).expect("a client"), settings)
}

/// Waits for nothing between tries.
fn at_once() -> Pace {
    Pace { pause: Duration::ZERO, ..Pace::default() }
}

async fn pds() -> (Client, Simulator) {
    let simulator = Simulator::new();
    (client(&serve(simulator.router()).await, at_once()), simulator)
}

fn worker() -> Access {
    Access {
        token: SecretString::from("worker-1"),
        organisation: "FA123".parse().expect("an ODS code"),
        mode: Mode::Worker { role: Some("555021935107".to_owned()) },
    }
}

fn application() -> Access {
    Access { token: SecretString::from("application-1"), mode: Mode::Application, ..worker() }
}

fn number(text: &str) -> NhsNumber {
    text.parse().expect("an NHS number")
}

async fn by_number(client: &Client, text: &str) -> Result<LookUpAnswer, PdsError> {
    client.patient(&worker(), Uuid::new_v4(), &number(text), NOW).await
}

async fn found(client: &Client, text: &str) -> PdsPatient {
    match by_number(client, text).await.expect("an answer") {
        LookUpAnswer::Found { patient, superseded } if superseded.is_empty() => *patient,
        other => panic!("{other:?}"),
    }
}

fn details(given: &str, family: &str, born: &str) -> LookUpDetails {
    LookUpDetails {
        family_name: family.into(),
        given_name: given.into(),
        birth_date: born.into(),
        ..LookUpDetails::default()
    }
}

async fn by_details(client: &Client, details: &LookUpDetails) -> LookUpAnswer {
    let search = Search::by_worker(details).expect("enough");
    client.search(&worker(), Uuid::new_v4(), &search, NOW).await.expect("an answer")
}

#[tokio::test]
async fn a_patient_is_found_by_number_with_all_that_counts_now() {
    let (client, _) = pds().await;
    let obadiah = found(&client, "9990523185").await;
    assert_eq!(
        obadiah,
        PdsPatient {
            nhs_number: "9990523185".into(),
            version: "1".into(),
            family_name: "Samplewick".into(),
            given_name: "Obadiah".into(),
            title: "Mr".into(),
            birth_date: "1968-09-23".into(),
            sex: "male".into(),
            address: "3 Bobbin Yard\nLittle Zedding".into(),
            postcode: "ZZ99 3WZ".into(),
            phone: "07700 900259".into(),
            email: "obadiah@samplewick.example".into(),
            gp_ods: "A82648".into(),
            nominated_pharmacy: "FB456".into(),
            fetched_at: shared::time::stored(NOW),
            ..PdsPatient::default()
        }
    );
}

#[tokio::test]
async fn a_temporary_address_comes_before_the_home_and_a_preference_is_told_in_words() {
    let (client, _) = pds().await;
    let euphemia = found(&client, "9990856435").await;
    assert_eq!(euphemia.address, "Room 12, Rookery Care Home\nZettington");
    assert_eq!(euphemia.contact_preference, "Contact by telephone through somebody else");
    let wilhelmina = found(&client, "9990412073").await;
    assert_eq!(
        wilhelmina.contact_preference,
        "Contact by telephone; Written things in large print; When: Not before 10 in the morning"
    );
    assert_eq!(found(&client, "9991110704").await.language, "Polish, interpreter needed");
}

#[tokio::test]
async fn the_dead_are_told_with_the_day_and_how_it_is_known() {
    let (client, _) = pds().await;
    let formal = found(&client, "9991110429").await;
    assert_eq!((formal.deceased.as_str(), formal.death_status.as_str()), ("2026-10-22", "formal"));
    let informal = found(&client, "9991110496").await;
    assert_eq!((informal.deceased.as_str(), informal.death_status.as_str()), ("2026-11-20", "informal"));
}

#[tokio::test]
async fn somebody_without_a_practice_has_none_and_says_why_where_pds_does() {
    let (client, _) = pds().await;
    let gone = found(&client, "9991110569").await;
    assert_eq!(
        (gone.gp_ods.as_str(), gone.removed.as_str()),
        ("", "Not registered in England: moved to Scotland")
    );
    let silas = found(&client, "9991110631").await;
    assert_eq!((silas.gp_ods.as_str(), silas.removed.as_str()), ("", ""));
}

#[tokio::test]
async fn a_record_with_nothing_but_a_number_is_a_patient_and_a_year_is_a_birth_date() {
    let (client, _) = pds().await;
    let minimal = found(&client, "9991110356").await;
    assert_eq!((minimal.family_name.as_str(), minimal.birth_date.as_str()), ("", ""));
    assert_eq!(found(&client, "9991110771").await.birth_date, "1949");
}

#[tokio::test]
async fn a_number_that_another_one_replaced_says_so() {
    let (client, _) = pds().await;
    match by_number(&client, "9991110143").await.expect("an answer") {
        LookUpAnswer::Found { patient, superseded } => {
            assert_eq!((patient.nhs_number.as_str(), superseded.as_str()), ("9991110216", "9991110143"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nobody_and_withdrawn_are_answers_and_no_faults() {
    let (client, _) = pds().await;
    assert_eq!(by_number(&client, "9991112030").await.expect("an answer"), LookUpAnswer::NoMatch);
    assert_eq!(by_number(&client, "9991110283").await.expect("an answer"), LookUpAnswer::Invalidated);
}

#[tokio::test]
async fn of_a_restricted_patient_nothing_is_passed_on_that_tells_where_they_are() {
    // A PDS that forgot to leave it out.
    let hesper = people().into_iter().find(|person| person.standing == Standing::Restricted).expect("one");
    let open = Person {
        standing: Standing::Open,
        language: Some(("pl", "Polish")),
        contact: Some(("3", "", "At 1 Nowhere Street")),
        phone: "07700 900999",
        removed: "SCT",
        ..hesper
    };
    for label in [
        r#"[{"code":"R"}]"#,
        r#"[{"code":"V"}]"#,
        r#"[{"code":"N"}]"#,
        "[]",
        r#"[{"code":"U"},{"code":"R"}]"#,
    ] {
        let mut leaky = open.record();
        leaky["meta"]["security"] = serde_json::from_str(label).expect("JSON");
        let simulator = Simulator::new();
        let body = serde_json::to_vec(&leaky).expect("JSON");
        simulator.next(Trouble::Answer { status: 200, kind: "application/fhir+json", body });
        let client = client(&serve(simulator.router()).await, at_once());
        let hesper = found(&client, open.number).await;
        assert!(hesper.restricted);
        assert_eq!(hesper.family_name, "Concealer", "who they are is known");
        let told = serde_json::to_string(&hesper).expect("JSON");
        for secret in ["Nowhere", "ZZ99", "07700", "A99999", "FA123", "Polish", "Scotland", "Zettington"] {
            assert!(!told.contains(secret), "{secret} with {label}");
        }
    }
}

#[tokio::test]
async fn what_was_taken_back_or_is_over_is_not_told() {
    let simulator = Simulator::new();
    let client = client(&serve(simulator.router()).await, at_once());
    let lazarus = people().into_iter().find(|person| person.died.is_some()).expect("one");
    let mut record = Person { removed: "SCT", ..lazarus }.record();
    record["extension"][0]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] = "U".into();
    record["address"][0]["period"]["end"] = "2026-10".into();
    record["generalPractitioner"][0]["identifier"]["period"]["end"] = "2025-12-31".into();
    let extensions = record["extension"].as_array_mut().expect("a list");
    let removal = extensions.last_mut().expect("the removal");
    removal["extension"][1]["valuePeriod"]["end"] = "2024-12-31T00:00:00+00:00".into();
    let body = serde_json::to_vec(&record).expect("JSON");
    simulator.next(Trouble::Answer { status: 200, kind: "application/fhir+json", body });
    let back = found(&client, "9991110429").await;
    assert_eq!([back.deceased, back.address, back.gp_ods, back.removed].concat(), "");
}

#[tokio::test]
async fn one_match_is_told_whole_with_the_pharmacy_that_a_search_leaves_out() {
    let (client, simulator) = pds().await;
    match by_details(&client, &details("Obadiah", "samplewick", "1968-09-23")).await {
        LookUpAnswer::Found { patient, superseded } => {
            assert_eq!((patient.nominated_pharmacy.as_str(), superseded.as_str()), ("FB456", ""));
        }
        other => panic!("{other:?}"),
    }
    let asked = simulator.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].correlation_id, asked[1].correlation_id, "one look-up");
    assert_ne!(asked[0].request_id, asked[1].request_id, "two requests");
}

#[tokio::test]
async fn several_stay_in_the_order_of_pds_and_too_many_is_an_answer() {
    let (client, _) = pds().await;
    match by_details(&client, &details("", "Pairwise", "1995-05-05")).await {
        LookUpAnswer::Several { patients } => {
            let names: Vec<&str> = patients.iter().map(|patient| patient.given_name.as_str()).collect();
            assert_eq!(names, ["Ambrose", "Anselm"]);
        }
        other => panic!("{other:?}"),
    }
    let many = by_details(&client, &details("", "Multitude", "2000-01-01")).await;
    assert_eq!(many, LookUpAnswer::TooMany);
}

#[tokio::test]
async fn a_wider_search_finds_what_sounds_alike_was_swapped_or_was_before() {
    let (client, _) = pds().await;
    for (given, family, born) in [
        ("Obadiah", "Samplewyk", "1968-09-23"),
        ("Samplewick", "Obadiah", "1968-09-23"),
        ("Wilhelmina", "Proofmore", "1944-05-11"),
    ] {
        let exact = details(given, family, born);
        assert_eq!(by_details(&client, &exact).await, LookUpAnswer::NoMatch, "{family}");
        let wider = LookUpDetails { fuzzy: true, ..exact };
        assert!(matches!(by_details(&client, &wider).await, LookUpAnswer::Found { .. }), "{family}");
    }
}

#[tokio::test]
async fn a_restricted_patient_is_found_without_a_postcode_only() {
    let (client, _) = pds().await;
    let without = details("Hesper", "Concealer", "1980-03-12");
    assert!(matches!(by_details(&client, &without).await, LookUpAnswer::Found { .. }));
    let with = LookUpDetails { postcode: "ZZ99 3VZ".into(), ..without };
    assert_eq!(by_details(&client, &with).await, LookUpAnswer::NoMatch);
}

#[tokio::test]
async fn the_background_finds_one_or_none() {
    let (client, simulator) = pds().await;
    let known =
        LookUpDetails { postcode: "ZZ99 3CZ".into(), ..details("Wilhelmina", "Proofmore", "1944-05-11") };
    let search = Search::unique(&known).expect("enough");
    let answer = client.search(&application(), Uuid::new_v4(), &search, NOW).await.expect("an answer");
    assert!(matches!(answer, LookUpAnswer::Found { .. }), "under a former name too: {answer:?}");
    assert!(simulator.asked()[0].path.contains("_max-results=1"));
    assert!(simulator.asked().iter().all(|asked| asked.role.is_empty()));

    let twins =
        LookUpDetails { postcode: "ZZ99 3VZ".into(), ..details("Prudence", "Multitude", "2000-01-01") };
    let search = Search::unique(&twins).expect("enough");
    let answer = client.search(&application(), Uuid::new_v4(), &search, NOW).await.expect("an answer");
    assert_eq!(answer, LookUpAnswer::TooMany);
}

#[tokio::test]
async fn every_request_says_for_whom_and_carries_its_own_id() {
    let (client, simulator) = pds().await;
    found(&client, "9990523185").await;
    found(&client, "9990523185").await;
    let asked = simulator.asked();
    assert_eq!((asked[0].role.as_str(), asked[0].organisation.as_str()), ("555021935107", "FA123"));
    assert_eq!(asked[0].token, "worker-1");
    assert_ne!(asked[0].request_id, asked[1].request_id);
    assert_ne!(asked[0].correlation_id, asked[1].correlation_id);
}

#[tokio::test]
async fn a_request_that_is_tried_again_keeps_its_id_and_succeeds() {
    let (client, simulator) = pds().await;
    for (status, code) in
        [(503, "SERVICE_UNAVAILABLE"), (429, "TOO_MANY_REQUESTS"), (408, "UNABLE_TO_CALL_SERVICE")]
    {
        simulator.next(Trouble::Error { status, code, retry_after: Some(0) });
    }
    found(&client, "9990523185").await;
    let asked = simulator.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|one| one.request_id == asked[0].request_id));
    found(&client, "9990523185").await;
    assert_ne!(simulator.asked()[4].request_id, asked[0].request_id);
}

#[tokio::test]
async fn a_pds_that_says_nothing_is_asked_again_with_the_same_id() {
    let simulator = Simulator::new();
    simulator.next(Trouble::Silence);
    let pace = Pace { each: Duration::from_millis(300), ..at_once() };
    let client = client(&serve(simulator.router()).await, pace);
    found(&client, "9990523185").await;
    let asked = simulator.asked();
    assert!(asked.len() >= 2 && asked.iter().all(|one| one.request_id == asked[0].request_id));
}

#[tokio::test]
async fn a_pds_that_stays_away_or_asks_for_more_time_than_a_person_has_is_away() {
    let (client, simulator) = pds().await;
    for _ in 0..4 {
        simulator.next(Trouble::Error { status: 503, code: "SERVICE_UNAVAILABLE", retry_after: None });
    }
    assert!(matches!(by_number(&client, "9990523185").await, Err(PdsError::Away(None))));
    assert_eq!(simulator.asked().len(), 4, "and is not asked for ever");
    simulator.next(Trouble::Error { status: 429, code: "TOO_MANY_REQUESTS", retry_after: Some(60) });
    assert!(matches!(by_number(&client, "9990523185").await, Err(PdsError::Busy)));
    assert_eq!(simulator.asked().len(), 5);
}

#[tokio::test]
async fn a_pds_that_is_not_there_is_away_and_the_patient_is_not_in_the_error() {
    let client = client("http://127.0.0.1:1", at_once());
    let error = by_number(&client, "9990523185").await.expect_err("nobody is there");
    let PdsError::Away(Some(cause)) = &error else { panic!("{error:?}") };
    assert!(!format!("{error} {cause} {cause:?}").contains("9990523185"));
}

#[tokio::test]
async fn every_error_of_the_specification_has_its_meaning_for_whoever_asked() {
    for (status, code, meant) in fault::TABLE.iter().copied() {
        let (client, simulator) = pds().await;
        let status = if status == 0 { 200 } else { status };
        for _ in 0..4 {
            simulator.next(Trouble::Error { status, code, retry_after: None });
        }
        let came = by_number(&client, "9990523185").await;
        let right = match meant {
            Decision::Result(_) => came.is_ok(),
            Decision::TryAgain => matches!(came, Err(PdsError::Away(_) | PdsError::Busy)),
            Decision::SayMore => matches!(came, Err(PdsError::SayMore)),
            Decision::SignInAgain => matches!(came, Err(PdsError::SignInAgain)),
            Decision::NotAllowed => matches!(came, Err(PdsError::NotAllowed)),
            Decision::OurFault => matches!(&came, Err(PdsError::OurFault { code: said }) if said == code),
        };
        assert!(right, "{status} {code}: {came:?}");
        let tries = if meant == Decision::TryAgain { 4 } else { 1 };
        assert_eq!(simulator.asked().len(), tries, "{status} {code}");
    }
}

#[test]
fn nothing_but_the_spines_own_word_means_that_there_is_no_such_patient() {
    assert_eq!(decision(404, ""), None);
    assert_eq!(decision(404, "SOMETHING_NEW"), None);
    assert_eq!(decision(500, "RESOURCE_NOT_FOUND"), None);
    assert_eq!(decision(403, ""), None, "a firewall’s page is not PDS");
    assert_eq!(decision(401, ""), Some(Decision::SignInAgain));
}

#[tokio::test]
async fn hostile_answers_are_refused_and_never_taken_for_a_patient() {
    let deep = [b"{\"resourceType\":\"Patient\",\"id\":\"9990523185\",\"x\":".to_vec(), vec![b'['; 200_000]]
        .concat();
    let deep_name = [b"{\"resourceType\":\"Patient\",\"name\":".to_vec(), vec![b'['; 200_000]].concat();
    let large = [b"{\"resourceType\":\"Patient\",\"id\":\"".to_vec(), vec![b'9'; 10_000_000]].concat();
    for (status, body) in [
        (200, b"<html><body>9990523185</body></html>".to_vec()),
        (404, b"<html><body>Not found</body></html>".to_vec()),
        (200, Vec::new()),
        (200, b"{}".to_vec()),
        (200, b"[]".to_vec()),
        (200, b"null".to_vec()),
        (200, br#"{"resourceType":"Practitioner","id":"9990523185"}"#.to_vec()),
        (200, br#"{"resourceType":"Patient","id":9990523185}"#.to_vec()),
        (200, br#"{"resourceType":"Patient","id":"9990523186"}"#.to_vec()),
        (200, br#"{"resourceType":"Patient"}"#.to_vec()),
        (200, br#"{"resourceType":"Patient","id":"9990523185","name":"Samplewick"}"#.to_vec()),
        (200, br#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}"#.to_vec()),
        (500, br#"{"resourceType":"Patient","id":"9990523185"}"#.to_vec()),
        (200, br#"{"resourceType":"OperationOutcome","issue":[]}"#.to_vec()),
        (200, deep),
        (200, deep_name),
        (200, large),
    ] {
        let (client, simulator) = pds().await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        simulator.next(Trouble::Answer { status, kind: "application/fhir+json", body });
        let came = by_number(&client, "9990523185").await;
        let Err(error) = came else { panic!("{shown}: {came:?}") };
        assert!(matches!(error, PdsError::Unreadable(_)), "{shown}: {error:?}");
        assert!(!crate::problem::chain(&error).contains("9990523185"), "{shown}: {error:?}");
    }
}

#[tokio::test]
async fn a_search_in_which_one_cannot_be_read_finds_nobody_rather_than_somebody_else() {
    let (client, simulator) = pds().await;
    let body = br#"{"resourceType":"Bundle","entry":[
        {"resource":{"resourceType":"Patient","id":"9990523185","meta":{"security":[{"code":"U"}]}}},
        {"resource":{"resourceType":"Patient","id":"1"}}]}"#;
    simulator.next(Trouble::Answer { status: 200, kind: "application/json", body: body.to_vec() });
    let search = Search::by_worker(&details("Obadiah", "Samplewick", "1968-09-23")).expect("enough");
    let came = client.search(&worker(), Uuid::new_v4(), &search, NOW).await;
    assert!(matches!(came, Err(PdsError::Unreadable(_))), "{came:?}");
}

#[tokio::test]
async fn what_pds_writes_is_shown_as_words_on_a_line() {
    let (client, simulator) = pds().await;
    let long = "x".repeat(5000);
    let body = format!(
        r#"{{"resourceType":"Patient","id":"9990523185","meta":{{"security":[{{"code":"U"}}]}},"gender":"robot",
        "birthDate":"yesterday","name":[{{"use":"usual","family":"Sample\u0000\nwick","given":["{long}"]}}],
        "generalPractitioner":[{{"identifier":{{"value":"../../etc"}}}}]}}"#
    );
    simulator.next(Trouble::Answer { status: 200, kind: "application/json", body: body.into_bytes() });
    let patient = found(&client, "9990523185").await;
    assert_eq!(patient.family_name, "Sample  wick");
    assert_eq!(patient.given_name.len(), 200);
    assert_eq!([patient.sex, patient.birth_date, patient.gp_ods].concat(), "");
}

#[tokio::test]
async fn every_published_patient_search_and_error_is_read() {
    let Some(stubs) = samples("pds/stubs") else { return };
    let (client, simulator) = pds().await;
    let mut read = 0;
    let numbered = ["patientResponses", "searchResponses", "errorResponses"];
    for folder in numbered {
        for file in std::fs::read_dir(stubs.join(folder)).expect("a folder").flatten() {
            let body = std::fs::read(file.path()).expect("a file");
            let name = file.file_name().to_string_lossy().into_owned();
            read += 1;
            if folder == "errorResponses" {
                let value: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
                let code = value["issue"][0]["details"]["coding"][0]["code"].as_str().unwrap_or_default();
                let known = fault::TABLE.iter().any(|(_, known, _)| *known == code);
                // The mock's own word for what it has no example of.
                assert!(known || name == "NOT_SUPPORTED_SEARCH.json", "{name} with {code}");
                continue;
            }
            let value: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            simulator.next(Trouble::Answer { status: 200, kind: "application/fhir+json", body });
            // Two of the searches are published as the one patient they find.
            let came = if value["resourceType"] == "Patient" {
                by_number(&client, "9990523185").await
            } else {
                let search = Search::by_worker(&details("Jane", "Smith", "2010-10-22")).expect("enough");
                client.search(&worker(), Uuid::new_v4(), &search, NOW).await
            };
            assert!(came.is_ok(), "{name}: {came:?}");
        }
    }
    assert!(read > 40, "{read}");
}
