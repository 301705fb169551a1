//! The message that tells a sender what became of its referral (BaRS App 5, response; `REFRESP`).
//!
//! The published guide shows a patient who was not reached (revoked). How a completed referral is told is not published;
//! it is the same message with the statuses that FHIR has for it. What was found and done is told to the practice by
//! its own notice and is not in here.

use super::codes::{
    ACT_CODES, CATEGORIES, CDSS, CONSENTS, DOS_ID, EVENTS, NHS_NUMBER, ODS_CODE, REASONS, REJECTED, RESPONSE,
    RESPONSE_REFERRAL, TO_PHARMACY, USE_CASES, dos_id,
};
use crate::nhs::fhir::Element;
use sha2::{Digest as _, Sha256};
use shared::consultation::{Consultation, Patient};
use shared::ids::ConsultationId;
use shared::time::{Millis, stored};
use uuid::{Builder, Uuid};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a referral ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Completed,
    /// The patient was not reached: `FC`, failed contact.
    NotReached,
    /// This pharmacy cannot: `RRNA`, not available within the time.
    NotAvailable,
    /// For any other reason: `OTH`.
    Otherwise,
}

impl Ended {
    /// By the reason for closing a referral without a consultation (referrals.md 4.5); empty for a consultation.
    pub fn of_closure(reason: &str) -> Self {
        match reason {
            "" => Self::Completed,
            "no_contact" | "unable_to_contact" | "did_not_attend" => Self::NotReached,
            "rejected_by_pharmacy" => Self::NotAvailable,
            _ => Self::Otherwise,
        }
    }

    fn rejection(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Completed => None,
            Self::NotReached => Some(("FC", "Failed Contact")),
            Self::NotAvailable => Some(("RRNA", "Requested resource not available within timescale")),
            Self::Otherwise => Some(("OTH", "Other")),
        }
    }
}

/// What a response is made of.
pub struct Response<'a> {
    pub consultation: &'a ConsultationId,
    /// As it was signed.
    pub signed: &'a Consultation,
    /// ODS code, name and phone of the pharmacy.
    pub pharmacy: (&'a str, &'a str, &'a str),
    /// Name and GPhC number of who signed; the number may be empty.
    pub pharmacist: (&'a str, &'a str),
    pub ended: Ended,
    /// Why it was closed, in words; empty for a consultation.
    pub because: &'a str,
    /// What people here call the case.
    pub reference: &'a str,
    pub at: Millis,
}

/// A response, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub bundle: Element,
    /// `MessageHeader.id`.
    pub header_id: Uuid,
}

/// Makes the message. The same consultation makes the same message, with the same ids, whenever it is made.
pub fn compose(response: &Response<'_>) -> Composed {
    let id = |what: &str| made_id(response.consultation, what);
    let referral = &response.signed.referral;
    let theirs = referral.case_ids.split(' ').find_map(|known| known.strip_prefix("service-request|"));
    let request = theirs.and_then(|theirs| theirs.parse().ok()).unwrap_or(response.consultation.0);
    let header_id = id("message header");
    let parts = Parts {
        request,
        patient: id("patient"),
        encounter: id("encounter"),
        here: id("pharmacy"),
        there: id("referrer"),
        pharmacist: id("pharmacist"),
        service: id("service"),
    };
    let (ods, name, _) = response.pharmacy;
    let entries = [
        (header_id, header(response, &parts)),
        (request, service_request(response, &parts)),
        (parts.encounter, encounter(response, &parts)),
        (parts.patient, patient(&response.signed.patient)),
        (parts.here, organisation(ods, name)),
        (parts.there, organisation(&referral.referrer_ods, &referral.referrer_name)),
        (parts.pharmacist, practitioner(response)),
        (id("role"), role(&parts)),
        (parts.service, service(response, &parts)),
        (id("consent"), consent(&parts, response.at)),
    ];
    let profile = "https://fhir.nhs.uk/StructureDefinition/BARSBundleMessage";
    let meta = Element::default().with("versionId", "1.2.0").with("lastUpdated", stored(response.at));
    let bundle = Element::resource_of("Bundle")
        .with("id", id("bundle").to_string())
        .with("meta", meta.with("profile", profile))
        .with("type", "message")
        .with("timestamp", stored(response.at));
    let bundle = entries.into_iter().fold(bundle, |bundle, (id, resource)| {
        let resource = resource.with("id", id.to_string());
        bundle.with("entry", Element::default().with("fullUrl", urn(id)).with("resource", resource))
    });
    Composed { bundle, header_id }
}

/// Where each part lies.
struct Parts {
    request: Uuid,
    patient: Uuid,
    encounter: Uuid,
    here: Uuid,
    there: Uuid,
    pharmacist: Uuid,
    service: Uuid,
}

fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

fn to(id: Uuid) -> Element {
    Element::reference(&urn(id))
}

fn header(response: &Response<'_>, parts: &Parts) -> Element {
    let referral = &response.signed.referral;
    let software = |url: &str, value: &str| Element::default().with("url", url).with("valueString", value);
    let cdss = Element::default()
        .with("url", CDSS)
        .with("extension", software("RequesterCDSSsoftware", "Satchel"))
        .with("extension", software("RequesterCDSSversion", VERSION));
    let (_, name, phone) = response.pharmacy;
    let contact = if phone.is_empty() {
        Element::default()
    } else {
        Element::default().with("system", "phone").with("value", phone)
    };
    let source = Element::default()
        .with("name", name)
        .with("software", "Satchel")
        .with("version", VERSION)
        .with("contact", contact)
        .with("endpoint", format!("{DOS_ID}|{}", referral.dos_service_id));
    let destination =
        Element::default().with("endpoint", target(&referral.reply_to)).with("receiver", to(parts.there));
    let profile = "https://fhir.nhs.uk/StructureDefinition/BARSMessageHeader-servicerequest-response";
    Element::resource_of("MessageHeader")
        .with("meta", Element::default().with("profile", profile))
        .with("extension", cdss)
        .with("eventCoding", Element::coding(EVENTS, RESPONSE, ""))
        .with("destination", destination)
        .with("sender", to(parts.here))
        .with("source", source)
        .with("reason", Element::concept(REASONS, "new", ""))
        .with(
            "response",
            Element::default().with("identifier", referral.message_id.as_str()).with("code", "ok"),
        )
        .with("focus", to(parts.request))
        .with("definition", RESPONSE_REFERRAL)
}

/// The address of the sender, in the published spelling.
pub fn target(reply_to: &str) -> String {
    dos_id(reply_to).map_or_else(|| reply_to.to_owned(), |id| format!("{DOS_ID}|{id}"))
}

fn service_request(response: &Response<'_>, parts: &Parts) -> Element {
    let referral = &response.signed.referral;
    let category = Element::concept(CATEGORIES, "referral", "Transfer of Care")
        .with("coding", Element::coding(USE_CASES, TO_PHARMACY, "Primary Care to Community Pharmacy"));
    let status = if response.ended == Ended::Completed { "completed" } else { "revoked" };
    let period = Element::default()
        .with("start", referral.received_at.as_str())
        .with("end", referral.valid_until.as_str());
    let profile = "https://fhir.nhs.uk/StructureDefinition/BARSServiceRequest-request-referral";
    Element::resource_of("ServiceRequest")
        .with("meta", Element::default().with("profile", profile))
        .with("status", status)
        .with("intent", "plan")
        .with("category", category)
        .with("subject", to(parts.patient))
        .with("encounter", to(parts.encounter))
        .with("occurrencePeriod", period)
        .with("authoredOn", referral.referred_at.as_str())
        .with("performer", to(parts.service))
}

/// Our case, which also carries the sender's number of it.
fn encounter(response: &Response<'_>, parts: &Parts) -> Element {
    let referral = &response.signed.referral;
    let status = if response.ended == Ended::Completed { "finished" } else { "cancelled" };
    let reason = response
        .ended
        .rejection()
        .map(|(code, display)| Element::concept(REJECTED, code, display).with("text", response.because));
    let start = [response.signed.visit.started_at.as_str(), referral.received_at.as_str()];
    let start = start.into_iter().find(|time| !time.is_empty()).unwrap_or_default();
    let period = Element::default().with("start", start).with("end", stored(response.at));
    let theirs = referral.case_references().next().unwrap_or_default();
    Element::resource_of("Encounter")
        .with("identifier", Element::default().with("value", theirs))
        .with("identifier", Element::default().with("value", response.reference))
        .with("status", status)
        .with("class", Element::coding(ACT_CODES, "AMB", "ambulatory"))
        .with("subject", to(parts.patient))
        .with("period", period)
        .with("reasonCode", reason.unwrap_or_default())
        .with("serviceProvider", to(parts.here))
}

fn patient(patient: &Patient) -> Element {
    let name = patient
        .given_name
        .split_whitespace()
        .fold(Element::default().with("use", "official"), |name, given| name.with("given", given));
    let name = name.with("family", patient.family_name.as_str()).with("prefix", patient.title.as_str());
    let lines = patient
        .address
        .lines()
        .fold(Element::default().with("use", "home"), |address, line| address.with("line", line.trim()));
    let sex = if patient.sex.is_empty() { "unknown" } else { &patient.sex };
    Element::resource_of("Patient")
        .with("identifier", Element::identifier(NHS_NUMBER, &patient.nhs_number))
        .with("name", name)
        .with("gender", sex)
        .with("birthDate", patient.birth_date.as_str())
        .with("address", lines.with("postalCode", patient.postcode.as_str()))
}

fn organisation(ods: &str, name: &str) -> Element {
    let name = if name.is_empty() { ods } else { name };
    Element::resource_of("Organization")
        .with("identifier", Element::identifier(ODS_CODE, ods))
        .with("name", if name.is_empty() { "The referrer" } else { name })
}

fn practitioner(response: &Response<'_>) -> Element {
    let (name, gphc) = response.pharmacist;
    Element::resource_of("Practitioner")
        .with("identifier", Element::identifier("https://fhir.hl7.org.uk/Id/gphc-number", gphc))
        .with("name", Element::default().with("text", name))
}

fn role(parts: &Parts) -> Element {
    let pharmacist = Element::concept("http://snomed.info/sct", "46255001", "Pharmacist");
    Element::resource_of("PractitionerRole")
        .with("practitioner", to(parts.pharmacist))
        .with("organization", to(parts.here))
        .with("code", pharmacist)
}

fn service(response: &Response<'_>, parts: &Parts) -> Element {
    Element::resource_of("HealthcareService")
        .with("identifier", Element::identifier(DOS_ID, &response.signed.referral.dos_service_id))
        .with("active", "true")
        .with("providedBy", to(parts.here))
        .with("name", response.pharmacy.1)
}

fn consent(parts: &Parts, at: Millis) -> Element {
    Element::resource_of("Consent")
        .with("status", "active")
        .with(
            "scope",
            Element::concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", ""),
        )
        .with("category", Element::concept(CONSENTS, "DRC", "Direct Care"))
        .with("patient", to(parts.patient))
        .with("dateTime", stored(at))
        .with("policyRule", Element::concept(ACT_CODES, "IMPLIED", ""))
}

/// The same part of the same response has the same id, so a message made twice is one message.
fn made_id(consultation: &ConsultationId, what: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"satchel bars response v1\n")
        .chain_update(consultation.as_bytes())
        .chain_update(what)
        .finalize()
        .into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(first).into_uuid()
}
