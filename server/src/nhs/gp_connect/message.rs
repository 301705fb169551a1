//! The frame that every ITK3 document travels in (ITK3 Message Distribution 2.10): header, sender, document bundle.

use super::ids::Notice;
use super::xml::{Coding, Fhir, urn};
use shared::ids::OdsCode;
use shared::time::{self, Millis};
use uuid::Uuid;

/// What the header says of the message.
#[derive(Debug, Clone, Copy)]
pub(in crate::nhs) struct Frame<'a> {
    pub notice: Notice,
    /// Code and words of `ITK-MessageEvent-2`.
    pub event: (&'static str, &'static str),
    /// For action; otherwise for information.
    pub for_action: bool,
    /// Where the message is defined.
    pub definition: &'static str,
    /// What this sender calls the consultation.
    pub sender_reference: &'a str,
    pub local_extension: &'static str,
    pub ods: &'a OdsCode,
    /// The sender's MESH mailbox.
    pub mailbox: &'a str,
    /// The message's own time.
    pub at: Millis,
    /// The practice, where the header is to name it.
    pub receiver: Option<(&'a str, Uuid)>,
}

impl Frame<'_> {
    /// The whole message; `document` writes the entries of the document bundle.
    pub fn write(&self, document: impl FnOnce(&mut Fhir)) -> Vec<u8> {
        let id = |part| self.notice.id(part);
        let (bundle, header, inner) = (id("bundle"), id("message-header"), id("document"));
        let sender = id("header-organization");
        Fhir::document("Bundle", |at| {
            self.opening(at, bundle, &stu3("ITK-Message-Bundle-1"), None);
            at.own_identifier(bundle);
            at.value("type", "message");
            self.entry(at, header, "MessageHeader", &stu3("ITK-MessageHeader-2"), None, |at| {
                self.header(at, sender, inner);
            });
            self.organisation(at, sender, self.ods.as_str());
            if let Some((ods, id)) = self.receiver {
                self.organisation(at, id, ods);
            }
            self.entry(at, inner, "Bundle", &stu3("ITK-Document-Bundle-1"), None, |at| {
                at.own_identifier(inner);
                at.value("type", "document");
                document(at);
            });
        })
    }

    fn header(&self, at: &mut Fhir, sender: Uuid, document: Uuid) {
        at.extension(&stu3("Extension-ITK-MessageHandling-2"), |at| {
            for asked in ["BusAckRequested", "InfAckRequested"] {
                at.extension(asked, |at| at.value("valueBoolean", "true"));
            }
            at.extension("RecipientType", |at| {
                let (code, display) =
                    if self.for_action { ("FA", "For Action") } else { ("FI", "For Information") };
                let system = "https://fhir.nhs.uk/STU3/CodeSystem/ITK-RecipientType-1";
                at.element("valueCoding", |at| at.code_values(Coding { system, code, display }));
            });
            at.extension("MessageDefinition", |at| {
                at.element("valueReference", |at| at.value("reference", self.definition));
            });
            at.extension("SenderReference", |at| at.value("valueString", self.sender_reference));
            at.extension("LocalExtension", |at| at.value("valueString", self.local_extension));
        });
        at.element("event", |at| {
            let (code, display) = self.event;
            let system = "https://fhir.nhs.uk/STU3/CodeSystem/ITK-MessageEvent-2";
            at.code_values(Coding { system, code, display });
        });
        at.reference("sender", sender);
        at.value("timestamp", &time::stored(self.at));
        at.element("source", |at| at.value("endpoint", self.mailbox));
        at.reference("focus", document);
    }

    fn organisation(&self, at: &mut Fhir, id: Uuid, ods: &str) {
        self.entry(at, id, "Organization", &stu3("CareConnect-ITK-Header-Organization-1"), None, |at| {
            at.identifier(ODS, ods);
        });
    }

    /// One resource under its own name.
    pub fn entry(
        &self,
        at: &mut Fhir,
        id: Uuid,
        name: &str,
        profile: &str,
        tag: Option<Coding<'_>>,
        inside: impl FnOnce(&mut Fhir),
    ) {
        at.element("entry", |at| {
            at.value("fullUrl", &urn(id));
            at.element("resource", |at| {
                at.element(name, |at| {
                    self.opening(at, id, profile, tag);
                    inside(at);
                });
            });
        });
    }

    fn opening(&self, at: &mut Fhir, id: Uuid, profile: &str, tag: Option<Coding<'_>>) {
        at.value("id", &id.to_string());
        at.element("meta", |at| {
            at.value("lastUpdated", &time::stored(self.at));
            at.value("profile", profile);
            if let Some(tag) = tag {
                at.element("tag", |at| at.code_values(tag));
            }
        });
    }
}

/// ODS codes as identifiers.
pub(in crate::nhs) const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
/// GPhC registration numbers as identifiers.
pub(in crate::nhs) const GPHC: &str = "https://fhir.hl7.org.uk/Id/gphc-number";
/// NHS numbers as identifiers.
pub(in crate::nhs) const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// A profile of the NHS's STU3 catalogue.
pub(in crate::nhs) fn stu3(name: &str) -> String {
    format!("https://fhir.nhs.uk/STU3/StructureDefinition/{name}")
}

/// A profile of HL7 UK's STU3 catalogue.
pub(in crate::nhs) fn hl7_uk(name: &str) -> String {
    format!("https://fhir.hl7.org.uk/STU3/StructureDefinition/{name}")
}
