//! What holds for any bytes that reach the server from outside: read or refused, never a panic, the same each time, and
//! what is refused is refused in words that hold nothing of it.
//!
//! The fuzz targets run these, and `server/tests/crashers.rs` runs them over the seeds, over the seeds damaged, and over
//! every file that once broke one. A new parser needs a function here, a line there, and a target.

use satchel::directory;
use satchel::intake::forwarded::Handover;
use satchel::intake::itk111::{Accepting, fault_body, success_body};
use satchel::intake::{adaptor, bars, file, itk3, itk111, mail};
use satchel::nhs::fhir::Element;
use satchel::nhs::{dos_fhir, dos_rest, gp_connect, mesh, service_search};
use uuid::Uuid;

/// 22 November 2026, 22:00 in England.
const NOW: i64 = 1_795_384_800_000;

/// What NHS 111 sends: every answer is well-formed, and reading it twice gives the same.
pub fn itk_report(bytes: &[u8]) {
    let accepting = Accepting::anything(NOW);
    let answer = match itk111::read(bytes, &accepting) {
        Ok(report) => {
            file(&report.arrived, &[], NOW);
            assert!(!report.addressed_to.is_empty() && !report.arrived.parts.is_empty());
            assert_eq!(itk111::read(bytes, &accepting).as_ref(), Ok(&report));
            success_body(&report, Uuid::nil())
        }
        Err(fault) => {
            assert!(fault.diagnostic.chars().count() <= 400, "an absurd message makes no absurd answer");
            fault_body(&fault, Uuid::nil(), Uuid::nil())
        }
    };
    roxmltree::Document::parse(&answer).expect("the answer is well-formed, whatever was sent");
}

/// What the 111 Adaptor hands over.
pub fn adaptor_report(bytes: &[u8]) {
    let _ = adaptor::is_fhir(bytes);
    if let Ok(report) = adaptor::read(bytes, NOW) {
        file(&report.arrived, &[], NOW);
        assert_eq!(adaptor::read(bytes, NOW).ok(), Some(report));
    }
}

/// FHIR of any version, from any NHS service.
pub fn fhir_element(bytes: &[u8]) {
    for read in [Element::from_json, Element::from_xml_bytes, Element::from_either] {
        if let Ok(element) = read(bytes) {
            assert!(!element.kind.is_empty());
            let _ = (element.text("entry.resource.id"), element.all("entry.resource").len());
            assert_eq!(read(bytes).ok(), Some(element));
        }
    }
}

/// What MESH answers with.
pub fn mesh_wire(bytes: &[u8]) {
    mesh::read_all(bytes);
}

/// What a practice's system answers.
pub fn ack(bytes: &[u8]) {
    if let Ok(ack) = gp_connect::read(bytes) {
        assert!(!ack.meaning.is_empty(), "whatever it is, the pharmacist is told something");
    }
}

/// What a BaRS sender posts.
pub fn bars_message(bytes: &[u8]) {
    bars::bars_message(bytes);
}

/// An e-mail, whoever wrote it: something comes of it, and no field of a patient is longer than a screen takes.
pub fn mail(bytes: &[u8]) {
    let mail = mail::read(bytes);
    assert!(!mail.message_id.is_empty(), "it is known again when it comes again");
    assert_eq!(mail::read(bytes), mail);
    assert!(!mail.from.contains('\n') && !mail.subject.contains('\n'), "a header is one line");
    let read = mail::read_fields(&mail.text, "2026-11-22".parse().expect("a date"));
    for field in &read.fields {
        assert!(!field.value.trim().is_empty(), "a field that was read says something");
    }
}

/// A letter over MESH: taken, answered as unreadable, or known for an answer.
pub fn itk3_letter(bytes: &[u8]) {
    if let Ok(letter) = itk3::read(bytes) {
        assert!(itk3::read(bytes).is_ok_and(|again| again.content == letter.content));
    }
}

/// A file of e-mail addresses: all of it is taken, or nothing and why.
pub fn directory_csv(bytes: &[u8]) {
    match directory::read(bytes) {
        Ok(lines) => assert!(!lines.is_empty() && lines.len() <= directory::MOST_LINES),
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}

/// What a directory of services answers.
pub fn places(bytes: &[u8]) {
    dos_rest::fuzzed(bytes);
    dos_fhir::fuzzed(bytes);
    service_search::fuzzed(bytes);
}

/// What one pharmacy hands to another.
pub fn handover(bytes: &[u8]) {
    if let Ok(handed) = serde_json::from_slice::<Handover>(bytes) {
        let written = serde_json::to_vec(&handed).expect("it can be written");
        assert_eq!(serde_json::from_slice::<Handover>(&written).ok(), Some(handed));
    }
}
