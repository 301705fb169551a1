//! Every requirement of the exemption check that this software answers for, by its id.

use super::*;
use crate::consultation::{Notice, Signature};
use crate::prescription::charge;
use jiff::civil::date;

fn traced() -> Consultation {
    let id = "0190a5b0-0000-7000-8000-000000000001".parse().expect("an id");
    let pharmacy = "FA123".parse().expect("an ODS code");
    let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@2", 1_795_000_000_000);
    let patient = &mut record.patient;
    for (field, value) in [
        (&mut patient.nhs_number, "9990523185"),
        (&mut patient.nhs_number_status, "verified"),
        (&mut patient.given_name, "Obadiah"),
        (&mut patient.family_name, "Samplewick"),
        (&mut patient.birth_date, "1968-09-23"),
        (&mut patient.postcode, "ZZ99 3VZ"),
        (&mut patient.traced_at, "2026-11-23T09:00:00Z"),
    ] {
        value.clone_into(field);
    }
    record
}

fn eps() -> Id {
    Id::parse("A3B4D9-Z42475-11E6B+").expect("an id")
}

fn asked(endorsements: &[Vec<String>]) -> Asked<'_> {
    Asked { today: date(2026, 11, 23), released_from_prison: false, endorsements }
}

fn rule(record: &Consultation) -> Option<String> {
    may_call(record, Some(&eps()), asked(&[])).because().map(|because| because.rule.clone())
}

#[test]
fn an_exemption_is_checked_for_a_traced_adult_with_an_electronic_prescription() {
    assert_eq!(may_call(&traced(), Some(&eps()), asked(&[])), CheckPlan::Call);
}

#[test]
fn pec_fr_30_without_an_electronic_prescription_nothing_is_asked_and_the_reason_is_shown() {
    let plan = may_call(&traced(), None, asked(&[]));
    let CheckPlan::NotFor(because) = plan else { panic!("{plan:?}") };
    assert_eq!(because.rule, "PEC-FR-30");
    assert!(because.words.contains("only for an electronic prescription"));
}

#[test]
fn pec_fr_20_the_young_and_the_old_are_not_checked() {
    for (born, skipped) in
        [("2010-11-24", true), ("2010-11-23", false), ("1966-11-24", false), ("1966-11-23", true)]
    {
        let mut record = traced();
        born.clone_into(&mut record.patient.birth_date);
        assert_eq!(rule(&record), skipped.then(|| "PEC-FR-20".to_owned()), "{born}");
    }
}

#[test]
fn pec_fr_21_and_22_prison_leavers_and_items_free_for_all_are_not_checked() {
    let released = Asked { released_from_prison: true, ..asked(&[]) };
    let plan = may_call(&traced(), Some(&eps()), released);
    assert_eq!(plan.because().map(|because| because.rule.as_str()), Some("PEC-FR-21"));
    let codes = |items: &[&[&str]]| -> Vec<Vec<String>> {
        items.iter().map(|item| item.iter().map(|code| (*code).to_owned()).collect()).collect()
    };
    let free = codes(&[&["CC"], &["ACBS", "FS"]]);
    let plan = may_call(&traced(), Some(&eps()), asked(&free));
    assert_eq!(plan.because().map(|because| because.rule.as_str()), Some("PEC-FR-22"));
    let mixed = codes(&[&["CC"], &[]]);
    assert_eq!(may_call(&traced(), Some(&eps()), asked(&mixed)), CheckPlan::Call);
}

#[test]
fn pec_fr_3_to_8_only_confirmed_details_of_the_living_are_sent() {
    let note = |kind: &str| Notice { kind: kind.to_owned(), ..Notice::default() };
    for (kind, expected) in [(DECEASED, "PEC-FR-4"), (RESTRICTED, "PEC-FR-5")] {
        let mut record = traced();
        record.notices.insert(kind.to_owned(), note(kind));
        assert_eq!(rule(&record).as_deref(), Some(expected));
    }
    type Change = (fn(&mut Consultation), &'static str);
    let changes: [Change; 5] = [
        (|record| record.patient.traced_at.clear(), "PEC-FR-3"),
        (|record| "unverified".clone_into(&mut record.patient.nhs_number_status), "PEC-FR-3"),
        (|record| record.patient.given_name.clear(), "PEC-FR-6"),
        (|record| record.patient.birth_date.clear(), "PEC-FR-6"),
        (|record| "Zettington".clone_into(&mut record.patient.postcode), "PEC-FR-6"),
    ];
    for (change, expected) in changes {
        let mut record = traced();
        change(&mut record);
        assert_eq!(rule(&record).as_deref(), Some(expected));
    }
}

#[test]
fn pec_fr_52_a_signed_record_is_not_checked_again() {
    let mut record = traced();
    record.signatures.insert("somebody/0".to_owned(), Signature::default());
    assert_eq!(rule(&record).as_deref(), Some("PEC-FR-52"));
}

fn applied(record: &mut Consultation, answer: &Answer) -> Applied {
    let applied = apply(&mut record.charge, answer, Some(&eps()), "2026-11-23T10:00:00Z", "Ada Example");
    record.lookups.insert("one".to_owned(), applied.lookup.clone());
    applied
}

#[test]
fn pec_fr_35_36_43_51_what_is_found_is_applied_cannot_be_changed_and_goes_into_the_claim() {
    let mut record = traced();
    "paid".clone_into(&mut record.charge.status);
    "patient".clone_into(&mut record.charge.declared_by);
    let found = applied(&mut record, &Answer::Found("9180".to_owned()));
    assert!(!found.needs_declaration);
    assert_eq!((record.charge.status.as_str(), record.charge.exemption.as_str()), ("exempt", "9180"));
    assert_eq!((record.charge.declared_by.as_str(), record.charge.evidence.as_str()), ("", ""));
    assert!(locked(&record).is_some_and(|words| words.contains("cannot be changed")));
    let due = charge::due(&record, date(2026, 11, 23));
    assert!(!due.needs_declaration);
}

#[test]
fn pec_fr_40_to_42_nothing_found_and_a_failure_ask_for_a_declaration_and_never_deny_an_exemption() {
    for (answer, result) in
        [(Answer::NotFound, "none"), (Answer::Failed, "failed"), (Answer::Found("oops".to_owned()), "failed")]
    {
        let mut record = traced();
        let before = record.charge.clone();
        let told = applied(&mut record, &answer);
        assert!(told.needs_declaration && told.words.contains("signed declaration"), "{answer:?}");
        let words = told.words.to_lowercase();
        for denial in ["no exemption", "not exempt", "has no", "must pay"] {
            assert!(!words.contains(denial), "{words}");
        }
        assert_eq!((told.lookup.result.as_str(), told.lookup.detail.as_str()), (result, ""));
        assert_eq!(record.charge, before);
        assert_eq!(locked(&record), None);
    }
}

#[test]
fn pec_fr_44_every_check_leaves_who_when_and_what_came_of_it() {
    let CheckPlan::NotFor(because) = may_call(&traced(), None, asked(&[])) else { panic!("called") };
    for answer in
        [Answer::Found("9005".to_owned()), Answer::NotFound, Answer::Failed, Answer::NotCalled(because)]
    {
        let told = applied(&mut traced(), &answer).lookup;
        assert_eq!(
            (told.kind.as_str(), told.source.as_str(), told.by.as_str()),
            ("exemption", "rtec", "Ada Example")
        );
        assert!(!told.at.is_empty() && !told.result.is_empty(), "{answer:?}");
    }
}
