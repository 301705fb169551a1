//! How a report that is taken reads afterwards.

use super::*;
use shared::consultation::TriageLine;

#[test]
fn a_minor_illness_report_shows_who_how_urgent_by_when_and_why() {
    let report = take(MINOR_ILLNESS);
    let (referral, patient) = newest(&report);
    assert_eq!((patient.title.as_str(), patient.given_name.as_str()), ("Ms", "Odile Fay"));
    assert_eq!((patient.family_name.as_str(), patient.birth_date.as_str()), ("Brambleworth", "1987-06-14"));
    assert_eq!(patient.sex, "female");
    assert_eq!((patient.nhs_number.as_str(), patient.nhs_number_status.as_str()), ("9997001028", "verified"));
    assert_eq!((patient.gp_ods.as_str(), patient.gp_name.as_str()), ("Y99991", "Meadow Lane Surgery"));
    assert_eq!((referral.disposition.as_str(), referral.strand.as_str()), ("Dx28", "MI"));
    assert_eq!(referral.referred_at, "2026-11-21T10:15:00Z");
    assert_eq!(referral.due_at, "2026-11-22T10:15:00Z");
    assert_eq!(referral.received_at, "2026-11-22T22:00:00Z");
    assert_eq!(referral.document_at, "2026-11-21T10:15:30Z");
    assert_eq!(referral.complaint, "Sore throat since Friday,\nworse at night");
    assert_eq!(referral.addressed_for, "action");
    assert!(!referral.repeat_caller);
}

#[test]
fn who_sent_it_and_whom_to_ring_are_shown() {
    let report = take(MINOR_ILLNESS);
    let (referral, _) = newest(&report);
    assert_eq!(referral.referrer_type, "NHS111");
    assert_eq!((referral.referrer_ods.as_str(), referral.referrer_name.as_str()), ("ZZ111", "Downland 111"));
    assert_eq!(referral.referrer_person, "Morgan Ashdown, Health Adviser");
    assert_eq!(referral.referrer_contact, "Shift Manager, 07700 900111");
    assert_eq!(referral.dos_service_id, "2099000001");
    assert_eq!(referral.sender_consent, "Consent given for electronic record sharing");
    assert_eq!(
        referral.case_ids,
        "case-reference|F1B7A0E4-0001-4C2B-9E55-AA0000000101 case-id|70101 \
         document|0C5B7C0E-2F61-4F7F-8B12-1D7C11110101"
    );
}

#[test]
fn home_and_where_the_patient_is_now_are_kept_apart() {
    let report = take(MINOR_ILLNESS);
    let (_, patient) = newest(&report);
    assert_eq!(patient.address, "14 Tamarisk Way\nPebblebourne\nZetshire");
    assert_eq!(patient.postcode, "ZZ1 4QT");
    assert_eq!(patient.location_now, "Flat 2\n9 Orchard Mews\nPebblebourne\nZZ1 9AB");
}

#[test]
fn the_mobile_is_tried_first_and_the_number_the_patient_rang_from_is_not_lost() {
    let report = take(MINOR_ILLNESS);
    let (_, patient) = newest(&report);
    assert_eq!(patient.phone, "07700 900202");
    assert_eq!(patient.other_phones, "07700900201 (home), 07700900203 (emergency contact)");
    assert_eq!(patient.caller, "", "the patient rang");
}

#[test]
fn the_triage_reads_as_questions_and_answers() {
    let report = take(MINOR_ILLNESS);
    let (referral, _) = newest(&report);
    let line = |question: &str, answer: &str| TriageLine { question: question.into(), answer: answer.into() };
    assert_eq!(
        referral.triage,
        [
            line("Reason for the contact?", "a health problem"),
            line("Is there any difficulty breathing?", "no"),
            line("Can the person swallow fluids?", "yes"),
            line("Is there a rash?", "other (specify) — heat rash on both arms"),
            line("Disposition", "The individual should contact a pharmacist within 24 hours."),
            line("Is there any difficulty breathing?", "yes (changed later in the call)"),
        ]
    );
}

#[test]
fn special_notes_and_safeguarding_are_warnings_as_well_as_sections() {
    let report = take(MINOR_ILLNESS);
    let (referral, _) = newest(&report);
    assert_eq!(
        referral.warnings,
        "Special Patient Notes: Hard of hearing: speak clearly.; Safeguarding flag: ring the practice before visiting."
    );
    let titles: Vec<&str> = referral.sections.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Patient's Reported Condition", "Pathways Disposition", "Advice Given", "Special Patient Notes"]
    );
    assert_eq!(referral.sections[2].text, "- Drink plenty.\n- Call back if it gets worse.");
}

#[test]
fn a_part_of_a_safeguarding_section_is_a_warning_too() {
    let nested = "<text>See below</text><component><section><title>Details</title><text>Ring the school nurse</text>\
                  </section></component></section>";
    let (start, end) = MINOR_ILLNESS.split_once("<title>Special Patient Notes</title>").expect("the section");
    let (_, end) = end.split_once("</section>").expect("its end");
    let report = take(&format!("{start}<title>Safeguarding</title>{nested}{end}"));
    assert_eq!(newest(&report).0.warnings, "Safeguarding: See below\nDetails: Ring the school nurse");
}

#[test]
fn a_special_note_that_says_none_is_not_a_warning() {
    let body = MINOR_ILLNESS.replace(
        "Hard of hearing: speak clearly.<br/>Safeguarding flag: ring the practice before visiting.",
        "None.",
    );
    assert_eq!(newest(&take(&body)).0.warnings, "");
}

#[test]
fn a_bare_ods_code_and_a_bare_service_number_are_understood() {
    let report = take(BARE_ODS);
    assert_eq!(
        report.addressed_to,
        [Address::Ods("FZ999".parse().expect("an ODS code")), Address::Dos("2099000002".into())]
    );
}

#[test]
fn a_prefixed_disposition_mixed_zones_and_an_open_end_are_understood() {
    let report = take(BARE_ODS);
    let (referral, patient) = newest(&report);
    assert_eq!((referral.disposition.as_str(), referral.strand.as_str()), ("Dx86", "UMS"));
    assert_eq!(referral.referred_at, "2026-07-02T07:59:00Z", "summer time, by the author's clock");
    assert_eq!(referral.due_at, "2026-07-02T19:59:00Z");
    assert_eq!(referral.complaint, "Ran out of blood pressure tablets");
    assert_eq!(referral.sections[1].text, "No title and no code on this part.");
    assert_eq!(
        (patient.nhs_number.as_str(), patient.nhs_number_status.as_str()),
        ("9997002113", "unverified")
    );
    assert_eq!(patient.postcode, "ZZ1 2BC");
    assert_eq!(patient.other_phones, "t.quillfeather@example.invalid (e-mail)");
}

#[test]
fn a_birth_date_that_does_not_exist_is_shown_as_it_was_sent() {
    let report = take(BARE_ODS);
    let (referral, patient) = newest(&report);
    assert_eq!(patient.birth_date, "");
    assert_eq!(referral.warnings, "The sender gave only this as date of birth: 19500229000000+0100");
}

#[test]
fn a_patient_without_an_nhs_number_is_taken_with_neither_number_nor_status() {
    let report = take(NO_NHS_NUMBER);
    let (referral, patient) = newest(&report);
    assert_eq!((patient.nhs_number.as_str(), patient.nhs_number_status.as_str()), ("", ""));
    assert_eq!(patient.family_name, "Fennimore");
    assert_eq!(patient.sex, "unknown");
    assert_eq!(patient.phone, "", "zeros are no number");
    assert_eq!(patient.caller, "Hester Fennimore, Relative, 07700900401");
    assert_eq!(referral.referrer_type, "IUC_CAS");
    assert!(!referral.warnings.contains("NHS number"));
}

#[test]
fn a_wrong_nhs_number_is_never_used_and_always_shown() {
    let report = take(&MINOR_ILLNESS.replace("9997001028", "9997001029"));
    let (referral, patient) = newest(&report);
    assert_eq!((patient.nhs_number.as_str(), patient.nhs_number_status.as_str()), ("", ""));
    assert!(referral.warnings.starts_with("The sender gave an NHS number that is not valid: 9997001029"));
}

#[test]
fn of_two_nhs_numbers_the_traced_one_is_used_and_the_other_is_shown() {
    let traced = "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9997001028\"/>";
    let told = "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.23\" extension=\"9997003217\"/>";
    let report = take(&MINOR_ILLNESS.replace(traced, &format!("{told}{traced}")));
    let (referral, patient) = newest(&report);
    assert_eq!((patient.nhs_number.as_str(), patient.nhs_number_status.as_str()), ("9997001028", "verified"));
    assert!(referral.warnings.starts_with("The sender also gave another NHS number: 999 700 3217"));
}

#[test]
fn flags_discriminators_and_files_are_never_overlooked() {
    let report = take(NO_NHS_NUMBER);
    let (referral, _) = newest(&report);
    let warnings: Vec<&str> = referral.warnings.lines().collect();
    assert_eq!(
        warnings,
        [
            "The sender gave only this as date of birth: 1938",
            "The sender marked this report very restricted.",
            "Clinical discriminator: Eruption of skin",
            "Safeguarding concern: Vulnerable adult",
            "An attachment (application/pdf) came with this report and cannot be shown here. Ask the sender for it.",
        ]
    );
    assert_eq!(
        referral.sender_consent,
        "Permission to view: Permission obtained, from 24 Dec 2026, 19:00, until 31 Dec 2026, 19:00"
    );
    assert_eq!(referral.sections[0].text, "Outcome: Permission obtained");
    assert_eq!(referral.sections[2].title, "Since", "sections within sections are kept");
}

#[test]
fn an_unreadable_triage_file_does_not_stop_the_referral() {
    let (start, rest) = MINOR_ILLNESS.split_once("representation=\"B64\">").expect("an attachment");
    let (_, end) = rest.split_once("</value>").expect("its end");
    for content in ["!!!!", "AAAA", "PGE+"] {
        let report = take(&format!("{start}representation=\"B64\">{content}</value>{end}"));
        let (referral, _) = newest(&report);
        assert!(referral.warnings.contains("An attachment (text/xml) came with this report"), "{content}");
        assert!(referral.triage.is_empty());
    }
}

#[test]
fn next_working_day_after_christmas_eve_is_after_the_holiday() {
    let at = shared::time::read("2026-12-24T19:06:00Z").expect("an instant");
    let report = read(NO_NHS_NUMBER.as_bytes(), &Accepting::anything(at)).expect("a report");
    assert_eq!(newest(&report).0.due_at, "2026-12-29T18:00:00Z");
}

#[test]
fn a_senders_clock_that_runs_ahead_does_not_make_the_patient_wait_longer() {
    let at = shared::time::read("2026-11-21T09:00:00Z").expect("an instant");
    let report = read(MINOR_ILLNESS.as_bytes(), &Accepting::anything(at)).expect("a report");
    assert_eq!(newest(&report).0.due_at, "2026-11-22T09:00:00Z");
}

#[test]
fn of_a_repeat_callers_reports_the_newest_is_first_and_each_has_an_id_of_its_own() {
    let report = take(REPEAT_CALLER);
    assert!(report.repeat_caller);
    let told: Vec<(&str, &str, bool)> = report
        .arrived
        .parts
        .iter()
        .filter_map(|document| match document {
            Part::Report { referral, .. } => {
                Some((referral.message_id.as_str(), referral.complaint.as_str(), referral.repeat_caller))
            }
            Part::Withdrawal(_) => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            ("6D0F2C51-0B47-4C0E-9C53-5F6E0B9D0404", "Third call: earache and fever", true),
            ("6D0F2C51-0B47-4C0E-9C53-5F6E0B9D0404/1", "Second call: earache worse", true),
            ("6D0F2C51-0B47-4C0E-9C53-5F6E0B9D0404/2", "First call: earache", true),
        ]
    );
}

#[test]
fn a_withdrawal_names_what_it_withdraws_and_why() {
    let report = take(NULLIFICATION);
    assert_eq!(
        report.arrived.parts,
        [Part::Withdrawal(Withdrawal {
            document_set: "7A9C8E10-6B1F-4B58-9D41-7C2211110101".into(),
            document_id: "0C5B7C0E-2F61-4F7F-8B12-1D7C11110101".into(),
            reason: "Recorded against the wrong patient".into(),
            at: "2026-11-21T11:30:00Z".into(),
        })]
    );
}

#[test]
fn a_copy_is_for_information_whatever_prefixes_the_sender_uses() {
    let report = take(COPY);
    assert!(!report.for_action);
    let (referral, patient) = newest(&report);
    assert_eq!(referral.addressed_for, "information");
    assert_eq!(patient.family_name, "Brambleworth");
    assert_eq!(referral.complaint, "Cough for 4 weeks & tired", "the summary, where nothing else says why");
    assert_eq!(referral.due_at, "");
}

#[test]
fn a_withdrawal_meets_the_report_it_withdraws() {
    use crate::intake::{ExistingCase, Filing, file, new_consultation, pathway_for};
    let report = take(MINOR_ILLNESS);
    let (referral, patient) = newest(&report);
    let id = shared::ids::ConsultationId::from_bytes([1; 16]);
    let pharmacy = "FZ999".parse().expect("an ODS code");
    let pathway = pathway_for(referral);
    let record =
        new_consultation(id, &pharmacy, now(), &pathway, referral.clone(), patient.clone(), Vec::new());
    let existing = [ExistingCase::of(id, &record)];
    assert_eq!(file(&report.arrived, &existing, now()), [Filing::AlreadyHave { consultation: id }]);
    assert_eq!(
        file(&take(NULLIFICATION).arrived, &existing, now()),
        [Filing::Withdraw {
            consultation: id,
            reason: "21 Nov 2026, 11:30: Recorded against the wrong patient".into()
        }]
    );
}

#[test]
fn the_encoding_may_be_utf_16_or_latin_1_or_begin_with_a_mark() {
    let utf8 = MINOR_ILLNESS.replace("Brambleworth", "Brâmbleworth");
    let marked = format!("\u{feff}{utf8}").into_bytes();
    let little: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(utf8.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> =
        [0xFE, 0xFF].into_iter().chain(utf8.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let bare: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = utf8
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'-'))
        .collect();
    for body in [marked, little, big, bare, latin] {
        let report = read(&body, &Accepting::anything(now())).expect("a report");
        assert_eq!(newest(&report).1.family_name, "Brâmbleworth");
    }
}

#[test]
fn the_answer_names_the_message_and_is_well_formed() {
    let report = take(MINOR_ILLNESS);
    let body = success_body(&report, uuid::Uuid::from_bytes([1; 16]));
    let parsed = roxmltree::Document::parse(&body).expect("XML");
    let text = |name: &str| {
        let node = parsed.descendants().find(|node| node.tag_name().name() == name).expect(name);
        node.text().unwrap_or("").to_owned()
    };
    assert_eq!(text("SimpleMessageResponse"), "OK:6D0F2C51-0B47-4C0E-9C53-5F6E0B9D0101");
    assert_eq!(text("Action"), "urn:nhs-itk:services:201005:SendNHS111Report-v2-0Response");
    assert_eq!(text("RelatesTo"), "A1B0B7C2-51A3-4E0C-8F51-0D3A6E4C0101");
}

#[test]
fn a_copy_promises_nothing_whatever_its_disposition_would() {
    let copy = MINOR_ILLNESS.replace("interaction:primaryOutofHourRecipient", "interaction:copyRecipient");
    let report = take(&copy);
    let (referral, _) = newest(&report);
    assert_eq!((referral.disposition.as_str(), referral.addressed_for.as_str()), ("Dx28", "information"));
    assert_eq!(referral.due_at, "", "who is only told has promised nobody anything");
}

#[test]
fn every_version_of_the_profiles_and_both_names_of_the_service_are_taken() {
    for profile in
        ["nhs111CDADocument-v2-0", "nhs111CDADocument-v3-1", "IntegratedUrgentCareCDADocument-v3-1"]
    {
        for service in ["SendNHS111Report-v2-0", "SendNHS111Report-v2-0_DMS"] {
            let body = MINOR_ILLNESS
                .replace("nhs111CDADocument-v2-0", profile)
                .replace("SendNHS111Report-v2-0", service)
                .replace("primaryOutofHourRecipientnhs111", "primaryOutofHourRecipientNHS111");
            let report = take(&body);
            assert_eq!(newest(&report).0.disposition, "Dx28", "{profile}, {service}");
            let answer = success_body(&report, uuid::Uuid::nil());
            assert!(
                answer.contains(&format!("{service}Response<")),
                "the answer is to the service that was asked"
            );
        }
    }
}

#[test]
fn a_title_as_long_as_a_message_is_not_handed_down_to_every_part_of_it() {
    let long = "Special ".repeat(10_000);
    let parts = "<component><section><text>Part</text></section></component>".repeat(2_000);
    let body = MINOR_ILLNESS
        .replace("<title>Special Patient Notes</title>", &format!("<title>{long}</title>{parts}"));
    let report = take(&body);
    assert!(newest(&report).0.sections.iter().all(|section| section.title.chars().count() <= 200));
}

#[test]
fn more_numbers_than_anybody_rings_are_not_kept() {
    let many = (0..5_000)
        .map(|n| format!("<telecom use=\"H\" value=\"tel:077009{n:05}\"/>"))
        .collect::<Vec<_>>()
        .concat();
    let body = MINOR_ILLNESS.replace("<telecom use=\"H\" value=\"tel:07700900201\"/>", &many);
    let report = take(&body);
    let (_, patient) = newest(&report);
    assert!(patient.other_phones.matches("(home)").count() <= 20);
}
