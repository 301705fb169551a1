//! The notice we write, and the answers we read.

use super::*;
use crate::nhs::mesh::{Incoming, Kind, Report};
use crate::samples::samples;
use roxmltree::{Document, Node};
use shared::consultation::{Consultation, Patient};
use shared::ids::{ConsultationId, GphcNumber, OdsCode};
use std::collections::BTreeSet;
use std::path::PathBuf;
use uuid::Uuid;

const CONSULTATION: Uuid = Uuid::from_u128(0x1111_2222_3333_4444_5555_6666_7777_8888);

fn patient() -> Patient {
    Patient {
        nhs_number: "9990548609".to_owned(),
        nhs_number_status: "verified".to_owned(),
        family_name: "O’Connor".to_owned(),
        given_name: "Siân Mary".to_owned(),
        title: "Mrs".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        address: "12 Elm Road\nHorsforth".to_owned(),
        postcode: "LS18 4AB".to_owned(),
        ..Patient::default()
    }
}

fn content() -> Content {
    let mut content = Content::default();
    content
        .add(Heading::ClinicalSummary, "Sore throat for three days, no fever.\nSeen at the patient's home.");
    content.add(Heading::RedFlags, "Asked, none present.");
    content.add(Heading::AdviceGiven, "Fluids & rest; call 111 if worse.");
    content.complaints.push(Coded { code: "162397003".to_owned(), display: "Pain in throat".to_owned() });
    let measured = [
        Measurement::of("703421000", 37.25),
        Measurement::of("364075005", 82.0),
        Measurement::blood_pressure("163020007", 118.0, 73.0),
    ];
    content.measurements = measured.into_iter().flatten().collect();
    content
}

/// With something of every kind that Update Record has a place for.
fn everything() -> Content {
    let mut content = content();
    let lying = READINGS.iter().find(|reading| reading.code == "163033001").expect("a reading");
    content.measurements.push(Measurement::BloodPressure {
        reading: lying,
        systolic: 117.0,
        diastolic: 71.0,
        arm: Some(Arm::Left),
    });
    content.measurements.extend(Measurement::of("27113001", 71.24));
    let found = [
        Finding::under("pregnancy-status", "60001007", "Not pregnant"),
        Finding::under("social-context", "8392000", "Non-smoker"),
    ];
    content.findings = found.into_iter().flatten().collect();
    content.supplies = vec![Supply::of(&supplied_line()).expect("whole")];
    content
}

/// A notice with something of every kind.
pub(in crate::nhs) fn with_everything() -> Message {
    composed_with(&patient(), &everything()).expect("a notice")
}

/// Lets a test change one thing and composes the rest as always.
fn composed(change: impl FnOnce(&mut UpdateRecord<'_>)) -> Result<Message, Held> {
    let (ods, gphc): (OdsCode, GphcNumber) =
        ("FA123".parse().expect("valid"), "2074123".parse().expect("valid"));
    let (patient, content) = (patient(), content());
    let mut record = UpdateRecord {
        consultation: CONSULTATION,
        amendment: 0,
        replaces: None,
        addressee: Addressee::Registered(DateOrder::YearFirst),
        pharmacy: Pharmacy {
            ods: &ods,
            name: "High Street Pharmacy",
            phone: "0113 496 0000",
            mailbox: "FA123OT001",
        },
        pharmacist: Pharmacist { name: "Asha Patel", gphc: &gphc },
        patient: &patient,
        seen_at: 1_795_000_000_000,
        signed_at: 1_795_001_200_000,
        content: &content,
    };
    change(&mut record);
    compose(&record)
}

/// The notice of the patient above.
pub(in crate::nhs) fn first() -> Message {
    composed(|_| {}).expect("a notice")
}

fn text(message: &Message) -> String {
    String::from_utf8(message.body.clone()).expect("text")
}

pub(in crate::nhs) fn all<'a>(document: &'a Document<'_>, name: &str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.tag_name().name() == name).collect()
}

pub(in crate::nhs) fn values(node: Node<'_, '_>, name: &str) -> Vec<String> {
    let named = node.descendants().filter(|inner| inner.tag_name().name() == name);
    named.filter_map(|inner| inner.attribute("value").map(str::to_owned)).collect()
}

#[test]
fn the_same_notice_has_the_same_bytes_on_every_try() {
    assert_eq!(first(), first());
}

#[test]
fn it_is_an_update_record_that_asks_for_both_answers() {
    let xml = text(&first());
    let document = Document::parse(&xml).expect("well-formed");
    let header = all(&document, "MessageHeader")[0];
    assert!(values(header, "code").contains(&"ITK014M".to_owned()));
    assert_eq!(values(header, "valueBoolean"), ["true", "true"]);
    assert_eq!(values(header, "endpoint"), ["FA123OT001"]);
    assert_eq!(values(header, "valueString"), [CONSULTATION.urn().to_string(), "None".to_owned()]);
}

#[test]
fn the_practices_answers_will_name_our_message_header() {
    let message = first();
    let xml = text(&message);
    let document = Document::parse(&xml).expect("well-formed");
    assert_eq!(values(all(&document, "MessageHeader")[0], "id"), [message.header_id.to_string()]);
}

#[test]
fn resources_stand_in_the_order_of_the_specification_and_each_is_listed() {
    let xml = text(&first());
    let document = Document::parse(&xml).expect("well-formed");
    let inner = all(&document, "Bundle")[1];
    let entries: Vec<_> =
        inner.children().filter(|node| node.has_tag_name(("http://hl7.org/fhir", "entry"))).collect();
    let named = |entry: &Node<'_, '_>| {
        let resource =
            entry.children().find(|node| node.tag_name().name() == "resource").expect("a resource");
        resource.first_element_child().expect("one inside").tag_name().name().to_owned()
    };
    let names: Vec<String> = entries.iter().map(named).collect();
    assert_eq!(
        names,
        [
            "Composition",
            "Encounter",
            "Organization",
            "Practitioner",
            "PractitionerRole",
            "Patient",
            "Observation",
            "Observation",
            "Observation",
            "Condition",
            "ClinicalImpression",
            "ClinicalImpression",
            "ClinicalImpression"
        ]
    );
    let urls: Vec<String> = entries.iter().skip(1).flat_map(|entry| values(*entry, "fullUrl")).collect();
    let section = all(&document, "section")[0];
    assert_eq!(values(section, "reference"), urls);
}

#[test]
fn every_reference_points_at_something_in_the_message() {
    all_references_resolve(&text(&first()));
    all_references_resolve(&text(&with_everything()));
}

/// Nothing in a message points outside it.
pub(in crate::nhs) fn all_references_resolve(xml: &str) {
    let document = Document::parse(xml).expect("well-formed");
    let there: BTreeSet<String> = values(document.root_element(), "fullUrl").into_iter().collect();
    let pointed = values(document.root_element(), "reference");
    let lost: Vec<_> = pointed.iter().filter(|r| r.starts_with("urn:uuid:") && !there.contains(*r)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn words_arrive_as_they_were_written() {
    let xml = text(&first());
    let document = Document::parse(&xml).expect("well-formed");
    let summaries = values(document.root_element(), "summary");
    assert_eq!(summaries[0], "Sore throat for three days, no fever.\nSeen at the patient's home.");
    assert_eq!(summaries[2], "Fluids & rest; call 111 if worse.");
}

#[test]
fn measurements_carry_the_decimals_that_practices_accept() {
    let xml = text(&first());
    let document = Document::parse(&xml).expect("well-formed");
    let quantities: Vec<String> =
        all(&document, "valueQuantity").into_iter().flat_map(|node| values(node, "value")).collect();
    assert_eq!(quantities, ["37.2", "82", "118", "73"]);
}

#[test]
fn a_blood_pressure_says_how_it_was_taken_and_on_which_arm() {
    let xml = text(&with_everything());
    let document = Document::parse(&xml).expect("well-formed");
    let lying = all(&document, "Observation")
        .into_iter()
        .find(|one| values(*one, "code").contains(&"163033001".to_owned()));
    let codes = values(lying.expect("a reading"), "code");
    for code in ["368208006", "407556006", "407557002"] {
        assert!(codes.contains(&code.to_owned()), "{code} in {codes:?}");
    }
}

#[test]
fn a_finding_is_its_code_under_its_heading_and_has_no_number() {
    let xml = text(&with_everything());
    let document = Document::parse(&xml).expect("well-formed");
    for (code, heading) in [("60001007", "pregnancy-status"), ("8392000", "social-context")] {
        let found = all(&document, "Observation")
            .into_iter()
            .find(|one| values(*one, "code").contains(&code.to_owned()));
        let found = found.expect("a finding");
        assert!(values(found, "code").contains(&heading.to_owned()));
        assert!(found.descendants().all(|node| node.tag_name().name() != "valueQuantity"));
    }
}

#[test]
fn a_medicine_that_was_handed_over_travels_with_its_code_its_amount_and_its_directions() {
    let xml = text(&with_everything());
    let document = Document::parse(&xml).expect("well-formed");
    let line = all(&document, "MedicationDispense")[0];
    assert_eq!(values(line, "status"), ["completed"]);
    assert_eq!(values(line, "whenHandedOver"), ["2026-11-18"]);
    assert_eq!(values(line, "patientInstruction"), ["One capsule four times a day, an hour before food"]);
    let quantity = values(all(&document, "quantity")[0], "value");
    assert_eq!(quantity[0], "20");
    assert!(values(line, "system").contains(&"https://dmd.nhs.uk".to_owned()));
}

#[test]
fn no_words_of_a_notice_are_html() {
    let xml = text(&with_everything());
    let document = Document::parse(&xml).expect("well-formed");
    assert!(
        all(&document, "div").is_empty()
            && all(&document, "section")[0]
                .children()
                .all(|node| { !node.is_element() || node.has_tag_name(("http://hl7.org/fhir", "entry")) })
    );
}

#[test]
fn a_notice_for_the_registered_practice_is_addressed_by_the_patient() {
    let to = |order| composed(|record| record.addressee = Addressee::Registered(order)).expect("a notice").to;
    assert_eq!(to(DateOrder::YearFirst), "GPPROVIDER_9990548609_19520304_O’Connor");
    assert_eq!(to(DateOrder::DayFirst), "GPPROVIDER_9990548609_04031952_O’Connor");
}

#[test]
fn the_subject_says_who_and_where() {
    assert_eq!(
        first().subject,
        "Community Pharmacist Consultation Service for minor illness for O’Connor, Siân Mary, NHS Number: 9990548609, \
         seen at High Street Pharmacy, ODS code: FA123, version 1"
    );
}

#[test]
fn an_amendment_replaces_the_notice_before_it() {
    let amended = composed(|record| {
        record.amendment = 1;
        record.replaces = Some(0);
    })
    .expect("a notice");
    let xml = text(&amended);
    let document = Document::parse(&xml).expect("well-formed");
    let relates = all(&document, "relatesTo")[0];
    assert_eq!(values(relates, "code"), ["replaces"]);
    assert_eq!(values(relates, "value"), [first().composition_id.urn().to_string()]);
    assert_eq!(values(document.root_element(), "versionId"), ["2"]);
    assert_ne!(amended.header_id, first().header_id);
}

#[test]
fn an_unverified_number_is_never_sent_as_verified() {
    let patient = Patient { nhs_number_status: "unverified".to_owned(), ..patient() };
    let content = content();
    let held = composed_with(&patient, &content).expect_err("held");
    assert_eq!(held, Held::NeedsTracing);
    assert!(held.to_string().contains("needs tracing"));
}

#[test]
fn a_patient_without_a_number_is_held_too() {
    let patient = Patient { nhs_number: String::new(), ..patient() };
    assert_eq!(composed_with(&patient, &content()), Err(Held::NeedsTracing));
}

#[test]
fn a_notice_without_a_clinical_summary_is_not_made() {
    assert_eq!(composed_with(&patient(), &Content::default()), Err(Held::NothingToTell));
}

fn composed_with(patient: &Patient, content: &Content) -> Result<Message, Held> {
    let (ods, gphc): (OdsCode, GphcNumber) =
        ("FA123".parse().expect("valid"), "2074123".parse().expect("valid"));
    compose(&UpdateRecord {
        consultation: CONSULTATION,
        amendment: 0,
        replaces: None,
        addressee: Addressee::Mailbox("A82648OT001"),
        pharmacy: Pharmacy { ods: &ods, name: "High Street Pharmacy", phone: "", mailbox: "FA123OT001" },
        pharmacist: Pharmacist { name: "Asha Patel", gphc: &gphc },
        patient,
        seen_at: 1_795_000_000_000,
        signed_at: 1_795_001_200_000,
        content,
    })
}

#[test]
fn safeguarding_and_allergies_have_no_way_into_a_notice() {
    assert_eq!(Heading::from_code("safeguarding"), None);
    assert_eq!(Heading::from_code("allergies-and-adverse-reaction"), None);
}

fn record(change: impl FnOnce(&mut Consultation)) -> Consultation {
    let mut record = blank();
    record.patient = patient();
    change(&mut record);
    record
}

fn blank() -> Consultation {
    let pharmacy = "FA123".parse().expect("an ODS code");
    Consultation {
        created_at: String::new(),
        ..Consultation::new(ConsultationId(CONSULTATION), &pharmacy, "minor-illness@1", 0)
    }
}

#[test]
fn a_patient_who_objects_is_not_told_about() {
    assert!(matches!(notice_decision(&record(|_| {}), true), NoticeDecision::NotRequired(_)));
    assert_eq!(notice_decision(&record(|_| {}), false), NoticeDecision::Send);
}

#[test]
fn an_unverified_number_holds_the_notice_and_an_objection_goes_before_it() {
    let untraced = record(|record| record.patient.nhs_number_status = String::new());
    assert_eq!(notice_decision(&untraced, false), NoticeDecision::Held(Held::NeedsTracing));
    assert!(matches!(notice_decision(&untraced, true), NoticeDecision::NotRequired(_)));
}

#[test]
fn an_urgent_supply_is_told_and_which_way_is_not_decided_here() {
    let supply = record(|record| record.pathway = "urgent-medicine-supply@1".to_owned());
    assert_eq!(notice_decision(&supply, false), NoticeDecision::Send);
}

#[test]
fn a_referral_closed_without_a_consultation_makes_no_notice() {
    let closed = record(|record| record.outcome.closure_reason = "no_contact".to_owned());
    assert!(matches!(notice_decision(&closed, false), NoticeDecision::NotRequired(_)));
}

fn arrived(message: &Message) -> Incoming {
    Incoming {
        id: "1".to_owned(),
        from: "FA123OT001".to_owned(),
        workflow: WORKFLOW.to_owned(),
        local_id: message.local_id.clone(),
        subject: message.subject.clone(),
        kind: Kind::Data,
        body: message.body.clone(),
    }
}

#[test]
fn a_practice_answers_a_notice_twice_and_both_answers_are_read() {
    let message = first();
    let read: Vec<Ack> =
        answers(&arrived(&message)).iter().map(|reply| read(&reply.body).expect("an answer")).collect();
    assert_eq!(
        read.iter().map(|ack| (ack.answers, ack.level, ack.outcome, ack.code.as_str())).collect::<Vec<_>>(),
        [
            (Some(message.header_id), Level::Infrastructure, Outcome::Done, "20013"),
            (Some(message.header_id), Level::Business, Outcome::Done, "30001"),
        ]
    );
}

#[test]
fn a_practice_that_cannot_read_a_message_says_so() {
    let replies = answers(&Incoming { body: b"not XML".to_vec(), ..arrived(&first()) });
    let ack = read(&replies[0].body).expect("an answer");
    assert_eq!((ack.answers, ack.outcome), (None, Outcome::OurDefect));
}

/// An answer as terse as senders get away with: no namespace, no handling, upper-case ids.
fn terse(said: &str, code: &str) -> Ack {
    let header = first().header_id.to_string().to_ascii_uppercase();
    let coding =
        if code.is_empty() { String::new() } else { format!("<coding><code value='{code}'/></coding>") };
    let xml = format!(
        "<Bundle><MessageHeader><response><identifier value='urn:uuid:{header}'/><code value='{said}'/></response>\
         </MessageHeader><OperationOutcome><issue><details>{coding}</details>\
         <diagnostics value='line 3'/></issue></OperationOutcome></Bundle>"
    );
    read(xml.as_bytes()).expect("an answer")
}

#[test]
fn a_terse_answer_is_understood() {
    let ack = terse("ok", "30001");
    assert_eq!((ack.answers, ack.outcome), (Some(first().header_id), Outcome::Done));
}

#[test]
fn each_answer_leads_to_what_a_sender_must_do() {
    let outcome = |code| terse("fatal-error", code).outcome;
    assert_eq!(outcome("20007"), Outcome::Delivered);
    assert_eq!(outcome("20008"), Outcome::Delivered);
    assert_eq!(outcome("20009"), Outcome::OurDefect);
    assert_eq!(outcome("10009"), Outcome::OurDefect);
    assert_eq!(outcome("20010"), Outcome::UseOtherRoute);
    assert_eq!(outcome("20014"), Outcome::ReplacementRefused);
    assert_eq!(outcome("30002"), Outcome::WrongPractice);
    assert_eq!(outcome("30003"), Outcome::WrongPractice);
    assert_eq!(outcome("30004"), Outcome::Deceased);
    assert_eq!(outcome("30016"), Outcome::AskAPerson);
    assert_eq!(outcome("99999"), Outcome::AskAPerson);
}

#[test]
fn an_answer_without_a_code_is_judged_by_its_word() {
    assert_eq!(terse("ok", "").outcome, Outcome::Done);
    assert_eq!(terse("transient-error", "").outcome, Outcome::TryAgain);
    assert_eq!(terse("fatal-error", "").outcome, Outcome::AskAPerson);
}

#[test]
fn an_unknown_code_is_never_taken_for_a_yes() {
    assert_eq!(terse("ok", "41001").outcome, Outcome::AskAPerson);
}

#[test]
fn our_own_notice_answers_nothing() {
    assert!(matches!(read(&first().body), Err(NotAnAck::NoResponse)));
}

#[test]
fn an_entity_bomb_is_not_read() {
    let bomb = b"<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;\">]><Bundle>&y;</Bundle>";
    assert!(matches!(read(bomb), Err(NotAnAck::NotXml(_))));
}

#[test]
fn a_hundred_thousand_nested_elements_are_no_answer_and_do_no_harm() {
    let deep = format!("<Bundle>{}{}</Bundle>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let thread = std::thread::Builder::new().stack_size(128 * 1024).spawn(move || {
        assert!(matches!(read(deep.as_bytes()), Err(NotAnAck::NotXml(_))));
        let asked = Incoming { body: deep.into_bytes(), ..arrived(&first()) };
        assert_eq!(answers(&asked).len(), 1, "the pretend practice says that it cannot be read");
    });
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn an_answer_in_utf_16_is_read_and_one_in_no_encoding_is_not() {
    let text = String::from_utf8(answers(&arrived(&first())).remove(1).body).expect("UTF-8");
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(read(&wide).expect("an answer").code, "30001");
    assert!(matches!(read(b"<Bundle>\xE9</Bundle>"), Err(NotAnAck::NotText)));
}

#[test]
fn a_report_of_mesh_says_what_became_of_the_notice() {
    let told = |code: &str| {
        meaning_of_report(&Report {
            about: "1".to_owned(),
            code: code.to_owned(),
            description: String::new(),
        })
    };
    assert_eq!(told("14").0, Outcome::UseOtherRoute);
    assert_eq!(told("EPL-153"), (Outcome::WrongPractice, "the NHS number was not found".to_owned()));
    assert_eq!(told("EPL-999").0, Outcome::AskAPerson);
}

proptest::proptest! {
    #[test]
    fn an_answer_cut_or_changed_anywhere_does_no_harm(cut in 0_usize..6000, at in 0_usize..6000, byte: u8) {
        let mut body = answers(&arrived(&first())).remove(1).body;
        let length = body.len();
        body[at % length] = byte;
        body.truncate(cut);
        let _ = read(&body);
    }
}

#[test]
fn the_nhs_harness_answers_are_understood() {
    let Some(samples) = samples("") else { return };
    let sample =
        std::fs::read(samples.join("itk3/test-messages/ITK008M_ITK_Response.xml")).expect("a sample");
    let ack = read(&sample).expect("an answer");
    assert_eq!((ack.code.as_str(), ack.level, ack.outcome), ("30001", Level::Business, Outcome::Done));
    let folder = samples.join("itk3/ack-templates");
    for (name, code, level) in [
        ("ITK_Infrastructure_Acknowledgement_Bundle_Success.xml", "20013", Level::Infrastructure),
        ("ITK_Business_Acknowledgement_Bundle_Success.xml", "30001", Level::Business),
    ] {
        let filled = std::fs::read_to_string(folder.join(name))
            .expect("a template")
            .replace("__PRIORITY_BLOCK__", "")
            .replace("__ERRORCODE__", code)
            .replace("__RESPONSE_CODE__", "ok")
            .replace("__REQUEST_UUID__", &first().header_id.to_string());
        let ack = read(filled.as_bytes()).expect("an answer");
        assert_eq!((ack.answers, ack.level, ack.outcome), (Some(first().header_id), level, Outcome::Done));
    }
}

/// Where our message says more than the published one, and why that is right.
const BEYOND: [(&str, &str); 5] = [
    ("Composition/meta/versionId", "a replacement is a version of its own"),
    ("Encounter/participant/type/coding/display", "the code's words"),
    ("Organization/telecom", "whom the practice can ring"),
    ("Patient/address/line", "who it is about, beyond the postcode"),
    ("Patient/name/prefix", "as the patient is called"),
];

/// Where the published message says what ours does not, and why that is right.
const WITHOUT: [(&str, &str); 4] = [
    ("Encounter/extension", "the outcome of attendance is of a consultant's care; optional"),
    ("MedicationDispense/dosageInstruction/timing", "directions are words in the record and not taken apart"),
    ("MedicationDispense/dosageInstruction/route", "as above"),
    ("Practitioner/name/prefix", "how the pharmacist is titled is not recorded"),
];

#[test]
fn every_difference_from_the_published_notice_has_a_reason() {
    let Some(sample) = samples("gp-connect/pharmacy-first-service--example-1.xml") else { return };
    let example = std::fs::read_to_string(sample).expect("a sample");
    let example = paths(&Document::parse(&example).expect("well-formed"));
    let mut ours = BTreeSet::new();
    for message in [first(), with_everything()] {
        ours.extend(paths(&Document::parse(&text(&message)).expect("well-formed")));
    }
    differences_are_explained(&ours, &example, &BEYOND, &WITHOUT);
}

/// Each difference has its reason, and each reason a difference. A path that begins with a slash is an ending.
pub(in crate::nhs) fn differences_are_explained(
    ours: &BTreeSet<String>,
    published: &BTreeSet<String>,
    beyond: &[(&str, &str)],
    without: &[(&str, &str)],
) {
    let explains = |known: &str, path: &str| {
        let ending = known.starts_with('/') && path.ends_with(known);
        ending || path == known || path.starts_with(&format!("{known}/"))
    };
    for (which, from, other, reasons) in
        [("only in ours", ours, published, beyond), ("only in the published one", published, ours, without)]
    {
        // How words are laid out in a table is nobody's rule.
        let differing: Vec<&String> = from.difference(other).filter(|path| !path.contains("/div")).collect();
        let unexplained: Vec<_> = differing
            .iter()
            .filter(|path| !reasons.iter().any(|(known, _)| explains(known, path.as_str())))
            .collect();
        assert!(unexplained.is_empty(), "{which}: {unexplained:?}");
        let idle: Vec<_> = reasons
            .iter()
            .filter(|(known, _)| !differing.iter().any(|path| explains(known, path.as_str())))
            .collect();
        assert!(idle.is_empty(), "{which}, no longer: {idle:?}");
    }
}

#[test]
fn pregnancy_is_told_by_the_code_that_means_it_and_not_by_the_published_snippets() {
    // The snippet of the specification calls 77386006 “Not pregnant”; in SNOMED CT it means pregnant.
    let pathway = shared::pathway::find("minor-illness@1").expect("a file of this build");
    let options = pathway.fields.iter().flat_map(|field| &field.options);
    let codes = options.filter_map(|option| option.snomed.as_ref());
    let said = |code: &str| -> Vec<&str> {
        codes.clone().filter(|one| one.code == code).map(|one| one.display.as_str()).collect()
    };
    assert!(said("77386006").iter().all(|words| *words == "Pregnant"));
    assert!(said("60001007").iter().all(|words| *words == "Not pregnant"));
}

/// Where things stand inside resources: `Patient/name/family`.
pub(in crate::nhs) fn paths(document: &Document<'_>) -> BTreeSet<String> {
    let resource = |node: &Node<'_, '_>| node.tag_name().name().starts_with(char::is_uppercase);
    let mut paths = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let mut names: Vec<&str> = Vec::new();
        for step in node.ancestors().filter(Node::is_element) {
            names.push(step.tag_name().name());
            if resource(&step) {
                break;
            }
        }
        names.reverse();
        paths.insert(names.join("/"));
    }
    paths
}

/// Writes what we send and what we answer where `script/validate_fhir.py` will read it, when asked to.
#[test]
#[expect(clippy::disallowed_methods, reason = "only a test is told where a validator reads")]
fn messages_can_be_written_out_for_a_validator() {
    let Ok(folder) = std::env::var("SATCHEL_TEST_FHIR_DIR") else { return };
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let amended = composed(|record| {
        record.amendment = 1;
        record.replaces = Some(0);
    });
    let write = |name: &str, body: &[u8]| std::fs::write(folder.join(name), body).expect("written");
    write("update-record.xml", &first().body);
    write("update-record-everything.xml", &with_everything().body);
    write("update-record-replacement.xml", &amended.expect("a notice").body);
    for (index, reply) in answers(&arrived(&first())).iter().enumerate() {
        write(&format!("answer-{index}.xml"), &reply.body);
    }
}
