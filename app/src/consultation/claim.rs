//! What becomes of the claim of a signed visit: whether it is paid for and why, and what NHSBSA said.

use super::desk::Desk;
use leptos::prelude::*;
use shared::claim::{Allowed, Verdict, assess};
use shared::consultation::Consultation;

/// The line under a signed visit; `None` while nobody has signed.
///
/// Until the server has said something it is judged here, without what the contractor has settled.
pub fn claim_line(record: &Consultation) -> Option<String> {
    let signature = record.signatures.values().max_by_key(|signature| signature.amendment)?;
    if let Some(said) = record.claim() {
        let state = match said.state.as_str() {
            "accepted" => "Claimed",
            "held" => "Claim on hold",
            "not-required" => "Not claimed",
            "refused" | "needs-attention" => "Claim not taken",
            _ => "To be claimed",
        };
        let detail = said.detail.trim();
        return Some(if detail.is_empty() { format!("{state}.") } else { format!("{state}: {detail}") });
    }
    let verdict = assess(record, signature, &Allowed::new());
    let state = match verdict {
        Verdict::Payable(_) => "Payable",
        Verdict::Hold { .. } => "Claim on hold",
        Verdict::NotPayable { .. } => "Not payable",
    };
    Some(format!("{state}: {}", verdict.words()))
}

#[component]
pub fn ClaimLine() -> impl IntoView {
    let desk = Desk::from_context();
    let line = Memo::new(move |_| desk.read(|open| claim_line(&open.record)).flatten());
    move || line.get().map(|line| view! { <p id="claim-line">{line}</p> })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::{Answer, Delivery, Signature};
    use shared::ids::ConsultationId;

    fn signed() -> Consultation {
        let pharmacy = "FA123".parse().expect("a code");
        let mut record =
            Consultation::new(ConsultationId::from_bytes([1; 16]), &pharmacy, "minor-illness@1", 0);
        record.visit.started_at = "2026-11-20T10:00:00Z".to_owned();
        record.referral.channel = "itk111".to_owned();
        record.answers.insert("setting".to_owned(), Answer::text("patients-home"));
        record.answers.insert("method".to_owned(), Answer::text("FTF"));
        let signature = Signature { gphc: "2012345".to_owned(), ..Signature::default() };
        record.signatures.insert("p/0".to_owned(), signature);
        record
    }

    #[test]
    fn before_the_server_has_said_anything_the_device_says_what_the_rules_say() {
        let mut record = signed();
        let line = claim_line(&record).expect("signed");
        assert!(line.starts_with("Claim on hold: Whether minor illness may be given there"), "{line}");
        "walkin".clone_into(&mut record.referral.channel);
        assert!(
            claim_line(&record).is_some_and(|line| line.starts_with("Not payable: There was no referral."))
        );
        record.signatures.clear();
        assert_eq!(claim_line(&record), None);
    }

    #[test]
    fn what_nhsbsa_said_stands_in_its_place() {
        let mut record = signed();
        let said = Delivery {
            state: "accepted".to_owned(),
            detail: "NHSBSA has taken the claim: MYS-000001.".to_owned(),
            ..Delivery::default()
        };
        record.deliveries.insert("claim/0".to_owned(), said);
        assert_eq!(claim_line(&record).expect("said"), "Claimed: NHSBSA has taken the claim: MYS-000001.");
    }
}
