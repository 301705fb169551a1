//! After a restore nothing is sent until the devices have given back what they hold, and with it what was sent since.
//!
//! A message sent after the backup was made is not in the restored outbox. Its record says so, and a device has the
//! record: so the messages of a pharmacy wait until each of its devices has compared heads and pushed what was lost.

use super::{plan, progress};
use crate::app::App;
use crate::problem::chain;
use crate::store::{DeliveryRow, OutboxHold, StoreError, Wanted};
use automerge::ChangeHash;
use shared::ids::OdsCode;

/// Lets go what need not wait any longer, and answers what still does.
pub async fn settle(app: &App) -> Result<Vec<OutboxHold>, StoreError> {
    let mut held = app.store.outbox_holds().await?;
    for hold in &held {
        for (device, wanted) in app.store.hold_wanted(&hold.pharmacy).await? {
            if given_back(app, &hold.pharmacy, &wanted).await? {
                app.store.hold_got(&device, &wanted.document).await?;
            }
        }
    }
    if !held.is_empty() {
        held = app.store.outbox_holds().await?;
    }
    for hold in held.iter().filter(|hold| hold.waits_for.is_empty()) {
        release(app, &hold.pharmacy).await?;
    }
    held.retain(|hold| !hold.waits_for.is_empty());
    metrics::gauge!("satchel_outbox_held_pharmacies").set(held.len() as f64);
    Ok(held)
}

/// Lets a pharmacy's messages go: first every row learns from its record what had become of it before the restore.
pub async fn release(app: &App, pharmacy: &OdsCode) -> Result<(), StoreError> {
    for row in app.store.deliveries(Some(pharmacy)).await? {
        let Some(told) = told_by_record(app, pharmacy, &row).await? else { continue };
        match app.store.put_delivery(&told, app.clock.now()).await {
            // Somebody has just learnt more about it; what the record says is older.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    app.store.end_outbox_hold(pharmacy).await?;
    app.audit(None, Some(pharmacy), "outbox-released", pharmacy.as_str()).await?;
    tracing::info!(%pharmacy, "messages that a restore had held back may go");
    app.outbox_due.notify_one();
    Ok(())
}

async fn given_back(app: &App, pharmacy: &OdsCode, wanted: &Wanted) -> Result<bool, StoreError> {
    match app.open_documents.open(&*app.store, pharmacy, &wanted.document).await {
        Ok(Some(mut opened)) => Ok(wanted
            .heads
            .iter()
            .all(|head| head.parse::<ChangeHash>().is_ok_and(|head| opened.document.has(&head)))),
        Ok(None) => app.store.is_destroyed(&wanted.document).await,
        Err(error) => {
            tracing::warn!(cause = %chain(&error), "a record that a restore waits for cannot be opened");
            Ok(false)
        }
    }
}

async fn told_by_record(
    app: &App,
    pharmacy: &OdsCode,
    row: &DeliveryRow,
) -> Result<Option<DeliveryRow>, StoreError> {
    let opened = match app.open_documents.open(&*app.store, pharmacy, &row.consultation).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return Ok(None),
        Err(error) => {
            tracing::warn!(delivery = %row.id, cause = %chain(&error), "a record cannot say what became of its message");
            return Ok(None);
        }
    };
    let document = opened.document;
    let said = document
        .read()
        .ok()
        .and_then(|mut record| record.deliveries.remove(&plan::record_key(row.kind, row.amendment)));
    Ok(said.and_then(|said| progress::remembered(row.clone(), &said)))
}
