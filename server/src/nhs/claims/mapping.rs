//! A consultation as the FHIR R4 `Claim` that Manage Your Service takes. The whole shape is provisional: this file is where
//! it is corrected, and [`SHAPE`] says which reading of it made a claim.

use crate::store::Pharmacy;
use serde_json::{Value, json};
use shared::claim::{Payable, Window};
use shared::consultation::{Answer, Consultation, Medicine, Signature};
use shared::ids::ConsultationId;
use shared::pathway::{self, Pathway};
use shared::register;
use shared::supply;
use shared::time;

/// Which reading of the provisional shape this is.
pub const SHAPE: &str = "cpcs-third-party-1";
/// Before our own id in every reference, so that NHSBSA can tell suppliers apart.
const SUPPLIER: &str = "SATCHEL";

const REFERENCE: &str = "https://fhir.nhsbsa.nhs.uk/Id/CpcsClientReference";
const TYPE: &str = "https://fhir.nhsbsa.nhs.uk/Id/CpcsType";
const CASE: &str = "https://fhir.nhsbsa.nhs.uk/Id/UrgentCareReference";
const EXEMPTION: &str = "https://fhir.nhsbsa.nhs.uk/Id/ExemptionType";
const EXEMPTION_EXTENSION: &str = "https://fhir.nhsbsa.nhs.uk/StructureDefinition/Extension-ExemptionType";
const CATEGORY: &str = "https://fhir.nhsbsa.nhs.uk/Id/ClaimInformationCategory";
const INFORMATION: &str = "https://fhir.nhsbsa.nhs.uk/Id/ClaimInformation";
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const GPHC: &str = "https://fhir.hl7.org.uk/Id/gphc-number";
const SNOMED: &str = "http://snomed.info/sct";
const PRIORITY: &str = "http://terminology.hl7.org/CodeSystem/processpriority";

/// What a claim is made of: the record as it was signed, and what was decided about it.
pub struct Claim<'a> {
    pub consultation: ConsultationId,
    pub record: &'a Consultation,
    pub signature: &'a Signature,
    pub payable: &'a Payable,
    pub window: Window,
    pub pharmacy: &'a Pharmacy,
}

/// Our reference: the same for every claim about one consultation, so that a second try is known again.
pub fn reference(consultation: ConsultationId) -> String {
    format!("{SUPPLIER}.{consultation}")
}

/// The bytes of the claim. The same record gives the same bytes.
pub fn compose(claim: &Claim<'_>) -> Vec<u8> {
    value(claim).to_string().into_bytes()
}

fn value(claim: &Claim<'_>) -> Value {
    let Claim { record, signature, payable, pharmacy, .. } = claim;
    let pathway = pathway::find(&record.pathway);
    let seen = day(&record.visit.started_at);
    let supplied: Vec<&Medicine> = claimed(record).collect();
    let mut contained = vec![patient(record), gp(record), service_request(record), practitioner(signature)];
    contained.push(json!({
        "resourceType": "Organization", "id": "pharmacyOrganization",
        "identifier": [{ "system": ODS, "value": pharmacy.ods.as_str() }], "name": pharmacy.name,
    }));
    contained.extend((1..).zip(&supplied).map(|(number, line)| dispense(number, line)));
    let mut made = json!({
        "resourceType": "Claim",
        "contained": contained,
        "identifier": [{ "system": REFERENCE, "value": reference(claim.consultation) }],
        "status": "active",
        "type": { "coding": [{ "system": TYPE, "code": payable.claim_type }] },
        "use": "claim",
        "patient": { "reference": "#patientId" },
        "billablePeriod": { "start": claim.window.month.to_string() },
        "created": seen,
        "provider": { "reference": "#pharmacyOrganization" },
        "priority": { "coding": [{ "system": PRIORITY, "code": "normal" }] },
        "referral": { "reference": "#serviceRequest" },
        "careTeam": [{ "sequence": 1, "provider": {
            "reference": "#professionalRole",
            "identifier": { "system": GPHC, "value": signature.gphc.trim() },
        } }],
        "supportingInfo": information(record, payable, pathway, &seen),
        // R4 wants one; who pays is the NHS.
        "insurance": [{ "sequence": 1, "focal": true, "coverage": { "display": "NHS" } }],
    });
    if let Some(extension) = exemption(record).filter(|_| !supplied.is_empty()) {
        made["extension"] = json!([extension]);
    }
    if !supplied.is_empty() {
        let items = (1..).zip(&supplied).map(|(sequence, line): (u32, _)| {
            let mut item = json!({ "sequence": sequence, "productOrService": product(line) });
            if let Ok(quantity) = line.quantity.trim().parse::<f64>() {
                item["quantity"] = json!({ "value": quantity });
            }
            item
        });
        made["item"] = items.collect();
    }
    made
}

/// Lines that the NHS pays for: supplied under the NHS, within the rules.
fn claimed(record: &Consultation) -> impl Iterator<Item = &Medicine> {
    record.medicines.values().filter(|line| {
        line.decision == supply::SUPPLIED
            && matches!(line.supply_type.as_str(), "emergency-supply" | "patient-group-direction")
    })
}

fn patient(record: &Consultation) -> Value {
    let patient = &record.patient;
    let mut made = json!({
        "resourceType": "Patient", "id": "patientId",
        "name": [{ "family": patient.family_name, "given": [patient.given_name] }],
        "birthDate": patient.birth_date,
        "gender": gender(&patient.sex),
        "generalPractitioner": [{ "reference": "#gpOrganization" }],
    });
    if !patient.nhs_number.is_empty() {
        made["identifier"] = json!([{ "system": NHS_NUMBER, "value": patient.nhs_number }]);
    }
    let lines: Vec<&str> = patient.address.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() {
        made["address"] = json!([{ "line": lines, "postalCode": or_unknown(&patient.postcode) }]);
    }
    made
}

fn gender(sex: &str) -> &str {
    if ["male", "female", "other"].contains(&sex) { sex } else { "unknown" }
}

fn or_unknown(text: &str) -> &str {
    if text.trim().is_empty() { "ZZ99 3VZ" } else { text.trim() }
}

/// V81999: the practice is not known (referrals.md 4.2, unverified).
fn gp(record: &Consultation) -> Value {
    let (ods, name) = (record.patient.gp_ods.trim(), record.patient.gp_name.trim());
    json!({
        "resourceType": "Organization", "id": "gpOrganization",
        "identifier": [{ "system": ODS, "value": if ods.is_empty() { "V81999" } else { ods } }],
        "name": if name.is_empty() { "Not known" } else { name },
    })
}

fn service_request(record: &Consultation) -> Value {
    let referral = &record.referral;
    let mut made = json!({
        "resourceType": "ServiceRequest", "id": "serviceRequest",
        "status": "completed", "intent": "order", "subject": { "reference": "#patientId" },
    });
    let case = referral.case_references().find(|case| !case.is_empty()).unwrap_or(&referral.message_id);
    if !case.is_empty() {
        made["identifier"] = json!([{ "system": CASE, "value": case }]);
    }
    if !referral.referrer_ods.is_empty() {
        made["locationCode"] = json!([{ "coding": [{ "system": ODS, "code": referral.referrer_ods }] }]);
    }
    made
}

fn practitioner(signature: &Signature) -> Value {
    json!({
        "resourceType": "PractitionerRole", "id": "professionalRole",
        "identifier": [{ "system": GPHC, "value": signature.gphc.trim() }],
        "code": [{ "text": signature.role }],
    })
}

fn product(line: &Medicine) -> Value {
    if line.code.is_empty() {
        json!({ "text": line.name })
    } else {
        json!({ "coding": [{ "system": SNOMED, "code": line.code, "display": line.name }] })
    }
}

fn dispense(number: u32, line: &Medicine) -> Value {
    let mut made = json!({
        "resourceType": "MedicationDispense", "id": format!("medicationDispense{number}"),
        "status": "completed",
        "medicationCodeableConcept": product(line),
        "subject": { "reference": "#patientId" },
        "type": { "text": line.supply_type },
    });
    if let Ok(quantity) = line.quantity.trim().parse::<f64>() {
        made["quantity"] = json!({ "value": quantity, "unit": line.unit });
    }
    if time::read(&line.supplied_at).is_some() {
        made["whenHandedOver"] = json!(line.supplied_at);
    }
    made
}

fn exemption(record: &Consultation) -> Option<Value> {
    let charge = &record.charge;
    let code = match charge.status.as_str() {
        "paid" => "0001",
        "exempt" if !charge.exemption.is_empty() => charge.exemption.as_str(),
        _ => return None,
    };
    Some(json!({ "url": EXEMPTION_EXTENSION, "valueCoding": { "system": EXEMPTION, "code": code } }))
}

/// The dated and coded facts beside the claim, numbered as NHSBSA's list numbers them (medicines.md 6.1).
fn information(
    record: &Consultation,
    payable: &Payable,
    pathway: Option<&Pathway>,
    seen: &str,
) -> Vec<Value> {
    let (referral, onward) = (&record.referral, &record.onward);
    let answer = |id: &str| record.answers.get(id).and_then(Answer::as_text).unwrap_or_default();
    let outcome = pathway.and_then(|known| known.outcome(&record.outcome.code));
    let mut made = Vec::new();
    let mut coded = |sequence: u32, category: &str, code: &str, words: &str| {
        let mut concept = json!({});
        if !code.is_empty() {
            concept["coding"] = json!([{ "system": INFORMATION, "code": code }]);
        }
        if !words.is_empty() {
            concept["text"] = json!(words);
        }
        if !(code.is_empty() && words.is_empty()) {
            made.push(json!({ "sequence": sequence, "category": category_of(category), "code": concept }));
        }
    };
    let referrer = if referral.referrer_type.is_empty() { "SELF" } else { &referral.referrer_type };
    coded(1, "REFERRER_ORG_TYPE", referrer, "");
    coded(2, "CONSULTATION_METHOD", answer("method"), "");
    let code = outcome.map_or("", |outcome| outcome.code.as_str());
    let label = outcome.map_or("", |outcome| outcome.label.as_str());
    let (code, label) = if code.is_empty() { ("OTHER", label) } else { (code, "") };
    coded(3, "CONSULTATION_OUTCOME", code, label);
    made.push(json!({ "sequence": 4, "category": category_of("ASSESSMENT_DATE"), "timingDate": seen }));
    let mut said = |sequence: u32, category: &str, words: &str| {
        if !words.trim().is_empty() {
            let words = words.trim();
            made.push(
                json!({ "sequence": sequence, "category": category_of(category), "valueString": words }),
            );
        }
    };
    said(5, "DISPOSITION_CODE", &referral.disposition.to_uppercase());
    if payable.claim_type == "EMG_MED" {
        let reasons: Vec<String> =
            record.medicines.values().flat_map(|line| register::asked_nature(record, line)).collect();
        said(6, "SUPPLY_REQUEST_REASON", if reasons.is_empty() { "OTHER" } else { &reasons[0] });
    } else {
        let complaint = [answer("complaint"), referral.complaint.as_str()];
        let complaint = complaint.into_iter().find(|words| !words.trim().is_empty());
        let condition = pathway.and_then(|known| known.condition.as_ref()).map(|code| code.display.as_str());
        said(6, "PRESENTING_COMPLAINT_OR_ISSUES", complaint.or(condition).unwrap_or("Not recorded"));
    }
    match onward.urgency.as_str() {
        "routine" => said(7, "REFERRED_TO_ROUTINE", &onward.service),
        "urgent" => said(8, "REFERRED_TO_URGENT", &onward.service),
        _ => {}
    }
    if !onward.service.is_empty() {
        said(9, "ONWARD_REFERRAL_REASON", &onward.reason);
        said(10, "REFERRED_ODS", &onward.ods);
    }
    said(14, "REFERRER_CONTACT_DETAILS", &referral.referrer_contact);
    // Ours: no published place for a gateway was found.
    for gateway in &payable.gateways {
        said(15, "GATEWAY_POINT", gateway);
    }
    for (sequence, one) in (1..).zip(&mut made) {
        one["sequence"] = json!(sequence);
    }
    made
}

fn category_of(code: &str) -> Value {
    json!({ "coding": [{ "system": CATEGORY, "code": code }] })
}

/// The day in England of an instant that the record stored.
fn day(at: &str) -> String {
    time::read(at).map_or_else(String::new, |at| time::day(at).to_string())
}
