//! Whatever is edited, merged or dated: no unlawful supply is offered, and none is signed silently as lawful.
//!
//! The oracle below is written from the law alone, with no eye on the engine.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use shared::consultation::{
    Answer, Author, Consultation, Document, Medicine, Onward, SignError, Writer, summarise,
};
use shared::ids::ConsultationId;
use shared::{pathway, supply, time};
use std::collections::BTreeSet;

/// Monday 23 November 2026, noon.
const AT: i64 = 1_795_435_200_000;
const DAY: i64 = 86_400_000;
const LINE: &str = "0b5c9f0e-0000-4000-8000-000000000001";

fn writer(byte: u8) -> Writer {
    let author =
        Author { name: format!("Pharmacist {byte}"), role: "pharmacist".to_owned(), ..Author::default() };
    Writer { actor: [byte; 16], author }
}

/// Name, code, level, class, schedule, kind, groups, ingredients.
const PRODUCTS: [[&str; 8]; 11] = [
    ["Ramipril 5mg capsules", "1", "VMP", "POM", "0000", "medicine", "", "1|Ramipril"],
    ["Morphine 10mg tablets", "2", "VMP", "POM", "0002", "medicine", "", "1|Morphine sulfate"],
    ["Pregabalin 75mg capsules", "3", "VMP", "POM", "0005", "medicine", "", "1|Pregabalin"],
    ["Phenobarbital 30mg tablets", "4", "VMP", "POM", "0006", "medicine", "phenobarbital", "1|Phenobarbital"],
    ["Codeine 30mg tablets", "5", "VMP", "POM", "0010", "medicine", "", "1|Codeine phosphate"],
    ["Piracetam 800mg tablets", "6", "VMP", "POM", "0000", "medicine", "", "1|Piracetam"],
    ["Salbutamol inhaler", "7", "VMP", "POM", "0000", "medicine", "inhaler", "1|Salbutamol"],
    ["Desogestrel 75microgram", "8", "VMP", "POM", "0000", "medicine", "oral-contraceptive", "1|Desogestrel"],
    ["Amoxicillin suspension", "9", "VMP", "POM", "0000", "medicine", "liquid-antibiotic", "1|Amoxicillin"],
    ["Stoma bag", "10", "VMP", "none", "0000", "appliance", "", ""],
    ["Something typed", "", "", "", "", "", "", ""],
];

/// Questions of a line, and what somebody may answer.
const ASKED: [(&str, &[&str]); 14] = [
    ("request-reason", &["not-ordered", "away", ""]),
    ("immediate-need", &["yes", "no", ""]),
    ("previously-prescribed", &["yes", "no", ""]),
    ("prescriber", &["uk", "eea", "other", ""]),
    ("evidence", &["gp-record", "told", ""]),
    ("dose-safe", &["yes", "no", ""]),
    ("earlier-supply", &["no", "yes", "unknown"]),
    ("epilepsy", &["yes", "no", ""]),
    ("smallest-pack", &["200", "lots", ""]),
    ("one-cycle", &["28", "84", ""]),
    ("full-course", &["yes", "no", ""]),
    ("typed-class", &["POM", "unknown", ""]),
    ("typed-schedule", &["none", "3", "4", "unknown"]),
    ("typed-excluded", &["no", "yes", ""]),
];
const ANSWERS: [(&str, &[&str]); 4] = [
    ("setting", &["premises", "patients-home", "care-home", "remote", ""]),
    ("interviewed", &["patient", "representative", "nobody", ""]),
    ("impracticable", &["yes", "no", ""]),
    ("prescription-found", &["none", "found", "could-not-look", ""]),
];
const WARNINGS: [&str; 6] =
    ["misuse", "prescription-found", "earlier-supply", "away-from-home", "patients-word", "typed-in-words"];

fn put_product(line: &mut Medicine, index: usize) {
    let [name, code, level, class, schedule, kind, groups, ingredients] =
        PRODUCTS[index % PRODUCTS.len()].map(str::to_owned);
    (line.name, line.code, line.level, line.legal_class) = (name, code, level, class);
    (line.schedule, line.product_kind, line.groups, line.ingredients) = (schedule, kind, groups, ingredients);
}

fn answer(record: &mut Consultation, id: &str, text: &str) {
    match text {
        "" => drop(record.answers.remove(id)),
        "yes" => drop(record.answers.insert(id.to_owned(), Answer::YesNo(true))),
        "no" => drop(record.answers.insert(id.to_owned(), Answer::YesNo(false))),
        text => drop(record.answers.insert(id.to_owned(), Answer::text(text))),
    }
}

/// A supply of 30 capsules in the pharmacy, with everything asked.
fn lawful() -> Consultation {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let id = ConsultationId::from_bytes([5; 16]);
    let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@2", AT);
    record.referral.received_at = time::stored(AT - 3_600_000);
    "1952-03-04".clone_into(&mut record.patient.birth_date);
    "male".clone_into(&mut record.patient.sex);
    for (id, said) in ANSWERS {
        answer(&mut record, id, if id == "impracticable" { "yes" } else { said[0] });
    }
    let mut line = Medicine {
        quantity: "30".to_owned(),
        unit: "capsule".to_owned(),
        days: "30".to_owned(),
        directions: "One in the morning".to_owned(),
        supplied_from: "premises".to_owned(),
        supply_type: supply::EMERGENCY_SUPPLY.to_owned(),
        decision: supply::SUPPLIED.to_owned(),
        supplied_at: time::stored(AT),
        ..Medicine::default()
    };
    put_product(&mut line, 0);
    for (id, said) in ASKED {
        line.asked.insert(id.to_owned(), said[0].to_owned());
    }
    supply::confirm(&mut line);
    record.medicines.insert(LINE.to_owned(), line);
    record
}

/// One edit of one device. Every third leaves the line unconfirmed, as a merge or a fault would.
fn edit(record: &mut Consultation, what: u8, which: usize, value: usize) {
    let mut line = record.medicines.get(LINE).cloned().unwrap_or_default();
    let pick = |offered: &[&str]| offered[value % offered.len()].to_owned();
    match what % 12 {
        0 => put_product(&mut line, which),
        1..=3 => {
            let (id, said) = ASKED[which % ASKED.len()];
            line.asked.insert(id.to_owned(), pick(said));
        }
        4 | 5 => {
            let (id, said) = ANSWERS[which % ANSWERS.len()];
            answer(record, id, said[value % said.len()]);
        }
        6 => drop(line.judged.insert(WARNINGS[which % WARNINGS.len()].to_owned(), pick(&["because", " "]))),
        7 => line.days = pick(&["5", "6", "30", "31", "", "a week"]),
        8 => line.quantity = pick(&["28", "30", "84", "200", "400", "-1", ""]),
        9 => line.supplied_from = pick(&["premises", "collected", "delivered", "patients-home", ""]),
        10 => {
            let days = [-1_i64, 0, 1, -6_000][value % 4];
            line.supplied_at = if value % 5 == 4 { String::new() } else { time::stored(AT + days * DAY) };
        }
        _ => {
            line.exception = pick(&["", "Given in error, found the same evening"]);
            let circumstances = supply::Circumstances::of(record, date(2026, 11, 23));
            line.broken_rules = if line.exception.is_empty() {
                String::new()
            } else {
                supply::review(&line, &circumstances).broken_rules()
            };
        }
    }
    if which % 3 != 2 {
        supply::confirm(&mut line);
    }
    record.medicines.insert(LINE.to_owned(), line);
}

/// What must hold of an emergency supply by the law and the service; says nothing of what more is asked.
fn is_lawful(record: &Consultation, line: &Medicine, day: Date) -> bool {
    let asked = |id: &str| line.asked.get(id).map_or("", |text| text.trim());
    let judged = |id: &str| line.judged.get(id).is_some_and(|text| !text.trim().is_empty());
    let said = |id: &str| record.answers.get(id).and_then(Answer::as_text).unwrap_or_default();
    let typed = line.code.is_empty();
    let schedule = match line.schedule.as_str() {
        "0000" => 0,
        "0001" => 1,
        "0002" | "0003" => 2,
        "0004" | "0005" | "0006" | "0007" => 3,
        "0008" | "0009" => 4,
        "0010" => 5,
        _ if asked("typed-schedule") == "none" => 0,
        _ => asked("typed-schedule").parse().unwrap_or(1),
    };
    let appliance = line.product_kind == "appliance";
    let phenobarbital = line.groups.contains("phenobarbital");
    let drug = if phenobarbital && schedule == 3 {
        asked("epilepsy") == "yes" && asked("prescriber") != "eea"
    } else {
        schedule == 0 || schedule > 3
    };
    let substance = !line.name.to_lowercase().contains("piracetam")
        && !line.ingredients.to_lowercase().contains("piracetam")
        && (!typed || asked("typed-excluded") == "no");
    let class = line.legal_class == "POM" || appliance || (typed && asked("typed-class") == "POM");
    let interview = ["patient", "representative"].contains(&said("interviewed"))
        && record.answers.get("impracticable") == Some(&Answer::YesNo(true))
        && asked("immediate-need") == "yes"
        && asked("previously-prescribed") == "yes"
        && ["uk", "eea"].contains(&asked("prescriber"))
        && (appliance || asked("dose-safe") == "yes");
    let prescription = said("prescription-found") != "found" || judged("prescription-found");
    let days: Option<u32> = line.days.parse().ok();
    let quantity: f64 = line.quantity.parse().unwrap_or(-1.0);
    let little = if schedule >= 3 {
        days.is_some_and(|days| days <= 5)
    } else if line.groups.contains("inhaler") {
        quantity <= asked("smallest-pack").parse().unwrap_or(0.0)
    } else if line.groups.contains("oral-contraceptive") {
        asked("one-cycle") == "28" && quantity <= 28.0
    } else if line.groups.contains("liquid-antibiotic") {
        asked("full-course") == "yes"
    } else {
        days.is_some_and(|days| days <= 30)
    };
    let place = match line.supplied_from.as_str() {
        "premises" => said("setting") == "premises",
        "collected" | "delivered" => !said("setting").is_empty(),
        _ => false,
    };
    let misused = schedule < 4 || judged("misuse");
    let earlier = asked("earlier-supply") == "no" || judged("earlier-supply");
    day >= date(2012, 8, 14)
        && drug
        && substance
        && class
        && interview
        && prescription
        && quantity > 0.0
        && little
        && place
        && misused
        && earlier
}

/// All that the rules read of a line, as it was when somebody confirmed it.
fn seen(line: &Medicine) -> String {
    format!("{line:?}")
}

#[derive(Debug, Clone)]
enum Step {
    Edit {
        device: bool,
        what: u8,
        which: usize,
        value: usize,
    },
    /// The devices meet.
    Meet,
    /// The device's clock is off by so many days when it is signed.
    Sign {
        device: bool,
        days_off: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<bool>(), any::<u8>(), 0_usize..60, 0_usize..20)
            .prop_map(|(device, what, which, value)| Step::Edit { device, what, which, value }),
        2 => Just(Step::Meet),
        1 => (any::<bool>(), -2_i64..3).prop_map(|(device, days_off)| Step::Sign { device, days_off }),
    ]
}

fn meet(one: &mut Document, two: &mut Document) {
    let (here, there) = (one.changes_since(&[]), two.changes_since(&[]));
    one.apply(there).expect("merges");
    two.apply(here).expect("merges");
}

/// No offer of an unlawful supply, on any of these days, and none that nobody has seen whole.
fn offers_nothing_unlawful(document: &Document, confirmed: &BTreeSet<String>) {
    let record = document.read().expect("a record");
    for line in record.medicines.values() {
        for today in [date(2012, 8, 13), date(2026, 11, 22), date(2026, 11, 23), date(2027, 3, 1)] {
            let review = supply::review(line, &supply::Circumstances::of(&record, today));
            if review.may_be_made() {
                assert!(is_lawful(&record, line, today), "on {today}: {line:?} {:?}", record.answers);
                assert!(confirmed.contains(&seen(line)), "nobody saw this: {line:?}");
            }
        }
    }
    let told = format!("{:?}", summarise(&record, pathway::find(&record.pathway).expect("a pathway")));
    for line in record.medicines.values().filter(|line| line.decision == "supplied") {
        let day = time::read(&line.supplied_at).map(time::day);
        let shown = day.is_some_and(|day| is_lawful(&record, line, day)) && line.exception.is_empty();
        if !shown {
            assert!(told.contains("Not every supply is shown to be within the rules"), "{line:?}");
            assert!(!supply::is_claimable(&record), "an unlawful supply is never claimed");
        }
    }
}

/// After a signature that was not refused: each supply is lawful on its own day, or an exception that says why.
fn signed_nothing_silently(record: &Consultation, today: Date) {
    for line in record.medicines.values().filter(|line| line.decision == "supplied") {
        let day = time::read(&line.supplied_at).map(time::day).expect("a supply has its day");
        assert!(day <= today, "signed as supplied in the future");
        if line.exception.trim().is_empty() {
            assert!(is_lawful(record, line, day), "signed as lawful: {line:?}");
        } else {
            assert!(!line.broken_rules.is_empty(), "an exception says what it broke: {line:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_sequence_of_edits_merges_or_clock_changes_offers_an_unlawful_supply_or_signs_one_silently(
        steps in prop::collection::vec(step(), 1..14)
    ) {
        let mut one = Document::create(AT, &writer(1), &lawful()).expect("made");
        let mut two = one.clone();
        let mut confirmed = BTreeSet::from([seen(&lawful().medicines[LINE])]);
        for (index, step) in steps.into_iter().enumerate() {
            let at = AT + 1_000 * (index as i64 + 1);
            match step {
                Step::Edit { device, what, which, value } => {
                    let (document, byte) = if device { (&mut one, 1) } else { (&mut two, 2) };
                    document
                        .edit(at, &writer(byte), |record| edit(record, what, which, value))
                        .expect("an edit");
                    let line = document.read().expect("a record").medicines[LINE].clone();
                    if supply::is_confirmed(&line) {
                        confirmed.insert(seen(&line));
                    }
                }
                Step::Meet => meet(&mut one, &mut two),
                Step::Sign { device, days_off } => {
                    let (document, byte) = if device { (&mut one, 1) } else { (&mut two, 2) };
                    let at = at + days_off * DAY;
                    match document.sign(at, &writer(byte), "2074123", false) {
                        Ok(_) => {
                            signed_nothing_silently(&document.read().expect("a record"), time::day(at));
                            return Ok(());
                        }
                        Err(SignError::Medicines(_) | SignError::Disputed(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            offers_nothing_unlawful(&one, &confirmed);
            offers_nothing_unlawful(&two, &confirmed);
        }
    }
}

#[test]
fn a_lawful_supply_is_offered_signed_and_claimed() {
    let record = lawful();
    let review =
        supply::review(&record.medicines[LINE], &supply::Circumstances::of(&record, date(2026, 11, 23)));
    assert!(review.may_be_made(), "{review:?}");
    assert!(is_lawful(&record, &record.medicines[LINE], date(2026, 11, 23)));
    assert_eq!(supply::before_signing(&record, date(2026, 11, 23)), Vec::new());
    assert!(supply::is_claimable(&record));
    let mut document = Document::create(AT, &writer(1), &record).expect("made");
    document.sign(AT + 1_000, &writer(1), "2074123", false).expect("signed");
}

#[test]
fn two_devices_that_changed_one_supply_apart_look_at_it_again_before_it_is_signed() {
    let mut one = Document::create(AT, &writer(1), &lawful()).expect("made");
    let mut two = one.clone();
    let change = |record: &mut Consultation, change: fn(&mut Medicine)| {
        let line = record.medicines.get_mut(LINE).expect("the line");
        change(line);
        supply::confirm(line);
    };
    one.edit(AT + 1, &writer(1), |record| change(record, |line| line.days = "14".to_owned()))
        .expect("an edit");
    two.edit(AT + 2, &writer(2), |record| change(record, |line| line.quantity = "14".to_owned()))
        .expect("an edit");
    meet(&mut one, &mut two);
    assert_eq!(one.clashes().expect("read"), Vec::new(), "they changed different things");
    let record = one.read().expect("a record");
    assert!(!supply::is_confirmed(&record.medicines[LINE]));
    let refused = one.sign(AT + 3_000, &writer(1), "2074123", false).expect_err("not looked at");
    assert!(matches!(refused, SignError::Medicines(1)), "{refused}");
    one.edit(AT + 4_000, &writer(1), |record| change(record, |_| {})).expect("looked at");
    one.sign(AT + 5_000, &writer(1), "2074123", false).expect("signed");
}

#[test]
fn a_supply_that_has_happened_is_signed_as_an_exception_and_never_claimed() {
    let mut record = lawful();
    let line = record.medicines.get_mut(LINE).expect("the line");
    put_product(line, 2);
    supply::confirm(line);
    let today = date(2026, 11, 23);
    let problems = supply::before_signing(&record, today);
    assert!(
        problems[0].words.contains("Schedule 1, 2 or 3") && problems[0].words.contains("regulation 225"),
        "{problems:?}"
    );
    let broken =
        supply::review(&record.medicines[LINE], &supply::Circumstances::of(&record, today)).broken_rules();
    assert_eq!(broken, "schedule-1-3");
    let line = record.medicines.get_mut(LINE).expect("the line");
    line.exception = "Given by the locum before the schedule was seen".to_owned();
    line.broken_rules = broken;
    supply::confirm(line);
    assert_eq!(supply::before_signing(&record, today), Vec::new());
    assert!(!supply::is_claimable(&record));
    let found = supply::exceptions(&record);
    assert_eq!(found.len(), 1);
    assert!(found[0].against[0].contains("controlled drug of Schedule 1, 2 or 3"), "{found:?}");
    let told = summarise(&record, pathway::find(&record.pathway).expect("a pathway"));
    let words = told.words("clinical-summary").expect("always there");
    assert_eq!(words.lines().nth(1), Some("Not every supply is shown to be within the rules"), "{words}");
    let advice = told.words("information-and-advice-given").expect("the line");
    assert!(advice.contains("outside the rules: Given by the locum"), "{advice}");
}

#[test]
fn an_exception_whose_broken_rules_are_not_what_the_rules_say_is_looked_at_again() {
    let mut record = lawful();
    let line = record.medicines.get_mut(LINE).expect("the line");
    line.exception = "A mark by mistake".to_owned();
    line.broken_rules = "over-maximum".to_owned();
    supply::confirm(line);
    let problems = supply::before_signing(&record, date(2026, 11, 23));
    assert!(problems[0].words.contains("the rules allow it"), "{problems:?}");
    let line = record.medicines.get_mut(LINE).expect("the line");
    line.days = "60".to_owned();
    line.broken_rules = "schedule-1-3".to_owned();
    supply::confirm(line);
    let problems = supply::before_signing(&record, date(2026, 11, 23));
    assert!(problems[0].words.contains("has changed"), "{problems:?}");
}

#[test]
fn a_supply_dated_in_the_future_or_before_the_referral_is_shown() {
    let with = |supplied_at: i64| {
        let mut record = lawful();
        let line = record.medicines.get_mut(LINE).expect("the line");
        line.supplied_at = time::stored(supplied_at);
        supply::confirm(line);
        supply::before_signing(&record, date(2026, 11, 23))
    };
    assert!(with(AT + DAY)[0].words.contains("24 Nov 2026, which is in the future"));
    assert!(with(AT - 2 * 3_600_000)[0].words.contains("before the referral came"));
    assert_eq!(with(AT), Vec::new());
}

#[test]
fn what_is_open_or_refused_without_a_coded_reason_holds_up_the_signature() {
    let with = |decision: &str, coded: &str, words: &str| {
        let mut record = lawful();
        let line = record.medicines.get_mut(LINE).expect("the line");
        line.decision = decision.to_owned();
        line.no_supply_reason = coded.to_owned();
        line.reason = words.to_owned();
        supply::confirm(line);
        supply::before_signing(&record, date(2026, 11, 23)).len()
    };
    assert_eq!(with("", "", ""), 1);
    assert_eq!(with("refused", "", "No stock"), 1);
    assert_eq!(with("refused", "not-in-stock", ""), 0);
    assert_eq!(with("refused", "other", ""), 1);
    assert_eq!(with("refused", "other", "Moved abroad"), 0);
    assert_eq!(with("referred", "", ""), 0);
    assert_eq!(with("given", "", ""), 1, "no such decision");
}

#[test]
fn the_rest_of_a_part_supply_goes_to_another_pharmacy() {
    let mut record = lawful();
    let line = record.medicines.get_mut(LINE).expect("the line");
    line.owed = "14 capsules".to_owned();
    supply::confirm(line);
    assert_eq!(supply::before_signing(&record, date(2026, 11, 23)).len(), 1);
    record.onward = Onward { service: "pharmacy".to_owned(), ..Onward::default() };
    assert_eq!(supply::before_signing(&record, date(2026, 11, 23)), Vec::new());
    let facts = pathway::Facts::of(&record);
    assert!(facts.lines.contains("supplied") && facts.lines.contains("owed"));
}

#[test]
fn in_an_older_kind_of_consultation_no_supply_is_signed() {
    let mut record = lawful();
    record.pathway = "urgent-medicine-supply@1".to_owned();
    let problems = supply::before_signing(&record, date(2026, 11, 23));
    assert!(problems[0].words.contains("not recorded in this kind of consultation"), "{problems:?}");
}

#[test]
fn a_supply_that_the_rules_do_not_carry_is_no_supplied_line_to_the_pathway() {
    let mut record = lawful();
    record.answers.insert("interviewed".to_owned(), Answer::text("nobody"));
    assert!(pathway::Facts::of(&record).lines.contains("open"));
    record.medicines.get_mut(LINE).expect("the line").exception = "It was given".to_owned();
    assert!(pathway::Facts::of(&record).lines.contains("exception"));
}

#[test]
fn a_prescription_that_a_look_up_found_counts_as_found() {
    let mut record = lawful();
    let look = shared::consultation::Lookup {
        kind: "prescription".to_owned(),
        result: "found".to_owned(),
        ..Default::default()
    };
    record.lookups.insert("1".to_owned(), look);
    let review =
        supply::review(&record.medicines[LINE], &supply::Circumstances::of(&record, date(2026, 11, 23)));
    assert!(review.is_open("prescription-found"), "{review:?}");
}

/// A lawful record with the same medicine, or another of its substance, on a second line.
fn with_second(name: &str, code: &str) -> Consultation {
    let mut record = lawful();
    let mut line = record.medicines[LINE].clone();
    (line.name, line.code) = (name.to_owned(), code.to_owned());
    line.recorded_at = time::stored(AT + 60_000);
    supply::confirm(&mut line);
    record.medicines.insert("0b5c9f0e-0000-4000-8000-000000000002".to_owned(), line);
    record
}

#[test]
fn a_medicine_on_two_lines_is_never_twice_what_the_law_allows() {
    let record = with_second("Ramipril 5mg capsules", "1");
    for line in record.medicines.values() {
        assert_eq!(supply::standing(&record, line), supply::Standing::Unsound);
    }
    let problems = supply::before_signing(&record, date(2026, 11, 23));
    assert!(problems.iter().any(|problem| problem.words.contains("another line")), "{problems:?}");
    assert_eq!(supply::standing(&lawful(), &lawful().medicines[LINE]), supply::Standing::Supplied);
}

#[test]
fn another_strength_of_the_same_medicine_asks_for_a_reason() {
    let mut record = with_second("Ramipril 2.5mg capsules", "12");
    let standings = |record: &Consultation| -> Vec<_> {
        record.medicines.values().map(|line| supply::standing(record, line)).collect()
    };
    assert_eq!(standings(&record), [supply::Standing::Unsound; 2]);
    for line in record.medicines.values_mut() {
        line.judged.insert("earlier-supply".to_owned(), "7.5 mg is taken as 5 and 2.5".to_owned());
        supply::confirm(line);
    }
    assert_eq!(standings(&record), [supply::Standing::Supplied; 2]);
}
