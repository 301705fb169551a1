//! Promises of what others read: nothing private, nothing that GP systems refuse.

use super::*;
use crate::ids::ConsultationId;
use crate::pathway::find;

fn minor_illness() -> &'static Pathway {
    find("minor-illness@1").expect("a file of this build")
}

/// Seen at home with a cough; everything that may be said under some heading is said.
fn visited() -> Consultation {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let id = ConsultationId::from_bytes([4; 16]);
    let mut record = Consultation::new(id, &pharmacy, "minor-illness@1", 1_795_000_000_000);
    record.patient.birth_date = "1990-05-01".to_owned();
    record.patient.sex = "female".to_owned();
    record.referral.channel = "itk111".to_owned();
    record.referral.received_at = "2026-11-18T09:00:00Z".to_owned();
    record.referral.case_ids = "case-reference|CASE-77".to_owned();
    record.referral.warnings = "Dog in the yard".to_owned();
    for field in minor_illness().fields.iter().filter(|field| field.red_flag.is_some()) {
        record.answers.insert(field.id.clone(), Answer::YesNo(false));
    }
    let said = [
        ("setting", "patients-home"),
        ("method", "FTF"),
        ("consent-by", "patient"),
        ("symptom-group", "cough"),
        ("complaint", "Coughing at night"),
        ("history", "Chest sounds clear"),
        ("pregnancy", "not-pregnant"),
        ("allergies", "present"),
        ("allergy-details", "Penicillin, rash in 2010"),
        ("advice-given", "Honey and rest"),
        ("medicine-name", "Simple linctus"),
        ("safety-net", "Breathless: 999"),
        ("decision", "self-care"),
        ("safeguarding-details", "Bruises on both arms"),
        ("safeguarding-told", "Safeguarding lead Ms North"),
        ("gp-action", "None"),
    ];
    record.answers.extend(said.map(|(field, words)| (field.to_owned(), Answer::text(words))));
    let yes = ["consent-service", "medicine-recommended", "safety-net-understood", "safeguarding-concern"];
    record.answers.extend(yes.map(|field| (field.to_owned(), Answer::YesNo(true))));
    record.observations.insert("temperature".to_owned(), Answer::Number(37.46));
    record
}

fn summary(record: &Consultation) -> Summary {
    summarise(record, minor_illness())
}

#[test]
fn a_safeguarding_concern_and_access_notes_never_appear() {
    let told = format!("{:?}", summary(&visited()));
    let secrets = ["Bruises", "North", "afeguarding", "Dog"];
    assert_eq!(secrets.map(|secret| told.contains(secret)), [false; 4]);
}

#[test]
fn no_field_that_is_private_appears_in_any_pathway() {
    let mut told = Vec::new();
    for pathway in pathway::all() {
        let mut record = visited();
        for field in pathway.fields.iter().filter(|field| field.private) {
            record.answers.insert(field.id.clone(), Answer::text("SECRET"));
        }
        record.answers.insert("safeguarding-concern".to_owned(), Answer::YesNo(true));
        told.push(format!("{:?}", summarise(&record, pathway)));
    }
    assert!(told.iter().all(|summary| !summary.contains("SECRET")));
}

#[test]
fn what_is_private_stays_out_even_under_a_heading() {
    let mut pathway = minor_illness().clone();
    for field in &mut pathway.fields {
        field.private |= field.id == "complaint";
    }
    let told = format!("{:?}", summarise(&visited(), &pathway));
    assert!(!told.contains("Coughing at night"));
}

#[test]
fn the_clinical_summary_says_outcome_origin_setting_and_complaint() {
    let summary = summary(&visited());
    let words = summary.words("clinical-summary").expect("always there");
    assert!(words.starts_with("Outcome: Self-care advice and a medicine to buy\n"), "{words}");
    let lines = [
        "Referred by NHS 111, 18 Nov 2026, 09:00, reference CASE-77",
        "Seen: At the patient's home",
        "Presenting with: Cough",
        "Complaint: Coughing at night",
    ];
    assert_eq!(lines.map(|line| words.contains(line)), [true; 4], "{words}");
}

#[test]
fn of_the_senders_ids_only_the_case_reference_is_told() {
    let mut record = visited();
    record.referral.case_ids =
        "case-id|70101 case-reference|CASE-77 journey|J-9 document|3F2504E0 case-reference|CASE-78"
            .to_owned();
    let summary = summary(&record);
    let words = summary.words("clinical-summary").expect("always there");
    assert!(words.contains("09:00, reference CASE-77 CASE-78\n"), "{words}");
    assert!(!words.contains("70101") && !words.contains("J-9") && !words.contains("3F2504E0"), "{words}");
}

#[test]
fn an_empty_record_still_has_a_clinical_summary() {
    let pharmacy = "FA123".parse().expect("an ODS code");
    let record = Consultation::new(ConsultationId::from_bytes([4; 16]), &pharmacy, "minor-illness@1", 0);
    assert_eq!(summary(&record).words("clinical-summary"), Some("Outcome: not decided yet"));
}

#[test]
fn headings_stand_in_their_published_order_each_once() {
    let codes: Vec<&str> = summary(&visited()).headings.iter().map(|words| words.code).collect();
    let expected = [
        "clinical-summary",
        "red-flags",
        "history",
        "information-and-advice-given",
        "plan-and-requested-actions",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn a_temperature_travels_as_a_code_with_one_decimal() {
    let observations = summary(&visited()).observations;
    assert_eq!((observations[0].code.as_str(), observations[0].ucum.as_str()), ("703421000", "Cel"));
    assert_eq!(observations[0].written, "37.5");
}

#[test]
fn oxygen_breathing_rate_and_news2_travel_only_as_words() {
    let mut record = visited();
    let taken = [("oxygen-saturation", 97.0), ("respiratory-rate", 16.0), ("news2", 1.0)];
    record.observations.extend(taken.map(|(field, value)| (field.to_owned(), Answer::Number(value))));
    let summary = summary(&record);
    assert_eq!(summary.observations.len(), 1, "the temperature alone");
    let words = summary.words("clinical-summary").expect("always there");
    let line = "Also measured: Respiratory rate 16 breaths a minute, Oxygen saturation 97 %, NEWS2 score 1";
    assert!(words.contains(line), "{words}");
}

#[test]
fn half_a_blood_pressure_is_not_sent_as_one() {
    let mut record = visited();
    record.observations.insert("systolic".to_owned(), Answer::Number(128.0));
    assert_eq!(summary(&record).observations.len(), 1);
    record.observations.insert("diastolic".to_owned(), Answer::Number(76.0));
    assert_eq!(summary(&record).observations.len(), 3);
}

#[test]
fn a_number_outside_its_range_is_told_to_nobody() {
    let mut record = visited();
    record.observations.insert("temperature".to_owned(), Answer::Number(374.0));
    assert_eq!(summary(&record).observations, []);
    assert!(!format!("{:?}", summary(&record).headings).contains("374"));
}

#[test]
fn red_flags_absent_and_not_asked_are_told_apart() {
    let mut record = visited();
    record.answers.remove("rf-stroke");
    record.answers.insert("rf-sepsis".to_owned(), Answer::YesNo(true));
    let summary = summary(&record);
    let words = summary.words("red-flags").expect("red flags were asked about");
    assert!(
        words.starts_with("Present: Signs of sepsis\nAsked about and absent: Difficulty breathing;"),
        "{words}"
    );
    assert!(words.ends_with("Not asked about: Signs of stroke"), "{words}");
}

#[test]
fn not_pregnant_travels_as_a_code_and_in_words() {
    let summary = summary(&visited());
    let finding = &summary.findings[0];
    assert_eq!((finding.heading, finding.code.code.as_str()), ("pregnancy-status", "60001007"));
    assert!(summary.words("history").is_some_and(|words| words.contains("Pregnancy: Not pregnant")));
}

#[test]
fn a_medicine_line_says_what_was_decided_and_why() {
    let mut record = visited();
    let line = Medicine {
        name: "Codeine linctus".to_owned(),
        decision: "refused".to_owned(),
        reason: "Not appropriate".to_owned(),
        ..Medicine::default()
    };
    record.medicines.insert("1".to_owned(), line);
    let summary = summary(&record);
    let advice = summary.words("information-and-advice-given").expect("advice");
    assert!(advice.contains("Medicine not supplied: Codeine linctus; Not appropriate"), "{advice}");
}

#[test]
fn a_medicine_decided_at_home_says_how_it_is_had_from_the_pharmacy() {
    let mut record = visited();
    let line = Medicine {
        name: "Ibuprofen 200 mg tablets, 24".to_owned(),
        decision: "recommended".to_owned(),
        supplied_from: "delivered".to_owned(),
        ..Medicine::default()
    };
    record.medicines.insert("1".to_owned(), line);
    let summary = summary(&record);
    let advice = summary.words("information-and-advice-given").expect("advice");
    let line = "Medicine recommended: Ibuprofen 200 mg tablets, 24; To be delivered from the pharmacy";
    assert!(advice.contains(line), "{advice}");
}

#[test]
fn a_medicine_that_was_handed_over_says_how_much_and_for_how_long() {
    let mut record = visited();
    let line = Medicine {
        name: "Flucloxacillin 500mg capsules".to_owned(),
        decision: "supplied".to_owned(),
        directions: "One four times a day".to_owned(),
        quantity: "20".to_owned(),
        unit: "capsule".to_owned(),
        days: "5".to_owned(),
        ..Medicine::default()
    };
    record.medicines.insert("1".to_owned(), line);
    let summary = summary(&record);
    assert_eq!(summary.supplied.len(), 1);
    let advice = summary.words("information-and-advice-given").expect("advice");
    let line =
        "Medicine supplied: Flucloxacillin 500mg capsules; 20 capsule; for 5 days; One four times a day";
    assert!(advice.contains(line), "{advice}");
}

#[test]
fn an_objection_stops_the_notice() {
    let mut record = visited();
    assert!(!summary(&record).gp_notice_stopped);
    record.answers.insert("gp-objection".to_owned(), Answer::YesNo(true));
    assert!(summary(&record).gp_notice_stopped);
}

#[test]
fn a_closed_referral_says_why_and_what_was_tried() {
    let mut record = visited();
    record.answers.clear();
    record.answers.insert("closure-reason".to_owned(), Answer::text("no_contact"));
    record.answers.insert("closure-attempts".to_owned(), Answer::text("Phoned twice"));
    let words = summary(&record).words("clinical-summary").expect("always there").to_owned();
    assert!(words.contains("Closed because: The patient made no contact\nAttempts: Phoned twice"), "{words}");
}
