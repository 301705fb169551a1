//! Calls that a record asks for: what is urgent is never left to a message alone.

use super::{Answer, Call, Consultation};

/// [`Call::about`] of a call to the patient's practice about something urgent.
pub const GP_URGENT: &str = "gp-urgent";

/// Whether the practice is to be phoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallAsked {
    /// Something urgent is asked of it: the call comes before the signature.
    Urgent,
    /// Something is asked of it; a person knows whether it can wait for a message to be read.
    PerhapsUrgent,
}

impl Consultation {
    /// Whether the practice is to be phoned about this visit; `None` where nothing is asked of it.
    ///
    /// GP Connect Update Record says of itself that it is no way to ask for urgent action.
    pub fn gp_call_asked(&self) -> Option<CallAsked> {
        let answer =
            |field: &str| self.answers.get(field).and_then(Answer::as_text).unwrap_or_default().trim();
        let asked = !answer("gp-action").is_empty();
        match answer("decision") {
            "onward-urgent" if asked || answer("onward-to-urgent") == "own-gp-urgent" => {
                Some(CallAsked::Urgent)
            }
            _ => asked.then_some(CallAsked::PerhapsUrgent),
        }
    }

    /// The calls to the practice about something urgent, oldest first.
    pub fn gp_calls(&self) -> Vec<&Call> {
        let mut calls: Vec<&Call> = self.calls.values().filter(|call| call.about == GP_URGENT).collect();
        calls.sort_by(|a, b| a.at.cmp(&b.at));
        calls
    }

    /// The practice is asked for something urgent, and nobody there was told yet on the phone.
    pub fn gp_call_missing(&self) -> bool {
        let told = |call: &&Call| matches!(call.result.as_str(), "agreed" | "told");
        self.gp_call_asked() == Some(CallAsked::Urgent) && !self.gp_calls().iter().any(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConsultationId;

    fn record(answers: &[(&str, &str)]) -> Consultation {
        let ods = "FZ999".parse().expect("an ODS code");
        let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &ods, "minor-illness@1", 0);
        let answers = answers.iter().map(|(field, words)| ((*field).to_owned(), Answer::text(*words)));
        record.answers.extend(answers);
        record
    }

    fn call(result: &str) -> Call {
        Call { about: GP_URGENT.to_owned(), result: result.to_owned(), ..Call::default() }
    }

    #[test]
    fn what_is_urgent_for_the_practice_asks_for_a_call_and_what_can_wait_only_perhaps() {
        let urgent = [("decision", "onward-urgent"), ("onward-to-urgent", "own-gp-urgent")];
        assert_eq!(record(&urgent).gp_call_asked(), Some(CallAsked::Urgent));
        let elsewhere = [("decision", "onward-urgent"), ("onward-to-urgent", "utc")];
        assert_eq!(record(&elsewhere).gp_call_asked(), None);
        let both =
            [("decision", "onward-urgent"), ("onward-to-urgent", "utc"), ("gp-action", "Stop the tablets")];
        assert_eq!(record(&both).gp_call_asked(), Some(CallAsked::Urgent));
        let later = [("decision", "self-care"), ("gp-action", "Review in a month")];
        assert_eq!(record(&later).gp_call_asked(), Some(CallAsked::PerhapsUrgent));
        // Once said, then decided otherwise: an answer that is no longer asked for asks for nothing.
        let withdrawn = [("decision", "self-care"), ("onward-to-urgent", "own-gp-urgent")];
        assert_eq!(record(&withdrawn).gp_call_asked(), None);
    }

    #[test]
    fn a_call_that_reached_nobody_is_recorded_and_does_not_count() {
        let mut record = record(&[("decision", "onward-urgent"), ("onward-to-urgent", "own-gp-urgent")]);
        assert!(record.gp_call_missing());
        record.calls.insert("1".to_owned(), call("no-answer"));
        assert!(record.gp_call_missing());
        record.calls.insert("2".to_owned(), call("told"));
        assert!(!record.gp_call_missing() && record.gp_calls().len() == 2);
    }
}
