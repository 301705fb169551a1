//! Writes an ITK3 response (ITK008M): what one organisation's system answers to a message of another's.

use crate::nhs::gp_connect::ids::from_hash;
use crate::nhs::gp_connect::xml::{Coding, Fhir, urn};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Stands for the id of a message in which not even that could be read (ITK3 Messaging Distribution).
pub const UNREADABLE: &str = "UNREADABLE-IN-ORIGINAL-MESSAGE";

/// One code of ITK-ResponseCodes-1, with its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code<'a> {
    pub code: &'a str,
    pub display: &'a str,
    /// Neither success nor an answer about the patient.
    pub fatal: bool,
}

/// One answer to one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// `MessageHeader.id` of the message answered, or [`UNREADABLE`].
    pub answers: &'a str,
    /// Tells apart answers to messages that have no readable id; empty where they have.
    pub about: &'a str,
    /// The sender's own reference, which is repeated; `None` where it gave none.
    pub sender_reference: &'a str,
    /// Who answers.
    pub ods: &'a str,
    /// RFC 3339. It does not change when the same answer is sent again.
    pub at: &'a str,
    pub code: Code<'a>,
}

/// The message. The same answer is the same message, byte for byte, whenever it is made.
pub fn compose(response: &Response<'_>) -> Vec<u8> {
    let id = |part: &str| -> Uuid {
        let Response { answers, about, code, .. } = response;
        from_hash(Sha256::new_with_prefix(format!("{answers}{about} {} {part}", code.code)))
    };
    let (header, sender, outcome) = (id("header"), id("sender"), id("outcome"));
    Fhir::document("Bundle", |at| {
        at.value("id", &id("bundle").to_string());
        at.element("meta", |at| at.value("profile", &profile("ITK-Message-Bundle-1")));
        at.own_identifier(id("bundle"));
        at.value("type", "message");
        entry(at, header, "MessageHeader", "ITK-MessageHeader-2", |at| {
            message_header(at, response, sender, outcome);
        });
        entry(at, sender, "Organization", "CareConnect-ITK-Header-Organization-1", |at| {
            at.identifier("https://fhir.nhs.uk/Id/ods-organization-code", response.ods);
        });
        entry(at, outcome, "OperationOutcome", "ITK-Response-OperationOutcome-1", |at| {
            at.element("issue", |at| issue(at, response.code));
        });
    })
}

fn message_header(at: &mut Fhir, response: &Response<'_>, sender: Uuid, outcome: Uuid) {
    handling(at, response.sender_reference);
    at.element("event", |at| {
        at.code_values(Coding {
            system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-MessageEvent-2",
            code: "ITK008M",
            display: "ITK Response",
        });
    });
    at.reference("sender", sender);
    at.value("timestamp", response.at);
    let source = format!("urn:nhs-uk:addressing:ods:{}", response.ods);
    at.element("source", |at| at.value("endpoint", &source));
    at.element("response", |at| {
        at.value("identifier", response.answers);
        at.value("code", if response.code.fatal { "fatal-error" } else { "ok" });
        at.reference("details", outcome);
    });
    at.reference("focus", outcome);
}

fn issue(at: &mut Fhir, code: Code<'_>) {
    at.value("severity", if code.fatal { "fatal" } else { "information" });
    at.value("code", if code.fatal { "processing" } else { "informational" });
    at.element("details", |at| {
        at.coding(Coding {
            system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-ResponseCodes-1",
            code: code.code,
            display: code.display,
        });
    });
    if code.fatal {
        at.value("diagnostics", code.display);
    }
}

/// An answer never asks for an answer (GP Connect Messaging).
fn handling(at: &mut Fhir, sender_reference: &str) {
    at.extension(&profile("Extension-ITK-MessageHandling-2"), |at| {
        for asked in ["BusAckRequested", "InfAckRequested"] {
            at.extension(asked, |at| at.value("valueBoolean", "false"));
        }
        at.extension("RecipientType", |at| {
            at.element("valueCoding", |at| {
                at.code_values(Coding {
                    system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-RecipientType-1",
                    code: "FI",
                    display: "For Information",
                });
            });
        });
        at.extension("MessageDefinition", |at| {
            at.element("valueReference", |at| {
                at.value(
                    "reference",
                    "https://fhir.nhs.uk/STU3/MessageDefinition/ITK-Response-MessageDefinition-1",
                );
            });
        });
        at.extension("SenderReference", |at| at.value("valueString", sender_reference));
        at.extension("LocalExtension", |at| at.value("valueString", "None"));
    });
}

fn entry(at: &mut Fhir, id: Uuid, name: &str, wanted: &str, inside: impl FnOnce(&mut Fhir)) {
    at.element("entry", |at| {
        at.value("fullUrl", &urn(id));
        at.element("resource", |at| {
            at.element(name, |at| {
                at.value("id", &id.to_string());
                at.element("meta", |at| at.value("profile", &profile(wanted)));
                inside(at);
            });
        });
    });
}

fn profile(name: &str) -> String {
    format!("https://fhir.nhs.uk/STU3/StructureDefinition/{name}")
}
