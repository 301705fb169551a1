//! The exemption check's client over real HTTP, against our own check.

use super::{Asker, Client, ExemptionCheckError, ExemptionCheckSettings, Question, Said, Simulator};
use crate::nhs::http;
use jiff::civil::date;
use shared::prescription::Id;

const NOW: i64 = 1_795_000_000_000;

fn settings(base_url: &str) -> ExemptionCheckSettings {
    ExemptionCheckSettings {
        base_url: base_url.to_owned(),
        asid: "999900000001".to_owned(),
        issuer: "https://satchel.example".to_owned(),
    }
}

async fn check() -> (Client, Simulator) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(http::client(None).expect("a client"), settings(&base)), simulator)
}

fn asker() -> Asker {
    Asker {
        person: "0190a5b0-0000-7000-8000-000000000009".to_owned(),
        name: "Tom Reid".to_owned(),
        role: "999100000012".to_owned(),
        job_role: "S8000:G8000:R8003".to_owned(),
        organisation: "FA123".parse().expect("an ODS code"),
    }
}

fn question(number: &str) -> Question {
    Question {
        birth_date: date(1968, 9, 23),
        nhs_number: number.parse().expect("a number"),
        postcode: "ZZ99 3VZ".parse().expect("a postcode"),
        given_name: "Obadiah".to_owned(),
        family_name: "Samplewick".to_owned(),
        prescription: Id::parse("5A1B0E-A99999-0001A1").expect("an id"),
    }
}

#[tokio::test]
async fn an_exemption_is_found_with_its_type_and_the_question_says_who_asks() {
    let (client, simulator) = check().await;
    let said = client.search(&asker(), &question("9990523185"), NOW).await.expect("an answer");
    assert_eq!(said, Said::Found("9180".to_owned()));
    let (asked, claims) = simulator.asked().remove(0);
    assert_eq!(asked["prescriptionId"], "5A1B0E-A99999-0001A1");
    assert_eq!((&asked["dob"], &asked["postcode"]), (&"1968-09-23".into(), &"ZZ993VZ".into()));
    assert_eq!(claims["exp"], NOW / 1000 + 300);
    assert_eq!(claims["requesting_organization"], "https://fhir.nhs.uk/Id/ods-organization-code|FA123");
    assert_eq!(claims["requesting_user"], "https://fhir.nhs.uk/Id/sds-role-profile-id|999100000012");
}

#[tokio::test]
async fn nothing_found_is_an_answer_of_its_own() {
    let (client, _) = check().await;
    let said = client.search(&asker(), &question("9990412073"), NOW).await.expect("an answer");
    assert_eq!(said, Said::NotFound);
}

#[tokio::test]
async fn whoever_is_not_known_on_the_spine_is_refused() {
    let (_, simulator) = check().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let nobody = ExemptionCheckSettings { asid: "1".to_owned(), ..settings(&base) };
    let client = Client::new(http::client(None).expect("a client"), nobody);
    let came = client.search(&asker(), &question("9990523185"), NOW).await.expect_err("refused");
    assert!(matches!(came, ExemptionCheckError::Refused { status: 403 }), "{came:?}");
}

#[tokio::test]
async fn every_failure_has_its_meaning_and_none_says_that_there_is_no_exemption() {
    let (client, simulator) = check().await;
    let none = br#"{"message":"Exemption has not been found","type":null}"#.to_vec();
    for (status, body, meant) in [
        (400, br#"{"message":"surname 9990523185","type":null}"#.to_vec(), "invalid"),
        (401, Vec::new(), "refused"),
        (403, Vec::new(), "refused"),
        (404, b"<html>9990523185</html>".to_vec(), "unreadable"),
        (404, br#"{"message":"no Route matched"}"#.to_vec(), "unreadable"),
        (429, Vec::new(), "away"),
        (500, Vec::new(), "away"),
        (501, Vec::new(), "away"),
        (503, Vec::new(), "away"),
        (302, Vec::new(), "unreadable"),
        (200, none, "unreadable"),
        (200, br#"{"message":"Exemption has been found","type":"0002"}"#.to_vec(), "unreadable"),
        (200, br#"{"type":{"9990523185":1}}"#.to_vec(), "unreadable"),
        (200, vec![b' '; 100_000], "unreadable"),
    ] {
        simulator.answer_with(Some((status, body)));
        let came = client.search(&asker(), &question("9990523185"), NOW).await.expect_err("a failure");
        let right = match meant {
            "invalid" => matches!(came, ExemptionCheckError::Invalid),
            "refused" => matches!(came, ExemptionCheckError::Refused { .. }),
            "away" => matches!(came, ExemptionCheckError::Away(_)),
            _ => matches!(came, ExemptionCheckError::Unreadable(_)),
        };
        assert!(right, "{status}: {came:?}");
        let logged = crate::problem::chain(&came);
        assert!(!logged.contains("9990523185"), "{logged}");
    }
}

#[tokio::test]
async fn a_check_that_is_not_there_is_away() {
    let client = Client::new(http::client(None).expect("a client"), settings("http://127.0.0.1:9"));
    let came = client.search(&asker(), &question("9990523185"), NOW).await.expect_err("nobody there");
    assert!(matches!(came, ExemptionCheckError::Away(Some(_))), "{came:?}");
}
