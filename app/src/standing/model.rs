//! Decides by the last standing that the server gave, and says it in words.

use crate::state::Who;
use crate::ui::words;
use serde::{Deserialize, Serialize};
use shared::api::{ResponsiblePharmacist, StandingView};
use shared::ids::PersonId;
use shared::pathway::Pathway;
use shared::people::{Competence, competence, may_supply_under};
use shared::time::{self, Millis};

/// The last standing, as the vault keeps it. A version 1 record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    pub view: StandingView,
    /// Pharmacies at which the person works.
    pub pharmacies: usize,
}

/// Has access that ends by itself ended? A clock set back does not lengthen a shift: `latest` is the latest time that
/// this device has shown. An end that cannot be read has passed (practice 30).
pub fn has_ended(access_ends: &str, now: Millis, latest: Millis) -> bool {
    !access_ends.is_empty() && time::read(access_ends).is_none_or(|end| now.max(latest) >= end)
}

/// `You are at Elm Pharmacy (FA123) until 18:00. Responsible pharmacist: Asha Rao (GPhC 2074123).` Only for those who
/// might take it for another pharmacy, or whose access ends.
pub fn place_words(who: &Who, standing: &Standing, now: Millis) -> Option<String> {
    if standing.pharmacies < 2 && standing.view.access_ends.is_empty() {
        return None;
    }
    let until = match words::when(&standing.view.access_ends, now) {
        none if none.is_empty() => String::new(),
        time => format!(" until {time}"),
    };
    let responsible = standing.view.responsible.as_ref().map(responsible_words);
    Some(format!(
        "You are at {} ({}){until}. Responsible pharmacist: {}.",
        who.pharmacy_name,
        who.ods,
        responsible.as_deref().unwrap_or("not named"),
    ))
}

/// As the record keeps it: `Asha Rao (GPhC 2074123)`.
pub fn responsible_words(responsible: &ResponsiblePharmacist) -> String {
    format!("{} (GPhC {})", responsible.name, responsible.gphc)
}

/// Why somebody is warned before this service is started; `None` where their evidence counts today.
pub fn evidence_warning(standing: &Standing, pathway: &Pathway, now: Millis) -> Option<String> {
    let service = pathway.title.to_lowercase();
    let what = match competence(&standing.view.evidence, &pathway.id, time::day(now)) {
        Competence::Shown { .. } => return None,
        Competence::Expired { on } => {
            format!("Your evidence of competence for {service} ended on {}.", time::written_date(on))
        }
        Competence::Missing => {
            format!("No evidence of your competence for {service} is kept at this pharmacy.")
        }
    };
    Some(format!("{what} {}", age_words(standing, now)))
}

/// `As the server knew 3 h ago.`
pub fn age_words(standing: &Standing, now: Millis) -> String {
    match time::read(&standing.view.fetched_at) {
        Some(at) => format!("As the server knew {} ago.", words::stretch(now - at)),
        None => String::new(),
    }
}

/// Why nothing may be supplied under a PGD by this person (practice 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSupply {
    #[error(
        "This device does not know yet whether you are authorised under this PGD. Connect once, then supply under it."
    )]
    NotKnown,
    #[error(
        "You hold no authorisation for this version of the PGD that counts today, so you cannot supply under it. Your \
         pharmacy's administrator files one."
    )]
    NotAuthorised,
}

/// Whether a person may supply under a version of a PGD, offline too; without a standing nobody may.
pub fn may_supply(
    standing: Option<&Standing>,
    person: PersonId,
    pgd: &str,
    version: &str,
    now: Millis,
) -> Result<(), NoSupply> {
    let standing = standing.ok_or(NoSupply::NotKnown)?;
    let held = &standing.view.authorisations;
    let may = may_supply_under(held, person, pgd, version, time::day(now));
    if may { Ok(()) } else { Err(NoSupply::NotAuthorised) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::authorship::Unlock;
    use shared::people::{Evidence, EvidenceKind, PgdAuthorisation, Role};
    use uuid::Uuid;

    fn at(text: &str) -> Millis {
        time::read(text).expect("an instant")
    }

    fn me() -> PersonId {
        PersonId::from_bytes([1; 16])
    }

    fn who() -> Who {
        Who {
            person: me(),
            name: "Nadia Okoro".to_owned(),
            role: Role::Pharmacist,
            gphc: "2071999".to_owned(),
            gphc_checked: true,
            unlocked_by: Unlock::Passkey,
            ods: "FA123".to_owned(),
            pharmacy_name: "Elm Pharmacy".to_owned(),
            contact_overdue: false,
        }
    }

    fn standing(view: StandingView) -> Standing {
        Standing { view, pharmacies: 1 }
    }

    fn evidence(service: &str, expires: &str) -> Evidence {
        Evidence {
            id: Uuid::nil(),
            service: service.to_owned(),
            kind: EvidenceKind::Training,
            dated: "2025-01-10".to_owned(),
            expires: expires.to_owned(),
            note: String::new(),
            certificate: String::new(),
        }
    }

    fn minor_illness() -> &'static Pathway {
        shared::pathway::find("minor-illness@1").expect("in every build")
    }

    #[test]
    fn access_ends_on_the_minute_and_a_clock_set_back_does_not_lengthen_it() {
        let end = "2026-11-22T18:00:00Z";
        let (before, after) = (at("2026-11-22T17:59:59Z"), at(end));
        assert!(!has_ended(end, before, before));
        assert!(has_ended(end, after, before));
        assert!(has_ended(end, before, after), "the clock was set back");
    }

    #[test]
    fn access_without_an_end_never_ends_and_an_end_that_cannot_be_read_has_passed() {
        assert!(!has_ended("", Millis::MAX, Millis::MAX));
        assert!(has_ended("after lunch", 0, 0));
    }

    #[test]
    fn a_locum_is_told_where_they_are_until_when_and_who_is_responsible() {
        let now = at("2026-11-22T09:00:00Z");
        let view = StandingView {
            access_ends: "2026-11-22T18:00:00Z".to_owned(),
            responsible: Some(ResponsiblePharmacist {
                name: "Asha Rao".to_owned(),
                gphc: "2074123".to_owned(),
                since: String::new(),
            }),
            ..StandingView::default()
        };
        assert_eq!(
            place_words(&who(), &standing(view), now).as_deref(),
            Some(
                "You are at Elm Pharmacy (FA123) until 18:00. Responsible pharmacist: Asha Rao (GPhC 2074123)."
            )
        );
    }

    #[test]
    fn a_person_of_one_pharmacy_with_no_end_needs_no_banner_and_one_of_two_does() {
        let mut standing = standing(StandingView::default());
        assert_eq!(place_words(&who(), &standing, 0), None);
        standing.pharmacies = 2;
        let words = place_words(&who(), &standing, 0).expect("two pharmacies");
        assert_eq!(words, "You are at Elm Pharmacy (FA123). Responsible pharmacist: not named.");
    }

    #[test]
    fn evidence_that_ended_yesterday_warns_with_its_day_and_the_age_of_what_is_known() {
        let now = at("2026-11-22T09:00:00Z");
        let mut standing = standing(StandingView {
            evidence: vec![evidence("minor-illness", "2026-11-22")],
            fetched_at: "2026-11-22T06:00:00Z".to_owned(),
            ..StandingView::default()
        });
        assert_eq!(evidence_warning(&standing, minor_illness(), now), None);
        standing.view.evidence = vec![evidence("minor-illness", "2026-11-21")];
        let words = evidence_warning(&standing, minor_illness(), now).expect("a warning");
        assert!(words.contains("ended on 21 Nov 2026."), "{words}");
        assert!(words.ends_with("As the server knew 3 h ago."), "{words}");
    }

    #[test]
    fn evidence_for_another_service_is_none_for_this_one() {
        let standing = standing(StandingView {
            evidence: vec![evidence("urgent-medicine-supply", "")],
            ..StandingView::default()
        });
        let words = evidence_warning(&standing, minor_illness(), 0).expect("a warning");
        assert!(words.starts_with("No evidence of your competence for"), "{words}");
    }

    #[test]
    fn nothing_is_supplied_under_a_pgd_that_is_not_authorised_or_not_known() {
        let now = at("2026-11-22T09:00:00Z");
        let authorised = PgdAuthorisation {
            id: Uuid::nil(),
            person: me(),
            pgd: "sore-throat".to_owned(),
            version: "2.0".to_owned(),
            signed: "2026-02-01".to_owned(),
            expires: "2027-01-30".to_owned(),
            authorised_by: "Superintendent".to_owned(),
            certificate: String::new(),
        };
        let view = StandingView { authorisations: vec![authorised], ..StandingView::default() };
        let standing = standing(view);
        let may = |standing, version, now| may_supply(standing, me(), "sore-throat", version, now);
        assert_eq!(may(Some(&standing), "2.0", now), Ok(()));
        assert_eq!(may(Some(&standing), "3.0", now), Err(NoSupply::NotAuthorised));
        let ended = at("2027-01-31T00:00:00Z");
        assert_eq!(may(Some(&standing), "2.0", ended), Err(NoSupply::NotAuthorised));
        assert_eq!(may(None, "2.0", now), Err(NoSupply::NotKnown));
    }
}
