//! The device's end of sync, as inputs and effects: no clock, no network, no storage of its own.
//!
//! The platform feeds [`Device::handle`] one [`Input`] at a time with the time it happened, and carries out the
//! [`Effect`]s in their order, those of one input before those of the next. A write that fails is fed back before
//! anything else, after the other effects were carried out. Every request has a ticket; an answer with another ticket
//! than the latest is ignored.

mod life;
mod messages;
mod patience;
mod pull;
mod push;

pub use messages::{Content, Effect, Failure, Hash, Input, Position, Standing, Ticket, ToPush, Unsent};
pub use patience::{FIRST_WAIT, GIVE_UP_AFTER, LONGEST_SLEEP, LONGEST_WAIT, POLL_AFTER};

use crate::ids::{ConsultationId, Epoch};
use crate::time::Millis;
use patience::{Pause, Request};
use push::{Pushing, Resend};
use std::collections::{BTreeMap, BTreeSet};

/// Most documents in one push; halved while the server says the push is too large, or the link is too slow for it.
pub const PUSH_DOCUMENTS: usize = 200;

/// One open vault's sync.
#[derive(Debug, Clone, Default)]
pub struct Device {
    open: bool,
    signed_in: bool,
    position: Position,
    /// The disk did not take the position; it is still to be written.
    position_due: bool,
    unsent: BTreeMap<ConsultationId, Unsent>,
    /// What the server lacks or, restored, wants again.
    resend: BTreeMap<ConsultationId, Resend>,
    /// What a restored server wants and refuses to take from here.
    kept_back: BTreeSet<ConsultationId>,
    /// The life of the server that has said what it wants again.
    heads_known_for: Option<Epoch>,
    news: u64,
    last_ticket: Ticket,
    pushing: Option<Pushing>,
    pulling: Option<Request>,
    asking: Option<Request>,
    pull_due: bool,
    receipts_shown: bool,
    /// Documents in the next push, and the most that the server takes.
    batch: usize,
    most: usize,
    failures: u32,
    pause: Option<Pause>,
    last_contact: Millis,
}

impl Device {
    /// A device whose vault is shut.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what happened and says what should follow.
    pub fn handle(&mut self, now: Millis, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.open && !matches!(input, Input::Unlocked { .. }) {
            return effects;
        }
        // Before anything new: a position that passes a frame must not be written when the frame itself is not.
        if self.position_due && self.open && !self.pause.is_some_and(|pause| pause.holds(now)) {
            self.position_due = false;
            effects.push(Effect::StorePosition { position: self.position });
        }
        self.take_in(now, input, &mut effects);
        self.give_up(now);
        self.go_on(now, &mut effects);
        effects
    }

    /// Where one document stands.
    pub fn standing(&self, document: &ConsultationId) -> Standing {
        let unsent = self.unsent.get(document).is_some_and(|unsent| !unsent.changes.is_empty());
        let wanted = self.resend.contains_key(document) || self.kept_back.contains(document);
        if unsent || wanted { Standing::Waiting } else { Standing::WithServer }
    }

    /// How many documents hold something the server has not confirmed.
    pub fn unsent_documents(&self) -> usize {
        let waiting = self.unsent.keys().chain(self.resend.keys()).chain(&self.kept_back);
        waiting.collect::<BTreeSet<_>>().len()
    }

    pub fn position(&self) -> Position {
        self.position
    }

    fn take_in(&mut self, now: Millis, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Unlocked { position, unsent, signed_in } => {
                // Tickets go on counting, so that an answer from before the lock cannot pass for a new one.
                *self = Self {
                    last_ticket: self.last_ticket,
                    batch: PUSH_DOCUMENTS,
                    most: PUSH_DOCUMENTS,
                    ..Self::default()
                };
                self.open = true;
                self.signed_in = signed_in;
                self.position = position;
                self.unsent = unsent.into_iter().filter(|(_, unsent)| !unsent.changes.is_empty()).collect();
                self.pull_due = true;
                self.last_contact = now;
            }
            Input::Locked => *self = Self { last_ticket: self.last_ticket, ..Self::default() },
            Input::SignedIn => {
                self.signed_in = true;
                self.pull_due = true;
                self.receipts_shown = false;
                self.recover();
            }
            Input::Edited { document, change, created } => {
                let unsent = self.unsent.entry(document).or_default();
                unsent.changes.insert(change);
                unsent.created_here |= created;
            }
            Input::PushAnswered { ticket, answer } => self.push_answered(now, ticket, answer, effects),
            Input::PushFailed { ticket, failure } => self.push_failed(now, ticket, failure, effects),
            Input::PulledFrame { ticket, epoch, cursor, more } => {
                self.pulled(now, ticket, (epoch, cursor, more), effects);
            }
            Input::PullEnded { ticket } => {
                if self.pulling.take_if(|pull| pull.ticket == ticket).is_some() {
                    self.contact(now);
                }
            }
            Input::PullFailed { ticket, failure } => {
                if self.pulling.take_if(|pull| pull.ticket == ticket).is_some() {
                    self.pull_due = true;
                    self.failed(now, failure, effects);
                }
            }
            Input::StoreFailed { cursor } => {
                self.position.cursor = cursor.min(self.position.cursor);
                self.pulling = None;
                self.pull_due = true;
                self.wait(now);
            }
            Input::Unwritten(effect) => self.unwritten(now, effect, effects),
            Input::Destroyed { documents } => {
                for document in &documents {
                    self.forget(document);
                }
                self.heads_settled(effects);
            }
            Input::HeadsAnswered { ticket, answer } => self.heads_answered(now, ticket, answer, effects),
            Input::HeadsFailed { ticket, failure } => {
                if self.asking.take_if(|ask| ask.ticket == ticket).is_some() {
                    self.failed(now, failure, effects);
                }
            }
            Input::News(upto) => self.news = self.news.max(upto),
            Input::Online => {
                self.recover();
                self.pushing = None;
                self.pulling = None;
                self.asking = None;
                self.pull_due = true;
                self.receipts_shown = false;
                self.resend.values_mut().for_each(|resend| resend.pause = None);
            }
            Input::Tick => {
                let quiet = now - self.last_contact;
                // A clock set back must not silence the device until it has caught up.
                if !(0..POLL_AFTER).contains(&quiet) {
                    self.pull_due = true;
                    self.last_contact = now;
                }
            }
        }
    }

    /// Starts whatever is due and not under way, and says when to look again.
    fn go_on(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        if !self.open || !self.signed_in {
            return;
        }
        if let Some(pause) = self.pause {
            if pause.holds(now) {
                effects.push(Effect::Wait { until: pause.until });
                return;
            }
            self.pause = None;
        }
        if self.position.heads_due && !self.heads_known() && self.asking.is_none() {
            let request = self.request(now);
            self.asking = Some(request);
            effects.push(Effect::AskHeads { ticket: request.ticket });
        }
        if self.pushing.is_none() {
            self.push(now, effects);
        }
        if self.pulling.is_none() && (self.pull_due || self.news > self.position.cursor) {
            let request = self.request(now);
            self.pulling = Some(request);
            self.pull_due = false;
            // A pull reads to the end of the log, so what was announced before it is in it. An announcement from
            // before a restore may name a number that the log does not reach again.
            self.news = 0;
            effects.push(Effect::Pull { ticket: request.ticket, after: self.position.cursor });
        }
        effects.push(Effect::Wait { until: self.next_look() });
    }

    fn next_look(&self) -> Millis {
        let pushing = self.pushing.as_ref().map(|push| push.request);
        let under_way = [pushing, self.pulling, self.asking].into_iter().flatten().map(|r| r.lost_at());
        let quiet = self.pulling.is_none().then_some(self.last_contact + POLL_AFTER);
        let paused = self.resend.values().filter_map(|resend| resend.pause.map(|pause| pause.until));
        let paused = paused.filter(|_| self.pushing.is_none());
        under_way.chain(quiet).chain(paused).min().unwrap_or(self.last_contact + POLL_AFTER)
    }

    fn request(&mut self, now: Millis) -> Request {
        self.last_ticket += 1;
        Request { ticket: self.last_ticket, since: now }
    }
}
