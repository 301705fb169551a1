//! The letter to whom a patient is sent on: who they are, why they come, what was agreed, and what was found.

use super::notice::{about, blocks, from, lines, signed};
use super::{Block, Letter, Letterhead, given, reference};
use crate::consultation::{Consultation, Signature, Summary};
use crate::ids::ConsultationId;
use crate::places::Service;
use crate::time;

/// The referral of a record as it was signed, or as it would be signed now where there is no signature; `None` where
/// nobody is sent on, or where the patient refused.
///
/// What was found comes from `summary`, so nothing private has a way in (practice 10). The patient's objection to the
/// practice being told (practice 7) does not stop a referral to somebody else to which they consented.
pub fn onward_referral(
    summary: &Summary,
    record: &Consultation,
    letterhead: &Letterhead<'_>,
    signature: Option<&Signature>,
) -> Option<Letter> {
    let onward = &record.onward;
    let service = onward.service.parse::<Service>().ok()?;
    let id = record.id.parse::<ConsultationId>().ok()?;
    if onward.is_refused() || (service == Service::Gp && summary.gp_notice_stopped) {
        return None;
    }
    let version = signature.map_or(0, |signature| signature.amendment);
    let mut banners = Vec::new();
    if version > 0 {
        banners.push("This replaces the referral that was sent before with the same reference.".to_owned());
    }
    if onward.is_urgent() {
        banners.push(
            "URGENT: please see the patient as agreed, and phone the pharmacy if you cannot.".to_owned(),
        );
    }
    if !record.patient.nhs_number.is_empty() && record.patient.nhs_number_status != "verified" {
        banners.push("The NHS number is not verified: check who this is about.".to_owned());
    }
    let mut all = vec![
        Block { heading: "Reason for referral".to_owned(), lines: reason(record) },
        Block { heading: "Medicines handed over already".to_owned(), lines: given(record) },
    ];
    all.retain(|block| !block.lines.is_empty());
    all.extend(blocks(summary));
    let mut who = about(&record.patient);
    if !record.patient.phone.trim().is_empty() {
        who.push(("Phone".to_owned(), record.patient.phone.trim().to_owned()));
    }
    let practice = [record.patient.gp_name.as_str(), &labelled("ODS code", &record.patient.gp_ods)];
    let practice = lines(&practice).join(", ");
    if !practice.is_empty() {
        who.push(("GP practice".to_owned(), practice));
    }
    let urgency = if onward.is_urgent() { "Urgent referral" } else { "Referral" };
    Some(Letter {
        title: format!("{urgency} from a community pharmacy"),
        reference: reference(&id),
        version,
        banners,
        from: from(letterhead),
        to: lines(&[
            &onward.name,
            service.words(),
            &onward.address,
            &labelled("ODS code", &onward.ods),
            &labelled("Phone", &onward.phone),
        ]),
        about: who,
        blocks: all,
        signed: signed(signature),
        at: signature.map_or(&summary.seen_at, |signature| &signature.at).clone(),
    })
}

fn reason(record: &Consultation) -> Vec<String> {
    let onward = &record.onward;
    let mut lines: Vec<String> = record.onward_reason().lines().map(str::to_owned).collect();
    if onward.is_agreed() {
        let at = time::read(&onward.agreed_at).map(time::day_and_time).unwrap_or_default();
        lines.push(format!("Agreed by telephone with {}, {at}", onward.agreed_with.trim()));
    }
    if onward.consent == "yes" {
        lines.push("The patient consents to this information going to you.".to_owned());
    }
    lines
}

fn labelled(label: &str, words: &str) -> String {
    if words.trim().is_empty() { String::new() } else { format!("{label} {}", words.trim()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::{Answer, Medicine, Onward, Patient, summarise};
    use crate::ids::ConsultationId;
    use crate::pathway;

    fn record() -> Consultation {
        let ods = "FA123".parse().expect("an ODS code");
        let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &ods, "minor-illness@1", 0);
        record.patient = Patient {
            nhs_number: "9990548609".into(),
            nhs_number_status: "verified".into(),
            family_name: "Testerton".into(),
            given_name: "Wilhelmina".into(),
            birth_date: "1944-05-11".into(),
            address: "1 Elm Road\nZettington".into(),
            postcode: "ZZ99 3VZ".into(),
            ..Patient::default()
        };
        record.onward = Onward {
            service: "pharmacy".into(),
            urgency: "routine".into(),
            ods: "FB456".into(),
            name: "Sycamore Pharmacy".into(),
            phone: "01632 960805".into(),
            agreed_with: "Sam Lind, pharmacist".into(),
            agreed_at: "2026-11-22T14:05:00Z".into(),
            reason: "#let x = 1 $not$ in stock *here*".into(),
            consent: "yes".into(),
            ..Onward::default()
        };
        record.notes.clone_from(&"PRIVATE NOTE".into());
        for (key, answer) in [
            ("safeguarding-concern", Answer::YesNo(true)),
            ("safeguarding-told", Answer::Text("SOCIAL SERVICES".into())),
            ("safeguarding-what", Answer::Text("SOCIAL SERVICES".into())),
        ] {
            record.answers.insert(key.into(), answer);
        }
        record
    }

    fn signature(amendment: u64) -> Signature {
        Signature {
            name: "Asha Patel".into(),
            gphc: "2074123".into(),
            at: "2026-11-22T15:00:00Z".into(),
            amendment,
            ..Signature::default()
        }
    }

    fn letter(record: &Consultation, amendment: u64) -> Option<Letter> {
        let pathway = pathway::find(&record.pathway).expect("a file of this build");
        let letterhead = Letterhead { name: "Elm Pharmacy", ods: "FA123", ..Letterhead::default() };
        onward_referral(&summarise(record, pathway), record, &letterhead, Some(&signature(amendment)))
    }

    #[test]
    fn the_letter_is_made_of_the_record_and_says_what_was_agreed() {
        let letter = letter(&record(), 0).expect("a letter");
        assert_eq!(
            letter.to,
            ["Sycamore Pharmacy", "Another pharmacy", "ODS code FB456", "Phone 01632 960805"]
        );
        assert_eq!(letter.about[2], ("NHS number".to_owned(), "999 054 8609".to_owned()));
        let reason = &letter.blocks[0];
        assert_eq!(reason.lines[0], "#let x = 1 $not$ in stock *here*", "plain text, as it was written");
        assert_eq!(reason.lines[1], "Agreed by telephone with Sam Lind, pharmacist, 22 Nov 2026, 14:05");
        assert!(letter.blocks.iter().any(|block| block.heading == "Clinical summary"));
        assert_eq!(letter.signed, "Signed by Asha Patel, pharmacist, GPhC 2074123, 22 Nov 2026, 15:00.");
        assert_eq!(letter.at, "2026-11-22T15:00:00Z");
        assert_eq!(letter.reference, reference(&ConsultationId::from_bytes([7; 16])));
        assert!(letter.banners.is_empty());
    }

    #[test]
    fn a_part_supply_goes_on_with_what_was_given_and_what_is_still_wanted() {
        let mut record = record();
        record.pathway = "urgent-medicine-supply@1".into();
        let inhaler = Medicine {
            name: "Salbutamol 100micrograms/dose inhaler".into(),
            decision: "supplied".into(),
            supply_type: "emergency-supply".into(),
            quantity: "1".into(),
            unit: "inhaler".into(),
            supplied_at: "2026-11-22T15:00:00Z".into(),
            owed: "1 inhaler".into(),
            ..Medicine::default()
        };
        let tablets = Medicine {
            name: "Ramipril 5mg capsules".into(),
            decision: "referred".into(),
            owed: "28 capsules".into(),
            recorded_at: "2026-11-22T15:01:00Z".into(),
            ..Medicine::default()
        };
        let declined = Medicine { decision: "refused".into(), ..tablets.clone() };
        record.medicines =
            [("1", inhaler), ("2", tablets), ("3", declined)].map(|(id, line)| (id.into(), line)).into();
        let letter = letter(&record, 0).expect("a letter");
        let block = &letter.blocks[1];
        assert_eq!(block.heading, "Medicines handed over already");
        assert_eq!(
            block.lines,
            [
                "Salbutamol 100micrograms/dose inhaler: 1 inhaler, handed over 22 Nov 2026, 15:00, emergency supply. \
                 Still wanted: 1 inhaler.",
                "Ramipril 5mg capsules: nothing was handed over. Still wanted: 28 capsules.",
            ]
        );
    }

    #[test]
    fn safeguarding_and_notes_are_in_no_letter() {
        let written = serde_json::to_string(&letter(&record(), 0)).expect("JSON");
        assert!(!written.contains("SOCIAL SERVICES") && !written.contains("PRIVATE NOTE"), "{written}");
        assert!(!written.to_lowercase().contains("safeguarding"), "{written}");
    }

    #[test]
    fn what_must_be_seen_first_stands_first() {
        let mut record = record();
        record.onward.urgency = "urgent".into();
        record.patient.nhs_number_status = "unverified".into();
        let letter = letter(&record, 2).expect("a letter");
        assert_eq!((letter.banners.len(), letter.version), (3, 2));
        assert!(letter.banners[0].starts_with("This replaces") && letter.banners[1].starts_with("URGENT"));
        assert!(letter.title.starts_with("Urgent referral"));
    }

    #[test]
    fn nothing_is_written_where_nobody_is_sent_on_or_the_patient_refused() {
        let mut refused = record();
        refused.onward.consent = "no".into();
        assert_eq!(letter(&refused, 0), None);
        let mut nobody = record();
        nobody.onward = Onward::default();
        assert_eq!(letter(&nobody, 0), None);
    }
}
