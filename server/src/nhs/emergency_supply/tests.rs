//! The emergency-supply message: what must be in it, what must not, and how it differs from the published one.

use super::*;
use crate::nhs::gp_connect::supplied_line;
use crate::nhs::gp_connect::tests::{all, all_references_resolve, differences_are_explained, paths, values};
use crate::samples::samples;
use roxmltree::Document;
use shared::consultation::{Answer, Consultation, Medicine, summarise};
use shared::ids::{ConsultationId, GphcNumber, OdsCode};
use shared::pathway;
use std::collections::BTreeSet;

fn patient() -> Patient {
    Patient {
        nhs_number: "9990548609".to_owned(),
        nhs_number_status: "verified".to_owned(),
        family_name: "O’Sample".to_owned(),
        given_name: "Siân".to_owned(),
        title: "Mrs".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        address: "3 Larch Court\nZettington".to_owned(),
        postcode: "ZZ99 3CZ".to_owned(),
        phone: "07700 900141".to_owned(),
        gp_ods: "A99999".to_owned(),
        gp_name: "Elm Road Surgery".to_owned(),
        ..Patient::default()
    }
}

fn composed(change: impl FnOnce(&mut EmergencySupply<'_>)) -> Result<Message, Held> {
    composed_for(&patient(), change)
}

fn composed_for(patient: &Patient, change: impl FnOnce(&mut EmergencySupply<'_>)) -> Result<Message, Held> {
    let (ods, gphc): (OdsCode, GphcNumber) =
        ("FZ999".parse().expect("valid"), "2074123".parse().expect("valid"));
    let pathway = pathway::find("urgent-medicine-supply@1").expect("a file of this build");
    let mut record = Consultation::new(ConsultationId::from_bytes([9; 16]), &ods, &pathway.key(), 0);
    record.referral.channel = "itk111".to_owned();
    record.referral.received_at = "2026-11-18T09:00:00Z".to_owned();
    record.answers.insert("advice-given".to_owned(), Answer::text("Order in time <next> & \"always\""));
    let summary = summarise(&record, pathway);
    let line = Medicine { supply_type: "emergency-supply".to_owned(), ..supplied_line() };
    let supplies = [Supply::of(&line).expect("whole")];
    let mut record = EmergencySupply {
        consultation: Uuid::from_u128(0x9999),
        amendment: 0,
        replaces: None,
        addressee: Addressee::Mailbox("A99999OT001"),
        pharmacy: Pharmacy {
            ods: &ods,
            name: "Larch Pharmacy",
            phone: "01632 960123",
            mailbox: "FZ999OT001",
        },
        pharmacy_address: "1 Elm Road, Zettington, ZZ99 3VZ",
        pharmacist: Pharmacist { name: "Asha Patel", gphc: &gphc },
        patient,
        summary: &summary,
        supplies: &supplies,
        seen_at: 1_795_000_000_000,
        signed_at: 1_795_001_200_000,
    };
    change(&mut record);
    compose(&record)
}

/// A message with one medicine.
pub(in crate::nhs) fn message() -> Message {
    composed(|_| {}).expect("a message")
}

fn text(message: &Message) -> String {
    String::from_utf8(message.body.clone()).expect("text")
}

#[test]
fn it_is_for_action_and_asks_for_both_answers() {
    let xml = text(&message());
    let document = Document::parse(&xml).expect("well-formed");
    let header = all(&document, "MessageHeader")[0];
    assert!(values(header, "code").contains(&"ITK010D".to_owned()));
    assert!(values(header, "code").contains(&"FA".to_owned()));
    assert_eq!(values(header, "valueBoolean"), ["true", "true"]);
}

#[test]
fn practice_medications_and_demographics_are_always_there_and_say_something() {
    let xml = text(&message());
    let document = Document::parse(&xml).expect("well-formed");
    let sections = all(&document, "section");
    let codes: BTreeSet<String> = sections.iter().flat_map(|section| values(*section, "code")).collect();
    for mandatory in ["886711000000101", "933361000000108", "886731000000109"] {
        assert!(codes.contains(mandatory), "{mandatory} in {codes:?}");
    }
    for section in sections {
        let words = section.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text());
        assert!(words.map(str::trim).any(|words| !words.is_empty()), "an empty section");
    }
}

#[test]
fn the_practices_code_stands_in_its_resource_and_not_in_the_text() {
    let xml = text(&message());
    let document = Document::parse(&xml).expect("well-formed");
    let words: String =
        document.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect();
    assert!(!words.contains("A99999"), "{words}");
    let practices: Vec<String> =
        all(&document, "Organization").into_iter().flat_map(|one| values(one, "value")).collect();
    assert!(practices.contains(&"A99999".to_owned()), "{practices:?}");
}

#[test]
fn words_with_markup_in_them_are_words() {
    let xml = text(&message());
    let document = Document::parse(&xml).expect("well-formed");
    let words: Vec<&str> =
        document.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect();
    assert!(words.iter().any(|words| words.contains("Order in time <next> & \"always\"")), "{words:?}");
}

#[test]
fn nothing_about_the_patient_stands_on_the_outside() {
    let message = message();
    assert_eq!(message.local_id, "FZ999");
    for secret in ["Sample", "9990548609", "1952"] {
        assert!(!message.subject.contains(secret), "{}", message.subject);
    }
}

#[test]
fn every_reference_points_at_something_and_the_bytes_are_the_same_again() {
    assert_eq!(message(), message());
    all_references_resolve(&text(&message()));
}

#[test]
fn it_is_not_made_without_a_medicine_a_practice_or_a_verified_number() {
    assert_eq!(composed(|record| record.supplies = &[]), Err(Held::NothingToTell));
    let lost = Patient { gp_ods: String::new(), ..patient() };
    assert_eq!(composed_for(&lost, |_| {}).err(), Some(Held::NothingToTell));
    let unverified = Patient { nhs_number_status: "unverified".to_owned(), ..patient() };
    assert_eq!(composed_for(&unverified, |_| {}).err(), Some(Held::NeedsTracing));
}

#[test]
fn a_replacement_names_the_message_before_it() {
    let second = composed(|record| {
        record.amendment = 1;
        record.replaces = Some(0);
    });
    let xml = text(&second.expect("a message"));
    let document = Document::parse(&xml).expect("well-formed");
    let relates = all(&document, "relatesTo")[0];
    assert_eq!(values(relates, "value"), [message().composition_id.to_string()]);
}

/// Where our message says more than the published one, and why that is right.
const BEYOND: [(&str, &str); 5] = [
    ("/meta/lastUpdated", "when it was made is said of every resource"),
    ("MessageHeader/meta", "the header names its profile too"),
    (
        "MedicationDispense/dosageInstruction/text",
        "our medicines have directions; the example says as needed",
    ),
    ("MedicationDispense/dosageInstruction/patientInstruction", "as above"),
    ("Organization/telecom/use", "a work phone is called so"),
];

/// Where the published message says what ours does not, and why that is right.
const WITHOUT: [(&str, &str); 22] = [
    ("AllergyIntolerance", "the record holds allergies in words; a code would be a guess"),
    ("List/source", "of the list of allergies"),
    ("Encounter/participant/individual/display", "a reference goes by its id; names stand in the resources"),
    ("Encounter/serviceProvider/display", "as above"),
    ("Encounter/subject/display", "as above"),
    ("List/subject/display", "as above"),
    ("MedicationDispense/subject/display", "as above"),
    ("MedicationDispense/dosageInstruction/asNeededBoolean", "directions are words in the record"),
    ("Organization/address", "the pharmacy's address is one line, and stands in the words"),
    ("Patient/address/city", "lines and postcode; the record does not tell town and county apart"),
    ("Patient/address/district", "as above"),
    ("Patient/address/text", "said by its lines"),
    ("Patient/address/type", "not recorded"),
    ("Patient/address/use", "not recorded"),
    ("Patient/contact", "contacts are not asked for a supply"),
    ("Patient/generalPractitioner", "the patient is registered with a practice, not a doctor"),
    ("Patient/maritalStatus", "never asked"),
    ("Patient/name/text", "said by its parts"),
    ("Patient/telecom", "told in the words: whose phone it is, is not recorded"),
    ("Practitioner/gender", "not recorded of the pharmacist"),
    ("Practitioner/name/prefix", "as above"),
    ("Practitioner/telecom", "as above"),
];

#[test]
fn every_difference_from_the_published_message_has_a_reason() {
    let sample = "gp-connect/Example-DigiMeds-Emergency-Supply-Of-Medicines-1.xml";
    let Some(sample) = samples(sample) else { return };
    let sample = std::fs::read_to_string(sample).expect("a sample");
    let published = paths(&Document::parse(&sample).expect("well-formed"));
    let ours = paths(&Document::parse(&text(&message())).expect("well-formed"));
    differences_are_explained(&ours, &published, &BEYOND, &WITHOUT);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "only a test is told where a validator reads")]
fn messages_can_be_written_out_for_a_validator() {
    let Ok(folder) = std::env::var("SATCHEL_TEST_FHIR_DIR") else { return };
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = std::path::Path::new(&folder).join("emergency-supply.xml");
    std::fs::write(path, message().body).expect("written");
}
