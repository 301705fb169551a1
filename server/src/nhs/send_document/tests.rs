//! The Send Document message: the PDF in it, who it is about, and how it differs from the published one.

use super::*;
use crate::nhs::gp_connect::tests::{all, all_references_resolve, differences_are_explained, paths, values};
use crate::samples::samples;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use roxmltree::Document;
use shared::ids::{GphcNumber, OdsCode};

const PDF: &[u8] = b"%PDF-1.7 invented";

fn composed(change: impl FnOnce(&mut SendDocument<'_>)) -> Result<Message, Held> {
    let (ods, gphc): (OdsCode, GphcNumber) =
        ("FZ999".parse().expect("valid"), "2074123".parse().expect("valid"));
    let patient = Patient {
        nhs_number: "9990548609".to_owned(),
        nhs_number_status: "verified".to_owned(),
        family_name: "O’Sample".to_owned(),
        given_name: "Siân".to_owned(),
        title: "Mrs".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        postcode: "ZZ99 3CZ".to_owned(),
        ..Patient::default()
    };
    let mut record = SendDocument {
        consultation: Uuid::from_u128(0x9999),
        amendment: 0,
        replaces: None,
        addressee: Addressee::Registered(crate::nhs::gp_connect::DateOrder::YearFirst),
        pharmacy: Pharmacy {
            ods: &ods,
            name: "Larch Pharmacy",
            phone: "01632 960123",
            mailbox: "FZ999OT001",
        },
        pharmacist: Pharmacist { name: "Asha Patel", gphc: &gphc },
        patient: &patient,
        signed_at: 1_795_001_200_000,
        pdf: PDF,
    };
    change(&mut record);
    compose(&record)
}

/// A message with a PDF.
pub(in crate::nhs) fn message() -> Message {
    composed(|_| {}).expect("a message")
}

fn text(message: &Message) -> String {
    String::from_utf8(message.body.clone()).expect("text")
}

#[test]
fn the_pdf_is_the_first_thing_that_the_section_names() {
    let xml = text(&message());
    let document = Document::parse(&xml).expect("well-formed");
    let binary = all(&document, "Binary")[0];
    let section = all(&document, "section")[0];
    assert_eq!(values(section, "reference"), [format!("urn:uuid:{}", values(binary, "id")[0])]);
    assert_eq!(values(binary, "contentType"), ["application/pdf"]);
    assert_eq!(STANDARD.decode(&values(binary, "content")[0]).expect("base64"), PDF);
}

#[test]
fn the_patient_inside_is_the_patient_of_the_address() {
    let message = message();
    let xml = text(&message);
    let document = Document::parse(&xml).expect("well-formed");
    let patient = all(&document, "Patient")[0];
    let said =
        (&values(patient, "value")[0], &values(patient, "birthDate")[0], &values(patient, "family")[0]);
    assert_eq!(message.to, format!("GPPROVIDER_{}_{}_{}", said.0, said.1.replace('-', ""), said.2));
}

#[test]
fn it_is_for_action_asks_for_both_answers_and_says_which_version_it_is() {
    let second = composed(|record| {
        record.amendment = 1;
        record.replaces = Some(0);
    });
    let second = second.expect("a message");
    assert!(second.subject.ends_with("ODS Code FZ999, Version 2"), "{}", second.subject);
    let xml = text(&second);
    let document = Document::parse(&xml).expect("well-formed");
    let header = all(&document, "MessageHeader")[0];
    assert_eq!(values(header, "valueBoolean"), ["true", "true"]);
    assert!(values(header, "code").contains(&"FA".to_owned()));
    assert!(values(header, "valueString").contains(&"SendDocument-ConsultationReport".to_owned()));
    let relates = all(&document, "relatesTo")[0];
    assert_eq!(values(relates, "value"), [format!("urn:uuid:{}", message().composition_id)]);
}

#[test]
fn every_reference_points_at_something_and_the_bytes_are_the_same_again() {
    assert_eq!(message(), message());
    all_references_resolve(&text(&message()));
}

/// Where our message says more than the published one, and why that is right.
const BEYOND: [(&str, &str); 5] = [
    ("/meta/lastUpdated", "when it was made is said of every resource"),
    ("Composition/identifier", "so that a replacement can name it"),
    ("Patient/address", "who it is about"),
    ("Patient/gender", "as above"),
    ("Patient/identifier", "the NHS number must be that of the address (GP Connect Send Document)"),
];

/// Where the published message says what ours does not, and why that is right.
const WITHOUT: [(&str, &str); 3] = [
    ("Patient/active", "PDS does not say it"),
    ("Practitioner/telecom", "the pharmacist's own phone is not recorded"),
    ("Practitioner/name/prefix", "nor the title"),
];

#[test]
fn every_difference_from_the_published_message_has_a_reason() {
    let Some(sample) = samples("gp-connect/consultation_report.xml") else { return };
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
    let path = std::path::Path::new(&folder).join("send-document.xml");
    std::fs::write(path, message().body).expect("written");
}
