//! Every failure that leaves the server, as `application/problem+json` (RFC 9457) through one table.

use crate::nhs::ods::OdsError;
use crate::nhs::pds::PdsError;
use crate::nhs::platform::TokenError;
use crate::nhs::prescription_tracker::TrackerError;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::people::Permission;
use uuid::Uuid;

/// A failure as the person in front of the screen meets it. Its cause is logged once and never leaves.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("Sign in with your passkey to go on.")]
    NotSignedIn,
    #[error("Your role at this pharmacy does not allow this: it takes somebody who may {}.", .0.words())]
    MayNot(Permission),
    #[error("This needs a sign-in of the last few minutes. Sign in again, then try once more.")]
    SignInAgain,
    /// Names what is missing: `"This device"`.
    #[error("{0} was not found. It may have been removed, or the address is mistyped.")]
    NotFound(&'static str),
    /// What is wrong and how to put it right, in whole sentences.
    #[error("{0}")]
    Invalid(String),
    /// Somebody or something was there first; whole sentences.
    #[error("{0}")]
    Conflict(String),
    #[error("This enrolment link has been used, withdrawn or mistyped. Ask for a new one.")]
    LinkUnknown,
    #[error("This enrolment link has expired. Ask for a new one.")]
    LinkExpired,
    #[error("The passkey was not accepted. Try again, or use another passkey.")]
    PasskeyRefused(#[source] Option<webauthn_rs::prelude::WebauthnError>),
    #[error("This took too long or was begun in another tab. Start again.")]
    CeremonyExpired,
    #[error("The token is missing, or is not the one that is set here.")]
    TokenRefused,
    #[error("This request came from another website and was not carried out.")]
    ForeignOrigin,
    #[error("This needs a sign-in with CIS2. Sign in with CIS2 to do this.")]
    Cis2Needed,
    /// An NHS service is away: `"The Personal Demographics Service"`. Nothing was changed there.
    #[error("{service} does not answer at the moment. Go on without it, and try again later.")]
    Upstream {
        service: &'static str,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An NHS service is there and refuses us: settings or onboarding, which nobody at this screen can put right.
    #[error(
        "{service} did not accept this server. Go on without it, and tell whoever looks after the server."
    )]
    UpstreamRefused {
        service: &'static str,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing was learnt from PDS; the words are its own.
    #[error("{0}")]
    Pds(#[source] PdsError),
    /// Nothing was learnt from ODS; the words are its own.
    #[error("{0}")]
    Ods(#[source] OdsError),
    /// Nothing was learnt from the prescription tracker; the words are its own.
    #[error("{0}")]
    Tracker(#[source] TrackerError),
    #[error("The request is larger than the server takes.")]
    TooLarge,
    #[error("Too many tries in a short time. Wait a minute, then try again.")]
    TooMany,
    #[error("The server does not take this kind of content here.")]
    UnsupportedContent,
    #[error("The server did not finish in time. What was not confirmed was not stored. Try again.")]
    TimedOut,
    #[error("This request cannot be made at this address.")]
    MethodNotAllowed,
    #[error("The server is busy or starting. Try again in a moment.")]
    Busy(#[source] Option<StoreError>),
    #[error("Something went wrong on the server. Try again; if it goes on, tell whoever looks after it.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Problem {
    /// For what should not happen; the cause goes to the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The table: status, stable name, title.
    pub fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not-signed-in", "You are not signed in"),
            Self::MayNot(_) => (StatusCode::FORBIDDEN, "role-may-not", "Your role does not allow this"),
            Self::SignInAgain => (StatusCode::FORBIDDEN, "sign-in-again", "Sign in again"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Something needs correcting"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict", "This has changed in the meantime"),
            Self::LinkUnknown => (StatusCode::NOT_FOUND, "link-unknown", "This link does not work"),
            Self::LinkExpired => (StatusCode::GONE, "link-expired", "This link has expired"),
            Self::PasskeyRefused(_) => {
                (StatusCode::UNAUTHORIZED, "passkey-refused", "The passkey was not accepted")
            }
            Self::CeremonyExpired => (StatusCode::CONFLICT, "ceremony-expired", "Start again"),
            Self::TokenRefused => (StatusCode::UNAUTHORIZED, "token-refused", "The token was not accepted"),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign-origin", "Not from this website"),
            Self::Cis2Needed => (StatusCode::FORBIDDEN, "cis2-needed", "Sign in with CIS2"),
            Self::Upstream { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-away", "An NHS service does not answer")
            }
            Self::UpstreamRefused { .. } => {
                (StatusCode::BAD_GATEWAY, "nhs-service-refused", "An NHS service did not accept this server")
            }
            Self::Pds(error) => match error {
                PdsError::NotSetUp => {
                    (StatusCode::NOT_IMPLEMENTED, "nhs-service-not-set-up", "Not connected to PDS")
                }
                PdsError::Busy => {
                    (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-busy", "PDS is asked by too many")
                }
                PdsError::Away(_) => {
                    (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-away", "PDS does not answer")
                }
                PdsError::SayMore => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "PDS could not search with this")
                }
                PdsError::SignInAgain => (StatusCode::FORBIDDEN, "cis2-needed", "Sign in with CIS2"),
                PdsError::NotAllowed => {
                    (StatusCode::FORBIDDEN, "nhs-role-may-not", "Your NHS role does not allow this")
                }
                PdsError::OurFault { .. } | PdsError::Unreadable(_) => {
                    (StatusCode::BAD_GATEWAY, "nhs-service-refused", "PDS could not be used")
                }
            },
            Self::Ods(error) => match error {
                OdsError::NotSetUp => {
                    (StatusCode::NOT_IMPLEMENTED, "nhs-service-not-set-up", "Not connected to ODS")
                }
                OdsError::Away(_) => {
                    (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-away", "ODS does not answer")
                }
                OdsError::SayMore => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "ODS could not search with this")
                }
                OdsError::Refused { .. } | OdsError::Unreadable(_) => {
                    (StatusCode::BAD_GATEWAY, "nhs-service-refused", "ODS could not be used")
                }
            },
            Self::Tracker(error) => match error {
                TrackerError::NotSetUp => {
                    (StatusCode::NOT_IMPLEMENTED, "nhs-service-not-set-up", "Not connected to the tracker")
                }
                TrackerError::Away(_) => {
                    (StatusCode::SERVICE_UNAVAILABLE, "nhs-service-away", "The tracker does not answer")
                }
                TrackerError::SayMore => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The tracker could not search with this")
                }
                TrackerError::SignInAgain => (StatusCode::FORBIDDEN, "cis2-needed", "Sign in with CIS2"),
                TrackerError::NotAllowed => {
                    (StatusCode::FORBIDDEN, "nhs-role-may-not", "Your NHS role does not allow this")
                }
                TrackerError::Unreadable(_) => {
                    (StatusCode::BAD_GATEWAY, "nhs-service-refused", "The tracker could not be used")
                }
            },
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many tries"),
            Self::UnsupportedContent => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-content", "Not this kind of content")
            }
            Self::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "timed-out", "The server took too long"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not possible here")
            }
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy"),
            Self::Internal(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on the server")
            }
        }
    }

    /// The body, with a fresh correlation id; logs the cause under the same id.
    pub fn body(&self) -> shared::api::Problem {
        let (status, name, title) = self.parts();
        let correlation = Uuid::new_v4().simple().to_string();
        match std::error::Error::source(self) {
            Some(cause) if status.is_server_error() => {
                tracing::error!(%correlation, problem = name, cause = %chain(cause), "a request failed");
            }
            Some(cause) => {
                tracing::warn!(%correlation, problem = name, cause = %chain(cause), "a request was refused");
            }
            None => tracing::info!(%correlation, problem = name, "a request was refused"),
        }
        shared::api::Problem {
            r#type: format!("/problems/{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            correlation,
        }
    }
}

/// An error and everything beneath it, on one line.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut deeper = error.source();
    while let Some(cause) = deeper {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        deeper = cause.source();
    }
    line
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::Busy(Some(error)),
            StoreError::Conflict => Self::Conflict(error.to_string()),
            StoreError::Broken(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        const SERVICE: &str = "The NHS API platform";
        match error {
            TokenError::Cis2Needed => Self::Cis2Needed,
            away @ TokenError::Unavailable(_) => Self::Upstream { service: SERVICE, cause: away.into() },
            refused @ TokenError::Refused { .. } => {
                Self::UpstreamRefused { service: SERVICE, cause: refused.into() }
            }
        }
    }
}

impl From<OdsError> for Problem {
    fn from(error: OdsError) -> Self {
        Self::Ods(error)
    }
}

impl From<TrackerError> for Problem {
    fn from(error: TrackerError) -> Self {
        Self::Tracker(error)
    }
}

impl From<PdsError> for Problem {
    fn from(error: PdsError) -> Self {
        Self::Pds(error)
    }
}

impl From<tower_sessions::session::Error> for Problem {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body();
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let (status, _, _) = self.parts();
        let mut answer = (status, [(header::CONTENT_TYPE, kind)], json).into_response();
        if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Error as IoError;

    #[test]
    fn the_cause_stays_inside() {
        let cause = IoError::other("/var/lib/satchel.db: patient 9000000009");
        let body = Problem::from(StoreError::broken(cause)).body();
        let sent = serde_json::to_string(&body).expect("a problem serialises");
        assert!(!sent.contains("satchel.db") && !sent.contains("9000000009"), "{sent}");
        assert_eq!(body.status, 500);
    }

    #[test]
    fn a_refusal_says_what_the_role_lacks() {
        let body = Problem::MayNot(Permission::AdministerPharmacy).body();
        assert_eq!((body.status, body.r#type.as_str()), (403, "/problems/role-may-not"));
        assert!(body.detail.contains("invite people"), "{}", body.detail);
    }

    #[test]
    fn two_failures_are_told_apart_in_the_log() {
        assert_ne!(Problem::NotSignedIn.body().correlation, Problem::NotSignedIn.body().correlation);
    }
}
