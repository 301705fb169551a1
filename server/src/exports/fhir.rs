//! Exports as FHIR R4 bulk data: a file for each type of resource, a resource a line. What FHIR has a place for stands
//! there; every other item is an extension under its own name, so that both shapes hold the same.

use super::marked::{self, Marking};
use serde_json::{Map, Value, json};
use shared::activity::{Extract, ITEMS};
use shared::register::Supplied;
use std::collections::BTreeMap;

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const GPHC: &str = "https://fhir.hl7.org.uk/Id/gphc-number";
const SNOMED: &str = "http://snomed.info/sct";
const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// Items that have a place of their own in one of the resources.
const PLACED: &[&str] = &[
    "consultation",
    "pharmacy",
    "referrer_ods",
    "referral_reference",
    "referral_id",
    "referred_at",
    "nhs_number",
    "family_name",
    "given_name",
    "birth_date",
    "sex",
    "address",
    "postcode",
    "phone",
    "gp_ods",
    "gp_name",
    "started_at",
    "signed_at",
    "service_code",
    "condition_code",
    "pharmacist",
    "pharmacist_name",
];

type Cells = BTreeMap<&'static str, String>;

fn cells(extract: &Extract, marking: Option<&Marking>) -> Cells {
    let cells = marked::consultation(extract, marking).into_iter().map(std::borrow::Cow::into_owned);
    ITEMS.iter().map(|item| item.name).zip(cells).filter(|(_, cell)| !cell.is_empty()).collect()
}

/// One line, with its end.
fn line(resource: &Value) -> String {
    format!("{resource}\n")
}

/// Who was seen, once for each consultation: whether two are one person is for whoever reads the identifier.
pub fn patient(extract: &Extract, marking: Option<&Marking>) -> String {
    let cells = cells(extract, marking);
    let mut patient = Map::new();
    put(&mut patient, "resourceType", "Patient".into());
    put(&mut patient, "id", id(&cells).into());
    if let Some(number) = cells.get("nhs_number") {
        let system = if marking.is_some() { "urn:satchel:mark" } else { NHS_NUMBER };
        put(&mut patient, "identifier", json!([{ "system": system, "value": number }]));
    }
    let mut name = Map::new();
    if let Some(family) = cells.get("family_name") {
        put(&mut name, "family", family.as_str().into());
    }
    if let Some(given) = cells.get("given_name") {
        put(&mut name, "given", given.split_whitespace().collect());
    }
    if !name.is_empty() {
        put(&mut patient, "name", json!([name]));
    }
    if let Some(phone) = cells.get("phone") {
        put(&mut patient, "telecom", json!([{ "system": "phone", "value": phone }]));
    }
    if let Some(sex) =
        cells.get("sex").filter(|sex| ["male", "female", "other", "unknown"].contains(&sex.as_str()))
    {
        put(&mut patient, "gender", sex.as_str().into());
    }
    if let Some(born) = cells.get("birth_date").filter(|born| born.parse::<jiff::civil::Date>().is_ok()) {
        put(&mut patient, "birthDate", born.as_str().into());
    }
    let mut address = Map::new();
    if let Some(lines) = cells.get("address") {
        put(&mut address, "line", lines.split(", ").filter(|line| !line.is_empty()).collect());
    }
    if let Some(postcode) = cells.get("postcode") {
        put(&mut address, "postalCode", postcode.as_str().into());
    }
    if !address.is_empty() {
        put(&mut patient, "address", json!([address]));
    }
    if let Some(gp) = cells.get("gp_ods") {
        let mut practice = json!({ "identifier": { "system": ODS, "value": gp } });
        if let Some(name) = cells.get("gp_name") {
            practice["display"] = name.as_str().into();
        }
        put(&mut patient, "generalPractitioner", json!([practice]));
    }
    line(&Value::Object(patient))
}

/// The consultation itself, with every item that has no other place.
pub fn encounter(extract: &Extract, marking: Option<&Marking>) -> String {
    let cells = cells(extract, marking);
    let mut encounter = Map::new();
    put(&mut encounter, "resourceType", "Encounter".into());
    put(&mut encounter, "id", id(&cells).into());
    let extensions: Vec<Value> = cells
        .iter()
        .filter(|(name, _)| !PLACED.contains(name))
        .map(|(name, value)| json!({ "url": format!("urn:satchel:item:{name}"), "valueString": value }))
        .collect();
    put(&mut encounter, "extension", extensions.into());
    let closed = !extract.closure_reason.is_empty();
    put(&mut encounter, "status", if closed { "cancelled" } else { "finished" }.into());
    let (class, display) = match (extract.setting.as_str(), extract.method.as_str()) {
        (_, "TELEPHONE" | "TELEMEDICINE") | ("remote", _) => ("VR", "virtual"),
        ("patients-home" | "care-home", _) => ("HH", "home health"),
        _ => ("AMB", "ambulatory"),
    };
    put(&mut encounter, "class", json!({ "system": ACT, "code": class, "display": display }));
    if let Some(code) = cells.get("service_code") {
        put(&mut encounter, "type", json!([{ "coding": [{ "system": SNOMED, "code": code }] }]));
    }
    put(&mut encounter, "subject", json!({ "reference": format!("Patient/{}", id(&cells)) }));
    if let Some(who) = cells.get("pharmacist") {
        let system = if marking.is_some() { "urn:satchel:mark" } else { GPHC };
        let mut individual = json!({ "identifier": { "system": system, "value": who } });
        if let Some(name) = cells.get("pharmacist_name") {
            individual["display"] = name.as_str().into();
        }
        put(&mut encounter, "participant", json!([{ "individual": individual }]));
    }
    let mut period = Map::new();
    for (part, item) in [("start", "started_at"), ("end", "signed_at")] {
        if let Some(at) = cells.get(item) {
            put(&mut period, part, at.as_str().into());
        }
    }
    if !period.is_empty() {
        put(&mut encounter, "period", Value::Object(period));
    }
    if let Some(code) = cells.get("condition_code") {
        put(&mut encounter, "reasonCode", json!([{ "coding": [{ "system": SNOMED, "code": code }] }]));
    }
    if has_referral(extract) {
        put(&mut encounter, "basedOn", json!([{ "reference": format!("ServiceRequest/{}", id(&cells)) }]));
    }
    if let Some(pharmacy) = cells.get("pharmacy") {
        put(&mut encounter, "serviceProvider", json!({ "identifier": { "system": ODS, "value": pharmacy } }));
    }
    line(&Value::Object(encounter))
}

fn has_referral(extract: &Extract) -> bool {
    !matches!(extract.channel.as_str(), "" | "walkin")
}

/// The referral; nothing for who walked in.
pub fn service_request(extract: &Extract, marking: Option<&Marking>) -> String {
    if !has_referral(extract) {
        return String::new();
    }
    let cells = cells(extract, marking);
    let mut request = Map::new();
    put(&mut request, "resourceType", "ServiceRequest".into());
    put(&mut request, "id", id(&cells).into());
    let identifiers: Vec<Value> = [("message", "referral_id"), ("case", "referral_reference")]
        .into_iter()
        .filter_map(|(kind, item)| {
            Some(json!({ "system": format!("urn:satchel:{kind}"), "value": cells.get(item)? }))
        })
        .collect();
    if !identifiers.is_empty() {
        put(&mut request, "identifier", identifiers.into());
    }
    put(&mut request, "status", "completed".into());
    put(&mut request, "intent", "order".into());
    put(&mut request, "subject", json!({ "reference": format!("Patient/{}", id(&cells)) }));
    if let Some(at) = cells.get("referred_at") {
        put(&mut request, "authoredOn", at.as_str().into());
    }
    if let Some(ods) = cells.get("referrer_ods") {
        put(&mut request, "requester", json!({ "identifier": { "system": ODS, "value": ods } }));
    }
    line(&Value::Object(request))
}

/// One line of medicines.
pub fn medication_dispense(supplied: &Supplied, marking: Option<&Marking>) -> String {
    let mark = |value: &str| marking.map_or_else(|| value.to_owned(), |marking| marking.of(value));
    let mut dispense = Map::new();
    put(&mut dispense, "resourceType", "MedicationDispense".into());
    put(&mut dispense, "id", mark(&supplied.line).into());
    put(&mut dispense, "status", "completed".into());
    let mut concept = Map::new();
    if !supplied.code.is_empty() {
        put(
            &mut concept,
            "coding",
            json!([{ "system": SNOMED, "code": supplied.code, "display": supplied.name }]),
        );
    }
    put(&mut concept, "text", supplied.name.as_str().into());
    put(&mut dispense, "medicationCodeableConcept", Value::Object(concept));
    let consultation = mark(&supplied.consultation);
    put(&mut dispense, "subject", json!({ "reference": format!("Patient/{consultation}") }));
    put(&mut dispense, "context", json!({ "reference": format!("Encounter/{consultation}") }));
    if let Ok(value) = supplied.quantity.trim().parse::<f64>() {
        put(&mut dispense, "quantity", json!({ "value": value, "unit": supplied.unit.trim() }));
    }
    if let Ok(days) = supplied.days.trim().parse::<u32>() {
        put(
            &mut dispense,
            "daysSupply",
            json!({ "value": days, "unit": "day", "system": "http://unitsofmeasure.org", "code": "d" }),
        );
    }
    if !supplied.supply_type.is_empty() {
        put(&mut dispense, "type", json!({ "text": supplied.supply_type }));
    }
    if !supplied.supplied_at.is_empty() {
        put(&mut dispense, "whenHandedOver", supplied.supplied_at.as_str().into());
    }
    if marking.is_none() && !supplied.directions.trim().is_empty() {
        put(&mut dispense, "dosageInstruction", json!([{ "text": supplied.directions.trim() }]));
    }
    line(&Value::Object(dispense))
}

fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    object.insert(name.to_owned(), value);
}

/// Resources of one consultation share its id; no two are of one type.
fn id(cells: &Cells) -> String {
    cells.get("consultation").cloned().unwrap_or_default()
}
