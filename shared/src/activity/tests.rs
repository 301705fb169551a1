//! Promises of what is counted and what is handed on.

use super::*;
use crate::consultation::{Answer, Attempt, Consultation, Medicine, Signature};
use crate::ids::ConsultationId;
use crate::register::Supplied;
use std::collections::BTreeSet;

fn signature() -> Signature {
    Signature {
        name: "Asha Rao".to_owned(),
        gphc: "2012345".to_owned(),
        at: "2026-11-20T10:30:00Z".to_owned(),
        ..Signature::default()
    }
}

fn record() -> Consultation {
    let pharmacy = "FA123".parse().expect("a code");
    let mut record = Consultation::new(ConsultationId::from_bytes([1; 16]), &pharmacy, "minor-illness@1", 0);
    record.visit.started_at = "2026-11-20T10:00:00Z".to_owned();
    record.referral.channel = "itk111".to_owned();
    record.referral.received_at = "2026-11-20T09:00:00Z".to_owned();
    record.referral.complaint = "Sore throat since Tuesday".to_owned();
    record.patient.family_name = "Winters".to_owned();
    record.patient.given_name = "Hettie".to_owned();
    record.patient.birth_date = "1954-11-21".to_owned();
    record.patient.postcode = "SW1A 1AA".to_owned();
    record.patient.nhs_number = "9990548609".to_owned();
    record.answers.insert("setting".to_owned(), Answer::text("premises"));
    record.answers.insert("method".to_owned(), Answer::text("FTF"));
    record
}

fn done(day: &str, change: impl FnOnce(&mut Done)) -> Done {
    let mut done = Done {
        facts: Facts {
            day: day.to_owned(),
            service: "minor-illness".to_owned(),
            channel: "itk111".to_owned(),
            person: "Asha Rao".to_owned(),
            outcome_words: "Advice".to_owned(),
            ..Facts::default()
        },
        ..Done::default()
    };
    change(&mut done);
    done
}

fn gathered(all: &[Done], asked: Asked) -> Dashboard {
    let mut gathering = Gathering::new(asked);
    for one in all {
        gathering.add(one);
    }
    gathering.finish(Health::default())
}

fn november() -> Asked {
    Asked { from: "2026-11-01".to_owned(), to: "2026-11-30".to_owned(), ..Asked::default() }
}

#[test]
fn first_contact_is_the_try_that_reached_somebody_or_the_visit() {
    let mut record = record();
    assert_eq!(Facts::of(&record, &signature()).contacted_at, crate::time::read("2026-11-20T10:00:00Z"));
    let attempt = |at: &str, result: &str| Attempt {
        at: at.to_owned(),
        result: result.to_owned(),
        how: "phone".to_owned(),
        ..Attempt::default()
    };
    record.attempts.insert("a".to_owned(), attempt("2026-11-20T09:10:00Z", "no-answer"));
    record.attempts.insert("b".to_owned(), attempt("2026-11-20T09:20:00Z", "spoke"));
    assert_eq!(Facts::of(&record, &signature()).contacted_at, crate::time::read("2026-11-20T09:20:00Z"));
}

#[test]
fn the_day_is_the_day_in_england_on_which_the_patient_was_seen() {
    let mut record = record();
    "2026-06-30T23:30:00Z".clone_into(&mut record.visit.started_at);
    assert_eq!(Facts::of(&record, &signature()).day, "2026-07-01");
}

#[test]
fn only_what_was_handed_over_is_a_supply() {
    let mut record = record();
    for (id, decision) in [("a", "supplied"), ("b", "refused"), ("c", "")] {
        let line =
            Medicine { name: format!("Medicine {id}"), decision: decision.to_owned(), ..Medicine::default() };
        record.medicines.insert(id.to_owned(), line);
    }
    assert_eq!(Facts::of(&record, &signature()).supplied, ["Medicine a"]);
}

#[test]
fn no_patient_is_in_the_facts() {
    let facts = Facts::of(&record(), &signature());
    let written = serde_json::to_string(&facts).expect("JSON");
    for secret in ["Winters", "Hettie", "9990548609", "1954", "SW1A", "Tuesday"] {
        assert!(!written.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {written}");
    }
}

#[test]
fn days_services_and_people_choose_what_is_counted_and_not_what_may_be_chosen() {
    let all = [
        done("2026-10-31", |_| ()),
        done("2026-11-01", |_| ()),
        done("2026-11-30", |done| "clinical-pathway".clone_into(&mut done.facts.service)),
        done("2026-11-30", |done| "Ben Ade".clone_into(&mut done.facts.person)),
        done("2026-12-01", |_| ()),
    ];
    assert_eq!(gathered(&all, november()).consultations, 3);
    let asked = Asked { service: "minor-illness".to_owned(), person: "Ben Ade".to_owned(), ..november() };
    let view = gathered(&all, asked);
    assert_eq!(view.consultations, 1);
    assert_eq!(view.all_people, ["Asha Rao", "Ben Ade"]);
    assert_eq!(view.all_services.len(), 2);
}

#[test]
fn a_referral_closed_without_a_consultation_is_counted_apart() {
    let all = [
        done("2026-11-02", |done| "no_contact".clone_into(&mut done.facts.closed)),
        done("2026-11-02", |_| ()),
    ];
    let view = gathered(&all, november());
    assert_eq!((view.consultations, view.closed), (1, 1));
    assert_eq!(view.closures, [Bar { name: "No contact".to_owned(), count: 1 }]);
    assert_eq!(view.by_day[0].days, [("2026-11-02".to_owned(), 1)]);
}

#[test]
fn times_are_from_the_referral_and_a_walk_in_has_none_to_contact() {
    let minute = 60_000;
    let timed = |channel: &'static str, contact: i64, told: Option<i64>| {
        done("2026-11-02", move |done| {
            channel.clone_into(&mut done.facts.channel);
            done.facts.contacted_at = Some(contact * minute);
            done.told_at = told.map(|told| told * minute);
        })
    };
    let all = [timed("itk111", 10, Some(90)), timed("itk111", 50, None), timed("walkin", 0, Some(20))];
    let view = gathered(&all, november());
    assert_eq!((view.to_contact.known, view.to_contact.median, view.to_contact.ninth), (2, 10, 50));
    assert_eq!(view.to_contact.steps, [1, 1, 0, 0, 0, 0]);
    assert_eq!((view.to_notice.known, view.untold), (2, 1));
}

#[test]
fn a_clock_that_was_set_back_makes_no_negative_time() {
    let early = done("2026-11-02", |done| {
        done.facts.received_at = 600_000;
        done.facts.contacted_at = Some(0);
    });
    assert_eq!(gathered(&[early], november()).to_contact.median, 0);
}

#[test]
fn the_gateway_rate_is_of_those_that_were_decided() {
    let of = |gateway| done("2026-11-02", move |done| done.facts.gateway = gateway);
    let all = [
        of(Gateway::Crossed),
        of(Gateway::Crossed),
        of(Gateway::NotCrossed),
        of(Gateway::Open),
        of(Gateway::None),
    ];
    let view = gathered(&all, november());
    assert_eq!(view.gateway_rate(), Some(67));
    assert_eq!(view.gateway_open, 1);
    assert_eq!(gathered(&[], november()).gateway_rate(), None);
}

#[test]
fn medicines_beyond_a_dozen_are_added_up() {
    let all: Vec<Done> = (0..20)
        .map(|number| done("2026-11-02", |done| done.facts.supplied = vec![format!("Medicine {number:02}")]))
        .collect();
    let view = gathered(&all, november());
    assert_eq!(view.medicines.len(), 13);
    assert_eq!(view.medicines.last(), Some(&Bar { name: OTHER.to_owned(), count: 8 }));
}

#[test]
fn ages_are_in_bands_and_change_on_the_birthday() {
    let on = |day: &str| age_band("1954-11-21", day.parse().expect("a day"));
    assert_eq!((on("2019-11-20").as_str(), on("2019-11-21").as_str()), ("45 to 64", "65 to 74"));
    assert_eq!(age_band("2026-11-01", "2026-11-20".parse().expect("a day")), "0");
    assert_eq!(age_band("1930-01-01", "2026-11-20".parse().expect("a day")), "85 and over");
    assert_eq!(age_band("", "2026-11-20".parse().expect("a day")), "");
}

#[test]
fn an_extract_says_what_the_record_says() {
    let record = record();
    let facts = Facts::of(&record, &signature());
    let extract = extract(&record, &signature(), &facts);
    assert_eq!(extract.postcode_district, "SW1A");
    assert_eq!((extract.age_band.as_str(), extract.minutes.as_str()), ("65 to 74", "30"));
    assert_eq!(extract.service_code, "1577041000000109");
    assert!(!extract.clinical_summary.is_empty());
}

#[test]
fn whatever_tells_who_somebody_is_is_marked_so() {
    let record = record();
    let facts = Facts::of(&record, &signature());
    let extract = extract(&record, &signature(), &facts);
    for secret in
        ["Winters", "Hettie", "9990548609", "1954-11-21", "SW1A 1AA", "Tuesday", "Asha Rao", "2012345"]
    {
        let telling = ITEMS.iter().filter(|item| (item.read)(&extract).contains(secret));
        for item in telling {
            assert!(matches!(item.reveals, Reveals::Who | Reveals::Person), "{} tells {secret}", item.name);
        }
    }
}

#[test]
fn every_column_has_a_name_of_its_own_and_a_meaning() {
    let names: BTreeSet<&str> = ITEMS.iter().map(|item| item.name).collect();
    assert_eq!(names.len(), ITEMS.len());
    assert!(ITEMS.iter().all(|item| item.meaning.ends_with('.') && !item.values.is_empty()));
    let names: BTreeSet<&str> = SUPPLY_ITEMS.iter().map(|item| item.name).collect();
    assert_eq!(names.len(), SUPPLY_ITEMS.len());
    let line = Supplied { exception: "It happened".to_owned(), ..Supplied::default() };
    let said = SUPPLY_ITEMS.iter().find(|item| item.name == "exception").map(|item| (item.read)(&line));
    assert_eq!(said.as_deref(), Some("yes"));
}

#[test]
fn an_unsigned_row_counts_for_nothing() {
    assert_eq!(Done::of_row(&crate::consultation::WorkListRow::default()), None);
}
