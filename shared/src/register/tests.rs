//! Promises of the register, of a recall and of the month's tokens.

use super::*;
use crate::consultation::{Answer, Consultation, Medicine, Patient, Signature};
use crate::ids::ConsultationId;
use crate::time;
use std::collections::BTreeMap;

fn line(change: impl FnOnce(&mut Medicine)) -> Medicine {
    let mut line = Medicine {
        name: "Ramipril 5mg capsules".into(),
        code: "318899003".into(),
        level: "VMP".into(),
        form: "capsule".into(),
        strength: "5 mg".into(),
        decision: "supplied".into(),
        quantity: "28".into(),
        unit: "capsule".into(),
        days: "28".into(),
        supply_type: "emergency-supply".into(),
        supplied_at: "2026-11-22T15:00:00Z".into(),
        recorded_at: "2026-11-22T14:50:00Z".into(),
        legal_class: "POM".into(),
        schedule: "0000".into(),
        batch: "ab-12 3".into(),
        expiry: "2027-03".into(),
        ..Medicine::default()
    };
    change(&mut line);
    line
}

fn record(lines: impl IntoIterator<Item = Medicine>) -> Consultation {
    let ods = "FA123".parse().expect("an ODS code");
    let id = ConsultationId::from_bytes([7; 16]);
    let mut record = Consultation::new(id, &ods, "urgent-medicine-supply@1", 0);
    record.patient = Patient {
        nhs_number: "9990548609".into(),
        family_name: "Testerton".into(),
        given_name: "Wilhelmina".into(),
        birth_date: "1944-05-11".into(),
        address: "1 Elm Road\nZettington".into(),
        postcode: "ZZ99 3VZ".into(),
        phone: "07700 900123".into(),
        ..Patient::default()
    };
    record.answers.insert("request-reason".into(), Answer::text("away"));
    record.medicines =
        lines.into_iter().enumerate().map(|(place, line)| (format!("line-{place}"), line)).collect();
    record
}

fn signed(times: &[(&str, u64)]) -> BTreeMap<String, Signature> {
    let signature = |(at, amendment): &(&str, u64)| Signature {
        person: "p".into(),
        name: "Asha Patel".into(),
        gphc: "2074123".into(),
        at: (*at).into(),
        amendment: *amendment,
        ..Signature::default()
    };
    times.iter().map(|time| (format!("p/{}", time.1), signature(time))).collect()
}

fn at(text: &str) -> time::Millis {
    time::read(text).expect("a time")
}

fn entered(change: impl FnOnce(&mut Medicine)) -> Option<Entry> {
    let supplies = supplied(&record([line(change)]), &signed(&[("2026-11-22T16:00:00Z", 0)]));
    entries(&supplies, at("2026-11-22T17:00:00Z")).pop()
}

#[test]
fn an_emergency_supply_is_entered_with_all_that_schedule_23_asks_for() {
    let entry = entered(|_| ()).expect("an entry");
    let words = [&entry.date, &entry.name, &entry.quantity, &entry.form, &entry.strength];
    assert_eq!(words, ["2026-11-22", "Ramipril 5mg capsules", "28 capsule", "capsule", "5 mg"]);
    assert_eq!(entry.patient, "TESTERTON, Wilhelmina");
    assert_eq!(entry.address, "1 Elm Road\nZettington\nZZ99 3VZ");
    assert_eq!(entry.nature, "Away from home");
    assert_eq!(entry.signed_by, "Asha Patel, GPhC 2074123");
    assert_eq!((entry.by.as_str(), entry.late), ("2026-11-23", false));
    assert_eq!(entry.missing, Vec::<String>::new());
}

#[test]
fn the_nature_of_the_emergency_is_what_was_answered_about_that_medicine() {
    let mut asked = record([line(|line| {
        line.asked.insert("request-reason".into(), "lost-medicines".into());
        line.reason = "Left on the train".into();
    })]);
    asked.pathway = "urgent-medicine-supply@2".into();
    asked.answers.insert("risk-without".into(), Answer::text("Blood pressure rises"));
    let supplies = supplied(&asked, &BTreeMap::new());
    assert_eq!(supplies[0].nature, "Medicines lost or mislaid; Blood pressure rises; Left on the train");
}

#[test]
fn a_supply_that_nobody_has_shown_to_be_lawful_is_entered_and_marked() {
    let entry = entered(|_| ()).expect("an entry");
    assert!(entry.unsound, "nothing was asked about it");
    let exception = entered(|line| line.exception = "It happened".into()).expect("an entry");
    assert!(!exception.unsound, "it is told as what it is");
}

#[test]
fn what_schedule_23_asks_for_and_the_record_does_not_say_is_named() {
    let mut nothing_said = record([line(|line| line.quantity = String::new())]);
    nothing_said.answers.clear();
    nothing_said.patient.address = String::new();
    nothing_said.patient.postcode = String::new();
    let supplies = supplied(&nothing_said, &BTreeMap::new());
    let entry = entries(&supplies, 0).pop().expect("an entry");
    assert_eq!(entry.missing, ["quantity", "patient’s address", "nature of the emergency"]);
}

#[test]
fn each_supply_that_is_not_entered_says_why() {
    let why = |change: fn(&mut Medicine)| {
        let supplies = supplied(&record([line(change)]), &BTreeMap::new());
        match need(&supplies[0]) {
            Need::NotEntered { id, .. } => id,
            Need::Entered => "entered",
        }
    };
    assert_eq!(why(|line| line.schedule = "0002".into()), "controlled-drugs-register");
    assert_eq!(why(|line| line.groups = "topical oral-contraceptive".into()), "oral-contraceptive");
    assert_eq!(why(|line| line.supply_type = "prescription-dispensing".into()), "prescription");
    assert_eq!(why(|line| line.legal_class = "GSL".into()), "not-prescription-only");
    assert_eq!(why(|line| line.supply_type = "patient-group-direction".into()), "other-supply");
    // Phenobarbital, Schedule 4 and 5 have no register of their own; what is not known is taken for a POM.
    for change in [
        (|line: &mut Medicine| line.schedule = "0006".into()) as fn(&mut Medicine),
        |line| line.schedule = "0009".into(),
        |line| line.schedule = "0010".into(),
        |line| line.schedule = String::new(),
        |line| line.legal_class = String::new(),
    ] {
        assert_eq!(why(change), "entered");
    }
}

#[test]
fn what_was_not_handed_over_is_in_no_register() {
    for decision in ["", "recommended", "refused", "referred"] {
        assert_eq!(entered(|line| line.decision = decision.into()), None, "{decision}");
    }
}

#[test]
fn an_exception_is_entered_and_marked() {
    let entry = entered(|line| {
        line.exception = "Handed over before the schedule was seen".into();
        line.broken_rules = "schedule-4-5".into();
    });
    assert_eq!(entry.expect("an entry").exception, "Handed over before the schedule was seen");
}

#[test]
fn an_entry_is_late_after_the_next_day_in_england() {
    let one = |signatures: &BTreeMap<String, Signature>, now: &str| {
        let supplies = supplied(&record([line(|_| ())]), signatures);
        late(&supplies[0], at(now))
    };
    let none = BTreeMap::new();
    assert!(!one(&none, "2026-11-23T23:59:00Z"), "the next day is in time");
    assert!(one(&none, "2026-11-24T00:00:00Z"), "nobody has signed it");
    assert!(!one(&signed(&[("2026-11-23T20:00:00Z", 0)]), "2026-12-24T00:00:00Z"), "signed in time");
    assert!(one(&signed(&[("2026-11-24T08:00:00Z", 0)]), "2026-12-24T00:00:00Z"), "signed too late");
}

#[test]
fn a_correction_does_not_make_an_entry_late_and_a_line_added_by_it_was_not_entered_before() {
    let both = signed(&[("2026-11-22T16:00:00Z", 0), ("2026-11-30T10:00:00Z", 1)]);
    let early = supplied(&record([line(|_| ())]), &both);
    assert_eq!(early[0].entered_at, "2026-11-22T16:00:00Z");
    let added = supplied(&record([line(|line| line.recorded_at = "2026-11-30T09:00:00Z".into())]), &both);
    assert_eq!(added[0].entered_at, "2026-11-30T10:00:00Z");
    assert!(late(&added[0], at("2026-11-30T11:00:00Z")));
}

#[test]
fn a_supply_at_midnight_in_summer_is_of_the_day_in_england() {
    let supplies =
        supplied(&record([line(|line| line.supplied_at = "2026-06-30T23:30:00Z".into())]), &BTreeMap::new());
    assert_eq!(entries(&supplies, 0)[0].date, "2026-07-01");
}

#[test]
fn one_batch_written_two_ways_is_one_batch() {
    assert_eq!(batch_key(" ab-12 3"), "AB123");
    assert_eq!(batch_key("AB123"), batch_key("ab-12/3"));
    assert_eq!(batch_key(" - "), "");
}

#[test]
fn a_recall_finds_a_product_by_its_code_or_by_words_of_its_name() {
    let supplies = supplied(&record([line(|_| ())]), &BTreeMap::new());
    let found = |named: &str| is_product(&supplies[0], named);
    assert!(found("318899003") && found("ramipril") && found("5mg RAMIPRIL") && found(""));
    assert!(!found("31889900") && !found("ramipril 10mg"));
    let given = Given::of(&supplies[0]);
    assert_eq!((given.phone.as_str(), given.expiry.as_str()), ("07700 900123", "2027-03"));
}

#[test]
fn a_token_has_four_items_a_form_and_says_what_is_open() {
    let mut record = record((0..5).map(|_| line(|_| ())));
    record.charge.status = "exempt".into();
    let made = |record: &Consultation| token(record, &BTreeMap::new()).expect("a token");
    assert_eq!(made(&record).open(), Some("A supply on it is not shown to be within the rules."));
    let row = |record: &Consultation| TokenRow { unsound: false, ..made(record) };
    assert_eq!((row(&record).forms, row(&record).items.len()), (2, 5));
    assert_eq!((row(&record).mark.as_str(), row(&record).month()), ("PF UMS", "2026-11"));
    assert_eq!(row(&record).open(), Some("No token was made."));
    record.charge.token = "printed".into();
    assert_eq!(row(&record).open(), Some("Nobody has said whether the token is signed."));
    record.charge.token_signed = "no".into();
    assert_eq!(row(&record).open(), Some("The token is not signed."));
    record.charge.token_signed = "yes".into();
    assert_eq!(row(&record).open(), None);
}

#[test]
fn a_supply_without_a_token_is_listed_with_why_it_needs_none_or_that_it_is_missing() {
    let mut one = record([line(|_| ())]);
    // Of an age that pays.
    one.patient.birth_date = "1990-05-11".into();
    let row = |record: &Consultation| {
        let row = token(record, &BTreeMap::new()).expect("a row");
        TokenRow { unsound: false, ..row }
    };
    assert_eq!(row(&one).open(), Some("Nobody has asked about the charge."));
    one.charge.status = "paid".into();
    assert_eq!(row(&one).open(), Some("No token was made."));
    one.patient.birth_date = "1944-05-11".into();
    one.patient.traced_at = "2026-11-22T14:00:00Z".into();
    assert_eq!(row(&one).open(), None, "exempt by a verified birth date");
    assert!(row(&one).not_sent.contains("nothing is declared"), "{}", row(&one).not_sent);
    one.charge.token = "printed".into();
    assert_eq!(row(&one).not_sent, "", "one that was made goes");
}

#[test]
fn no_token_is_listed_where_nothing_is_claimed() {
    let mut exception = record([line(|line| line.exception = "It happened".into())]);
    exception.charge.status = "paid".into();
    assert_eq!(token(&exception, &BTreeMap::new()), None, "never claimed");
    let mut bought = record([line(|line| line.supply_type = "over-the-counter".into())]);
    bought.charge.status = "paid".into();
    assert_eq!(token(&bought, &BTreeMap::new()), None);
    assert_eq!(token(&record([]), &BTreeMap::new()), None);
}

#[test]
fn two_people_of_one_name_are_told_apart_by_their_birth_date() {
    assert_eq!(of_person(" TESTERTON, Wilhelmina", "1944-05-11"), "testerton, wilhelmina 1944-05-11");
    assert_eq!(of_person("TESTERTON, Wilhelmina", ""), "");
    assert_eq!(of_person("", "1944-05-11"), "");
}
