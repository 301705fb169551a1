//! Claims as a way out: NHSBSA knows a claim again by our reference, so an unknown fate is tried again.

use super::{Carrier, Handed, SendError};
use crate::app::App;
use crate::nhs::claims::{Act, ClaimError};
use crate::store::{DeliveryRow, FrozenMessage, Route};
use async_trait::async_trait;

/// Carries claims to Manage Your Service, where this server is set up for it.
#[derive(Clone)]
pub struct ClaimCarrier {
    app: App,
}

impl ClaimCarrier {
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl Carrier for ClaimCarrier {
    fn routes(&self) -> &'static [Route] {
        &[Route::Mys]
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn send(&self, row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError> {
        let ours = |words: &str| SendError::OursToMend(words.to_owned());
        let client = self.app.claims.client.as_ref();
        let client = client.ok_or_else(|| ours("This server is not connected to Manage Your Service."))?;
        let act = Act::of(&message.target)
            .ok_or_else(|| ours("What is to be done about the claim is not known here."))?;
        let at = self.app.clock.now();
        let taken =
            client.send(act, &message.subject, row.id, &message.payload, at).await.map_err(refused)?;
        let words = match act {
            Act::Create => "NHSBSA has taken the claim",
            Act::Amend => "NHSBSA has changed the claim",
            Act::Delete => "NHSBSA has taken the claim back",
        };
        let again = if taken.before { ", at an earlier try" } else { "" };
        let words = format!("{words}{again}: {}.", taken.id);
        Ok(Handed { their_id: taken.id, answers: false, settled: true, words })
    }
}

fn refused(error: ClaimError) -> SendError {
    match error {
        ClaimError::Busy { after } => SendError::Busy { after },
        ClaimError::Unreachable(cause) => SendError::Unreachable(cause.into()),
        ClaimError::Unknown(cause) => SendError::Unknown(cause),
        ClaimError::NotAllowed { status } => SendError::OursToMend(format!(
            "NHSBSA does not accept this server (HTTP {status}). Check its registration."
        )),
        ClaimError::Refused { code, words } => {
            SendError::Refused { code, meaning: words.to_owned(), next: true }
        }
    }
}
