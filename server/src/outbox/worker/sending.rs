//! Handing over what is due, one message after another for each carrier.

use super::Worker;
use crate::outbox::carrier::Carrier;
use crate::outbox::prepare::{self, NotPrepared};
use crate::outbox::progress;
use crate::problem::chain;
use crate::store::{DeliveryRow, FrozenMessage, StoreError};
use shared::time::Millis;

/// Longer than any send can take, so that a row whose lease has run out belongs to nobody.
const LEASE: Millis = 5 * 60_000;

impl Worker {
    /// Sends everything that is due now, by every carrier. Returns how many messages were taken.
    pub async fn send_due(&self) -> Result<usize, StoreError> {
        let mut sent = 0;
        for carrier in &self.carriers {
            sent += self.send_by(&**carrier).await?;
        }
        Ok(sent)
    }

    /// Sends everything that is due now by the ways of one carrier.
    pub async fn send_by(&self, carrier: &dyn Carrier) -> Result<usize, StoreError> {
        let mut sent = 0;
        loop {
            let now = self.app.clock.now();
            let leased =
                self.app.store.lease_deliveries(&self.name, carrier.routes(), now, now + LEASE, 1).await?;
            let Some(row) = leased.into_iter().next() else { return Ok(sent) };
            sent += usize::from(self.send(carrier, row).await?);
        }
    }

    async fn send(&self, carrier: &dyn Carrier, row: DeliveryRow) -> Result<bool, StoreError> {
        // An earlier try may have ended between sending and writing it down.
        let row = if row.attempts > 1 && row.last_error.is_empty() && row.header_id.is_some() {
            let Some(row) = self.of_unknown_fate(carrier, row).await? else { return Ok(false) };
            row
        } else {
            row
        };
        if let Some(told) = progress::told_instead(&row, &self.ways_of(&row).await?).map(|way| way.route) {
            self.change(row.id, |row, _| progress::not_needed_after(row, told)).await?;
            return Ok(false);
        }
        let Some(message) = self.frozen(&row).await? else { return Ok(false) };
        let answer = carrier.send(&row, &message).await;
        let outcome = if answer.is_ok() { "sent" } else { "failed" };
        metrics::counter!(
            "satchel_deliveries_total",
            "kind" => row.kind.as_str(), "route" => row.route.as_str(), "outcome" => outcome
        )
        .increment(1);
        match answer {
            Ok(handed) => {
                tracing::info!(delivery = %row.id, route = %row.route, attempts = row.attempts, "a message was handed over");
                self.change(row.id, |row, _| progress::sent(row, &handed)).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(delivery = %row.id, route = %row.route, attempts = row.attempts, cause = %chain(&error), "a message was not handed over");
                let may_repeat = carrier.may_repeat();
                self.change(row.id, |row, moment| progress::failed(row, &error, may_repeat, moment)).await?;
                Ok(false)
            }
        }
    }

    /// The row where it is to be sent again. An answer would prove that it arrived, and then nothing is sent twice; and
    /// what nobody would know again is not sent again by itself.
    async fn of_unknown_fate(
        &self,
        carrier: &dyn Carrier,
        row: DeliveryRow,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        if !carrier.may_repeat() {
            self.change(row.id, |row, _| progress::of_unknown_fate(row)).await?;
            return Ok(None);
        }
        self.collect().await?;
        let Some(fresh) = self.app.store.delivery(row.id).await? else { return Ok(None) };
        let still_ours = fresh.lease_owner.as_deref() == Some(self.name.as_str()) && fresh.next_at.is_some();
        Ok(still_ours.then_some(fresh))
    }

    /// The message as it was frozen; made and frozen now where it was planned without one. `None` where nothing can be
    /// sent, which the row says by then.
    async fn frozen(&self, row: &DeliveryRow) -> Result<Option<FrozenMessage>, StoreError> {
        if row.header_id.is_none() {
            let message = match Box::pin(prepare::message_for(&self.app, row)).await {
                Ok(message) => message,
                Err(NotPrepared::Store(error)) => return Err(error),
                Err(NotPrepared::Later(error)) => {
                    self.change(row.id, |row, moment| progress::failed(row, &error, true, moment)).await?;
                    return Ok(None);
                }
                Err(NotPrepared::NotNeeded(why)) => {
                    self.change(row.id, |row, _| progress::not_required(row, &why)).await?;
                    return Ok(None);
                }
                Err(why) => {
                    tracing::info!(delivery = %row.id, route = %row.route, "no message was made for this way");
                    let next = matches!(why, NotPrepared::NextWay(_));
                    let why = why.to_string();
                    self.change(row.id, |row, moment| progress::not_prepared(row, &why, next, moment))
                        .await?;
                    return Ok(None);
                }
            };
            self.app.store.freeze_message(row, &message, self.app.clock.now()).await?;
        }
        // Also what was just made is sent as it was stored: every try sends the same.
        match self.app.store.frozen_message(row.id).await {
            Ok(Some(message)) => Ok(Some(message)),
            Ok(None) | Err(StoreError::Broken(_)) => {
                tracing::error!(delivery = %row.id, "a message that was frozen cannot be read back");
                self.change(row.id, |row, _| progress::damaged(row)).await?;
                Ok(None)
            }
            Err(busy) => Err(busy),
        }
    }
}
