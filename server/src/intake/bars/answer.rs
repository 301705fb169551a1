//! What the sender is answered: its own message with ids of ours, and a case of ours beside it (BaRS App 5).

use super::Message;
use super::message::relative;
use crate::nhs::fhir::Element;
use sha2::{Digest as _, Sha256};
use shared::ids::ConsultationId;
use shared::time::{Millis, stored};
use std::collections::BTreeMap;
use uuid::{Builder, Uuid};

/// The answer to a message that became, or changed, that consultation. `origin` is where this server is found.
pub fn answer(message: &Message<'_>, consultation: &ConsultationId, origin: &str, now: Millis) -> Element {
    let mut bundle = renamed(message, consultation, now, |_, id| format!("urn:uuid:{id}"));
    let theirs = message.bundle.text("id");
    bundle.set("id", ours(consultation, &format!("answer to {theirs}")).to_string());
    bundle.set("timestamp", stored(now));
    let response = Element::default().with("identifier", theirs).with("code", "ok");
    for header in bundle.children_mut("entry").flat_map(|entry| entry.children_mut("resource")).take(1) {
        header.set("response", response.clone());
    }
    let service_request = message.service_request;
    if service_request.text("status") == "active" {
        let id = ours(consultation, "encounter here");
        let names = our_names(message, consultation);
        let patient = names.get(service_request.text("subject.reference"));
        let subject = patient.map(|(_, id)| Element::reference(&format!("urn:uuid:{id}")));
        let encounter = planned(message, consultation, origin, now)
            .with("id", id.to_string())
            .with("subject", subject.unwrap_or_default());
        let entry = Element::default().with("fullUrl", format!("urn:uuid:{id}")).with("resource", encounter);
        bundle.push("entry", entry);
    }
    bundle
}

/// The `ServiceRequest` of a message as it is read from here: with our id, and with the status that it has here.
pub fn service_request(
    message: &Message<'_>,
    consultation: &ConsultationId,
    status: &str,
    now: Millis,
) -> Element {
    let bundle = renamed(message, consultation, now, |kind, id| format!("{kind}/{id}"));
    let found = bundle.children("entry").filter_map(Element::resource).find(|resource| {
        resource.kind == "ServiceRequest" && resource.text("id") == consultation.to_string()
    });
    let mut request = found.cloned().unwrap_or_default();
    request.set("status", status);
    request
}

/// What people quote to each other: eight letters and digits of the consultation's id, without those that look alike.
pub fn reference(consultation: &ConsultationId) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    // The end of the id is random; its beginning is the time.
    let bits = consultation.0.as_u128();
    let letter = |place: u32| {
        let letter = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
        char::from(LETTERS[letter])
    };
    let text: String = (0..8).map(letter).collect();
    format!("{}-{}", &text[..4], &text[4..])
}

/// The case that begins here.
fn planned(message: &Message<'_>, consultation: &ConsultationId, origin: &str, now: Millis) -> Element {
    let emergency = Element::coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "EMER", "emergency");
    let theirs = message.follow(message.service_request, "encounter");
    let class = theirs.and_then(|encounter| encounter.first("class")).cloned().unwrap_or(emergency);
    let journey = theirs.and_then(|encounter| encounter.first("episodeOfCare")).cloned().unwrap_or_default();
    let profile = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Encounter";
    Element::resource_of("Encounter")
        .with("meta", Element::default().with("lastUpdated", stored(now)).with("profile", profile))
        .with(
            "identifier",
            Element::identifier(&format!("{origin}/Id/case-number"), &reference(consultation)),
        )
        .with("status", "planned")
        .with("class", class)
        .with("episodeOfCare", journey)
        .with("period", Element::default().with("start", stored(now)))
}

/// The message with every resource under an id of ours. The `ServiceRequest` has the consultation's.
fn renamed(
    message: &Message<'_>,
    consultation: &ConsultationId,
    now: Millis,
    address: impl Fn(&str, Uuid) -> String,
) -> Element {
    let names = our_names(message, consultation);
    let mut bundle = message.bundle.clone();
    for (place, entry) in bundle.children_mut("entry").enumerate() {
        let full_url = entry.text("fullUrl").to_owned();
        let mut called = None;
        for resource in entry.children_mut("resource") {
            let name = [full_url.clone(), relative(resource)].into_iter().find_map(|name| names.get(&name));
            // An entry that nothing can refer to still gets an id of its own.
            let id = name.map_or_else(|| at(consultation, &resource.kind, place), |(_, id)| *id);
            resource.set("id", id.to_string());
            let mut meta = resource.first("meta").cloned().unwrap_or_default();
            meta.set("lastUpdated", stored(now));
            resource.set("meta", meta);
            called = Some(id);
        }
        if let Some(id) = called {
            entry.set("fullUrl", format!("urn:uuid:{id}"));
        }
    }
    let change = |reference: &str| names.get(reference).map(|(kind, id)| address(kind, *id));
    bundle.change_values("reference", &change);
    let mut meta = bundle.first("meta").cloned().unwrap_or_default();
    meta.set("lastUpdated", stored(now));
    bundle.set("meta", meta);
    bundle
}

/// Every name the sender uses for a resource, with its kind and our id of it.
fn our_names(message: &Message<'_>, consultation: &ConsultationId) -> BTreeMap<String, (String, Uuid)> {
    let mut names = BTreeMap::new();
    for (place, entry) in message.bundle.children("entry").enumerate() {
        let Some(resource) = entry.resource() else { continue };
        let is_focus = std::ptr::eq(resource, message.service_request);
        let id = if is_focus { consultation.0 } else { at(consultation, &resource.kind, place) };
        for name in [entry.text("fullUrl").to_owned(), relative(resource)] {
            if !name.is_empty() {
                names.entry(name).or_insert_with(|| (resource.kind.clone(), id));
            }
        }
    }
    names
}

fn at(consultation: &ConsultationId, kind: &str, place: usize) -> Uuid {
    ours(consultation, &format!("{kind} {place}"))
}

/// The same thing of the same consultation has the same id in every answer.
fn ours(consultation: &ConsultationId, what: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"satchel bars answer v1\n")
        .chain_update(consultation.as_bytes())
        .chain_update(what)
        .finalize()
        .into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(first).into_uuid()
}
