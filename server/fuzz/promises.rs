//! What holds for any bytes that reach the server from outside: read or refused, never a panic, the same each time, and
//! what is refused is refused in words that hold nothing of it.
//!
//! The fuzz targets run these, and `server/tests/crashers.rs` runs them over the seeds, over the seeds damaged, and over
//! every file that once broke one. A new parser needs a function here, a line there, and a target.

use satchel::intake::itk111::{Accepting, fault_body, success_body};
use satchel::intake::{adaptor, file, itk111};
use satchel::nhs::fhir::Element;
use satchel::nhs::{gp_connect, mesh};
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
