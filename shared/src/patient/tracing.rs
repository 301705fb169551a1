//! What a patient said and what PDS holds, side by side; a person settles it field by field, and nothing is replaced
//! silently.

use super::pds::PdsPatient;
use crate::consultation::{Consultation, Notice, Patient};
use crate::time::{self, Millis};
use jiff::civil::Date;
use std::collections::BTreeSet;

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

    fn said(self, said: &Patient) -> String {
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

    fn held(self, held: &PdsPatient) -> String {
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

    fn agrees(self, said: &Patient, held: &PdsPatient) -> bool {
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

    fn write(self, patient: &mut Patient, held: &PdsPatient) {
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

/// How far the two seem to be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Birth date, and family name or NHS number, agree.
    Plausible,
    /// Not enough agrees, or too little is known to tell.
    Doubtful,
    /// Family name and birth date are both known on both sides, and both differ.
    Unlike,
}

impl Likeness {
    pub fn of(said: &Patient, held: &PdsPatient) -> Self {
        let known = |field: TracedField| !field.said(said).is_empty() && !field.held(held).is_empty();
        let agrees = |field: TracedField| known(field) && field.agrees(said, held);
        let differs = |field: TracedField| known(field) && !field.agrees(said, held);
        let named = agrees(TracedField::FamilyName) || agrees(TracedField::NhsNumber);
        if agrees(TracedField::BirthDate) && named {
            Self::Plausible
        } else if differs(TracedField::FamilyName) && differs(TracedField::BirthDate) {
            Self::Unlike
        } else {
            Self::Doubtful
        }
    }

    /// What to be warned of before going on; `None` where nothing is to be said.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::Plausible => None,
            Self::Doubtful => Some(
                "Too little agrees to be sure that this is the same person. Ask the patient for their date of birth \
                 and address before you go on.",
            ),
            Self::Unlike => Some(
                "Family name and date of birth are both different: this looks like somebody else. Check the NHS \
                 number and ask the patient before you go on.",
            ),
        }
    }
}

/// What settling did to the NHS number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// It was so already, or there was none.
    Confirmed,
    /// PDS had put another in its place; this is the old one, which must be used no longer.
    Superseded(String),
    /// The person chose PDS's over this one.
    Replaced(String),
}

/// The recorded number is kept against PDS's: then this is not the same record, and nothing was settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "You kept the NHS number that was recorded, so nothing is taken from PDS and the patient stays not traced. If it \
     is wrong, choose the number that PDS holds."
)]
pub struct NumberKept;

/// Settles the differences: writes of what PDS holds only the fields in `chosen`, and the trace itself (number,
/// *verified*, when, version, nominated pharmacy). Of a restricted record no address, phone or practice is written.
///
/// `superseded`: the number that was asked for where PDS answered with the one that took its place; empty otherwise.
pub fn settle(
    patient: &mut Patient,
    held: &PdsPatient,
    superseded: &str,
    chosen: &BTreeSet<TracedField>,
    at: Millis,
) -> Result<Number, NumberKept> {
    let before = patient.nhs_number.clone();
    let number = if before.is_empty() || before == held.nhs_number {
        Number::Confirmed
    } else if before == superseded {
        Number::Superseded(before)
    } else if chosen.contains(&TracedField::NhsNumber) {
        Number::Replaced(before)
    } else {
        return Err(NumberKept);
    };
    for difference in differences(patient, held) {
        if difference.usable && chosen.contains(&difference.field) {
            difference.field.write(patient, held);
        }
    }
    patient.nhs_number.clone_from(&held.nhs_number);
    "verified".clone_into(&mut patient.nhs_number_status);
    patient.traced_at = time::stored(at);
    patient.pds_version.clone_from(&held.version);
    if !held.restricted {
        patient.nominated_pharmacy.clone_from(&held.nominated_pharmacy);
    }
    Ok(number)
}

/// The patient is known from what was said only, again: somebody changed the number by hand.
pub fn forget_trace(patient: &mut Patient) {
    patient.traced_at.clear();
    patient.pds_version.clear();
    patient.nominated_pharmacy.clear();
}

/// What every kind of notice about PDS begins with, the server's own too.
pub const PDS_NOTICE: &str = "pds-";
/// Kinds and keys of the notices that a trace leaves in the record: they stay when the screen is gone.
pub const DECEASED: &str = "pds-deceased";
pub const RESTRICTED: &str = "pds-restricted";
pub const SUPERSEDED: &str = "pds-superseded";

/// Puts into the record what everybody who opens it later must know of a trace, and takes out what it answers: what was
/// noted of earlier ones.
pub fn note(record: &mut Consultation, held: &PdsPatient, number: &Number, at: Millis) {
    let news = notices(held, number, at);
    let still = |key: &str, notice: &Notice| {
        !notice.kind.starts_with(PDS_NOTICE)
            || news.iter().any(|(kind, new)| *kind == key && new.text == notice.text)
    };
    record.notices.retain(|key, notice| still(key, notice));
    for (kind, notice) in news {
        record.notices.entry(kind.to_owned()).or_insert(notice);
    }
}

/// What has to be noted, by key.
fn notices(held: &PdsPatient, number: &Number, at: Millis) -> Vec<(&'static str, Notice)> {
    let mut notices = Vec::new();
    let mut note = |kind: &'static str, text: String| {
        notices.push((kind, Notice { kind: kind.to_owned(), at: time::stored(at), text }));
    };
    if let Some(words) = death_words(held) {
        note(DECEASED, words);
    }
    if held.restricted {
        note(RESTRICTED, RESTRICTED_WORDS.to_owned());
    }
    if matches!(number, Number::Superseded(_)) {
        note(SUPERSEDED, SUPERSEDED_WORDS.to_owned());
    }
    notices
}

/// The number that was recorded is valid no longer.
pub const SUPERSEDED_WORDS: &str = "PDS has replaced the NHS number that was recorded by another. Use only the new one, in other systems too.";

/// For whoever has a restricted record before them.
pub const RESTRICTED_WORDS: &str = "This record is restricted: PDS gives out no address, phone or GP practice. Tell \
                                    nobody where the patient is, and ask only the patient how to reach them.";

/// `None` for the living.
pub fn death_words(held: &PdsPatient) -> Option<String> {
    if held.deceased.is_empty() && held.death_status.is_empty() {
        return None;
    }
    let date = held.deceased.get(..10).and_then(|day| day.parse().ok());
    let on = date.map(|day| format!(" on {}", time::written_date(day))).unwrap_or_default();
    Some(match held.death_status.as_str() {
        "formal" => format!("PDS says that this patient died{on}. The death is registered (formal notice)."),
        "informal" => format!(
            "PDS says that this patient died{on}. The notice is informal: the death is not registered yet. If the \
             patient is before you, tell their GP practice."
        ),
        _ => format!("PDS says that this patient died{on}."),
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Millis = 1_795_000_000_000;

    fn said() -> Patient {
        Patient {
            nhs_number: "9990548609".to_owned(),
            nhs_number_status: "unverified".to_owned(),
            family_name: "Winters".to_owned(),
            given_name: "Hettie".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            sex: "female".to_owned(),
            address: "3 Mill Lane\nLeeds".to_owned(),
            postcode: "LS1 4AP".to_owned(),
            phone: "0113 496 0000".to_owned(),
            gp_ods: "B86001".to_owned(),
            gp_name: "Elm Road Surgery".to_owned(),
            ..Patient::default()
        }
    }

    fn held() -> PdsPatient {
        PdsPatient {
            nhs_number: "9990548609".to_owned(),
            version: "7".to_owned(),
            family_name: "WINTERS".to_owned(),
            given_name: "Hettie".to_owned(),
            title: "Mrs".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            sex: "female".to_owned(),
            address: "3, Mill Lane\nLEEDS".to_owned(),
            postcode: "LS14AP".to_owned(),
            phone: "+44 113 4960000".to_owned(),
            gp_ods: "B86001".to_owned(),
            nominated_pharmacy: "FA123".to_owned(),
            ..PdsPatient::default()
        }
    }

    fn fields(said: &Patient, held: &PdsPatient) -> Vec<TracedField> {
        differences(said, held).into_iter().map(|difference| difference.field).collect()
    }

    fn all() -> BTreeSet<TracedField> {
        TracedField::ALL.into()
    }

    #[test]
    fn case_spaces_punctuation_and_a_title_are_no_difference() {
        assert_eq!(differences(&said(), &held()), []);
        let titled = Patient { family_name: "Mrs. Winters".to_owned(), ..said() };
        assert_eq!(differences(&titled, &held()), []);
        let only_lord = Patient { family_name: "Lord".to_owned(), ..said() };
        assert_eq!(fields(&only_lord, &held()), [TracedField::FamilyName]);
    }

    #[test]
    fn what_pds_does_not_give_is_no_difference() {
        let minimal = PdsPatient { nhs_number: held().nhs_number, ..PdsPatient::default() };
        assert_eq!(differences(&said(), &minimal), []);
        assert_eq!(Likeness::of(&said(), &minimal), Likeness::Doubtful);
    }

    #[test]
    fn what_nobody_said_is_shown_to_be_filled_in() {
        let bare = Patient { phone: String::new(), sex: "unknown".to_owned(), ..said() };
        assert_eq!(fields(&bare, &held()), [TracedField::Sex, TracedField::Phone]);
    }

    #[test]
    fn a_restricted_record_shows_and_writes_no_address_phone_or_practice() {
        let leaking = PdsPatient {
            restricted: true,
            address: "9 Hidden Row".to_owned(),
            phone: "0113 496 0999".to_owned(),
            gp_ods: "C99999".to_owned(),
            nominated_pharmacy: "FB999".to_owned(),
            ..held()
        };
        assert_eq!(differences(&said(), &leaking), []);
        let mut patient = said();
        settle(&mut patient, &leaking, "", &all(), AT).expect("settled");
        let before = said();
        assert_eq!(
            (&patient.address, &patient.phone, &patient.gp_ods, &patient.nominated_pharmacy),
            (&before.address, &before.phone, &before.gp_ods, &before.nominated_pharmacy)
        );
    }

    #[test]
    fn only_what_was_chosen_is_taken_and_the_trace_is_noted() {
        let other = PdsPatient {
            family_name: "Summers".to_owned(),
            address: "12 Elm Road".to_owned(),
            postcode: "LS2 9AA".to_owned(),
            ..held()
        };
        let mut patient = said();
        let chosen = BTreeSet::from([TracedField::Address]);
        assert_eq!(settle(&mut patient, &other, "", &chosen, AT), Ok(Number::Confirmed));
        assert_eq!((patient.family_name.as_str(), patient.address.as_str()), ("Winters", "12 Elm Road"));
        assert_eq!(patient.postcode, "LS2 9AA");
        assert_eq!((patient.nhs_number_status.as_str(), patient.pds_version.as_str()), ("verified", "7"));
        assert_eq!((patient.traced_at, patient.nominated_pharmacy), (time::stored(AT), "FA123".to_owned()));
    }

    #[test]
    fn a_superseded_number_gives_way_to_the_new_one_and_it_is_said() {
        let new = PdsPatient { nhs_number: "9990548706".to_owned(), ..held() };
        let mut patient = said();
        let number = settle(&mut patient, &new, "9990548609", &BTreeSet::new(), AT);
        assert_eq!(number, Ok(Number::Superseded("9990548609".to_owned())));
        assert_eq!(patient.nhs_number, "9990548706");
        let number = number.expect("settled");
        assert_eq!(notices(&new, &number, AT)[0].1.text, SUPERSEDED_WORDS);
    }

    #[test]
    fn another_number_is_never_put_in_without_being_chosen() {
        let another = PdsPatient { nhs_number: "9990548706".to_owned(), ..held() };
        let mut patient = said();
        assert_eq!(settle(&mut patient, &another, "", &BTreeSet::new(), AT), Err(NumberKept));
        assert_eq!(patient, said());
        let chosen = BTreeSet::from([TracedField::NhsNumber]);
        let number = settle(&mut patient, &another, "", &chosen, AT);
        assert_eq!(number, Ok(Number::Replaced("9990548609".to_owned())));
    }

    #[test]
    fn a_year_alone_agrees_with_a_date_in_it_and_is_never_written_as_a_date() {
        let year = PdsPatient { birth_date: "1952".to_owned(), ..held() };
        assert_eq!(differences(&said(), &year), []);
        let another = PdsPatient { birth_date: "1953".to_owned(), ..held() };
        assert!(differences(&said(), &another).iter().all(|difference| !difference.usable));
        let mut patient = said();
        settle(&mut patient, &another, "", &all(), AT).expect("settled");
        assert_eq!(patient.birth_date, "1952-03-04");
    }

    #[test]
    fn somebody_elses_number_is_noticed_by_name_and_birth_date() {
        let stranger =
            PdsPatient { family_name: "Okafor".to_owned(), birth_date: "1990-12-01".to_owned(), ..held() };
        assert_eq!(Likeness::of(&said(), &stranger), Likeness::Unlike);
        let married = PdsPatient { family_name: "Okafor".to_owned(), ..held() };
        assert_eq!(Likeness::of(&said(), &married), Likeness::Plausible);
        let twin = PdsPatient { birth_date: "1990-12-01".to_owned(), ..held() };
        assert_eq!(Likeness::of(&said(), &twin), Likeness::Doubtful);
    }

    #[test]
    fn a_death_is_told_with_its_kind_and_stays_in_the_record() {
        let dead = PdsPatient {
            deceased: "2026-10-22T00:00:00+00:00".to_owned(),
            death_status: "informal".to_owned(),
            ..held()
        };
        let words = death_words(&dead).expect("words");
        assert!(words.contains("22 Oct 2026") && words.contains("informal"), "{words}");
        assert_eq!(death_words(&held()), None);
        let undated = PdsPatient { deceased: "died".to_owned(), ..held() };
        assert!(death_words(&undated).is_some());
    }

    #[test]
    fn a_trace_answers_earlier_news_of_pds_and_leaves_the_senders_alone() {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = crate::ids::ConsultationId::from_bytes([3; 16]);
        let mut record = Consultation::new(id, &pharmacy, "minor-illness@1", AT);
        let notice = |kind: &str| Notice { kind: kind.to_owned(), ..Notice::default() };
        record.notices.insert("m1".to_owned(), notice("withdrawn"));
        record.notices.insert("p1".to_owned(), notice("pds-differs"));
        let dead = PdsPatient { death_status: "formal".to_owned(), restricted: true, ..held() };
        note(&mut record, &dead, &Number::Confirmed, AT);
        assert_eq!(record.notices.keys().collect::<Vec<_>>(), ["m1", DECEASED, RESTRICTED]);
        note(&mut record, &dead, &Number::Confirmed, AT + 60_000);
        assert_eq!(record.notices[DECEASED].at, time::stored(AT));
        note(&mut record, &held(), &Number::Confirmed, AT);
        assert_eq!(record.notices.keys().collect::<Vec<_>>(), ["m1"]);
    }

    fn word() -> impl Strategy<Value = String> {
        proptest::sample::select(vec![
            "",
            "Ash",
            "ash ",
            "Élan",
            "1952-03-04",
            "1952",
            "unknown",
            "9990548609",
        ])
        .prop_map(str::to_owned)
    }

    prop_compose! {
        fn any_said()(w in proptest::array::uniform11(word())) -> Patient {
            let [nhs_number, family_name, given_name, birth_date, sex, address, postcode, phone, gp_ods, gp_name, caller] = w;
            Patient {
                nhs_number, family_name, given_name, birth_date, sex, address, postcode, phone, caller, gp_ods,
                gp_name, ..Patient::default()
            }
        }
    }

    prop_compose! {
        fn any_held()(w in proptest::array::uniform10(word()), restricted: bool) -> PdsPatient {
            let [version, family_name, given_name, birth_date, sex, address, postcode, phone, gp_ods, gp_name] = w;
            PdsPatient {
                nhs_number: "9990548609".to_owned(), version, family_name, given_name, birth_date, sex, address,
                postcode, phone, gp_ods, gp_name, restricted, ..PdsPatient::default()
            }
        }
    }

    fn without_trace(patient: &Patient) -> Patient {
        Patient {
            nhs_number: String::new(),
            nhs_number_status: String::new(),
            traced_at: String::new(),
            pds_version: String::new(),
            nominated_pharmacy: String::new(),
            ..patient.clone()
        }
    }

    proptest! {
        #[test]
        fn settling_with_no_choice_changes_nothing_but_the_trace(said in any_said(), held in any_held()) {
            let mut patient = said.clone();
            if settle(&mut patient, &held, &said.nhs_number, &BTreeSet::new(), AT).is_ok() {
                prop_assert_eq!(without_trace(&patient), without_trace(&said));
            }
        }

        #[test]
        fn nothing_that_was_said_is_lost_without_being_chosen(
            said in any_said(), held in any_held(), chosen in proptest::sample::subsequence(TracedField::ALL.to_vec(), 0..=8)
        ) {
            let chosen: BTreeSet<TracedField> = chosen.into_iter().collect();
            let mut patient = said.clone();
            let settled = settle(&mut patient, &held, "", &chosen, AT);
            for field in TracedField::ALL {
                if settled.is_err() || !(chosen.contains(&field) || field == TracedField::NhsNumber) {
                    prop_assert_eq!(field.said(&patient), field.said(&said));
                }
            }
            if settled.is_ok() && !chosen.contains(&TracedField::NhsNumber) {
                prop_assert!(said.nhs_number.is_empty() || patient.nhs_number == said.nhs_number);
            }
        }

        #[test]
        fn settling_twice_is_settling_once(
            said in any_said(), held in any_held(), chosen in proptest::sample::subsequence(TracedField::ALL.to_vec(), 0..=8)
        ) {
            let chosen: BTreeSet<TracedField> = chosen.into_iter().collect();
            let mut once = said.clone();
            if settle(&mut once, &held, "", &chosen, AT).is_ok() {
                let mut twice = once.clone();
                prop_assert_eq!(settle(&mut twice, &held, "", &chosen, AT), Ok(Number::Confirmed));
                prop_assert_eq!(twice, once);
            }
        }
    }
}
