//! The people of a BaRS message: the patient, whom to ring in which order, who refers.

use super::Message;
use super::message::rank;
use crate::nhs::bars::codes::{NHS_NUMBER, ODS_CODE, is};
use crate::nhs::fhir::Element;
use shared::consultation::Patient;
use shared::ids::OdsCode;
use shared::patient::{NhsNumber, Postcode};

/// Reads the patient; what was sent and cannot be used goes to `warnings` in words.
pub fn patient(message: &Message<'_>, warnings: &mut Vec<String>) -> Patient {
    let Some(sent) = message.patient() else { return Patient::default() };
    let mut patient = Patient::default();
    name(sent, &mut patient);
    if patient.family_name.is_empty() && patient.given_name.is_empty() {
        warnings.push("The sender gave no name for the patient.".to_owned());
    }
    nhs_number(sent, &mut patient, warnings);
    match sent.text("birthDate") {
        "" => warnings.push("The sender gave no date of birth.".to_owned()),
        given if given.parse::<jiff::civil::Date>().is_ok() => given.clone_into(&mut patient.birth_date),
        given => warnings.push(format!("The sender gave only this as date of birth: {given}")),
    }
    let sex = sent.text("gender");
    if matches!(sex, "male" | "female" | "other") { sex } else { "unknown" }.clone_into(&mut patient.sex);
    address(sent, &mut patient);
    contacts(sent, &mut patient);
    practice(message, sent, &mut patient);
    for language in sent.children("communication") {
        let code = language.text("language.coding.code");
        if !code.is_empty() && !code.starts_with("en") && language.text("preferred") != "false" {
            warnings.push(format!("Preferred language: {}", concept(language.first("language"))));
        }
    }
    patient
}

fn name(sent: &Element, patient: &mut Patient) {
    let all: Vec<&Element> = sent.children("name").collect();
    let of_use = |wanted: &str| all.iter().find(|name| name.text("use") == wanted);
    let current = all.iter().find(|name| !matches!(name.text("use"), "old" | "maiden" | "nickname"));
    let Some(name) = of_use("official").or_else(|| of_use("usual")).or(current).or(all.first()) else {
        return;
    };
    patient.title = joined(name, "prefix");
    patient.given_name = joined(name, "given");
    name.text("family").trim().clone_into(&mut patient.family_name);
    if patient.family_name.is_empty() && patient.given_name.is_empty() {
        name.text("text").trim().clone_into(&mut patient.family_name);
    }
}

fn joined(name: &Element, part: &str) -> String {
    let parts: Vec<&str> =
        name.all(part).iter().map(|part| part.value.trim()).filter(|text| !text.is_empty()).collect();
    parts.join(" ")
}

/// Whatever the sender says of it, a number is unverified until PDS or NHS 111 has said so (practice 11).
fn nhs_number(sent: &Element, patient: &mut Patient, warnings: &mut Vec<String>) {
    for identifier in
        sent.children("identifier").filter(|identifier| is(identifier.text("system"), NHS_NUMBER))
    {
        let given = identifier.text("value");
        match given.parse::<NhsNumber>() {
            Ok(number) if patient.nhs_number.is_empty() => {
                patient.nhs_number = number.into();
                "unverified".clone_into(&mut patient.nhs_number_status);
            }
            Ok(number) if number.as_str() != patient.nhs_number => {
                warnings.push(format!("The sender also gave another NHS number: {}", number.spaced()));
            }
            Ok(_) => {}
            // Suppliers write zeros, or nothing, for “none”.
            Err(_) if given.bytes().all(|b| b == b'0' || b == b' ') => {}
            Err(_) => warnings.push(format!("The sender gave an NHS number that is not valid: {given}")),
        }
    }
}

fn address(sent: &Element, patient: &mut Patient) {
    let all: Vec<&Element> = sent.children("address").collect();
    let home = all.iter().find(|address| address.text("use") == "home");
    let lasting = all.iter().find(|address| !matches!(address.text("use"), "temp" | "old"));
    if let Some(home) = home.or(lasting) {
        patient.address = lines(home);
        let given = home.text("postalCode").trim();
        // A postcode that does not fit the pattern still helps to find the house.
        patient.postcode =
            given.parse::<Postcode>().map_or_else(|_| given.to_owned(), |code| code.as_str().to_owned());
    }
    if let Some(now) = all.iter().find(|address| address.text("use") == "temp") {
        let now = [lines(now), now.text("postalCode").to_owned()];
        patient.location_now = now.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    }
}

fn lines(address: &Element) -> String {
    let parts = ["line", "city", "district"].into_iter().flat_map(|part| address.all(part));
    let lines: Vec<&str> = parts.map(|part| part.value.trim()).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { address.text("text").trim().to_owned() } else { lines.join("\n") }
}

/// Whom to ring, in the sender's order. The first may be another than the patient, and is named then.
fn contacts(sent: &Element, patient: &mut Patient) {
    let mut contacts: Vec<&Element> = sent.children("contact").collect();
    contacts.sort_by_key(|contact| rank(contact).unwrap_or(u32::MAX));
    let mut others: Vec<String> = Vec::new();
    for contact in contacts {
        let who = who(contact);
        let numbers = numbers(contact);
        if !who.is_empty() {
            let first = numbers.first().map(|(number, _)| number.clone()).unwrap_or_default();
            let line = [who.clone(), first]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
            let whole = [patient.caller.clone(), line].into_iter().filter(|part| !part.is_empty());
            patient.caller = whole.collect::<Vec<_>>().join("\n");
        }
        take_numbers(numbers, &who, patient, &mut others);
    }
    take_numbers(numbers(sent), "", patient, &mut others);
    patient.other_phones = others.join(", ");
}

fn take_numbers(numbers: Vec<(String, String)>, who: &str, patient: &mut Patient, others: &mut Vec<String>) {
    for (number, label) in numbers {
        if patient.phone.is_empty() && label != "e-mail" {
            patient.phone = number;
            continue;
        }
        let known = patient.phone == number || others.iter().any(|had| had.starts_with(&number));
        if !known {
            let about = [label.as_str(), who]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
            others.push(if about.is_empty() { number } else { format!("{number} ({about})") });
        }
    }
}

/// Name and relationship of a contact who is not the patient; empty for the patient.
fn who(contact: &Element) -> String {
    let is_self = contact.all("relationship.coding").iter().any(|coding| coding.text("code") == "ONESELF");
    let name = person_name(contact);
    if is_self || (name.is_empty() && contact.first("relationship").is_none()) {
        return String::new();
    }
    let relationship = concept(contact.first("relationship"));
    [name, relationship].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Numbers and mail addresses in the sender's order, each with what it is.
fn numbers(holder: &Element) -> Vec<(String, String)> {
    let mut telecoms: Vec<&Element> = holder.children("telecom").collect();
    telecoms.sort_by_key(|telecom| telecom.text("rank").parse::<u32>().unwrap_or(u32::MAX));
    telecoms
        .into_iter()
        .filter_map(|telecom| {
            let value = telecom.text("value").trim();
            let label = match telecom.text("system") {
                "email" => "e-mail",
                "phone" | "sms" | "" => telecom.text("use"),
                _ => return None,
            };
            let bare = value.strip_prefix("tel:").or_else(|| value.strip_prefix("mailto:")).unwrap_or(value);
            (!bare.is_empty()).then(|| (bare.to_owned(), label.to_owned()))
        })
        .collect()
}

fn practice(message: &Message<'_>, sent: &Element, patient: &mut Patient) {
    // Codes that say there is no practice (NHS Data Dictionary).
    const NONE: [&str; 3] = ["V81997", "V81998", "V81999"];
    for general in sent.children("generalPractitioner") {
        let found = message.find(general.text("reference"));
        let organisation = found.and_then(|found| match found.kind.as_str() {
            "Organization" => Some(found),
            "PractitionerRole" => message.follow(found, "organization"),
            _ => None,
        });
        let (code, name) = organisation.map(organisation_of).unwrap_or_default();
        if !code.is_empty() && !NONE.contains(&code.as_str()) || !name.is_empty() {
            patient.gp_ods = if NONE.contains(&code.as_str()) { String::new() } else { code };
            patient.gp_name = if name.is_empty() { general.text("display").to_owned() } else { name };
            return;
        }
    }
}

/// ODS code (upper case, or empty) and name of an Organization.
pub fn organisation_of(organisation: &Element) -> (String, String) {
    let mut codes =
        organisation.children("identifier").filter(|identifier| is(identifier.text("system"), ODS_CODE));
    let code = codes.find_map(|identifier| identifier.text("value").trim().parse::<OdsCode>().ok());
    (code.map(String::from).unwrap_or_default(), organisation.text("name").trim().to_owned())
}

/// A name in one line, whether sent in parts or as text.
pub fn person_name(person: &Element) -> String {
    let Some(name) = person.first("name") else { return String::new() };
    let parts = [joined(name, "prefix"), joined(name, "given"), name.text("family").trim().to_owned()];
    let line = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if line.is_empty() { name.text("text").trim().to_owned() } else { line }
}

/// The first phone number.
pub fn phone(holder: &Element) -> String {
    let numbers = numbers(holder);
    numbers.into_iter().find(|(_, label)| label != "e-mail").map(|(number, _)| number).unwrap_or_default()
}

/// What a `CodeableConcept` says: its text, else what its first coding means, else that code.
pub fn concept(concept: Option<&Element>) -> String {
    let Some(concept) = concept else { return String::new() };
    let said = [concept.text("text"), concept.text("coding.display"), concept.text("coding.code")];
    said.into_iter().map(str::trim).find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}
