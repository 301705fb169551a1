//! JSON from outside: what cannot be read becomes a problem, not a bare status.

use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

/// A JSON body of type `T`, without the one character that PostgreSQL cannot keep in a text.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let body = Request::from_parts(head.clone(), body);
        let bytes = Bytes::from_request(body, state).await.map_err(JsonRejection::from)?;
        if holds_nul(&bytes) {
            return Err(Problem::Invalid(
                "The text holds a character that cannot be kept (NUL, the one with the code 0). Type it again \
                 instead of pasting it."
                    .to_owned(),
            ));
        }
        let request = Request::from_parts(head, bytes.into());
        let Json(body) = Json::from_request(request, state).await?;
        Ok(Self(body))
    }
}

/// Whether a text in this JSON holds NUL, which JSON writes only as `\u0000`.
fn holds_nul(json: &[u8]) -> bool {
    let escapes = json.windows(6).enumerate().filter(|(_, six)| *six == br"\u0000");
    // After an uneven number of backslashes the last of them is itself escaped: then it is no escape.
    escapes
        .into_iter()
        .any(|(at, _)| json[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0)
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::UnsupportedContent,
            JsonRejection::BytesRejection(_) => Self::TooLarge,
            // What serde says may quote the body, so it is not passed on.
            _ => Self::Invalid("The request could not be read. Reload the app, then try again.".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_told_from_the_words_that_write_one() {
        let nul = serde_json::to_vec(&["Asha\0"]).expect("JSON");
        assert!(holds_nul(&nul));
        assert!(holds_nul(br#"{"name": "\\\u0000"}"#), "after an escaped backslash");
        let words = serde_json::to_vec(&[r"type \u0000"]).expect("JSON");
        assert!(!holds_nul(&words));
    }
}
