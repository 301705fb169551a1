//! Reads an ITK3 message: what its sender asks for, whom it is about, and what a person can read of it.

use super::narrative;
use crate::nhs::fhir::{Element, Unreadable};
use shared::api::{WaitingAttachment, WaitingContent, WaitingField};
use shared::patient::{NhsNumber, Postcode};
use shared::time;

const HANDLING: &str = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-ITK-MessageHandling-2";
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// A response; answering one would never end.
const RESPONSE: &str = "ITK008M";

/// What an answer needs to know of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// `MessageHeader.id`.
    pub header: String,
    pub sender_reference: String,
    /// `MessageHeader.source.endpoint`: often a mailbox.
    pub source: String,
    pub receiver_ods: String,
    /// An infrastructure acknowledgement is asked for.
    pub inf: bool,
    /// A business acknowledgement is asked for.
    pub bus: bool,
}

/// A message that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    pub asked: Asked,
    /// It holds a document.
    pub has_document: bool,
    pub content: WaitingContent,
}

/// Why there is no letter.
#[derive(Debug, thiserror::Error)]
pub enum Unanswerable {
    /// Never answered.
    #[error("This message answers another one.")]
    Answer,
    /// Answered with [`crate::nhs::itk3::UNREADABLE`].
    #[error("This message over MESH could not be read.")]
    Unreadable(#[source] Option<Unreadable>),
}

/// Reads a message bundle. Never panics, whatever the bytes are.
pub fn read(bytes: &[u8]) -> Result<Letter, Unanswerable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unanswerable::Unreadable(None))?;
    let text = text.trim_start_matches('\u{feff}');
    let bundle = Element::from_xml(text).map_err(|error| Unanswerable::Unreadable(Some(error)))?;
    let resources: Vec<&Element> = bundle.children("entry").filter_map(resource_of).collect();
    let header = resources.iter().find(|resource| resource.kind == "MessageHeader");
    let header = header.filter(|header| !header.text("id").is_empty());
    let header = header.ok_or(Unanswerable::Unreadable(None))?;
    let event = header.first("event").or_else(|| header.first("eventCoding"));
    if event.is_some_and(|event| event.text("code") == RESPONSE) || header.first("response").is_some() {
        return Err(Unanswerable::Answer);
    }
    let document = resources.iter().find(|resource| resource.kind == "Bundle");
    let inside: Vec<&Element> = match document {
        Some(document) => document.children("entry").filter_map(resource_of).collect(),
        None => Vec::new(),
    };
    // Some senders put the document's resources beside the header.
    let all: Vec<&Element> = inside.iter().chain(&resources).copied().collect();
    let asked = asked(header, &bundle, &resources);
    let composition = all.iter().find(|resource| resource.kind == "Composition").copied();
    let content = content(header, &bundle, &all, composition, text);
    Ok(Letter { has_document: composition.is_some(), asked, content })
}

fn resource_of(entry: &Element) -> Option<&Element> {
    entry.resource()
}

fn asked(header: &Element, bundle: &Element, resources: &[&Element]) -> Asked {
    let handling = header.extension(HANDLING);
    let said = |name: &str, value: &str| {
        let part = handling.and_then(|handling| handling.extension(name));
        part.map(|part| part.text(value).to_owned()).unwrap_or_default()
    };
    let receiver = header.text("receiver.reference");
    let receiver = target(bundle, receiver).or_else(|| {
        let mut organisations = resources.iter().filter(|resource| resource.kind == "Organization");
        organisations.find(|one| !header.text("sender.reference").ends_with(one.text("id"))).copied()
    });
    Asked {
        header: header.text("id").to_owned(),
        sender_reference: said("SenderReference", "valueString"),
        source: header.text("source.endpoint").to_owned(),
        receiver_ods: receiver.map(|receiver| identifier(receiver, ODS)).unwrap_or_default(),
        inf: said("InfAckRequested", "valueBoolean") == "true",
        bus: said("BusAckRequested", "valueBoolean") == "true",
    }
}

/// The resource that a reference within the message names.
fn target<'a>(bundle: &'a Element, reference: &str) -> Option<&'a Element> {
    if reference.is_empty() {
        return None;
    }
    bundle.children("entry").find(|entry| entry.text("fullUrl") == reference).and_then(Element::resource)
}

fn identifier(resource: &Element, system: &str) -> String {
    let found = resource.children("identifier").find(|one| one.text("system") == system);
    found.map(|one| one.text("value").to_owned()).unwrap_or_default()
}

fn content(
    header: &Element,
    bundle: &Element,
    all: &[&Element],
    composition: Option<&Element>,
    text: &str,
) -> WaitingContent {
    let sender = target(bundle, header.text("sender.reference"));
    let from = sender.map(sender_name).unwrap_or_default();
    let (mut words, cut) = narrative::words(text);
    for told in all.iter().filter(|resource| resource.kind == "ClinicalImpression") {
        let summary = told.text("summary");
        if !summary.is_empty() {
            words.push('\n');
            words.push_str(summary);
            words.truncate(words.trim_end().len());
        }
    }
    let mut notes = Vec::new();
    if composition.is_none() {
        notes.push("It holds no document. Open the original.".to_owned());
    } else if words.is_empty() {
        notes.push("Its words are in what is attached. Open the original.".to_owned());
    }
    let patient = all.iter().find(|resource| resource.kind == "Patient");
    let sent = time::read(header.text("timestamp"));
    WaitingContent {
        kind: "letter".to_owned(),
        from,
        reply_to: String::new(),
        subject: composition.map(|composition| composition.text("title").to_owned()).unwrap_or_default(),
        message_id: header.text("id").to_owned(),
        sent_at: sent.map(time::stored).unwrap_or_default(),
        text: words,
        cut,
        fields: patient.map(|patient| patient_fields(patient)).unwrap_or_default(),
        attachments: all
            .iter()
            .filter(|resource| resource.kind == "Binary")
            .map(|one| attachment(one))
            .collect(),
        notes,
    }
}

fn sender_name(sender: &Element) -> String {
    let name = sender.text("name").to_owned();
    if !name.is_empty() {
        return name;
    }
    let person = [sender.text("name.given"), sender.text("name.family")].join(" ").trim().to_owned();
    if person.is_empty() { identifier(sender, ODS) } else { person }
}

fn patient_fields(patient: &Element) -> Vec<WaitingField> {
    let given: Vec<&str> = patient.all("name.given").iter().map(|name| name.value.as_str()).collect();
    let lines: Vec<&str> = patient.all("address.line").iter().map(|line| line.value.as_str()).collect();
    let town = patient.text("address.city");
    let address =
        lines.into_iter().chain([town]).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let phone = patient.children("telecom").find(|telecom| telecom.text("system") != "email");
    let sex = match patient.text("gender") {
        known @ ("male" | "female" | "other") => known,
        _ => "",
    };
    let born = patient.text("birthDate").parse::<jiff::civil::Date>().map(|date| date.to_string());
    let number = identifier(patient, NHS_NUMBER).parse::<NhsNumber>().map(String::from);
    let postcode = patient.text("address.postalCode").parse::<Postcode>().map(String::from);
    let fields = [
        ("family_name", patient.text("name.family").to_owned()),
        ("given_name", given.join(" ")),
        ("birth_date", born.unwrap_or_default()),
        ("sex", sex.to_owned()),
        ("nhs_number", number.unwrap_or_default()),
        ("address", address),
        ("postcode", postcode.unwrap_or_default()),
        ("phone", phone.map(|phone| phone.text("value").to_owned()).unwrap_or_default()),
    ];
    fields
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(field, value)| WaitingField { field: field.to_owned(), value, sure: true })
        .collect()
}

fn attachment(binary: &Element) -> WaitingAttachment {
    let content_type = binary.text("contentType");
    let name = if content_type.contains("pdf") { "letter.pdf" } else { "attachment" };
    // Base64 takes four characters for three bytes.
    let letters = binary.text("content").bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
    WaitingAttachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        bytes: (letters / 4 * 3) as u64,
    }
}
