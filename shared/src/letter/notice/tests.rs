//! Promises of the notice: the summary's words, all of them, and nothing else.

use super::*;
use crate::consultation::{Answer, Attempt, Call, summarise};
use crate::pathway::{self, Kind, Pathway};
use proptest::prelude::*;

const LETTERHEAD: Letterhead<'static> = Letterhead {
    name: "Elm Pharmacy",
    ods: "FZ999",
    address: "1 Elm Road, Zettington, ZZ99 3VZ",
    phone: "01632 960123",
    email: "",
};

fn record(pathway: &Pathway) -> Consultation {
    let pharmacy = "FZ999".parse().expect("an ODS code");
    let id = ConsultationId::from_bytes([9; 16]);
    let mut record = Consultation::new(id, &pharmacy, &pathway.key(), 1_795_000_000_000);
    record.patient = Patient {
        nhs_number: "9990412073".to_owned(),
        nhs_number_status: "verified".to_owned(),
        family_name: "O’Sample".to_owned(),
        given_name: "Siân".to_owned(),
        title: "Mrs".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        sex: "female".to_owned(),
        address: "3 Larch Court\nZettington".to_owned(),
        postcode: "ZZ99 3CZ".to_owned(),
        gp_name: "Elm Road Surgery".to_owned(),
        gp_ods: "A99999".to_owned(),
        ..Patient::default()
    };
    record
}

fn minor_illness() -> &'static Pathway {
    pathway::find("minor-illness@1").expect("a file of this build")
}

fn letter(record: &Consultation, sending: &Sending<'_>) -> Letter {
    let pathway = pathway::find(&record.pathway).expect("a file of this build");
    gp_notice(&summarise(record, pathway), record, &LETTERHEAD, sending).expect("no objection")
}

fn signature() -> Signature {
    Signature {
        name: "Asha Patel".to_owned(),
        gphc: "2074123".to_owned(),
        at: "2026-11-18T15:00:00Z".to_owned(),
        ..Signature::default()
    }
}

#[test]
fn it_says_who_writes_to_whom_about_whom() {
    let letter = letter(&record(minor_illness()), &Sending::default());
    assert_eq!(letter.title, "Pharmacy First: minor illness");
    assert_eq!(
        letter.from,
        ["Elm Pharmacy", "ODS code FZ999", "1 Elm Road, Zettington, ZZ99 3VZ", "Phone 01632 960123"]
    );
    assert_eq!(letter.to, ["Elm Road Surgery", "ODS code A99999"]);
    let about: Vec<String> = letter.about.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    assert_eq!(
        about,
        [
            "Name: O’SAMPLE, Siân (Mrs)",
            "Date of birth: 4 Mar 1952",
            "NHS number: 999 041 2073",
            "Sex: female",
            "Address: 3 Larch Court, Zettington, ZZ99 3CZ"
        ]
    );
}

#[test]
fn every_word_and_number_of_the_summary_is_in_it() {
    let mut record = record(minor_illness());
    record.answers.insert("complaint".to_owned(), Answer::text("Coughing at night"));
    let taken =
        [("temperature", 37.46), ("systolic", 128.0), ("diastolic", 76.0), ("oxygen-saturation", 97.0)];
    record.observations.extend(taken.map(|(field, value)| (field.to_owned(), Answer::Number(value))));
    let summary = summarise(&record, minor_illness());
    let letter = letter(&record, &Sending::default());
    let written: Vec<&str> =
        letter.blocks.iter().flat_map(|block| &block.lines).map(String::as_str).collect();
    let told: Vec<&str> = summary.headings.iter().flat_map(|words| words.text.lines()).collect();
    let lost: Vec<_> = told.iter().filter(|line| !written.contains(line)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let observations = letter.blocks.iter().find(|block| block.heading == "Observations").expect("a block");
    assert_eq!(observations.lines.len(), 2, "{:?}", observations.lines);
    assert!(observations.lines[0].contains("37.5 °C"), "{:?}", observations.lines);
    assert!(
        observations.lines[1].contains("128 mmHg, ") && observations.lines[1].contains("76 mmHg"),
        "{:?}",
        observations.lines
    );
}

#[test]
fn who_objects_is_not_written_about() {
    let mut record = record(minor_illness());
    record.answers.insert("gp-objection".to_owned(), Answer::YesNo(true));
    let summary = summarise(&record, minor_illness());
    assert_eq!(gp_notice(&summary, &record, &LETTERHEAD, &Sending::default()), None);
}

#[test]
fn an_unverified_number_is_called_so() {
    let mut record = record(minor_illness());
    assert_eq!(letter(&record, &Sending::default()).banners, Vec::<String>::new());
    record.patient.nhs_number_status = "unverified".to_owned();
    let banners = letter(&record, &Sending::default()).banners;
    assert!(banners.iter().any(|banner| banner.starts_with("The NHS number is not verified")), "{banners:?}");
}

#[test]
fn a_second_way_and_a_second_version_say_so_under_one_reference() {
    let record = record(minor_illness());
    let first = letter(&record, &Sending::default());
    let amended = Signature { amendment: 2, ..signature() };
    let again = Sending { signature: Some(&amended), replaces: Some(1), may_repeat: true };
    let again = letter(&record, &again);
    assert_eq!(first.reference, again.reference);
    assert_eq!(
        again.banners,
        [
            "This replaces version 2 of this notice.",
            "This may repeat an electronic message with the same reference."
        ]
    );
    assert_eq!(again.reference_line(), format!("Reference {}, version 3", first.reference));
}

#[test]
fn it_names_who_signed_with_their_number_and_is_dated_by_that() {
    let signature = signature();
    let sent = Sending { signature: Some(&signature), ..Sending::default() };
    let sent = letter(&record(minor_illness()), &sent);
    assert_eq!(sent.signed, "Signed by Asha Patel, pharmacist, GPhC 2074123, 18 Nov 2026, 15:00.");
    assert_eq!(sent.at, "2026-11-18T15:00:00Z");
    assert_eq!(letter(&record(minor_illness()), &Sending::default()).signed, "Not signed yet.");
}

/// A record in which everything that must stay here says `SECRET`, and the rest is answered as the dice fall.
fn secretive(pathway: &Pathway, dice: &[u8]) -> Consultation {
    let mut record = record(pathway);
    for (index, field) in pathway.fields.iter().enumerate() {
        let die = dice.get(index % dice.len().max(1)).copied().unwrap_or_default();
        let answer = match (field.private, field.kind) {
            (true, Kind::Text | Kind::Words) => Answer::text(format!("SECRET {die}")),
            (_, Kind::YesNo) => Answer::YesNo(die % 2 == 0),
            (_, Kind::Choice) => {
                let options = field.options.len().max(1);
                let chosen = field.options.get(usize::from(die) % options);
                Answer::text(chosen.map_or("", |option| option.id.as_str()))
            }
            (_, Kind::Number) => Answer::Number(f64::from(die)),
            _ => Answer::text(format!("said {die}")),
        };
        if die % 5 == 4 && !field.private {
            continue;
        }
        let place = if field.observation { &mut record.observations } else { &mut record.answers };
        place.insert(field.id.clone(), answer);
    }
    record.answers.insert("gp-objection".to_owned(), Answer::YesNo(false));
    record.notes = autosurgeon::Text::from("SECRET notes");
    record.referral.channel = "itk111".to_owned();
    record.referral.warnings = "SECRET dog in the yard".to_owned();
    record.referral.flags = "SG".to_owned();
    record.patient.location_now = "SECRET refuge".to_owned();
    record.patient.caller = "SECRET caller".to_owned();
    let attempt = Attempt { note: "SECRET attempt".to_owned(), ..Attempt::default() };
    record.attempts.insert("1".to_owned(), attempt);
    let call = Call { note: "SECRET call".to_owned(), ..Call::default() };
    record.calls.insert("1".to_owned(), call);
    record
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_private_no_notes_and_no_warnings_are_ever_in_it(
        which in 0_usize..64,
        dice in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let all: Vec<&Pathway> = pathway::all().iter().collect();
        let pathway = all[which % all.len()];
        let record = secretive(pathway, &dice);
        let letter = gp_notice(&summarise(&record, pathway), &record, &LETTERHEAD, &Sending::default());
        let said = serde_json::to_string(&letter).expect("text");
        prop_assert!(!said.contains("SECRET"), "{}", said);
        prop_assert!(!said.to_lowercase().contains("safeguarding"), "{}", said);
    }
}
