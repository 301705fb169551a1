//! Promises about e-mail that comes in: nothing invented, nothing lost, whatever it holds.

mod imap;

use super::{look_into_folder, read, read_fields, take_in};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{itk111, waiting};
use crate::store::{Pharmacy, SettledAs, SqliteStore};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const STRUCTURED: &[u8] = include_bytes!("../fixtures/structured.eml");
const FREE_TEXT: &[u8] = include_bytes!("../fixtures/free-text.eml");
const REPORT: &str = include_str!("../../itk111/fixtures/minor-illness-dx28.xml");
/// 22 November 2026, the day of the fixtures of NHS 111.
const NOW: i64 = 1_795_356_800_000;

fn today() -> Date {
    date(2026, 11, 23)
}

fn pharmacy(ods: &str) -> Pharmacy {
    Pharmacy {
        ods: ods.parse().expect("a code"),
        name: "Larch Pharmacy".to_owned(),
        dos_ids: Vec::new(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    }
}

/// A server with these pharmacies, on a database of its own.
async fn server(pharmacies: &[&str]) -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store = Arc::new(SqliteStore::open(&url).await.expect("a store"));
    let config = Config::read(BTreeMap::new(), false).expect("settings");
    let app = App::new(config, Clock::set_to(NOW), store).await.expect("an app");
    for ods in pharmacies {
        app.store.put_pharmacy(&pharmacy(ods)).await.expect("stored");
    }
    (app, folder)
}

fn fields(text: &str) -> BTreeMap<String, (String, bool)> {
    let read = read_fields(text, today());
    read.fields.into_iter().map(|field| (field.field, (field.value, field.sure))).collect()
}

fn value(text: &str, field: &str) -> Option<String> {
    fields(text).get(field).map(|(value, _)| value.clone())
}

#[test]
fn labelled_lines_are_read_and_an_attachment_is_listed() {
    let mail = read(STRUCTURED);
    assert_eq!(
        (mail.message_id.as_str(), mail.subject.as_str()),
        ("ref-1@example.nhs.net", "Pharmacy First referral")
    );
    assert_eq!(mail.sent(), "2026-11-23T09:58:00Z");
    assert_eq!((mail.attachments[0].name.as_str(), mail.attachments[0].bytes), ("letter.pdf", 9));
    let read = fields(&mail.text);
    let said = |name: &str| read.get(name).map(|(value, _)| value.as_str());
    assert_eq!((said("family_name"), said("given_name")), (Some("WINTERS"), Some("Hettie")));
    assert_eq!((said("birth_date"), said("nhs_number")), (Some("1952-03-04"), Some("9990548609")));
    assert_eq!((said("sex"), said("phone")), (Some("female"), Some("07700 900123")));
    assert_eq!((said("gp_ods"), said("postcode")), (Some("A82648"), Some("ZZ99 3CZ")));
    assert_eq!(said("complaint"), Some("Sore throat for three days, no fever"));
    assert_eq!(read.get("postcode").map(|(_, sure)| *sure), Some(false), "it stood inside the address");
}

#[test]
fn free_text_is_kept_as_plain_words_and_nothing_is_made_of_it() {
    let mail = read(FREE_TEXT);
    assert!(mail.text.contains("Could you see Hettie about her throat?"), "{}", mail.text);
    assert!(!mail.text.contains('<') && !mail.text.contains("alert(1)"), "{}", mail.text);
    assert!(read_fields(&mail.text, today()).fields.is_empty());
}

#[test]
fn what_is_not_what_its_label_says_is_left_out() {
    for (line, field) in [
        ("NHS number: 999 054 8608", "nhs_number"),
        ("DOB: 04/03/52", "birth_date"),
        ("DOB: 31/02/1952", "birth_date"),
        ("DOB: 04/03/2052", "birth_date"),
        ("Sex: see notes", "sex"),
        ("Tel: ask reception", "phone"),
        ("Tel: 12345", "phone"),
        ("Postcode: unknown", "postcode"),
        ("ODS code: surgery", "gp_ods"),
        ("Patient name: 12345", "family_name"),
        ("Case reference: 1234", "case_reference"),
        ("Disposition: speak to a pharmacist", "disposition"),
        ("My favourite colour: green", "complaint"),
    ] {
        assert_eq!(value(line, field), None, "{line}");
    }
}

#[test]
fn dates_are_read_day_first_as_in_england() {
    for text in ["04/03/1952", "4-3-1952", "04.03.1952", "4 March 1952", "4th Mar 1952", "1952-03-04"] {
        assert_eq!(value(&format!("DOB: {text}"), "birth_date").as_deref(), Some("1952-03-04"), "{text}");
    }
}

#[test]
fn a_name_is_split_where_it_says_how_and_otherwise_left_to_be_checked() {
    let name = |text: &str| {
        let read = fields(&format!("Name: {text}"));
        let part = |field: &str| read.get(field).map(|(value, _)| value.clone()).unwrap_or_default();
        (part("family_name"), part("given_name"), read.get("family_name").is_some_and(|(_, sure)| *sure))
    };
    assert_eq!(name("WINTERS, Hettie (Mrs)"), ("WINTERS".to_owned(), "Hettie".to_owned(), true));
    assert_eq!(name("Mrs Hettie May WINTERS"), ("WINTERS".to_owned(), "Hettie May".to_owned(), true));
    assert_eq!(name("Hettie Winters"), ("Winters".to_owned(), "Hettie".to_owned(), false));
    assert_eq!(name("Winters"), ("Winters".to_owned(), String::new(), false));
}

#[test]
fn a_label_of_its_own_counts_more_than_a_part_of_something_longer() {
    let text = "Address: 1 Sample Street, ZZ99 3CZ\nPostcode: ZZ99 3VZ";
    assert_eq!(value(text, "postcode").as_deref(), Some("ZZ99 3VZ"));
}

#[test]
fn two_values_for_one_thing_are_neither_and_somebody_is_told() {
    let read = read_fields("NHS number: 999 054 8609\nPatient\nNHS no: 999 054 8706", today());
    assert!(read.fields.is_empty());
    assert_eq!(read.notes, ["It gives more than one NHS number: none was taken over."]);
    let same = "NHS number: 999 054 8609\nNHS no: 9990548609";
    assert_eq!(value(same, "nhs_number").as_deref(), Some("9990548609"), "the same twice is one");
}

#[test]
fn a_value_below_its_label_is_read_unless_it_is_another_label() {
    assert_eq!(value("Date of birth:\n04/03/1952", "birth_date").as_deref(), Some("1952-03-04"));
    assert_eq!(value("Surname:\nSex: female", "family_name"), None);
}

#[test]
fn hostile_mail_comes_to_something_and_to_no_harm() {
    let parts: Vec<String> =
        (0..200).map(|n| format!("--p\r\nContent-Type: text/plain\r\n\r\npart {n}\r\n")).collect();
    let parts = parts.concat();
    let many = format!("Content-Type: multipart/mixed; boundary=p\r\n\r\n{parts}--p--");
    assert!(read(many.as_bytes()).unreadable.contains("too many parts"));
    let nested: Vec<String> = (0..20_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    let _ = read(nested.concat().as_bytes());
    let tags = format!("Content-Type: text/html\r\n\r\n{}", "<div>".repeat(100_000));
    let _ = read(tags.as_bytes());
    let large = vec![b'a'; 26 * 1024 * 1024];
    assert!(read(&large).unreadable.contains("25 MB"));
    let headers = format!("Subject: {}\r\n\r\nx", "A\u{0}\u{7}".repeat(100_000));
    assert!(read(headers.as_bytes()).subject.len() < 4000);
    let long = format!("Subject: x\r\n\r\n{}", "é".repeat(100_000));
    let mail = read(long.as_bytes());
    assert!(mail.cut && mail.text.len() <= 64 * 1024 + 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_the_reader_panic_and_no_value_is_invented(bytes in prop::collection::vec(any::<u8>(), 0..2000), words in "[ -~\n]{0,400}") {
        let mail = read(&bytes);
        prop_assert!(!mail.message_id.is_empty());
        for field in read_fields(&words, today()).fields {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
            if ["complaint", "family_name", "given_name", "address"].contains(&field.field.as_str()) {
                prop_assert!(letters(&words).contains(&letters(&field.value)), "{}", field.field);
            }
        }
    }
}

#[tokio::test]
async fn a_mail_in_the_folder_is_on_the_list_with_its_original_byte_for_byte_before_it_is_moved() {
    let (app, folder) = server(&["FA123", "FB456"]).await;
    let mail = folder.path().join("mail");
    std::fs::create_dir_all(mail.join("new")).expect("a folder");
    std::fs::write(mail.join("new/1.eml"), STRUCTURED).expect("written");
    std::fs::write(mail.join("new/2.eml"), FREE_TEXT).expect("written");
    std::fs::write(mail.join("new/.half"), b"From: half").expect("written");
    assert_eq!(look_into_folder(&app, &mail).await.expect("read"), 2);
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, false, 10).await.expect("a list");
    assert_eq!(rows.len(), 2);
    let view = rows.iter().map(|row| (row, waiting::view(&app, row)));
    let (row, view) = view.into_iter().find(|(_, view)| view.content.kind == "referral").expect("read");
    assert_eq!(view.content.field("nhs_number"), "9990548609");
    assert!(!String::from_utf8_lossy(&row.sealed).contains("WINTERS"), "sealed at rest");
    let (_, original) = waiting::original(&app, row).await.expect("read").expect("kept");
    assert_eq!(original, STRUCTURED);
    assert!(mail.join("cur/1.eml").is_file() && !mail.join("new/1.eml").exists());
    assert!(mail.join("new/.half").is_file(), "what is being written is left alone");
}

#[tokio::test]
async fn a_mail_that_was_stored_and_not_moved_is_one_entry_when_it_is_found_again() {
    let (app, folder) = server(&["FA123"]).await;
    let mail = folder.path().join("mail");
    let first = take_in(&app, STRUCTURED).await.expect("taken in");
    std::fs::create_dir_all(mail.join("new")).expect("a folder");
    std::fs::write(mail.join("new/1.eml"), STRUCTURED).expect("written");
    look_into_folder(&app, &mail).await.expect("read");
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, true, 10).await.expect("a list");
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
}

#[tokio::test]
async fn a_mail_for_nobody_here_is_laid_aside_and_not_thrown_away() {
    let (app, folder) = server(&["FB456", "FC789"]).await;
    let mail = folder.path().join("mail");
    std::fs::create_dir_all(mail.join("new")).expect("a folder");
    std::fs::write(mail.join("new/1.eml"), STRUCTURED).expect("written");
    look_into_folder(&app, &mail).await.expect("read");
    assert_eq!(std::fs::read(mail.join("nobody/1.eml")).expect("there"), STRUCTURED);
}

/// A mail that quotes the case of the 111 fixture, with these further lines.
fn copy(case: &str, more: &str) -> Vec<u8> {
    format!(
        "From: NHS 111 <no-reply@example.nhs.net>\r\nTo: pharmacy.FA123@nhs.net\r\nSubject: NHS 111 case\r\n\
         Message-ID: <copy@example>\r\n\r\nCase reference: {case}\r\n{more}\r\n"
    )
    .into_bytes()
}

async fn with_a_case() -> (App, tempfile::TempDir, shared::consultation::Consultation) {
    let (app, folder) = server(&["FA123"]).await;
    let mut pharmacy = pharmacy("FA123");
    pharmacy.dos_ids = vec!["2099000001".to_owned()];
    app.store.put_pharmacy(&pharmacy).await.expect("stored");
    let accepting = itk111::Accepting::anything(NOW);
    let report = itk111::read(REPORT.as_bytes(), &accepting).expect("a report");
    let filed = crate::intake::take(&app, &pharmacy, &report.arrived, &[]).await.expect("stored");
    let id = filed[0].consultation().expect("one");
    let stored = app.store.document(&pharmacy.ods, &id).await.expect("read").expect("there");
    let record = crate::intake::opened(&stored).expect("opens").read().expect("reads");
    (app, folder, record)
}

#[tokio::test]
async fn a_copy_of_a_111_case_joins_its_referral_as_a_notice_and_makes_no_second_record() {
    let (app, _folder, record) = with_a_case().await;
    let case = record.referral.case_references().next().expect("a case reference").to_owned();
    let mail = copy(&case, "");
    take_in(&app, &mail).await.expect("taken in");
    take_in(&app, &mail).await.expect("and again");
    let ods = "FA123".parse().expect("a code");
    let stored =
        app.store.document(&ods, &record.id.parse().expect("an id")).await.expect("read").expect("there");
    let after = crate::intake::opened(&stored).expect("opens").read().expect("reads");
    let notices: Vec<_> = after.notices.values().collect();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].text.contains(&case));
    assert_eq!(app.store.rows(None).await.expect("rows").len(), 1);
    let settled = app.store.waiting(&ods, true, 10).await.expect("a list");
    assert_eq!(settled[0].settled.as_ref().map(|settled| settled.what), Some(SettledAs::Joined));
}

#[tokio::test]
async fn a_copy_about_another_patient_or_by_name_alone_waits_for_a_person() {
    let (app, _folder, record) = with_a_case().await;
    let case = record.referral.case_references().next().expect("a case reference").to_owned();
    take_in(&app, &copy(&case, "NHS number: 999 054 8706")).await.expect("taken in");
    let name = record.patient.list_name();
    take_in(&app, &copy("", &format!("Patient name: {name}"))).await.expect("taken in");
    let ods = "FA123".parse().expect("a code");
    assert_eq!(app.store.waiting(&ods, false, 10).await.expect("a list").len(), 2);
}
