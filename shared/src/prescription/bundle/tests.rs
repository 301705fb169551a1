//! Every published answer is read; hostile ones are refused; what is waiting is preferred.

use super::{BundleError, read};
use crate::consultation::Patient;
use crate::prescription::samples::folder;
use crate::prescription::{Found, Prescription, preferred, waiting_words};
use proptest::prelude::*;
use serde_json::{Value, json};

const OURS: &str = "1A2B3C-ZZ9999-00F1D";

/// An id that fits: the organisation `ZZ9999` does not exist.
fn id(number: u32) -> String {
    let body = format!("{number:06X}-ZZ9999-00F1D");
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
        .chars()
        .map(|check| format!("{body}{check}"))
        .find(|id| crate::prescription::Id::parse(id).is_ok())
        .expect("one of 37 fits")
}

const EXTENSION: &str = "https://fhir.nhs.uk/StructureDefinition/Extension-";

fn group(number: u32, status: &str, pending: bool) -> Value {
    json!({ "resource": {
        "resourceType": "RequestGroup",
        "identifier": [{ "system": "https://fhir.nhs.uk/Id/prescription-order-number", "value": id(number) }],
        "intent": "order", "authoredOn": format!("2026-11-{number:02}T09:00:00.000Z"),
        "extension": [
            { "url": format!("{EXTENSION}EPS-PrescriptionStatusHistory"), "extension": [
                { "url": "status", "valueCoding": { "code": status } } ] },
            { "url": format!("{EXTENSION}PendingCancellation"), "extension": [
                { "url": "prescriptionPendingCancellation", "valueBoolean": pending } ] },
        ],
    }})
}

fn search(groups: &[Value]) -> Value {
    let mut entries = vec![json!({ "fullUrl": "urn:uuid:1", "resource": { "resourceType": "Patient",
        "identifier": [{ "value": "9990523185" }], "birthDate": "1968-09-23",
        "name": [{ "prefix": ["MR"], "given": ["OBADIAH"], "family": "SAMPLEWICK" }] } })];
    entries.extend_from_slice(groups);
    json!({ "resourceType": "Bundle", "type": "searchset", "total": groups.len(), "entry": entries })
}

fn found(answer: &Value) -> Found {
    read(answer.to_string().as_bytes()).expect("an answer")
}

fn words(prescriptions: &[Prescription]) -> String {
    waiting_words(prescriptions, "FA123").unwrap_or_default()
}

#[test]
fn a_search_tells_whose_prescriptions_they_are_and_what_each_is() {
    let found = found(&search(&[group(1, "0001", false), group(2, "0006", false)]));
    assert_eq!((found.nhs_number.as_str(), found.patient.as_str()), ("9990523185", "MR OBADIAH SAMPLEWICK"));
    let told: Vec<_> =
        found.prescriptions.iter().map(|one| (one.kind.as_str(), one.status.words.as_str())).collect();
    assert_eq!(told, [("Acute", "To be dispensed"), ("Acute", "Dispensed")]);
}

#[test]
fn a_waiting_prescription_is_preferred_to_an_emergency_supply_and_one_being_cancelled_is_not() {
    let waiting =
        found(&search(&[group(1, "0006", false), group(2, "0001", false), group(3, "0001", false)]));
    let first = preferred(&waiting.prescriptions);
    assert_eq!(first.iter().map(|one| one.id.short()).collect::<Vec<_>>(), [id(3), id(2)]);
    assert!(words(&waiting.prescriptions).contains("dispense it rather than make an emergency supply"));
    let over = found(&search(&[group(1, "0001", true), group(2, "0005", false), group(3, "0004", false)]));
    assert_eq!(words(&over.prescriptions), "");
    let later = found(&search(&[group(1, "9000", false)]));
    assert!(words(&later.prescriptions).contains("not released yet"));
    let held = found(&search(&[group(1, "0002", false)]));
    assert!(words(&held.prescriptions).contains("with a dispenser"));
}

#[test]
fn an_answer_about_somebody_else_is_noticed() {
    let found = found(&search(&[group(1, "0001", false)]));
    let of = |nhs_number: &str, born: &str| {
        found.not_of(&Patient {
            nhs_number: nhs_number.to_owned(),
            birth_date: born.to_owned(),
            ..Patient::default()
        })
    };
    assert_eq!(of("9990523185", ""), None);
    assert!(of("9990412073", "1968-09-23").is_some_and(|words| words.contains("another NHS number")));
    assert!(of("", "1944-05-11").is_some_and(|words| words.contains("another birth date")));
    assert!(of("", "1968-09-23").is_some_and(|words| words.contains("Make sure")));
}

#[test]
fn an_answer_about_two_people_is_refused() {
    let patient = |number: &str| {
        let resource = json!({ "resourceType": "Patient", "identifier": [{ "value": number }] });
        json!({ "resource": resource })
    };
    let mut again = search(&[patient("9990523185"), patient(""), group(1, "0001", false)]);
    again["total"] = json!(1);
    let again = found(&again);
    assert_eq!(again.nhs_number, "9990523185", "the same person twice, or one without a number");
    let mut two = search(&[patient("9990412073"), group(1, "0001", false)]);
    two["total"] = json!(1);
    assert_eq!(read(two.to_string().as_bytes()), Err(BundleError::TwoPatients));
}

#[test]
fn every_list_of_the_tracker_is_read() {
    let Some(files) = folder("tracker/search") else { return };
    assert_eq!(files.len(), 4);
    for (name, bytes) in files {
        let found = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (count, issues) = match name.as_str() {
            "200_NoResults.json" => (0, Vec::new()),
            "200_With7InstanceErd.json" => (7, (1..=7).collect()),
            "200_WithSingleRepeat.json" => (1, vec![1]),
            _ => (1, Vec::new()),
        };
        assert_eq!(found.prescriptions.len(), count, "{name}");
        let told: Vec<u32> =
            found.prescriptions.iter().filter_map(|one| one.repeats.map(|repeats| repeats.issue)).collect();
        assert_eq!(told, issues, "{name}");
        assert_eq!(waiting_words(&found.prescriptions, "FA123").is_some(), count > 0, "{name}");
        assert_eq!(found.nhs_number.is_empty(), count == 0, "{name}");
    }
}

#[test]
fn every_whole_view_of_the_tracker_is_read_with_its_lines_and_its_history() {
    let Some(files) = folder("tracker/clinical-view") else { return };
    assert_eq!(files.len(), 9);
    for (name, bytes) in files {
        let found = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let [one] = found.prescriptions.as_slice() else { panic!("{name}: not one prescription") };
        let lines = if name.contains("Multiple") { 4 } else { 1 };
        assert_eq!(one.items.len(), lines, "{name}");
        assert!(one.items.iter().all(|item| !item.name.is_empty() && !item.quantity.is_empty()), "{name}");
        assert!(one.items.iter().all(|item| item.status.code.len() == 4), "{name}");
        assert!(!one.events.is_empty() && one.events.iter().all(|event| !event.at.is_empty()), "{name}");
        assert!(!one.prescriber.is_empty() && !one.kind.is_empty(), "{name}");
        let answered = one.items.iter().flat_map(|item| &item.dispensed);
        if name.contains("Dispensed") {
            assert!(one.items.iter().any(|item| !item.dispensed.is_empty()), "{name}");
            assert!(answered.clone().all(|one| !one.at.is_empty() && !one.by.is_empty()), "{name}");
        }
        if name.contains("NotDispensedWithReason") {
            assert!(answered.clone().all(|one| one.reason.is_some()), "{name}");
        }
        assert_eq!(one.pending_cancellation, name.contains("PendingCancellation"), "{name}");
        let withdrawn = name.contains("Cancel");
        assert_eq!(one.cancellation_reason.is_some(), withdrawn, "{name}");
        let open = name.contains("Created") || name.contains("Partially");
        assert!(!open || one.is_waiting(), "{name}");
        assert!(!withdrawn || !one.is_waiting(), "{name}");
    }
}

#[test]
fn the_shapes_of_the_implementation_guide_are_read() {
    let Some(files) = folder("tracker/ig") else { return };
    assert_eq!(files.len(), 4);
    for (name, bytes) in files {
        let found = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let [one] = found.prescriptions.as_slice() else { panic!("{name}: not one prescription") };
        assert!(
            !found.nhs_number.is_empty() && !one.items.is_empty() && !one.prescriber.is_empty(),
            "{name}"
        );
        match name.as_str() {
            "task-urgent-care-tracker.json" => {
                assert_eq!(one.items[1].name, "Metformin 500mg modified-release tablets");
                assert_eq!(one.status.words, "With dispenser (sent as “Dispensed”)");
                assert_eq!(one.dispenser_name, "Freds Pharmacy");
            }
            "get-my-prescriptions-success.json" => {
                assert_eq!((one.items.len(), one.status.code.as_str()), (4, "0002"));
                assert!(one.prescriber.starts_with("DR C BOIN, HALLGARTH SURGERY"), "{}", one.prescriber);
            }
            _ => assert_eq!(one.with_dispenser, "FA666"),
        }
    }
}

#[test]
fn every_refusal_of_the_tracker_has_its_code() {
    let Some(files) = folder("tracker/errors") else { return };
    let codes: Vec<_> = files
        .iter()
        .map(|(name, bytes)| match read(bytes) {
            Err(BundleError::Refused { code, .. }) => (name[..3].to_owned(), code),
            other => panic!("{name}: {other:?}"),
        })
        .collect();
    let told: Vec<_> = codes.iter().map(|(status, code)| (status.as_str(), code.as_str())).collect();
    assert_eq!(
        told,
        [
            ("400", "value"),
            ("401", "forbidden"),
            ("403", "forbidden"),
            ("404", "not-found"),
            ("408", "timeout"),
            ("500", "exception")
        ]
    );
}

#[test]
fn what_is_no_answer_is_refused_with_its_reason() {
    let refused = |bytes: &[u8]| read(bytes).expect_err("no answer");
    assert!(matches!(refused(b"<html>"), BundleError::NotJson { line: 1, .. }));
    assert_eq!(refused(b"{}"), BundleError::OtherKind);
    assert_eq!(refused(br#"{"resourceType":"Bundle","type":"message"}"#), BundleError::OtherKind);
    assert_eq!(refused(&vec![b' '; super::LARGEST + 1]), BundleError::TooLarge);
    assert!(matches!(refused("[".repeat(100_000).as_bytes()), BundleError::NotJson { .. }));
    let mut short = search(&[group(1, "0001", false)]);
    short["total"] = json!(9);
    assert_eq!(refused(short.to_string().as_bytes()), BundleError::Incomplete { said: 9, held: 1 });
    let mut wrong = search(&[group(1, "0001", false)]);
    wrong["entry"][1]["resource"]["identifier"][0]["value"] = json!(format!("{OURS}!"));
    assert!(matches!(refused(wrong.to_string().as_bytes()), BundleError::Id(_)));
    let many = vec![json!({ "resource": {} }); 1001];
    let many = json!({ "resourceType": "Bundle", "type": "searchset", "entry": many });
    assert_eq!(refused(many.to_string().as_bytes()), BundleError::TooMany { what: "the list" });
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let mut long = search(&[group(1, "0001", false)]);
    long["entry"][0]["resource"]["name"][0]["family"] = json!("é".repeat(100_000));
    let found = found(&long);
    assert!(found.patient.ends_with('…') && found.patient.chars().count() < 600);
}

/// Any JSON, of the words that the shapes use.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(Bundle|Task|RequestGroup|MedicationRequest|searchset|urn:uuid:1|#a|0001|1A2B3C-ZZ9999-00F1D.)"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let key = "(resourceType|type|entry|resource|identifier|value|extension|url|action|code|coding|id|fullUrl|reference|contained|input|output|focus|groupIdentifier)";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_json_is_read_or_refused(inside in any_json()) {
        let _ = read(inside.to_string().as_bytes());
        let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": inside });
        let _ = read(bundle.to_string().as_bytes());
        let entry = json!({ "resourceType": "Bundle", "type": "searchset", "entry": [{ "resource": inside }] });
        let _ = read(entry.to_string().as_bytes());
    }
}
