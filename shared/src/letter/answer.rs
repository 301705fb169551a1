//! The answer to whoever referred the patient: that it has ended, and how. Nothing of the consultation beside it.

use super::notice::{about, from, lines, signed};
use super::{Block, Letter, Letterhead, reference};
use crate::consultation::{Consultation, Signature, Summary};
use crate::ids::ConsultationId;
use crate::time;

/// The answer about a record as it was signed; `None` where the record has no id to be called by.
pub fn answer(
    summary: &Summary,
    record: &Consultation,
    letterhead: &Letterhead<'_>,
    signature: &Signature,
) -> Option<Letter> {
    let id = record.id.parse::<ConsultationId>().ok()?;
    let referral = &record.referral;
    let ods = referral.referrer_ods.trim();
    let code = if ods.is_empty() { String::new() } else { format!("ODS code {ods}") };
    let at = [&referral.referred_at, &referral.received_at].into_iter().find_map(|at| time::read(at));
    let references: Vec<&str> = referral.case_references().filter(|id| !id.is_empty()).collect();
    let about_it = [
        at.map(|at| format!("Your referral of {}", time::day_and_time(at))).unwrap_or_default(),
        if references.is_empty() {
            String::new()
        } else {
            format!("Your reference {}", references.join(" "))
        },
    ];
    let about_it: Vec<&str> = about_it.iter().map(String::as_str).collect();
    Some(Letter {
        title: "Answer to your referral".to_owned(),
        reference: reference(&id),
        version: signature.amendment,
        banners: if record.patient.nhs_number.is_empty() || record.patient.nhs_number_status == "verified" {
            Vec::new()
        } else {
            vec!["The NHS number is not verified: check who this is about.".to_owned()]
        },
        from: from(letterhead),
        to: lines(&[&referral.referrer_name, &referral.referrer_person, &code]),
        about: about(&record.patient),
        blocks: vec![
            Block { heading: "Referral".to_owned(), lines: lines(&about_it) },
            Block { heading: "What came of it".to_owned(), lines: vec![ended(summary, record)] },
        ],
        signed: signed(Some(signature)),
        at: signature.at.clone(),
    })
    .map(|mut letter| {
        letter.blocks.retain(|block| !block.lines.is_empty());
        letter
    })
}

/// `Completed: Self-care advice.` or `Closed without a consultation: no contact.`
pub fn ended(summary: &Summary, record: &Consultation) -> String {
    match (record.outcome.closure_reason.as_str(), summary.outcome.as_str()) {
        ("", "") => "Completed.".to_owned(),
        ("", outcome) => format!("Completed: {outcome}."),
        (reason, _) => format!("Closed without a consultation: {}.", reason.replace('_', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::{Answer, summarise};
    use crate::pathway;

    fn record() -> Consultation {
        let ods = "FA123".parse().expect("an ODS code");
        let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &ods, "minor-illness@1", 0);
        record.patient.family_name = "Testerton".into();
        record.referral.referrer_name = "Larch Court Health Centre".into();
        record.referral.referrer_ods = "A88888".into();
        record.referral.referred_at = "2026-11-22T09:00:00Z".into();
        record.referral.case_ids = "mail|m@x case-reference|CASE-77".into();
        record.notes.clone_from(&"PRIVATE NOTE".into());
        record.answers.insert("history".into(), Answer::text("CHEST CLEAR"));
        record
    }

    fn letter(record: &Consultation) -> Letter {
        let pathway = pathway::find(&record.pathway).expect("a file of this build");
        let letterhead = Letterhead { name: "Elm Pharmacy", ods: "FA123", ..Letterhead::default() };
        let signature = Signature { name: "Asha Patel".into(), ..Signature::default() };
        answer(&summarise(record, pathway), record, &letterhead, &signature).expect("a letter")
    }

    #[test]
    fn who_referred_reads_that_it_has_ended_and_how_and_nothing_else() {
        let mut record = record();
        record.outcome.closure_reason = "no_contact".into();
        let letter = letter(&record);
        assert_eq!(letter.to, ["Larch Court Health Centre", "ODS code A88888"]);
        assert_eq!(letter.blocks[0].lines, ["Your referral of 22 Nov 2026, 09:00", "Your reference CASE-77"]);
        assert_eq!(letter.blocks[1].lines, ["Closed without a consultation: no contact."]);
        let written = serde_json::to_string(&letter).expect("JSON");
        assert!(!written.contains("PRIVATE") && !written.contains("CHEST"), "{written}");
    }
}
