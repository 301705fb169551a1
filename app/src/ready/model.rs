//! What is brought up to date before a visit, and how it went, in words.

use crate::platform::trouble::Trouble;
use crate::state::ListedRow;
use crate::ui::words;
use shared::api::{AreaView, LookUpAnswer, StandingView};
use shared::consultation::{Patient, Status};
use shared::patient::tracing::{Likeness, death_words, differences};
use shared::time::Millis;

/// The consultations that somebody is taking and that are not finished; one's own first.
pub fn visits<'a>(rows: impl Iterator<Item = &'a ListedRow>, me: &str) -> Vec<ListedRow> {
    let taken = rows.filter(|listed| {
        !listed.row.taken_by.is_empty() && matches!(listed.row.status, Status::Received | Status::Open)
    });
    let mut visits: Vec<ListedRow> = taken.cloned().collect();
    visits.sort_by_key(|listed| (listed.row.taken_by != me, listed.row.due_at.clone()));
    visits
}

/// What asking PDS about one patient came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// All that PDS gives agrees: the trace is new.
    Agrees,
    /// A person has to look, and why.
    Look(String),
    /// PDS was not asked, or did not answer; why.
    NotAsked(String),
}

impl Checked {
    /// Only what agrees in everything is traced without a person.
    pub fn of(patient: &Patient, answer: &Result<LookUpAnswer, Trouble>) -> Self {
        let look = |words: &str| Self::Look(words.to_owned());
        match answer {
            Ok(LookUpAnswer::Found { patient: held, superseded }) => {
                if let Some(words) = death_words(held) {
                    return Self::Look(words);
                }
                let found = differences(patient, held).len();
                if !superseded.is_empty() || patient.nhs_number != held.nhs_number {
                    look("The NHS number has changed")
                } else if held.restricted {
                    look("The record is restricted")
                } else if found > 0 {
                    Self::Look(words::count(found, "difference with PDS", "differences with PDS"))
                } else if Likeness::of(patient, held) == Likeness::Plausible {
                    Self::Agrees
                } else {
                    look("PDS gives too little to be sure who it is")
                }
            }
            Ok(LookUpAnswer::Invalidated) => look("PDS has withdrawn this NHS number"),
            Ok(LookUpAnswer::NoMatch | LookUpAnswer::TooMany | LookUpAnswer::Several { .. }) => {
                look("PDS does not know this NHS number")
            }
            Err(Trouble::Refused(problem)) if problem.r#type.ends_with("/cis2-needed") => {
                Self::NotAsked(NEEDS_CIS2.to_owned())
            }
            Err(Trouble::Unreachable) => {
                Self::NotAsked("No answer: try again where there is signal".to_owned())
            }
            Err(trouble) => Self::NotAsked(trouble.to_string()),
        }
    }
}

/// PDS is asked by people who are signed in with CIS2, and by nobody else.
pub const NEEDS_CIS2: &str =
    "Needs your NHS sign-in (CIS2): open the consultation and touch “Look up in PDS” to sign in";

/// `up to date 14:05 (20 min ago)`, or that it was never fetched.
pub fn age(rfc3339: &str, now: Millis) -> String {
    match shared::time::read(rfc3339) {
        Some(at) => format!("{} ({} old)", words::moment(at, now), words::stretch(now - at)),
        None => "never fetched".to_owned(),
    }
}

/// The practices of the area, with their age.
pub fn area_words(area: &AreaView, now: Millis) -> String {
    let count = words::count(area.practices.len(), "practice", "practices");
    format!("{count}, as of {}", age(&area.fetched_at, now))
}

/// One's own standing, with its age.
pub fn standing_words(standing: &StandingView, now: Millis) -> String {
    let responsible = match &standing.responsible {
        Some(person) => format!("Responsible pharmacist: {}", person.name),
        None => "Nobody is named as responsible pharmacist".to_owned(),
    };
    let ends = words::when(&standing.access_ends, now);
    let ends = if ends.is_empty() { String::new() } else { format!(". Your access ends {ends}") };
    format!("{responsible}{ends}. As of {}", age(&standing.fetched_at, now))
}

/// What to have in the bag; none of it can be checked from here.
pub const BRING: [&str; 6] = [
    "This device, charged, and your way to unlock it",
    "Identity card, and the pharmacy's phone number",
    "Thermometer, blood pressure monitor, pulse oximeter, torch",
    "Gloves, hand gel, masks, a bag for waste",
    "Prescription tokens and a pen",
    "Paper for notes, in case the device fails",
];

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::Problem;
    use shared::consultation::WorkListRow;
    use shared::ids::ConsultationId;
    use shared::patient::PdsPatient;

    fn listed(byte: u8, taken_by: &str, status: Status) -> ListedRow {
        ListedRow {
            id: ConsultationId::from_bytes([byte; 16]),
            row: WorkListRow { taken_by: taken_by.to_owned(), status, ..WorkListRow::default() },
            unsent: false,
            set_aside: None,
            saved_at: None,
            sent_at: None,
        }
    }

    fn hettie() -> Patient {
        Patient {
            nhs_number: "9990548609".to_owned(),
            family_name: "Winters".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            ..Patient::default()
        }
    }

    fn found(change: impl FnOnce(&mut PdsPatient)) -> LookUpAnswer {
        let mut held = PdsPatient {
            nhs_number: "9990548609".to_owned(),
            family_name: "Winters".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            ..PdsPatient::default()
        };
        change(&mut held);
        LookUpAnswer::Found { patient: Box::new(held), superseded: String::new() }
    }

    #[test]
    fn what_somebody_is_taking_is_made_ready_ones_own_first() {
        let rows = [
            listed(1, "Ben Ade", Status::Open),
            listed(2, "", Status::Received),
            listed(3, "Asha Rao", Status::Received),
            listed(4, "Asha Rao", Status::Completed),
        ];
        let visits: Vec<_> =
            visits(rows.iter(), "Asha Rao").into_iter().map(|one| one.row.taken_by).collect();
        assert_eq!(visits, ["Asha Rao", "Ben Ade"]);
    }

    #[test]
    fn only_what_agrees_in_everything_is_traced_without_a_person() {
        assert_eq!(Checked::of(&hettie(), &Ok(found(|_| {}))), Checked::Agrees);
        for answer in [
            found(|held| "Summers".clone_into(&mut held.family_name)),
            found(|held| "12 Elm Road".clone_into(&mut held.address)),
            found(|held| held.restricted = true),
            found(|held| "formal".clone_into(&mut held.death_status)),
            found(|held| "9990548706".clone_into(&mut held.nhs_number)),
            found(|held| held.birth_date.clear()),
            LookUpAnswer::Invalidated,
            LookUpAnswer::NoMatch,
        ] {
            let checked = Checked::of(&hettie(), &Ok(answer.clone()));
            assert!(matches!(checked, Checked::Look(_)), "{answer:?}");
        }
    }

    #[test]
    fn without_cis2_or_signal_it_is_said_and_nothing_is_claimed() {
        let refused = Trouble::Refused(Problem {
            r#type: "/problems/cis2-needed".to_owned(),
            title: String::new(),
            status: 403,
            detail: String::new(),
            correlation: String::new(),
        });
        assert_eq!(Checked::of(&hettie(), &Err(refused)), Checked::NotAsked(NEEDS_CIS2.to_owned()));
        assert!(matches!(Checked::of(&hettie(), &Err(Trouble::Unreachable)), Checked::NotAsked(_)));
    }

    #[test]
    fn everything_shows_its_age() {
        let now = shared::time::read("2026-11-22T14:25:00Z").expect("an instant");
        let area = AreaView { fetched_at: "2026-11-22T14:05:00Z".to_owned(), practices: Vec::new() };
        assert_eq!(area_words(&area, now), "0 practices, as of 14:05 (20 min old)");
        assert!(standing_words(&StandingView::default(), now).ends_with("never fetched"));
    }
}
