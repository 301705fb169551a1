//! BaRS as a way out: a receiver knows a message again by its request id, so an unknown fate is tried again.

use super::{Carrier, Handed, SendError};
use crate::app::App;
use crate::nhs::bars::codes::dos_id;
use crate::nhs::bars::{BarsError, Sending, Taken};
use crate::nhs::platform::TokenError;
use crate::store::{DeliveryRow, FrozenMessage, Route};
use async_trait::async_trait;
use uuid::Uuid;

/// Carries what goes by BaRS, where this server is set up for it.
#[derive(Clone)]
pub struct BarsCarrier {
    app: App,
}

impl BarsCarrier {
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl Carrier for BarsCarrier {
    fn routes(&self) -> &'static [Route] {
        &[Route::Bars]
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn send(&self, row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError> {
        let app = &self.app;
        let not_set_up = || SendError::OursToMend("This server is not set up to send by BaRS.".to_owned());
        let (client, platform) =
            (app.bars.as_ref().ok_or_else(not_set_up)?, app.platform.as_ref().ok_or_else(not_set_up)?);
        let target = dos_id(&message.target).ok_or_else(|| SendError::Refused {
            code: "no-address".to_owned(),
            meaning: "The referrer gave no address that BaRS can send to.".to_owned(),
            next: true,
        })?;
        let pharmacy =
            app.store.pharmacy(&row.pharmacy).await.map_err(|error| SendError::Unreachable(error.into()))?;
        let name = pharmacy.map(|pharmacy| pharmacy.name).unwrap_or_default();
        let token = platform.as_application(app.clock.now()).await.map_err(|error| match error {
            TokenError::Unavailable(_) => SendError::Unreachable(error.into()),
            refused => {
                SendError::OursToMend(format!("{refused} Nothing can be sent by BaRS until that is mended."))
            }
        })?;
        let sending = Sending {
            target,
            request_id: row.id,
            correlation_id: message.local_id.parse::<Uuid>().unwrap_or(row.id),
            at: app.clock.now(),
            organisation: (row.pharmacy.as_str(), &name),
            body: &message.payload,
        };
        let taken = client.send(&token, &sending).await.map_err(refused)?;
        let words = match taken {
            Taken::Now => "The referrer’s system has taken the answer.",
            Taken::Before => "The referrer’s system had taken the answer already.",
        };
        Ok(Handed { their_id: row.id.to_string(), answers: false, settled: false, words: words.to_owned() })
    }
}

fn refused(error: BarsError) -> SendError {
    match error {
        BarsError::Busy { after } => SendError::Busy { after },
        BarsError::Unreachable(cause) => SendError::Unreachable(cause.into()),
        BarsError::Unknown(cause) => SendError::Unknown(cause),
        BarsError::NotAllowed { code } => SendError::OursToMend(format!(
            "BaRS does not accept this server ({code}). Check its key and registration."
        )),
        BarsError::Refused { code, words } => {
            SendError::Refused { code, meaning: words.to_owned(), next: true }
        }
    }
}
