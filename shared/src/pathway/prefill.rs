//! First answers from what is already known, each with where it came from (ui.md 4). A person confirms them.

use super::definition::Prefill;
use crate::consultation::{Answer, Consultation};
use crate::time::{self, Millis};

/// An answer offered, never entered by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    pub answer: Answer,
    /// For example `from the referral`.
    pub source: &'static str,
}

impl Prefill {
    /// What could be answered now; `None` when nothing is known. `me` is the name of whoever is signed in.
    pub fn suggest(self, record: &Consultation, now: Millis, me: &str) -> Option<Suggestion> {
        let (words, source) = match self {
            Self::PatientAddress if !record.patient.location_now.trim().is_empty() => {
                (record.patient.location_now.clone(), "where the patient is now, from the referral")
            }
            Self::PatientAddress => {
                let parts = record.patient.address.lines().chain([record.patient.postcode.as_str()]);
                let parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
                (parts.join(", "), "home address")
            }
            Self::ReferralComplaint => (record.referral.complaint.clone(), "from the referral"),
            Self::Now => (time::clock_time(now), "the time now"),
            Self::Me => (me.to_owned(), "signed in"),
        };
        let words = words.trim();
        (!words.is_empty()).then(|| Suggestion { answer: Answer::text(words), source })
    }
}
