//! Promises about letters over MESH: on the list, answered as asked, never an answer to an answer.

use super::{Taken, TakenIn, owner, read, stored};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::waiting;
use crate::nhs::fhir::Element;
use crate::nhs::gp_connect::{Level, Outcome, read as read_ack};
use crate::samples::samples;
use crate::store::{FOR_NOBODY, IncomingMessage, Pharmacy, SqliteStore};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const LETTER: &str = include_str!("fixtures/letter.xml");
const HEADER: &str = "6c1e9c0e-0000-4000-8000-000000000002";
const NOW: i64 = 1_795_356_800_000;

async fn server() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store = Arc::new(SqliteStore::open(&url).await.expect("a store"));
    let config = Config::read(BTreeMap::new(), false).expect("settings");
    let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
    app.store.put_pharmacy(&pharmacy("FA123", "X26ABC1")).await.expect("stored");
    (app, folder)
}

fn pharmacy(ods: &str, mailbox: &str) -> Pharmacy {
    Pharmacy {
        ods: ods.parse().expect("a code"),
        name: "Larch Pharmacy".to_owned(),
        dos_ids: Vec::new(),
        mailbox: mailbox.to_owned(),
        phone: String::new(),
        address: String::new(),
    }
}

fn message(id: &str, body: &str) -> IncomingMessage {
    IncomingMessage {
        mailbox: "X26ABC1".to_owned(),
        id: id.to_owned(),
        sender: "X26GP99".to_owned(),
        workflow: "GPFED_CONSULT_REPORT".to_owned(),
        about: String::new(),
        code: String::new(),
        description: String::new(),
        body: body.as_bytes().to_vec(),
        ours: true,
        received_at: NOW,
    }
}

fn codes(taken: &TakenIn) -> Vec<&str> {
    taken.answers.iter().map(|answer| answer.code).collect()
}

#[test]
fn a_letter_is_read_as_plain_words_with_whom_it_is_about() {
    let letter = read(LETTER.as_bytes()).expect("a letter");
    let content = &letter.content;
    assert_eq!(
        (content.from.as_str(), content.subject.as_str()),
        ("Elm Road Surgery", "Letter to the pharmacy")
    );
    assert!(content.text.starts_with("Plan:\nPlease see this patient."), "{}", content.text);
    assert!(content.text.contains("Review the inhaler.") && !content.text.contains('<'));
    assert_eq!(content.field("nhs_number"), "9990548609");
    assert_eq!((content.field("family_name"), content.field("postcode")), ("Winters", "ZZ99 3CZ"));
    assert_eq!(
        (content.attachments[0].content_type.as_str(), content.attachments[0].bytes),
        ("application/pdf", 9)
    );
    assert_eq!(letter.asked.receiver_ods, "FA123");
}

#[tokio::test]
async fn a_letter_waits_for_a_person_and_gets_the_answers_it_asked_for() {
    let (app, _folder) = server().await;
    let taken = stored(&app, &message("M1", LETTER)).await.expect("stored");
    assert_eq!(codes(&taken), ["20013", "30002"], "nobody of that NHS number has a record here");
    for answer in &taken.answers {
        assert_eq!((answer.to.as_str(), answer.workflow.as_str()), ("X26GP01", "GPFED_CONSULT_REPORT_ACK"));
        let body = String::from_utf8(answer.body.clone()).expect("text");
        assert!(body.contains("LETTER-7") && body.contains(HEADER), "it repeats what it answers");
        assert!(!body.contains("valueBoolean value=\"true\""), "an answer asks for none");
        let read = read_ack(&answer.body).expect("an answer");
        assert_eq!(read.answers.map(|id| id.to_string()).as_deref(), Some(HEADER));
    }
    let technical = read_ack(&taken.answers[0].body).expect("an answer");
    assert_eq!((technical.level, technical.outcome), (Level::Infrastructure, Outcome::Done));
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, false, 10).await.expect("a list");
    assert_eq!((rows.len(), rows[0].source.as_str()), (1, "itk3"));
    let (_, original) = waiting::original(&app, &rows[0]).await.expect("read").expect("kept");
    assert_eq!(original, LETTER.as_bytes(), "with what is attached");
}

#[tokio::test]
async fn the_same_message_done_again_after_a_crash_is_one_line_and_the_same_answers() {
    let (app, _folder) = server().await;
    let first = stored(&app, &message("M1", LETTER)).await.expect("stored");
    let again = stored(&app, &message("M1", LETTER)).await.expect("stored");
    assert_eq!(first, again);
    let ods = "FA123".parse().expect("a code");
    assert_eq!(app.store.waiting(&ods, true, 10).await.expect("a list").len(), 1);
}

#[tokio::test]
async fn the_same_letter_in_another_message_of_mesh_is_called_a_duplicate() {
    let (app, _folder) = server().await;
    stored(&app, &message("M1", LETTER)).await.expect("stored");
    let again = stored(&app, &message("M2", LETTER)).await.expect("stored");
    assert_eq!(codes(&again), ["20007"]);
    let ods = "FA123".parse().expect("a code");
    assert_eq!(app.store.waiting(&ods, true, 10).await.expect("a list").len(), 1);
}

#[tokio::test]
async fn another_letter_under_a_message_id_that_came_before_waits_too_and_says_so() {
    let (app, _folder) = server().await;
    stored(&app, &message("M1", LETTER)).await.expect("stored");
    let other = LETTER.replace("Review the inhaler.", "Stop the inhaler.");
    for _ in 0..2 {
        let taken = stored(&app, &message("M2", &other)).await.expect("stored");
        assert_eq!(codes(&taken), ["20013", "30002"]);
    }
    assert_eq!(codes(&stored(&app, &message("M3", &other)).await.expect("stored")), ["20007"]);
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, true, 10).await.expect("a list");
    let contents: Vec<_> = rows.iter().map(|row| waiting::view(&app, row).content).collect();
    assert_eq!(contents.len(), 2);
    let noted =
        contents.iter().find(|content| content.text.contains("Stop the inhaler.")).expect("on the list");
    assert!(noted.notes.iter().any(|note| note.contains("same message id")), "{:?}", noted.notes);
}

#[tokio::test]
async fn a_letter_for_no_pharmacy_of_this_server_is_answered_kept_and_listed() {
    let (app, _folder) = server().await;
    app.store.put_pharmacy(&pharmacy("FB456", "")).await.expect("stored");
    let shared =
        |id: &str, body: &str| IncomingMessage { mailbox: "X26OT111".to_owned(), ..message(id, body) };
    let elsewhere = LETTER.replace("FA123", "FZ999");
    for (id, body, code) in [("M1", elsewhere.as_str(), "20002"), ("M2", "nonsense", "10009")] {
        let letter = shared(id, body);
        app.store.keep_incoming(&letter).await.expect("kept");
        let taken = stored(&app, &letter).await.expect("stored");
        assert_eq!((codes(&taken), taken.outcome.as_str()), (vec![code], FOR_NOBODY));
        let said = String::from_utf8(taken.answers[0].body.clone()).expect("text");
        assert!(said.contains("urn:nhs-uk:addressing:ods:X26\"") && said.contains("fatal-error"), "{said}");
        app.store.incoming_handled(&letter.mailbox, id, &taken.outcome, NOW).await.expect("written");
    }
    let left = app.store.left_incoming().await.expect("read");
    let bodies: Vec<&[u8]> = left.iter().map(|left| left.body.as_slice()).collect();
    assert_eq!(bodies, [elsewhere.as_bytes(), b"nonsense"]);
    assert!(left.iter().all(|left| left.description == FOR_NOBODY));
    let quiet = elsewhere.replace("valueBoolean value=\"true\"", "valueBoolean value=\"false\"");
    assert!(stored(&app, &shared("M3", &quiet)).await.expect("stored").answers.is_empty());
    let named = LETTER.replace("FA123", "FB456");
    assert_eq!(codes(&stored(&app, &shared("M4", &named)).await.expect("stored")), ["20013", "30002"]);
}

#[test]
fn the_owner_of_a_mailbox_is_in_its_name() {
    for (mailbox, ods) in
        [("X26OT111", "X26"), ("A82648HC003", "A82648"), ("OT111", "OT111"), ("ééé11", "ééé11")]
    {
        assert_eq!(owner(mailbox), ods);
    }
}

#[tokio::test]
async fn only_what_was_asked_for_is_answered() {
    let (app, _folder) = server().await;
    let quiet = LETTER.replace("valueBoolean value=\"true\"", "valueBoolean value=\"false\"");
    let taken = stored(&app, &message("M1", &quiet)).await.expect("stored");
    assert!(taken.answers.is_empty());
    let business = quiet
        .replacen("valueBoolean value=\"false\"", "valueBoolean value=\"true\"", 1)
        .replace(HEADER, "h2");
    let taken = stored(&app, &message("M2", &business)).await.expect("stored");
    assert_eq!(codes(&taken), ["30002"]);
}

#[tokio::test]
async fn an_answer_is_never_answered_and_never_waits() {
    let (app, _folder) = server().await;
    let letter = stored(&app, &message("M1", LETTER)).await.expect("stored");
    let answer = String::from_utf8(letter.answers[0].body.clone()).expect("text");
    let asking = answer.replace("valueBoolean value=\"false\"", "valueBoolean value=\"true\"");
    let taken = stored(&app, &message("M2", &asking)).await.expect("stored");
    assert!(taken.answers.is_empty(), "{}", taken.outcome);
    let broken = IncomingMessage { workflow: "GPFED_CONSULT_REPORT_ACK".to_owned(), ..message("M3", "<") };
    assert!(stored(&app, &broken).await.expect("stored").answers.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_answered_with_the_identifier_for_that() {
    let (app, _folder) = server().await;
    let deep = format!("<Bundle xmlns=\"http://hl7.org/fhir\">{}", "<a>".repeat(100_000));
    for (id, body) in
        [("M1", "nonsense"), ("M2", deep.as_str()), ("M3", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    {
        let taken = stored(&app, &message(id, body)).await.expect("stored");
        assert_eq!(codes(&taken), ["10009"]);
        assert_eq!(taken.answers[0].to, "X26GP99");
        let words = String::from_utf8(taken.answers[0].body.clone()).expect("text");
        assert!(words.contains("UNREADABLE-IN-ORIGINAL-MESSAGE") && words.contains("fatal-error"));
    }
    let ods = "FA123".parse().expect("a code");
    assert_eq!(app.store.waiting(&ods, false, 10).await.expect("a list").len(), 3);
}

#[tokio::test]
async fn a_message_without_a_document_is_kept_and_refused() {
    let (app, _folder) = server().await;
    let bare = LETTER.replace("<Composition>", "<Basic>").replace("</Composition>", "</Basic>");
    let taken = stored(&app, &message("M1", &bare)).await.expect("stored");
    assert_eq!(codes(&taken), ["20009"]);
    let ods = "FA123".parse().expect("a code");
    assert_eq!(app.store.waiting(&ods, false, 10).await.expect("a list").len(), 1);
}

#[test]
fn every_answer_is_fhir_that_our_own_reader_takes() {
    let letter = read(LETTER.as_bytes()).expect("a letter");
    assert!(letter.has_document);
    for taken in [Taken::Now { known: false }, Taken::Now { known: true }, Taken::Before, Taken::ForNobody] {
        for answer in super::answers(&message("M1", LETTER), "FA123", Ok(&letter), taken) {
            let text = String::from_utf8(answer.body).expect("text");
            assert_eq!(Element::from_xml(&text).expect("FHIR").text("type"), "message");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_letter_however_damaged_makes_the_reader_panic(at in 0..LETTER.len(), junk in "[<>/&a-z\" ]{0,12}") {
        let at = (0..=at).rev().find(|at| LETTER.is_char_boundary(*at)).unwrap_or(0);
        let damaged = format!("{}{junk}{}", &LETTER[..at], &LETTER[at..]);
        let _ = read(damaged.as_bytes());
        let _ = read(LETTER.as_bytes().get(..at).unwrap_or_default());
    }
}

#[test]
fn every_published_message_is_read_or_refused_and_its_words_are_found() {
    let Some(folder) = samples("itk3/test-messages") else { return };
    let mut letters = 0;
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if let Ok(letter) = read(&bytes) {
            letters += 1;
            assert!(letter.has_document, "{}", path.display());
            assert!(!letter.asked.header.is_empty(), "{}", path.display());
            assert!(
                !letter.content.text.is_empty() || !letter.content.notes.is_empty(),
                "{}",
                path.display()
            );
        }
    }
    assert!(letters >= 4, "{letters}");
}
