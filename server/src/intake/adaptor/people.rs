//! The people and places of the adaptor's report: the patient, who rang, who sent it.

use super::Bundle;
use crate::intake::itk111::people::{
    Phones, alike, bare, take_birth_date, take_caller, take_language, take_number, take_practice,
    warn_of_no_name, written_postcode,
};
use crate::nhs::fhir::Element;
use shared::consultation::{Patient, Referral};
use shared::ids::OdsCode;

/// Says whether the number was traced (CareConnect STU3): `01` is *present and verified*.
const NUMBER_STATUS: &str =
    "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-NHSNumberVerificationStatus-1";

/// Reads the patient; what was sent and cannot be used goes to `warnings` in words.
pub fn patient(bundle: &Bundle<'_>, warnings: &mut Vec<String>) -> Option<Patient> {
    let person = bundle.one("Patient")?;
    let mut patient = Patient::default();
    if let Some(name) = person.first("name") {
        patient.title = parts(name, "prefix");
        patient.given_name = parts(name, "given");
        name.text("family").clone_into(&mut patient.family_name);
        if patient.family_name.is_empty() && patient.given_name.is_empty() {
            name.text("text").clone_into(&mut patient.family_name);
        }
    }
    warn_of_no_name(&patient, warnings);
    for number in person.children("identifier") {
        let status =
            number.extension(NUMBER_STATUS).map(|status| status.text("valueCodeableConcept.coding.code"));
        let status = if status == Some("01") { "verified" } else { "unverified" };
        take_number(number.text("value"), status, &mut patient, warnings);
    }
    take_birth_date(person.text("birthDate"), &mut patient, warnings);
    let sex = match person.text("gender") {
        known @ ("male" | "female") => known,
        _ => "unknown",
    };
    sex.clone_into(&mut patient.sex);
    addresses(bundle, person, &mut patient);
    let mut phones = Phones::default();
    add_phones(person, &mut phones);
    callers(bundle, &mut patient, &mut phones);
    (patient.phone, patient.other_phones) = phones.in_order();
    if let Some(practice) = bundle.referred(person, "generalPractitioner") {
        take_practice(code_of(practice), practice.text("name").to_owned(), &mut patient);
    }
    let language = person.text("language");
    take_language(language, language.to_owned(), warnings);
    Some(patient)
}

fn parts(name: &Element, part: &str) -> String {
    name.children(part).map(|part| part.value.trim()).collect::<Vec<_>>().join(" ")
}

fn addresses(bundle: &Bundle<'_>, person: &Element, patient: &mut Patient) {
    let home = person.children("address").find(|address| address.text("use") == "home");
    let now = person.children("address").find(|address| address.text("type") == "physical");
    let mut home_whole = String::new();
    if let Some(home) = home {
        patient.address = lines(home);
        patient.postcode = written_postcode(home.text("postalCode").to_owned());
        home_whole = whole(home);
    }
    let now = now.or_else(|| incident(bundle)).map(whole).unwrap_or_default();
    if !now.is_empty() && !alike(&now, &home_whole) {
        patient.location_now = now;
    }
}

/// Where the call was about, as the encounter names it.
pub fn incident<'a>(bundle: &Bundle<'a>) -> Option<&'a Element> {
    let encounter = bundle.one("Encounter")?;
    let mut places = encounter.children("location").filter_map(|place| bundle.referred(place, "location"));
    places.find_map(|place| place.first("address"))
}

/// Where it happened, when that is neither the patient's home nor where the patient is.
pub fn incident_elsewhere(bundle: &Bundle<'_>, patient: &Patient) -> Option<String> {
    let incident = incident(bundle).map(whole)?;
    let home = format!("{}\n{}", patient.address, patient.postcode);
    let elsewhere =
        !incident.is_empty() && !alike(&incident, &home) && !alike(&incident, &patient.location_now);
    elsewhere.then_some(incident)
}

/// Address lines without the postcode.
fn lines(address: &Element) -> String {
    let lines = address.children("line").map(|line| line.value.as_str());
    let rest = ["city", "district", "state"].map(|part| address.text(part));
    lines.chain(rest).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn whole(address: &Element) -> String {
    let postcode = written_postcode(address.text("postalCode").to_owned());
    let all = [lines(address), postcode, address.text("text").to_owned()];
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn add_phones(person: &Element, phones: &mut Phones) {
    for telecom in person.children("telecom") {
        let used_for = match telecom.text("use") {
            "mobile" => "MC",
            "home" => "H",
            "work" => "WP",
            _ => "",
        };
        if let Some(number) = bare(telecom.text("value")) {
            phones.take(used_for, number);
        }
    }
}

/// Who rang, when it was not the patient; and whom to ring in an emergency, whose numbers count among the patient's.
fn callers(bundle: &Bundle<'_>, patient: &mut Patient, phones: &mut Phones) {
    for other in bundle.all("RelatedPerson") {
        let codes: Vec<&Element> = other.all("relationship.coding");
        let is_one = |code: &str, display: &str| {
            codes.iter().any(|coding| {
                coding.text("code") == code && coding.text("display").eq_ignore_ascii_case(display)
            })
        };
        if is_one("21", "Self") {
            add_phones(other, phones);
            continue;
        }
        if is_one("C", "Emergency Contact") && other.first("name").is_none() {
            for number in other.children("telecom").filter_map(|telecom| bare(telecom.text("value"))) {
                phones.take("EC", number);
            }
            continue;
        }
        let relationship = codes.first().map(|coding| coding.text("display")).unwrap_or_default();
        let relationship = if relationship.eq_ignore_ascii_case("not specified") { "" } else { relationship };
        let mut their = Phones::default();
        add_phones(other, &mut their);
        take_caller(named(other), relationship.to_owned(), their, patient);
    }
}

/// A name in one line, whether sent in parts or as text.
fn named(person: &Element) -> String {
    let Some(name) = person.first("name") else { return String::new() };
    let all = [parts(name, "prefix"), parts(name, "given"), name.text("family").to_owned()];
    let all = all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if all.is_empty() { name.text("text").to_owned() } else { all }
}

/// ODS code of an organisation, upper case, or nothing.
fn code_of(organisation: &Element) -> String {
    let code = organisation.children("identifier").find_map(|id| id.text("value").parse::<OdsCode>().ok());
    code.map(String::from).unwrap_or_default()
}

/// Who wrote the report, for whom, and whom to ring about it.
pub fn sender(bundle: &Bundle<'_>, referral: &mut Referral) {
    let author = bundle.participant("PPRF");
    let role = author.and_then(|author| {
        bundle.all("PractitionerRole").find(|role| {
            bundle.referred(role, "practitioner").is_some_and(|person| std::ptr::eq(person, author))
        })
    });
    let from = role.and_then(|role| bundle.referred(role, "organization"));
    let keeper = bundle.one("Encounter").and_then(|encounter| bundle.referred(encounter, "serviceProvider"));
    let said = |part: fn(&Element) -> String| {
        let found = from.into_iter().chain(keeper).map(part).find(|text| !text.is_empty());
        found.unwrap_or_default()
    };
    referral.referrer_ods = said(code_of);
    referral.referrer_name = said(|organisation| organisation.text("name").to_owned());
    let person = author.map(named).unwrap_or_default();
    let role = role.map(|role| role.text("code.coding.display").to_owned()).unwrap_or_default();
    referral.referrer_person =
        [person, role].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    referral.referrer_contact =
        bundle.participant("CALLBCK").into_iter().chain(author).find_map(call_back).unwrap_or_default();
}

/// A number for professionals to ring, and who answers there.
fn call_back(person: &Element) -> Option<String> {
    let number = person.children("telecom").find_map(|telecom| bare(telecom.text("value")))?;
    let name = named(person);
    Some(if name.is_empty() { number } else { format!("{name}, {number}") })
}
