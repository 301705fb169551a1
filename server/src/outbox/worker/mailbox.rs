//! Reading our MESH mailboxes: what lies there is stored before MESH is told that we have it, then acted upon.

use super::{AT_ONCE, LONGEST_QUIET, Worker};
use crate::nhs::gp_connect::read as read_ack;
use crate::nhs::mesh::{Client, Incoming, Kind, MeshError, Report};
use crate::outbox::progress;
use crate::problem::chain;
use crate::store::{IncomingMessage, StoreError};
use shared::time::Millis;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A report may come before the sending is written down; after this it is about something else.
const REPORT_WAITS: Millis = 10 * 60_000;
const HANDSHAKE_EVERY: Millis = 20 * 3_600_000;

/// Workflows in which practices' systems answer us: the kind of message and `_ACK` (MESH workflow ids).
const ANSWERS: [&str; 4] = [
    "GPCONNECT_UPDATE_RECORD_ACK",
    "DIGMED_EMG_MED_ACK",
    "GPFED_CONSULT_REPORT_ACK",
    "GPCONNECT_SEND_DOCUMENT_ACK",
];
/// What stands for a MESH code where a message is too large to be fetched.
const TOO_LARGE: &str = "TOO-LARGE";

/// When each mailbox is read next.
#[derive(Debug, Default)]
pub struct Polling(Mutex<BTreeMap<String, Poll>>);

#[derive(Debug, Clone, Copy)]
struct Poll {
    next_at: Millis,
    failures: u32,
    shaken_at: Millis,
}

impl Default for Poll {
    fn default() -> Self {
        Self { next_at: Millis::MIN, failures: 0, shaken_at: Millis::MIN }
    }
}

impl Poll {
    /// Doubling while MESH does not answer, and as long as MESH itself asks for.
    fn after(mut self, every: Millis, failure: Option<&MeshError>, now: Millis) -> Self {
        let wait = match failure {
            None => {
                self.failures = 0;
                every
            }
            Some(error) => {
                self.failures = (self.failures + 1).min(16);
                let doubled = every.saturating_mul(1 << self.failures).min(LONGEST_QUIET.max(every));
                match error {
                    MeshError::Busy { after: Some(after) } => doubled.max(*after),
                    _ => doubled,
                }
            }
        };
        self.next_at = now.saturating_add(wait);
        self
    }
}

impl Polling {
    fn of(&self, mailbox: &str) -> Poll {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(mailbox).copied().unwrap_or_default()
    }

    fn set(&self, mailbox: &str, poll: Poll) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(mailbox.to_owned(), poll);
    }
}

impl Worker {
    /// Reads each mailbox whose turn it is: every so many milliseconds, and more seldom while MESH does not answer.
    pub async fn collect_due(&self, every: Millis) -> Result<(), StoreError> {
        for mailbox in self.mailboxes.all() {
            let poll = self.polling.of(mailbox.mailbox());
            let now = self.app.clock.now();
            // A clock that was set back must not silence a mailbox until it has caught up.
            let due = poll.next_at <= now || poll.next_at > now.saturating_add(LONGEST_QUIET.max(every));
            if due {
                let read = self.read(mailbox).await?;
                let poll = self.polling.of(mailbox.mailbox());
                self.polling.set(mailbox.mailbox(), poll.after(every, read.err().as_ref(), now));
            }
        }
        self.act_on_incoming().await
    }

    /// Empties our mailboxes: every message is stored before MESH is told that we have it. Safe to repeat.
    pub async fn collect(&self) -> Result<(), StoreError> {
        for mailbox in self.mailboxes.all() {
            // What went wrong is in the log; the caller goes on with the others.
            let _ = self.read(mailbox).await?;
        }
        self.act_on_incoming().await
    }

    async fn read(&self, mailbox: &Client) -> Result<Result<(), MeshError>, StoreError> {
        self.shake_hands(mailbox).await;
        let read = self.collect_from(mailbox).await?;
        if let Err(error) = &read {
            tracing::warn!(mailbox = mailbox.mailbox(), cause = %chain(error), "the MESH mailbox could not be read");
            metrics::counter!("satchel_mesh_inbox_failures_total").increment(1);
        }
        Ok(read)
    }

    /// Says to MESH, about daily, that our mailbox is alive (MESH API).
    async fn shake_hands(&self, mailbox: &Client) {
        let now = self.app.clock.now();
        let mut poll = self.polling.of(mailbox.mailbox());
        if now.saturating_sub(poll.shaken_at) < HANDSHAKE_EVERY {
            return;
        }
        match mailbox.handshake(self.stamp()).await {
            Ok(()) => {
                poll.shaken_at = now;
                self.polling.set(mailbox.mailbox(), poll);
            }
            Err(error) => tracing::warn!(cause = %chain(&error), "MESH did not answer the greeting"),
        }
    }

    /// One message that cannot be fetched or stored keeps none beside it from being read.
    async fn collect_from(&self, mailbox: &Client) -> Result<Result<(), MeshError>, StoreError> {
        let waiting = match mailbox.inbox(self.stamp(), None).await {
            Ok(waiting) => waiting,
            Err(error) => return Ok(Err(error)),
        };
        let mut failure = None;
        for id in waiting {
            match self.collect_one(mailbox, &id).await? {
                Ok(()) => {}
                Err(error @ (MeshError::Busy { .. } | MeshError::Unauthorised | MeshError::Clock { .. })) => {
                    return Ok(Err(error));
                }
                Err(error) => {
                    tracing::warn!(message = %id, cause = %chain(&error), "one MESH message could not be fetched; the others are");
                    metrics::counter!("satchel_mesh_messages_not_fetched_total").increment(1);
                    failure = Some(error);
                }
            }
        }
        Ok(failure.map_or(Ok(()), Err))
    }

    async fn collect_one(&self, mailbox: &Client, id: &str) -> Result<Result<(), MeshError>, StoreError> {
        let known = self.app.store.knows_incoming(mailbox.mailbox(), id).await?;
        if known == Some(false) {
            return Ok(Ok(()));
        }
        if known.is_none() {
            let message = match mailbox.message(self.stamp(), id).await {
                Ok(Some(message)) => self.kept(mailbox, message),
                Ok(None) => return Ok(Ok(())),
                Err(error @ MeshError::TooLarge) => self.too_large(mailbox, id, &error),
                Err(error) => return Ok(Err(error)),
            };
            self.app.store.keep_incoming(&message).await?;
            if !message.ours {
                tracing::warn!(workflow = %message.workflow, code = %message.code, "a MESH message was left in the mailbox");
                metrics::counter!("satchel_mesh_messages_left_total").increment(1);
                return Ok(Ok(()));
            }
        }
        Ok(mailbox.acknowledge(self.stamp(), id).await)
    }

    fn kept(&self, mailbox: &Client, message: Incoming) -> IncomingMessage {
        let report = match message.kind {
            Kind::Report(report) => Some(report),
            Kind::Data => None,
        };
        let workflow = message.workflow.as_str();
        let taken = || self.inbounds.iter().any(|inbound| inbound.takes(workflow));
        let ours = report.is_some() || ANSWERS.contains(&workflow) || taken();
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
            received_at: self.app.clock.now(),
        }
    }

    /// Remembered, so that it is not fetched again at every look, and listed where somebody sees it.
    fn too_large(&self, mailbox: &Client, id: &str, error: &MeshError) -> IncomingMessage {
        IncomingMessage {
            mailbox: mailbox.mailbox().to_owned(),
            id: id.to_owned(),
            sender: String::new(),
            workflow: String::new(),
            about: String::new(),
            code: TOO_LARGE.to_owned(),
            description: error.to_string(),
            body: Vec::new(),
            ours: false,
            received_at: self.app.clock.now(),
        }
    }

    /// Does what the stored answers ask for. A crash half-way does no harm: the same answer twice changes nothing.
    async fn act_on_incoming(&self) -> Result<(), StoreError> {
        for message in self.app.store.unhandled_incoming(AT_ONCE).await? {
            let outcome = self.act_on(&message).await.unwrap_or_else(|error| {
                tracing::warn!(message = %message.id, cause = %chain(&error), "a MESH message could not be acted upon yet");
                None
            });
            let (store, now) = (&self.app.store, self.app.clock.now());
            match outcome {
                Some(outcome) => {
                    store.incoming_handled(&message.mailbox, &message.id, &outcome, now).await?;
                }
                None => store.incoming_tried(&message.mailbox, &message.id, now).await?,
            }
        }
        Ok(())
    }

    /// `None`: not yet.
    async fn act_on(&self, message: &IncomingMessage) -> Result<Option<String>, StoreError> {
        if !message.about.is_empty() {
            self.act_on_report(message).await
        } else if ANSWERS.contains(&message.workflow.as_str()) {
            self.act_on_answer(message).await.map(Some)
        } else {
            Ok(self.take_in(message).await)
        }
    }

    /// `None`: it waits until the sending it is about is written down.
    async fn act_on_report(&self, message: &IncomingMessage) -> Result<Option<String>, StoreError> {
        let report = Report {
            about: message.about.clone(),
            code: message.code.clone(),
            description: message.description.clone(),
        };
        if let Some(row) = self.app.store.delivery_by_mesh_id(&message.about).await? {
            self.change(row.id, |row, moment| progress::undelivered(row, &report, moment)).await?;
            return Ok(Some(format!("report {} on delivery {}", message.code, row.id)));
        }
        let late = self.app.clock.now() >= message.received_at + REPORT_WAITS;
        Ok(late.then(|| "a report on a message that is not known here".to_owned()))
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
        let Some(row) = self.app.store.delivery_by_header(&header).await? else {
            tracing::warn!(message = %message.id, code = %ack.code, "an answer to a message that is not known here");
            return Ok(format!("answer {} to a message that is not known here", ack.code));
        };
        self.change(row.id, |row, moment| progress::answered(row, &ack, moment)).await?;
        tracing::info!(delivery = %row.id, code = %ack.code, "a practice answered");
        Ok(format!("answer {} to delivery {}", ack.code, row.id))
    }

    /// `None`: it could not be taken in now and stays for the next look; the others beside it are not kept waiting.
    async fn take_in(&self, message: &IncomingMessage) -> Option<String> {
        let Some(inbound) = self.inbounds.iter().find(|inbound| inbound.takes(&message.workflow)) else {
            tracing::warn!(message = %message.id, workflow = %message.workflow, "nobody here takes this message any more");
            return None;
        };
        match inbound.take_in(&self.app, message).await {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                tracing::warn!(message = %message.id, cause = %chain(&error), "a MESH message could not be taken in yet");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Millis = 60_000;

    #[test]
    fn a_mailbox_is_read_more_seldom_while_mesh_fails_and_as_before_once_it_answers() {
        let busy = |after| MeshError::Busy { after };
        let mut poll = Poll::default();
        let mut waits = Vec::new();
        for _ in 0..5 {
            poll = poll.after(5 * MINUTE, Some(&busy(None)), 0);
            waits.push(poll.next_at / MINUTE);
        }
        assert_eq!(waits, [10, 20, 30, 30, 30]);
        assert_eq!(poll.after(5 * MINUTE, Some(&busy(Some(45 * MINUTE))), 0).next_at, 45 * MINUTE);
        assert_eq!(poll.after(5 * MINUTE, None, 0).next_at, 5 * MINUTE);
        assert_eq!(poll.after(5 * MINUTE, None, 0).failures, 0);
    }
}
