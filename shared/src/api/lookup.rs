//! Looking a patient up in the Personal Demographics Service, and organisations in the ODS.

use crate::ids::ConsultationId;
use crate::patient::{PdsPatient, Postcode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `POST /api/patients/look-up`: as the healthcare worker who is signed in. Needs a CIS2 sign-in: without one the
/// answer is 403 with the type `/problems/cis2-needed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientLookUp {
    /// Whose record it is for; goes into the audit log.
    pub consultation: ConsultationId,
    pub by: LookUpBy,
}

/// What is known of the patient (PDS search, identity.md 4.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LookUpBy {
    /// Ten digits.
    Number {
        nhs_number: String,
    },
    Details(LookUpDetails),
}

/// At least a family name and a birth date; fuzzy needs more, see `problem`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LookUpDetails {
    pub family_name: String,
    pub given_name: String,
    /// `1952-03-04`.
    pub birth_date: String,
    /// `male`, `female`, `other`, `unknown`; empty when not used.
    pub sex: String,
    pub postcode: String,
    /// Names that sound alike, swapped names, former names. Only after an exact search found nobody.
    pub fuzzy: bool,
}

/// Longer names PDS does not take (PDS FHIR API, patient-search).
const LONGEST_NAME: usize = 35;

impl LookUpDetails {
    /// What must be put right before anything is asked, in whole sentences; `None` when PDS can search with it.
    ///
    /// The smallest sets are those of the PDS FHIR API, patient-search. Wild cards are never taken from a person: PDS
    /// records every patient that a search matches as accessed.
    pub fn problem(&self) -> Option<String> {
        let [family, given, born, postcode] =
            [&self.family_name, &self.given_name, &self.birth_date, &self.postcode].map(|text| text.trim());
        for (name, what) in [(family, "The family name"), (given, "The given name")] {
            if name.contains('*') {
                return Some(format!("{what} must be written out: a search with * is not possible here."));
            }
            if name.chars().count() > LONGEST_NAME {
                return Some(format!("{what} is longer than {LONGEST_NAME} letters. Shorten it."));
            }
            if !name.is_empty() && !name.chars().any(char::is_alphabetic)
                || name.chars().any(char::is_control)
            {
                return Some(format!("{what} has no letters in it. Check it."));
            }
        }
        if !born.is_empty() && (born.len() != 10 || born.parse::<Date>().is_err()) {
            return Some("The birth date must be a whole date: day, month and year.".to_owned());
        }
        if !postcode.is_empty()
            && let Err(problem) = postcode.parse::<Postcode>()
        {
            return Some(problem.to_string());
        }
        if !["", "male", "female", "other", "unknown"].contains(&self.sex.as_str()) {
            return Some("Choose male, female, other or unknown, or leave the sex out.".to_owned());
        }
        if self.fuzzy {
            let rest = !self.sex.is_empty() && !postcode.is_empty();
            let enough = !born.is_empty()
                && match (family.is_empty(), given.is_empty()) {
                    (false, false) => true,
                    (false, true) | (true, false) => rest,
                    (true, true) => false,
                };
            return (!enough).then(|| {
                "A wider search needs the birth date with both names, or with one name, the sex and the postcode."
                    .to_owned()
            });
        }
        (family.is_empty() || born.is_empty())
            .then(|| "A search needs at least the family name and the birth date.".to_owned())
    }
}

/// What PDS found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LookUpAnswer {
    /// One. `superseded` is the number that was asked for, where PDS answered with another that took its place.
    Found { patient: Box<PdsPatient>, superseded: String },
    /// Several, in the order of PDS; the score is not shown (identity.md 4.4).
    Several { patients: Vec<PdsPatient> },
    /// More than PDS gives out: say more about the patient.
    TooMany,
    /// Nobody, as far as what was asked goes.
    NoMatch,
    /// The record of this number was withdrawn: the number must not be used.
    Invalidated,
}

/// A practice or pharmacy in the Organisation Data Service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationView {
    pub ods: String,
    pub name: String,
    pub kind: OrganisationKind,
    /// `false`: closed; `successor` names what followed where ODS knows it.
    pub active: bool,
    pub successor: String,
    /// On one line, commas between.
    pub address: String,
    pub postcode: String,
    pub phone: String,
    /// RFC 3339: when ODS said so.
    pub fetched_at: String,
}

/// What kind of organisation, by its ODS role: RO182, RO76 or RO177 (identity.md 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganisationKind {
    Practice,
    Pharmacy,
    #[default]
    Other,
}

/// `GET /api/organisations/area`: the practices around this pharmacy, for use with no network. `GET
/// /api/organisations/{ods}` answers one [`OrganisationView`]; `GET /api/organisations?kind=practice&name=…&postcode=…`
/// a list of at most 50.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AreaView {
    /// RFC 3339: when this list was last brought up to date; empty for never.
    pub fetched_at: String,
    pub practices: Vec<OrganisationView>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details() -> LookUpDetails {
        LookUpDetails {
            family_name: "Testerton".into(),
            birth_date: "1944-05-11".into(),
            ..LookUpDetails::default()
        }
    }

    #[test]
    fn a_family_name_and_a_birth_date_are_enough_for_an_exact_search() {
        assert_eq!(details().problem(), None);
        assert!(
            LookUpDetails { family_name: String::new(), given_name: "Wil".into(), ..details() }
                .problem()
                .is_some()
        );
        assert!(LookUpDetails { birth_date: String::new(), ..details() }.problem().is_some());
    }

    #[test]
    fn a_wider_search_needs_one_of_the_three_sets_of_pds() {
        let fuzzy = LookUpDetails { fuzzy: true, ..details() };
        assert!(fuzzy.problem().is_some());
        let both = LookUpDetails { given_name: "Wilhelmina".into(), ..fuzzy.clone() };
        assert_eq!(both.problem(), None);
        let one = LookUpDetails { sex: "female".into(), postcode: "ZZ99 3CZ".into(), ..fuzzy };
        assert_eq!(one.problem(), None);
        let given = LookUpDetails { family_name: String::new(), given_name: "Wilhelmina".into(), ..one };
        assert_eq!(given.problem(), None);
        assert!(LookUpDetails { birth_date: String::new(), ..given }.problem().is_some());
    }

    #[test]
    fn a_wild_card_half_a_date_and_half_a_postcode_are_refused_in_words() {
        for (wrong, word) in [
            (LookUpDetails { family_name: "Te*".into(), ..details() }, "written out"),
            (LookUpDetails { given_name: "W*".into(), ..details() }, "written out"),
            (LookUpDetails { birth_date: "1944".into(), ..details() }, "whole date"),
            (LookUpDetails { birth_date: "1944-02-30".into(), ..details() }, "whole date"),
            (LookUpDetails { postcode: "ZZ*".into(), ..details() }, "postcode"),
            (LookUpDetails { sex: "f".into(), ..details() }, "leave the sex out"),
            (LookUpDetails { family_name: "x".repeat(36), ..details() }, "Shorten"),
            (LookUpDetails { family_name: "12".into(), ..details() }, "no letters"),
        ] {
            let problem = wrong.problem().expect("a problem");
            assert!(problem.contains(word), "{problem}");
        }
    }
}
