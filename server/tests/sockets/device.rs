//! A device on the road: records without pause, drives the real machine over real sockets, and dies now and then.

use crate::dice::Dice;
use crate::headless::Headless;
use crate::talk::{self, Letterbox, Mail};
use crate::vault::Vault;
use automerge::Change;
use satchel::clock::{Clock, Stopwatch};
use shared::api::{HeadsRequest, Verdict};
use shared::consultation::{Answer, Consultation, Document, Writer};
use shared::ids::ConsultationId;
use shared::sync::device::{Device as Machine, Effect, Hash, Input, LONGEST_SLEEP, Position};
use shared::sync::frame::PullFrame;
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use uuid::Uuid;

/// A device's time runs so much faster that its waits do not become the test's.
const PACE: f64 = 20.0;
/// Consultations of one pharmacy before new ones become rare.
const ENOUGH: usize = 30;
const GPHC: &str = "2099999";

/// What everyone is doing at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Recording, signing, dying.
    Work,
    /// Only what sync does by itself.
    Rest,
    /// Everyone goes home.
    End,
}

/// What a device shows of itself while it runs.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub unsent: usize,
    pub position: Position,
    /// What the server refused or could not place, and how often: for whoever looks into a failure.
    pub refused: BTreeMap<String, u32>,
}

pub struct Device {
    headless: Headless,
    network: SocketAddr,
    machine: Machine,
    pub vault: Vault,
    writer: Option<Writer>,
    dice: Dice,
    age: Stopwatch,
    letters: mpsc::UnboundedReceiver<(u64, Mail)>,
    letterbox: Letterbox,
    /// Frame just reported, until the machine says what becomes of it.
    frame: Option<PullFrame>,
    wake: Option<Millis>,
    listening: Option<AbortHandle>,
    /// Everything a person did here.
    pub typed: BTreeSet<(ConsultationId, Hash)>,
    /// Everything the server said it has.
    pub acknowledged: BTreeSet<(ConsultationId, Hash)>,
    pub deaths: u64,
    seen: Arc<Mutex<Seen>>,
    refused: BTreeMap<String, u32>,
}

impl Device {
    pub fn new(headless: Headless, network: SocketAddr, dice: Dice, seen: Arc<Mutex<Seen>>) -> Self {
        let (mail, letters) = mpsc::unbounded_channel();
        let vault = Vault::new(&headless.session.server_nonce);
        Self {
            headless,
            network,
            machine: Machine::new(),
            vault,
            writer: None,
            dice,
            age: Stopwatch::start(),
            letters,
            letterbox: Letterbox { life: 0, mail },
            frame: None,
            wake: None,
            listening: None,
            typed: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            deaths: 0,
            seen,
            refused: BTreeMap::new(),
        }
    }

    /// Lives until everyone goes home.
    pub async fn run(mut self, mut mode: watch::Receiver<Mode>) -> Self {
        self.unlock();
        let mut record_in = self.dice.milliseconds(0, 100);
        loop {
            let doing = *mode.borrow_and_update();
            let wake_in = self.wake.map_or(LONGEST_SLEEP, |wake| (wake - self.now()).clamp(0, LONGEST_SLEEP));
            let wake_in = Duration::from_secs_f64(wake_in as f64 / 1e3 / PACE);
            tokio::select! {
                letter = self.letters.recv() => {
                    let (life, mail) = letter.expect("this device holds a sender itself");
                    if life == self.letterbox.life {
                        self.receive(mail);
                    }
                }
                () = tokio::time::sleep(wake_in) => self.tell(Input::Tick),
                () = tokio::time::sleep(record_in), if doing == Mode::Work => {
                    if self.dice.chance(1) {
                        self.die();
                    } else {
                        self.record();
                    }
                    record_in = self.dice.milliseconds(5, 90);
                }
                changed = mode.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    match *mode.borrow() {
                        Mode::Work => {}
                        Mode::Rest => self.tell(Input::Online),
                        Mode::End => break,
                    }
                }
            }
            let seen = Seen {
                unsent: self.machine.unsent_documents(),
                position: self.machine.position(),
                refused: self.refused.clone(),
            };
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        }
        self.listening.take().inspect(AbortHandle::abort);
        self
    }

    fn now(&self) -> Millis {
        (self.age.seconds() * 1e3 * PACE) as Millis
    }

    fn unlock(&mut self) {
        self.vault.counter += 1;
        let (nonce, counter) = (&self.vault.server_nonce, self.vault.counter);
        let unlocked = self.headless.unlock(nonce, counter, Clock::Real.now()).expect("it is signed in");
        self.vault.keep_unlock(&unlocked);
        self.writer = Some(unlocked.writer);
        let heard = talk::listen(self.headless.clone(), self.network, self.letterbox.clone());
        self.listening = Some(tokio::spawn(heard).abort_handle());
        let (position, unsent) = (self.vault.position, self.vault.unsent.clone());
        self.tell(Input::Unlocked { position, unsent, signed_in: true });
    }

    /// The app is killed and opened again: what was in memory is gone, what was asked is answered to nobody.
    fn die(&mut self) {
        self.deaths += 1;
        self.machine = Machine::new();
        self.frame = None;
        self.wake = None;
        self.letterbox.life += 1;
        self.listening.take().inspect(AbortHandle::abort);
        self.vault.reopen();
        self.unlock();
    }

    fn receive(&mut self, mail: Mail) {
        match mail {
            Mail::Pushed(ticket, Ok(answer)) => {
                self.vault.server_nonce.clone_from(&answer.server_nonce);
                for document in &answer.documents {
                    let why = match &document.verdict {
                        Verdict::Stored { .. } => continue,
                        Verdict::Missing { .. } => "missing".to_owned(),
                        Verdict::Refused { reason, detail } => format!("{reason:?}: {detail}"),
                    };
                    *self.refused.entry(why).or_default() += 1;
                }
                self.tell(Input::PushAnswered { ticket, answer });
            }
            Mail::Pushed(ticket, Err(failure)) => self.tell(Input::PushFailed { ticket, failure }),
            Mail::Frame(ticket, frame) => {
                let (epoch, cursor, more) = (frame.epoch, frame.cursor, frame.more);
                let documents = frame.destroyed.clone();
                self.frame = Some(frame);
                if !documents.is_empty() {
                    // First, so that the same step does not push what is about to go.
                    self.tell(Input::Destroyed { documents });
                }
                self.tell(Input::PulledFrame { ticket, epoch, cursor, more });
            }
            Mail::Pulled(ticket, Ok(())) => self.tell(Input::PullEnded { ticket }),
            Mail::Pulled(ticket, Err(failure)) => self.tell(Input::PullFailed { ticket, failure }),
            Mail::Heads(ticket, Ok(answer)) => self.tell(Input::HeadsAnswered { ticket, answer }),
            Mail::Heads(ticket, Err(failure)) => self.tell(Input::HeadsFailed { ticket, failure }),
            Mail::News(upto) => self.tell(Input::News(upto)),
        }
    }

    fn tell(&mut self, input: Input) {
        for effect in self.machine.handle(self.now(), input) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        let (device, letterbox) = (self.headless.clone(), self.letterbox.clone());
        match effect {
            Effect::Push { ticket, documents, with_receipts } => {
                let frame = self.vault.compose(&self.headless, &documents, with_receipts).to_bytes();
                if self.dice.chance(10) {
                    let after = self.dice.milliseconds(0, 400);
                    tokio::spawn(talk::push_again(device.clone(), frame.clone(), after));
                }
                tokio::spawn(talk::push(device, frame, ticket, letterbox));
            }
            Effect::Pull { ticket, after } => {
                tokio::spawn(talk::pull(device, after, ticket, letterbox));
            }
            Effect::AskHeads { ticket } => {
                let asked = HeadsRequest { documents: self.vault.heads() };
                tokio::spawn(talk::ask_heads(device, asked, ticket, letterbox));
            }
            Effect::Store { position } => {
                let frame = self.frame.take().expect("only a frame is stored");
                self.vault.store(&frame, position);
            }
            Effect::DropFrame => self.frame = None,
            Effect::StorePosition { position } => self.vault.position = position,
            Effect::Settle { document, changes } => {
                self.vault.settle(document, &changes);
                self.acknowledged.extend(changes.into_iter().map(|change| (document, change)));
            }
            Effect::SetAside { document, changes, reason, detail, position } => {
                self.vault.set_aside(document, &changes, reason, &detail);
                self.vault.position = position;
            }
            Effect::Forget { document } => self.vault.forget(&document),
            Effect::AskToSignIn => panic!("a session ended that nobody ended"),
            Effect::Wait { until } => self.wake = Some(until),
        }
    }

    /// One thing that somebody records. It is on the disk before the machine hears of it.
    fn record(&mut self) {
        let writer = self.writer.clone().expect("it is unlocked");
        let at = Clock::Real.now();
        let known: Vec<ConsultationId> = self.vault.documents.keys().copied().collect();
        let new = known.is_empty() || self.dice.chance(if known.len() < ENOUGH { 30 } else { 3 });
        let (id, change) = if new {
            let id = ConsultationId(Uuid::new_v4());
            let mut record = Consultation::new(id, &self.headless.pharmacy, "minor-illness@1", at);
            "walkin".clone_into(&mut record.referral.channel);
            record.patient.family_name = format!("Winters {}", self.dice.below(1000));
            let mut document = Document::create(at, &writer, &record).expect("it is a record");
            let change = document.changes_since(&[]).remove(0);
            self.vault.documents.insert(id, document);
            (id, change.hash().0)
        } else {
            let id = known[self.dice.below(known.len())];
            let signs = self.dice.chance(4);
            let (key, value) = (format!("field-{}", self.dice.below(6)), self.dice.below(1000));
            let document = self.vault.documents.get_mut(&id).expect("it was listed");
            if !document.is_editable().expect("it is a record") {
                return;
            }
            let change = if signs {
                document.sign(at, &writer, GPHC, false).ok()
            } else {
                let edited = document.edit_visit(at, &writer, |record| {
                    record.answers.insert(key, Answer::Number(value as f64));
                });
                edited.expect("it is a record")
            };
            let Some(bytes) = change else { return };
            (id, Change::from_bytes(bytes).expect("just made").hash().0)
        };
        self.typed.insert((id, change));
        let unsent = self.vault.unsent.entry(id).or_default();
        unsent.changes.insert(change);
        unsent.created_here |= new;
        self.tell(Input::Edited { document: id, change, created: new });
    }
}
