//! What a message becomes.

use super::{CANCEL, NEW, NEW_JSON, NOW, TARGET, headers, xml};
use crate::intake::bars::answer::{answer, service_request};
use crate::intake::bars::{
    Event, Message, Outcome, Refusal, capabilities, message_definitions, read_referral,
};
use crate::nhs::fhir::{Element, Format, to_be_judged};
use shared::consultation::{Patient, Referral};
use shared::ids::ConsultationId;
use std::collections::BTreeSet;

fn referral_of(bundle: &Element) -> (Referral, Patient) {
    let message = Message::read(bundle, TARGET).expect("a message");
    read_referral(&message, &headers(), 1, NOW)
}

fn new() -> (Referral, Patient) {
    referral_of(&xml(NEW))
}

#[test]
fn xml_and_json_give_the_same_referral() {
    let json = Format::Json.read(NEW_JSON.as_bytes()).expect("FHIR");
    assert_eq!(referral_of(&json), new());
}

#[test]
fn every_part_of_a_referral_is_where_a_pharmacist_looks_for_it() {
    let (referral, patient) = new();
    assert_eq!((referral.channel.as_str(), referral.strand.as_str()), ("bars", "MI"));
    assert_eq!(referral.message_id, "5a3e7c10-2f0b-4f0e-8a11-0d6a4b9e0417");
    assert_eq!((referral.referrer_type.as_str(), referral.referrer_ods.as_str()), ("GP", "A99998"));
    assert_eq!(referral.referrer_name, "Larch Court Health Centre");
    assert_eq!(referral.referrer_person, "Dr Rowan Teasel, General practitioner");
    assert_eq!(referral.referrer_contact, "01632 960804");
    assert_eq!(referral.complaint, "Sore throat");
    assert_eq!(referral.valid_until, "2026-11-23T13:40:00Z");
    assert_eq!(referral.reply_to, "https://fhir.nhs.uk/Id/dos-service-id|2099000777");
    assert_eq!(referral.case_references().collect::<Vec<_>>(), ["LC20417"]);
    assert!(referral.case_ids.contains("journey|3f6f1c42-6f0a-4f2d-9f11-2c8e77d00417"));
    assert_eq!(referral.sender_consent, "Direct Care, IMPLIED");
    let section = |title: &str| {
        let found = referral.sections.iter().find(|section| section.title == title);
        found.map(|section| section.text.as_str()).unwrap_or_default()
    };
    // Some senders write a line break as a backslash and an n.
    assert_eq!(
        section("Assessment"),
        "Sore throat for three days.\nDrinking well; no rash.\nTried: paracetamol"
    );
    assert_eq!(section("Findings"), "Core body temperature: 37.4 °C");
    assert_eq!(section("Allergies"), "Penicillin: rash");
    assert_eq!(section("Medicines"), "Amlodipine 5mg tablets, one each morning");
    assert!(section("What is asked").contains("Ring first if you are worried"));
    let asked: Vec<_> =
        referral.triage.iter().map(|line| (line.question.as_str(), line.answer.as_str())).collect();
    assert_eq!(
        asked,
        [("Throat: Can the patient swallow fluids?", "yes"), ("Throat: Days of symptoms?", "3")]
    );
    assert_eq!((patient.family_name.as_str(), patient.given_name.as_str()), ("Larkspurton", "Odile Fay"));
    assert_eq!((patient.birth_date.as_str(), patient.sex.as_str()), ("1948-03-17", "female"));
    assert_eq!(
        (patient.address.as_str(), patient.postcode.as_str()),
        ("4 Dovecote Row\nZettington\nZetshire", "ZZ99 3CZ")
    );
    assert_eq!((patient.gp_ods.as_str(), patient.gp_name.as_str()), ("A99998", "Larch Court Health Centre"));
}

#[test]
fn flags_are_warnings_and_what_concerns_safety_comes_first() {
    let (referral, _) = new();
    assert_eq!(referral.flags, "SG RC");
    assert!(referral.repeat_caller);
    assert_eq!(
        referral.warnings,
        "Safeguarding Concern: Unspecified Safeguarding Concern Identified, Ask to speak to her alone\n\
         Repeat Caller: Third call this week"
    );
}

#[test]
fn contacts_are_rung_in_the_senders_order_and_another_than_the_patient_is_named() {
    let (_, patient) = new();
    assert_eq!(patient.phone, "07700 900221");
    assert_eq!(
        patient.other_phones,
        "01632 960220 (home), odile@example.org (e-mail), 07700 900222 (mobile, Basil Larkspurton, Emergency Contact)"
    );
    assert_eq!(patient.caller, "Basil Larkspurton, Emergency Contact, 07700 900222");
    let [one, two] = ["\"1\"", "\"2\""].map(|rank| format!("<valuePositiveInt value={rank}/>"));
    let swapped = NEW.replace(&one, "RANK").replace(&two, &one).replace("RANK", &two);
    assert_eq!(referral_of(&xml(&swapped)).1.phone, "07700 900222");
}

#[test]
fn a_number_that_the_sender_calls_verified_is_not() {
    let (_, patient) = new();
    assert_eq!(
        (patient.nhs_number.as_str(), patient.nhs_number_status.as_str()),
        ("9997001028", "unverified")
    );
}

#[test]
fn a_referral_without_an_nhs_number_is_taken() {
    let (_, patient) = referral_of(&xml(&NEW.replace("<value value=\"9997001028\"/>", "")));
    assert_eq!((patient.nhs_number.as_str(), patient.nhs_number_status.as_str()), ("", ""));
}

#[test]
fn a_referral_without_times_of_its_own_is_valid_for_a_day() {
    let without = NEW.replace("<end value=\"2026-11-23T13:40:00+00:00\"/>", "");
    assert_eq!(referral_of(&xml(&without)).0.valid_until, "2026-11-23T13:40:00Z");
    let until =
        NEW.replace("<end value=\"2026-11-23T13:40:00+00:00\"/></occurrencePeriod>", "</occurrencePeriod>");
    let until = until.replace("<end value=\"2026-11-23T13:40", "<end value=\"2026-11-23T18:00");
    assert_eq!(referral_of(&xml(&until)).0.valid_until, "2026-11-23T18:00:00Z");
}

#[test]
fn a_cancellation_says_whether_it_was_a_mistake() {
    let event =
        |text: &str| Message::read(&xml(text), TARGET).map(|message| message.event).expect("a message");
    assert_eq!(event(CANCEL), Event::Cancel { in_error: false });
    assert_eq!(
        event(&CANCEL.replace("\"revoked\"", "\"entered-in-error\"")),
        Event::Cancel { in_error: true }
    );
}

/// Every id of a resource, and every full address.
fn ids(bundle: &Element) -> BTreeSet<String> {
    let full = bundle.all("entry.fullUrl").into_iter().map(|url| url.value.clone());
    let own = bundle.all("entry.resource.id").into_iter().map(|id| id.value.clone());
    full.chain(own).chain([bundle.text("id").to_owned()]).collect()
}

#[test]
fn an_answer_has_the_senders_message_with_ids_of_ours_and_a_case_of_ours() {
    let bundle = xml(NEW);
    let message = Message::read(&bundle, TARGET).expect("a message");
    let consultation: ConsultationId = "01910000-0000-7000-8000-00000000abcd".parse().expect("an id");
    let answer = answer(&message, &consultation, "https://satchel.example", NOW);
    assert!(ids(&answer).is_disjoint(&ids(&bundle)), "no id of the sender’s");
    let header = answer.first("entry").and_then(Element::resource).expect("a header");
    assert_eq!((header.kind.as_str(), header.text("response.code")), ("MessageHeader", "ok"));
    assert_eq!(header.text("response.identifier"), bundle.text("id"));
    assert_eq!(header.text("focus.reference"), format!("urn:uuid:{consultation}"));
    let full: BTreeSet<&str> =
        answer.all("entry.fullUrl").into_iter().map(|url| url.value.as_str()).collect();
    assert_eq!(full.len(), bundle.children("entry").count() + 1, "each under an id of its own");
    for resource in answer.all("entry.resource") {
        for reference in
            resource.all("subject.reference").into_iter().chain(resource.all("patient.reference"))
        {
            assert!(full.contains(reference.value.as_str()), "{} in {}", reference.value, resource.kind);
        }
    }
    let planned =
        answer.all("entry.resource").into_iter().find(|resource| resource.text("status") == "planned");
    let number = planned.expect("a case of ours").text("identifier.value");
    assert!(number.len() == 9 && number.as_bytes()[4] == b'-', "{number}");
    for format in [Format::Json, Format::Xml] {
        let read = format.read(&format.write(&answer)).expect("readable");
        assert_eq!(ids(&read), ids(&answer));
    }
}

#[test]
fn what_is_read_back_has_our_id_and_the_status_it_has_here() {
    let bundle = xml(NEW);
    let message = Message::read(&bundle, TARGET).expect("a message");
    let consultation: ConsultationId = "01910000-0000-7000-8000-00000000abcd".parse().expect("an id");
    let request = service_request(&message, &consultation, "completed", NOW);
    assert_eq!((request.kind.as_str(), request.text("status")), ("ServiceRequest", "completed"));
    assert_eq!(request.text("id"), consultation.to_string());
    assert!(
        request.text("subject.reference").starts_with("Patient/"),
        "{}",
        request.text("subject.reference")
    );
}

#[test]
fn everything_that_is_answered_is_written_whole_in_both_formats() {
    let consultation: ConsultationId = "01910000-0000-7000-8000-00000000abcd".parse().expect("an id");
    for (name, text) in [("new", NEW), ("cancelled", CANCEL)] {
        let bundle = xml(text);
        let message = Message::read(&bundle, TARGET).expect("a message");
        let answer = answer(&message, &consultation, "https://satchel.example", NOW);
        to_be_judged(&format!("bars-answer-{name}"), &answer);
    }
    to_be_judged("bars-metadata", &capabilities("https://satchel.example"));
    to_be_judged("bars-definitions", &message_definitions("https://satchel.example", TARGET));
    let refusal = Refusal::new(Outcome::Invariant, "Encounter.status is not that of the referral.");
    to_be_judged("bars-outcome", &refusal.resource(uuid::Uuid::nil()));
}
