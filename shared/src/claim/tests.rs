//! Promises of what is payable.

use super::*;
use crate::consultation::{Answer, Consultation, Medicine, Signature};
use crate::ids::ConsultationId;
use crate::pathway::{self, Given};

fn signature() -> Signature {
    Signature { gphc: "2012345".to_owned(), ..Signature::default() }
}

/// A referred minor illness that ended with advice, in the pharmacy.
fn minor_illness() -> Consultation {
    let pharmacy = "FA123".parse().expect("a code");
    let mut record = Consultation::new(ConsultationId::from_bytes([1; 16]), &pharmacy, "minor-illness@1", 0);
    record.visit.started_at = "2026-11-20T10:00:00Z".to_owned();
    record.referral.channel = "itk111".to_owned();
    record.referral.referrer_type = "NHS111".to_owned();
    seen(&mut record, "premises", "FTF");
    record
}

fn seen(record: &mut Consultation, setting: &str, method: &str) {
    record.answers.insert("setting".to_owned(), Answer::text(setting));
    record.answers.insert("method".to_owned(), Answer::text(method));
}

/// A consultation that answers as a worked case of the sore throat does.
fn sore_throat(case: &str, channel: &str) -> Consultation {
    let pathway = pathway::find("sore-throat@1").expect("in the catalogue");
    let case = pathway.cases.iter().find(|one| one.name == case).expect("a worked case");
    let given = Given::of(pathway, case);
    let mut record = minor_illness();
    "sore-throat@1".clone_into(&mut record.pathway);
    record.referral.channel = channel.to_owned();
    if channel == "walkin" {
        record.referral.referrer_type.clear();
    }
    record.patient.birth_date = "1990-01-01".to_owned();
    record.patient.sex = "female".to_owned();
    record.answers = given.answers;
    record.observations = given.observations;
    seen(&mut record, "premises", "FTF");
    record
}

fn judged(record: &Consultation) -> Verdict {
    assess(record, &signature(), &Allowed::new())
}

fn code(record: &Consultation) -> &'static str {
    judged(record).code()
}

#[test]
fn minor_illness_is_payable_with_a_referral_and_not_without() {
    let mut record = minor_illness();
    let Verdict::Payable(payable) = judged(&record) else { panic!("{:?}", judged(&record)) };
    assert_eq!((payable.service.id.as_str(), payable.claim_type), ("minor-illness", "MIN_ILL_UEC"));
    "GP".clone_into(&mut record.referral.referrer_type);
    let Verdict::Payable(payable) = judged(&record) else { panic!("payable") };
    assert_eq!(payable.claim_type, "MIN_ILL", "general practice is not urgent care");
    "walkin".clone_into(&mut record.referral.channel);
    assert_eq!(code(&record), "not-payable");
    assert!(judged(&record).words().contains("no referral"), "{}", judged(&record).words());
}

#[test]
fn a_general_practice_cannot_refer_for_an_urgent_supply() {
    let mut record = minor_illness();
    "urgent-medicine-supply@2".clone_into(&mut record.pathway);
    assert_eq!(judged(&record).service().map(|service| service.id.as_str()), Some("urgent-supply"));
    assert_eq!(code(&record), "payable");
    "GP".clone_into(&mut record.referral.referrer_type);
    assert_eq!(code(&record), "not-payable");
}

#[test]
fn a_gateway_crossed_without_a_supply_is_payable() {
    for channel in ["walkin", "bars"] {
        let record = sore_throat("a score of 2: self-care for 3 to 5 days", channel);
        let Verdict::Payable(payable) = judged(&record) else { panic!("{:?}", judged(&record)) };
        assert_eq!(payable.service.id, "clinical-pathway");
        assert_eq!(payable.gateways, ["score-2-or-3"]);
        assert!(payable.why.contains("FeverPAIN 2 or 3"), "{}", payable.why);
    }
}

#[test]
fn whoever_a_pathway_excludes_is_minor_illness_with_a_referral_and_unpaid_without() {
    let excluded = "a severe sore throat in somebody who is excluded: no medicine is offered";
    let Verdict::Payable(payable) = judged(&sore_throat(excluded, "bars")) else { panic!("payable") };
    assert_eq!(payable.service.id, "minor-illness");
    assert!(payable.gateways.is_empty() && payable.why.contains("minor illness"), "{}", payable.why);
    let walked_in = judged(&sore_throat(excluded, "walkin"));
    assert_eq!(walked_in.code(), "not-payable");
    assert!(walked_in.words().contains("No gateway was crossed"), "{}", walked_in.words());
}

#[test]
fn where_a_service_may_be_given_is_not_known_for_homes_and_the_contractor_may_settle_it() {
    let mut record = sore_throat("a score of 2: self-care for 3 to 5 days", "walkin");
    seen(&mut record, "patients-home", "FTF");
    let held = judged(&record);
    assert_eq!(held.code(), "hold");
    assert!(held.words().contains("ask the contractor"), "{}", held.words());
    let settled = Allowed::from(["clinical-pathway:patients-home".to_owned()]);
    assert_eq!(assess(&record, &signature(), &settled).code(), "payable");
    seen(&mut record, "care-home", "FTF");
    assert_eq!(assess(&record, &signature(), &settled).code(), "hold", "settled for homes only");
    record.answers.remove("setting");
    assert_eq!(assess(&record, &signature(), &settled).code(), "hold");
}

#[test]
fn a_method_that_the_rules_know_is_allowed_where_they_say_so() {
    let mut record = minor_illness();
    seen(&mut record, "remote", "TELEPHONE");
    assert_eq!(code(&record), "payable");
    let mut throat = sore_throat("a score of 2: self-care for 3 to 5 days", "walkin");
    seen(&mut throat, "remote", "TELEMEDICINE");
    assert_eq!(code(&throat), "payable");
    seen(&mut throat, "remote", "TELEPHONE");
    assert_eq!(code(&throat), "hold");
}

#[test]
fn no_consultation_no_claim_and_an_emergency_waits_to_be_completed() {
    let mut record = minor_illness();
    "no_contact".clone_into(&mut record.outcome.closure_reason);
    assert_eq!(code(&record), "not-payable");
    let record = minor_illness();
    let cut_short = Signature { emergency: true, ..signature() };
    assert_eq!(assess(&record, &cut_short, &Allowed::new()).code(), "hold");
    let without = Signature::default();
    assert!(assess(&record, &without, &Allowed::new()).words().contains("GPhC"));
    let mut unseen = minor_illness();
    unseen.visit.started_at.clear();
    assert_eq!(code(&unseen), "hold");
}

#[test]
fn a_supply_outside_the_rules_is_never_claimed() {
    let mut record = minor_illness();
    let line = Medicine {
        decision: "supplied".to_owned(),
        exception: "The practice was closed".to_owned(),
        supply_type: "emergency-supply".to_owned(),
        ..Medicine::default()
    };
    record.medicines.insert("a".to_owned(), line);
    assert_eq!(code(&record), "not-payable");
}

#[test]
fn a_service_of_another_kind_is_not_claimed_here() {
    let mut record = minor_illness();
    "hypertension-case-finding@1".clone_into(&mut record.pathway);
    assert_eq!(code(&record), "not-payable");
    "not-known@9".clone_into(&mut record.pathway);
    assert_eq!(code(&record), "hold");
}

#[test]
fn a_claim_is_in_time_to_the_5th_and_late_to_the_end_of_the_following_month() {
    let day = |text: &str| text.parse().expect("a day");
    let november = window(day("2026-11-20")).expect("a window");
    assert_eq!(november.on(day("2026-12-05")), Standing::InTime);
    assert_eq!(november.on(day("2026-12-06")), Standing::Late);
    assert_eq!(november.on(day("2026-12-31")), Standing::Late);
    assert_eq!(november.on(day("2027-01-01")), Standing::OnlyItFailure);
    assert_eq!(november.on(day("2027-11-30")), Standing::OnlyItFailure);
    assert_eq!(november.on(day("2027-12-01")), Standing::Over);
    let before = window(day("2023-08-15")).expect("a window");
    assert_eq!(before.late_until, day("2023-11-30"), "three months then");
    assert_eq!(window(day("2019-10-28")), None, "there was no service");
    assert_eq!(month_of(day("2026-02-28")), "2026-02");
}

#[test]
fn fees_follow_the_day_and_say_when_they_may_be_old() {
    let at =
        |service, day: &str| fee(service, day.parse().expect("a day")).map(|fee| (fee.pence, fee.may_be_old));
    assert_eq!(at("clinical-pathway", "2025-03-31"), Some((1500, false)));
    assert_eq!(at("clinical-pathway", "2025-04-01"), Some((1700, false)));
    assert_eq!(at("urgent-supply", "2026-11-20"), Some((1500, true)));
    assert_eq!(at("clinical-pathway", "2024-01-30"), None);
    assert_eq!(at("minor-illness", "2024-01-30"), Some((1400, false)));
}

#[test]
fn a_month_is_paid_for_the_highest_step_it_reached() {
    assert_eq!(threshold("2026-11", 19), (0, Some((20, 50_000))));
    assert_eq!(threshold("2026-11", 20), (50_000, Some((30, 100_000))));
    assert_eq!(threshold("2026-11", 31), (100_000, None));
    assert_eq!(threshold("2024-03", 4), (0, Some((5, 100_000))));
    assert_eq!(threshold("2024-01", 100), (0, None), "before there was any");
}

#[test]
fn every_rule_names_services_and_settings_that_exist() {
    let known = |id: &String| service(id).is_some();
    for place in &rules::RULES.places {
        assert!(place.services.iter().all(known), "{place:?}");
        assert!(
            ["premises", "patients-home", "care-home", "remote"].contains(&place.setting.as_str()),
            "{place:?}"
        );
    }
    assert!(rules::RULES.fees.iter().all(|fee| known(&fee.service)));
    for one in services() {
        assert!(one.excluded_becomes.is_empty() || known(&one.excluded_becomes), "{one:?}");
        for code in pathway::services().iter().filter(|pathway| one.codes.contains(&pathway.service.code)) {
            assert!(!code.service.display.is_empty());
        }
    }
}

/// A consultation as a month counts it: service, what the rules say, and what the delivery says.
fn counted(service: &str, verdict: &str, claim: &str) -> crate::activity::Done {
    crate::activity::Done {
        consultation: format!("{service}-{verdict}-{claim}"),
        claim: claim.to_owned(),
        facts: crate::activity::Facts {
            day: "2026-03-10".to_owned(),
            service: service.to_owned(),
            verdict: verdict.to_owned(),
            why: if verdict == "payable" { String::new() } else { "Because.".to_owned() },
            ..crate::activity::Facts::default()
        },
        ..crate::activity::Done::default()
    }
}

fn march(done: &[crate::activity::Done], today: &str) -> Month {
    let mys = std::collections::BTreeMap::from([("minor-illness".to_owned(), 3)]);
    month("2026-03-01".parse().expect("a day"), done, &mys, today.parse().expect("a day"))
}

#[test]
fn a_month_counts_each_consultation_once_and_says_what_it_brings() {
    let done = [
        counted("minor-illness", "payable", "accepted"),
        counted("minor-illness", "payable", "queued"),
        counted("minor-illness", "payable", ""),
        counted("minor-illness", "payable", "refused"),
        counted("minor-illness", "hold", "held"),
        counted("minor-illness", "hold", "not-required"),
        counted("minor-illness", "not-payable", "not-required"),
        counted("blood-pressure", "not-payable", ""),
    ];
    let view = march(&done, "2026-04-01");
    let service = &view.services[0];
    assert_eq!((service.done, service.payable()), (7, 5));
    assert_eq!((service.accepted, service.waiting, service.missing), (2, 1, 1));
    assert_eq!((service.rejected, service.held, service.not_payable), (1, 1, 1));
    assert_eq!((service.expected, service.at_stake), (4 * 1700, 2 * 1700));
    assert_eq!(service.differs(), Some(1), "Manage Your Service has one more");
    assert!(!view.is_complete());
    let mend: Vec<(&str, &str)> =
        view.mend.iter().map(|mend| (mend.standing.as_str(), mend.why.as_str())).collect();
    assert_eq!(mend.len(), 3);
    assert_eq!(mend[0].0, "Rejected");
    assert_eq!(mend[1], ("On hold", "Because."));
    assert!(mend[2].1.starts_with("It is payable."));
}

#[test]
fn a_month_tells_its_days_and_the_last_of_them_counts() {
    let view = march(&[], "2026-04-05");
    assert_eq!((view.by.as_str(), view.standing.as_str(), view.days_left), ("2026-04-05", "in-time", 0));
    assert_eq!(march(&[], "2026-04-06").standing, "late");
    assert_eq!(march(&[], "2026-03-31").days_left, 5);
    assert!(view.is_complete());
}

#[test]
fn the_monthly_payment_comes_with_the_step_that_is_reached() {
    let many = |count| vec![counted("clinical-pathway", "payable", "accepted"); count];
    let view = march(&many(19), "2026-04-01");
    assert_eq!((view.pathways, view.threshold, view.next_step), (19, 0, Some((20, 50_000))));
    let view = march(&many(20), "2026-04-01");
    assert_eq!((view.threshold, view.expected), (50_000, 50_000 + 20 * 1700));
    assert_eq!(view.next_step, Some((30, 100_000)));
}

#[test]
fn what_waits_to_be_mended_does_not_count_to_the_monthly_payment() {
    let done = vec![counted("clinical-pathway", "payable", "refused"); 20];
    assert_eq!(march(&done, "2026-04-01").pathways, 0);
}

#[test]
fn until_the_fifth_the_month_before_is_claimed() {
    let on = |day: &str| claimed_on(day.parse().expect("a day")).to_string();
    assert_eq!((on("2026-11-05").as_str(), on("2026-11-06").as_str()), ("2026-10-01", "2026-11-01"));
}

#[test]
fn money_is_written_in_pounds() {
    assert_eq!((pounds(1700).as_str(), pounds(123_456_705).as_str()), ("£17.00", "£1,234,567.05"));
}

#[test]
fn only_a_month_is_a_month() {
    assert!(first_of("2026-11").is_some());
    for wrong in ["2026-13", "2026-1", "2026-11-01", "november", "", "26-11"] {
        assert!(first_of(wrong).is_none(), "{wrong}");
    }
}
