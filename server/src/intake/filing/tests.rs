//! Promises about what a message may do to a consultation, practice 13 above all.

use super::*;
use shared::consultation::Answer;

/// 22 November 2026, 13:00 in England.
const NOW: Millis = 1_795_352_400_000;

fn id(n: u8) -> ConsultationId {
    ConsultationId::from_bytes([n; 16])
}

fn referral(version: u64, message: &str) -> Referral {
    Referral {
        channel: "itk111".into(),
        message_id: message.into(),
        document_set: "SET-1".into(),
        document_version: version,
        document_at: stored(NOW + version as i64 * 3_600_000),
        case_ids: format!("case-reference|CASE-1 document|DOC-{version}"),
        received_at: stored(NOW),
        strand: "MI".into(),
        disposition: "Dx28".into(),
        addressed_for: "action".into(),
        ..Referral::default()
    }
}

fn patient(family: &str) -> Patient {
    Patient { family_name: family.into(), ..Patient::default() }
}

fn sent(referral: Referral) -> Part {
    Part::Report { referral: Box::new(referral), patient: Box::new(patient("Newest")) }
}

fn message(id: &str, parts: Vec<Part>) -> Arrived {
    Arrived { message_id: id.into(), parts }
}

fn record(referral: Referral) -> Consultation {
    let pharmacy = "FZ999".parse().expect("an ODS code");
    new_consultation(id(1), &pharmacy, NOW, &pathway_for(&referral), referral, patient("First"), Vec::new())
}

fn started_record(referral: Referral) -> Consultation {
    let mut record = record(referral);
    record.visit.started_at = stored(NOW);
    record
}

fn file_one(message: &Arrived, record: &Consultation) -> Filing {
    let mut filings = file(message, &[ExistingCase::of(id(1), record)], NOW);
    assert_eq!(filings.len(), 1);
    filings.remove(0)
}

fn withdrawal(set: &str, document: &str) -> Part {
    Part::Withdrawal(Withdrawal {
        document_set: set.into(),
        document_id: document.into(),
        reason: "Sent to the wrong pharmacy".into(),
        at: "2026-11-22T14:05:00Z".into(),
    })
}

#[test]
fn a_report_of_an_unknown_case_makes_a_consultation_with_the_pathway_of_its_strand() {
    let mut supply = referral(1, "M1");
    supply.strand = "UMS".into();
    let filings = file(&message("M1", vec![sent(supply)]), &[], NOW);
    assert!(matches!(&filings[..], [Filing::New { pathway, .. }] if pathway == "urgent-medicine-supply@2"));
    let filings = file(&message("M1", vec![sent(referral(1, "M1"))]), &[], NOW);
    assert!(matches!(&filings[..], [Filing::New { pathway, .. }] if pathway == "minor-illness@1"));
}

#[test]
fn the_same_message_twice_makes_one_consultation() {
    let record = record(referral(1, "M1"));
    let again = file_one(&message("m1", vec![sent(referral(1, "m1"))]), &record);
    assert_eq!(again, Filing::AlreadyHave { consultation: id(1) });
}

#[test]
fn the_same_version_under_a_new_message_id_changes_nothing() {
    let again = file_one(&message("M2", vec![sent(referral(1, "M2"))]), &record(referral(1, "M1")));
    assert_eq!(again, Filing::AlreadyHave { consultation: id(1) });
}

#[test]
fn a_newer_version_takes_the_place_of_one_nobody_started_and_the_old_one_stays_readable() {
    let mut record = record(referral(1, "M1"));
    let filing = file_one(&message("M2", vec![sent(referral(2, "M2"))]), &record);
    assert!(matches!(filing, Filing::Update { .. }));
    filing.apply(&mut record);
    assert_eq!((record.referral.document_version, record.patient.family_name.as_str()), (2, "Newest"));
    assert_eq!(record.earlier_reports["M1"].document_version, 1);
    let again = file_one(&message("M1", vec![sent(referral(1, "M1"))]), &record);
    assert_eq!(again, Filing::AlreadyHave { consultation: id(1) }, "the first message still counts as seen");
}

#[test]
fn a_newer_version_that_asks_for_the_other_service_opens_the_other_pathway() {
    let mut record = record(referral(1, "M1"));
    let mut supply = referral(2, "M2");
    supply.strand = "UMS".into();
    file_one(&message("M2", vec![sent(supply)]), &record).apply(&mut record);
    assert_eq!(record.pathway, "urgent-medicine-supply@2");
}

#[test]
fn once_started_a_newer_version_is_a_notice_beside_and_the_record_is_untouched() {
    let mut record = started_record(referral(1, "M1"));
    let filing = file_one(&message("M2", vec![sent(referral(2, "M2"))]), &record);
    assert!(matches!(&filing, Filing::NoticeBeside { notice, .. } if notice.kind == "new-version"));
    filing.apply(&mut record);
    assert_eq!((record.referral.document_version, record.patient.family_name.as_str()), (1, "First"));
    assert_eq!(record.earlier_reports["M2"].document_version, 2);
    assert!(record.notices["M2"].text.contains("Dx28"));
    let again = file_one(&message("M2", vec![sent(referral(2, "M2"))]), &record);
    assert_eq!(again, Filing::AlreadyHave { consultation: id(1) });
    let resent = file_one(&message("M3", vec![sent(referral(2, "M3"))]), &record);
    assert_eq!(resent, Filing::AlreadyHave { consultation: id(1) }, "the version beside is known too");
}

#[test]
fn one_recorded_answer_or_a_closure_counts_as_started_and_taking_the_visit_does_not() {
    let newer = message("M2", vec![sent(referral(2, "M2"))]);
    let mut taken = record(referral(1, "M1"));
    taken.visit.taken_by = "A Pharmacist".into();
    assert!(matches!(file_one(&newer, &taken), Filing::Update { .. }));
    let mut answered = record(referral(1, "M1"));
    answered.answers.insert("consent".into(), Answer::YesNo(true));
    assert!(matches!(file_one(&newer, &answered), Filing::NoticeBeside { .. }));
    let mut closed = record(referral(1, "M1"));
    closed.outcome.closure_reason = "no_contact".into();
    assert!(matches!(file_one(&newer, &closed), Filing::NoticeBeside { .. }));
}

#[test]
fn where_only_notes_were_typed_a_newer_version_and_a_withdrawal_are_notices_beside() {
    let mut noted = record(referral(1, "M1"));
    noted.notes = "Pale, lives alone".into();
    let newer = file_one(&message("M2", vec![sent(referral(2, "M2"))]), &noted);
    assert!(matches!(newer, Filing::NoticeBeside { .. }), "{newer:?}");
    let withdrawn = file_one(&message("W1", vec![withdrawal("SET-1", "")]), &noted);
    assert!(matches!(withdrawn, Filing::WithdrawBeside { .. }), "{withdrawn:?}");
}

#[test]
fn a_newer_version_under_the_tracking_id_of_the_first_is_not_lost() {
    let newer = |version| message("M1", vec![sent(referral(version, "M1"))]);
    let mut waiting = record(referral(1, "M1"));
    for version in [2, 3] {
        file_one(&newer(version), &waiting).apply(&mut waiting);
        assert_eq!(waiting.referral.document_version, version);
    }
    assert_eq!(waiting.earlier_reports.len(), 2, "both replaced versions stay readable");
    let mut begun = started_record(referral(1, "M1"));
    for version in [2, 3] {
        let filing = file_one(&newer(version), &begun);
        assert!(matches!(filing, Filing::NoticeBeside { .. }), "{filing:?}");
        filing.apply(&mut begun);
        assert_eq!(file_one(&newer(version), &begun), Filing::AlreadyHave { consultation: id(1) });
    }
    assert_eq!((begun.referral.document_version, begun.notices.len()), (1, 2));
    assert!(begun.notices.keys().all(|message| begun.earlier_reports.contains_key(message)));
}

#[test]
fn a_withdrawal_under_the_tracking_id_of_the_report_is_not_lost() {
    let withdrawn = message("M1", vec![withdrawal("SET-1", "")]);
    let mut waiting = record(referral(1, "M1"));
    file_one(&withdrawn, &waiting).apply(&mut waiting);
    assert!(!waiting.referral.withdrawn.is_empty());
    let mut begun = started_record(referral(1, "M1"));
    file_one(&withdrawn, &begun).apply(&mut begun);
    assert_eq!(begun.notices["M1/withdrawn"].kind, "withdrawn");
    assert_eq!(file_one(&withdrawn, &begun), Filing::AlreadyHave { consultation: id(1) });
}

#[test]
fn another_patient_under_a_reused_set_is_a_consultation_of_their_own() {
    let known = Patient {
        nhs_number: "9000000009".into(),
        family_name: "Alder".into(),
        birth_date: "1952-03-04".into(),
        ..Patient::default()
    };
    let stored = Consultation { patient: known.clone(), ..record(referral(1, "M1")) };
    let filed = |patient: Patient| {
        let report = Part::Report { referral: Box::new(referral(2, "M2")), patient: Box::new(patient) };
        file_one(&message("M2", vec![report]), &stored)
    };
    let other_number = Patient { nhs_number: "9000000017".into(), ..known.clone() };
    let none = Patient { nhs_number: String::new(), ..known.clone() };
    let married = Patient { family_name: "Beech".into(), ..none.clone() };
    let other_person = Patient { birth_date: "1990-01-01".into(), ..married.clone() };
    assert!(matches!(filed(other_number), Filing::New { .. }));
    assert!(matches!(filed(other_person), Filing::New { .. }));
    for same in [Patient { family_name: "ALDER".into(), ..known.clone() }, none, married] {
        assert!(matches!(filed(same), Filing::Update { .. }));
    }
}

#[test]
fn a_notice_counts_from_when_it_came_and_not_from_when_it_was_written() {
    let record = started_record(referral(1, "M1"));
    let later = NOW + 86_400_000;
    for news in [withdrawal("SET-1", ""), sent(referral(2, "M2"))] {
        match &file(&message("M2", vec![news]), &[ExistingCase::of(id(1), &record)], later)[..] {
            [Filing::WithdrawBeside { notice, .. } | Filing::NoticeBeside { notice, .. }] => {
                assert_eq!(notice.at, stored(later));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_older_version_arriving_late_only_joins_the_earlier_reports() {
    for mut record in [record(referral(2, "M2")), started_record(referral(2, "M2"))] {
        let filing = file_one(&message("M1", vec![sent(referral(1, "M1"))]), &record);
        assert!(matches!(filing, Filing::Earlier { .. }));
        filing.apply(&mut record);
        assert_eq!(record.referral.document_version, 2);
        assert_eq!(record.earlier_reports.keys().collect::<Vec<_>>(), ["M1"]);
        assert!(record.notices.is_empty());
    }
}

#[test]
fn a_copy_for_information_never_takes_the_duty_to_act_away_and_an_original_brings_it() {
    let mut promised = referral(1, "M1");
    promised.due_at = "2026-11-23T13:00:00Z".into();
    let mut record = record(promised);
    let mut copy = referral(2, "M2");
    copy.addressed_for = "information".into();
    file_one(&message("M2", vec![sent(copy)]), &record).apply(&mut record);
    assert_eq!(record.referral.addressed_for, "action");
    assert_eq!(record.referral.due_at, "2026-11-23T13:00:00Z", "nor by when");

    let mut copy = referral(1, "M1");
    copy.addressed_for = "information".into();
    let mut record = self::record(copy);
    file_one(&message("M2", vec![sent(referral(1, "M2"))]), &record).apply(&mut record);
    assert_eq!(record.referral.addressed_for, "action");
}

#[test]
fn a_withdrawal_before_the_start_marks_the_referral_and_a_second_one_does_nothing() {
    let mut record = record(referral(1, "M1"));
    let filing = file_one(&message("W1", vec![withdrawal("set-1", "")]), &record);
    filing.apply(&mut record);
    assert_eq!(record.referral.withdrawn, "22 Nov 2026, 14:05: Sent to the wrong pharmacy");
    let again = file_one(&message("W2", vec![withdrawal("SET-1", "")]), &record);
    assert_eq!(again, Filing::AlreadyHave { consultation: id(1) });
}

#[test]
fn a_withdrawal_after_the_start_is_a_notice_and_the_referral_stands() {
    let mut record = started_record(referral(1, "M1"));
    let filing = file_one(&message("W1", vec![withdrawal("SET-1", "")]), &record);
    assert!(matches!(filing, Filing::WithdrawBeside { .. }));
    filing.apply(&mut record);
    assert_eq!(record.referral.withdrawn, "");
    assert_eq!(record.notices["W1"].kind, "withdrawn");
    let again = file_one(&message("W1", vec![withdrawal("SET-1", "")]), &record);
    assert_eq!(again, Filing::AlreadyHave { consultation: id(1) });
}

#[test]
fn a_withdrawal_may_name_the_document_only_and_one_of_nothing_is_said_to_be_so() {
    let record = record(referral(1, "M1"));
    let by_document = file_one(&message("W1", vec![withdrawal("", "doc-1")]), &record);
    assert!(matches!(by_document, Filing::Withdraw { .. }));
    let of_nothing = file_one(&message("W1", vec![withdrawal("SET-9", "DOC-9")]), &record);
    assert!(matches!(of_nothing, Filing::NothingToWithdraw { .. }));
    assert_eq!(of_nothing.consultation(), None);
}

#[test]
fn a_newer_version_after_a_withdrawal_stands_again() {
    let mut record = record(referral(1, "M1"));
    file_one(&message("W1", vec![withdrawal("SET-1", "")]), &record).apply(&mut record);
    file_one(&message("M2", vec![sent(referral(2, "M2"))]), &record).apply(&mut record);
    assert_eq!(record.referral.withdrawn, "");
    let withdrawn_again = file_one(&message("W1", vec![withdrawal("SET-1", "")]), &record);
    assert_eq!(withdrawn_again, Filing::AlreadyHave { consultation: id(1) });
}

#[test]
fn the_older_reports_of_a_repeat_caller_are_kept_with_the_newest() {
    let mut first_call = referral(1, "M1/1");
    first_call.document_set = "SET-0".into();
    let filings = file(&message("M1", vec![sent(referral(1, "M1")), sent(first_call)]), &[], NOW);
    let [Filing::New { referral, patient, earlier, pathway }] = &filings[..] else { panic!("{filings:?}") };
    let pharmacy = "FZ999".parse().expect("an ODS code");
    let record = new_consultation(
        id(2),
        &pharmacy,
        NOW,
        pathway,
        referral.as_ref().clone(),
        patient.as_ref().clone(),
        earlier.clone(),
    );
    assert_eq!(record.earlier_reports.keys().collect::<Vec<_>>(), ["M1/1"]);
    let again =
        file(&message("M1", vec![sent(self::referral(1, "M1"))]), &[ExistingCase::of(id(2), &record)], NOW);
    assert_eq!(again, [Filing::AlreadyHave { consultation: id(2) }]);
}

#[test]
fn reports_without_a_set_meet_by_case_reference_and_never_by_a_call_number() {
    let mut first = referral(1, "M1");
    first.document_set = String::new();
    first.case_ids = "case-reference|CASE-1 case-id|59263".into();
    let mut same = first.clone();
    (same.message_id, same.document_version) = ("M2".into(), 2);
    assert!(matches!(
        file_one(&message("M2", vec![sent(same)]), &record(first.clone())),
        Filing::Update { .. }
    ));
    let mut other = first.clone();
    other.case_ids = "case-reference|CASE-2 case-id|59263".into();
    assert!(matches!(file_one(&message("M2", vec![sent(other)]), &record(first)), Filing::New { .. }));
}
