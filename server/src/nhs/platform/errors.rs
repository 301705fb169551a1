//! What the platform's refusals mean, as one table (NHS API platform, OAuth 2.0 errors).

use super::wire::ErrorAnswer;
use reqwest::StatusCode;
use std::sync::Arc;

/// Why there is no token, as a decision for the caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// Nobody in this session is signed in with CIS2, or no longer: ask for it, then try again.
    #[error("This needs a sign-in with CIS2. Sign in with CIS2 to do this.")]
    Cis2Needed,
    /// Try again later.
    #[error("The NHS API platform does not answer at the moment. Try again later.")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The same request would be refused again: settings or onboarding have to be put right.
    #[error(
        "The NHS API platform refused this server ({code}): {meaning}. Whoever looks after the server has to put it right."
    )]
    Refused {
        /// The platform's own word, `invalid_client`; or `HTTP 418` where it gave none.
        code: String,
        /// What it means, in our words.
        meaning: &'static str,
        /// The platform's name for this answer, for its support desk; may be empty.
        message_id: String,
    },
}

impl TokenError {
    /// For anything that may be otherwise in a minute.
    pub fn away(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }
}

/// An answer that says "later".
#[derive(Debug, thiserror::Error)]
#[error("the token endpoint answered {0}")]
pub struct Later(pub StatusCode);

/// One row: status, error, how its description begins or what stands in it, what it means.
struct Row(u16, &'static str, &'static str, &'static str);

const SIGN_IN_AGAIN: &str = "the healthcare worker has to sign in with CIS2 again";
const CLOCK: &str = "the server’s clock is wrong, or the request took minutes";
const OURS: &str = "the request was not in the form the platform asks for; this is a fault of Satchel";

const TABLE: &[Row] = &[
    Row(400, "invalid_request", "'exp'", CLOCK),
    Row(400, "invalid_request", "'jti'", "the request was sent twice; this is a fault of Satchel"),
    Row(
        400,
        "invalid_request",
        "'iss'/'sub'",
        "SATCHEL_NHS_API_KEY is not the key of an application of this environment",
    ),
    Row(400, "invalid_request", "'alg'", OURS),
    Row(400, "invalid_request", "'kid'", OURS),
    Row(400, "invalid_request", "'typ'", OURS),
    Row(400, "invalid_request", "client_assertion", OURS),
    Row(400, "invalid_request", "Malformed", OURS),
    Row(
        400,
        "invalid_request",
        "subject_token",
        "the platform does not take the CIS2 sign-in: is this CIS2 environment the one it is connected to?",
    ),
    Row(400, "invalid_request", "", OURS),
    Row(
        401,
        "invalid_request",
        "'kid'",
        "SATCHEL_NHS_API_KID names no key that is registered; a new key counts an hour after it was published",
    ),
    Row(
        401,
        "invalid_request",
        "'iss'/'sub'",
        "SATCHEL_NHS_API_KEY is not the key of an application of this environment",
    ),
    Row(
        401,
        "invalid_request",
        "'aud'",
        "SATCHEL_NHS_API_URL is not exactly the address of this environment",
    ),
    Row(401, "invalid_request", "", "the platform does not know this application"),
    Row(
        401,
        "public_key error",
        "",
        "SATCHEL_NHS_API_PRIVATE_KEY is not the private half of the key that is registered",
    ),
    Row(403, "public_key error", "", "no public key is registered for this application"),
    Row(400, "unsupported_grant_type", "", OURS),
    Row(401, "invalid_grant", "", SIGN_IN_AGAIN),
    Row(400, "invalid_grant", "", SIGN_IN_AGAIN),
    Row(401, "invalid_client", "", "SATCHEL_NHS_API_KEY or SATCHEL_NHS_API_SECRET is wrong"),
    Row(
        401,
        "unauthorized_client",
        "",
        "this application is not subscribed to the API, or not for this assurance level",
    ),
];

/// What to do about an answer that is not a token.
pub fn refused(status: StatusCode, answer: ErrorAnswer) -> TokenError {
    let later = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if later || status.is_server_error() {
        return TokenError::away(Later(status));
    }
    let known = TABLE.iter().find(|Row(code, error, says, _)| {
        *code == status.as_u16() && *error == answer.error && answer.error_description.contains(says)
    });
    let meaning = known.map_or("it gave a reason that is not in its documentation", |row| row.3);
    if meaning == SIGN_IN_AGAIN {
        return TokenError::Cis2Needed;
    }
    let code = if answer.error.is_empty() { format!("HTTP {}", status.as_u16()) } else { answer.error };
    TokenError::Refused { code, meaning, message_id: answer.message_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(status: u16, error: &str, description: &str) -> TokenError {
        let status = StatusCode::from_u16(status).expect("a status");
        let answer = ErrorAnswer {
            error: error.to_owned(),
            error_description: description.to_owned(),
            ..ErrorAnswer::default()
        };
        refused(status, answer)
    }

    #[test]
    fn every_refusal_the_platform_documents_says_what_to_put_right() {
        let named = [
            (
                400,
                "invalid_request",
                "Invalid exp claim in JWT - more than 5 minutes in future",
                "fault of Satchel",
            ),
            (400, "invalid_request", "Missing or invalid 'exp'", "clock"),
            (400, "invalid_request", "Missing, invalid or non-unique 'jti'", "twice"),
            (401, "invalid_request", "Invalid 'kid' header - no matching public key", "SATCHEL_NHS_API_KID"),
            (401, "invalid_request", "Missing or invalid 'aud'", "SATCHEL_NHS_API_URL"),
            (401, "public_key error", "JWT signature verification failed", "PRIVATE_KEY"),
            (403, "public_key error", "no public key", "registered"),
            (401, "unauthorized_client", "", "subscribed"),
        ];
        for (status, error, description, part) in named {
            match meaning(status, error, description) {
                TokenError::Refused { meaning, .. } => {
                    assert!(meaning.contains(part), "{description}: {meaning}");
                }
                other => panic!("{description}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_refresh_that_is_over_asks_for_cis2() {
        let over = meaning(401, "invalid_grant", "refresh token refresh period has expired");
        assert!(matches!(over, TokenError::Cis2Needed));
    }

    #[test]
    fn too_many_requests_and_outages_pass() {
        for status in [429, 408, 500, 502, 503, 504] {
            assert!(matches!(meaning(status, "", ""), TokenError::Unavailable(_)), "{status}");
        }
    }

    #[test]
    fn an_unknown_refusal_is_not_taken_for_an_outage() {
        assert!(matches!(meaning(418, "", ""), TokenError::Refused { code, .. } if code == "HTTP 418"));
    }
}
