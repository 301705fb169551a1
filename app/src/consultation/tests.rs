//! Promises of the consultation screen's decisions.

use super::medicine_words::{medicine_line, place_to_record};
use super::model::*;
use shared::consultation::{
    Answer, Call, Clash, Consultation, Delivery, Medicine, Notice, Signature, Version, WorkListRow,
};
use shared::pathway::{Field, Gap, Number, Pathway, find};
use shared::time;
use std::collections::BTreeMap;

fn minor_illness() -> &'static Pathway {
    find("minor-illness@1").expect("a file of this build")
}

fn temperature() -> Field {
    let mut field = minor_illness().fields[0].clone();
    field.kind = shared::pathway::Kind::Number;
    field.number =
        Some(Number { unit: "°C".to_owned(), ucum: String::new(), min: 30.0, max: 43.0, decimals: 1 });
    field
}

fn record() -> Consultation {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let id = shared::ids::ConsultationId::from_bytes([7; 16]);
    Consultation::new(id, &pharmacy, "minor-illness@1", at("2026-11-22T14:00:00Z"))
}

fn at(text: &str) -> time::Millis {
    time::read(text).expect("an instant")
}

#[test]
fn a_decimal_comma_is_a_decimal_point() {
    assert_eq!(typed(&temperature(), "38,5"), Ok(Some(Answer::Number(38.5))));
}

#[test]
fn a_word_is_no_number_and_the_message_says_what_is() {
    let refused = typed(&temperature(), "hot").expect_err("a word");
    assert!(refused.contains("°C"), "{refused}");
}

#[test]
fn an_emptied_box_takes_the_answer_back() {
    assert_eq!(typed(&temperature(), "  "), Ok(None));
}

#[test]
fn a_slip_of_the_finger_is_shown_as_it_was_typed_with_the_plausible_range() {
    let field = temperature();
    assert_eq!(written(&field, Some(&Answer::Number(385.0))), "385.0");
    let told = gap_words(&field, &Gap::Implausible { min: 30.0, max: 43.0 }).expect("words");
    assert!(told.contains("30.0 to 43.0 °C"), "{told}");
}

#[test]
fn the_first_answer_begins_the_visit_and_the_second_does_not_move_it() {
    let mut record = record();
    let field = temperature();
    put(&mut record, &field, &field.id, Some(Answer::Number(38.5)), at("2026-11-22T14:05:00Z"));
    put(&mut record, &field, &field.id, None, at("2026-11-22T14:09:00Z"));
    assert_eq!(record.visit.started_at, "2026-11-22T14:05:00Z");
    assert!(store(&record, &field).is_empty());
}

#[test]
fn with_the_gp_is_said_only_when_the_practice_took_it() {
    let mut record = record();
    let now = at("2026-11-22T15:00:00Z");
    let said = |record: &_| truths(record, Reached::default(), now)[2].clone();
    assert!(!said(&record).holds);
    for (state, holds) in [("queued", false), ("sent", false), ("received", false), ("accepted", true)] {
        let delivery = Delivery {
            kind: "gp-notice".to_owned(),
            state: state.to_owned(),
            at: "2026-11-22T14:41:00Z".to_owned(),
            to: "Elm Road Surgery".to_owned(),
            ..Delivery::default()
        };
        record.deliveries = BTreeMap::from([("gp-notice/0".to_owned(), delivery)]);
        assert_eq!(said(&record).holds, holds, "{state}");
    }
    assert_eq!(said(&record).words, "With Elm Road Surgery 14:41");
}

#[test]
fn what_is_signed_without_signal_counts_down_and_at_last_says_to_phone_the_practice() {
    let mut record = record();
    let signature = Signature { at: "2026-11-20T15:00:00Z".to_owned(), ..Signature::default() };
    record.signatures.insert("p/0".to_owned(), signature);
    let said = |record: &_, server, now: &str| {
        truths(record, Reached { device: Some(0), server }, at(now))[2].words.clone()
    };
    let here = |now| said(&record, None, now);
    assert_eq!(
        here("2026-11-20T16:00:00Z"),
        "Not yet with the GP: due 23 Nov 2026, 16:00 (3 days left)",
        "Friday to Monday"
    );
    assert_eq!(here("2026-11-23T13:59:00Z"), "Not yet with the GP: due 16:00 (2 h left)");
    assert_eq!(
        here("2026-11-23T15:20:00Z"),
        "Not yet with the GP: due 16:00 (40 min left). Phone the practice."
    );
    assert_eq!(
        here("2026-11-23T16:00:00Z"),
        "Not with the GP, who should know since 16:00. Phone the practice."
    );
    assert_eq!(
        said(&record, Some(0), "2026-11-23T15:20:00Z"),
        "Not yet with the GP",
        "the server sees to it"
    );

    // An amendment made without signal has a clock of its own beside the notice that went.
    let told = Delivery { kind: "gp-notice".to_owned(), state: "accepted".to_owned(), ..Delivery::default() };
    record.deliveries = BTreeMap::from([("gp-notice/0".to_owned(), told)]);
    let again = Signature { at: "2026-11-23T15:00:00Z".to_owned(), amendment: 1, ..Signature::default() };
    record.signatures.insert("p/1".to_owned(), again);
    assert!(said(&record, None, "2026-11-24T15:00:00Z").ends_with("(60 min left). Phone the practice."));

    "no_contact".clone_into(&mut record.outcome.closure_reason);
    assert_eq!(said(&record, None, "2026-11-24T15:00:00Z"), "Not yet with the GP", "none is due");
}

#[test]
fn an_e_mail_and_a_phone_call_are_said_as_what_they_are_and_never_as_with_the_gp() {
    let mut record = record();
    let mut said = |route: &str, detail: &str| {
        let delivery = Delivery {
            kind: "gp-notice".to_owned(),
            state: "sent".to_owned(),
            at: "2026-11-22T14:41:00Z".to_owned(),
            to: "Elm Road Surgery".to_owned(),
            detail: detail.to_owned(),
            route: route.to_owned(),
        };
        record.deliveries = BTreeMap::from([("gp-notice/0".to_owned(), delivery)]);
        truths(&record, Reached::default(), at("2026-11-22T15:00:00Z"))[2].clone()
    };
    let email = said("email", "Sent by secure e-mail.");
    assert_eq!(
        (email.holds, email.words.as_str()),
        (false, "Sent to Elm Road Surgery by secure e-mail 14:41")
    );
    let phoned = said("print", "Done by hand, says Asha Rao: Phoned reception");
    assert!(!phoned.holds && phoned.words.contains("Phoned reception"), "{}", phoned.words);
}

#[test]
fn a_call_is_listed_with_who_phoned_whom_and_what_came_of_it() {
    let call = Call {
        at: "2026-11-22T14:05:00Z".to_owned(),
        by: "Asha Rao".to_owned(),
        number: "0161 496 0000".to_owned(),
        spoken_to: "Dr Example".to_owned(),
        result: "told".to_owned(),
        ..Call::default()
    };
    let line = call_line(&call, at("2026-11-22T15:00:00Z"));
    assert_eq!(line, "14:05, Asha Rao phoned 0161 496 0000: They were told (Dr Example)");
}

#[test]
fn what_is_only_here_is_not_called_with_the_server() {
    let server = &truths(&record(), Reached { device: Some(0), server: None }, 0)[1];
    assert_eq!((server.holds, server.words.as_str()), (false, "Not yet with the server"));
}

#[test]
fn a_clash_names_who_said_what_and_when() {
    let version = |by: &str, value: &str, minute: &str| Version {
        value: value.to_owned(),
        by: by.to_owned(),
        at: at(&format!("2026-11-22T14:{minute}:00Z")),
    };
    let clash = Clash {
        path: "answers/x".to_owned(),
        versions: vec![version("Asha Rao", "yes", "02"), version("Ben Ade", "no", "05")],
    };
    let lines = clash_lines(None, &clash, at("2026-11-22T15:00:00Z"));
    assert_eq!(lines, ["Asha Rao: yes 14:02", "Ben Ade: no 14:05"]);
}

#[test]
fn a_step_counts_what_is_missing_and_an_untouched_form_is_not_done() {
    let record = record();
    let assessment = shared::pathway::assess_record(minor_illness(), &record);
    let waiting = steps(minor_illness(), &assessment, 2);
    assert!(waiting.iter().any(|step| step.title == "Medicines" && step.state == StepState::Missing(2)));
    let steps = steps(minor_illness(), &assessment, 0);
    assert!(steps.iter().any(|step| matches!(step.state, StepState::Missing(_))));
    assert!(steps.iter().all(|step| step.title != "Red flags" || step.state != StepState::Done));
}

#[test]
fn notes_of_two_people_keep_every_letter() {
    assert_eq!(notes_together("ab", "abX", "Yab"), "YabX");
    assert_eq!(notes_together("ab", "Xab", "abY"), "XabY");
    assert_eq!(notes_together("", "mine", "theirs"), "minetheirs");
    assert_eq!(notes_together("a word here", "a better word here", "a word there"), "a better word there");
    assert_eq!(notes_together("cough", "cold", "croup"), "croupld");
    assert_eq!(notes_together("gone", "", "gone"), "");
}

#[test]
fn another_consultation_of_the_patient_is_found_by_number_or_by_name_and_birth_date() {
    let row = |id: &str, nhs_number: &str| WorkListRow {
        id: id.to_owned(),
        nhs_number: nhs_number.to_owned(),
        ..WorkListRow::default()
    };
    let named = |id: &str| WorkListRow {
        patient_name: "WINTERS, Hettie".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        ..row(id, "")
    };
    let found = |patient: &WorkListRow, rows: &[WorkListRow]| -> Vec<_> {
        let patient = crate::work_list::same_patient::Patient::listed(patient);
        others("this", &patient, rows, 0).into_iter().map(|other| other.id).collect()
    };
    let rows = [row("this", "9990548609"), row("other", "9990548609"), row("nobody", "")];
    assert_eq!(found(&rows[0], &rows), ["other"]);
    assert!(found(&row("this", ""), &rows).is_empty());
    let rows = [named("this"), named("second"), row("nobody", "")];
    assert_eq!(found(&rows[0], &rows), ["second"]);
}

#[test]
fn a_number_nobody_verified_holds_the_notice() {
    let mut record = record();
    assert!(notice_held(&record).is_some());
    record.patient.nhs_number = "9990548609".to_owned();
    assert!(notice_held(&record).is_some());
    record.patient.nhs_number_status = "verified".to_owned();
    assert!(notice_held(&record).is_some_and(|why| why.contains("date of birth")));
    record.patient.birth_date = "1952-03-04".to_owned();
    record.patient.family_name = "Winters".to_owned();
    assert_eq!(notice_held(&record), None);
    record.pathway = "urgent-medicine-supply@1".to_owned();
    assert!(notice_held(&record).is_some_and(|why| why.contains("Phone or e-mail the practice")));
}

#[test]
fn before_signing_the_gp_is_promised_a_notice_only_when_one_will_go() {
    let mut record = record();
    let said = |record: &Consultation| {
        let assessment = shared::pathway::assess_record(minor_illness(), record);
        after_signing(record, &assessment)
    };
    assert!(said(&record).contains("held"));
    record.patient.nhs_number = "9990548609".to_owned();
    record.patient.nhs_number_status = "verified".to_owned();
    record.patient.birth_date = "1952-03-04".to_owned();
    record.patient.family_name = "Winters".to_owned();
    assert_eq!(said(&record), "The GP is told as soon as there is signal.");
    record.answers.insert("consent-service".to_owned(), Answer::YesNo(false));
    assert!(said(&record).contains("closed without a consultation"));
    let objection = minor_illness().fields.iter().find(|field| field.stops_gp_notice).expect("practice 7");
    record.answers.insert(objection.id.clone(), Answer::YesNo(true));
    record.answers.insert("consent-service".to_owned(), Answer::YesNo(true));
    assert!(said(&record).contains("does not want the GP told"));
}

#[test]
fn a_place_that_is_no_longer_offered_is_not_recorded() {
    let places = &minor_illness().medicines.supplied_from;
    let everywhere: Vec<_> = places.iter().collect();
    assert_eq!(place_to_record(&everywhere, "premises"), "premises");
    let at_home = &everywhere[1..];
    assert_eq!(place_to_record(at_home, "premises"), "collected");
    assert_eq!(place_to_record(at_home, "delivered"), "delivered");
    assert_eq!(place_to_record(&[], "delivered"), "");
}

#[test]
fn a_medicine_is_read_with_how_it_is_had() {
    let medicine = Medicine {
        name: "Ibuprofen 200 mg".to_owned(),
        decision: "recommended".to_owned(),
        supplied_from: "collected".to_owned(),
        ..Medicine::default()
    };
    let line = medicine_line(minor_illness(), &medicine);
    assert_eq!(line, "Ibuprofen 200 mg: recommended. To be collected from the pharmacy");
}

#[test]
fn an_outcome_is_read_by_its_name_not_its_code() {
    let outcome = &minor_illness().outcomes[0];
    assert_eq!(value_words(Some(minor_illness()), "outcome/code", &outcome.id), outcome.label);
}

#[test]
fn news_of_pds_says_what_to_do_and_a_death_stands_on_the_banner() {
    let notice = |kind: &str| Notice { kind: kind.to_owned(), ..Notice::default() };
    assert!(is_on_banner(&notice("pds-deceased")) && is_on_banner(&notice("pds-restricted")));
    assert!(!is_on_banner(&notice("withdrawn")));
    let (_, then) = notice_words("pds-differs");
    assert!(then.contains("Look up in PDS"), "{then}");
    assert_eq!(notice_words("withdrawn").1, "Your record is unchanged.");
}

#[test]
fn a_notice_that_is_stuck_offers_paper_and_one_that_arrived_does_not() {
    let mut record = record();
    let mut paper = |state: &str, route: &str| {
        let delivery = Delivery {
            kind: "gp-notice".to_owned(),
            state: state.to_owned(),
            route: route.to_owned(),
            ..Delivery::default()
        };
        record.deliveries = BTreeMap::from([("gp-notice/0".to_owned(), delivery)]);
        needs_paper(&record)
    };
    let stuck = ["held", "refused", "needs-attention"].map(|state| paper(state, "update-record"));
    assert_eq!(stuck, [true; 3]);
    assert!(paper("queued", "print"));
    let going = ["queued", "sent", "received", "accepted", "not-required"].map(|state| paper(state, "email"));
    assert_eq!(going, [false; 5]);
}
