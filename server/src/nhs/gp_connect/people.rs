//! Pharmacy, pharmacist and patient as resources, which every message to a practice has.

use super::addressing::Identified;
use super::message::{GPHC, NHS_NUMBER, ODS};
use super::update_record::{Pharmacist, Pharmacy};
use super::xml::{Coding, Fhir};
use shared::consultation::Patient;
use uuid::Uuid;

/// What is inside the pharmacy's `Organization`.
pub(in crate::nhs) fn pharmacy(at: &mut Fhir, pharmacy: &Pharmacy<'_>) {
    at.identifier(ODS, pharmacy.ods.as_str());
    at.value("name", pharmacy.name);
    if !pharmacy.phone.trim().is_empty() {
        at.element("telecom", |at| {
            at.value("system", "phone");
            at.value("value", pharmacy.phone);
            at.value("use", "work");
        });
    }
}

/// What is inside the pharmacist's `Practitioner`.
pub(in crate::nhs) fn pharmacist(at: &mut Fhir, pharmacist: &Pharmacist<'_>) {
    at.identifier(GPHC, pharmacist.gphc.as_str());
    let name = pharmacist.name.trim();
    let (given, family) = name.rsplit_once(' ').unwrap_or(("", name));
    at.element("name", |at| {
        at.value("family", family);
        at.value("given", given);
    });
}

/// What is inside the `Patient`. `verification`: profile and code system of the NHS number's status, which the
/// messages have from different catalogues. `inside` writes what comes after the address.
pub(in crate::nhs) fn patient(
    at: &mut Fhir,
    patient: &Patient,
    who: &Identified<'_>,
    verification: (&str, &str),
    inside: impl FnOnce(&mut Fhir),
) {
    let (profile, system) = verification;
    at.element("identifier", |at| {
        at.extension(profile, |at| {
            at.concept(
                "valueCodeableConcept",
                Coding { system, code: "01", display: "Number present and verified" },
            );
        });
        at.value("system", NHS_NUMBER);
        at.value("value", who.number.as_str());
    });
    at.element("name", |at| {
        at.value("use", "official");
        at.value("family", who.family);
        for given in patient.given_name.split_whitespace() {
            at.value("given", given);
        }
        at.value("prefix", &patient.title);
    });
    at.value("gender", gender(&patient.sex));
    at.value("birthDate", &who.birth.to_string());
    if !(patient.address.trim().is_empty() && patient.postcode.trim().is_empty()) {
        at.element("address", |at| {
            for line in patient.address.lines() {
                at.value("line", line);
            }
            at.value("postalCode", &patient.postcode);
        });
    }
    inside(at);
}

/// What is inside the pharmacist's `PractitionerRole`. A consultation is signed by a pharmacist and nobody else
/// (practice 4).
pub(in crate::nhs) fn role(at: &mut Fhir, practitioner: Uuid, organization: Uuid) {
    at.reference("practitioner", practitioner);
    at.reference("organization", organization);
    at.concept(
        "code",
        Coding {
            system: "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-SDSJobRoleName-1",
            code: "R1290",
            display: "Pharmacist",
        },
    );
}

/// FHIR's word for it; what is not known is `unknown`.
fn gender(sex: &str) -> &str {
    match sex {
        "male" | "female" | "other" => sex,
        _ => "unknown",
    }
}
