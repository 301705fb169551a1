//! Brings together what a message is made of: the record as it was signed, and what went before.

use super::{NotPrepared, Preparing, prepare};
use crate::app::App;
use crate::outbox::{plan, sender};
use crate::problem::chain;
use crate::store::{DeliveryRow, FrozenMessage};
use shared::consultation::{parse_heads, summarise};
use shared::pathway;

/// The message of a delivery that was planned without one.
pub(in crate::outbox) async fn message_for(
    app: &App,
    row: &DeliveryRow,
) -> Result<FrozenMessage, NotPrepared> {
    let held = |words: &str| NotPrepared::Held(words.to_owned());
    let opened = match app.open_documents.open(&*app.store, &row.pharmacy, &row.consultation).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return Err(held("The record is not there any more, so nothing can be sent about it.")),
        Err(error) => {
            tracing::error!(delivery = %row.id, cause = %chain(&error), "a record to be told about cannot be opened");
            return Err(held("The record cannot be read, so nothing was sent. Phone instead."));
        }
    };
    let mut document = opened.document;
    let unreadable = |_| held("What was signed cannot be read back, so nothing was sent. Phone instead.");
    let latest = document.read().map_err(unreadable)?;
    let signature = plan::standing(&latest).remove(&row.amendment);
    let signature =
        signature.ok_or_else(|| held("The signature is not in the record, so nothing was sent."))?;
    let signed = document.read_at(&parse_heads(&signature.heads)).map_err(unreadable)?;
    let pathway = pathway::find(&signed.pathway)
        .ok_or_else(|| held("This server does not know the pathway of this record. Update the server."))?;
    let sender = sender(app, &row.pharmacy).await?;
    let sender = sender.ok_or_else(|| held("This pharmacy is not on this server any more."))?;
    let mut others = app.store.deliveries_of(&row.consultation).await?;
    others.retain(|other| other.kind == row.kind && other.id != row.id);
    prepare(&Preparing {
        app,
        sender: &sender,
        row,
        signed: &signed,
        signature,
        summary: &summarise(&signed, pathway),
        others: &others,
        now: app.clock.now(),
    })
    .await
}
