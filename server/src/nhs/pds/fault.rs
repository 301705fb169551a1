//! Every error of the PDS FHIR API in one table: what each means for whoever asked.

use super::PdsError;

/// What an error of PDS calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is an answer and no fault.
    Result(Telling),
    /// The same request may succeed in a moment.
    TryAgain,
    /// A person must change what is asked.
    SayMore,
    /// The token is not accepted.
    SignInAgain,
    /// This person or application may not, whatever is tried.
    NotAllowed,
    /// Satchel asked wrongly, or is registered wrongly.
    OurFault,
}

/// Errors that tell something about the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    NoMatch,
    TooMany,
    /// The record was withdrawn.
    Invalidated,
}

/// Status (0: whichever), Spine error code, decision (PDS FHIR API, error tables of patient-get and patient-search;
/// those of updates and creates are here so that a stray one is understood).
pub(super) const TABLE: &[(u16, &str, Decision)] = &[
    // Comes with HTTP 200.
    (0, "TOO_MANY_MATCHES", Decision::Result(Telling::TooMany)),
    (404, "RESOURCE_NOT_FOUND", Decision::Result(Telling::NoMatch)),
    (404, "INVALIDATED_RESOURCE", Decision::Result(Telling::Invalidated)),
    (400, "INVALID_SEARCH_DATA", Decision::SayMore),
    (400, "UNSUPPORTED_CHARACTERS_IN_FIELD", Decision::SayMore),
    (401, "ACCESS_DENIED", Decision::SignInAgain),
    (403, "ACCESS_DENIED", Decision::NotAllowed),
    (403, "FORBIDDEN_UPDATE", Decision::NotAllowed),
    (408, "UNABLE_TO_CALL_SERVICE", Decision::TryAgain),
    (429, "TOO_MANY_REQUESTS", Decision::TryAgain),
    (503, "SERVICE_UNAVAILABLE", Decision::TryAgain),
    // A wrong check digit never leaves here, so a number that PDS calls no number is our mistake.
    (400, "INVALID_RESOURCE_ID", Decision::OurFault),
    (400, "UNSUPPORTED_SERVICE", Decision::OurFault),
    (400, "MISSING_VALUE", Decision::OurFault),
    (400, "INVALID_VALUE", Decision::OurFault),
    (403, "INVALID_VALUE", Decision::OurFault),
    (403, "INVALID_METHOD", Decision::OurFault),
    (400, "ADDITIONAL_PROPERTIES", Decision::OurFault),
    (400, "INVALID_UPDATE", Decision::OurFault),
    (400, "INVALID_CREATE", Decision::OurFault),
    (400, "VALIDATION_ERROR", Decision::OurFault),
    (400, "UNSUPPORTED_VALUE", Decision::OurFault),
    (400, "TOO_FEW_VALUES_SUBMITTED", Decision::OurFault),
    (400, "TOO_MANY_VALUES_SUBMITTED", Decision::OurFault),
    (400, "INSERT_BIRTH_DEATH_STATUS_INCONSISTENT", Decision::OurFault),
    (409, "RESOURCE_VERSION_MISMATCH", Decision::OurFault),
    (412, "PRECONDITION_FAILED", Decision::OurFault),
];

/// What an error calls for. `None` for one that PDS does not specify: then nothing is known of the patient, least of
/// all that there is none.
pub fn decision(status: u16, code: &str) -> Option<Decision> {
    let known = TABLE.iter().find(|(at, name, _)| *name == code && (*at == status || *at == 0));
    known.map(|(_, _, decision)| *decision).or(match status {
        401 => Some(Decision::SignInAgain),
        403 if !code.is_empty() => Some(Decision::NotAllowed),
        // Proxies and the platform's own gateway write no code of Spine.
        408 | 429 | 502..=504 => Some(Decision::TryAgain),
        400..=499 if !code.is_empty() && status != 404 => Some(Decision::OurFault),
        _ => None,
    })
}

/// An error that has an OperationOutcome without any of these codes, or none at all.
#[derive(Debug, thiserror::Error)]
#[error("PDS answered {status} with the code “{code}”, which means nothing here")]
pub(super) struct Unspecified {
    pub status: u16,
    pub code: String,
}

/// The error for a decision that is no result; `status` tells the busy from those that are away.
pub(super) fn error(decision: Decision, status: u16, code: &str) -> PdsError {
    match decision {
        Decision::TryAgain if status == 429 => PdsError::Busy,
        Decision::TryAgain => PdsError::Away(None),
        Decision::SayMore => PdsError::SayMore,
        Decision::SignInAgain => PdsError::SignInAgain,
        Decision::NotAllowed => PdsError::NotAllowed,
        Decision::OurFault | Decision::Result(_) => PdsError::OurFault { code: code.to_owned() },
    }
}
