//! Promises of the supply card's decisions.

use super::*;
use shared::consultation::Answer;
use shared::ids::{ConsultationId, PersonId};
use shared::medicines::{Availability, LegalClass, Level, Pack, Product, Substance};
use shared::pathway::Pathway;
use shared::people::Role;
use shared::time::Millis;
use std::collections::BTreeSet;

const LINE: &str = "line-1";

fn pathway() -> &'static Pathway {
    shared::pathway::find("urgent-medicine-supply@2").expect("in every build")
}

fn now() -> Millis {
    time::read("2026-11-23T10:30:00Z").expect("an instant")
}

fn today() -> Date {
    time::day(now())
}

fn answer(record: &mut Consultation, field: &str, answer: Answer) {
    record.answers.insert(field.to_owned(), answer);
}

/// A patient in the pharmacy, interviewed; no prescription was found and none can be had in time.
fn record() -> Consultation {
    let ods = "FA123".parse().expect("an ODS code");
    let id = ConsultationId::from_bytes([7; 16]);
    let mut record = Consultation::new(id, &ods, "urgent-medicine-supply@2", now());
    "1952-03-04".clone_into(&mut record.patient.birth_date);
    for (field, words) in
        [("setting", "premises"), ("interviewed", "patient"), ("prescription-found", "none")]
    {
        answer(&mut record, field, Answer::text(words));
    }
    answer(&mut record, "impracticable", Answer::YesNo(true));
    record
}

fn ramipril() -> Product {
    Product {
        code: 318_906_001,
        level: Level::Vmp,
        name: "Ramipril 5mg capsules".into(),
        parent: None,
        form: "capsule".into(),
        strength: "5 mg".into(),
        schedule: 0,
        legal_class: LegalClass::PrescriptionOnly,
        availability: Availability::Available,
        prescribing: 1,
        appliance: false,
        groups: BTreeSet::new(),
        ingredients: vec![Substance { code: 386_872_004, name: "Ramipril".into() }],
        packs: vec![Pack { quantity: "28".into(), unit: "capsule".into(), unit_code: 428_641_000 }],
    }
}

fn picked(product: &Product) -> Consultation {
    let mut record = record();
    make(&mut record, LINE, product.to_line("2026-11-16"), now());
    record
}

/// Answered so that nothing speaks against it.
fn lawful(product: &Product) -> Consultation {
    let mut record = picked(product);
    change(&mut record, LINE, |line| {
        for (question, answer) in [
            ("request-reason", "not-ordered"),
            ("immediate-need", "yes"),
            ("previously-prescribed", "yes"),
            ("prescriber", "uk"),
            ("evidence", "gp-record"),
            ("dose-safe", "yes"),
            ("earlier-supply", "no"),
        ] {
            Part::Asked(question.into()).write(line, answer);
        }
        for (part, typed) in
            [(Part::Quantity, "7"), (Part::Days, "7"), (Part::Directions, "One in the morning")]
        {
            part.write(line, typed);
        }
        "premises".clone_into(&mut line.supplied_from);
    });
    record
}

fn drawn(record: &Consultation) -> LineView {
    drawn_for(record, &Known::default())
}

fn drawn_for(record: &Consultation, known: &Known) -> LineView {
    view(record, LINE, pathway(), known, today()).expect("the line")
}

fn supplied(product: &Product) -> Consultation {
    let mut record = lawful(product);
    assert!(decide_to_supply(&mut record, LINE, &Known::default(), now()));
    record
}

fn asked(view: &LineView) -> Vec<&str> {
    view.questions.iter().map(|question| question.id.as_str()).collect()
}

#[test]
fn a_line_begins_with_what_was_asked_for_and_the_first_question() {
    let mut record = record();
    let words = "Ramipril 5, the red ones\nblue inhaler";
    answer(&mut record, "requested-medicines", Answer::text(words));
    make(&mut record, LINE, ramipril().to_line("2026-11-16"), now());
    assert_eq!(record.medicines[LINE].requested, "Ramipril 5, the red ones");
    let view = drawn(&record);
    assert_eq!(view.facts, "capsule, prescription-only medicine");
    assert_eq!((asked(&view), view.later > 3, view.may_supply), (vec!["request-reason"], true, false));
    assert!(!view.two_changes && view.stage == Stage::Open);
    make(&mut record, "nothing", Medicine::default(), now());
    assert_eq!(record.medicines.len(), 1, "a line without a name is none");
}

#[test]
fn what_was_asked_for_is_not_guessed_among_several() {
    let mut record = record();
    answer(&mut record, "requested-medicines", Answer::text("the white ones\nblue inhaler"));
    make(&mut record, LINE, ramipril().to_line(""), now());
    assert_eq!(record.medicines[LINE].requested, "");
    answer(&mut record, "requested-medicines", Answer::text("my heart tablets"));
    make(&mut record, LINE, ramipril().to_line(""), now());
    assert_eq!(record.medicines[LINE].requested, "my heart tablets");
}

#[test]
fn questions_come_one_by_one_and_what_is_answered_stays_to_be_corrected() {
    let mut record = picked(&ramipril());
    let mut seen = Vec::new();
    for (question, answer) in [("request-reason", "away"), ("immediate-need", "yes")] {
        seen.push(question);
        assert_eq!(asked(&drawn(&record)), seen);
        change(&mut record, LINE, |line| Part::Asked(question.into()).write(line, answer));
    }
    assert_eq!(asked(&drawn(&record)), ["request-reason", "immediate-need", "previously-prescribed"]);
}

#[test]
fn a_supply_may_be_made_only_when_nothing_is_open_and_says_when_by_which_right_and_from_where() {
    let record = lawful(&ramipril());
    let view = drawn(&record);
    assert!(view.may_supply, "{view:#?}");
    assert_eq!((view.title, view.label_words.as_str()), ("Emergency supply", "Emergency supply"));
    assert_eq!((view.later, view.open.len(), view.a_day.as_str()), (0, 0, "1 capsule a day"));
    assert!(view.needs_register_entry && !view.may_be_exception);
    let record = supplied(&ramipril());
    let line = &record.medicines[LINE];
    let written = [&line.decision, &line.supply_type, &line.supplied_at, &line.supplied_from];
    assert_eq!(written, ["supplied", "emergency-supply", "2026-11-23T10:30:00Z", "premises"]);
    assert_eq!(drawn(&record).stage, Stage::Supplied);
    assert!(supply::before_signing(&record, today()).is_empty());
}

/// Each makes a lawful line unlawful in one way.
fn unlawful() -> Vec<(&'static str, Consultation)> {
    let of_schedule = |schedule: u8| lawful(&Product { schedule, ..ramipril() });
    let with = |edit: fn(&mut Medicine)| {
        let mut record = lawful(&ramipril());
        change(&mut record, LINE, edit);
        record
    };
    let said = |field: &str, answer: Answer| {
        let mut record = lawful(&ramipril());
        record.answers.insert(field.to_owned(), answer);
        record
    };
    let bromide = Substance { code: 1, name: "Potassium bromide".into() };
    vec![
        ("schedule-1-3", of_schedule(1)),
        ("schedule-1-3", of_schedule(2)),
        ("schedule-1-3", of_schedule(4)),
        ("schedule-18", lawful(&Product { ingredients: vec![bromide], ..ramipril() })),
        ("no-interview", said("interviewed", Answer::text("nobody"))),
        ("prescription-can-be-had", said("impracticable", Answer::YesNo(false))),
        ("no-immediate-need", with(|line| Part::Asked("immediate-need".into()).write(line, "no"))),
        (
            "not-previously-prescribed",
            with(|line| Part::Asked("previously-prescribed".into()).write(line, "no")),
        ),
        ("prescriber-not-relevant", with(|line| Part::Asked("prescriber".into()).write(line, "other"))),
        ("dose-not-safe", with(|line| Part::Asked("dose-safe".into()).write(line, "no"))),
        ("over-maximum", with(|line| Part::Days.write(line, "31"))),
        ("place", said("setting", Answer::text("patients-home"))),
    ]
}

#[test]
fn the_way_to_making_is_closed_for_each_refusal_and_the_source_is_said() {
    for (rule, mut record) in unlawful() {
        let view = drawn(&record);
        assert!(!view.may_supply, "{rule}");
        assert!(view.refusals.iter().all(|said| !said.words.is_empty() && !said.source.is_empty()), "{rule}");
        assert!(!view.refusals.is_empty(), "{rule}: {view:#?}");
        assert!(view.may_be_exception, "{rule}: what has happened can be recorded");
        let before = record.medicines.clone();
        assert!(!decide_to_supply(&mut record, LINE, &Known::default(), now()), "{rule}");
        assert_eq!(record.medicines, before, "{rule}: nothing was written");
    }
}

#[test]
fn what_is_refused_already_asks_nothing_more() {
    let record = picked(&Product { schedule: 2, ..ramipril() });
    let view = drawn(&record);
    assert_eq!((asked(&view), view.later, view.shows_details), (vec![], 0, false));
    let mut too_much = lawful(&ramipril());
    change(&mut too_much, LINE, |line| Part::Days.write(line, "60"));
    assert!(drawn(&too_much).shows_details, "a number that is too high is there to be corrected");
}

#[test]
fn of_a_schedule_5_drug_seven_days_are_refused_and_five_with_a_reason_are_not() {
    let mut record = lawful(&Product { schedule: 10, ..ramipril() });
    let view = drawn(&record);
    assert!(view.refusals[0].source.contains("regulation 225, condition B"), "{:?}", view.refusals);
    assert!(view.maximum.as_ref().is_some_and(|most| most.words.contains("5 days")), "{:?}", view.maximum);
    change(&mut record, LINE, |line| {
        Part::Quantity.write(line, "5");
        Part::Days.write(line, "5");
    });
    let view = drawn(&record);
    let asks: Vec<&str> = view.warnings.iter().filter(|one| one.asks_reason).map(|one| one.id).collect();
    assert_eq!((asks, view.may_supply), (vec!["misuse"], false));
    change(&mut record, LINE, |line| Part::Judged("misuse".into()).write(line, "Takes it for years"));
    assert!(decide_to_supply(&mut record, LINE, &Known::default(), now()));
}

#[test]
fn nobody_but_a_pharmacist_makes_it_and_a_technician_who_reads_it_says_nothing_against_it() {
    let who = |role| Known {
        me: Some(Professional { person: PersonId::from_bytes([1; 16]), role, authorisations: Vec::new() }),
        ..Known::default()
    };
    let technician = who(Role::Technician);
    let mut record = lawful(&ramipril());
    let view = drawn_for(&record, &technician);
    assert!(!view.may_supply && view.refusals.len() == 1 && !view.is_refused, "{view:#?}");
    assert!(!asked(&view).is_empty(), "what is asked does not depend on who is here");
    assert!(!decide_to_supply(&mut record, LINE, &technician, now()));
    assert!(!drawn_for(&record, &technician).may_be_exception, "it would be lawful by a pharmacist");
    assert!(decide_to_supply(&mut record, LINE, &who(Role::Pharmacist), now()));
    assert_eq!(drawn_for(&record, &technician).stage, Stage::Supplied);
}

#[test]
fn an_earlier_supply_that_is_known_here_waits_for_a_reason() {
    let mut before = supplied(&ramipril());
    before.id = "earlier".into();
    before.medicines.get_mut(LINE).expect("the line").supplied_at = "2026-10-01T10:00:00Z".into();
    let known = Known { earlier: supplied_in(&before), ..Known::default() };
    let mut record = lawful(&ramipril());
    assert!(drawn(&record).may_supply);
    let view = drawn_for(&record, &known);
    assert!(!view.may_supply && view.warnings.iter().any(|one| one.id == "earlier-supply"), "{view:#?}");
    assert!(!decide_to_supply(&mut record, LINE, &known, now()));
    change(&mut record, LINE, |line| Part::Judged("earlier-supply".into()).write(line, "Practice closed"));
    assert!(decide_to_supply(&mut record, LINE, &known, now()));
}

#[test]
fn two_changes_that_met_are_looked_at_again_before_anything_counts() {
    let mut record = lawful(&ramipril());
    // As a merge leaves it: the amount of one device with the last look of the other.
    record.medicines.get_mut(LINE).expect("the line").quantity = "14".into();
    assert!(drawn(&record).two_changes && !drawn(&record).may_supply);
    assert!(!decide_to_supply(&mut record, LINE, &Known::default(), now()));
    change(&mut record, LINE, |line| Part::Batch.write(line, "AB12"));
    assert!(drawn(&record).two_changes, "an edit of one part is no look at the whole");
    look_again(&mut record, LINE);
    assert!(!drawn(&record).two_changes && drawn(&record).may_supply);
}

#[test]
fn a_supply_whose_answers_change_afterwards_is_shown_against_the_rules_and_holds_up_the_signature() {
    let mut record = supplied(&ramipril());
    answer(&mut record, "impracticable", Answer::YesNo(false));
    let view = drawn(&record);
    assert_eq!((view.stage, view.refusals.len()), (Stage::AgainstTheRules, 1));
    assert!(view.stage.is_edited() && view.may_be_exception);
    assert_eq!(supply::before_signing(&record, today()).len(), 1);
}

#[test]
fn what_happened_is_recorded_with_what_it_broke_and_signed_as_the_exception_it_is() {
    let mut record = lawful(&Product { schedule: 2, ..ramipril() });
    assert!(!record_what_happened(&mut record, LINE, now()), "nobody has said why");
    change(&mut record, LINE, |line| Part::Exception.write(line, "Handed over by mistake"));
    assert!(record_what_happened(&mut record, LINE, now()));
    let line = &record.medicines[LINE];
    assert_eq!((line.decision.as_str(), line.broken_rules.as_str()), ("supplied", "schedule-1-3"));
    let view = drawn(&record);
    assert_eq!((view.stage, view.broken.len()), (Stage::Exception, 1));
    assert!(view.broken[0].contains("regulation 225, condition C"), "{:?}", view.broken);
    assert!(view.words.contains("supplied as an exception"), "{}", view.words);
    assert!(supply::before_signing(&record, today()).is_empty());
    assert!(!supply::is_claimable(&record));
}

#[test]
fn an_exception_names_what_speaks_against_it_now_once_it_is_recorded_again() {
    let mut record = lawful(&Product { schedule: 2, ..ramipril() });
    change(&mut record, LINE, |line| Part::Exception.write(line, "Handed over by mistake"));
    record_what_happened(&mut record, LINE, now());
    answer(&mut record, "interviewed", Answer::text("nobody"));
    let view = drawn(&record);
    assert!(view.may_be_exception && view.problems.len() == 1, "{:?}", view.problems);
    let later = now() + 86_400_000;
    assert!(record_what_happened(&mut record, LINE, later));
    let line = &record.medicines[LINE];
    assert_eq!(line.broken_rules, "no-interview schedule-1-3");
    assert_eq!(line.supplied_at, "2026-11-23T10:30:00Z", "when it was handed over stays");
    assert!(supply::before_signing(&record, today()).is_empty());
}

#[test]
fn a_lawful_supply_is_no_exception() {
    let mut record = lawful(&ramipril());
    change(&mut record, LINE, |line| Part::Exception.write(line, "To be on the safe side"));
    let before = record.medicines.clone();
    assert!(!record_what_happened(&mut record, LINE, now()));
    assert_eq!(record.medicines, before);
    assert!(decide_to_supply(&mut record, LINE, &Known::default(), now()));
    assert_eq!(record.medicines[LINE].exception, "", "what was begun and not recorded is no exception");
    assert_eq!(drawn(&record).stage, Stage::Supplied);
}

#[test]
fn a_refusal_has_its_coded_reason_and_leads_to_somebody_who_can_help() {
    for (helper, service, name) in [
        (Helper::Practice, "gp", "Elm Road Surgery"),
        (Helper::OutOfHours, "out-of-hours", ""),
        (Helper::ProfessionalLine, "out-of-hours", "NHS 111, line for health professionals"),
        (Helper::Pharmacy, "pharmacy", ""),
    ] {
        let mut record = picked(&Product { schedule: 2, ..ramipril() });
        "Elm Road Surgery".clone_into(&mut record.patient.gp_name);
        decide_not_to_supply(&mut record, LINE, "not-lawful");
        assert_eq!(drawn(&record).stage, Stage::NotSupplied);
        assert!(supply::before_signing(&record, today()).is_empty());
        ask_for_help(&mut record, LINE, pathway(), helper);
        let onward = &record.onward;
        let sent = (onward.service.as_str(), onward.name.as_str(), onward.urgency.as_str());
        assert_eq!(sent, (service, name, "urgent"));
        assert!(onward.reason.contains("Ramipril 5mg capsules: not supplied here"), "{}", onward.reason);
        let stage = if helper == Helper::Pharmacy { Stage::SentOn } else { Stage::NotSupplied };
        assert_eq!(drawn(&record).stage, stage);
    }
}

#[test]
fn whom_somebody_has_chosen_already_stays_chosen() {
    let mut record = picked(&ramipril());
    "dentist".clone_into(&mut record.onward.service);
    "Mill Dental".clone_into(&mut record.onward.name);
    "Toothache".clone_into(&mut record.onward.reason);
    decide_not_to_supply(&mut record, LINE, "not-in-stock");
    ask_for_help(&mut record, LINE, pathway(), Helper::OutOfHours);
    ask_for_help(&mut record, LINE, pathway(), Helper::OutOfHours);
    assert_eq!((record.onward.service.as_str(), record.onward.name.as_str()), ("dentist", "Mill Dental"));
    assert_eq!(record.onward.reason.lines().count(), 2, "told once: {}", record.onward.reason);
}

#[test]
fn a_part_supply_sends_the_rest_on_to_another_pharmacy_with_the_reason() {
    let mut record = lawful(&ramipril());
    change(&mut record, LINE, |line| Part::Owed.write(line, "21 capsules"));
    assert!(decide_to_supply(&mut record, LINE, &Known::default(), now()));
    assert!(supply::is_part(&record.medicines[LINE]));
    assert_eq!(record.onward.service, "pharmacy");
    assert!(record.onward.reason.contains("still wanted: 21 capsules"), "{}", record.onward.reason);
    assert!(record.onward.is_phoned_first());
}

#[test]
fn a_decision_that_is_taken_back_leaves_what_was_typed_and_nothing_of_the_decision() {
    let mut record = supplied(&ramipril());
    take_back(&mut record, LINE);
    assert_eq!(record.medicines[LINE], lawful(&ramipril()).medicines[LINE]);
    assert!(drawn(&record).may_supply);
}

#[test]
fn what_is_open_is_one_touch_away() {
    let mut record = lawful(&ramipril());
    change(&mut record, LINE, |line| {
        Part::Quantity.write(line, "");
        line.supplied_from.clear();
    });
    record.answers.remove("impracticable");
    let view = drawn(&record);
    let anchors: Vec<&str> = view.open.iter().map(|thing| thing.anchor.as_str()).collect();
    for anchor in ["medicine-line-1-quantity", "medicine-line-1-place", "field-impracticable"] {
        assert!(anchors.contains(&anchor), "{anchors:?}");
    }
    assert!(view.open.iter().all(|thing| !thing.words.is_empty()));
}

#[test]
fn an_allergy_of_the_class_is_shown_and_no_match_is_never_shown_as_safe() {
    let amoxicillin = Product {
        name: "Amoxicillin 500mg capsules".into(),
        ingredients: vec![Substance { code: 372_687_004, name: "Amoxicillin trihydrate".into() }],
        ..ramipril()
    };
    let mut record = picked(&amoxicillin);
    let limits = drawn(&record).allergies.limits;
    assert!(limits.iter().any(|words| words.contains("not been asked")), "{limits:?}");
    answer(&mut record, "allergies", Answer::text("present"));
    answer(&mut record, "allergy-details", Answer::text("penicillin: rash as a child"));
    let allergies = drawn(&record).allergies;
    assert_eq!(allergies.matches.len(), 1, "{allergies:?}");
    answer(&mut record, "allergy-details", Answer::text("latex"));
    let allergies = drawn(&record).allergies;
    assert!(allergies.matches.is_empty());
    assert!(
        allergies.limits.iter().any(|words| words.contains("not proof that it is safe")),
        "{allergies:?}"
    );
}

#[test]
fn a_hit_of_the_search_says_why_it_cannot_be_supplied_with_the_source() {
    let words = at_a_glance(&Product { schedule: 4, ..ramipril() }).expect("words");
    assert!(words.contains("not allowed") && words.contains("regulation 225"), "{words}");
    assert!(at_a_glance(&ramipril()).is_some_and(|words| words.contains("30 days")));
}

#[test]
fn lines_stand_in_the_order_in_which_they_were_made() {
    let mut record = record();
    make(&mut record, "z", ramipril().to_line(""), now());
    make(&mut record, "a", ramipril().to_line(""), now() + 1000);
    assert_eq!(lines_in_order(&record), ["z", "a"]);
}
