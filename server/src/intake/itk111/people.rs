//! The people and places of a CDA document: the patient, the caller, the sender, addresses, phones.

use super::{times, xml};
use roxmltree::Node;
use shared::consultation::Patient;
use shared::ids::OdsCode;
use shared::patient::{NhsNumber, Postcode};

/// NHS number that the sender traced (NHS number, verified).
const NHS_NUMBER_VERIFIED: &str = "2.16.840.1.113883.2.1.4.1";
/// NHS number as told by the caller.
const NHS_NUMBER_UNVERIFIED: &str = "2.16.840.1.113883.2.1.3.2.4.18.23";

/// Numbers of one person that are kept: each is compared with each, and nobody rings more.
const MOST_NUMBERS: usize = 20;

/// Codes that say there is no practice (NHS Data Dictionary), and one supplier's own.
const NO_PRACTICE: [&str; 4] = ["V81997", "V81998", "V81999", "Z10000"];

/// Reads the patient; what was sent and cannot be used goes to `warnings` in words.
pub fn patient(document: Node<'_, '_>, warnings: &mut Vec<String>) -> Option<Patient> {
    let role = xml::below(document, &["recordTarget", "patientRole"])?;
    let person = xml::child(role, "patient")?;
    let mut patient = Patient::default();
    name(person, &mut patient, warnings);
    nhs_number(role, &mut patient, warnings);
    birth_date(person, &mut patient, warnings);
    sex(person).clone_into(&mut patient.sex);
    addresses(document, role, &mut patient);
    let mut phones = Phones::default();
    phones.add(role);
    caller(document, &mut patient, &mut phones);
    (patient.phone, patient.other_phones) = phones.in_order();
    practice(role, &mut patient);
    if let Some(language) = xml::below(person, &["languageCommunication", "languageCode"]) {
        take_language(xml::attribute(language, "code"), shown(language), warnings);
    }
    Some(patient)
}

fn name(person: Node<'_, '_>, patient: &mut Patient, warnings: &mut Vec<String>) {
    let names: Vec<_> = xml::children(person, "name").collect();
    let chosen = names.iter().find(|name| xml::child(**name, "family").is_some()).or(names.first());
    if let Some(name) = chosen {
        patient.title = parts(*name, "prefix");
        patient.given_name = parts(*name, "given");
        patient.family_name = parts(*name, "family");
        if patient.family_name.is_empty() && patient.given_name.is_empty() {
            patient.family_name = xml::words(*name);
        }
    }
    warn_of_no_name(patient, warnings);
}

/// Says so where there is no name at all.
pub fn warn_of_no_name(patient: &Patient, warnings: &mut Vec<String>) {
    if patient.family_name.is_empty() && patient.given_name.is_empty() {
        warnings.push("The sender gave no name for the patient.".to_owned());
    }
}

fn parts(name: Node<'_, '_>, part: &'static str) -> String {
    xml::squeeze(&xml::children(name, part).map(xml::words).collect::<Vec<_>>().join(" "))
}

fn nhs_number(role: Node<'_, '_>, patient: &mut Patient, warnings: &mut Vec<String>) {
    for (root, status) in [(NHS_NUMBER_VERIFIED, "verified"), (NHS_NUMBER_UNVERIFIED, "unverified")] {
        for id in xml::children(role, "id").filter(|id| xml::attribute(*id, "root") == root) {
            take_number(xml::attribute(id, "extension"), status, patient, warnings);
        }
    }
}

/// Takes an NHS number where it is one and the patient has none yet; else says what was given.
pub fn take_number(given: &str, status: &str, patient: &mut Patient, warnings: &mut Vec<String>) {
    match given.parse::<NhsNumber>() {
        Ok(number) if patient.nhs_number.is_empty() => {
            patient.nhs_number = number.into();
            status.clone_into(&mut patient.nhs_number_status);
        }
        Ok(number) if number.as_str() != patient.nhs_number => {
            warnings.push(format!("The sender also gave another NHS number: {}", number.spaced()));
        }
        Ok(_) => {}
        // Suppliers write zeros for “none”.
        Err(_) if given.bytes().all(|b| b == b'0' || b == b' ') => {}
        Err(_) => warnings.push(format!("The sender gave an NHS number that is not valid: {given}")),
    }
}

fn birth_date(person: Node<'_, '_>, patient: &mut Patient, warnings: &mut Vec<String>) {
    let given = xml::child(person, "birthTime").map(|born| xml::attribute(born, "value")).unwrap_or_default();
    take_birth_date(given, patient, warnings);
}

/// Takes a date of birth where it is one; else says what was given.
pub fn take_birth_date(given: &str, patient: &mut Patient, warnings: &mut Vec<String>) {
    match times::birth_date(given) {
        Some(date) => patient.birth_date = date.to_string(),
        None if given.is_empty() => warnings.push("The sender gave no date of birth.".to_owned()),
        None => warnings.push(format!("The sender gave only this as date of birth: {given}")),
    }
}

/// Says in which language to speak, where it is not English.
pub fn take_language(code: &str, name: String, warnings: &mut Vec<String>) {
    if !code.is_empty() && !code.to_ascii_lowercase().starts_with("en") {
        warnings.push(format!("Preferred language: {name}"));
    }
}

/// NHS Data Dictionary person gender: 9 is *not specified*, which is not a third answer.
fn sex(person: Node<'_, '_>) -> &'static str {
    match xml::child(person, "administrativeGenderCode").map(|sex| xml::attribute(sex, "code")) {
        Some("1" | "M") => "male",
        Some("2" | "F") => "female",
        _ => "unknown",
    }
}

fn addresses(document: Node<'_, '_>, role: Node<'_, '_>, patient: &mut Patient) {
    let all: Vec<_> = xml::children(role, "addr").collect();
    let of_use =
        |uses: &[&str]| all.iter().copied().find(|addr| uses.contains(&xml::attribute(*addr, "use")));
    let home = of_use(&["H", "HP"])
        .or_else(|| all.iter().copied().find(|addr| !matches!(xml::attribute(*addr, "use"), "PHYS" | "TMP")));
    if let Some(home) = home {
        patient.address = lines(home);
        patient.postcode = postcode(home);
    }
    let home_whole = home.map(whole).unwrap_or_default();
    let now = of_use(&["PHYS", "TMP"]).or_else(|| incident_address(document)).map(whole).unwrap_or_default();
    if !now.is_empty() && !alike(&now, &home_whole) {
        patient.location_now = now;
    }
}

fn incident_address<'a, 'i>(document: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    xml::below(
        document,
        &["componentOf", "encompassingEncounter", "location", "healthCareFacility", "location", "addr"],
    )
}

/// Where it happened, when that is neither the patient's home nor where the patient is.
pub fn incident_elsewhere(document: Node<'_, '_>, patient: &Patient) -> Option<String> {
    let incident = incident_address(document).map(whole)?;
    let home = format!("{}\n{}", patient.address, patient.postcode);
    let elsewhere =
        !incident.is_empty() && !alike(&incident, &home) && !alike(&incident, &patient.location_now);
    elsewhere.then_some(incident)
}

/// Address lines without the postcode.
fn lines(addr: Node<'_, '_>) -> String {
    const NOT_LINES: [&str; 5] = ["postalCode", "addressKey", "additionalLocator", "country", "desc"];
    let named: Vec<String> = addr
        .children()
        .filter(|part| part.is_element() && !NOT_LINES.iter().any(|name| xml::named(*part, name)))
        .map(xml::words)
        .filter(|line| !line.is_empty())
        .collect();
    if named.is_empty() && addr.children().all(|part| !part.is_element()) {
        xml::words(addr)
    } else {
        named.join("\n")
    }
}

fn postcode(addr: Node<'_, '_>) -> String {
    let given = xml::child(addr, "postalCode").map(xml::words).unwrap_or_default();
    written_postcode(given)
}

/// A postcode as it is written; one that does not fit the pattern still helps to find the house.
pub fn written_postcode(given: String) -> String {
    given.parse::<Postcode>().map_or(given, |postcode| postcode.as_str().to_owned())
}

fn whole(addr: Node<'_, '_>) -> String {
    let directions = xml::child(addr, "desc").map(xml::words).unwrap_or_default();
    [lines(addr), postcode(addr), directions]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether two addresses are one, however they are broken into lines.
pub fn alike(one: &str, other: &str) -> bool {
    let letters = |text: &str| {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    letters(one) == letters(other)
}

fn practice(role: Node<'_, '_>, patient: &mut Patient) {
    let Some((code, name)) = xml::child(role, "providerOrganization").map(organisation) else { return };
    take_practice(code, name, patient);
}

/// Takes the practice, but for the codes and names that mean none.
pub fn take_practice(code: String, name: String, patient: &mut Patient) {
    if !NO_PRACTICE.contains(&code.as_str()) {
        patient.gp_ods = code;
    }
    if !name.eq_ignore_ascii_case("unknown") {
        patient.gp_name = name;
    }
}

/// ODS code (upper case, or empty) and name of an organisation.
pub fn organisation(node: Node<'_, '_>) -> (String, String) {
    let code =
        xml::children(node, "id").find_map(|id| xml::attribute(id, "extension").parse::<OdsCode>().ok());
    (code.map(String::from).unwrap_or_default(), xml::child(node, "name").map(xml::words).unwrap_or_default())
}

/// A name in one line, whether sent in parts or as text.
pub fn person_name(person: Node<'_, '_>) -> String {
    let Some(name) = xml::child(person, "name") else { return String::new() };
    if xml::child(name, "family").is_none() && xml::child(name, "given").is_none() {
        return xml::words(name);
    }
    xml::squeeze(&format!("{} {} {}", parts(name, "prefix"), parts(name, "given"), parts(name, "family")))
}

/// The display name of a coded element, else its code.
pub fn shown(coded: Node<'_, '_>) -> String {
    let display = xml::squeeze(xml::attribute(coded, "displayName"));
    if display.is_empty() { xml::attribute(coded, "code").to_owned() } else { display }
}

/// Who rang, when it was not the patient. The number they rang from counts among the patient's phones.
fn caller(document: Node<'_, '_>, patient: &mut Patient, phones: &mut Phones) {
    for informant in xml::children(document, "informant") {
        let Some(entity) =
            xml::child(informant, "relatedEntity").or_else(|| xml::child(informant, "assignedEntity"))
        else {
            continue;
        };
        let code = xml::child(entity, "code");
        let is_self = code.is_some_and(|code| {
            xml::attribute(code, "code") == "21"
                || xml::attribute(code, "displayName").eq_ignore_ascii_case("self")
        });
        if is_self {
            phones.add(entity);
            continue;
        }
        let name = xml::child(entity, "relatedPerson")
            .or_else(|| xml::child(entity, "assignedPerson"))
            .map(person_name)
            .unwrap_or_default();
        let relationship = code.map(shown).filter(|words| !words.eq_ignore_ascii_case("not specified"));
        let mut their = Phones::default();
        their.add(entity);
        take_caller(name, relationship.unwrap_or_default(), their, patient);
    }
}

/// Adds one who rang to the patient's callers, in a line.
pub fn take_caller(name: String, relationship: String, phones: Phones, patient: &mut Patient) {
    let (first, others) = phones.in_order();
    let told = [name, relationship, first, others];
    let line = told.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    if !line.is_empty() {
        if !patient.caller.is_empty() {
            patient.caller.push('\n');
        }
        patient.caller.push_str(&line);
    }
}

/// Phone numbers of one person, each once.
#[derive(Default)]
pub struct Phones(Vec<(u8, &'static str, String)>);

impl Phones {
    fn add(&mut self, entity: Node<'_, '_>) {
        for telecom in xml::children(entity, "telecom") {
            if let Some(number) = contact(telecom) {
                self.take(xml::attribute(telecom, "use"), number);
            }
        }
    }

    /// Takes one number or mail address, by its use in HL7 version 3: `MC`, `H`, `EC`.
    pub fn take(&mut self, used_for: &str, number: String) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let is_mail = number.contains('@');
        if self.0.len() == MOST_NUMBERS {
            return;
        }
        if self.0.iter().any(|(_, _, had)| *had == number || (!is_mail && digits(had) == digits(&number))) {
            return;
        }
        // The likeliest to be answered first: the mobile, then home, then the number the call came from.
        let (rank, label) = match used_for {
            _ if is_mail => (9, "e-mail"),
            "MC" => (0, "mobile"),
            "H" | "HP" => (1, "home"),
            "EC" => (2, "emergency contact"),
            "HV" => (4, "holiday home"),
            "WP" => (5, "work"),
            _ => (3, ""),
        };
        self.0.push((rank, label, number));
    }

    /// The first to try, and the others with what they are.
    pub fn in_order(mut self) -> (String, String) {
        self.0.sort_by_key(|(rank, _, _)| *rank);
        let is_phone = self.0.first().is_some_and(|(rank, _, _)| *rank != 9);
        let mut rest = self.0.into_iter();
        let first = if is_phone { rest.next().map(|(_, _, number)| number) } else { None };
        let others: Vec<String> = rest
            .map(|(_, label, number)| if label.is_empty() { number } else { format!("{number} ({label})") })
            .collect();
        (first.unwrap_or_default(), others.join(", "))
    }
}

/// A number or mail address without its scheme; `None` for the zeros that mean none.
pub fn contact(telecom: Node<'_, '_>) -> Option<String> {
    bare(xml::attribute(telecom, "value"))
}

/// `07700 900123` from `tel:07700 900123`; `None` for the zeros that mean none.
pub fn bare(value: &str) -> Option<String> {
    let bare = ["tel:", "mailto:", "fax:"]
        .iter()
        .find_map(|scheme| {
            value
                .get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))
                .and(value.get(scheme.len()..))
        })
        .unwrap_or(value)
        .trim();
    let said = bare.contains('@') || bare.bytes().any(|b| (b'1'..=b'9').contains(&b));
    said.then(|| xml::squeeze(bare))
}
