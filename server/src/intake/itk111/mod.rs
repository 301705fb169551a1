//! NHS 111 reports as ITK 2.2 sends them: SOAP 1.1 around one or more CDA documents.
//!
//! Strict about the envelope, which decides who a report is for; liberal about formats inside it.

pub(super) mod cda;
mod entries;
mod envelope;
mod fault;
pub(super) mod people;
mod respond;
pub(super) mod sections;
pub(super) mod times;
mod triage;

#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultCode};
pub use respond::{CONTENT_TYPE, fault_body, success_body};

use super::{Arrived, Part, narrative, xml};
use shared::ids::OdsCode;
use shared::time::Millis;
use std::cmp::Reverse;

/// Bytes of the largest message taken. Real ones, attachments included, stay under 200 kB.
pub const MAX_BODY: usize = 5 * 1024 * 1024;

/// What is asked of a message beyond its structure. Checks that are `None` or `false` are not made.
#[derive(Debug, Clone, Copy)]
pub struct Accepting<'a> {
    pub now: Millis,
    pub max_bytes: usize,
    /// The address senders were given; compared with WS-Addressing `To`.
    pub expected_to: Option<&'a str>,
    /// Whether now must lie within the message's own `Created` and `Expires`.
    pub check_timestamp: bool,
    /// The user name of the WS-Security token.
    pub expected_user: Option<&'a str>,
}

impl Accepting<'_> {
    /// No optional check, [`MAX_BODY`] bytes.
    pub fn anything(now: Millis) -> Self {
        Self { now, max_bytes: MAX_BODY, expected_to: None, check_timestamp: false, expected_user: None }
    }
}

/// Whom a message is addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    Ods(OdsCode),
    /// A Directory of Services id.
    Dos(String),
}

/// What one ITK message holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// WS-Addressing id of this sending; empty when there was none.
    pub message_id: String,
    pub service: String,
    /// At least one.
    pub addressed_to: Vec<Address>,
    /// Primary recipient, not a copy.
    pub for_action: bool,
    pub repeat_caller: bool,
    /// Under the ITK `trackingid`.
    pub arrived: Arrived,
}

/// Reads and checks one message. Whether it is for this pharmacy is the caller's question.
pub fn read(body: &[u8], accepting: &Accepting<'_>) -> Result<Report, Fault> {
    if body.len() > accepting.max_bytes {
        return Err(Fault::client(
            "The message is too large.",
            format!("{} bytes; at most {} are taken.", body.len(), accepting.max_bytes),
        ));
    }
    let text = xml::decode(body)?;
    let document = xml::parse(&text)?;
    let root = document.root_element();
    let message_id = envelope::message_id(root);
    read_envelope(root, &message_id, accepting).map_err(|fault| fault.relating_to(&message_id))
}

fn read_envelope(
    root: roxmltree::Node<'_, '_>,
    message_id: &str,
    accepting: &Accepting<'_>,
) -> Result<Report, Fault> {
    let envelope = envelope::read(root, accepting)?;
    let mut documents = envelope
        .payloads
        .iter()
        .map(|payload| cda::read(payload, &envelope, accepting))
        .collect::<Result<Vec<_>, _>>()?;
    documents.sort_by_key(|document| Reverse(document.age()));
    name_earlier(&mut documents, &envelope.tracking_id);
    let repeat_caller = envelope.repeat_caller || several_cases(&documents);
    for document in &mut documents {
        if let Part::Report { referral, .. } = document {
            referral.repeat_caller = repeat_caller;
        }
    }
    Ok(Report {
        message_id: message_id.to_owned(),
        service: envelope.service,
        addressed_to: envelope.addressed_to,
        for_action: envelope.for_action,
        repeat_caller,
        arrived: Arrived { message_id: envelope.tracking_id, parts: documents },
    })
}

/// Reports of different cases about one patient; versions of one report are not a second call.
fn several_cases(documents: &[Part]) -> bool {
    let mut sets = documents.iter().filter_map(|document| match document {
        Part::Report { referral, .. } => Some(&referral.document_set),
        Part::Withdrawal(_) => None,
    });
    let first = sets.next();
    sets.any(|set| Some(set) != first)
}

/// Gives the older reports of a message ids of their own, so that each can be kept under one.
fn name_earlier(documents: &mut [Part], tracking_id: &str) {
    let reports = documents.iter_mut().filter_map(|document| match document {
        Part::Report { referral, .. } => Some(referral),
        Part::Withdrawal(_) => None,
    });
    for (place, referral) in reports.enumerate().skip(1) {
        referral.message_id = format!("{tracking_id}/{place}");
    }
}

/// The first choice that says anything; empty when none does.
pub(super) fn first_said<const N: usize>(choices: [String; N]) -> String {
    choices.into_iter().find(|choice| !choice.is_empty()).unwrap_or_default()
}
