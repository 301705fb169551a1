//! Which roles of the national RBAC database do this kind of work. One table, so that it can be corrected in one place.
//!
//! Taken from the National RBAC Database as NHS England's clinical prescription tracker reads it; the database itself is
//! not public, so a sponsor's list of roles is the last word.

use super::LOCUM;
use serde::Deserialize;
use shared::api::Cis2Failure;
use shared::ids::{GphcNumber, OdsCode};
use shared::people::Role;

/// What a role or an activity lets somebody do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Perform Pharmacy Activities (B0570).
    Pharmacy,
    /// Manage Pharmacy Activities (B0572).
    Manage,
}

/// Job roles by the third part of `role_code`, with what their baseline holds.
const JOBS: &[(&str, Work)] = &[
    // Health Professional Access Role
    ("R8003", Work::Pharmacy),
    // Healthcare support worker access role
    ("R8004", Work::Pharmacy),
    // Admin/Clinical Support Access Role
    ("R8008", Work::Manage),
    // Pharmacist
    ("R1290", Work::Pharmacy),
];

/// Activities granted beside the baseline.
const ACTIVITIES: &[(&str, Work)] =
    &[("B0570", Work::Pharmacy), ("B0571", Work::Pharmacy), ("B0572", Work::Manage)];

/// One of a person's roles, as userinfo lists them (scope `nationalrbacaccess`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NationalRole {
    /// The role profile, which `NHSD-Session-URID` names.
    pub person_roleid: String,
    /// Organisation, by ODS code.
    pub org_code: String,
    /// Staff group, sub-group and job role: `S8000:G8000:R8003`.
    pub role_code: String,
    /// The same in words, each part in quotation marks.
    pub role_name: String,
    /// Only what was granted beyond the baseline.
    pub activity_codes: Vec<String>,
}

impl NationalRole {
    /// The job role in words: `Health Professional Access Role`.
    pub fn words(&self) -> String {
        let last = self.role_name.rsplit("\":\"").next().unwrap_or_default();
        last.trim_matches('"').trim().to_owned()
    }

    /// At no one pharmacy.
    pub fn is_locum(&self) -> bool {
        self.org_code == LOCUM
    }

    fn does(&self, work: Work) -> bool {
        let job = self.role_code.rsplit(':').next().unwrap_or_default();
        let by_job = JOBS.iter().any(|(code, does)| *code == job && *does == work);
        let by_activity =
            |code: &String| ACTIVITIES.iter().any(|(activity, does)| activity == code && *does == work);
        by_job || self.activity_codes.iter().any(by_activity)
    }

    fn does_any(&self) -> bool {
        self.does(Work::Pharmacy) || self.does(Work::Manage)
    }

    /// What somebody new becomes here. The registration says the profession; without one only administration is left.
    pub fn role_here(&self, gphc: Option<&GphcNumber>) -> Option<Role> {
        match gphc {
            Some(number) if number.is_pharmacist() => Some(Role::Pharmacist),
            Some(_) => Some(Role::Technician),
            None => self.does(Work::Manage).then_some(Role::Administrator),
        }
    }
}

/// The role somebody works in now: the one selected at CIS2, or the one that fits where CIS2 selected none.
///
/// `serves` are the codes of pharmacies of this server, the preferred one first.
pub fn choose<'a>(
    roles: &'a [NationalRole],
    selected: Option<&str>,
    serves: &[OdsCode],
) -> Result<&'a NationalRole, Cis2Failure> {
    let place = |role: &NationalRole| {
        let own = serves.iter().position(|ods| ods.as_str() == role.org_code.to_ascii_uppercase());
        own.or_else(|| role.is_locum().then_some(serves.len()))
    };
    let candidates: Vec<&NationalRole> = match selected {
        // A role that userinfo does not list is nobody's.
        Some(id) => {
            let role = roles.iter().find(|role| role.person_roleid == id);
            vec![role.ok_or(if roles.is_empty() { Cis2Failure::NoRole } else { Cis2Failure::NotTrusted })?]
        }
        None => roles.iter().collect(),
    };
    let able: Vec<&NationalRole> = candidates.into_iter().filter(|role| role.does_any()).collect();
    if able.is_empty() {
        return Err(Cis2Failure::NoRole);
    }
    let here = able.into_iter().filter_map(|role| Some((place(role)?, role)));
    here.min_by_key(|(place, _)| *place).map(|(_, role)| role).ok_or(Cis2Failure::NoPharmacy)
}

/// A GPhC number as CIS2 has it: test systems hold `GPhC123`, and some people's is written with the letters before it.
/// Anything that is not seven digits beginning with 2 or 5 is no number of a professional.
pub fn gphc_number(claim: &str) -> Option<GphcNumber> {
    let digits = claim.trim().trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-' || c == ' ');
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: &str, org: &str, code: &str, activities: &[&str]) -> NationalRole {
        NationalRole {
            person_roleid: id.to_owned(),
            org_code: org.to_owned(),
            role_code: code.to_owned(),
            role_name: r#""Clinical":"Clinical Provision":"Health Professional Access Role""#.to_owned(),
            activity_codes: activities.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    fn elm() -> Vec<OdsCode> {
        vec!["FA123".parse().expect("a code")]
    }

    #[test]
    fn the_selected_role_counts_and_no_other() {
        let roles = [
            role("1", "FA123", "S8000:G8000:R8003", &[]),
            role("2", "RBA", "S8000:G8000:R8003", &[]),
            role("3", "FA123", "S8000:G8000:R8001", &["B0278"]),
        ];
        assert_eq!(choose(&roles, Some("1"), &elm()).expect("a role").person_roleid, "1");
        assert_eq!(choose(&roles, Some("2"), &elm()).err(), Some(Cis2Failure::NoPharmacy));
        assert_eq!(choose(&roles, Some("3"), &elm()).err(), Some(Cis2Failure::NoRole));
        assert_eq!(choose(&roles, Some("9"), &elm()).err(), Some(Cis2Failure::NotTrusted));
    }

    #[test]
    fn where_none_was_selected_the_one_that_fits_is_taken_and_a_pharmacy_before_no_one_place() {
        let roles =
            [role("1", "FFFFF", "S8000:G8000:R8003", &[]), role("2", "FA123", "S0:G0:R0", &["B0570"])];
        assert_eq!(choose(&roles, None, &elm()).expect("a role").person_roleid, "2");
        assert!(choose(&roles[..1], None, &elm()).expect("a role").is_locum());
        assert_eq!(choose(&[], None, &elm()).err(), Some(Cis2Failure::NoRole));
        assert_eq!(choose(&[], Some("1"), &elm()).err(), Some(Cis2Failure::NoRole));
    }

    #[test]
    fn the_registration_says_what_somebody_becomes_and_without_one_only_who_manages_becomes_anything() {
        let pharmacist = gphc_number("2074123");
        let technician = gphc_number("5001234");
        let works = role("1", "FA123", "S8000:G8000:R8003", &[]);
        let manages = role("1", "FA123", "S8001:G8002:R8008", &[]);
        assert_eq!(works.role_here(pharmacist.as_ref()), Some(Role::Pharmacist));
        assert_eq!(works.role_here(technician.as_ref()), Some(Role::Technician));
        assert_eq!(works.role_here(None), None);
        assert_eq!(manages.role_here(None), Some(Role::Administrator));
    }

    #[test]
    fn a_number_is_read_leniently_and_believed_only_when_it_is_one() {
        assert_eq!(gphc_number(" GPhC 2074123 ").map(String::from).as_deref(), Some("2074123"));
        for not_one in ["", "GPhC123", "1034567", "20741234", "2074 12a"] {
            assert_eq!(gphc_number(not_one), None, "{not_one}");
        }
    }

    #[test]
    fn a_role_is_named_by_its_last_part() {
        assert_eq!(role("1", "A", "", &[]).words(), "Health Professional Access Role");
    }
}
