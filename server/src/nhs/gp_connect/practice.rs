//! A pretend practice: answers a notice as a GP's system would, with one technical and one business response.

use super::ids::from_hash;
use super::update_record::{ACK_WORKFLOW, WORKFLOW};
use super::xml::{Coding, Fhir, urn};
use crate::nhs::mesh::Incoming;
use crate::nhs::mesh::simulator::Reply;
use roxmltree::Document;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What the practice's system sends back; nothing for anything that is not a notice.
pub fn answers(message: &Incoming) -> Vec<Reply> {
    if message.workflow != WORKFLOW {
        return Vec::new();
    }
    let Some(asked) = read(&message.body) else {
        return vec![reply(&Asked::unreadable(), "fatal-error", "10009", "Unreadable message received")];
    };
    vec![
        reply(&asked, "ok", "20013", "Success"),
        reply(&asked, "ok", "30001", "Patient known here. (e.g. Patient is registered here)"),
    ]
}

/// What its system sends back where it refuses every notice with this code of ITK-ResponseCodes-1.
pub fn refuses(message: &Incoming, code: &str) -> Vec<Reply> {
    let asked = (message.workflow == WORKFLOW).then(|| read(&message.body).unwrap_or_else(Asked::unreadable));
    asked
        .map(|asked| reply(&asked, "fatal-error", code, "Refused by the pretend practice"))
        .into_iter()
        .collect()
}

/// What an answer must repeat.
struct Asked {
    header: String,
    sender_reference: String,
    timestamp: String,
}

impl Asked {
    fn unreadable() -> Self {
        Self {
            header: "UNREADABLE-IN-ORIGINAL-MESSAGE".to_owned(),
            sender_reference: "None".to_owned(),
            timestamp: "1970-01-01T00:00:00Z".to_owned(),
        }
    }
}

fn read(body: &[u8]) -> Option<Asked> {
    let document = Document::parse(std::str::from_utf8(body).ok()?).ok()?;
    let header = document.descendants().find(|node| node.tag_name().name() == "MessageHeader")?;
    let value = |name: &str| {
        let node = header.children().find(|node| node.tag_name().name() == name)?;
        node.attribute("value").map(str::to_owned)
    };
    let reference = header
        .descendants()
        .find(|node| node.attribute("url") == Some("SenderReference"))
        .and_then(|node| node.children().find_map(|inner| inner.attribute("value")));
    Some(Asked {
        header: value("id")?,
        sender_reference: reference.unwrap_or("None").to_owned(),
        timestamp: value("timestamp")?,
    })
}

fn reply(asked: &Asked, said: &str, code: &str, display: &str) -> Reply {
    let id = |part: &str| -> Uuid {
        from_hash(Sha256::new_with_prefix(format!("{} {code} {part}", asked.header)))
    };
    let (header, sender, outcome) = (id("header"), id("sender"), id("outcome"));
    let body = Fhir::document("Bundle", |at| {
        at.value("id", &id("bundle").to_string());
        at.element("meta", |at| at.value("profile", &profile("ITK-Message-Bundle-1")));
        at.own_identifier(id("bundle"));
        at.value("type", "message");
        entry(at, header, "MessageHeader", "ITK-MessageHeader-2", |at| {
            handling(at, &asked.sender_reference);
            at.element("event", |at| {
                at.code_values(Coding {
                    system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-MessageEvent-2",
                    code: "ITK008M",
                    display: "ITK Response",
                });
            });
            at.reference("sender", sender);
            at.value("timestamp", &asked.timestamp);
            at.element("source", |at| at.value("endpoint", "urn:nhs-uk:addressing:ods:A82648"));
            at.element("response", |at| {
                at.value("identifier", &asked.header);
                at.value("code", said);
                at.reference("details", outcome);
            });
            at.reference("focus", outcome);
        });
        entry(at, sender, "Organization", "CareConnect-ITK-Header-Organization-1", |at| {
            at.identifier("https://fhir.nhs.uk/Id/ods-organization-code", "A82648");
        });
        entry(at, outcome, "OperationOutcome", "ITK-Response-OperationOutcome-1", |at| {
            at.element("issue", |at| {
                let refused = said != "ok";
                at.value("severity", if refused { "fatal" } else { "information" });
                at.value("code", if refused { "processing" } else { "informational" });
                at.element("details", |at| {
                    at.coding(Coding {
                        system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-ResponseCodes-1",
                        code,
                        display,
                    });
                });
                if refused {
                    at.value("diagnostics", display);
                }
            });
        });
    });
    Reply { workflow: ACK_WORKFLOW.to_owned(), body }
}

/// An answer never asks for an answer (referrals.md 9.2).
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
