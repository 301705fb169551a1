//! Referrals by BaRS (FHIR R4, XML and JSON): BaRS Core, and Application 5 *Referrals into Pharmacy*.
//!
//! Reading, checking and answering decide without touching anything; `receive` and `find` use the store. Strict about what
//! the standard lists, liberal about what senders are known to write differently.

mod answer;
mod cancel;
mod definitions;
mod find;
mod headers;
mod message;
mod outcome;
mod people;
mod promise;
mod receive;
mod referral;
mod sections;

#[cfg(test)]
mod tests;

pub use answer::reference;
pub use definitions::{capabilities, context, message_definitions};
pub use find::{Search, find, service_request};
pub use headers::{CORRELATION_ID, Headers, REQUEST_ID, answer_format, content_format};
pub use message::{Event, Message};
pub use outcome::{Outcome, Refusal};
pub use promise::bars_message;
pub use receive::{MAX_BODY, pharmacy, receive};
pub use referral::read_referral;
