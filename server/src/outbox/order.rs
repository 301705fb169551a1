//! Setting by which ways a practice is told, and in which order.

use crate::app::App;
use crate::store::{Route, StoreError};
use shared::ids::OdsCode;

/// The ways by which a practice can be told at all.
const TO_PRACTICES: [Route; 5] =
    [Route::UpdateRecord, Route::EmergencySupply, Route::SendDocument, Route::Email, Route::Print];

/// Why an order was not set.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// In words for whoever sets it.
    #[error("{0}")]
    Words(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets the order for one practice, from its words; none means the usual order again. What is under way stays as it is.
pub async fn set_practice_routes(
    app: &App,
    pharmacy: &OdsCode,
    practice: &OdsCode,
    words: &[String],
) -> Result<(), OrderError> {
    let mut routes = Vec::new();
    for word in words {
        let route = word.parse::<Route>().ok().filter(|route| TO_PRACTICES.contains(route));
        let known = TO_PRACTICES.map(Route::as_str).join(", ");
        let route = route.ok_or_else(|| {
            OrderError::Words(format!("“{word}” is no way to a practice. The ways are {known}."))
        })?;
        if routes.contains(&route) {
            return Err(OrderError::Words(format!("“{word}” stands there twice.")));
        }
        routes.push(route);
    }
    app.store.set_practice_routes(pharmacy, practice, &routes).await?;
    app.senders.forget(pharmacy);
    Ok(())
}
