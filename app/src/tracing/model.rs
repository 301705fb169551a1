//! What a look-up in PDS asks and what its answers mean, decided without a browser.

use crate::platform::trouble::Trouble;
use crate::ui::{Slip, words};
use shared::api::{CIS2_START, LookUpAnswer, LookUpBy, LookUpDetails};
use shared::consultation::Patient;
use shared::ids::{ConsultationId, PersonId};
use shared::patient::tracing::{Difference, TracedField, death_words};
use shared::patient::{NhsNumber, PdsPatient};
use shared::time::Millis;
use std::collections::BTreeSet;

/// `?then=look-up` in the address: the page comes back from CIS2 and goes on where it was.
pub const THEN: &str = "look-up";

/// Where a look-up stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Rest,
    Asking,
    /// Several, in the order of PDS.
    Several(Vec<PdsPatient>),
    /// One, beside what was said.
    Found {
        patient: Box<PdsPatient>,
        superseded: String,
    },
    NoMatch {
        fuzzy: bool,
    },
    TooMany,
    Invalidated,
    /// PDS wants to know who asks, by CIS2.
    NeedsCis2,
    /// No answer, in words.
    Failed(String),
    /// Settled, in words.
    Done(String),
}

impl Step {
    pub fn of(answer: Result<LookUpAnswer, Trouble>, by: &LookUpBy) -> Self {
        match answer {
            Ok(LookUpAnswer::Found { patient, superseded }) => Self::Found { patient, superseded },
            // A list of one is still to be chosen from: search results leave things out.
            Ok(LookUpAnswer::Several { patients }) if patients.is_empty() => Self::no_match(by),
            Ok(LookUpAnswer::Several { patients }) => Self::Several(patients),
            Ok(LookUpAnswer::TooMany) => Self::TooMany,
            Ok(LookUpAnswer::NoMatch) => Self::no_match(by),
            Ok(LookUpAnswer::Invalidated) => Self::Invalidated,
            Err(trouble) if needs_cis2(&trouble) => Self::NeedsCis2,
            Err(trouble) => Self::Failed(failure(&trouble)),
        }
    }

    fn no_match(by: &LookUpBy) -> Self {
        Self::NoMatch { fuzzy: matches!(by, LookUpBy::Details(details) if details.fuzzy) }
    }

    /// What is to be read out; empty where the screen shows more than words.
    pub fn words(&self) -> &str {
        match self {
            Self::Rest | Self::NeedsCis2 | Self::Found { .. } => "",
            Self::Asking => "Asking PDS",
            Self::Several(_) => {
                "PDS knows several people like this. Choose one, and compare before anything is recorded."
            }
            Self::NoMatch { fuzzy: false } => {
                "PDS knows nobody by exactly these details. Check the spelling and the date of birth with the patient. \
                 A patient from Scotland or Northern Ireland is not in PDS."
            }
            Self::NoMatch { fuzzy: true } => {
                "PDS knows nobody like this, searched widely too. Go on with what was said: the patient stays not \
                 traced, and the GP notice is held."
            }
            Self::TooMany => {
                "PDS knows too many people like this to show them. Add the given name, the postcode or the sex."
            }
            Self::Invalidated => {
                "PDS has withdrawn the record of this NHS number. Do not use the number: ask the patient, and search \
                 by name and date of birth."
            }
            Self::Failed(words) | Self::Done(words) => words,
        }
    }

    /// Is the form to search by details of use now?
    pub fn wants_details(&self) -> bool {
        matches!(self, Self::NoMatch { .. } | Self::TooMany | Self::Invalidated | Self::Several(_))
    }
}

fn needs_cis2(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused(problem) if problem.r#type.ends_with("/cis2-needed"))
}

fn failure(trouble: &Trouble) -> String {
    match trouble {
        // About PDS the general words would promise too much: nothing goes up by itself here.
        Trouble::Unreachable => {
            "No answer: no signal, or PDS is away. Go on with what was said and look the patient up later."
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// `None`: not traced.
pub fn traced_words(patient: &Patient, now: Millis) -> Option<String> {
    let at = words::when(&patient.traced_at, now);
    (!at.is_empty()).then(|| format!("Traced with PDS {at}"))
}

/// By number where there is one; otherwise by what is recorded, where that is enough to ask.
pub fn first_question(patient: &Patient) -> Option<LookUpBy> {
    if let Ok(number) = patient.nhs_number.parse::<NhsNumber>() {
        return Some(LookUpBy::Number { nhs_number: number.into() });
    }
    let details = details_of(patient);
    mistakes(&details).is_empty().then_some(LookUpBy::Details(details))
}

/// The search form, filled in with what is recorded.
pub fn details_of(patient: &Patient) -> LookUpDetails {
    LookUpDetails {
        family_name: patient.family_name.clone(),
        given_name: patient.given_name.clone(),
        birth_date: patient.birth_date.clone(),
        // Not recommended as a search key (PDS FHIR API): left to whoever needs it to tell two apart.
        sex: String::new(),
        postcode: patient.postcode.clone(),
        fuzzy: false,
    }
}

/// What has to be put right before PDS can be asked, beside the box it is about where there is one.
pub fn mistakes(details: &LookUpDetails) -> Vec<Slip> {
    let slip = |field: &str, words: String| Slip { field: field.to_owned(), words };
    let mut slips = Vec::new();
    if !details.fuzzy && details.family_name.trim().is_empty() {
        slips.push(slip("pds-family-name", "Enter the family name: PDS searches by it.".to_owned()));
    }
    if details.birth_date.trim().is_empty() {
        slips.push(slip("pds-birth-date", "Enter the date of birth: PDS searches by it.".to_owned()));
    }
    if slips.is_empty() {
        slips.extend(details.problem().map(|words| slip("pds-given-name", words)));
    }
    slips
}

/// One of several, as it is told apart from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub name: String,
    /// Birth date and sex.
    pub born: String,
    /// First line of the address and postcode; or why there is none.
    pub place: String,
    pub practice: String,
    /// That they died.
    pub deceased: bool,
}

impl Candidate {
    pub fn of(patient: &PdsPatient, now: Millis) -> Self {
        let line = patient.address.lines().next().unwrap_or_default();
        let place = [line, &patient.postcode].into_iter().filter(|part| !part.is_empty());
        let sex = if patient.sex.is_empty() { String::new() } else { format!(", {}", patient.sex) };
        Self {
            name: name(patient),
            born: format!("{}{sex}", words::born(&patient.birth_date, now)),
            place: match (patient.restricted, place.collect::<Vec<_>>().join(", ")) {
                (true, _) => "Restricted: no address is given out".to_owned(),
                (false, place) if place.is_empty() => "No address".to_owned(),
                (false, place) => place,
            },
            practice: match (patient.gp_name.as_str(), patient.gp_ods.as_str()) {
                ("", "") if patient.restricted => String::new(),
                ("", "") => "No GP practice".to_owned(),
                ("", code) => format!("GP practice {code}"),
                (name, _) => name.to_owned(),
            },
            deceased: death_words(patient).is_some(),
        }
    }
}

/// `WINTERS, Hettie`.
pub fn name(patient: &PdsPatient) -> String {
    let as_recorded = Patient {
        family_name: patient.family_name.clone(),
        given_name: patient.given_name.clone(),
        ..Patient::default()
    };
    words::full_name(&as_recorded)
}

/// What PDS says beside what can be settled, label and words, only where there is something to say.
pub fn facts(patient: &PdsPatient) -> Vec<(&'static str, String)> {
    let nominated = match (patient.restricted, patient.nominated_pharmacy.as_str()) {
        (true, _) => "not shown for a restricted record".to_owned(),
        (false, "") => "none".to_owned(),
        (false, ods) => ods.to_owned(),
    };
    let practice = if patient.gp_ods.is_empty() && !patient.restricted {
        "PDS has none. The GP notice needs one."
    } else {
        ""
    };
    let minimal = patient.family_name.is_empty() && patient.birth_date.is_empty();
    let minimal = if minimal { "PDS gives neither name nor date of birth, only the number." } else { "" };
    let all = [
        ("NHS number", words::nhs_number(&patient.nhs_number)),
        ("Record", minimal.to_owned()),
        ("GP practice", practice.to_owned()),
        ("No longer registered", patient.removed.clone()),
        ("Nominated pharmacy", nominated),
        ("Contact", patient.contact_preference.clone()),
        ("Language", patient.language.clone()),
        ("E-mail", patient.email.clone()),
    ];
    all.into_iter().filter(|(label, words)| !words.is_empty() && !hidden(patient, label)).collect()
}

fn hidden(patient: &PdsPatient, label: &str) -> bool {
    patient.restricted && label == "E-mail"
}

/// What is chosen before anybody has touched anything: what nobody said may be filled in, what somebody said stays.
pub fn first_choices(differences: &[Difference]) -> BTreeSet<TracedField> {
    let empty = differences.iter().filter(|difference| difference.said.is_empty() && difference.usable);
    empty.map(|difference| difference.field).collect()
}

/// A value of a difference as it is read on the screen.
pub fn shown(field: TracedField, value: &str, now: Millis) -> String {
    match field {
        _ if value.is_empty() => "not recorded".to_owned(),
        TracedField::BirthDate => words::born(value, now),
        TracedField::NhsNumber => words::nhs_number(value),
        _ => value.to_owned(),
    }
}

/// Where the page goes to sign in with CIS2, and comes back from. Ids only: addresses end up in logs.
pub fn cis2_address(id: &ConsultationId, person: &PersonId) -> String {
    format!("{CIS2_START}?return=%2Fconsultations%2F{id}%3Fthen%3D{THEN}&person={person}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::Problem;

    const NOW: Millis = 1_795_000_000_000;

    fn hettie() -> Patient {
        Patient {
            family_name: "Winters".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            nhs_number: "9990548609".to_owned(),
            ..Patient::default()
        }
    }

    fn refused(kind: &str) -> Trouble {
        Trouble::Refused(Problem {
            r#type: format!("/problems/{kind}"),
            title: "PDS is busy".to_owned(),
            status: 403,
            detail: "Try again in a minute.".to_owned(),
            correlation: String::new(),
        })
    }

    #[test]
    fn a_number_is_asked_for_before_a_name_and_a_wrong_one_never() {
        assert!(matches!(first_question(&hettie()), Some(LookUpBy::Number { .. })));
        let wrong = Patient { nhs_number: "9990548608".to_owned(), ..hettie() };
        assert!(matches!(first_question(&wrong), Some(LookUpBy::Details(_))));
        assert_eq!(first_question(&Patient::default()), None);
    }

    #[test]
    fn a_wide_search_needs_more_than_an_exact_one() {
        let exact = details_of(&hettie());
        assert!(mistakes(&exact).is_empty());
        let wide = LookUpDetails { fuzzy: true, ..exact };
        assert_eq!(mistakes(&wide)[0].field, "pds-given-name");
        let placed =
            LookUpDetails { sex: "female".to_owned(), postcode: "LS1 4AP".to_owned(), ..wide.clone() };
        assert!(mistakes(&placed).is_empty());
        assert!(mistakes(&LookUpDetails { given_name: "Hettie".to_owned(), ..wide }).is_empty());
    }

    #[test]
    fn only_the_one_refusal_leads_to_cis2_and_the_others_are_told_in_the_servers_words() {
        let by = LookUpBy::Details(LookUpDetails::default());
        assert_eq!(Step::of(Err(refused("cis2-needed")), &by), Step::NeedsCis2);
        let busy = Step::of(Err(refused("pds-busy")), &by);
        assert!(busy.words().contains("Try again in a minute"), "{busy:?}");
        let offline = Step::of(Err(Trouble::Unreachable), &by);
        assert!(offline.words().contains("later") && !offline.words().contains("goes up"), "{offline:?}");
    }

    #[test]
    fn searching_widely_is_offered_after_nobody_was_found_and_not_twice() {
        let exact = LookUpBy::Details(LookUpDetails::default());
        let wide = LookUpBy::Details(LookUpDetails { fuzzy: true, ..LookUpDetails::default() });
        assert_eq!(Step::of(Ok(LookUpAnswer::NoMatch), &exact), Step::NoMatch { fuzzy: false });
        assert_eq!(Step::of(Ok(LookUpAnswer::NoMatch), &wide), Step::NoMatch { fuzzy: true });
        let empty = LookUpAnswer::Several { patients: Vec::new() };
        assert_eq!(Step::of(Ok(empty), &exact), Step::NoMatch { fuzzy: false });
    }

    #[test]
    fn every_end_of_a_look_up_is_told_in_words() {
        for step in [
            Step::Asking,
            Step::Several(Vec::new()),
            Step::NoMatch { fuzzy: false },
            Step::NoMatch { fuzzy: true },
            Step::TooMany,
            Step::Invalidated,
        ] {
            assert!(!step.words().is_empty(), "{step:?}");
        }
    }

    #[test]
    fn a_restricted_record_is_told_apart_without_a_place() {
        let restricted = PdsPatient {
            restricted: true,
            family_name: "Vale".to_owned(),
            given_name: "Robin".to_owned(),
            birth_date: "2005-06-16".to_owned(),
            address: "9 Hidden Row".to_owned(),
            email: "robin@example.org".to_owned(),
            ..PdsPatient::default()
        };
        let candidate = Candidate::of(&restricted, NOW);
        assert_eq!(candidate.name, "VALE, Robin");
        assert!(candidate.place.contains("Restricted") && !candidate.place.contains("Hidden"));
        let facts = format!("{:?}", facts(&restricted));
        assert!(facts.contains("not shown") && !facts.contains("example.org"), "{facts}");
    }

    #[test]
    fn a_minimal_record_without_a_practice_says_so() {
        let minimal = PdsPatient { nhs_number: "9990548609".to_owned(), ..PdsPatient::default() };
        let facts = facts(&minimal);
        let labels: Vec<_> = facts.iter().map(|(label, _)| *label).collect();
        assert_eq!(labels, ["NHS number", "Record", "GP practice", "Nominated pharmacy"]);
        assert_eq!(Candidate::of(&minimal, NOW).place, "No address");
    }

    #[test]
    fn nothing_that_somebody_said_is_given_up_before_they_choose() {
        let difference = |field, said: &str, usable| Difference {
            field,
            said: said.to_owned(),
            held: "x".to_owned(),
            usable,
        };
        let differences = [
            difference(TracedField::FamilyName, "Winters", true),
            difference(TracedField::Phone, "", true),
            difference(TracedField::BirthDate, "", false),
        ];
        assert_eq!(first_choices(&differences), BTreeSet::from([TracedField::Phone]));
    }

    #[test]
    fn the_address_of_cis2_names_no_patient_and_comes_back_to_the_look_up() {
        let address = cis2_address(&ConsultationId::from_bytes([3; 16]), &PersonId::from_bytes([4; 16]));
        assert!(address.starts_with("/api/cis2/start?return=%2Fconsultations%2F03030303-"), "{address}");
        assert!(address.contains("%3Fthen%3Dlook-up&person=04040404-"), "{address}");
    }
}
