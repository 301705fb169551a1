//! Makes the message of a delivery whose way could not be made ready when it was planned: a PDF, an address looked up.
//! What is made is frozen before the first try, from exactly the signed heads.

mod bars;
pub mod email;
mod emergency_supply;
mod feedback;
mod handover;
mod letter;
mod mesh;
mod onward;
mod ready;
mod send_document;
#[cfg(test)]
pub(crate) mod tests;

pub(super) use ready::message_for;

use super::Sender;
use super::carrier::SendError;
use super::claim;
use crate::app::App;
use crate::store::{DeliveryKind, DeliveryRow, FrozenMessage, Route, StoreError};
use shared::consultation::{Consultation, Signature, Summary};
use shared::time::Millis;

/// What a message is made of.
pub struct Preparing<'a> {
    pub app: &'a App,
    pub sender: &'a Sender,
    pub row: &'a DeliveryRow,
    /// As it was signed.
    pub signed: &'a Consultation,
    pub signature: &'a Signature,
    pub summary: &'a Summary,
    /// Deliveries of the same kind about the same consultation: ways tried before, earlier amendments.
    pub others: &'a [DeliveryRow],
    pub now: Millis,
}

/// Why no message was made.
#[derive(Debug, thiserror::Error)]
pub enum NotPrepared {
    /// This way cannot be gone; the next may. In words for the pharmacist.
    #[error("{0}")]
    NextWay(String),
    /// A person must do something first. In words for the pharmacist.
    #[error("{0}")]
    Held(String),
    /// Nothing is owed, and this is why it is not sent. In words for the pharmacist.
    #[error("{0}")]
    NotNeeded(String),
    /// Another system has to be asked first and does not answer now: tried again, as a message that could not be sent.
    #[error(transparent)]
    Later(SendError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the message for the delivery's way.
pub async fn prepare(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let notice = preparing.row.kind == DeliveryKind::GpNotice;
    let sent_on = preparing.row.kind == DeliveryKind::OnwardReferral;
    let answers = preparing.row.kind == DeliveryKind::ReferrerFeedback;
    let way = match preparing.row.route {
        Route::Email if notice => return email::gp_notice(preparing).await,
        Route::Email if sent_on => return onward::by_email(preparing).await,
        Route::Email if answers => return feedback::by_email(preparing).await,
        Route::EmergencySupply if notice => return emergency_supply::gp_notice(preparing).await,
        Route::SendDocument if notice => return send_document::gp_notice(preparing).await,
        // Made while planning.
        Route::UpdateRecord => "GP Connect Update Record",
        Route::EmergencySupply => "the emergency-supply message",
        Route::SendDocument => "GP Connect Send Document",
        Route::Email => "secure e-mail",
        Route::Bars => return bars::prepare(preparing),
        Route::Itk3 => "ITK3",
        Route::Handover => return handover::prepare(preparing).await,
        Route::Mys => return claim::prepare(preparing).await,
        Route::Print => "paper",
    };
    Err(NotPrepared::NextWay(format!("This server does not send by {way}.")))
}
