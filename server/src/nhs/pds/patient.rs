//! A patient of PDS in our words: what counts now, and of a restricted patient nothing that tells where they are.

use super::wire::Patient;
use crate::nhs::fhir::{Address, ContactPoint, Extension, HumanName, Period, find};
use jiff::civil::Date;
use shared::ids::OdsCode;
use shared::patient::{NhsNumber, PdsPatient};
use shared::time::{Millis, day, stored};

/// Longer than any name, line or preference that PDS keeps.
const LONGEST: usize = 200;
/// PDS has no date of death, and says that they died.
const NO_DATE: &str = "date not known";

/// What is made of a patient record.
#[derive(Debug)]
pub(super) enum Shown {
    Patient(Box<PdsPatient>),
    /// Marked as withdrawn in its security label, which PDS says never to send.
    Invalidated,
    /// Without a proper NHS number nobody is shown.
    NoNumber,
}

/// What counts of a record at that moment.
pub(super) fn shown(record: &Patient, at: Millis) -> Shown {
    let Ok(number) = record.id.parse::<NhsNumber>() else { return Shown::NoNumber };
    if record.meta.security.iter().any(|label| label.code == "REDACTED") {
        return Shown::Invalidated;
    }
    let today = day(at);
    let (deceased, death_status) = death(record);
    let name = name(&record.name, today);
    let mut patient = PdsPatient {
        nhs_number: number.to_string(),
        version: words(&record.meta.version_id),
        family_name: name.map(|name| words(&name.family)).unwrap_or_default(),
        given_name: name.map(|name| joined(&name.given)).unwrap_or_default(),
        title: name.map(|name| joined(&name.prefix)).unwrap_or_default(),
        birth_date: birth_date(&record.birth_date),
        sex: sex(&record.gender),
        deceased,
        death_status: death_status.to_owned(),
        // A label that is missing or unknown hides as much as *restricted* does.
        restricted: !matches!(&record.meta.security[..], [label] if label.code == "U"),
        fetched_at: stored(at),
        ..PdsPatient::default()
    };
    if !patient.restricted {
        open(&mut patient, record, today);
    }
    Shown::Patient(Box::new(patient))
}

/// What PDS gives out of patients who are not restricted: where they are, and who looks after them.
fn open(patient: &mut PdsPatient, record: &Patient, today: Date) {
    if let Some(address) = address(&record.address, today) {
        let lines: Vec<String> =
            address.line.iter().map(|line| words(line)).filter(|line| !line.is_empty()).collect();
        patient.address = lines.join("\n");
        patient.postcode = words(&address.postal_code).to_uppercase();
    }
    patient.phone = contact(&record.telecom, "phone", today);
    patient.email = contact(&record.telecom, "email", today);
    let practice = record.general_practitioner.first().filter(|gp| valid(&gp.identifier.period, today));
    patient.gp_ods = practice.map(|gp| ods(&gp.identifier.value)).unwrap_or_default();
    let extensions = &record.extension;
    patient.nominated_pharmacy = find(extensions, "Extension-UKCore-NominatedPharmacy")
        .map(|pharmacy| ods(&pharmacy.value_reference.identifier.value))
        .unwrap_or_default();
    patient.contact_preference = find(extensions, "Extension-UKCore-ContactPreference")
        .map(|preference| preferences(&preference.extension))
        .unwrap_or_default();
    patient.language = find(extensions, "Extension-UKCore-NHSCommunication")
        .map(|communication| language(&communication.extension))
        .unwrap_or_default();
    patient.removed = find(extensions, "Extension-PDS-RemovalFromRegistration")
        .and_then(|removal| removed(&removal.extension, today))
        .unwrap_or_default();
}

/// Whether a period includes that day; an end that is not given, or not readable, is open.
fn valid(period: &Period, today: Date) -> bool {
    let begun = bound(&period.start, Bound::First).is_none_or(|start| start <= today);
    let over = bound(&period.end, Bound::Last).is_some_and(|end| end < today);
    begun && !over
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    First,
    Last,
}

/// The first or last day that a date, a month, a year or an instant stands for.
fn bound(text: &str, bound: Bound) -> Option<Date> {
    let text = text.split('T').next().unwrap_or_default();
    let mut parts = text.split('-');
    let year: i16 = parts.next()?.parse().ok()?;
    let month: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
    let day: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
    let last = bound == Bound::Last;
    let month = month.unwrap_or(if last { 12 } else { 1 });
    let first = Date::new(year, month, 1).ok()?;
    match day {
        Some(day) => Date::new(year, month, day).ok(),
        None if last => Some(first.last_of_month()),
        None => Some(first),
    }
}

/// The usual name that counts now; else the usual one, else any that counts.
fn name(names: &[HumanName], today: Date) -> Option<&HumanName> {
    let usual = |name: &&HumanName| name.r#use == "usual";
    let counts = |name: &&HumanName| valid(&name.period, today);
    let mut now = names.iter().filter(counts);
    names.iter().filter(usual).find(counts).or_else(|| names.iter().find(usual)).or_else(|| now.next())
}

/// The address to write to: of those valid now a correspondence (billing) address comes before a temporary one, and
/// that before the home (PDS FHIR API, patient addresses).
fn address(addresses: &[Address], today: Date) -> Option<&Address> {
    let now = || addresses.iter().filter(|address| valid(&address.period, today));
    ["billing", "temp", "home"].iter().find_map(|r#use| now().find(|address| address.r#use == *r#use))
}

fn contact(points: &[ContactPoint], system: &str, today: Date) -> String {
    let now = || points.iter().filter(|point| point.system == system && valid(&point.period, today));
    let best = ["mobile", "home", "temp", "work"]
        .iter()
        .find_map(|r#use| now().find(|point| point.r#use == *r#use))
        .or_else(|| now().next());
    best.map(|point| words(&point.value)).unwrap_or_default()
}

/// When they died and how PDS knows. A notice that was taken back (`U`) is of somebody who lives.
fn death(record: &Patient) -> (String, &'static str) {
    let status = find(&record.extension, "Extension-UKCore-DeathNotificationStatus")
        .and_then(|notice| find(&notice.extension, "deathNotificationStatus"))
        .map_or("", |status| status.value_codeable_concept.code());
    let status = match status {
        "1" => "informal",
        "2" => "formal",
        "U" => return (String::new(), ""),
        _ => "",
    };
    let date = record.deceased_date_time.split('T').next().unwrap_or_default();
    let died = !date.is_empty() || record.deceased_boolean || !status.is_empty();
    if !died {
        return (String::new(), "");
    }
    let date = if bound(date, Bound::First).is_some() { words(date) } else { NO_DATE.to_owned() };
    // Without a word on how it is known it is not from the registrar.
    (date, if status.is_empty() { "informal" } else { status })
}

/// A day, a month or a year; nothing else.
fn birth_date(text: &str) -> String {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let known = ["9999-99-99", "9999-99", "9999"].contains(&shape.as_str());
    if known && bound(text, Bound::First).is_some() { text.to_owned() } else { String::new() }
}

fn sex(text: &str) -> String {
    if ["male", "female", "other", "unknown"].contains(&text) { text.to_owned() } else { String::new() }
}

fn ods(text: &str) -> String {
    text.parse::<OdsCode>().map(|code| code.to_string()).unwrap_or_default()
}

/// Method, written format and times of the extension ContactPreference (UK Core).
fn preferences(parts: &[Extension]) -> String {
    let code = |name| find(parts, name).map_or("", |part| part.value_codeable_concept.code());
    let method = match code("PreferredContactMethod") {
        "1" => "by letter",
        "2" => "by a visit",
        "3" => "by telephone",
        "4" => "by e-mail",
        "5" => "by textphone (minicom)",
        "6" => "by telephone through somebody else",
        "7" => "in sign language",
        "8" => "not by telephone",
        _ => "",
    };
    let format = match code("PreferredWrittenCommunicationFormat") {
        "11" => "in large print",
        "12" => "in braille",
        "13" => "on audio tape",
        _ => "",
    };
    let times = find(parts, "PreferredContactTimes").map(|times| words(&times.value_string));
    let mut said = Vec::new();
    if !method.is_empty() {
        said.push(format!("Contact {method}"));
    }
    if !format.is_empty() {
        said.push(format!("Written things {format}"));
    }
    said.extend(times.filter(|times| !times.is_empty()).map(|times| format!("When: {times}")));
    said.join("; ")
}

/// English is never stored in PDS, so no language means nothing.
fn language(parts: &[Extension]) -> String {
    let language = find(parts, "language").map(|language| &language.value_codeable_concept);
    let language = language.map(|concept| {
        let display = words(concept.display());
        if display.is_empty() { words(concept.code()) } else { display }
    });
    let interpreter = find(parts, "interpreterRequired").is_some_and(|part| part.value_boolean == Some(true));
    match (language.filter(|language| !language.is_empty()), interpreter) {
        (Some(language), true) => format!("{language}, interpreter needed"),
        (Some(language), false) => language,
        (None, true) => "Interpreter needed".to_owned(),
        (None, false) => String::new(),
    }
}

/// Why they are not registered now (PDS removal reason exit codes); `None` once that is over.
fn removed(parts: &[Extension], today: Date) -> Option<String> {
    let period = find(parts, "effectiveTime").map(|time| &time.value_period);
    if period.is_some_and(|period| !valid(period, today)) {
        return None;
    }
    let reason = find(parts, "removalFromRegistrationCode")?.value_codeable_concept.code();
    Some(
        match reason {
            "DEA" => "Not registered with a practice: death",
            "EMB" => "Not registered with a practice: left the country",
            "SCT" => "Not registered in England: moved to Scotland",
            "NIT" => "Not registered in England: moved to Northern Ireland",
            "TRA" => "Not registered with a practice: temporary resident who did not return",
            _ => "Not registered with a practice",
        }
        .to_owned(),
    )
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| words(part)).filter(|part| !part.is_empty()).collect();
    words(&parts.join(" "))
}

/// Words on one line, not longer than anything that PDS keeps.
fn words(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    line.trim().to_owned()
}
