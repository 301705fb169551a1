//! Hands a patient over to another pharmacy of this server, and what came of it back to the first.

use super::{Carrier, Handed, SendError};
use crate::app::App;
use crate::intake::forwarded::{Handover, NotHandedOver, hand_over};
use crate::store::{DeliveryRow, FrozenMessage, Route};
use async_trait::async_trait;
use shared::ids::OdsCode;

/// Nothing leaves the server: the other pharmacy's log grows.
#[derive(Clone)]
pub struct HandoverCarrier {
    app: App,
}

impl HandoverCarrier {
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Carrier for HandoverCarrier {
    fn routes(&self) -> &'static [Route] {
        &[Route::Handover]
    }

    /// The receiver knows the delivery again by its id.
    fn may_repeat(&self) -> bool {
        true
    }

    async fn send(&self, row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError> {
        let defect =
            |words: &str| SendError::Refused { code: String::new(), meaning: words.to_owned(), next: true };
        let to: OdsCode =
            message.target.parse().map_err(|_| defect("The other pharmacy's code cannot be read."))?;
        let handover: Handover = serde_json::from_slice(&message.payload)
            .map_err(|_| defect("The message for the other pharmacy cannot be read."))?;
        let pharmacy =
            hand_over(&self.app, &to, row.id, &message.payload, &handover).await.map_err(refused)?;
        let words = match handover {
            Handover::Referral(_) => format!("On the work list of {}.", pharmacy.name),
            Handover::Feedback { .. } => format!("{} was told.", pharmacy.name),
        };
        Ok(Handed { their_id: row.id.to_string(), answers: false, settled: false, words })
    }
}

fn refused(error: NotHandedOver) -> SendError {
    match error {
        NotHandedOver::Nobody(_) | NotHandedOver::NoRecord => {
            SendError::Refused { code: String::new(), meaning: error.to_string(), next: true }
        }
        other => SendError::Unreachable(Box::new(other)),
    }
}
