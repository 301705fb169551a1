//! A new consultation without a network: what must be known, and the record it becomes (practice 3).

use jiff::civil::Date;
use shared::consultation::Patient;
use shared::pathway::{Pathway, Strand};
use shared::patient::tracing::forget_trace;
use shared::patient::{NhsNumber, Postcode};
use shared::time::{self, Millis};

/// What stands in the boxes of the patient form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatientForm {
    pub family_name: String,
    pub given_name: String,
    pub birth_date: String,
    pub sex: String,
    pub nhs_number: String,
    pub address: String,
    pub postcode: String,
    pub location_now: String,
    pub phone: String,
    pub gp_name: String,
    pub gp_ods: String,
}

/// Something in the form to put right: the box and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Id of the box.
    pub field: &'static str,
    pub words: String,
}

impl PatientForm {
    /// The form for a patient already known.
    pub fn of(patient: &Patient) -> Self {
        Self {
            family_name: patient.family_name.clone(),
            given_name: patient.given_name.clone(),
            birth_date: patient.birth_date.clone(),
            sex: patient.sex.clone(),
            nhs_number: crate::ui::words::nhs_number(&patient.nhs_number),
            address: patient.address.clone(),
            postcode: patient.postcode.clone(),
            location_now: patient.location_now.clone(),
            phone: patient.phone.clone(),
            gp_name: patient.gp_name.clone(),
            gp_ods: patient.gp_ods.clone(),
        }
    }

    /// A patient who does not exist, to try Satchel out with. Without an NHS number no GP can be told.
    pub fn practice_patient() -> Self {
        Self {
            family_name: "Practice".to_owned(),
            given_name: "Patient".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            sex: "female".to_owned(),
            address: "1 Example Street\nExampletown".to_owned(),
            ..Self::default()
        }
    }

    /// What has to be put right before the record can be made.
    pub fn mistakes(&self, now: Millis) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut say = |field, words: String| mistakes.push(Mistake { field, words });
        if self.family_name.trim().is_empty() && self.given_name.trim().is_empty() {
            say("patient-family-name", "Enter the patient's name.".to_owned());
        }
        if !self.birth_date.trim().is_empty() {
            match self.birth_date.trim().parse::<Date>() {
                Err(_) => {
                    say("patient-birth-date", "Enter the date of birth as day, month and year.".to_owned());
                }
                Ok(born) if time::age(born, time::day(now)).is_none_or(|age| age > 130) => {
                    say(
                        "patient-birth-date",
                        "The date of birth must be in the past. Check the year.".to_owned(),
                    );
                }
                Ok(_) => {}
            }
        }
        if !self.nhs_number.trim().is_empty()
            && let Err(problem) = self.nhs_number.parse::<NhsNumber>()
        {
            say("patient-nhs-number", problem.to_string());
        }
        if !self.postcode.trim().is_empty()
            && let Err(problem) = self.postcode.parse::<Postcode>()
        {
            say("patient-postcode", problem.to_string());
        }
        if !self.gp_ods.trim().is_empty()
            && let Err(problem) = self.gp_ods.parse::<shared::ids::OdsCode>()
        {
            say("patient-gp-ods", format!("The practice code is not right: {problem}."));
        }
        mistakes
    }

    /// Writes the form over the patient. A number that was changed by hand is no longer a verified one, nor the patient
    /// traced (practice 11).
    pub fn write(&self, patient: &mut Patient) {
        let tidy = |text: &str| text.trim().to_owned();
        let number = self.nhs_number.parse::<NhsNumber>().map(String::from).unwrap_or_default();
        if number != patient.nhs_number {
            patient.nhs_number_status =
                if number.is_empty() { String::new() } else { "unverified".to_owned() };
            patient.nhs_number = number;
            forget_trace(patient);
        }
        patient.family_name = tidy(&self.family_name);
        patient.given_name = tidy(&self.given_name);
        patient.birth_date = tidy(&self.birth_date);
        patient.sex = if self.sex.is_empty() { "unknown".to_owned() } else { self.sex.clone() };
        patient.address = tidy(&self.address);
        patient.postcode =
            self.postcode.parse::<Postcode>().map_or_else(|_| tidy(&self.postcode), String::from);
        patient.location_now = tidy(&self.location_now);
        patient.phone = tidy(&self.phone);
        patient.gp_name = tidy(&self.gp_name);
        patient.gp_ods = self.gp_ods.trim().to_uppercase();
    }
}

/// How the patient came to be here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Came {
    /// By themselves.
    WalkIn,
    /// Told by phone; the message has not arrived.
    Phone,
    /// Told by e-mail.
    Email,
}

impl Came {
    pub const ALL: [Self; 3] = [Self::WalkIn, Self::Phone, Self::Email];

    /// `Referral::channel`.
    pub fn channel(self) -> &'static str {
        match self {
            Self::WalkIn => "walkin",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::WalkIn => "Came by themselves",
            Self::Phone => "Referred by phone",
            Self::Email => "Referred by e-mail",
        }
    }
}

/// What the pharmacist has to know before starting this service for somebody who came so (practice 3).
pub fn referral_note(pathway: &Pathway, came: Came) -> Option<&'static str> {
    match (pathway.strand, came) {
        (Strand::ClinicalPathway, _) => None,
        (Strand::MinorIllness, Came::WalkIn) => Some(
            "Minor illness needs a referral to be paid. Without one this is self-care advice. \
             If the patient says they were referred, ask the referrer to send it.",
        ),
        (Strand::UrgentMedicineSupply, Came::WalkIn) => Some(
            "Urgent medicine supply needs a referral from NHS 111 or urgent care. \
             Without one, ask the patient to contact NHS 111, or ask the referrer to send it.",
        ),
        (_, Came::Phone | Came::Email) => Some(
            "Write down who referred the patient. Ask them to send the referral itself too: \
             a claim needs it.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Millis {
        time::read("2026-11-22T14:00:00Z").expect("an instant")
    }

    fn hettie() -> PatientForm {
        PatientForm {
            family_name: "Winters".to_owned(),
            nhs_number: "999 054 8609".to_owned(),
            postcode: "ls14ap".to_owned(),
            ..PatientForm::default()
        }
    }

    #[test]
    fn a_name_is_enough_to_begin() {
        let form = PatientForm { family_name: "Winters".to_owned(), ..PatientForm::default() };
        assert!(form.mistakes(now()).is_empty());
        assert_eq!(PatientForm::default().mistakes(now())[0].field, "patient-family-name");
    }

    #[test]
    fn a_birth_in_the_future_and_a_wrong_digit_are_both_named() {
        let form = PatientForm {
            birth_date: "2030-01-01".to_owned(),
            nhs_number: "999 054 8608".to_owned(),
            ..hettie()
        };
        let fields: Vec<_> = form.mistakes(now()).into_iter().map(|mistake| mistake.field).collect();
        assert_eq!(fields, ["patient-birth-date", "patient-nhs-number"]);
    }

    #[test]
    fn a_number_typed_by_hand_is_not_verified_and_one_left_alone_stays_so() {
        let mut patient = Patient::default();
        hettie().write(&mut patient);
        assert_eq!(patient.nhs_number_status, "unverified");
        assert_eq!(patient.postcode, "LS1 4AP");
        patient.nhs_number_status = "verified".to_owned();
        patient.traced_at = "2026-11-22T14:00:00Z".to_owned();
        PatientForm::of(&patient).write(&mut patient);
        assert_eq!(patient.nhs_number_status, "verified");
        assert!(!patient.traced_at.is_empty());
        PatientForm { nhs_number: "999 054 8706".to_owned(), ..hettie() }.write(&mut patient);
        assert!(patient.traced_at.is_empty());
    }

    #[test]
    fn a_walk_in_for_minor_illness_is_told_that_a_referral_is_needed() {
        let pathway = shared::pathway::find("minor-illness@1").expect("a file of this build");
        assert!(referral_note(pathway, Came::WalkIn).is_some_and(|note| note.contains("referral")));
    }
}
