//! Sends what is due, reads what comes back, and tells a person when neither happens in time.

use super::progress;
use crate::clock::Clock;
use crate::nhs::gp_connect::{ACK_WORKFLOW, read as read_ack};
use crate::nhs::mesh::{Client, Incoming, Kind, MeshError, Outgoing, Report, Stamp};
use crate::problem::chain;
use crate::store::{DeliveryRow, IncomingMessage, Store, StoreError};
use shared::time::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Longer than any send can take, so that a row whose lease has run out belongs to nobody.
const LEASE: Millis = 5 * 60_000;
/// A report may come before the sending is written down; after this it is about something else.
const REPORT_WAITS: Millis = 10 * 60_000;
const HANDSHAKE_EVERY: Millis = 20 * 3_600_000;
const AT_ONCE: u32 = 50;
const TRIES_AGAINST_OTHERS: u32 = 5;

/// One worker: it may run beside others on the same store, here or on other servers.
#[derive(Clone)]
pub struct Worker {
    name: String,
    store: Arc<dyn Store>,
    clock: Clock,
    /// The mailbox this server sends from and reads; none where MESH is not configured.
    mailbox: Option<Client>,
    shaken_at: Arc<AtomicI64>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Worker {
    /// Without a mailbox everything waits, visibly.
    pub fn new(store: Arc<dyn Store>, clock: Clock, mailbox: Option<Client>) -> Self {
        let name = Uuid::new_v4().to_string();
        Self { name, store, clock, mailbox, shaken_at: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    /// Sends everything that is due now. Returns how many messages MESH took.
    pub async fn send_due(&self) -> Result<usize, StoreError> {
        let Some(mailbox) = &self.mailbox else { return Ok(0) };
        let mut sent = 0;
        loop {
            let now = self.clock.now();
            let leased = self.store.lease_deliveries(&self.name, now, now + LEASE, 1).await?;
            let Some(row) = leased.into_iter().next() else { return Ok(sent) };
            sent += usize::from(self.send(mailbox, row).await?);
        }
    }

    async fn send(&self, mailbox: &Client, mut row: DeliveryRow) -> Result<bool, StoreError> {
        // An earlier try may have ended between sending and writing it down. An answer would prove that it arrived,
        // and then nothing is sent twice.
        if row.attempts > 1 && row.last_error.is_empty() {
            self.collect().await?;
            let Some(fresh) = self.store.delivery(row.id).await? else { return Ok(false) };
            if fresh.lease_owner.as_deref() != Some(self.name.as_str()) || fresh.next_at.is_none() {
                return Ok(false);
            }
            row = fresh;
        }
        let message = match self.store.frozen_message(row.id).await {
            Ok(Some(message)) => message,
            Ok(None) | Err(StoreError::Broken(_)) => {
                tracing::error!(delivery = %row.id, "a message that was frozen cannot be read back");
                self.change(row.id, progress::damaged).await?;
                return Ok(false);
            }
            Err(busy) => return Err(busy),
        };
        let outgoing = Outgoing {
            to: &message.target,
            workflow: &message.workflow,
            local_id: &message.local_id,
            subject: &message.subject,
            content_type: &message.content_type,
            body: &message.payload,
        };
        let answer = mailbox.send(self.stamp(), &outgoing).await;
        let (now, jitter) = (self.clock.now(), rand::random::<f64>());
        let outcome = if answer.is_ok() { "sent" } else { "failed" };
        metrics::counter!("satchel_deliveries_total", "kind" => row.kind.as_str(), "outcome" => outcome)
            .increment(1);
        match answer {
            Ok(mesh_id) => {
                tracing::info!(delivery = %row.id, attempts = row.attempts, "MESH took a message");
                self.change(row.id, |row| progress::sent(row, mesh_id.clone())).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(delivery = %row.id, attempts = row.attempts, cause = %chain(&error), "MESH did not take a message");
                self.change(row.id, |row| progress::failed(row, &error, now, jitter)).await?;
                Ok(false)
            }
        }
    }

    /// Empties our mailbox: every message is stored before MESH is told that we have it. Safe to repeat.
    pub async fn collect(&self) -> Result<(), StoreError> {
        if let Some(mailbox) = &self.mailbox
            && let Err(error) = self.collect_from(mailbox).await?
        {
            tracing::warn!(cause = %chain(&error), "the MESH mailbox could not be read");
            metrics::counter!("satchel_mesh_inbox_failures_total").increment(1);
        }
        self.act_on_incoming().await
    }

    async fn collect_from(&self, mailbox: &Client) -> Result<Result<(), MeshError>, StoreError> {
        let waiting = match mailbox.inbox(self.stamp(), None).await {
            Ok(waiting) => waiting,
            Err(error) => return Ok(Err(error)),
        };
        for id in waiting {
            let known = self.store.knows_incoming(mailbox.mailbox(), &id).await?;
            if known == Some(false) {
                continue;
            }
            if known.is_none() {
                let message = match mailbox.message(self.stamp(), &id).await {
                    Ok(Some(message)) => message,
                    Ok(None) => continue,
                    Err(error) => return Ok(Err(error)),
                };
                let message = self.kept(mailbox, message);
                self.store.keep_incoming(&message).await?;
                if !message.ours {
                    tracing::warn!(workflow = %message.workflow, "a MESH message of another kind was left in the mailbox");
                    continue;
                }
            }
            if let Err(error) = mailbox.acknowledge(self.stamp(), &id).await {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn kept(&self, mailbox: &Client, message: Incoming) -> IncomingMessage {
        let report = match message.kind {
            Kind::Report(report) => Some(report),
            Kind::Data => None,
        };
        let ours = report.is_some() || message.workflow == ACK_WORKFLOW;
        let report = report.unwrap_or_else(|| Report {
            about: String::new(),
            code: String::new(),
            description: String::new(),
        });
        IncomingMessage {
            mailbox: mailbox.mailbox().to_owned(),
            id: message.id,
            sender: message.from,
            workflow: message.workflow,
            about: report.about,
            code: report.code,
            description: report.description,
            // What is left in the mailbox is not kept here as well.
            body: if ours { message.body } else { Vec::new() },
            ours,
            received_at: self.clock.now(),
        }
    }

    /// Does what the stored answers ask for. A crash half-way does no harm: the same answer twice changes nothing.
    async fn act_on_incoming(&self) -> Result<(), StoreError> {
        for message in self.store.unhandled_incoming(AT_ONCE).await? {
            let now = self.clock.now();
            let outcome = if message.about.is_empty() {
                self.act_on_answer(&message).await?
            } else if let Some(row) = self.store.delivery_by_mesh_id(&message.about).await? {
                let report = Report {
                    about: message.about.clone(),
                    code: message.code.clone(),
                    description: message.description.clone(),
                };
                self.change(row.id, |row| progress::undelivered(row, &report)).await?;
                format!("report {} on delivery {}", message.code, row.id)
            } else if now < message.received_at + REPORT_WAITS {
                continue;
            } else {
                "a report on a message that is not known here".to_owned()
            };
            self.store.incoming_handled(&message.mailbox, &message.id, &outcome, now).await?;
        }
        Ok(())
    }

    async fn act_on_answer(&self, message: &IncomingMessage) -> Result<String, StoreError> {
        let ack = match read_ack(&message.body) {
            Ok(ack) => ack,
            Err(error) => {
                tracing::warn!(message = %message.id, cause = %chain(&error), "an answer could not be read");
                return Ok(error.to_string());
            }
        };
        let header = ack.answers.map(|id| id.to_string()).unwrap_or_default();
        let Some(row) = self.store.delivery_by_header(&header).await? else {
            tracing::warn!(message = %message.id, code = %ack.code, "an answer to a message that is not known here");
            return Ok(format!("answer {} to a message that is not known here", ack.code));
        };
        let (now, jitter) = (self.clock.now(), rand::random::<f64>());
        self.change(row.id, |row| progress::answered(row, &ack, now, jitter)).await?;
        tracing::info!(delivery = %row.id, code = %ack.code, "a practice answered");
        Ok(format!("answer {} to delivery {}", ack.code, row.id))
    }

    /// Tells of every delivery whose answer should have come by now.
    pub async fn tell_of_overdue(&self) -> Result<(), StoreError> {
        for row in self.store.overdue_deliveries(self.clock.now()).await? {
            self.change(row.id, progress::overdue).await?;
            tracing::warn!(delivery = %row.id, "a delivery is overdue");
        }
        Ok(())
    }

    /// Says to MESH, about daily, that our mailbox is alive (MESH API).
    pub async fn shake_hands(&self) {
        let Some(mailbox) = &self.mailbox else { return };
        let now = self.clock.now();
        if now.saturating_sub(self.shaken_at.load(Ordering::Relaxed)) < HANDSHAKE_EVERY {
            return;
        }
        self.shaken_at.store(now, Ordering::Relaxed);
        if let Err(error) = mailbox.handshake(self.stamp()).await {
            tracing::warn!(cause = %chain(&error), "MESH did not answer the greeting");
            // Asked again at the next round and not only tomorrow.
            self.shaken_at.store(i64::MIN, Ordering::Relaxed);
        }
    }

    /// Reads, changes and writes one row, again where somebody else wrote in between.
    async fn change(
        &self,
        id: Uuid,
        change: impl Fn(DeliveryRow) -> DeliveryRow + Send,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES_AGAINST_OTHERS {
            let Some(row) = self.store.delivery(id).await? else { return Ok(()) };
            match self.store.put_delivery(&change(row), self.clock.now()).await {
                Err(StoreError::Conflict) => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict)
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.clock.now(), nonce: Uuid::new_v4() }
    }
}
