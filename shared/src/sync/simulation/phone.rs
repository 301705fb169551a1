//! A device: the sync machine, a disk that may refuse or die at any write, and a clock that jumps.

use super::dice::Dice;
use super::network::{Address, Mail, Request};
use super::paper;
use super::say;
use super::vault::Vault;
use crate::api::PushAnswer;
use crate::authorship::{self, Actor};
use crate::ids::ConsultationId;
use crate::sync::device::{Device, Effect, Failure, Hash, Input, LONGEST_SLEEP, Ticket};
use crate::sync::frame::{ActorClaim, PullFrame, split_stream};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

pub struct Phone {
    pub machine: Device,
    pub vault: Vault,
    pub address: Address,
    dice: Dice,
    /// Another one for every tab session.
    actor: Actor,
    pub clock: Millis,
    wake: Option<Millis>,
    /// Requests that wait for a way to a server.
    pub requests: Vec<Request>,
    pub mail: Vec<Mail>,
    pub open: bool,
    pub signed_in: bool,
    /// Actors shown to the server in this session, and those in pushes under way.
    shown: BTreeSet<Actor>,
    showing: BTreeMap<Ticket, BTreeSet<Actor>>,
    /// Writes that the disk still takes before the app is killed in the middle.
    pub dies_after: Option<usize>,
    /// Some writes fail for want of room.
    pub disk_full: bool,
    /// What the screen ever said is with the server.
    pub acknowledged: BTreeSet<Hash>,
}

/// What was typed.
pub struct Typed {
    pub document: ConsultationId,
    pub change: Hash,
    pub poisoned: bool,
}

impl Phone {
    pub fn new(dice: &mut Dice, device: usize) -> Self {
        let mut phone = Self {
            machine: Device::new(),
            vault: Vault::default(),
            address: Address { device, start: 0 },
            dice: Dice(dice.next()),
            actor: Actor::default(),
            clock: 1_000_000,
            wake: None,
            requests: Vec::new(),
            mail: Vec::new(),
            open: false,
            signed_in: true,
            shown: BTreeSet::new(),
            showing: BTreeMap::new(),
            dies_after: None,
            disk_full: false,
            acknowledged: BTreeSet::new(),
        };
        phone.unlock();
        phone
    }

    /// Unlocks with what is on the disk; another receipt and tab, and so another actor.
    pub fn unlock(&mut self) {
        let claim = ActorClaim { receipt_hash: self.dice.bytes(), tab_nonce: self.dice.bytes() };
        self.actor = authorship::actor(&claim.receipt_hash, &claim.tab_nonce);
        self.vault.claims.insert(self.actor, claim);
        self.shown.clear();
        self.showing.clear();
        self.dies_after = None;
        self.open = true;
        let (position, unsent) = (self.vault.position, self.vault.unsent.clone());
        self.tell(Input::Unlocked { position, unsent, signed_in: self.signed_in });
    }

    /// The vault is shut; what is under way still arrives.
    pub fn lock(&mut self) {
        self.open = false;
        self.wake = None;
        self.tell(Input::Locked);
    }

    /// The app is killed: all that was in memory is gone, and answers under way reach nobody.
    pub fn kill(&mut self) {
        self.open = false;
        self.wake = None;
        self.machine = Device::new();
        self.dies_after = None;
        self.address.start += 1;
        self.mail.clear();
        self.requests.clear();
    }

    /// The browser took everything back, keys included.
    pub fn evict(&mut self) {
        self.kill();
        self.vault = Vault::default();
    }

    pub fn tell(&mut self, input: Input) {
        self.tell_with(input, None);
    }

    fn tell_with(&mut self, input: Input, frame: Option<&PullFrame>) {
        let before = self.machine.position();
        let mut refused = Vec::new();
        say(format_args!("device {} hears {input:?}", self.address.device));
        for effect in self.machine.handle(self.clock, input) {
            say(format_args!("device {} is to {effect:?}", self.address.device));
            if writes(&effect) {
                if self.dies_after == Some(0) {
                    say(format_args!("device {} is killed before that write", self.address.device));
                    return self.kill();
                }
                self.dies_after = self.dies_after.map(|left| left - 1);
                if self.disk_full && self.dice.chance(50) {
                    say(format_args!("device {} has no room for that", self.address.device));
                    refused.push(effect);
                    continue;
                }
            }
            self.carry_out(effect, frame);
        }
        for effect in refused {
            self.tell(match effect {
                Effect::Store { .. } => Input::StoreFailed { cursor: before.cursor },
                effect => Input::Unwritten(effect),
            });
        }
    }

    fn carry_out(&mut self, effect: Effect, frame: Option<&PullFrame>) {
        match effect {
            Effect::Push { ticket, documents, with_receipts } => {
                if with_receipts {
                    self.shown.clear();
                }
                let (frame, actors) = self.vault.compose(&documents, &self.shown);
                self.showing.insert(ticket, actors);
                self.requests.push(Request::Push(ticket, frame.to_bytes()));
            }
            Effect::Pull { ticket, after } => self.requests.push(Request::Pull(ticket, after)),
            Effect::AskHeads { ticket } => {
                let documents = self.vault.documents.iter_mut();
                let held = documents.map(|(id, document)| (*id, paper::heads(document))).collect();
                self.requests.push(Request::Heads(ticket, held));
            }
            Effect::Store { position } => {
                let frame = frame.expect("only a frame is stored");
                self.vault.store(frame, position);
            }
            Effect::DropFrame => {}
            Effect::StorePosition { position } => self.vault.position = position,
            Effect::Settle { document, changes } => {
                self.vault.settle(document, &changes);
                self.acknowledged.extend(changes);
            }
            Effect::SetAside { document, changes, position, .. } => {
                self.vault.set_aside(document, changes);
                self.vault.position = position;
            }
            Effect::Forget { document } => self.vault.forget(&document),
            Effect::AskToSignIn => self.signed_in = false,
            Effect::Wait { until } => self.wake = Some(until),
        }
    }

    /// Somebody types: durable first, then the machine hears of it.
    pub fn edit(&mut self, poisoned: bool) -> Option<Typed> {
        let count = self.vault.documents.len();
        let created = count == 0 || self.dice.chance(20);
        let (document, change) = if created {
            let id = ConsultationId::from_bytes(self.dice.bytes());
            let (document, change) = paper::created(&mut self.dice, id, &self.actor, poisoned);
            self.vault.documents.insert(id, document);
            (id, change)
        } else {
            let at = self.dice.below(count);
            let (id, document) = self.vault.documents.iter_mut().nth(at).expect("it was counted");
            let change = paper::edited(&mut self.dice, document, &self.actor, poisoned)?;
            (*id, change.hash().0)
        };
        let unsent = self.vault.unsent.entry(document).or_default();
        unsent.changes.insert(change);
        unsent.created_here |= created;
        // Killed between the disk and the machine, it is found unsent at the next unlock.
        if self.dies_after == Some(0) {
            self.kill();
        }
        self.tell(Input::Edited { document, change, created });
        Some(Typed { document, change, poisoned })
    }

    pub fn receive(&mut self, mail: Mail) {
        match mail {
            Mail::Pushed(ticket, answer) => self.answered(ticket, answer),
            Mail::PushFailed(ticket, failure) => self.tell(Input::PushFailed { ticket, failure }),
            Mail::Frame(ticket, mut bytes) => {
                for frame in split_stream(&mut bytes).expect("a frame is never malformed") {
                    if !frame.destroyed.is_empty() {
                        self.tell(Input::Destroyed { documents: frame.destroyed.clone() });
                    }
                    let (epoch, cursor, more) = (frame.epoch, frame.cursor, frame.more);
                    self.tell_with(Input::PulledFrame { ticket, epoch, cursor, more }, Some(&frame));
                }
            }
            Mail::PullEnded(ticket) => self.tell(Input::PullEnded { ticket }),
            Mail::PullFailed(ticket, failure) => self.tell(Input::PullFailed { ticket, failure }),
            Mail::Heads(ticket, answer) => self.tell(Input::HeadsAnswered { ticket, answer }),
            Mail::HeadsFailed(ticket, failure) => self.tell(Input::HeadsFailed { ticket, failure }),
            Mail::News(upto) => self.tell(Input::News(upto)),
        }
    }

    fn answered(&mut self, ticket: Ticket, answer: PushAnswer) {
        self.shown.extend(self.showing.remove(&ticket).unwrap_or_default());
        self.tell(Input::PushAnswered { ticket, answer });
    }

    pub fn sign_in(&mut self) {
        if !self.signed_in {
            self.signed_in = true;
            self.tell(Input::SignedIn);
        }
    }

    /// Sleeps until the machine wants to be woken, or for a while.
    pub fn pass_time(&mut self) {
        let wanted = self.wake.take().map_or(5_000, |wake| (wake - self.clock).clamp(1, LONGEST_SLEEP));
        self.clock += wanted;
        self.tell(Input::Tick);
    }

    pub fn is_quiet(&self) -> bool {
        self.requests.is_empty() && self.mail.is_empty()
    }

    pub fn lose_request(&mut self, request: &Request, failure: Failure) {
        self.mail.push(request.failed(failure));
    }
}

fn writes(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Store { .. }
            | Effect::StorePosition { .. }
            | Effect::Settle { .. }
            | Effect::SetAside { .. }
            | Effect::Forget { .. }
    )
}
