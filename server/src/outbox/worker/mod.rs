//! Sends what is due, reads what comes back, goes the next way where one fails, and tells a person when none is left.

mod mailbox;
mod sending;

use super::carrier::Carrier;
use super::inbound::Inbounds;
use super::progress::{self, Moment};
use crate::app::App;
use crate::nhs::mesh::{Mailboxes, Stamp};
use crate::store::{DeliveryRow, DeliveryState, StoreError};
use mailbox::Polling;
use shared::time::Millis;
use std::sync::Arc;
use uuid::Uuid;

const AT_ONCE: u32 = 50;
const TRIES_AGAINST_OTHERS: u32 = 5;

/// One worker: it may run beside others on the same store, here or on other servers.
#[derive(Clone)]
pub struct Worker {
    name: String,
    app: App,
    /// A delivery by a way that none of them carries waits, visibly.
    carriers: Vec<Arc<dyn Carrier>>,
    /// The mailboxes that are read; none where MESH is not configured.
    mailboxes: Mailboxes,
    inbounds: Inbounds,
    polling: Arc<Polling>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Worker {
    pub fn new(app: App, carriers: Vec<Arc<dyn Carrier>>, mailboxes: Mailboxes) -> Self {
        let name = Uuid::new_v4().to_string();
        Self { name, app, carriers, mailboxes, inbounds: Vec::new(), polling: Arc::default() }
    }

    /// Also takes in what others send.
    #[must_use]
    pub fn taking_in(mut self, inbounds: Inbounds) -> Self {
        self.inbounds = inbounds;
        self
    }

    pub fn carriers(&self) -> &[Arc<dyn Carrier>] {
        &self.carriers
    }

    /// Tells of every delivery whose answer should have come by now.
    pub async fn tell_of_overdue(&self) -> Result<(), StoreError> {
        for row in self.app.store.overdue_deliveries(self.app.clock.now()).await? {
            self.change(row.id, progress::overdue).await?;
            tracing::warn!(delivery = %row.id, "a delivery is overdue");
        }
        Ok(())
    }

    /// Starts each way whose forerunners have all given way, and lets those rest that nobody needs any more.
    pub async fn go_next_ways(&self) -> Result<(), StoreError> {
        for row in self.app.store.ways_to_decide(AT_ONCE).await? {
            let ways = self.ways_of(&row).await?;
            let now = self.app.clock.now();
            let decided = if ways.iter().any(DeliveryRow::is_settled) {
                progress::not_needed(row)
            } else {
                tracing::info!(delivery = %row.id, route = %row.route, "the next way is gone");
                metrics::counter!("satchel_next_ways_total", "kind" => row.kind.as_str(), "route" => row.route.as_str())
                    .increment(1);
                progress::started(row, &ways, now)
            };
            match self.app.store.put_delivery(&decided, now).await {
                // Another worker was quicker; a row started once is not on standby any more.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Every way of the same delivery, this one too, in their order.
    async fn ways_of(&self, row: &DeliveryRow) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut ways = self.app.store.deliveries_of(&row.consultation).await?;
        ways.retain(|way| way.is_way_of(row));
        Ok(ways)
    }

    /// Reads, changes and writes one row, again where somebody else wrote in between. What it makes unnecessary rests.
    async fn change(
        &self,
        id: Uuid,
        change: impl Fn(DeliveryRow, &Moment) -> DeliveryRow + Send,
    ) -> Result<(), StoreError> {
        let jitter = rand::random();
        for _ in 0..TRIES_AGAINST_OTHERS {
            let Some(row) = self.app.store.delivery(id).await? else { return Ok(()) };
            let ways = self.ways_of(&row).await?;
            let has_next = ways.iter().any(|way| way.position > row.position);
            let moment = Moment { now: self.app.clock.now(), jitter, has_next };
            let changed = change(row, &moment);
            match self.app.store.put_delivery(&changed, moment.now).await {
                Err(StoreError::Conflict) => {}
                Ok(()) if changed.state == DeliveryState::Accepted => {
                    return self.rest(&changed, &ways).await;
                }
                done => return done,
            }
        }
        Err(StoreError::Conflict)
    }

    /// The practice has it: what would still go another way need not.
    async fn rest(&self, accepted: &DeliveryRow, ways: &[DeliveryRow]) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let unsent = |way: &&DeliveryRow| {
            way.id != accepted.id
                && (matches!(way.state, DeliveryState::Standby | DeliveryState::Queued)
                    || way.needs_a_person()
                        && way.mesh_message_id.is_none()
                        && way.position > accepted.position)
                && way.lease_until.is_none_or(|until| until <= now)
        };
        for way in ways.iter().filter(unsent) {
            match self.app.store.put_delivery(&progress::not_needed(way.clone()), now).await {
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.app.clock.now(), nonce: Uuid::new_v4() }
    }
}

/// Half an hour and a bit: nothing is left alone for longer.
const LONGEST_QUIET: Millis = 30 * 60_000;
