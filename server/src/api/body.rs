//! JSON from outside: what cannot be read becomes a problem, not a bare status.

use crate::problem::Problem;
use axum::extract::FromRequest;
use axum::extract::rejection::JsonRejection;

/// A JSON body of type `T`.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Body<T>(pub T);

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
