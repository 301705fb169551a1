//! Why a 111 message was not taken, in the words the sender reads.

use crate::intake::xml::Unreadable;

/// Whose mistake it is, as SOAP 1.1 names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultCode {
    /// The message must change before it is sent again.
    Client,
    /// A header that had to be understood is not known here.
    MustUnderstand,
    /// The message may be right; it should be sent again later.
    Server,
}

impl FaultCode {
    /// The word after the namespace prefix in `faultcode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::MustUnderstand => "MustUnderstand",
            Self::Server => "Server",
        }
    }
}

/// A refusal, ready to be sent as a SOAP fault (ITK 2.2 `ToolkitErrorInfo`). Holds nothing about a patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    pub code: FaultCode,
    /// 1000 for the sender's mistake, 2200 for ours (ITK 2.2 error codes).
    pub itk_code: u16,
    /// What is wrong, in plain words.
    pub text: String,
    /// What was found where, for the sender's engineer.
    pub diagnostic: String,
    /// WS-Addressing id of the refused message; empty when it could not be read.
    pub relates_to: String,
}

impl Fault {
    /// The sender has to change the message.
    pub fn client(text: impl Into<String>, diagnostic: impl Into<String>) -> Self {
        Self {
            code: FaultCode::Client,
            itk_code: 1000,
            text: text.into(),
            // A diagnostic quotes the message; an absurd message must not make an absurd answer.
            diagnostic: diagnostic.into().chars().take(400).collect(),
            relates_to: String::new(),
        }
    }

    /// A header marked `mustUnderstand` is not known here (SOAP 1.1, 4.2.3).
    pub fn must_understand(header: &str) -> Self {
        Self {
            code: FaultCode::MustUnderstand,
            diagnostic: format!("SOAP header: {header}"),
            ..Self::client("A header of the message must be understood and is not known here.", "")
        }
    }

    /// Something failed here; the sender may try again.
    pub fn internal() -> Self {
        Self {
            code: FaultCode::Server,
            itk_code: 2200,
            ..Self::client("The message could not be stored. Nothing was kept. Send it again.", "")
        }
    }

    pub(super) fn relating_to(mut self, message_id: &str) -> Self {
        message_id.clone_into(&mut self.relates_to);
        self
    }
}

impl From<Unreadable> for Fault {
    fn from(why: Unreadable) -> Self {
        let text = match why {
            Unreadable::NotUtf8 { .. } | Unreadable::NotUtf16 => "The message is not readable text.",
            Unreadable::NotXml { .. } => "The message is not well-formed XML.",
            Unreadable::Doctype => {
                "The message holds a document type definition, which is not accepted. Remove the DOCTYPE and its entities."
            }
            Unreadable::TooMany => "The message has too many elements.",
            Unreadable::TooDeep => "The message is nested too deeply.",
            Unreadable::TooManyAttributes => "An element of the message has too many attributes.",
            Unreadable::TooManyNamespaces => "The message declares too many namespaces.",
        };
        Self::client(text, format!("Found: {why}."))
    }
}
