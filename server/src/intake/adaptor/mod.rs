//! What NHS England's 111 Adaptor makes of an NHS 111 report, a FHIR STU3 message, as the referral that the report
//! itself would be: for pharmacy groups that run the adaptor in front of all their systems.

mod content;
mod people;
mod receive;

#[cfg(test)]
mod tests;

pub use receive::{Refused, receive};

use super::itk111::cda::{case_system, disposition_code, push_id, referrer_type};
use super::itk111::{Address, MAX_BODY, times};
use super::{Arrived, Part, xml};
use crate::nhs::fhir::{Element, Unreadable};
use shared::consultation::Referral;
use shared::time::{Millis, stored};
use std::collections::HashMap;

/// Kinds of message the adaptor makes (its `EventType-1`): for action, and a copy.
const FOR_ACTION: &str = "referral-1";
const COPY: &str = "discharge-details-1";

/// Why bytes are not a report of the adaptor's. Says nothing of what they hold.
#[derive(Debug, thiserror::Error)]
pub enum NotAReport {
    #[error("The report cannot be read: {0}.")]
    Unreadable(#[from] Unreadable),
    #[error("The report is too large: {found} bytes, and at most {MAX_BODY} are taken.")]
    TooLarge { found: usize },
    #[error("This is not a report of the 111 Adaptor: {missing} is missing.")]
    Incomplete { missing: &'static str },
    #[error("The report names no pharmacy that can be read.")]
    NoAddress,
}

/// One report, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// At least one.
    pub addressed_to: Vec<Address>,
    /// Under `MessageHeader.id`, which is the WS-Addressing id of the 111 message.
    pub arrived: Arrived,
}

/// Reads a report in JSON or XML that arrived at `now`.
pub fn read(bytes: &[u8], now: Millis) -> Result<Report, NotAReport> {
    if bytes.len() > MAX_BODY {
        return Err(NotAReport::TooLarge { found: bytes.len() });
    }
    let message = Element::from_either(bytes)?;
    let bundle = Bundle::of(&message);
    let header = bundle.one("MessageHeader").ok_or(NotAReport::Incomplete { missing: "MessageHeader" })?;
    let addressed_to = addresses(header);
    if addressed_to.is_empty() {
        return Err(NotAReport::NoAddress);
    }
    let message_id = header.text("id").to_owned();
    if message_id.is_empty() {
        return Err(NotAReport::Incomplete { missing: "MessageHeader.id" });
    }
    let mut warnings = Vec::new();
    let patient =
        people::patient(&bundle, &mut warnings).ok_or(NotAReport::Incomplete { missing: "Patient" })?;
    let composition = bundle.one("Composition").ok_or(NotAReport::Incomplete { missing: "Composition" })?;
    let mut referral = Referral {
        channel: "itk111".to_owned(),
        message_id: message_id.clone(),
        // The set of the report itself, so that both ways it may come make one consultation.
        document_set: composition.text("identifier.value").to_owned(),
        document_version: message.text("identifier.value").parse().unwrap_or(1),
        document_at: time(header.text("timestamp")).map(stored).unwrap_or_default(),
        case_ids: case_ids(&bundle),
        received_at: stored(now),
        dos_service_id: dos_service(&addressed_to),
        ..Referral::default()
    };
    kind(header, &mut referral);
    asked(&bundle, now, &mut referral);
    people::sender(&bundle, &mut referral);
    let integrated = interaction(header).contains("integratedurgentcare");
    referrer_type(&referral.referrer_name, integrated).clone_into(&mut referral.referrer_type);
    content::take(&bundle, composition, &patient, warnings, &mut referral);
    let part = Part::Report { referral: Box::new(referral), patient: Box::new(patient) };
    Ok(Report { addressed_to, arrived: Arrived { message_id, parts: vec![part] } })
}

/// Whether the bytes are a FHIR message rather than one of ITK's, by what they begin with.
pub fn is_fhir(bytes: &[u8]) -> bool {
    let Ok(text) = xml::decode(bytes) else { return false };
    let beginning: String = text.trim_start().chars().take(2_000).collect();
    beginning.starts_with('{') || beginning.contains("http://hl7.org/fhir")
}

/// The resources of a message in order, and by the addresses under which others refer to them.
struct Bundle<'a> {
    resources: Vec<&'a Element>,
    by_address: HashMap<String, &'a Element>,
}

impl<'a> Bundle<'a> {
    fn of(message: &'a Element) -> Self {
        let mut bundle = Self { resources: Vec::new(), by_address: HashMap::new() };
        for entry in message.children("entry") {
            if let Some(resource) = entry.resource() {
                bundle.resources.push(resource);
                bundle.by_address.entry(entry.text("fullUrl").to_lowercase()).or_insert(resource);
            }
        }
        bundle
    }

    /// Every resource of that kind, in order.
    fn all(&self, kind: &str) -> impl Iterator<Item = &'a Element> {
        self.resources.iter().copied().filter(move |resource| resource.kind == kind)
    }

    fn one(&self, kind: &str) -> Option<&'a Element> {
        self.all(kind).next()
    }

    /// What the reference at a path of `from` refers to.
    fn referred(&self, from: &Element, path: &str) -> Option<&'a Element> {
        let reference = from.text(&format!("{path}.reference"));
        if reference.is_empty() { None } else { self.by_address.get(&reference.to_lowercase()).copied() }
    }

    /// Who took part in the call as that: by code or in words.
    fn participant(&self, role: &str) -> Option<&'a Element> {
        let encounter = self.one("Encounter")?;
        let found = encounter.children("participant").find(|participant| {
            let kind = participant.first("type");
            kind.is_some_and(|kind| kind.text("text") == role || kind.text("coding.code") == role)
        })?;
        self.referred(found, "individual")
    }
}

/// An instant as FHIR writes it.
fn time(value: &str) -> Option<Millis> {
    times::instant(value)
}

/// `urn:nhs-uk:addressing:ods:FA123:DOSServiceID:2099000001`, or either half alone.
fn addresses(header: &Element) -> Vec<Address> {
    let mut found = Vec::new();
    for destination in header.children("destination") {
        let endpoint = destination.text("endpoint");
        let lower = endpoint.to_ascii_lowercase();
        let behind = |mark: &str| {
            let at = lower.find(mark)? + mark.len();
            endpoint.get(at..)?.split(':').next().filter(|value| !value.is_empty())
        };
        found.extend(behind(":ods:").and_then(|code| code.parse().ok()).map(Address::Ods));
        found.extend(behind("dosserviceid:").map(|id| Address::Dos(id.to_owned())));
    }
    found
}

fn dos_service(addressed_to: &[Address]) -> String {
    let found = addressed_to.iter().find_map(|address| match address {
        Address::Dos(id) => Some(id.clone()),
        Address::Ods(_) => None,
    });
    found.unwrap_or_default()
}

/// The interaction of the 111 message, lower case, from its last colon on.
fn interaction(header: &Element) -> String {
    header.text("reason.coding.code").rsplit(':').next().unwrap_or_default().to_lowercase()
}

fn kind(header: &Element, referral: &mut Referral) {
    let interaction = interaction(header);
    let event = header.text("event.code");
    let copied = event == COPY || (event != FOR_ACTION && interaction.starts_with("copy"));
    if copied { "information" } else { "action" }.clone_into(&mut referral.addressed_for);
    referral.repeat_caller = interaction.contains("repeatcaller");
}

fn case_ids(bundle: &Bundle<'_>) -> String {
    let mut ids = Vec::new();
    for id in bundle.all("Encounter").flat_map(|encounter| encounter.children("identifier")) {
        push_id(&mut ids, case_system(id.text("system")), id.text("value"));
    }
    ids.join(" ")
}

/// What the call asked of the pharmacy, and by when.
fn asked(bundle: &Bundle<'_>, now: Millis, referral: &mut Referral) {
    let request = bundle.one("ReferralRequest");
    let sent = bundle
        .one("Encounter")
        .and_then(|encounter| time(encounter.text("period.end")))
        .or_else(|| request.and_then(|request| time(request.text("authoredOn"))))
        .or_else(|| shared::time::read(&referral.document_at));
    referral.referred_at = sent.map(stored).unwrap_or_default();
    let asked = request.and_then(|request| bundle.referred(request, "supportingInfo"));
    if let Some(asked) = asked.or_else(|| bundle.one("ProcedureRequest")) {
        referral.disposition = disposition_code(asked.text("code.coding.code"));
        asked.text("code.coding.display").clone_into(&mut referral.disposition_text);
    }
    shared::referral::strand(&referral.disposition).clone_into(&mut referral.strand);
    if referral.addressed_for == "action" {
        // A sender's clock that runs ahead must not give the patient longer to wait.
        let counted_from = sent.unwrap_or(now).min(now);
        let due = shared::referral::due_at(&referral.disposition, &referral.disposition_text, counted_from);
        referral.due_at = due.map(stored).unwrap_or_default();
    }
}
