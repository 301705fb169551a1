//! The tracker's client over real HTTP, against our own tracker and the published answers.

use super::{Access, Client, Simulator, TrackerError};
use crate::nhs::http;
use crate::samples::samples;
use secrecy::SecretString;
use shared::patient::NhsNumber;
use shared::prescription::tracker::By;
use shared::prescription::{Id, preferred, waiting_words};

const WAITING: &str = "5A1B0E-A99999-0001A1";

async fn tracker() -> (Client, Simulator) {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(http::client(None).expect("a client"), base), simulator)
}

fn access() -> Access {
    Access {
        token: SecretString::from("worker-1"),
        role: "999100000012".to_owned(),
        job_role: "S8000:G8000:R8003".to_owned(),
        organisation: "FA123".parse().expect("an ODS code"),
    }
}

fn number(text: &str) -> By {
    By::Number(text.parse::<NhsNumber>().expect("a number"))
}

fn id(text: &str) -> Id {
    Id::parse(text).expect("an id")
}

#[tokio::test]
async fn a_waiting_prescription_is_found_by_nhs_number_and_its_lines_by_id() {
    let (client, simulator) = tracker().await;
    let found = client.search(&access(), &number("9990523185")).await.expect("an answer");
    assert_eq!((found.patient.as_str(), found.prescriptions.len()), ("OBADIAH SAMPLEWICK", 2));
    let words = waiting_words(&found.prescriptions, "FA123").expect("one is waiting");
    assert!(words.contains("dispense it rather than make an emergency supply"), "{words}");
    let waiting = preferred(&found.prescriptions)[0];
    assert_eq!(waiting.id.short(), WAITING);

    let issue = waiting.repeats.map(|repeats| repeats.issue);
    let whole = client.whole(&access(), &waiting.id, issue).await.expect("an answer");
    let one = &whole.prescriptions[0];
    assert_eq!(one.items[0].name, "Salbutamol 100micrograms/dose inhaler CFC free");
    assert_eq!((one.events.len(), one.prescriber.as_str()), (1, "(A99999)"));

    let asked = simulator.asked();
    assert_eq!(asked[0].0, "/RequestGroup?nhsNumber=9990523185");
    assert_eq!(asked[1].0, format!("/RequestGroup/{WAITING}?issueNumber=1"));
    assert_eq!(asked[0].1[1..], ["999100000012", "FA123", "S8000:G8000:R8003"]);
    assert_ne!(asked[0].1[0], asked[1].1[0], "each request has an id of its own");
}

#[tokio::test]
async fn a_plus_at_the_end_of_an_id_reaches_the_tracker_as_one() {
    let (client, simulator) = tracker().await;
    let plus = id("A3B4D9-Z42475-11E6B+");
    let found = client.search(&access(), &By::Id(plus.clone())).await.expect("an answer");
    assert_eq!(found.prescriptions, []);
    assert_eq!(client.whole(&access(), &plus, None).await.expect("an answer").prescriptions, []);
    let asked = simulator.asked();
    assert!(asked.iter().all(|(path, _)| path.contains("11E6B%2B")), "{asked:?}");
}

#[tokio::test]
async fn one_that_another_pharmacy_holds_is_told_with_whose_it_is() {
    let (client, _) = tracker().await;
    let found = client.whole(&access(), &id("3E9A11-A99999-0003CA"), None).await.expect("an answer");
    let words = waiting_words(&found.prescriptions, "FA123").expect("one is waiting");
    assert!(words.contains("another dispenser (FB456)"), "{words}");
}

#[tokio::test]
async fn every_failure_has_its_meaning_and_names_no_patient() {
    let (client, simulator) = tracker().await;
    let page = b"<html>9990523185</html>".to_vec();
    for (status, body, meant) in [
        (400, page.clone(), "say more"),
        (401, page.clone(), "sign in"),
        (403, page.clone(), "not allowed"),
        (404, page.clone(), "unreadable"),
        (408, page.clone(), "away"),
        (429, page.clone(), "away"),
        (500, page.clone(), "away"),
        (503, Vec::new(), "away"),
        (302, page.clone(), "unreadable"),
        (200, page, "unreadable"),
        (200, b"{}".to_vec(), "unreadable"),
        (
            200,
            br#"{"resourceType":"OperationOutcome","issue":[{"code":"9990523185"}]}"#.to_vec(),
            "unreadable",
        ),
        (200, vec![b'['; 100_000], "unreadable"),
        (200, vec![b' '; 5 * 1024 * 1024], "unreadable"),
    ] {
        simulator.answer_with(Some((status, body)));
        let came = client.search(&access(), &number("9990523185")).await.expect_err("a failure");
        let right = match meant {
            "say more" => matches!(came, TrackerError::SayMore),
            "sign in" => matches!(came, TrackerError::SignInAgain),
            "not allowed" => matches!(came, TrackerError::NotAllowed),
            "away" => matches!(came, TrackerError::Away(_)),
            _ => matches!(came, TrackerError::Unreadable(_)),
        };
        assert!(right, "{status}: {came:?}");
        if status != 200 {
            let logged = crate::problem::chain(&came);
            assert!(!logged.contains("9990523185"), "{logged}");
        }
    }
}

#[tokio::test]
async fn a_tracker_that_is_not_there_is_away_and_its_address_is_not_told() {
    let client = Client::new(http::client(None).expect("a client"), "http://127.0.0.1:9".to_owned());
    let came = client.search(&access(), &number("9990523185")).await.expect_err("nobody there");
    assert!(matches!(came, TrackerError::Away(Some(_))), "{came:?}");
    assert!(!crate::problem::chain(&came).contains("9990523185"));
}

#[tokio::test]
async fn without_a_role_the_simulator_refuses_as_the_real_one_does() {
    let (client, _) = tracker().await;
    let nobody = Access { role: String::new(), ..access() };
    let came = client.search(&nobody, &number("9990523185")).await.expect_err("refused");
    assert!(matches!(came, TrackerError::SayMore), "{came:?}");
}

#[tokio::test]
async fn the_published_answers_and_refusals_are_taken_as_the_tracker_means_them() {
    let Some(folder) = samples("tracker") else { return };
    let (client, simulator) = tracker().await;
    let mut answers = 0;
    for (part, status) in [("search", None), ("clinical-view", None), ("errors", Some(()))] {
        for entry in std::fs::read_dir(folder.join(part)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let code = if status.is_some() { name[..3].parse().expect("a status") } else { 200 };
            simulator.answer_with(Some((code, std::fs::read(&path).expect("readable"))));
            let came = client.search(&access(), &number("9990523185")).await;
            match code {
                200 => assert!(came.is_ok(), "{name}: {came:?}"),
                404 => assert!(came.is_ok_and(|found| found.prescriptions.is_empty()), "{name}"),
                400 => assert!(matches!(came, Err(TrackerError::SayMore)), "{name}"),
                401 => assert!(matches!(came, Err(TrackerError::SignInAgain)), "{name}"),
                403 => assert!(matches!(came, Err(TrackerError::NotAllowed)), "{name}"),
                _ => assert!(matches!(came, Err(TrackerError::Away(_))), "{name}"),
            }
            answers += 1;
        }
    }
    assert_eq!(answers, 19);
}
