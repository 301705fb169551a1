//! A pretend practice: answers a notice as a GP's system would, with one technical and one business response.

use super::update_record::{ACK_WORKFLOW, WORKFLOW};
use crate::intake::xml as foreign;
use crate::nhs::itk3::{Code, Response, UNREADABLE, compose};
use crate::nhs::mesh::Incoming;
use crate::nhs::mesh::simulator::Reply;

/// What the practice's system sends back; nothing for anything that is not a notice.
pub fn answers(message: &Incoming) -> Vec<Reply> {
    if message.workflow != WORKFLOW {
        return Vec::new();
    }
    let Some(asked) = read(&message.body) else {
        let unreadable = Code { code: "10009", display: "Unreadable message received", fatal: true };
        return vec![reply(&Asked::unreadable(), unreadable)];
    };
    vec![
        reply(&asked, Code { code: "20013", display: "Success", fatal: false }),
        reply(
            &asked,
            Code {
                code: "30001",
                display: "Patient known here. (e.g. Patient is registered here)",
                fatal: false,
            },
        ),
    ]
}

/// What its system sends back where it refuses every notice with this code of ITK-ResponseCodes-1.
pub fn refuses(message: &Incoming, code: &str) -> Vec<Reply> {
    let asked = (message.workflow == WORKFLOW).then(|| read(&message.body).unwrap_or_else(Asked::unreadable));
    let refused = Code { code, display: "Refused by the pretend practice", fatal: true };
    asked.map(|asked| reply(&asked, refused)).into_iter().collect()
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
            header: UNREADABLE.to_owned(),
            sender_reference: "None".to_owned(),
            timestamp: "1970-01-01T00:00:00Z".to_owned(),
        }
    }
}

fn read(body: &[u8]) -> Option<Asked> {
    let text = foreign::decode(body).ok()?;
    let document = foreign::parse(&text).ok()?;
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

fn reply(asked: &Asked, code: Code<'_>) -> Reply {
    let response = Response {
        answers: &asked.header,
        about: "",
        sender_reference: &asked.sender_reference,
        ods: "A82648",
        at: &asked.timestamp,
        code,
    };
    Reply { workflow: ACK_WORKFLOW.to_owned(), body: compose(&response) }
}
