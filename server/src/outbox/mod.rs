//! What must still be told to others: planned when a record is signed, sent until the result is known (design 8).
//!
//! A delivery is one row for each (consultation, kind, amendment, way), put in by the transaction that stored the
//! signature. The first way is gone at once, the others stand by until those before them fail or stay without an answer.
//! A message is frozen before its first try, from exactly the signed heads, and every try sends the same bytes: MESH
//! removes no duplicates, a practice's system does, by the ids inside. What is known about it is written into the
//! record by the server, so that the pharmacist sees it offline: `sent` when it was handed over, `received` when the
//! practice's system could read it, `accepted` (*with the GP*) when it took it for the patient.

pub mod carrier;
mod claim;
mod feedback;
pub mod handover;
pub mod hold;
pub mod inbound;
pub mod onward;
mod order;
mod plan;
pub mod prepare;
mod progress;
mod show;
mod view;
mod worker;

pub use feedback::referrer_feedback;
pub use order::{OrderError, set_practice_routes};
pub use plan::{Sender, Signed, plan};
pub use progress::CannotChange;
pub use view::{needs_attention, view, views};
pub use worker::Worker;

use crate::app::App;
use crate::intake::itk3;
use crate::problem::chain;
use crate::store::{DeliveryRow, DeliveryState, StoreError};
use carrier::Carrier;
use shared::ids::OdsCode;
use shared::time::Millis;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// How often the outbox is looked at when nobody rings: other servers and the command line put rows in too.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who sends for a pharmacy, as [`plan`] needs to know it; `None` for a pharmacy that is not ours.
pub async fn sender(app: &App, pharmacy: &OdsCode) -> Result<Option<Sender>, StoreError> {
    let Some(mut pharmacy) = app.store.pharmacy(pharmacy).await? else { return Ok(None) };
    // Answers come to the mailbox that is sent from, whatever is called the pharmacy's own one.
    if let Some(mesh) = app.mesh.of(&pharmacy.ods) {
        mesh.mailbox().clone_into(&mut pharmacy.mailbox);
    }
    Ok(Some(Sender {
        practice_routes: app.store.practice_routes(&pharmacy.ods).await?,
        practice_mailboxes: app.config.practice_mailboxes.clone(),
        date_order: app.config.outbox.date_order,
        switched_on: app.config.outbox.switched_on.clone(),
        by_bars: app.bars.is_some(),
        claims: app.claims.client.as_ref().map(|_| app.claims.places.clone()),
        pharmacy,
    }))
}

/// Works until the server closes. Each carrier has a loop of its own, and so have the mailboxes: what is slow keeps
/// nothing else waiting.
pub async fn run(app: App) {
    let letters: Arc<dyn inbound::Inbound> = Arc::new(itk3::Letters);
    let worker = Worker::new(app.clone(), carrier::all(&app), app.mesh.clone()).taking_in(vec![letters]);
    let bells: Vec<Arc<Notify>> = worker.carriers().iter().map(|_| Arc::default()).collect();
    let mut loops = tokio::task::JoinSet::new();
    for (carrier, bell) in worker.carriers().iter().zip(&bells) {
        loops.spawn(keep_sending(app.clone(), worker.clone(), Arc::clone(carrier), Arc::clone(bell)));
    }
    loops.spawn(keep_reading(app.clone(), worker.clone()));
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        if let Err(error) = look(&app, &worker).await {
            tracing::warn!(cause = %chain(&error), "the outbox could not be worked on; it is tried again");
        }
        tokio::select! {
            () = app.outbox_due.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
        for bell in &bells {
            bell.notify_one();
        }
    }
    // Each ends by itself once the server is closing.
    while loops.join_next().await.is_some() {}
}

async fn keep_sending(app: App, worker: Worker, carrier: Arc<dyn Carrier>, bell: Arc<Notify>) {
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        if let Err(error) = worker.send_by(&*carrier).await {
            tracing::warn!(cause = %chain(&error), "messages could not be sent; it is tried again");
        }
        tokio::select! {
            () = bell.notified() => {}
            _ = closing.changed() => {}
        }
    }
}

async fn keep_reading(app: App, worker: Worker) {
    let poll = Millis::from(app.config.mesh_poll_seconds) * 1000;
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        if let Err(error) = worker.collect_due(poll).await {
            tracing::warn!(cause = %chain(&error), "the mailboxes could not be read; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}

/// One look at everything, and one try of whatever is due: as the loops of [`run`] do it, one after the other.
pub async fn round(app: &App, worker: &Worker, read_mailbox: bool) -> Result<(), StoreError> {
    hold::settle(app).await?;
    worker.send_due().await?;
    if read_mailbox {
        worker.collect().await?;
    }
    look(app, worker).await
}

/// Tells of what is late, goes the next ways, and writes it all into the records.
async fn look(app: &App, worker: &Worker) -> Result<(), StoreError> {
    hold::settle(app).await?;
    worker.tell_of_overdue().await?;
    worker.go_next_ways().await?;
    show::all(app).await
}

/// Why a delivery was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("There is no such delivery.")]
    Unknown,
    #[error(transparent)]
    Cannot(#[from] CannotChange),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends a delivery again at once. `pharmacy` limits it to that pharmacy's own.
pub async fn retry(app: &App, id: Uuid, pharmacy: Option<&OdsCode>) -> Result<DeliveryRow, ChangeError> {
    let row = own(app, id, pharmacy).await?;
    put(app, vec![progress::retried(row, app.clock.now())?]).await
}

/// Goes the next way at once instead of this one.
pub async fn next_way(app: &App, id: Uuid, pharmacy: Option<&OdsCode>) -> Result<DeliveryRow, ChangeError> {
    let row = own(app, id, pharmacy).await?;
    let now = app.clock.now();
    let mut ways = ways_of(app, &row).await?;
    ways.sort_by_key(|way| way.position);
    let standby = |way: &&DeliveryRow| way.state == DeliveryState::Standby && way.position > row.position;
    let next = ways.iter().find(standby).cloned();
    let gone = progress::next_way(row, next.is_some(), now)?;
    for way in ways.iter_mut().filter(|way| way.id == gone.id) {
        way.clone_from(&gone);
    }
    let next = next.map(|next| progress::started(next, &ways, now));
    put(app, std::iter::once(gone).chain(next).collect()).await
}

/// A person has told them another way, and says how in words without the patient's data.
pub async fn done(
    app: &App,
    id: Uuid,
    pharmacy: Option<&OdsCode>,
    by: &str,
    words: &str,
) -> Result<DeliveryRow, ChangeError> {
    let row = own(app, id, pharmacy).await?;
    let ways = ways_of(app, &row).await?;
    put(app, progress::done(row, &ways, by, words, app.clock.now())?).await
}

/// A row with every other way of its delivery, as it is shown.
pub async fn ways_of(app: &App, row: &DeliveryRow) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut ways = app.store.deliveries_of(&row.consultation).await?;
    ways.retain(|way| way.is_way_of(row));
    Ok(ways)
}

async fn own(app: &App, id: Uuid, pharmacy: Option<&OdsCode>) -> Result<DeliveryRow, ChangeError> {
    let row = app.store.delivery(id).await?.ok_or(ChangeError::Unknown)?;
    if pharmacy.is_some_and(|pharmacy| *pharmacy != row.pharmacy) {
        return Err(ChangeError::Unknown);
    }
    Ok(row)
}

/// Writes the row that was decided about and those that follow from it, and answers the first as it stands then.
async fn put(app: &App, rows: Vec<DeliveryRow>) -> Result<DeliveryRow, ChangeError> {
    let now = app.clock.now();
    for row in &rows {
        app.store.put_delivery(row, now).await?;
    }
    app.outbox_due.notify_one();
    let first = rows.into_iter().next().ok_or(ChangeError::Unknown)?;
    Ok(app.store.delivery(first.id).await?.unwrap_or(first))
}
