//! Every published example is read or refused, and the one for this use case is a referral.

use super::{NOW, headers};
use crate::intake::bars::answer::answer;
use crate::intake::bars::{Headers, Message, bars_message, read_referral};
use crate::nhs::fhir::{Element, Format};
use crate::samples::samples;
use shared::ids::ConsultationId;

const PHARMACY_EXAMPLE: &str =
    "REFREQ03-Referral-Service-Request-New-Full-Primary-Care-to-Community-Pharmacy-Minor-Illness.xml";

#[test]
fn no_published_example_is_too_much_for_the_reader() {
    for folder in ["bars/examples", "bars/receiver-simulator", "bars/oas/examples1.4.0/process_message"] {
        let Some(folder) = samples(folder) else { return };
        for file in std::fs::read_dir(folder).expect("a folder") {
            let path = file.expect("a file").path();
            if path.is_file() {
                bars_message(&std::fs::read(path).expect("a file"));
            }
        }
    }
}

#[test]
fn the_published_example_for_pharmacies_is_a_referral_and_is_answered() {
    let Some(path) = samples(&format!("bars/examples/{PHARMACY_EXAMPLE}")) else { return };
    let bundle = Format::Xml.read(&std::fs::read(path).expect("a file")).expect("FHIR");
    let message = Message::read(&bundle, "111111111").expect("a message");
    let headers = Headers { target: "111111111".to_owned(), ..headers() };
    let (referral, patient) = read_referral(&message, &headers, 1, NOW);
    assert_eq!((referral.complaint.as_str(), patient.phone.as_str()), ("Vomiting", "07736312544"));
    assert_eq!(
        (referral.referrer_ods.as_str(), referral.valid_until.as_str()),
        ("RND", "2023-06-27T11:30:00Z")
    );
    assert!(referral.sections[0].text.contains("constipation"));
    assert_eq!(patient.gp_ods, "G82080");
    let answer = answer(&message, &ConsultationId(uuid::Uuid::nil()), "https://satchel.example", NOW);
    let back = Format::Json.read(&Format::Json.write(&answer)).expect("FHIR");
    assert_eq!(
        back.children("entry").filter_map(Element::resource).count(),
        bundle.children("entry").count() + 1
    );
}
