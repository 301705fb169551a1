//! ITK3: messages between organisations in FHIR STU3, and the answers to them.

mod response;

pub use response::{Code, Response, UNREADABLE, compose};
