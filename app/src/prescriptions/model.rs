//! What a look for prescriptions leaves in the record, and what the pathway's question is answered with.

use shared::api::{PrescriptionsBy, PrescriptionsFound};
use shared::consultation::{Answer, Consultation, Lookup};
use shared::ids::{ConsultationId, PersonId};
use shared::pathway::Pathway;
use shared::patient::NhsNumber;
use shared::prescription::tracker::By;
use shared::prescription::{Id, Prescription, preferred, waiting_words};
use shared::time::{self, Millis};

/// The pathway's question that a look answers; pathways without it keep only the look itself.
const QUESTION: &str = "prescription-found";

/// Where somebody looked by hand, as `Lookup::source` has it, with its words.
pub const SOURCES: [(&str, &str); 3] = [
    ("tracker-website", "Prescription tracker website"),
    ("phone", "By phone"),
    ("summary-care-record", "Summary Care Record"),
];

/// What somebody saw, by hand. The first three can still be dispensed.
pub const STATUSES: [&str; 4] = [
    "To be dispensed",
    "With another dispenser",
    "Written, not released yet",
    "Dispensed, cancelled or expired",
];

/// What is searched for: the id where one is typed, else the patient's number.
pub fn wanted(id: &str, nhs_number: &str) -> Result<By, String> {
    if !id.trim().is_empty() {
        return Id::parse(id).map(By::Id).map_err(|why| why.to_string());
    }
    nhs_number.parse::<NhsNumber>().map(By::Number).map_err(|_| {
        "No NHS number is recorded. Type the prescription id, or look the patient up first.".to_owned()
    })
}

/// As it goes to the server, in a body.
pub fn asked(by: &By) -> PrescriptionsBy {
    match by {
        By::Id(id) => PrescriptionsBy::Id { id: id.short() },
        By::Number(number) => PrescriptionsBy::NhsNumber { nhs_number: number.to_string() },
    }
}

/// A look by whoever is here, now.
#[derive(Debug, Clone)]
pub struct Looker {
    /// Name.
    pub by: String,
    pub at: Millis,
}

impl Looker {
    fn look(&self, source: &str, result: &str) -> Lookup {
        Lookup {
            kind: "prescription".to_owned(),
            at: time::stored(self.at),
            by: self.by.clone(),
            source: source.to_owned(),
            result: result.to_owned(),
            ..Lookup::default()
        }
    }

    /// What the tracker said: each that is waiting, or that none is, with what was seen instead.
    pub fn online(&self, answer: &PrescriptionsFound) -> Vec<Lookup> {
        let waiting = preferred(&answer.found.prescriptions);
        if waiting.is_empty() {
            let seen =
                answer.found.prescriptions.iter().map(|one| format!("{}: {}", one.id, one.status.words));
            let detail = seen.collect::<Vec<_>>().join("\n");
            return vec![Lookup { detail, ..self.look("tracker", "none") }];
        }
        let found = |one: &&Prescription| Lookup {
            prescription: one.id.short(),
            status: one.status.words.clone(),
            detail: one.in_words(),
            ..self.look("tracker", "found")
        };
        waiting.iter().map(found).collect()
    }

    /// What somebody found by hand. `id` may be left out where whoever was asked did not say it.
    pub fn by_hand(&self, source: &str, id: &str, status: &str, detail: &str) -> Result<Lookup, String> {
        if !SOURCES.iter().any(|(known, _)| *known == source) {
            return Err("Say where you looked.".to_owned());
        }
        if !STATUSES.contains(&status) {
            return Err("Say what became of the prescription.".to_owned());
        }
        let prescription = match id.trim() {
            "" => String::new(),
            typed => Id::parse(typed).map_err(|why| why.to_string())?.short(),
        };
        Ok(Lookup {
            prescription,
            status: status.to_owned(),
            detail: detail.trim().to_owned(),
            ..self.look(source, "found")
        })
    }

    pub fn found_none(&self, source: &str) -> Lookup {
        self.look(source, "none")
    }

    /// Nobody could look; why is not kept.
    pub fn could_not(&self) -> Lookup {
        self.look("tracker", "failed")
    }
}

/// Whether what a look found can still be dispensed.
fn is_waiting(look: &Lookup) -> bool {
    // Of the tracker's only what is waiting is kept as found.
    look.result == "found" && (look.source == "tracker" || STATUSES[..3].contains(&look.status.as_str()))
}

/// `found`, `none` or `could-not-look`: anything that is waiting counts, else what was looked at last; `None` before
/// anybody looked.
pub fn answer(record: &Consultation) -> Option<&'static str> {
    let looks = || record.lookups.values().filter(|look| look.kind == "prescription");
    if looks().any(is_waiting) {
        return Some("found");
    }
    // That nobody could look is forgotten once somebody could.
    let result = if looks().any(|look| look.result != "failed") { "none" } else { "could-not-look" };
    looks().next().map(|_| result)
}

/// Keeps looks under new ids, and answers the pathway's question by all that there are.
pub fn keep(record: &mut Consultation, pathway: &Pathway, looks: Vec<(String, Lookup)>, now: Millis) {
    record.lookups.extend(looks);
    if let (Some(field), Some(found)) = (pathway.field(QUESTION), answer(record)) {
        crate::consultation::model::put(record, field, QUESTION, Some(Answer::text(found)), now);
    }
}

/// What stands above everything where a prescription is to be dispensed. `here`: the ODS code of this pharmacy.
pub fn preferred_words(record: &Consultation, latest: &[Prescription], here: &str) -> Option<String> {
    waiting_words(latest, here).or_else(|| {
        let look = record.lookups.values().filter(|look| look.kind == "prescription").find(|look| is_waiting(look))?;
        Some(match look.status.as_str() {
            "To be dispensed" => {
                "A prescription is waiting: dispense it rather than make an emergency supply.".to_owned()
            }
            other => format!(
                "A prescription was found ({other}). Find out whether it can be dispensed before an emergency supply \
                 is made."
            ),
        })
    })
}

/// A look as a line: `23 Nov 2026, 14:05, Tom Reid: found, To be dispensed (5A1B0E-…)`.
pub fn line(look: &Lookup) -> String {
    let when = time::read(&look.at).map(time::day_and_time).unwrap_or_default();
    let result = match look.result.as_str() {
        "found" => "found",
        "none" => "looked and found none waiting",
        _ => "could not look",
    };
    let parts = [look.status.as_str(), look.prescription.as_str()];
    let more: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let more = if more.is_empty() { String::new() } else { format!(", {}", more.join(", ")) };
    let detail = look.detail.replace('\n', "; ");
    let detail = if detail.is_empty() { detail } else { format!(". {detail}") };
    format!("{when}, {}: {result}{more}{detail}", look.by)
}

/// One prescription in the list of an answer: `Repeat, issue 1 of 6, written 20 Nov 2026: To be dispensed`.
pub fn heading(one: &Prescription) -> String {
    let mut words = if one.kind.is_empty() { "Prescription".to_owned() } else { one.kind.clone() };
    if let Some(repeats) = one.repeats {
        words = format!("{words}, issue {} of {}", repeats.issue, repeats.of);
    }
    let day = one.issued.get(..10).and_then(|day| day.parse().ok()).map(time::written_date);
    let written = day.map(|day| format!(", written {day}")).unwrap_or_default();
    let cancelled = if one.pending_cancellation { ", being cancelled by the prescriber" } else { "" };
    format!("{words}{written}: {}{cancelled}", one.status.words)
}

/// Where the page goes to sign in with CIS2, and comes back from. Ids only: addresses end up in logs.
pub fn cis2_address(id: &ConsultationId, person: &PersonId) -> String {
    format!("/api/cis2/start?return=%2Fconsultations%2F{id}&person={person}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::prescription::{Found, status};

    const NOW: Millis = 1_795_000_000_000;

    fn looker() -> Looker {
        Looker { by: "Tom Reid".to_owned(), at: NOW }
    }

    fn record() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        Consultation::new(ConsultationId::from_bytes([3; 16]), &pharmacy, "urgent-medicine-supply@1", NOW)
    }

    fn prescription(code: &str) -> Prescription {
        let json = serde_json::json!({
            "id": "A3B4D9-Z42475-11E6B+", "issued": "2026-11-20T00:00:00Z", "kind": "Acute",
            "status": status(code, ""), "items": [], "prescriber": "", "with_dispenser": "FB456",
            "dispenser_name": "", "nominated": "", "repeats": null, "events": [],
            "pending_cancellation": false, "items_pending_cancellation": false, "cancellation_reason": null,
        });
        serde_json::from_value(json).expect("a prescription")
    }

    fn answered(code: &str) -> PrescriptionsFound {
        PrescriptionsFound {
            found: Found { prescriptions: vec![prescription(code)], ..Found::default() },
            ..PrescriptionsFound::default()
        }
    }

    fn kept(looks: Vec<Lookup>) -> Consultation {
        let mut record = record();
        let looks = looks.into_iter().enumerate().map(|(at, look)| (at.to_string(), look));
        record.lookups.extend(looks);
        record
    }

    #[test]
    fn an_id_is_searched_for_before_a_number_and_never_both() {
        assert!(matches!(wanted("a3b4d9z4247511e6b+", "9990523185"), Ok(By::Id(_))));
        assert!(matches!(wanted(" ", "9990523185"), Ok(By::Number(_))));
        assert!(wanted("A3B4D9-Z42475-11E6C+", "9990523185").is_err_and(|why| why.contains("compare them")));
        assert!(wanted("", "").is_err());
    }

    #[test]
    fn a_waiting_prescription_answers_found_and_a_dispensed_one_does_not() {
        let waiting = kept(looker().online(&answered("0001")));
        assert_eq!(answer(&waiting), Some("found"));
        assert!(
            preferred_words(&waiting, &[], "FA123").is_some_and(|words| words.contains("dispense it rather"))
        );
        let over = kept(looker().online(&answered("0006")));
        assert_eq!(answer(&over), Some("none"));
        assert_eq!(preferred_words(&over, &[], "FA123"), None);
        assert_eq!(answer(&record()), None);
    }

    #[test]
    fn what_is_found_by_hand_counts_as_much_and_its_id_is_checked() {
        let found =
            looker().by_hand("phone", "a3b4d9z4247511e6b+", "With another dispenser", " ").expect("a look");
        assert_eq!(found.prescription, "A3B4D9-Z42475-11E6B+");
        assert_eq!(answer(&kept(vec![found])), Some("found"));
        assert!(looker().by_hand("phone", "A3B4D9", STATUSES[0], "").is_err_and(|why| why.contains("20")));
        assert!(looker().by_hand("", "", STATUSES[0], "").is_err());
        let over = looker().by_hand("phone", "", STATUSES[3], "").expect("a look");
        assert_eq!(answer(&kept(vec![over])), Some("none"));
    }

    #[test]
    fn that_nobody_could_look_is_said_until_somebody_could() {
        assert_eq!(answer(&kept(vec![looker().could_not()])), Some("could-not-look"));
        let later = kept(vec![looker().could_not(), looker().found_none("phone")]);
        assert_eq!(answer(&later), Some("none"));
        assert_eq!(looker().could_not().detail, "", "a failure never says why");
    }

    #[test]
    fn a_prescription_reads_as_a_line() {
        assert_eq!(heading(&prescription("0002")), "Acute, written 20 Nov 2026: With dispenser");
        let look = looker().found_none("phone");
        assert!(line(&look).ends_with("Tom Reid: looked and found none waiting"), "{}", line(&look));
    }

    #[test]
    fn the_way_to_cis2_names_no_patient() {
        let address = cis2_address(&ConsultationId::from_bytes([3; 16]), &PersonId::from_bytes([4; 16]));
        assert!(address.starts_with("/api/cis2/start?return=%2Fconsultations%2F03030303-"), "{address}");
    }
}
