//! What a fuzzer holds the reader to.

use super::answer::answer;
use super::message::Event;
use super::{Headers, Message, read_referral};
use crate::nhs::bars::codes::dos_id;
use crate::nhs::fhir::Format;
use shared::ids::ConsultationId;
use uuid::Uuid;

/// Whatever comes is read or refused, in either format; what is taken is answered without an id of the sender's, and
/// what is answered is readable. Panics where one of these does not hold.
pub fn bars_message(bytes: &[u8]) {
    let json = bytes.trim_ascii_start().starts_with(b"{");
    let format = if json { Format::Json } else { Format::Xml };
    let Ok(bundle) = format.read(bytes) else { return };
    // For whomever it is addressed to.
    let header = bundle.first("entry.resource");
    let target = header.and_then(|header| dos_id(header.text("destination.endpoint"))).unwrap_or_default();
    let Ok(message) = Message::read(&bundle, target) else { return };
    let headers = Headers {
        target: target.to_owned(),
        request_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        organisation: (String::new(), String::new()),
    };
    if message.event == Event::New {
        let (referral, patient) = read_referral(&message, &headers, 1, 0);
        assert!(patient.nhs_number_status != "verified", "nobody but PDS and NHS 111 verifies a number");
        assert!(!referral.document_set.is_empty() && !referral.valid_until.is_empty());
    }
    let consultation = ConsultationId(Uuid::from_u128(0x5a7c_4e1b));
    let answered = answer(&message, &consultation, "https://satchel.example", 0);
    for format in [Format::Json, Format::Xml] {
        let written = format.write(&answered);
        assert!(format.read(&written).is_ok(), "an answer that nobody can read");
    }
}
