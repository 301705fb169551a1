//! The ways a frozen message leaves: one carrier for each kind of network, chosen by the delivery's way.

mod bars;
mod claim;
mod handover;
mod mail;
mod mesh;

pub use bars::BarsCarrier;
pub use claim::ClaimCarrier;
pub use handover::HandoverCarrier;
pub use mail::MailCarrier;
pub use mesh::Mesh;

use crate::app::App;
use crate::store::{DeliveryRow, FrozenMessage, Route};
use async_trait::async_trait;
use shared::time::Millis;
use std::sync::Arc;

/// Every carrier of this server. A way that none of them carries waits, visibly, until the next one is due.
pub fn all(app: &App) -> Vec<Arc<dyn Carrier>> {
    let mut carriers: Vec<Arc<dyn Carrier>> = Vec::new();
    if app.mesh.any().is_some() {
        carriers.push(Arc::new(Mesh { mailboxes: app.mesh.clone(), clock: app.clock.clone() }));
    }
    // Also where no e-mail leaves: the delivery is told so, and goes the next way.
    carriers.push(Arc::new(MailCarrier::new(app.mail.clone())));
    carriers.push(Arc::new(BarsCarrier::new(app)));
    carriers.push(Arc::new(ClaimCarrier::new(app)));
    carriers.push(Arc::new(HandoverCarrier::new(app.clone())));
    carriers
}

/// Hands frozen messages over. The same bytes may be handed over again after a crash; whether that may happen by itself
/// is [`Carrier::may_repeat`].
#[async_trait]
pub trait Carrier: Send + Sync {
    /// The ways that it carries.
    fn routes(&self) -> &'static [Route];

    /// Whether a message of unknown fate may be sent again by itself: where the other end knows it again by its id.
    fn may_repeat(&self) -> bool;

    async fn send(&self, row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError>;
}

/// A message that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The carrier's own name for it: MESH message id, the mail server's reply.
    pub their_id: String,
    /// An answer will come by itself, and its absence means something.
    pub answers: bool,
    /// The other end has done all that was asked: nothing more is expected of it.
    pub settled: bool,
    /// What the pharmacist reads: `Handed over to MESH. The practice’s system has not answered yet.`
    pub words: String,
}

/// Why a message was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Try again, not before so many milliseconds where the other end said so.
    #[error("The other end is busy.")]
    Busy { after: Option<Millis> },
    #[error("The other end cannot be reached.")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It may have arrived: nothing more was heard after the bytes had left.
    #[error("Nothing was heard after the message had left, so it may have arrived.")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// For good. `next`: another way may be tried.
    #[error("{meaning}")]
    Refused { code: String, meaning: String, next: bool },
    /// For good, and the message itself is at fault: another way is tried, and somebody must know of it.
    #[error("{meaning}")]
    OurDefect { code: String, meaning: String },
    /// Somebody here has to mend something first: certificate, password, clock.
    #[error("{0}")]
    OursToMend(String),
}

impl SendError {
    /// Whether the message may be there all the same. A connection that was made and then broke says nothing about it.
    pub fn may_have_left(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Unreachable(cause) => {
                cause.downcast_ref::<reqwest::Error>().is_some_and(|cause| !cause.is_connect())
            }
            Self::Busy { .. } | Self::Refused { .. } | Self::OurDefect { .. } | Self::OursToMend(_) => false,
        }
    }
}
