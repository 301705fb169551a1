//! A consultation on plain paper, and how long without contact is too long, in words.

use crate::consultation::medicine_words::medicine_line;
use crate::ui::words;
use shared::consultation::Consultation;
use shared::pathway::{Facts, Pathway, answer_in_words};
use shared::time::Millis;

/// When access ended by itself, and what that closes (practice 30).
pub fn ended_words(pharmacy: &str, access_ends: &str, now: Millis) -> String {
    let at = match words::when(access_ends, now) {
        none if none.is_empty() => String::new(),
        time => format!(" at {time}"),
    };
    format!(
        "Your access to {pharmacy} ended{at}, as its administrator had set it. Its patients are closed to you on this \
         device; your own work that has not been sent stays readable."
    )
}

/// One heading with what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub title: String,
    /// Label and words; the label is empty where the words speak for themselves.
    pub lines: Vec<(String, String)>,
}

/// The whole record as it is read and printed. Private answers stay out (practice 10); it is said when there are some.
pub fn on_paper(record: &Consultation, pathway: Option<&Pathway>, now: Millis) -> Vec<Part> {
    let tried = shared::referral::in_words(record.attempts.values());
    let mut parts = vec![patient(record, now), referral(record, now), only("Reaching the patient", &tried)];
    let mut kept_back = false;
    if let Some(pathway) = pathway {
        let facts = Facts::of(record);
        for section in &pathway.sections {
            let mut lines = Vec::new();
            for field in pathway.fields.iter().filter(|field| field.section == section.id) {
                let words = answer_in_words(pathway, field, &record.answers, &record.observations, &facts);
                match words {
                    Some(_) if field.private => kept_back = true,
                    Some(words) => lines.push((field.short().to_owned(), words)),
                    None => {}
                }
            }
            parts.push(Part { title: section.title.clone(), lines });
        }
        let medicines = record.medicines.values();
        let lines = medicines.map(|medicine| (String::new(), medicine_line(pathway, medicine))).collect();
        parts.push(Part { title: "Medicines".to_owned(), lines });
    }
    parts.push(only("Notes", record.notes.as_str()));
    let signed = record.signatures.values().map(|signature| {
        let registered =
            if signature.gphc.is_empty() { String::new() } else { format!(", GPhC {}", signature.gphc) };
        (String::new(), format!("{}{registered}, {}", signature.name, words::when(&signature.at, now)))
    });
    parts.push(Part { title: "Signed".to_owned(), lines: signed.collect() });
    if kept_back {
        parts.push(only("Not printed", "Confidential answers. They are in the record."));
    }
    parts.retain(|part| !part.lines.is_empty());
    parts
}

fn only(title: &str, words: &str) -> Part {
    let lines = if words.is_empty() { Vec::new() } else { vec![(String::new(), words.to_owned())] };
    Part { title: title.to_owned(), lines }
}

fn filled<const N: usize>(lines: [(&str, String); N]) -> Vec<(String, String)> {
    lines
        .into_iter()
        .filter(|(_, words)| !words.trim().is_empty())
        .map(|(label, words)| (label.to_owned(), words))
        .collect()
}

fn patient(record: &Consultation, now: Millis) -> Part {
    let patient = &record.patient;
    let number = match (patient.nhs_number.as_str(), patient.nhs_number_status.as_str()) {
        ("", _) => "none recorded".to_owned(),
        (number, "verified") => words::nhs_number(number),
        (number, _) => format!("{} (not verified)", words::nhs_number(number)),
    };
    let address = [patient.address.trim(), patient.postcode.trim()];
    let address: Vec<&str> = address.into_iter().filter(|part| !part.is_empty()).collect();
    let lines = filled([
        ("Name", words::full_name(patient)),
        ("Born", words::born(&patient.birth_date, now)),
        ("NHS number", number),
        ("Address", address.join("\n")),
        ("Phone", patient.phone.clone()),
        ("GP practice", patient.gp_name.clone()),
    ]);
    Part { title: "Patient".to_owned(), lines }
}

fn referral(record: &Consultation, now: Millis) -> Part {
    let referral = &record.referral;
    let lines = filled([
        ("Came by", words::channel(&referral.channel).to_owned()),
        ("Received", words::when(&referral.received_at, now)),
        ("Promised by", words::when(&referral.due_at, now)),
        ("Complaint", referral.complaint.clone()),
        ("Case", referral.case_references().collect::<Vec<_>>().join(", ")),
        ("Began", words::when(&record.visit.started_at, now)),
        ("Responsible pharmacist", record.visit.responsible_pharmacist.clone()),
        ("Taken by", record.visit.taken_by.clone()),
    ]);
    Part { title: "Referral".to_owned(), lines }
}

/// `3 days`, `30 hours`.
pub fn limit_words(hours: u32) -> String {
    match hours {
        24 => "1 day".to_owned(),
        hours if hours % 24 == 0 => format!("{} days", hours / 24),
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::Answer;
    use shared::ids::ConsultationId;
    use shared::time;

    #[test]
    fn an_end_of_access_names_the_pharmacy_and_the_time() {
        let now = time::read("2026-11-22T19:00:00Z").expect("an instant");
        let words = ended_words("Elm Pharmacy", "2026-11-22T18:00:00Z", now);
        assert!(words.starts_with("Your access to Elm Pharmacy ended at 18:00,"), "{words}");
    }

    fn now() -> Millis {
        time::read("2026-11-22T16:00:00Z").expect("an instant")
    }

    fn record() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let mut record =
            Consultation::new(ConsultationId::from_bytes([9; 16]), &pharmacy, "minor-illness@1", now());
        record.patient.family_name = "Winters".to_owned();
        record.patient.nhs_number = "9990548609".to_owned();
        record.referral.channel = "walkin".to_owned();
        record.notes = "Seen at the door.".into();
        record
    }

    #[test]
    fn on_paper_stands_who_the_patient_is_what_was_answered_and_what_was_noted() {
        let mut record = record();
        record.answers.insert("complaint".to_owned(), Answer::text("Sore throat."));
        let parts = on_paper(&record, shared::pathway::find("minor-illness@1"), now());
        let all: Vec<&str> =
            parts.iter().flat_map(|part| &part.lines).map(|(_, words)| words.as_str()).collect();
        for words in ["WINTERS", "999 054 8609 (not verified)", "Sore throat.", "Seen at the door."] {
            assert!(all.contains(&words), "{words} in {all:?}");
        }
        assert!(parts.iter().all(|part| !part.lines.is_empty()));
    }

    #[test]
    fn a_private_answer_is_not_printed_and_that_is_said() {
        let pathway = shared::pathway::find("minor-illness@1").expect("embedded");
        let private = pathway
            .fields
            .iter()
            .filter(|field| field.private && field.kind == shared::pathway::Kind::YesNo)
            .map(|field| field.id.clone())
            .next()
            .expect("safeguarding is private");
        let mut record = record();
        record.answers.insert(private, Answer::YesNo(true));
        let parts = on_paper(&record, Some(pathway), now());
        assert!(parts.iter().any(|part| part.title == "Not printed"));
        let labels: Vec<&str> =
            parts.iter().flat_map(|part| &part.lines).map(|(label, _)| label.as_str()).collect();
        assert!(labels.iter().all(|label| !label.to_lowercase().contains("safeguarding")), "{labels:?}");
    }

    #[test]
    fn the_limit_is_told_in_days_where_it_is_days() {
        assert_eq!(limit_words(72), "3 days");
        assert_eq!(limit_words(24), "1 day");
        assert_eq!(limit_words(30), "30 hours");
    }
}
