//! Who the patient is to a practice's system, and how MESH finds that practice (referrals.md 8.4).

use super::Held;
use jiff::civil::Date;
use shared::consultation::Patient;
use shared::patient::NhsNumber;

/// Whose mailbox the message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee<'a> {
    /// The practice where the patient is registered: MESH finds it (`GPPROVIDER_…`).
    Registered(DateOrder),
    /// A mailbox set for the practice, where the MESH in use cannot find practices (its sandbox).
    Mailbox(&'a str),
}

/// How the birth date stands in a `GPPROVIDER_…` address: sources disagree, so it is a setting (referrals.md 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `19520304`: the current MESH guide.
    #[default]
    YearFirst,
    /// `04031952`: the GP Connect pages of 2020.
    DayFirst,
}

/// The patient as a practice's system must be told: all of it known, and the number verified (practice 11).
pub(in crate::nhs) struct Identified<'a> {
    pub number: NhsNumber,
    pub family: &'a str,
    pub birth: Date,
}

pub(in crate::nhs) fn identified(patient: &Patient) -> Result<Identified<'_>, Held> {
    let number = patient.nhs_number.parse::<NhsNumber>().map_err(|_| Held::NeedsTracing)?;
    if patient.nhs_number_status != "verified" {
        return Err(Held::NeedsTracing);
    }
    let birth = patient.birth_date.parse::<Date>().map_err(|_| Held::NoBirthDate)?;
    match patient.family_name.trim() {
        "" => Err(Held::NoSurname),
        family => Ok(Identified { number, family, birth }),
    }
}

/// Whether the patient is known well enough for a practice's system.
pub(super) fn may_be_sent(patient: &Patient) -> Result<(), Held> {
    identified(patient).map(|_| ())
}

/// `O’Sample, Siân`.
pub(in crate::nhs) fn surname_first(patient: &Patient) -> String {
    let names = [patient.family_name.trim(), patient.given_name.trim()];
    names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `mex-to`. Where it names the patient, number, birth date and surname are those in the message (GP Connect).
pub(in crate::nhs) fn address(addressee: Addressee<'_>, who: &Identified<'_>) -> String {
    match addressee {
        Addressee::Mailbox(mailbox) => mailbox.to_owned(),
        Addressee::Registered(order) => {
            let birth = who.birth.strftime(match order {
                DateOrder::YearFirst => "%Y%m%d",
                DateOrder::DayFirst => "%d%m%Y",
            });
            format!("GPPROVIDER_{}_{birth}_{}", who.number, who.family)
        }
    }
}
