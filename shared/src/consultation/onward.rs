//! Sending the patient on: what must be known and done before anything about them goes there.

use super::record::{Consultation, Onward};
use crate::places::Service;
use crate::time;

/// Answer of the pathways to *why*, where they ask it ([`Onward::reason`] otherwise).
const REASON: &str = "onward-reason";

impl Onward {
    /// Somebody is to be sent to.
    pub fn is_chosen(&self) -> bool {
        !self.service.is_empty()
    }

    pub fn is_urgent(&self) -> bool {
        self.urgency == "urgent"
    }

    /// Whether it is phoned and agreed before anything is sent: another pharmacy always (NHS 111 referrals, Pharmacy
    /// First service specification), and whatever is urgent, which is never left to a message alone. An emergency
    /// department agrees to nothing; the patient goes there.
    pub fn is_phoned_first(&self) -> bool {
        match self.service.parse::<Service>() {
            Ok(Service::Pharmacy) => true,
            Ok(Service::EmergencyDepartment) => false,
            Ok(_) | Err(_) => self.is_urgent(),
        }
    }

    /// Who agreed and when are both known.
    pub fn is_agreed(&self) -> bool {
        !self.agreed_with.trim().is_empty() && time::read(&self.agreed_at).is_some()
    }

    /// The patient does not want the record to go there.
    pub fn is_refused(&self) -> bool {
        self.consent == "no"
    }
}

impl Consultation {
    /// Why the patient is sent on, in words; empty where nobody wrote it.
    pub fn onward_reason(&self) -> &str {
        let own = self.onward.reason.trim();
        let answered = self.answers.get(REASON).and_then(|answer| answer.as_text()).unwrap_or_default();
        if own.is_empty() { answered.trim() } else { own }
    }

    /// What has to be done before the referral can go, as a person reads it; `None` where it can. Nothing is to be done
    /// where nobody is sent on, or where the patient refused.
    pub fn onward_waits_for(&self) -> Option<&'static str> {
        let onward = &self.onward;
        if !onward.is_chosen() || onward.is_refused() {
            return None;
        }
        if onward.service.parse::<Service>().is_err() {
            return Some("Choose where the patient is sent.");
        }
        if !["urgent", "routine"].contains(&onward.urgency.as_str()) {
            return Some("Say whether it is urgent or routine.");
        }
        if onward.name.trim().is_empty() {
            return Some("Choose the service from the list, or type its name.");
        }
        if self.onward_reason().is_empty() {
            return Some("Say why the patient is sent there.");
        }
        if onward.consent != "yes" {
            return Some("Ask the patient whether the record may go there.");
        }
        if onward.is_phoned_first() && !onward.is_agreed() {
            return Some("Phone them first: enter who agreed to take the patient, and when.");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::{Answer, Author, Document, Writer};
    use crate::ids::ConsultationId;

    fn record(service: &str, urgency: &str) -> Consultation {
        let ods = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([7; 16]);
        let mut record = Consultation::new(id, &ods, "minor-illness@1", 0);
        record.onward = Onward {
            service: service.into(),
            urgency: urgency.into(),
            name: "Sycamore Pharmacy".into(),
            reason: "Not in stock here".into(),
            consent: "yes".into(),
            ..Onward::default()
        };
        record
    }

    fn agreed(mut record: Consultation) -> Consultation {
        record.onward.agreed_with = "Sam Lind, pharmacist".into();
        record.onward.agreed_at = "2026-11-22T14:05:00Z".into();
        record
    }

    #[test]
    fn another_pharmacy_is_phoned_first_and_so_is_whatever_is_urgent() {
        for (service, urgency, phoned) in [
            ("pharmacy", "routine", true),
            ("pharmacy", "urgent", true),
            ("gp", "urgent", true),
            ("out-of-hours", "urgent", true),
            ("dentist", "urgent", true),
            ("dentist", "routine", false),
            ("optometrist", "routine", false),
            ("sexual-health", "routine", false),
            ("emergency-department", "urgent", false),
        ] {
            let waits = record(service, urgency).onward_waits_for();
            assert_eq!(
                waits.is_some_and(|words| words.starts_with("Phone them first")),
                phoned,
                "{service} {urgency}"
            );
            assert_eq!(agreed(record(service, urgency)).onward_waits_for(), None, "{service} {urgency}");
        }
    }

    #[test]
    fn a_name_without_a_time_is_no_agreement() {
        let mut half = agreed(record("pharmacy", "routine"));
        half.onward.agreed_at = "this morning".into();
        assert!(half.onward_waits_for().is_some());
        half.onward.agreed_at = "2026-11-22T14:05:00Z".into();
        half.onward.agreed_with = "  ".into();
        assert!(half.onward_waits_for().is_some());
    }

    #[test]
    fn nothing_goes_without_consent_a_name_and_a_reason() {
        let full = record("dentist", "routine");
        assert_eq!(full.onward_waits_for(), None);
        let without = |change: fn(&mut Onward)| {
            let mut record = full.clone();
            change(&mut record.onward);
            record.onward_waits_for()
        };
        assert!(without(|onward| onward.consent.clear()).is_some());
        assert!(without(|onward| onward.name.clear()).is_some());
        assert!(without(|onward| onward.urgency.clear()).is_some());
        assert!(without(|onward| onward.reason.clear()).is_some());
        assert!(without(|onward| onward.service = "spa".into()).is_some());
        assert_eq!(without(|onward| onward.consent = "no".into()), None, "refused: nothing is to be done");
    }

    #[test]
    fn two_who_chose_differently_apart_have_to_settle_it_before_signing() {
        let writer = |byte: u8| Writer { actor: [byte; 16], author: Author::default() };
        let mut one = Document::create(1_000, &writer(1), &record("", "")).expect("a document");
        let mut two = one.clone();
        one.edit(2_000, &writer(1), |record| record.onward.name = "Sycamore".into()).expect("written");
        two.edit(2_000, &writer(2), |record| record.onward.name = "Early Bird".into()).expect("written");
        one.apply(two.changes_since(&[])).expect("merged");
        let paths: Vec<_> = one.clashes().expect("read").into_iter().map(|clash| clash.path).collect();
        assert_eq!(paths, ["onward/name"]);
    }

    #[test]
    fn the_reason_that_the_pathway_asked_for_is_the_reason() {
        let mut record = record("dentist", "routine");
        record.onward.reason.clear();
        record.answers.insert(REASON.into(), Answer::Text("Broken tooth".into()));
        assert_eq!((record.onward_reason(), record.onward_waits_for()), ("Broken tooth", None));
    }
}
