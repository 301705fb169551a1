//! One BaRS message, its parts found by reference, and the checks that every receiver makes (BaRS App 5).

use super::{Outcome, Refusal};
use crate::nhs::bars::codes::{
    ACT_CODES, CANCELLED, CATEGORIES, CONSENTS, CONTACT_RANK, EVENTS, REASONS, REFERRAL, REQUEST,
    TO_PHARMACY, TO_PHARMACY_BEFORE, USE_CASES, dos_id,
};
use crate::nhs::fhir::Element;
use std::collections::BTreeMap;

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A new referral. BaRS changes nothing in one that was sent: a change is this again, after a cancellation.
    New,
    /// The sender takes a referral back.
    Cancel {
        /// It was sent by mistake.
        in_error: bool,
    },
}

/// A message whose parts hold together; what each event needs beyond that is checked too.
#[derive(Debug)]
pub struct Message<'a> {
    pub bundle: &'a Element,
    pub header: &'a Element,
    pub service_request: &'a Element,
    pub event: Event,
    parts: BTreeMap<String, &'a Element>,
}

impl<'a> Message<'a> {
    /// Checks a message for the pharmacy with that Directory of Services id.
    pub fn read(bundle: &'a Element, target: &str) -> Result<Self, Refusal> {
        if bundle.kind != "Bundle" || bundle.text("type") != "message" {
            return Err(unknown("The body is not a Bundle of type message."));
        }
        version(bundle)?;
        let id = bundle.text("id");
        if id.is_empty() {
            return Err(missing("Bundle.id"));
        }
        if id.len() > 64 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
            return Err(Refusal::new(Outcome::Value, "Bundle.id is not an id of FHIR."));
        }
        let first = bundle.first("entry").and_then(Element::resource);
        let Some(header) = first.filter(|resource| resource.kind == "MessageHeader") else {
            return Err(unknown("The first entry of the Bundle is not a MessageHeader."));
        };
        let parts = parts(bundle);
        let service_request = header
            .all("focus.reference")
            .iter()
            .find_map(|reference| parts.get(&reference.value))
            .filter(|resource| resource.kind == "ServiceRequest");
        let Some(service_request) = service_request.copied() else {
            return Err(unknown("MessageHeader.focus does not refer to a ServiceRequest of this Bundle."));
        };
        let event = event(header, service_request)?;
        addressed(header, target)?;
        let message = Self { bundle, header, service_request, event, parts };
        match event {
            Event::New => message.check_new()?,
            Event::Cancel { .. } => category(service_request)?,
        }
        Ok(message)
    }

    /// One that was taken before, as it came: whom it was for is what it says, though the pharmacy's id or the record's
    /// has changed since.
    pub fn kept(bundle: &'a Element) -> Result<Self, Refusal> {
        let header = bundle.first("entry").and_then(Element::resource);
        let target = header.and_then(|header| dos_id(header.text("destination.endpoint")));
        Self::read(bundle, target.unwrap_or_default())
    }

    /// What a reference of this Bundle leads to.
    pub fn find(&self, reference: &str) -> Option<&'a Element> {
        self.parts.get(reference).copied()
    }

    /// What the first reference at that path of a resource leads to.
    pub fn follow(&self, from: &Element, path: &str) -> Option<&'a Element> {
        from.all(path).iter().find_map(|element| self.find(element.text("reference")))
    }

    /// Every resource of a kind, in order.
    pub fn all(&self, kind: &'a str) -> impl Iterator<Item = &'a Element> + use<'a> {
        let entries = self.bundle.children("entry").filter_map(Element::resource);
        entries.filter(move |resource| resource.kind == kind)
    }

    /// `ServiceRequest.id`, or where its entry says it lies; unique at its sender only.
    pub fn service_request_id(&self) -> String {
        let id = self.service_request.text("id");
        if !id.is_empty() {
            return id.to_lowercase();
        }
        let entry = self.bundle.children("entry").find(|entry| {
            entry.resource().is_some_and(|resource| std::ptr::eq(resource, self.service_request))
        });
        bare_id(entry.map_or("", |entry| entry.text("fullUrl")))
    }

    /// Every name the sender may know the ServiceRequest by.
    pub fn service_request_ids(&self) -> Vec<String> {
        let entries = self.bundle.children("entry");
        let this = entries.filter(|entry| {
            entry.resource().is_some_and(|resource| std::ptr::eq(resource, self.service_request))
        });
        let mut ids = vec![self.service_request.text("id").to_lowercase()];
        ids.extend(this.map(|entry| bare_id(entry.text("fullUrl"))));
        ids.retain(|id| !id.is_empty());
        ids.dedup();
        ids
    }

    /// Directory of Services id of who sends, where an answer goes.
    pub fn source(&self) -> &'a str {
        dos_id(self.header.text("source.endpoint")).unwrap_or_default()
    }

    /// The sender's case number.
    pub fn case_number(&self) -> Option<String> {
        let encounter =
            self.follow(self.service_request, "encounter").or_else(|| self.all("Encounter").next())?;
        let value: String = encounter.text("identifier.value").split_whitespace().collect();
        (!value.is_empty()).then_some(value)
    }

    pub fn patient(&self) -> Option<&'a Element> {
        self.follow(self.service_request, "subject").filter(|resource| resource.kind == "Patient")
    }

    fn check_new(&self) -> Result<(), Refusal> {
        category(self.service_request)?;
        if self.service_request.text("intent") != "plan" {
            return Err(unknown("ServiceRequest.intent of a referral must be plan."));
        }
        let encounter = self.follow(self.service_request, "encounter");
        let encounter =
            encounter.ok_or_else(|| missing("the Encounter that the ServiceRequest refers to"))?;
        if !matches!(encounter.text("status"), "triaged" | "finished") {
            return Err(unknown("Encounter.status of a new referral must be triaged or finished."));
        }
        let plan = self.follow(self.service_request, "basedOn").filter(|plan| plan.kind == "CarePlan");
        let plan = plan.ok_or_else(|| missing("the CarePlan that the ServiceRequest is based on"))?;
        if plan.text("status") != "completed" {
            return Err(unknown("CarePlan.status of a referral must be completed."));
        }
        if self.all("Task").any(|task| task.text("status") != "requested" || task.text("intent") != "order") {
            return Err(unknown("A Task of a referral must be requested, as an order."));
        }
        self.consent()?;
        let patient =
            self.patient().ok_or_else(|| missing("the Patient that the ServiceRequest is about"))?;
        contacts(patient)
    }

    /// BaRS carries referrals for direct care only, and by implied consent.
    fn consent(&self) -> Result<(), Refusal> {
        let mut consents = self.all("Consent").peekable();
        if consents.peek().is_none() {
            return Err(missing("a Consent"));
        }
        let direct = |consent: &Element| {
            consent.has_code("category.coding", CONSENTS, "DRC")
                && consent.has_code("policyRule.coding", ACT_CODES, "IMPLIED")
                && matches!(consent.text("status"), "active" | "")
        };
        if consents.any(direct) {
            return Ok(());
        }
        Err(unknown("The Consent is not an active one for direct care (DRC, IMPLIED)."))
    }
}

fn unknown(words: &str) -> Refusal {
    Refusal::new(Outcome::Invariant, words)
}

fn missing(what: &str) -> Refusal {
    Refusal::new(Outcome::Required, format!("The message lacks {what}."))
}

/// `Bundle.meta.versionId` is the version of the application, not of BaRS Core.
fn version(bundle: &Element) -> Result<(), Refusal> {
    let given = bundle.text("meta.versionId");
    if given.is_empty() {
        return Err(unknown("Bundle.meta.versionId must be the version of the BaRS application."));
    }
    let served = ["1.0.", "1.1.", "1.2."].iter().any(|version| given.starts_with(version));
    if served {
        return Ok(());
    }
    Err(Refusal::new(
        Outcome::Version,
        "Versions 1.0, 1.1 and 1.2 of BaRS Application 5 are served here; Bundle.meta.versionId names another.",
    ))
}

fn event(header: &Element, service_request: &Element) -> Result<Event, Refusal> {
    if !header.has_code("eventCoding", EVENTS, REQUEST) {
        return Err(unknown("MessageHeader.eventCoding must be servicerequest-request."));
    }
    let reasons = header.all("reason.coding");
    let reason = reasons
        .iter()
        .find(|coding| coding.text("system") == REASONS)
        .map_or("", |coding| coding.text("code"));
    let definition = header.text("definition");
    let status = service_request.text("status");
    let event = match reason {
        "new" if status == "active" => Event::New,
        "new" => return Err(unknown("ServiceRequest.status of a new referral must be active.")),
        "update" => match status {
            "revoked" => Event::Cancel { in_error: false },
            "entered-in-error" => Event::Cancel { in_error: true },
            _ => {
                return Err(unknown(
                    "An update takes a referral back: ServiceRequest.status must be revoked or entered-in-error. To change one, take it back and send a new one.",
                ));
            }
        },
        "delete" => {
            return Err(Refusal::new(
                Outcome::NotSupported,
                "A referral is taken back by update, not by delete.",
            ));
        }
        _ => return Err(unknown("MessageHeader.reason must be new or update.")),
    };
    let expected = if event == Event::New { REFERRAL } else { CANCELLED };
    match definition {
        "" => Err(missing("MessageHeader.definition")),
        given if given == expected => Ok(event),
        _ => Err(unknown("MessageHeader.definition does not go with its reason.")),
    }
}

fn addressed(header: &Element, target: &str) -> Result<(), Refusal> {
    if dos_id(header.text("destination.endpoint")) != Some(target) {
        return Err(unknown("MessageHeader.destination.endpoint is not the NHSD-Target-Identifier."));
    }
    if dos_id(header.text("source.endpoint")).is_none() {
        return Err(missing("MessageHeader.source.endpoint as an id of the Directory of Services"));
    }
    Ok(())
}

/// The workflow and the use case; withdrawn and foreign ones are named apart from unknown ones.
fn category(service_request: &Element) -> Result<(), Refusal> {
    if !service_request.has_code("category.coding", CATEGORIES, "referral") {
        return Err(unknown("ServiceRequest.category must be referral."));
    }
    let codings = service_request.all("category.coding");
    let cases = codings.iter().filter(|coding| coding.text("system") == USE_CASES);
    let all: Vec<&str> = cases.map(|coding| coding.text("code")).collect();
    if all.iter().any(|case| matches!(*case, TO_PHARMACY | TO_PHARMACY_BEFORE)) {
        return Ok(());
    }
    if all.is_empty() {
        return Err(unknown("ServiceRequest.category has no use case."));
    }
    if all.iter().any(|case| is_use_case(case)) {
        return Err(Refusal::new(
            Outcome::NotSupported,
            "Only a5t1, Primary Care to Community Pharmacy, is served here.",
        ));
    }
    Err(unknown("ServiceRequest.category has no use case that BaRS knows."))
}

/// `a5t2`: application and type.
fn is_use_case(code: &str) -> bool {
    let mut letters = code.bytes();
    let pattern = [letters.next(), letters.next(), letters.next(), letters.next(), letters.next()];
    matches!(pattern, [Some(b'a'), Some(b'1'..=b'8'), Some(b't'), Some(b'1'..=b'9'), None])
}

/// One person to ring first, who may be another than the patient, and a number to ring.
fn contacts(patient: &Element) -> Result<(), Refusal> {
    let first = patient.children("contact").filter(|contact| rank(contact) == Some(1)).count();
    if first != 1 {
        return Err(unknown("Patient.contact must have exactly one contact of rank 1."));
    }
    let telecoms = patient.all("contact.telecom").into_iter().chain(patient.children("telecom"));
    if telecoms
        .filter(|telecom| telecom.text("system") == "phone")
        .all(|phone| phone.text("value").is_empty())
    {
        return Err(missing("a phone number among Patient.contact"));
    }
    Ok(())
}

/// The order in which contacts are rung (UK Core, ContactRank).
pub fn rank(contact: &Element) -> Option<u32> {
    contact.extension(CONTACT_RANK)?.text("valuePositiveInt").parse().ok()
}

/// Resources by every reference that may lead to them.
fn parts(bundle: &Element) -> BTreeMap<String, &Element> {
    let mut parts = BTreeMap::new();
    for entry in bundle.children("entry") {
        let Some(resource) = entry.resource() else { continue };
        for name in [entry.text("fullUrl").to_owned(), relative(resource)] {
            if !name.is_empty() {
                parts.entry(name).or_insert(resource);
            }
        }
    }
    parts
}

/// `Patient/1`; empty without an id.
pub fn relative(resource: &Element) -> String {
    let id = resource.text("id");
    if id.is_empty() { String::new() } else { format!("{}/{id}", resource.kind) }
}

fn bare_id(full_url: &str) -> String {
    let bare = full_url.strip_prefix("urn:uuid:").or_else(|| full_url.rsplit('/').next()).unwrap_or_default();
    bare.to_lowercase()
}
