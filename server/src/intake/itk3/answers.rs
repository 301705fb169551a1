//! Which answers a letter gets: exactly those that were asked for, each a message of its own (ITK3 Messaging Distribution).

use super::read::{Asked, Letter, Unanswerable};
use crate::nhs::itk3::{Code, Response, UNREADABLE, compose};
use crate::store::IncomingMessage;
use shared::time::stored;

/// ITK-ResponseCodes-1, as far as this server answers with them.
const SUCCESS: Code<'static> = Code { code: "20013", display: "Success", fatal: false };
const UNREADABLE_CODE: Code<'static> =
    Code { code: "10009", display: "Unreadable message received", fatal: true };
const DUPLICATE: Code<'static> = Code { code: "20007", display: "Duplicate Message received", fatal: false };
const NOT_HERE: Code<'static> =
    Code { code: "20002", display: "Unrecognised Recipient Organisation", fatal: true };
const NO_DOCUMENT: Code<'static> = Code { code: "20009", display: "Payload validation failure", fatal: true };
const KNOWN: Code<'static> =
    Code { code: "30001", display: "Patient known here. (e.g. Patient is registered here)", fatal: false };
const NOT_KNOWN: Code<'static> = Code {
    code: "30002",
    display: "Patient not known here. (aka 'patient record not present in system')",
    fatal: true,
};

/// What became of a letter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Whom it is addressed to is none of ours.
    ForNobody,
    /// It came before, byte for byte.
    Before,
    /// It waits for a person.
    Now {
        /// The patient has a record here.
        known: bool,
    },
}

/// One message to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// A MESH mailbox.
    pub to: String,
    /// That of the message answered, with `_ACK`.
    pub workflow: String,
    pub local_id: String,
    pub code: &'static str,
    pub body: Vec<u8>,
}

/// The answers to one message by the organisation of that ODS code: what was asked for, and nothing for what is itself an
/// answer.
pub fn answers(
    message: &IncomingMessage,
    ods: &str,
    read: Result<&Letter, &Unanswerable>,
    taken: Taken,
) -> Vec<Answer> {
    if message.workflow.ends_with("_ACK") {
        return Vec::new();
    }
    let unread = Asked { inf: true, header: UNREADABLE.to_owned(), ..Asked::default() };
    let (asked, codes) = match read {
        Err(Unanswerable::Answer) => return Vec::new(),
        Err(Unanswerable::Unreadable(_)) => (&unread, vec![UNREADABLE_CODE]),
        Ok(letter) => (&letter.asked, codes(letter, taken)),
    };
    codes.into_iter().map(|code| answer(message, ods, asked, code)).collect()
}

fn codes(letter: &Letter, taken: Taken) -> Vec<Code<'static>> {
    let technical = match (letter.has_document, taken) {
        (_, Taken::ForNobody) => NOT_HERE,
        (false, _) => NO_DOCUMENT,
        (true, Taken::Before) => DUPLICATE,
        (true, Taken::Now { .. }) => SUCCESS,
    };
    let mut codes = Vec::new();
    if letter.asked.inf {
        codes.push(technical);
    }
    // What was said about the patient the first time stands; of whom is sent to somebody else nothing is known.
    if letter.asked.bus
        && letter.has_document
        && let Taken::Now { known } = taken
    {
        codes.push(if known { KNOWN } else { NOT_KNOWN });
    }
    codes
}

fn answer(message: &IncomingMessage, ods: &str, asked: &Asked, code: Code<'static>) -> Answer {
    let response = Response {
        answers: &asked.header,
        about: if asked.header == UNREADABLE { &message.id } else { "" },
        sender_reference: if asked.sender_reference.is_empty() { "None" } else { &asked.sender_reference },
        ods,
        at: &stored(message.received_at),
        code,
    };
    Answer {
        to: if is_mailbox(&asked.source) { asked.source.clone() } else { message.sender.clone() },
        workflow: format!("{}_ACK", message.workflow),
        local_id: ods.to_owned(),
        code: code.code,
        body: compose(&response),
    }
}

/// `X26OT112`: letters and digits; an endpoint may also be an address of another kind.
fn is_mailbox(endpoint: &str) -> bool {
    (7..=12).contains(&endpoint.len())
        && endpoint.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
