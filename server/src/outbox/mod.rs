//! What must still be told to others: planned when a record is signed, sent until the result is known (design 8).
//!
//! A delivery is one row for each (consultation, kind, amendment), put in by the transaction that stored the
//! signature. Its message is frozen then, from exactly the signed heads, and every try sends the same bytes: MESH
//! removes no duplicates, a practice's system does, by the ids inside. What is known about it is written into the
//! record by the server, so that the pharmacist sees it offline: `sent` when MESH has it, `received` when the
//! practice's system could read it, `accepted` (*with the GP*) when it took it for the patient.

pub mod carrier;
mod feedback;
pub mod hold;
mod notice;
mod plan;
pub mod prepare;
mod progress;
mod show;
mod view;
mod worker;

pub use feedback::referrer_feedback;
pub use plan::{Sender, plan};
pub use progress::CannotRetry;
pub use view::view;
pub use worker::Worker;

use crate::app::App;
use crate::nhs::gp_connect::DateOrder;
use crate::problem::chain;
use crate::store::{DeliveryRow, StoreError};
use shared::ids::OdsCode;
use shared::time::Millis;
use std::time::Duration;
use uuid::Uuid;

/// How often the outbox is looked at when nobody rings: other servers and the command line put rows in too.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who sends for a pharmacy, as [`plan`] needs to know it; `None` for a pharmacy that is not ours.
pub async fn sender(app: &App, pharmacy: &OdsCode) -> Result<Option<Sender>, StoreError> {
    let Some(mut pharmacy) = app.store.pharmacy(pharmacy).await? else { return Ok(None) };
    // One mailbox serves the whole server, whatever the pharmacy's own one is called.
    if let Some(mesh) = &app.mesh {
        mesh.mailbox().clone_into(&mut pharmacy.mailbox);
    }
    Ok(Some(Sender {
        pharmacy,
        practice_mailboxes: app.config.practice_mailboxes.clone(),
        date_order: DateOrder::default(),
    }))
}

/// Works until the server closes.
pub async fn run(app: App) {
    let worker = Worker::new(app.store.clone(), app.clock.clone(), app.mesh.clone());
    let mut closing = app.closing.subscribe();
    let poll = Millis::from(app.config.mesh_poll_seconds) * 1000;
    let mut read_at = Millis::MIN;
    while !*closing.borrow() {
        let now = app.clock.now();
        let read = now.saturating_sub(read_at) >= poll;
        if read {
            read_at = now;
        }
        if let Err(error) = round(&app, &worker, read).await {
            tracing::warn!(cause = %chain(&error), "the outbox could not be worked on; it is tried again");
        }
        tokio::select! {
            () = app.outbox_due.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}

/// One look at everything: send, perhaps read the mailbox, tell of what is late, write it all into the records.
pub async fn round(app: &App, worker: &Worker, read_mailbox: bool) -> Result<(), StoreError> {
    hold::settle(app).await?;
    worker.send_due().await?;
    if read_mailbox {
        worker.shake_hands().await;
        worker.collect().await?;
    }
    worker.tell_of_overdue().await?;
    show::all(app).await
}

/// Why a delivery was not put back into the outbox.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    #[error("There is no such delivery.")]
    Unknown,
    #[error(transparent)]
    Cannot(#[from] CannotRetry),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends a delivery again at once. `pharmacy` limits it to that pharmacy's own.
pub async fn retry(app: &App, id: Uuid, pharmacy: Option<&OdsCode>) -> Result<DeliveryRow, RetryError> {
    let row = app.store.delivery(id).await?.ok_or(RetryError::Unknown)?;
    if pharmacy.is_some_and(|pharmacy| *pharmacy != row.pharmacy) {
        return Err(RetryError::Unknown);
    }
    let now = app.clock.now();
    let again = progress::retried(row, now)?;
    app.store.put_delivery(&again, now).await?;
    app.outbox_due.notify_one();
    Ok(again)
}
