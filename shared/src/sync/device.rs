//! The device's end of sync, as inputs and effects: no clock, no network, no storage of its own.
//!
//! The platform feeds [`Device::handle`] one [`Input`] at a time with the time it happened, and carries out the
//! [`Effect`]s in their order. Every request has a ticket; an answer with another ticket than the latest is ignored.

use crate::api::{HeadsAnswer, PushAnswer, Refusal, Verdict};
use crate::ids::{ConsultationId, Epoch};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Hash of one change.
pub type Hash = [u8; 32];

/// Tells one request's answer from another's.
pub type Ticket = u64;

/// Most documents in one push; halved while the server says the push is too large.
pub const PUSH_DOCUMENTS: usize = 200;
/// How long after the last contact the device asks by itself, should every nudge have been lost.
pub const POLL_AFTER: Millis = 60_000;
/// First and longest wait after a failure; each failure in a row doubles it.
pub const FIRST_WAIT: Millis = 1_000;
pub const LONGEST_WAIT: Millis = 120_000;

/// Where this device stands in the server's log. Kept with the documents, written in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// `None` until the server was first met.
    pub epoch: Option<Epoch>,
    /// Everything up to here is stored on this device.
    pub cursor: u64,
    /// The server has begun a new life and has not yet got back what it lost.
    pub heads_due: bool,
}

/// What of one document the server has not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unsent {
    /// Changes stored here and not yet confirmed, in any order.
    pub changes: BTreeSet<Hash>,
    /// Made on this device, and the server has nothing of it.
    pub created_here: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The vault is open; this is what it holds. Sync begins.
    Unlocked {
        position: Position,
        unsent: BTreeMap<ConsultationId, Unsent>,
        /// Whether there is a session; without one nothing is sent until [`Input::SignedIn`].
        signed_in: bool,
    },
    /// The vault is shut. Everything is forgotten; answers still under way are ignored.
    Locked,
    /// There is a session now.
    SignedIn,
    /// A change is durable on this device.
    Edited {
        document: ConsultationId,
        change: Hash,
        /// It made the document.
        created: bool,
    },
    PushAnswered {
        ticket: Ticket,
        answer: PushAnswer,
    },
    PushFailed {
        ticket: Ticket,
        failure: Failure,
    },
    /// One whole frame of the pull has arrived; the documents stay with the platform until [`Effect::Store`].
    PulledFrame {
        ticket: Ticket,
        epoch: Epoch,
        cursor: u64,
        more: bool,
    },
    /// The pull's stream ended in order.
    PullEnded {
        ticket: Ticket,
    },
    PullFailed {
        ticket: Ticket,
        failure: Failure,
    },
    /// A frame could not be stored (storage full); `cursor` is the last one that was.
    StoreFailed {
        cursor: u64,
    },
    HeadsAnswered {
        ticket: Ticket,
        answer: HeadsAnswer,
    },
    HeadsFailed {
        ticket: Ticket,
        failure: Failure,
    },
    /// The nudge: there is something up to this number.
    News(u64),
    /// The browser says the network is back: do not wait any longer.
    Online,
    /// Time has passed; at least when an [`Effect::Wait`] says so.
    Tick,
}

/// Why a request had no answer that could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No network, no server, or an answer cut short.
    Unreachable,
    /// The server asks for patience, for this many milliseconds.
    Busy { wait: Millis },
    /// The session is over.
    SignedOut,
    /// The body was more than the server takes at once.
    TooLarge,
}

/// What the platform is to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// `POST /api/sync/push` with these documents.
    Push {
        ticket: Ticket,
        documents: Vec<ToPush>,
        /// Show the receipts and actor claims again: the first push since unlocking, or after trouble.
        with_receipts: bool,
    },
    /// `GET /api/sync/pull?after=`.
    Pull { ticket: Ticket, after: u64 },
    /// `POST /api/sync/heads` with the heads of every document held here, set-aside branches left out.
    AskHeads { ticket: Ticket },
    /// Store the documents of the frame just reported and this position, in one transaction.
    Store { position: Position },
    /// The frame just reported is not to be stored: drop its documents.
    DropFrame,
    /// Store this position alone.
    StorePosition { position: Position },
    /// These changes are on the server's disk: mark them so.
    Settle { document: ConsultationId, changes: BTreeSet<Hash> },
    /// Move these changes, and whatever depends on them, to the set-aside branch; reopen the document without them.
    SetAside { document: ConsultationId, changes: BTreeSet<Hash>, reason: Refusal, detail: String },
    /// The session is over: offer to sign in.
    AskToSignIn,
    /// Give [`Input::Tick`] at this time, unless something else happens first.
    Wait { until: Millis },
}

/// One document of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPush {
    pub document: ConsultationId,
    pub content: Content,
}

/// How much of a document to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// One whole uncompressed save.
    Whole,
    /// Just these changes.
    Changes(BTreeSet<Hash>),
    /// Every change since these heads (hex); all of them where a head is not known here.
    Since(Vec<String>),
}

/// Where a document stands, for the screen. Never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something is on this device only.
    Waiting,
    /// All that is known here is on the server's disk.
    WithServer,
}

/// Heads that no server gives, so that the first answer always differs.
const NEVER_ASKED: [&str; 1] = ["-"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pause {
    since: Millis,
    until: Millis,
}

impl Pause {
    /// A time before it began means that the clock was set back, which nobody should have to wait out.
    fn holds(&self, now: Millis) -> bool {
        (self.since..self.until).contains(&now)
    }
}

/// A document of which the server lacks more than what is new here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Resend {
    /// What the server has of it, in hex.
    heads: Vec<String>,
    /// How often in a row this was not enough.
    tries: u32,
    pause: Option<Pause>,
}

/// One open vault's sync.
#[derive(Debug, Clone, Default)]
pub struct Device {
    open: bool,
    signed_in: bool,
    position: Position,
    unsent: BTreeMap<ConsultationId, Unsent>,
    /// What the server lacks or, restored, wants again.
    resend: BTreeMap<ConsultationId, Resend>,
    /// The life of the server that has said what it wants again.
    heads_known_for: Option<Epoch>,
    news: u64,
    last_ticket: Ticket,
    pushing: Option<(Ticket, BTreeMap<ConsultationId, BTreeSet<Hash>>)>,
    pulling: Option<Ticket>,
    asking: Option<Ticket>,
    pull_due: bool,
    receipts_shown: bool,
    batch: usize,
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
        self.take_in(now, input, &mut effects);
        self.go_on(now, &mut effects);
        effects
    }

    /// Where one document stands.
    pub fn standing(&self, document: &ConsultationId) -> Standing {
        let unsent = self.unsent.get(document).is_some_and(|unsent| !unsent.changes.is_empty());
        if unsent || self.resend.contains_key(document) { Standing::Waiting } else { Standing::WithServer }
    }

    /// How many documents hold something the server has not confirmed.
    pub fn unsent_documents(&self) -> usize {
        self.unsent.keys().chain(self.resend.keys()).collect::<BTreeSet<_>>().len()
    }

    pub fn position(&self) -> Position {
        self.position
    }

    fn take_in(&mut self, now: Millis, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Unlocked { position, unsent, signed_in } => {
                // Tickets go on counting, so that an answer from before the lock cannot pass for a new one.
                *self = Self { last_ticket: self.last_ticket, batch: PUSH_DOCUMENTS, ..Self::default() };
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
            Input::PushFailed { ticket, failure } => {
                if let Some((_, in_flight)) = self.pushing.take_if(|(latest, _)| *latest == ticket) {
                    self.receipts_shown = false;
                    self.push_failed(now, failure, in_flight, effects);
                }
            }
            Input::PulledFrame { ticket, epoch, cursor, more } => {
                self.pulled(now, ticket, (epoch, cursor, more), effects);
            }
            Input::PullEnded { ticket } => {
                if self.pulling.take_if(|latest| *latest == ticket).is_some() {
                    self.contact(now);
                }
            }
            Input::PullFailed { ticket, failure } => {
                if self.pulling.take_if(|latest| *latest == ticket).is_some() {
                    self.pull_due = true;
                    self.failed(now, failure, effects);
                }
            }
            Input::StoreFailed { cursor } => {
                self.position.cursor = cursor.min(self.position.cursor);
                self.pulling = None;
                self.pull_due = true;
                self.failed(now, Failure::Unreachable, effects);
            }
            Input::HeadsAnswered { ticket, answer } => {
                if self.asking.take_if(|latest| *latest == ticket).is_some() {
                    self.contact(now);
                    if self.same_life(answer.epoch, effects) {
                        self.heads_known_for = Some(answer.epoch);
                        self.resend = answer
                            .wanted
                            .into_iter()
                            .map(|(document, heads)| (document, Resend { heads, ..Resend::default() }))
                            .collect();
                        self.heads_settled(effects);
                    }
                }
            }
            Input::HeadsFailed { ticket, failure } => {
                if self.asking.take_if(|latest| *latest == ticket).is_some() {
                    self.failed(now, failure, effects);
                }
            }
            Input::News(upto) => self.news = self.news.max(upto),
            Input::Online => self.recover(),
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

    fn push_answered(&mut self, now: Millis, ticket: Ticket, answer: PushAnswer, effects: &mut Vec<Effect>) {
        let Some((_, in_flight)) = self.pushing.take_if(|(latest, _)| *latest == ticket) else { return };
        self.contact(now);
        // What a new life has stored is stored: the verdicts hold either way.
        self.same_life(answer.epoch, effects);
        self.receipts_shown = true;
        if answer.documents.len() < in_flight.len() {
            self.wait(now);
        }
        for document in answer.documents {
            let Some(pushed) = in_flight.get(&document.id) else { continue };
            match document.verdict {
                Verdict::Stored { .. } => {
                    self.resend.remove(&document.id);
                    self.settle(document.id, pushed, effects);
                }
                Verdict::Missing { heads } => {
                    self.receipts_shown = false;
                    self.missing(now, document.id, heads);
                }
                Verdict::Refused { reason, detail } => {
                    self.receipts_shown = false;
                    // Later edits were made upon the refused ones, so they stand on the same branch.
                    self.set_aside(document.id, reason, detail, effects);
                }
            }
        }
        self.heads_settled(effects);
    }

    /// The server cannot place what was sent: send more; and where that was not enough either, less often.
    fn missing(&mut self, now: Millis, document: ConsultationId, heads: Vec<String>) {
        let resend = self.resend.entry(document).or_insert_with(|| Resend {
            heads: NEVER_ASKED.map(str::to_owned).to_vec(),
            ..Resend::default()
        });
        if resend.heads == heads {
            let wait = wait_after(resend.tries);
            resend.tries = resend.tries.saturating_add(1);
            resend.pause = Some(Pause { since: now, until: now + wait });
        } else {
            *resend = Resend { heads, ..Resend::default() };
        }
    }

    fn settle(&mut self, document: ConsultationId, pushed: &BTreeSet<Hash>, effects: &mut Vec<Effect>) {
        let Some(unsent) = self.unsent.get_mut(&document) else { return };
        unsent.created_here = false;
        let settled: BTreeSet<Hash> = unsent.changes.intersection(pushed).copied().collect();
        unsent.changes.retain(|change| !settled.contains(change));
        if unsent.changes.is_empty() {
            self.unsent.remove(&document);
        }
        if !settled.is_empty() {
            effects.push(Effect::Settle { document, changes: settled });
        }
    }

    fn set_aside(
        &mut self,
        document: ConsultationId,
        reason: Refusal,
        detail: String,
        effects: &mut Vec<Effect>,
    ) {
        let unsent = self.unsent.remove(&document);
        // What a restored server lost of it, it still wants: without what is set aside. But a document that exists
        // here only goes as a whole, and one refused with nothing new in it would be refused again.
        if unsent.as_ref().is_none_or(|unsent| unsent.created_here) {
            self.resend.remove(&document);
        }
        let Some(unsent) = unsent else { return };
        effects.push(Effect::SetAside { document, changes: unsent.changes, reason, detail });
        // Among them may be some that the server has, its answer having been lost: all of the server's version is
        // fetched again, and what it wants is asked anew, because the answer under way may name what is now aside.
        self.position.cursor = 0;
        self.pulling = None;
        self.pull_due = true;
        self.asking = None;
        effects.push(Effect::StorePosition { position: self.position });
    }

    fn push_failed(
        &mut self,
        now: Millis,
        failure: Failure,
        in_flight: BTreeMap<ConsultationId, BTreeSet<Hash>>,
        effects: &mut Vec<Effect>,
    ) {
        if failure != Failure::TooLarge {
            return self.failed(now, failure, effects);
        }
        if in_flight.len() > 1 {
            self.batch = in_flight.len() / 2;
            return;
        }
        for document in in_flight.into_keys() {
            let detail = "The server does not take a record of this size.".to_owned();
            self.set_aside(document, Refusal::TooLarge, detail, effects);
        }
        self.batch = PUSH_DOCUMENTS;
    }

    fn pulled(
        &mut self,
        now: Millis,
        ticket: Ticket,
        (epoch, cursor, more): (Epoch, u64, bool),
        effects: &mut Vec<Effect>,
    ) {
        if self.pulling != Some(ticket) {
            effects.push(Effect::DropFrame);
            return;
        }
        self.contact(now);
        if !self.same_life(epoch, effects) {
            // The frame was asked for with a cursor of the old life and may leave things out.
            effects.push(Effect::DropFrame);
            return;
        }
        self.position.cursor = cursor.max(self.position.cursor);
        self.pull_due = more;
        // What the server lacked may have reached it from another device.
        self.resend.values_mut().for_each(|resend| resend.pause = None);
        effects.push(Effect::Store { position: self.position });
    }

    /// Notes the server's epoch; `false` when it has begun a new life, which forgets the cursor.
    fn same_life(&mut self, epoch: Epoch, effects: &mut Vec<Effect>) -> bool {
        match self.position.epoch {
            Some(known) if known == epoch => true,
            None => {
                self.position.epoch = Some(epoch);
                effects.push(Effect::StorePosition { position: self.position });
                true
            }
            Some(_) => {
                self.position = Position { epoch: Some(epoch), cursor: 0, heads_due: true };
                self.news = 0;
                // Asked again even of a life met before: an answer of an older one may have come in between.
                self.heads_known_for = None;
                self.resend.clear();
                self.pulling = None;
                self.asking = None;
                self.pull_due = true;
                self.receipts_shown = false;
                effects.push(Effect::StorePosition { position: self.position });
                false
            }
        }
    }

    /// Once a restored server has got back all it asked for, that is remembered.
    fn heads_settled(&mut self, effects: &mut Vec<Effect>) {
        if self.position.heads_due && self.asking.is_none() && self.resend.is_empty() && self.heads_known() {
            self.position.heads_due = false;
            effects.push(Effect::StorePosition { position: self.position });
        }
    }

    fn heads_known(&self) -> bool {
        self.heads_known_for.is_some() && self.heads_known_for == self.position.epoch
    }

    fn failed(&mut self, now: Millis, failure: Failure, effects: &mut Vec<Effect>) {
        match failure {
            Failure::SignedOut => {
                if self.signed_in {
                    self.signed_in = false;
                    effects.push(Effect::AskToSignIn);
                }
            }
            Failure::Busy { wait } => {
                let wait = wait.clamp(FIRST_WAIT, LONGEST_WAIT);
                self.pause = Some(Pause { since: now, until: now + wait });
            }
            Failure::Unreachable | Failure::TooLarge => self.wait(now),
        }
    }

    fn wait(&mut self, now: Millis) {
        let until = now + wait_after(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.pause = Some(Pause { since: now, until });
    }

    fn recover(&mut self) {
        self.failures = 0;
        self.pause = None;
    }

    fn contact(&mut self, now: Millis) {
        self.last_contact = now;
        self.recover();
    }

    /// Starts whatever is due and not under way.
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
            let ticket = self.ticket();
            self.asking = Some(ticket);
            effects.push(Effect::AskHeads { ticket });
        }
        if self.pushing.is_none() {
            self.push(now, effects);
        }
        if self.pulling.is_none() && (self.pull_due || self.news > self.position.cursor) {
            let ticket = self.ticket();
            self.pulling = Some(ticket);
            self.pull_due = false;
            // A pull reads to the end of the log, so what was announced before it is in it. An announcement from
            // before a restore may name a number that the log does not reach again.
            self.news = 0;
            effects.push(Effect::Pull { ticket, after: self.position.cursor });
        }
        if self.pushing.is_none() && self.pulling.is_none() && self.asking.is_none() {
            let paused = self.resend.values().filter_map(|resend| resend.pause.map(|pause| pause.until));
            let until = paused.fold(self.last_contact + POLL_AFTER, Millis::min);
            effects.push(Effect::Wait { until });
        }
    }

    fn push(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        let mut waiting: BTreeSet<ConsultationId> =
            self.unsent.keys().chain(self.resend.keys()).copied().collect();
        waiting.retain(|document| {
            let pause = self.resend.get(document).and_then(|resend| resend.pause);
            !pause.is_some_and(|pause| pause.holds(now))
        });
        if waiting.is_empty() {
            return;
        }
        let mut in_flight = BTreeMap::new();
        let mut documents = Vec::new();
        for document in waiting.into_iter().take(self.batch.max(1)) {
            let unsent = self.unsent.get(&document);
            let changes = unsent.map(|unsent| unsent.changes.clone()).unwrap_or_default();
            let content = match self.resend.get(&document).map(|resend| &resend.heads) {
                Some(heads) if heads.is_empty() => Content::Whole,
                Some(heads) => Content::Since(heads.clone()),
                None if unsent.is_some_and(|unsent| unsent.created_here) => Content::Whole,
                None => Content::Changes(changes.clone()),
            };
            in_flight.insert(document, changes);
            documents.push(ToPush { document, content });
        }
        let ticket = self.ticket();
        self.pushing = Some((ticket, in_flight));
        effects.push(Effect::Push { ticket, documents, with_receipts: !self.receipts_shown });
    }

    fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }
}

/// How long to wait after `failures` failures in a row.
fn wait_after(failures: u32) -> Millis {
    (FIRST_WAIT << failures.min(10)).min(LONGEST_WAIT)
}
