//! What an answer of the tracker means, by its status and the code of its `OperationOutcome`.

use super::TrackerError;
use reqwest::StatusCode;
use shared::prescription::Found;
use shared::prescription::bundle::{BundleError, read};

/// Reads an answer. That nothing is known under an id or a number is an answer too.
pub fn answer(status: StatusCode, bytes: &[u8]) -> Result<Found, TrackerError> {
    let said = read(bytes);
    if status.is_success() {
        return match said {
            Ok(found) => Ok(found),
            // As a success it is a mistake of the tracker's.
            Err(error) => Err(unreadable(error)),
        };
    }
    Err(match status {
        StatusCode::NOT_FOUND => {
            // A page of a proxy with this status says nothing about prescriptions.
            return match said {
                Err(BundleError::Refused { code, .. }) if code == "not-found" => Ok(Found::default()),
                Err(error) => Err(unreadable(error)),
                Ok(_) => Err(unreadable(BundleError::OtherKind)),
            };
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => TrackerError::SayMore,
        StatusCode::UNAUTHORIZED => TrackerError::SignInAgain,
        StatusCode::FORBIDDEN => TrackerError::NotAllowed,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => TrackerError::Away(None),
        status if status.is_server_error() => TrackerError::Away(None),
        status => unreadable(Unspecified(status.as_u16())),
    })
}

/// A status that the description does not name.
#[derive(Debug, thiserror::Error)]
#[error("an answer with the unspecified status {0}")]
struct Unspecified(u16);

pub fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> TrackerError {
    TrackerError::Unreadable(Box::new(cause))
}
