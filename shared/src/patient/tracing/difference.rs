//! Where what a patient said and what PDS holds differ, field by field.

use crate::consultation::Patient;
use crate::patient::PdsPatient;
use jiff::civil::Date;

/// What of a patient can differ, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TracedField {
    FamilyName,
    GivenName,
    BirthDate,
    Sex,
    NhsNumber,
    /// With its postcode: one without the other is no address.
    Address,
    Phone,
    /// Name and ODS code.
    Practice,
}

impl TracedField {
    pub const ALL: [Self; 8] = [
        Self::FamilyName,
        Self::GivenName,
        Self::BirthDate,
        Self::Sex,
        Self::NhsNumber,
        Self::Address,
        Self::Phone,
        Self::Practice,
    ];

    /// As the form calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::FamilyName => "Family name",
            Self::GivenName => "Given name",
            Self::BirthDate => "Date of birth",
            Self::Sex => "Sex",
            Self::NhsNumber => "NHS number",
            Self::Address => "Address",
            Self::Phone => "Phone",
            Self::Practice => "GP practice",
        }
    }

    /// What PDS never gives out for a restricted record, and what is never kept of one (PDS FHIR API, *Restricted
    /// patients*).
    fn tells_where(self) -> bool {
        matches!(self, Self::Address | Self::Phone | Self::Practice)
    }

    pub(super) fn said(self, said: &Patient) -> String {
        match self {
            Self::FamilyName => said.family_name.clone(),
            Self::GivenName => said.given_name.clone(),
            Self::BirthDate => said.birth_date.clone(),
            Self::Sex => known_sex(&said.sex),
            Self::NhsNumber => said.nhs_number.clone(),
            Self::Address => address(&said.address, &said.postcode),
            Self::Phone => said.phone.clone(),
            Self::Practice => practice(&said.gp_name, &said.gp_ods),
        }
    }

    pub(super) fn held(self, held: &PdsPatient) -> String {
        if held.restricted && self.tells_where() {
            return String::new();
        }
        match self {
            Self::FamilyName => held.family_name.clone(),
            Self::GivenName => held.given_name.clone(),
            Self::BirthDate => held.birth_date.clone(),
            Self::Sex => known_sex(&held.sex),
            Self::NhsNumber => held.nhs_number.clone(),
            Self::Address => address(&held.address, &held.postcode),
            Self::Phone => held.phone.clone(),
            Self::Practice => practice(&held.gp_name, &held.gp_ods),
        }
    }

    pub(super) fn agrees(self, said: &Patient, held: &PdsPatient) -> bool {
        let (ours, theirs) = (self.said(said), self.held(held));
        match self {
            Self::FamilyName | Self::GivenName => bare(untitled(&ours)) == bare(untitled(&theirs)),
            // PDS may know the year or the month only.
            Self::BirthDate => !ours.is_empty() && ours.starts_with(&theirs),
            Self::Phone => dialled(&ours) == dialled(&theirs),
            Self::Practice if !said.gp_ods.is_empty() && !held.gp_ods.is_empty() => {
                bare(&said.gp_ods) == bare(&held.gp_ods)
            }
            _ => bare(&ours) == bare(&theirs),
        }
    }

    pub(super) fn write(self, patient: &mut Patient, held: &PdsPatient) {
        match self {
            Self::FamilyName => patient.family_name.clone_from(&held.family_name),
            Self::GivenName => patient.given_name.clone_from(&held.given_name),
            Self::BirthDate => patient.birth_date.clone_from(&held.birth_date),
            Self::Sex => patient.sex.clone_from(&held.sex),
            // Part of the trace itself.
            Self::NhsNumber => {}
            Self::Address => {
                patient.address.clone_from(&held.address);
                patient.postcode.clone_from(&held.postcode);
            }
            Self::Phone => patient.phone.clone_from(&held.phone),
            Self::Practice => {
                patient.gp_name.clone_from(&held.gp_name);
                patient.gp_ods.clone_from(&held.gp_ods);
            }
        }
    }
}

/// One thing on which the record and PDS do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub field: TracedField,
    /// As recorded; empty when nothing was said. Lines with a line break between.
    pub said: String,
    /// As PDS holds it; never empty.
    pub held: String,
    /// What PDS holds can be put into the record. A birth date of which only the year is known cannot.
    pub usable: bool,
}

/// Where they differ. Case, spaces, punctuation and a title are no difference, nor is what PDS does not give.
pub fn differences(said: &Patient, held: &PdsPatient) -> Vec<Difference> {
    let differs = |field: &TracedField| !field.held(held).is_empty() && !field.agrees(said, held);
    TracedField::ALL
        .into_iter()
        .filter(differs)
        .map(|field| {
            let usable = field != TracedField::BirthDate || held.birth_date.parse::<Date>().is_ok();
            Difference { field, said: field.said(said), held: field.held(held), usable }
        })
        .collect()
}

const TITLES: [&str; 14] = [
    "mr",
    "mrs",
    "miss",
    "ms",
    "mx",
    "dr",
    "master",
    "sir",
    "dame",
    "lady",
    "lord",
    "prof",
    "professor",
    "rev",
];

fn untitled(name: &str) -> &str {
    match name.trim_start().split_once(char::is_whitespace) {
        Some((first, rest)) if TITLES.contains(&bare(first).as_str()) && !rest.trim().is_empty() => rest,
        _ => name,
    }
}

/// Letters and digits only, in lower case.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The digits as dialled within the country.
fn dialled(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let international = phone.trim_start().starts_with("+44") || digits.starts_with("0044");
    let home = international.then(|| digits.trim_start_matches("00").strip_prefix("44")).flatten();
    home.map(|rest| format!("0{}", rest.trim_start_matches('0'))).unwrap_or(digits)
}

fn known_sex(sex: &str) -> String {
    if sex == "unknown" { String::new() } else { sex.to_owned() }
}

fn address(lines: &str, postcode: &str) -> String {
    let parts = [lines.trim(), postcode.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn practice(name: &str, ods: &str) -> String {
    match (name.trim(), ods.trim()) {
        (name, "") => name.to_owned(),
        ("", ods) => ods.to_owned(),
        (name, ods) => format!("{name} ({ods})"),
    }
}
