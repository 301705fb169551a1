//! Promises about settling what was said with what PDS holds.

use super::notices::notices;
use super::*;
use crate::consultation::{Consultation, Notice, Patient};
use crate::patient::PdsPatient;
use crate::time::{self, Millis};
use proptest::prelude::*;
use std::collections::BTreeSet;

const AT: Millis = 1_795_000_000_000;

fn said() -> Patient {
    Patient {
        nhs_number: "9990548609".to_owned(),
        nhs_number_status: "unverified".to_owned(),
        family_name: "Winters".to_owned(),
        given_name: "Hettie".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        address: "3 Mill Lane\nLeeds".to_owned(),
        postcode: "LS1 4AP".to_owned(),
        phone: "0113 496 0000".to_owned(),
        gp_ods: "B86001".to_owned(),
        gp_name: "Elm Road Surgery".to_owned(),
        ..Patient::default()
    }
}

fn held() -> PdsPatient {
    PdsPatient {
        nhs_number: "9990548609".to_owned(),
        version: "7".to_owned(),
        family_name: "WINTERS".to_owned(),
        given_name: "Hettie".to_owned(),
        title: "Mrs".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        address: "3, Mill Lane\nLEEDS".to_owned(),
        postcode: "LS14AP".to_owned(),
        phone: "+44 113 4960000".to_owned(),
        gp_ods: "B86001".to_owned(),
        nominated_pharmacy: "FA123".to_owned(),
        ..PdsPatient::default()
    }
}

fn fields(said: &Patient, held: &PdsPatient) -> Vec<TracedField> {
    differences(said, held).into_iter().map(|difference| difference.field).collect()
}

fn all() -> BTreeSet<TracedField> {
    TracedField::ALL.into()
}

#[test]
fn case_spaces_punctuation_and_a_title_are_no_difference() {
    assert_eq!(differences(&said(), &held()), []);
    let titled = Patient { family_name: "Mrs. Winters".to_owned(), ..said() };
    assert_eq!(differences(&titled, &held()), []);
    let only_lord = Patient { family_name: "Lord".to_owned(), ..said() };
    assert_eq!(fields(&only_lord, &held()), [TracedField::FamilyName]);
}

#[test]
fn what_pds_does_not_give_is_no_difference() {
    let minimal = PdsPatient { nhs_number: held().nhs_number, ..PdsPatient::default() };
    assert_eq!(differences(&said(), &minimal), []);
    assert_eq!(Likeness::of(&said(), &minimal), Likeness::Doubtful);
}

#[test]
fn what_nobody_said_is_shown_to_be_filled_in() {
    let bare = Patient { phone: String::new(), sex: "unknown".to_owned(), ..said() };
    assert_eq!(fields(&bare, &held()), [TracedField::Sex, TracedField::Phone]);
}

#[test]
fn a_restricted_record_shows_and_writes_no_address_phone_or_practice() {
    let leaking = PdsPatient {
        restricted: true,
        address: "9 Hidden Row".to_owned(),
        phone: "0113 496 0999".to_owned(),
        gp_ods: "C99999".to_owned(),
        nominated_pharmacy: "FB999".to_owned(),
        ..held()
    };
    assert_eq!(differences(&said(), &leaking), []);
    let mut patient = said();
    settle(&mut patient, &leaking, "", &all(), AT).expect("settled");
    let before = said();
    assert_eq!(
        (&patient.address, &patient.phone, &patient.gp_ods, &patient.nominated_pharmacy),
        (&before.address, &before.phone, &before.gp_ods, &before.nominated_pharmacy)
    );
}

#[test]
fn only_what_was_chosen_is_taken_and_the_trace_is_noted() {
    let other = PdsPatient {
        family_name: "Summers".to_owned(),
        address: "12 Elm Road".to_owned(),
        postcode: "LS2 9AA".to_owned(),
        ..held()
    };
    let mut patient = said();
    let chosen = BTreeSet::from([TracedField::Address]);
    assert_eq!(settle(&mut patient, &other, "", &chosen, AT), Ok(Number::Confirmed));
    assert_eq!((patient.family_name.as_str(), patient.address.as_str()), ("Winters", "12 Elm Road"));
    assert_eq!(patient.postcode, "LS2 9AA");
    assert_eq!((patient.nhs_number_status.as_str(), patient.pds_version.as_str()), ("verified", "7"));
    assert_eq!((patient.traced_at, patient.nominated_pharmacy), (time::stored(AT), "FA123".to_owned()));
}

#[test]
fn a_superseded_number_gives_way_to_the_new_one_and_it_is_said() {
    let new = PdsPatient { nhs_number: "9990548706".to_owned(), ..held() };
    let mut patient = said();
    let number = settle(&mut patient, &new, "9990548609", &BTreeSet::new(), AT);
    assert_eq!(number, Ok(Number::Superseded("9990548609".to_owned())));
    assert_eq!(patient.nhs_number, "9990548706");
    let number = number.expect("settled");
    assert_eq!(notices(&new, &number, AT)[0].1.text, SUPERSEDED_WORDS);
}

#[test]
fn another_number_is_never_put_in_without_being_chosen() {
    let another = PdsPatient { nhs_number: "9990548706".to_owned(), ..held() };
    let mut patient = said();
    assert_eq!(settle(&mut patient, &another, "", &BTreeSet::new(), AT), Err(NumberKept));
    assert_eq!(patient, said());
    let chosen = BTreeSet::from([TracedField::NhsNumber]);
    let number = settle(&mut patient, &another, "", &chosen, AT);
    assert_eq!(number, Ok(Number::Replaced("9990548609".to_owned())));
}

#[test]
fn a_year_alone_agrees_with_a_date_in_it_and_is_never_written_as_a_date() {
    let year = PdsPatient { birth_date: "1952".to_owned(), ..held() };
    assert_eq!(differences(&said(), &year), []);
    let another = PdsPatient { birth_date: "1953".to_owned(), ..held() };
    assert!(differences(&said(), &another).iter().all(|difference| !difference.usable));
    let mut patient = said();
    settle(&mut patient, &another, "", &all(), AT).expect("settled");
    assert_eq!(patient.birth_date, "1952-03-04");
}

#[test]
fn somebody_elses_number_is_noticed_by_name_and_birth_date() {
    let stranger =
        PdsPatient { family_name: "Okafor".to_owned(), birth_date: "1990-12-01".to_owned(), ..held() };
    assert_eq!(Likeness::of(&said(), &stranger), Likeness::Unlike);
    let married = PdsPatient { family_name: "Okafor".to_owned(), ..held() };
    assert_eq!(Likeness::of(&said(), &married), Likeness::Plausible);
    let twin = PdsPatient { birth_date: "1990-12-01".to_owned(), ..held() };
    assert_eq!(Likeness::of(&said(), &twin), Likeness::Doubtful);
}

#[test]
fn a_death_is_told_with_its_kind_and_stays_in_the_record() {
    let dead = PdsPatient {
        deceased: "2026-10-22T00:00:00+00:00".to_owned(),
        death_status: "informal".to_owned(),
        ..held()
    };
    let words = death_words(&dead).expect("words");
    assert!(words.contains("22 Oct 2026") && words.contains("informal"), "{words}");
    assert_eq!(death_words(&held()), None);
    let undated = PdsPatient { deceased: "died".to_owned(), ..held() };
    assert!(death_words(&undated).is_some());
}

#[test]
fn a_trace_answers_earlier_news_of_pds_and_leaves_the_senders_alone() {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let id = crate::ids::ConsultationId::from_bytes([3; 16]);
    let mut record = Consultation::new(id, &pharmacy, "minor-illness@1", AT);
    let notice = |kind: &str| Notice { kind: kind.to_owned(), ..Notice::default() };
    record.notices.insert("m1".to_owned(), notice("withdrawn"));
    record.notices.insert("p1".to_owned(), notice("pds-differs"));
    let dead = PdsPatient { death_status: "formal".to_owned(), restricted: true, ..held() };
    note(&mut record, &dead, &Number::Confirmed, AT);
    assert_eq!(record.notices.keys().collect::<Vec<_>>(), ["m1", DECEASED, RESTRICTED]);
    note(&mut record, &dead, &Number::Confirmed, AT + 60_000);
    assert_eq!(record.notices[DECEASED].at, time::stored(AT));
    note(&mut record, &held(), &Number::Confirmed, AT);
    assert_eq!(record.notices.keys().collect::<Vec<_>>(), ["m1"]);
}

fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["", "Ash", "ash ", "Élan", "1952-03-04", "1952", "unknown", "9990548609"])
        .prop_map(str::to_owned)
}

prop_compose! {
    fn any_said()(w in proptest::array::uniform11(word())) -> Patient {
        let [nhs_number, family_name, given_name, birth_date, sex, address, postcode, phone, gp_ods, gp_name, caller] = w;
        Patient {
            nhs_number, family_name, given_name, birth_date, sex, address, postcode, phone, caller, gp_ods,
            gp_name, ..Patient::default()
        }
    }
}

prop_compose! {
    fn any_held()(w in proptest::array::uniform10(word()), restricted: bool) -> PdsPatient {
        let [version, family_name, given_name, birth_date, sex, address, postcode, phone, gp_ods, gp_name] = w;
        PdsPatient {
            nhs_number: "9990548609".to_owned(), version, family_name, given_name, birth_date, sex, address,
            postcode, phone, gp_ods, gp_name, restricted, ..PdsPatient::default()
        }
    }
}

fn without_trace(patient: &Patient) -> Patient {
    Patient {
        nhs_number: String::new(),
        nhs_number_status: String::new(),
        traced_at: String::new(),
        pds_version: String::new(),
        nominated_pharmacy: String::new(),
        ..patient.clone()
    }
}

proptest! {
    #[test]
    fn settling_with_no_choice_changes_nothing_but_the_trace(said in any_said(), held in any_held()) {
        let mut patient = said.clone();
        if settle(&mut patient, &held, &said.nhs_number, &BTreeSet::new(), AT).is_ok() {
            prop_assert_eq!(without_trace(&patient), without_trace(&said));
        }
    }

    #[test]
    fn nothing_that_was_said_is_lost_without_being_chosen(
        said in any_said(), held in any_held(), chosen in proptest::sample::subsequence(TracedField::ALL.to_vec(), 0..=8)
    ) {
        let chosen: BTreeSet<TracedField> = chosen.into_iter().collect();
        let mut patient = said.clone();
        let settled = settle(&mut patient, &held, "", &chosen, AT);
        for field in TracedField::ALL {
            if settled.is_err() || !(chosen.contains(&field) || field == TracedField::NhsNumber) {
                prop_assert_eq!(field.said(&patient), field.said(&said));
            }
        }
        if settled.is_ok() && !chosen.contains(&TracedField::NhsNumber) {
            prop_assert!(said.nhs_number.is_empty() || patient.nhs_number == said.nhs_number);
        }
    }

    #[test]
    fn settling_twice_is_settling_once(
        said in any_said(), held in any_held(), chosen in proptest::sample::subsequence(TracedField::ALL.to_vec(), 0..=8)
    ) {
        let chosen: BTreeSet<TracedField> = chosen.into_iter().collect();
        let mut once = said.clone();
        if settle(&mut once, &held, "", &chosen, AT).is_ok() {
            let mut twice = once.clone();
            prop_assert_eq!(settle(&mut twice, &held, "", &chosen, AT), Ok(Number::Confirmed));
            prop_assert_eq!(twice, once);
        }
    }
}
