//! What is answered where a request is not taken: the outcomes of BaRS exactly as they are published, our own words
//! beside them (BaRS API 1.4.0, OperationOutcome, codes `REC_`).

use crate::nhs::fhir::Element;
use uuid::Uuid;

/// A published outcome, by the decision it tells the sender of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The value of a parameter cannot be read.
    Invalid,
    /// The parts of the message do not make a known workflow together.
    Invariant,
    /// A part of the standard that is not served here.
    NotSupported,
    /// Something that must be there is missing.
    Required,
    /// An identifier cannot be read.
    Value,
    /// The sender may not do this to that referral.
    Unauthorized,
    /// The connection did not prove who sends.
    Forbidden,
    NotFound,
    MethodNotAllowed,
    /// Neither of the two formats is wanted.
    NotAcceptable,
    Timeout,
    /// Another message came under this request id.
    Conflict,
    /// This message was stored before.
    Duplicate,
    /// A version of the application that is not served here.
    Version,
    TooMany,
    /// A defect here.
    Exception,
    /// The store is broken.
    NoStore,
    NotImplemented,
    /// The store is busy or away.
    Unavailable,
}

impl Outcome {
    #[cfg(test)]
    pub const ALL: [Self; 19] = [
        Self::Invalid,
        Self::Invariant,
        Self::NotSupported,
        Self::Required,
        Self::Value,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Timeout,
        Self::Conflict,
        Self::Duplicate,
        Self::Version,
        Self::TooMany,
        Self::Exception,
        Self::NoStore,
        Self::NotImplemented,
        Self::Unavailable,
    ];

    /// HTTP status, code of BaRS, code of FHIR, and the published words, their spelling included.
    pub fn published(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::Invalid => {
                (400, "REC_BAD_REQUEST", "invalid", "the context parameter value was invalid (format)")
            }
            Self::Invariant => (
                400,
                "REC_BAD_REQUEST",
                "invariant",
                "A combination of workflow variables has lead to a non-standard or unknown workflow.",
            ),
            Self::NotSupported => (
                400,
                "REC_BAD_REQUEST",
                "not-supported",
                "in FOT for when a function or feature in the standard is not yet supported.",
            ),
            Self::Required => {
                (400, "REC_BAD_REQUEST", "required", "The parameter value was not included in the request.")
            }
            Self::Value => (400, "REC_BAD_REQUEST", "value", "the identifier was in the incorrect format."),
            Self::Unauthorized => (
                401,
                "REC_UNAUTHORIZED",
                "forbidden",
                "The Sending organisation/ software/ practitioner Role does is not allowed to access this information.",
            ),
            Self::Forbidden => (403, "REC_FORBIDDEN", "forbidden", "TLS-MA failure."),
            Self::NotFound => (404, "REC_NOT_FOUND", "not-found", "the resource requested was not found."),
            Self::MethodNotAllowed => (
                405,
                "REC_METHOD_NOT_ALLOWED",
                "not-supported",
                "using the wrong http verb. ie GET instead of POST",
            ),
            Self::NotAcceptable => (
                406,
                "REC_NOT_ACCEPTABLE",
                "processing",
                "Version isnt in FOT and should be ignored in FOT if presented. but post FOT it will be evaluated.",
            ),
            Self::Timeout => (408, "REC_TIMEOUT", "timeout", "The connection to the Receiver timed out."),
            Self::Conflict => (
                409,
                "REC_CONFLICT",
                "conflict",
                "local data updates conflict with the updates in the message.",
            ),
            Self::Duplicate => (
                409,
                "REC_CONFLICT",
                "duplicate",
                "the message has been identified as having already been processed.",
            ),
            Self::Version => (
                422,
                "REC_UNPROCESSABLE_ENTITY",
                "not-supported",
                "the versioning specified is not supported.",
            ),
            Self::TooMany => (429, "REC_TOO_MANY_REQUESTS", "throttled", "when rate limiting is applied."),
            Self::Exception => (500, "REC_SERVER_ERROR", "exception", "unhandled exception."),
            Self::NoStore => (500, "REC_SERVER_ERROR", "no-store", "internal data storage issue."),
            Self::NotImplemented => (
                501,
                "REC_NOT_IMPLEMENTED",
                "not-supported",
                "The receiver has not yet implemented that endpoint or functionality.",
            ),
            Self::Unavailable => (
                503,
                "REC_SERVICE_UNAVAILABLE",
                "transient",
                "The response from the receiver was a 503, with no detail. Also useful if there is a connection failure such as the endpoint not being found, or failing to resolve.",
            ),
        }
    }

    /// The outcome for a failure that arose around the handlers, by its HTTP status.
    pub fn of_status(status: u16) -> Self {
        match status {
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            406 | 415 => Self::NotAcceptable,
            408 | 504 => Self::Timeout,
            409 => Self::Conflict,
            429 => Self::TooMany,
            501 => Self::NotImplemented,
            503 => Self::Unavailable,
            400..=499 => Self::NotSupported,
            _ => Self::Exception,
        }
    }
}

/// Why a request is not taken: the published outcome, and what the sender's people read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Refusal {
    pub outcome: Outcome,
    /// Without patient data: senders log it.
    pub words: String,
}

impl Refusal {
    pub fn new(outcome: Outcome, words: impl Into<String>) -> Self {
        Self { outcome, words: words.into() }
    }

    /// The `OperationOutcome`, under an id of its own.
    pub fn resource(&self, id: Uuid) -> Element {
        let (_, code, issue, diagnostics) = self.outcome.published();
        // The published files spell the system with a small s.
        let details = Element::concept("https://fhir.nhs.uk/Codesystem/http-error-codes", code, "")
            .with("text", self.words.as_str());
        let issue = Element::default()
            .with("severity", "error")
            .with("code", issue)
            .with("details", details)
            .with("diagnostics", diagnostics);
        let profile = "https://simplifier.net/guide/UKCoreDevelopment2/ProfileUKCore-OperationOutcome";
        Element::resource_of("OperationOutcome")
            .with("id", id.to_string())
            .with("meta", Element::default().with("profile", profile))
            .with("issue", issue)
    }
}
