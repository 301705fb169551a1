//! The worked cases of the rules file, and promises that no single case makes.

use super::circumstances::{Circumstances, Earlier, Professional};
use super::rules::{Question, Rules, When};
use super::*;
use crate::consultation::Medicine;
use crate::ids::PersonId;
use crate::medicines::{Availability, Group, LegalClass, Level, Pack, Product, Substance};
use crate::people::{PgdAuthorisation, Role};
use jiff::civil::{Date, date};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// One worked case. What is left out is not compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    like: String,
    #[serde(default)]
    day: Option<Date>,
    #[serde(default)]
    age: Option<u16>,
    #[serde(default)]
    sex: String,
    #[serde(default)]
    role: Option<Role>,
    /// A direction for which the professional holds a signed authorisation, to its last day.
    #[serde(default)]
    authorised: String,
    #[serde(default)]
    line: toml::Table,
    #[serde(default)]
    asked: BTreeMap<String, String>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    #[serde(default)]
    judged: BTreeMap<String, String>,
    #[serde(default)]
    earlier: Vec<Before>,
    #[serde(default)]
    unconfirmed: bool,
    expect: String,
    #[serde(default)]
    basis: Option<String>,
    #[serde(default)]
    maximum: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    register: Option<bool>,
    #[serde(default)]
    refusals: Vec<String>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    open: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Before {
    day: Date,
    name: String,
    #[serde(default)]
    ingredients: String,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

fn cases() -> Vec<Case> {
    let file: Cases = toml::from_str(include_str!("../../rules/emergency-supply.toml")).expect("the rules");
    file.case
}

fn cases_of_directions() -> Vec<Case> {
    let text = include_str!("../../rules/patient-group-directions.toml");
    let file: Cases = toml::from_str(text).expect("the directions");
    file.case
}

/// The case laid over those it starts from.
fn whole(cases: &[Case], case: &Case) -> Case {
    let Some(earlier) = cases.iter().find(|one| one.name == case.like) else { return case.clone() };
    let base = whole(cases, earlier);
    let mut line = base.line;
    line.extend(case.line.clone());
    let over = |mut base: BTreeMap<String, String>, case: &BTreeMap<String, String>| {
        base.extend(case.clone());
        base.retain(|_, text| !text.is_empty());
        base
    };
    Case {
        day: case.day.or(base.day),
        age: case.age.or(base.age),
        sex: if case.sex.is_empty() { base.sex } else { case.sex.clone() },
        role: case.role.or(base.role),
        authorised: if case.authorised.is_empty() { base.authorised } else { case.authorised.clone() },
        line,
        asked: over(base.asked, &case.asked),
        answers: over(base.answers, &case.answers),
        judged: over(base.judged, &case.judged),
        ..case.clone()
    }
}

fn authorisation(key: &str) -> Option<PgdAuthorisation> {
    let (pgd, version) = key.split_once('@')?;
    let known = pgd::all().find(|direction| direction.id == pgd).expect("a direction");
    Some(PgdAuthorisation {
        id: uuid::Uuid::from_u128(7),
        person: PersonId::from_bytes([1; 16]),
        pgd: pgd.to_owned(),
        version: version.to_owned(),
        signed: known.from.to_string(),
        expires: known.to.to_string(),
        authorised_by: "Superintendent".to_owned(),
        certificate: String::new(),
    })
}

fn of(case: &Case) -> (Medicine, Circumstances) {
    let mut line: Medicine = case.line.clone().try_into().expect("fields of a medicine");
    line.asked.clone_from(&case.asked);
    line.judged.clone_from(&case.judged);
    if !case.unconfirmed {
        confirm(&mut line);
    }
    let circumstances = Circumstances {
        today: case.day.expect("a day"),
        setting: case.answers.get("setting").cloned().unwrap_or_default(),
        age: case.age,
        answers: case.answers.clone(),
        professional: case.role.map(|role| Professional {
            person: PersonId::from_bytes([1; 16]),
            role,
            authorisations: authorisation(&case.authorised).into_iter().collect(),
        }),
        sex: case.sex.clone(),
        in_this_record: Vec::new(),
        earlier: case
            .earlier
            .iter()
            .map(|one| Earlier {
                day: one.day,
                name: one.name.clone(),
                code: String::new(),
                ingredients: one.ingredients.clone(),
            })
            .collect(),
    };
    (line, circumstances)
}

fn wrong(case: &Case, review: &Review) -> Vec<String> {
    let ids = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<BTreeSet<String>>();
    let refusals = ids(review.refusals.iter().map(|one| one.id).collect());
    let warnings = ids(review.warnings.iter().map(|one| one.id).collect());
    let open = ids(review.open.iter().map(|one| one.id).collect());
    let came = match (review.may_be_made(), refusals.is_empty()) {
        (true, _) => "may-be-made",
        (false, false) => "refused",
        (false, true) => "open",
    };
    let mut wrong = Vec::new();
    if came != case.expect {
        wrong.push(format!("came to {came}: refusals {refusals:?}, open {open:?}"));
    }
    if refusals != case.refusals.iter().cloned().collect() {
        wrong.push(format!("refusals {refusals:?}"));
    }
    for (found, wanted) in [(&warnings, &case.warnings), (&open, &case.open)] {
        wrong.extend(
            wanted.iter().filter(|id| !found.contains(*id)).map(|id| format!("{id} not in {found:?}")),
        );
    }
    let basis = match review.basis {
        Basis::EmergencySupply => "emergency-supply",
        Basis::PreviouslyPrescribed => "previously-prescribed",
        Basis::Appliance => "appliance",
        Basis::PatientGroupDirection => "patient-group-direction",
        Basis::Unknown => "unknown",
    };
    let found = [
        (case.basis.clone(), basis.to_owned()),
        (case.maximum.clone(), review.maximum.map(|maximum| maximum.id).unwrap_or_default().to_owned()),
        (case.label.clone(), review.label_words.clone().unwrap_or_default()),
        (case.register.map(|due| due.to_string()), review.needs_register_entry.to_string()),
    ];
    wrong.extend(
        found
            .into_iter()
            .filter(|(wanted, found)| wanted.as_ref().is_some_and(|wanted| wanted != found))
            .map(|(wanted, found)| format!("{found}, not {wanted:?}")),
    );
    wrong
}

/// Every case that does not come to what it expects, and how.
fn all_wrong(cases: &[Case]) -> Vec<String> {
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "a name stands twice");
    let mut told = Vec::new();
    for case in cases {
        assert!(case.like.is_empty() || names.contains(case.like.as_str()), "{}: no such case", case.like);
        let case = whole(cases, case);
        let (line, circumstances) = of(&case);
        let wrong = wrong(&case, &review(&line, &circumstances));
        told.extend(wrong.into_iter().map(|what| format!("{}: {what}", case.name)));
    }
    told
}

#[test]
fn every_worked_case_of_the_emergency_supply_rules_comes_to_what_it_expects() {
    let cases = cases();
    assert!(cases.len() >= 40, "{}", cases.len());
    assert_eq!(all_wrong(&cases), Vec::<String>::new());
}

#[test]
fn every_worked_case_of_the_patient_group_directions_comes_to_what_it_expects() {
    assert_eq!(all_wrong(&cases_of_directions()), Vec::<String>::new());
}

/// Takes every answer, reason and field out of each lawful case, one at a time.
#[test]
fn whatever_is_taken_away_from_a_lawful_supply_nothing_unlawful_is_allowed() {
    let cases = [cases(), cases_of_directions()].concat();
    let mut survived = BTreeSet::new();
    for case in cases.iter().filter(|case| case.expect == "may-be-made") {
        let case = whole(&cases, case);
        for id in case.asked.keys() {
            let mut fewer = case.clone();
            fewer.asked.remove(id);
            let (line, circumstances) = of(&fewer);
            if review(&line, &circumstances).may_be_made() {
                survived.insert(format!("{}: {id}", case.name));
            }
        }
        for id in case.answers.keys() {
            let mut fewer = case.clone();
            fewer.answers.remove(id);
            let (line, circumstances) = of(&fewer);
            if review(&line, &circumstances).may_be_made() {
                survived.insert(format!("{}: {id}", case.name));
            }
        }
    }
    assert_eq!(survived, BTreeSet::new());
}

#[test]
fn every_rule_has_words_and_a_source_and_each_id_stands_once() {
    for rules in Rules::all() {
        let mut ids = BTreeSet::new();
        let refusals = rules.refusals.iter().map(|rule| (&rule.id, &rule.words, &rule.source));
        let maxima = rules.maxima.iter().map(|rule| (&rule.id, &rule.words, &rule.source));
        for (id, words, source) in refusals.clone() {
            assert!(ids.insert(id.clone()), "{id} stands twice");
            assert!(words.ends_with('.') && source.len() > 10, "{id}");
        }
        for (id, words, source) in maxima {
            assert!(!words.is_empty() && source.len() > 10, "{id}");
        }
        for rule in &rules.warnings {
            assert!(rule.words.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
        }
    }
}

/// A rule that reads a fact which nobody ever sets would stay open for ever, or never speak.
#[test]
fn every_rule_reads_only_facts_that_there_are_and_questions_read_only_what_was_asked_before() {
    for rules in Rules::all() {
        let mut known: BTreeSet<&str> = BTreeSet::from([
            "level",
            "class",
            "schedule",
            "class-by-dictionary",
            "schedule-by-dictionary",
            "professional",
            "ingredients",
            "age",
            "typed-group",
        ]);
        known.extend(rules.circumstances.iter().map(|one| one.id.as_str()));
        let check = |known: &BTreeSet<&str>, place: &str, when: &When| {
            for id in when.reads() {
                assert!(known.contains(id), "{place} reads {id}");
            }
        };
        for question in &rules.product_questions {
            check(&known, &question.id, &question.shown);
            known.insert(&question.id);
        }
        for rule in &rules.maxima {
            check(&known, &rule.id, &rule.when);
        }
        known.insert("maximum");
        for question in &rules.questions {
            check(&known, &question.id, &question.shown);
            known.insert(&question.id);
        }
        known.extend(["over-maximum", "place-allowed", "supplied-twice"]);
        for (id, when) in rules
            .refusals
            .iter()
            .map(|rule| (&rule.id, &rule.when))
            .chain(rules.warnings.iter().map(|rule| (&rule.id, &rule.when)))
            .chain(rules.bases.iter().map(|rule| (&rule.id, &rule.when)))
        {
            check(&known, id, when);
        }
        let offers = |question: &&Question| question.kind == QuestionKind::Choice;
        let questions = || rules.product_questions.iter().chain(&rules.questions);
        assert!(questions().filter(offers).all(|question| question.options.len() > 1));
    }
}

#[test]
fn the_schedules_are_those_of_the_dictionary() {
    let rules = Rules::on(date(2026, 11, 23)).expect("rules");
    let codes: Vec<&str> = rules.schedules.keys().map(String::as_str).collect();
    let all: Vec<String> = (0..=10).map(|code| format!("{code:04}")).collect();
    assert_eq!(codes, all);
}

fn product(schedule: u8, class: LegalClass, groups: &[Group], substance: &str) -> Product {
    Product {
        code: 1,
        level: Level::Vmp,
        name: format!("{substance} 1mg"),
        parent: None,
        form: "tablet".to_owned(),
        strength: "1 mg".to_owned(),
        schedule,
        legal_class: class,
        availability: Availability::Available,
        prescribing: 1,
        appliance: false,
        groups: groups.iter().copied().collect(),
        ingredients: vec![Substance { code: 1, name: substance.to_owned() }],
        packs: vec![Pack { quantity: "28".to_owned(), unit: "tablet".to_owned(), unit_code: 428_673_006 }],
    }
}

#[test]
fn a_search_hit_says_at_once_what_may_be_supplied_and_why_not() {
    let pom = LegalClass::PrescriptionOnly;
    let seen = |product: &Product| {
        let glance = at_a_glance(product);
        (glance.may_be_supplied, glance.words.unwrap_or_default())
    };
    assert_eq!(seen(&product(0, pom, &[], "Ramipril")), (Verdict::Yes, "At most 30 days".to_owned()));
    let (verdict, words) = seen(&product(5, pom, &[], "Pregabalin"));
    assert!(verdict == Verdict::No && words.contains("Schedule 1, 2 or 3"), "{words}");
    let (verdict, words) = seen(&product(0, pom, &[], "Piracetam"));
    assert!(verdict == Verdict::No && words.contains("Schedule 18"), "{words}");
    let (verdict, words) = seen(&product(6, pom, &[Group::Phenobarbital], "Phenobarbital"));
    assert!(verdict == Verdict::Limited && words.contains("only for epilepsy"), "{words}");
    let (verdict, words) = seen(&product(10, pom, &[], "Codeine phosphate"));
    assert!(verdict == Verdict::Limited && words.contains("5 days"), "{words}");
    let (verdict, words) = seen(&product(0, pom, &[Group::Inhaler], "Salbutamol"));
    assert!(verdict == Verdict::Limited && words.contains("smallest pack"), "{words}");
    assert_eq!(seen(&product(0, LegalClass::Unknown, &[], "Something")).0, Verdict::Limited);
    assert_eq!(seen(&Product { level: Level::Vtm, ..product(0, pom, &[], "Ramipril") }).0, Verdict::Limited);
}

#[test]
fn two_edits_of_one_line_that_met_are_not_confirmed() {
    let mut line = Medicine { name: "Ramipril".to_owned(), days: "5".to_owned(), ..Medicine::default() };
    assert!(!is_confirmed(&line), "nobody looked at it");
    confirm(&mut line);
    assert!(is_confirmed(&line));
    let mut other = line.clone();
    other.schedule = "0010".to_owned();
    confirm(&mut other);
    let met = Medicine { days: "28".to_owned(), ..other };
    assert!(!is_confirmed(&met));
}

#[test]
fn no_two_lines_have_one_digest_because_their_words_run_together() {
    let mut one = Medicine { name: "ab".to_owned(), code: "c".to_owned(), ..Medicine::default() };
    let mut two = Medicine { name: "a".to_owned(), code: "bc".to_owned(), ..Medicine::default() };
    confirm(&mut one);
    confirm(&mut two);
    assert_ne!(one.confirmed, two.confirmed);
    let before = one.confirmed.clone();
    one.asked.insert("x".to_owned(), "yes".to_owned());
    confirm(&mut one);
    assert_ne!(one.confirmed, before);
}

#[test]
fn quantities_and_days_are_numbers_or_say_what_to_type() {
    assert_eq!(parse_amount(" 0.5 "), Ok(0.5));
    assert_eq!(parse_days("28"), Ok(28));
    for text in ["0", "-1", "1e3", "inf", "NaN", "1,5", "two", "1.2.3", "99999999999", "."] {
        assert!(parse_amount(text).is_err(), "{text}");
        assert!(parse_days(text).is_err(), "{text}");
    }
    assert_eq!(
        parse_amount("two").unwrap_err().to_string(),
        "“two” is not a quantity. Enter a number, for example 28 or 0.5."
    );
    assert_eq!(parse_days("").unwrap_err().to_string(), "Enter for how many days it is.");
}

#[test]
fn the_amount_a_day_shows_a_slip_in_either_number() {
    let line = |quantity: &str, days: &str| Medicine {
        quantity: quantity.to_owned(),
        days: days.to_owned(),
        unit: "tablet".to_owned(),
        ..Medicine::default()
    };
    assert_eq!(a_day(&line("40", "5")).as_deref(), Some("8 tablet a day"));
    assert_eq!(a_day(&line("7", "3")).as_deref(), Some("2.33 tablet a day"));
    assert_eq!(a_day(&line("40", "")), None);
    assert_eq!(amount(&line("40", "5")), "40 tablet, 5 days");
}

#[test]
fn the_register_entry_is_due_by_the_next_day() {
    assert_eq!(register_within_days(date(2026, 11, 23)), 1);
}

#[test]
fn at_home_only_collection_and_delivery_are_offered() {
    let ids = |setting| -> Vec<&str> {
        places_offered(setting, date(2026, 11, 23)).into_iter().map(|(id, _)| id).collect()
    };
    assert_eq!(ids("premises"), ["premises", "collected", "delivered"]);
    for setting in ["patients-home", "care-home", "remote"] {
        assert_eq!(ids(setting), ["collected", "delivered"]);
    }
    assert!(ids("").is_empty());
}

#[test]
fn a_supply_under_a_direction_keeps_the_authorisation_for_a_later_reader() {
    let cases = cases_of_directions();
    let case = whole(&cases, &cases[0]);
    let (mut line, circumstances) = of(&case);
    let later = Circumstances { professional: None, ..circumstances.clone() };
    line.decision = SUPPLIED.to_owned();
    confirm(&mut line);
    assert!(review(&line, &later).is_open("not-authorised"), "nobody said who");
    let who = circumstances.professional.expect("a pharmacist");
    assert!(pgd::authorise(&mut line, &who, date(2026, 11, 23)));
    confirm(&mut line);
    assert!(review(&line, &later).may_be_made());
    assert!(!pgd::authorise(&mut line, &who, date(2027, 1, 31)), "the direction has ended");
    confirm(&mut line);
    assert!(!review(&line, &later).may_be_made());
}

#[test]
fn every_direction_that_is_held_has_a_dose_for_each_age_it_is_for() {
    for direction in pgd::all() {
        let to = direction.age_to.unwrap_or(110);
        assert!(direction.from <= direction.to && !direction.exclusions.is_empty(), "{}", direction.key());
        for age in direction.age_from..=to {
            assert!(direction.dose(age).is_some(), "{} at {age}", direction.key());
        }
        let children = direction.doses.iter().filter(|dose| dose.from_years < 18 && direction.sex.is_empty());
        // What goes on the skin is dosed by its size, not by weight.
        let on_skin = direction.doses.iter().all(|dose| dose.unit == "gram");
        assert!(on_skin || children.into_iter().all(|dose| dose.weight), "{}: weight", direction.key());
        assert!(direction.is_draft(), "{}: nobody has approved it", direction.key());
    }
}
