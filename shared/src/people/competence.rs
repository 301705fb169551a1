//! Whether a person's evidence of competence and PGD authorisations count on a day (identity.md 8.2; practice 15).
//! Effective-dated, so that a device decides with no network.

use crate::ids::PersonId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A declaration of competence (CPPE), as the 2021 service asked for.
    Declaration,
    /// Training, assessment or the like, kept by the contractor (Pharmacy First).
    Training,
}

/// Something that shows a person competent for a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub id: Uuid,
    /// `minor-illness`, `urgent-medicine-supply`, `pharmacy-first`.
    pub service: String,
    pub kind: EvidenceKind,
    /// `2026-11-22`.
    pub dated: String,
    /// Last day on which it counts; empty for no end.
    pub expires: String,
    pub note: String,
    /// Name of the file that is kept; empty for none.
    pub certificate: String,
}

/// A named professional's signed authorisation for one version of a PGD.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PgdAuthorisation {
    pub id: Uuid,
    pub person: PersonId,
    pub pgd: String,
    pub version: String,
    pub signed: String,
    /// Last day of the PGD.
    pub expires: String,
    pub authorised_by: String,
    pub certificate: String,
}

/// Whether somebody may be taken to be competent for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Competence {
    /// Shown until this day; `None` for no end.
    Shown {
        until: Option<Date>,
    },
    /// The last one counted until this day.
    Expired {
        on: Date,
    },
    Missing,
}

/// The best that the evidence shows for a service on a day. What cannot be read counts for nothing.
pub fn competence(evidence: &[Evidence], service: &str, today: Date) -> Competence {
    let mut last_expired: Option<Date> = None;
    let mut shown: Option<Option<Date>> = None;
    for one in evidence.iter().filter(|one| one.service == service) {
        let Ok(dated) = one.dated.parse::<Date>() else { continue };
        let until = match one.expires.as_str() {
            "" => None,
            text => match text.parse::<Date>() {
                Ok(day) => Some(day),
                Err(_) => continue,
            },
        };
        if dated > today {
            continue;
        }
        match until {
            Some(day) if day < today => last_expired = last_expired.max(Some(day)),
            until => {
                shown = Some(match (shown, until) {
                    (Some(None), _) | (_, None) => None,
                    (Some(Some(other)), Some(day)) => Some(other.max(day)),
                    (None, Some(day)) => Some(day),
                });
            }
        }
    }
    match (shown, last_expired) {
        (Some(until), _) => Competence::Shown { until },
        (None, Some(on)) => Competence::Expired { on },
        (None, None) => Competence::Missing,
    }
}

/// Whether this person may supply under this version of a PGD on a day: the authorisation is theirs, for exactly that
/// version, signed by then, and the PGD is in date. What cannot be read authorises nothing (practice 15).
pub fn may_supply_under(
    held: &[PgdAuthorisation],
    person: PersonId,
    pgd: &str,
    version: &str,
    today: Date,
) -> bool {
    held.iter().any(|one| {
        one.person == person
            && one.pgd == pgd
            && one.version == version
            && one.signed.parse::<Date>().is_ok_and(|signed| signed <= today)
            && one.expires.parse::<Date>().is_ok_and(|last| last >= today)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn evidence(service: &str, dated: &str, expires: &str) -> Evidence {
        Evidence {
            id: Uuid::nil(),
            service: service.to_owned(),
            kind: EvidenceKind::Training,
            dated: dated.to_owned(),
            expires: expires.to_owned(),
            note: String::new(),
            certificate: String::new(),
        }
    }

    fn authorisation(version: &str, signed: &str, expires: &str) -> PgdAuthorisation {
        PgdAuthorisation {
            id: Uuid::nil(),
            person: PersonId(Uuid::from_u128(1)),
            pgd: "sore-throat".to_owned(),
            version: version.to_owned(),
            signed: signed.to_owned(),
            expires: expires.to_owned(),
            authorised_by: "Superintendent".to_owned(),
            certificate: String::new(),
        }
    }

    #[test]
    fn evidence_counts_on_its_last_day_and_not_after() {
        let held = [evidence("minor-illness", "2024-01-10", "2026-11-22")];
        let on = |day| competence(&held, "minor-illness", day);
        assert_eq!(on(date(2026, 11, 22)), Competence::Shown { until: Some(date(2026, 11, 22)) });
        assert_eq!(on(date(2026, 11, 23)), Competence::Expired { on: date(2026, 11, 22) });
        assert_eq!(on(date(2024, 1, 9)), Competence::Missing);
        assert_eq!(competence(&held, "pharmacy-first", date(2026, 11, 22)), Competence::Missing);
    }

    #[test]
    fn evidence_without_an_end_outlasts_every_other() {
        let held = [
            evidence("minor-illness", "2024-01-10", ""),
            evidence("minor-illness", "2024-01-10", "2027-01-01"),
        ];
        assert_eq!(competence(&held, "minor-illness", date(2030, 1, 1)), Competence::Shown { until: None });
    }

    #[test]
    fn evidence_that_cannot_be_read_shows_nothing() {
        let held =
            [evidence("minor-illness", "last spring", ""), evidence("minor-illness", "2024-01-10", "soon")];
        assert_eq!(competence(&held, "minor-illness", date(2026, 1, 1)), Competence::Missing);
    }

    #[test]
    fn an_authorisation_is_for_one_person_one_version_and_until_the_pgd_ends() {
        let (asha, ben) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let held = [authorisation("2.0", "2026-02-01", "2027-01-30")];
        let may = |who, version, day| may_supply_under(&held, who, "sore-throat", version, day);
        assert!(may(asha, "2.0", date(2027, 1, 30)));
        assert!(!may(asha, "2.0", date(2027, 1, 31)), "PGDs end");
        assert!(!may(asha, "2.0", date(2026, 1, 31)), "not signed yet");
        assert!(!may(asha, "3.0", date(2026, 6, 1)), "another version");
        assert!(!may(ben, "2.0", date(2026, 6, 1)), "another person");
    }
}
