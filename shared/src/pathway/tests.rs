//! Promises of every pathway file, and of the engine that reads them.

use super::definition::Common;
use super::*;
use crate::consultation::{Answer, Answers};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pathways")
}

/// Every file but the common one, read straight from TOML so that an error names its line.
#[expect(clippy::disallowed_methods, reason = "the files themselves are what is tested")]
fn files() -> Vec<(String, Pathway)> {
    let common = std::fs::read_to_string(folder().join("common.toml")).expect("common.toml");
    let common: Common = toml::from_str(&common).unwrap_or_else(|error| panic!("common.toml: {error}"));
    let mut found: Vec<(String, Pathway)> = std::fs::read_dir(folder())
        .expect("the folder of pathways")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml") && !path.ends_with("common.toml"))
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("readable");
            let mut pathway: Pathway =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(
                pathway.include(&common),
                Vec::<String>::new(),
                "{name} includes groups that are not there"
            );
            (name, pathway)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn given(pathway: &Pathway, case: &Case) -> (Answers, Answers, Facts) {
    let Given { answers, observations, facts } = Given::of(pathway, case);
    (answers, observations, facts)
}

fn reached(assessment: &Assessment<'_>) -> String {
    assessment.verdict.outcome().map_or_else(|| "incomplete".to_owned(), |outcome| outcome.id.clone())
}

fn wrong_cases(name: &str, pathway: &Pathway) -> Vec<String> {
    let differences = |case: &Case| case.differences(pathway, &Given::of(pathway, case));
    let cases =
        pathway.cases.iter().flat_map(|case| differences(case).into_iter().map(move |one| (case, one)));
    cases.map(|(case, told)| format!("{name}, case “{}”: {told}", case.name)).collect()
}

#[test]
fn every_file_parses_and_nothing_is_wrong_with_it() {
    let problems: Vec<String> = files()
        .iter()
        .flat_map(|(name, pathway)| {
            check(pathway).into_iter().map(move |problem| format!("{name}: {problem}"))
        })
        .collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn every_worked_case_comes_to_what_it_expects() {
    let wrong: Vec<String> = files().iter().flat_map(|(name, pathway)| wrong_cases(name, pathway)).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_is_embedded_is_what_the_files_say() {
    let written: Vec<Pathway> = files().into_iter().map(|(_, pathway)| pathway).collect();
    assert_eq!(all(), written);
}

#[test]
fn no_two_files_claim_the_same_version_of_a_pathway() {
    let keys: Vec<String> = all().iter().map(Pathway::key).collect();
    let distinct: std::collections::BTreeSet<&String> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len(), "{keys:?}");
}

#[test]
fn the_first_two_services_are_there_and_their_content_is_a_draft() {
    let minor = find("minor-illness@1").expect("minor illness");
    let urgent = current(Strand::UrgentMedicineSupply).expect("urgent supply");
    assert_eq!((minor.strand.code(), urgent.key().as_str()), ("MI", "urgent-medicine-supply@2"));
    let day = jiff::civil::date(2026, 12, 1);
    assert!(!minor.clinical.is_live(day) && !urgent.clinical.is_live(day));
}

#[test]
fn an_approved_pathway_is_live_on_its_days_alone_and_a_draft_never() {
    let mut clinical = find("minor-illness@1").expect("minor illness").clinical.clone();
    let (first, last) = (clinical.valid_from, clinical.valid_to);
    assert!(!clinical.is_live(first), "a draft");
    clinical.status = ClinicalStatus::Approved;
    let days = [first.yesterday(), Ok(first), Ok(last), last.tomorrow()];
    let live = days.map(|day| clinical.is_live(day.expect("a day")));
    assert_eq!(live, [false, true, true, false]);
}

/// Takes away, then flips, each red flag of every calm case.
#[test]
fn no_calm_outcome_survives_a_red_flag_that_is_unanswered_or_present() {
    let mut survived = Vec::new();
    for (name, pathway) in files() {
        for case in &pathway.cases {
            let (answers, observations, facts) = given(&pathway, case);
            let before = assess(&pathway, &answers, &observations, &facts);
            let calm = before.verdict.outcome().is_some_and(|o| !o.emergency && o.closing.is_none());
            let stood_down = answers.contains_key("emergency-action");
            for question in before.sections.iter().flat_map(|state| &state.questions) {
                let field = question.field;
                if !calm || stood_down || field.red_flag.is_none() {
                    continue;
                }
                let mut fewer = answers.clone();
                fewer.remove(&field.id);
                let unanswered = reached(&assess(&pathway, &fewer, &observations, &facts));
                let mut present = answers.clone();
                present.insert(field.id.clone(), Answer::YesNo(true));
                let emergency = assess(&pathway, &present, &observations, &facts);
                if unanswered != "incomplete" || !emergency.verdict.outcome().is_some_and(|o| o.emergency) {
                    survived.push(format!("{name}, {}: {}", case.name, field.id));
                }
            }
        }
    }
    assert_eq!(survived, Vec::<String>::new());
}

/// Takes each answer out of every complete case: either it was not required, or signing waits for it.
#[test]
fn no_required_answer_can_be_taken_away_unnoticed() {
    let mut unnoticed = Vec::new();
    for (name, pathway) in files() {
        for case in pathway.cases.iter().filter(|case| case.may_sign == Some(true)) {
            let (answers, observations, facts) = given(&pathway, case);
            let whole = assess(&pathway, &answers, &observations, &facts);
            let needs = whole.verdict.outcome().and_then(|outcome| outcome.needs.clone());
            for question in whole.sections.iter().flat_map(|state| &state.questions) {
                let id = &question.field.id;
                let needed = needs.as_ref().is_none_or(|needs| needs.contains(id));
                let (mut fewer, mut measured) = (answers.clone(), observations.clone());
                for store in [&mut fewer, &mut measured] {
                    store.retain(|key, _| key != id && !key.starts_with(&format!("{id}.")));
                }
                let without = assess(&pathway, &fewer, &measured, &facts);
                let same = without.verdict.outcome() == whole.verdict.outcome();
                if question.required && needed && same && without.may_sign {
                    unnoticed.push(format!("{name}, {}: {id}", case.name));
                }
            }
        }
    }
    assert_eq!(unnoticed, Vec::<String>::new());
}

#[test]
fn no_file_lets_a_medicine_be_supplied_but_by_the_rules() {
    let refused = serde_json::from_str::<Decision>("\"supplied\"").expect_err("no such word");
    assert!(refused.to_string().contains("recommended"));
    let by =
        |rules| all().iter().filter(move |pathway| pathway.medicines.rules == Some(rules)).map(Pathway::key);
    let emergency: Vec<String> = by(SupplyRules::EmergencySupply).collect();
    assert_eq!(emergency, ["urgent-medicine-supply@2"]);
    let clinical = all().iter().filter(|pathway| pathway.strand == Strand::ClinicalPathway).map(Pathway::key);
    assert!(by(SupplyRules::PatientGroupDirections).all(|key| clinical.clone().any(|one| one == key)));
    let mut first = find("urgent-medicine-supply@1").expect("the first version").clone();
    first.outcomes[0].when = Condition::Line("supplied".to_owned());
    assert!(places(&first).iter().any(|told| told.contains("names no rules for a supply")));
}

#[test]
fn away_from_the_pharmacy_no_medicine_is_handed_over() {
    let offered = |pathway: &Pathway, setting: &str| -> Vec<String> {
        let answers = Answers::from([("setting".to_owned(), Answer::text(setting))]);
        let assessment = assess(pathway, &answers, &Answers::new(), &Facts::default());
        assessment.supplied_from.iter().map(|place| place.id.clone()).collect()
    };
    let minor = find("minor-illness@1").expect("minor illness");
    assert_eq!(offered(minor, "premises"), ["premises", "collected", "delivered"]);
    for pathway in all() {
        for setting in ["", "patients-home", "care-home", "remote"] {
            let from = offered(pathway, setting);
            assert!(from.iter().all(|place| place != "premises"), "{} at {setting}", pathway.key());
        }
    }
}

#[test]
fn a_file_that_hands_over_in_the_home_is_refused() {
    let mut pathway = find("minor-illness@1").expect("minor illness").clone();
    pathway.medicines.supplied_from[2].id = "patients-home".to_owned();
    assert!(places(&pathway)[0].starts_with("medicines, supplied-from patients-home: "));
    pathway.medicines.supplied_from.clear();
    assert!(places(&pathway)[0].starts_with("medicines: "));
}

// A small pathway of no service, to show the engine's rules one at a time.

const FEVER: &str = r#"
id = "fever"
version = 1
title = "Fever"
strand = "MI"
service = { code = "0", display = "A service of the tests" }
clinical = { status = "draft", approver = "", sources = ["the tests"], valid-from = "2026-01-01", valid-to = "2026-12-31" }
medicines = { decisions = [], note = "" }

[[section]]
id = "first"
title = "First"

[[section]]
id = "second"
title = "Second"

[[field]]
id = "stridor"
section = "first"
label = "Noisy breathing?"
kind = "yes-no"
required = "always"
red-flag = { action = "Call 999 now." }

[[field]]
id = "temperature"
section = "second"
label = "Temperature"
kind = "number"
number = { unit = "°C", ucum = "Cel", min = 30, max = 43, decimals = 1 }
required = "always"
observation = true

[[field]]
id = "pus"
section = "second"
label = "Pus?"
kind = "yes-no"
required = "always"

[[field]]
id = "where"
section = "second"
label = "Where?"
kind = "choice"
shown = { is = ["pus", true] }
required = "always"
options = [{ id = "left", label = "Left" }, { id = "right", label = "Right" }]

[[score]]
id = "points"
label = "Points"
points = [{ when = { at-least = ["temperature", 38] }, add = 2 }, { when = { is = ["pus", true] }, add = 1 }]

[[outcome]]
id = "emergency"
label = "Call 999"
emergency = true
when = "any-red-flag"
needs = []

[[outcome]]
id = "refer"
label = "Refer"
when = { score-at-least = ["points", 2] }

[[outcome]]
id = "advice"
label = "Advice"
when = "otherwise"

[[case]]
name = "emergency"
given = { stridor = true }
expect = "emergency"

[[case]]
name = "refer"
given = { stridor = false, temperature = 39 }
expect = "refer"

[[case]]
name = "advice"
given = { stridor = false, temperature = 37, pus = false }
expect = "advice"
"#;

fn fever() -> Pathway {
    toml::from_str(FEVER).expect("the file of the tests")
}

fn places(pathway: &Pathway) -> Vec<String> {
    check(pathway).into_iter().map(|problem| problem.to_string()).collect()
}

fn answered(stridor: Option<bool>, temperature: Option<f64>, pus: Option<bool>) -> (Answers, Answers) {
    let mut answers = Answers::new();
    answers.extend(stridor.map(|yes| ("stridor".to_owned(), Answer::YesNo(yes))));
    answers.extend(pus.map(|yes| ("pus".to_owned(), Answer::YesNo(yes))));
    let observations = temperature.map(|value| ("temperature".to_owned(), Answer::Number(value)));
    (answers, observations.into_iter().collect())
}

fn verdict_of(stridor: Option<bool>, temperature: Option<f64>, pus: Option<bool>) -> String {
    let (answers, observations) = answered(stridor, temperature, pus);
    reached(&assess(&fever(), &answers, &observations, &Facts::default()))
}

#[test]
fn the_file_of_the_tests_is_sound() {
    assert_eq!(places(&fever()), Vec::<String>::new());
    assert_eq!(wrong_cases("the tests", &fever()), Vec::<String>::new());
}

#[test]
fn unanswered_is_not_no() {
    assert_eq!(verdict_of(None, Some(37.0), Some(false)), "incomplete");
    assert_eq!(verdict_of(Some(false), None, Some(false)), "incomplete");
    assert_eq!(verdict_of(Some(false), Some(37.0), Some(false)), "advice");
}

#[test]
fn a_score_that_is_already_high_enough_does_not_wait_for_the_rest() {
    assert_eq!(verdict_of(Some(false), Some(39.0), None), "refer");
}

#[test]
fn an_emergency_waits_for_nothing() {
    let (answers, observations) = answered(Some(true), None, None);
    let pathway = fever();
    let assessment = assess(&pathway, &answers, &observations, &Facts::default());
    assert!(assessment.may_sign && assessment.emergency_may_sign);
    assert_eq!(assessment.red_flags[0].action, "Call 999 now.");
    assert_eq!(assessment.later.len(), 2, "temperature and pus may follow");
}

#[test]
fn an_implausible_number_counts_as_unanswered_and_says_why() {
    let (answers, observations) = answered(Some(false), Some(3.8), Some(false));
    let pathway = fever();
    let assessment = assess(&pathway, &answers, &observations, &Facts::default());
    assert_eq!(assessment.verdict, Verdict::Incomplete);
    assert_eq!(assessment.missing[0].gap, Gap::Implausible { min: 30.0, max: 43.0 });
}

#[test]
fn a_choice_that_is_not_offered_counts_as_unanswered() {
    let (mut answers, observations) = answered(Some(false), Some(37.0), Some(true));
    answers.insert("where".to_owned(), Answer::text("middle"));
    let pathway = fever();
    let assessment = assess(&pathway, &answers, &observations, &Facts::default());
    assert_eq!(assessment.missing[0].gap, Gap::NotOffered);
}

#[test]
fn an_outcome_names_the_answers_that_led_to_it() {
    let (answers, observations) = answered(Some(true), None, None);
    let pathway = fever();
    let assessment = assess(&pathway, &answers, &observations, &Facts::default());
    let Verdict::Reached { because, .. } = assessment.verdict else { panic!("an emergency") };
    assert_eq!(because, [Because { field: "stridor", label: "Noisy breathing?", answer: "yes".to_owned() }]);
}

#[test]
fn progress_counts_what_is_asked_and_required() {
    let (answers, observations) = answered(Some(false), None, Some(true));
    let pathway = fever();
    let assessment = assess(&pathway, &answers, &observations, &Facts::default());
    let counts: Vec<_> = assessment.sections.iter().map(|state| (state.answered, state.of)).collect();
    assert_eq!(counts, [(1, 1), (1, 3)], "where the pus is has become a question");
}

#[test]
fn a_misspelt_condition_is_refused_by_name_with_what_is_allowed() {
    let text = FEVER.replace("at-least", "at-leest");
    let refused = toml::from_str::<Pathway>(&text).expect_err("misspelt").to_string();
    assert!(refused.contains("at-leest") && refused.contains("`at-least`"), "{refused}");
}

#[test]
fn a_group_that_is_not_there_is_named() {
    let mut pathway = fever();
    pathway.sections[0].include = vec!["consent@99".to_owned()];
    assert_eq!(pathway.include(&Common { groups: Vec::new() }), ["consent@99"]);
}

#[test]
fn an_unknown_key_is_refused_by_name() {
    let text = FEVER.replace("observation = true", "observatoin = true");
    let refused = toml::from_str::<Pathway>(&text).expect_err("misspelt").to_string();
    assert!(refused.contains("observatoin") && refused.contains("`observation`"), "{refused}");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut pathway = fever();
    pathway.fields[2].section = "third".to_owned();
    pathway.fields[3].shown = Condition::Is("puss".to_owned(), Answer::YesNo(true));
    pathway.outcomes.swap(0, 1);
    pathway.cases.pop();
    let told = places(&pathway);
    assert_eq!(
        told,
        [
            "field pus: there is no section third",
            "field where: it reads puss, which is not a field",
            "outcome emergency: emergencies stand above every other outcome",
            "outcome advice: no worked case ends in it",
        ]
    );
}

#[test]
fn a_code_that_gp_systems_refuse_is_found_before_it_is_sent() {
    let mut pathway = fever();
    let saturation =
        Code { code: "431314004".to_owned(), display: "Peripheral oxygen saturation".to_owned() };
    pathway.fields[1].snomed = Some(saturation);
    assert!(places(&pathway)[0].contains("travels as words"));
}

#[test]
fn a_question_that_shows_itself_is_found() {
    let mut pathway = fever();
    pathway.fields[2].shown = Condition::Answered("where".to_owned());
    assert!(places(&pathway).iter().any(|told| told.contains("depends on it")));
}

#[test]
fn no_condition_of_a_clinical_pathway_can_be_altered_without_a_worked_case_noticing() {
    let clinical = all().iter().filter(|pathway| pathway.strand == Strand::ClinicalPathway);
    let unnoticed: Vec<String> = clinical
        .flat_map(|pathway| {
            survivors(pathway).into_iter().map(|mutant| format!("{}: {mutant}", pathway.key()))
        })
        .collect();
    assert_eq!(unnoticed, Vec::<String>::new());
}

/// What the check is worth: each alteration of a sound file that it must find.
#[test]
fn a_condition_that_no_case_pins_down_is_named_with_what_it_could_be() {
    let mut pathway = fever();
    pathway.cases.remove(1);
    let told: Vec<String> = survivors(&pathway).iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|one| one.starts_with("outcome refer: no case notices")), "{told:?}");
    assert!(survivors(&fever()).iter().any(|mutant| mutant.place == "score points"), "39 is far from 38");
}
