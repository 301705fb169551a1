//! Many devices, one server and a network that fails, played from a seed; every failing seed can be replayed:
//! `SATCHEL_SIMULATION_SEED=N cargo test -p shared simulation`.

use super::device::{
    Content, Device, Effect, Failure, Hash, Input, Position, Standing, Ticket, ToPush, Unsent,
};
use super::server::{Link, Placement, begin, place, wants};
use crate::api::{DocumentAnswer, HeadsAnswer, PushAnswer, Refusal, Verdict};
use crate::consultation::{
    Answer, Author, Consultation, Document, Outcome, Patient, Referral, Visit, Writer,
};
use crate::ids::{ConsultationId, Epoch};
use crate::time::Millis;
use automerge::{Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet};

/// How many histories `cargo test` plays.
const HISTORIES: u64 = 10_000;
/// Things that happen before everything is left to settle.
const EVENTS: u32 = 26;
/// An answer that the server refuses to store, standing for whatever a real one refuses.
const POISON: &str = "poison";
/// Rounds in which everything must have settled once the network is whole again.
const PATIENCE: u32 = 100;
/// Requests and answers that may follow each other without time passing.
const BUSY: u32 = 2_000;

/// SplitMix64: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

/// What the server has of one document.
#[derive(Clone)]
struct Kept {
    document: Document,
    seq: u64,
    /// Each change with the number it was stored under.
    log: Vec<(u64, Change)>,
}

/// The server: its log, and what happens to it.
#[derive(Clone)]
struct Server {
    epoch: Epoch,
    seq: u64,
    documents: BTreeMap<ConsultationId, Kept>,
}

/// One document on its way up.
#[derive(Clone)]
struct Sent {
    id: ConsultationId,
    changes: Vec<Change>,
}

/// One frame on its way down: changes of documents, and where they end.
#[derive(Clone)]
struct Frame {
    epoch: Epoch,
    cursor: u64,
    more: bool,
    documents: Vec<(ConsultationId, Vec<Change>)>,
}

impl Server {
    fn push(&mut self, sent: &[Sent]) -> PushAnswer {
        let documents =
            sent.iter().map(|sent| DocumentAnswer { id: sent.id, verdict: self.judge(sent) }).collect();
        PushAnswer { epoch: self.epoch, server_nonce: String::new(), documents }
    }

    fn judge(&mut self, sent: &Sent) -> Verdict {
        let links: Vec<Link> = sent.changes.iter().map(link).collect();
        let known: BTreeSet<Hash> = match self.documents.get(&sent.id) {
            Some(kept) => kept.log.iter().map(|(_, change)| change.hash().0).collect(),
            None => BTreeSet::new(),
        };
        let order = match place(|hash| known.contains(hash), &links) {
            Placement::Fits(order) => order,
            Placement::Known => {
                return match self.documents.get(&sent.id) {
                    Some(kept) => Verdict::Stored { seq: kept.seq },
                    None => Verdict::Missing { heads: Vec::new() },
                };
            }
            Placement::Missing => {
                let kept = self.documents.get_mut(&sent.id);
                return Verdict::Missing {
                    heads: kept.map(|kept| heads(&mut kept.document)).unwrap_or_default(),
                };
            }
        };
        let new: Vec<Change> = order.iter().map(|&index| sent.changes[index].clone()).collect();
        let merged = match self.documents.get(&sent.id) {
            Some(kept) => {
                let mut merged = kept.document.clone();
                merged.apply(new.clone()).map(|()| merged)
            }
            None => Document::from_changes(new.clone()),
        };
        let Ok(merged) = merged else { return refused() };
        if merged.read().is_ok_and(|record| record.answers.contains_key(POISON)) {
            return refused();
        }
        self.seq += 1;
        let seq = self.seq;
        let log = self.documents.remove(&sent.id).map(|kept| kept.log).unwrap_or_default();
        let log = log.into_iter().chain(new.into_iter().map(|change| (seq, change))).collect();
        self.documents.insert(sent.id, Kept { document: merged, seq, log });
        Verdict::Stored { seq }
    }

    /// The log after a cursor, a few documents a frame.
    fn pull(&self, after: u64) -> Vec<Frame> {
        let after = begin(after, self.seq);
        let mut due: Vec<(&ConsultationId, &Kept)> =
            self.documents.iter().filter(|(_, kept)| kept.seq > after).collect();
        due.sort_by_key(|(_, kept)| kept.seq);
        let mut frames: Vec<Frame> = due
            .chunks(2)
            .map(|part| Frame {
                epoch: self.epoch,
                cursor: part.last().map_or(after, |(_, kept)| kept.seq),
                more: true,
                documents: part.iter().map(|(id, kept)| (**id, since(kept, after))).collect(),
            })
            .collect();
        match frames.last_mut() {
            Some(last) => last.more = false,
            None => {
                frames.push(Frame { epoch: self.epoch, cursor: after, more: false, documents: Vec::new() });
            }
        }
        frames
    }

    fn heads(&self, held: &BTreeMap<ConsultationId, Vec<String>>) -> HeadsAnswer {
        let mut wanted = BTreeMap::new();
        for (id, held) in held {
            match self.documents.get(id) {
                None => drop(wanted.insert(*id, Vec::new())),
                Some(kept) => {
                    let known: BTreeSet<String> =
                        kept.log.iter().map(|(_, change)| change.hash().to_string()).collect();
                    if wants(|head| known.contains(head), held) {
                        wanted.insert(*id, heads(&mut kept.document.clone()));
                    }
                }
            }
        }
        HeadsAnswer { epoch: self.epoch, wanted }
    }
}

fn since(kept: &Kept, after: u64) -> Vec<Change> {
    kept.log.iter().filter(|(seq, _)| *seq > after).map(|(_, change)| change.clone()).collect()
}

fn refused() -> Verdict {
    Verdict::Refused { reason: Refusal::Unreadable, detail: String::new() }
}

fn link(change: &Change) -> Link {
    Link { hash: change.hash().0, deps: change.deps().iter().map(|dep| dep.0).collect() }
}

fn heads(document: &mut Document) -> Vec<String> {
    let mut heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    heads.sort_unstable();
    heads
}

/// What survives a restart: the sealed log and the position, written together.
#[derive(Clone, Default)]
struct Vault {
    position: Position,
    documents: BTreeMap<ConsultationId, Document>,
    unsent: BTreeMap<ConsultationId, Unsent>,
    /// Refused changes, kept for a person to look at.
    set_aside: BTreeSet<Hash>,
}

/// Something on its way to a device.
#[derive(Clone)]
enum Mail {
    Pushed(Ticket, PushAnswer),
    PushFailed(Ticket, Failure),
    Frame(Ticket, Frame),
    PullEnded(Ticket),
    PullFailed(Ticket),
    Heads(Ticket, HeadsAnswer),
    HeadsFailed(Ticket),
    News(u64),
}

/// A request on its way to the server.
enum Request {
    Push(Ticket, Vec<Sent>),
    Pull(Ticket, u64),
    Heads(Ticket, BTreeMap<ConsultationId, Vec<String>>),
}

struct Phone {
    machine: Device,
    vault: Vault,
    writer: Writer,
    /// Its own clock, which jumps.
    clock: Millis,
    wake: Option<Millis>,
    requests: Vec<Request>,
    mail: Vec<Mail>,
    open: bool,
}

impl Phone {
    fn new(dice: &mut Dice, name: usize) -> Self {
        let author = Author { person: name.to_string(), name: name.to_string(), ..Author::default() };
        let mut phone = Self {
            machine: Device::new(),
            vault: Vault::default(),
            writer: Writer { actor: dice.bytes(), author },
            clock: 1_000_000,
            wake: None,
            requests: Vec::new(),
            mail: Vec::new(),
            open: false,
        };
        phone.unlock(dice);
        phone
    }

    /// Unlocks with what was durable; another actor, as for every tab session.
    fn unlock(&mut self, dice: &mut Dice) {
        self.writer.actor = dice.bytes();
        self.open = true;
        let unsent = self.vault.unsent.clone();
        self.tell(Input::Unlocked { position: self.vault.position, unsent, signed_in: true }, None);
    }

    /// The app is killed: what was in memory is gone, what was asked may still be answered.
    fn kill(&mut self) {
        self.open = false;
        self.wake = None;
        self.tell(Input::Locked, None);
    }

    fn tell(&mut self, input: Input, frame: Option<Frame>) {
        let effects = self.machine.handle(self.clock, input);
        for effect in effects {
            self.carry_out(effect, frame.as_ref());
        }
    }

    fn carry_out(&mut self, effect: Effect, frame: Option<&Frame>) {
        match effect {
            Effect::Push { ticket, documents, .. } => {
                let sent = documents.into_iter().map(|one| self.compose(&one)).collect();
                self.requests.push(Request::Push(ticket, sent));
            }
            Effect::Pull { ticket, after } => self.requests.push(Request::Pull(ticket, after)),
            Effect::AskHeads { ticket } => {
                let held = self.vault.documents.iter_mut().map(|(id, document)| (*id, heads(document)));
                let held = held.collect();
                self.requests.push(Request::Heads(ticket, held));
            }
            Effect::Store { position } => {
                let frame = frame.expect("only a frame is stored");
                for (id, changes) in &frame.documents {
                    if let Some(document) = self.vault.documents.get_mut(id) {
                        document.apply(changes.clone()).expect("a cursor skipped something");
                    } else {
                        let document = Document::from_changes(changes.clone());
                        self.vault.documents.insert(*id, document.expect("a cursor skipped something"));
                    }
                }
                self.vault.position = position;
            }
            Effect::DropFrame | Effect::AskToSignIn => {}
            Effect::StorePosition { position } => self.vault.position = position,
            Effect::Settle { document, changes } => {
                let unsent = self.vault.unsent.get_mut(&document).expect("only what was unsent is settled");
                assert!(changes.is_subset(&unsent.changes), "settled something it never sent");
                unsent.changes.retain(|change| !changes.contains(change));
                unsent.created_here = false;
            }
            Effect::SetAside { document, changes, .. } => self.set_aside(document, changes),
            Effect::Wait { until } => self.wake = Some(until),
        }
    }

    fn compose(&mut self, one: &ToPush) -> Sent {
        let document = self.vault.documents.get_mut(&one.document).expect("only what is here is pushed");
        let all = document.changes_since(&[]);
        let changes = match &one.content {
            Content::Whole => all,
            Content::Changes(wanted) => {
                all.into_iter().filter(|change| wanted.contains(&change.hash().0)).collect()
            }
            Content::Since(heads) => {
                let heads: Vec<ChangeHash> = heads.iter().filter_map(|head| head.parse().ok()).collect();
                if heads.iter().all(|head| document.has(head)) { document.changes_since(&heads) } else { all }
            }
        };
        Sent { id: one.document, changes }
    }

    /// Reopens the document without the refused changes and whatever builds on them.
    fn set_aside(&mut self, id: ConsultationId, changes: BTreeSet<Hash>) {
        let mut document = self.vault.documents.remove(&id).expect("only what is here is set aside");
        let mut gone = changes;
        let mut kept = Vec::new();
        for change in document.changes_since(&[]) {
            let falls =
                gone.contains(&change.hash().0) || change.deps().iter().any(|dep| gone.contains(&dep.0));
            if falls {
                gone.insert(change.hash().0);
            } else {
                kept.push(change);
            }
        }
        if !kept.is_empty() {
            self.vault.documents.insert(id, Document::from_changes(kept).expect("predecessors were kept"));
        }
        self.vault.unsent.remove(&id);
        self.vault.set_aside.extend(gone);
    }

    fn edit(&mut self, dice: &mut Dice, poisoned: bool, typed: &mut BTreeSet<Hash>) {
        let ids: Vec<ConsultationId> = self.vault.documents.keys().copied().collect();
        let (id, created, change) = if ids.is_empty() || dice.chance(20) {
            let id = ConsultationId::from_bytes(dice.bytes());
            let mut record = blank(id);
            if poisoned {
                record.answers.insert(POISON.to_owned(), Answer::YesNo(true));
            }
            let mut document = Document::create(self.clock, &self.writer, &record).expect("it is a record");
            let change = document.changes_since(&[]).remove(0).hash().0;
            self.vault.documents.insert(id, document);
            (id, true, change)
        } else {
            let id = ids[dice.below(ids.len())];
            let document = self.vault.documents.get_mut(&id).expect("it was listed");
            let key = if poisoned { POISON.to_owned() } else { format!("field-{}", dice.below(4)) };
            let value = Answer::Number(dice.below(1000) as f64);
            let bytes = document
                .edit(self.clock, &self.writer, |record| drop(record.answers.insert(key, value)))
                .expect("it is a record");
            let Some(bytes) = bytes else { return };
            (id, false, Change::from_bytes(bytes).expect("just made").hash().0)
        };
        typed.insert(change);
        let unsent = self.vault.unsent.entry(id).or_default();
        unsent.changes.insert(change);
        unsent.created_here |= created;
        self.tell(Input::Edited { document: id, change, created }, None);
    }

    fn receive(&mut self, mail: Mail) {
        match mail {
            Mail::Pushed(ticket, answer) => self.tell(Input::PushAnswered { ticket, answer }, None),
            Mail::PushFailed(ticket, failure) => self.tell(Input::PushFailed { ticket, failure }, None),
            Mail::Frame(ticket, frame) => {
                let (epoch, cursor, more) = (frame.epoch, frame.cursor, frame.more);
                self.tell(Input::PulledFrame { ticket, epoch, cursor, more }, Some(frame));
            }
            Mail::PullEnded(ticket) => self.tell(Input::PullEnded { ticket }, None),
            Mail::PullFailed(ticket) => {
                self.tell(Input::PullFailed { ticket, failure: Failure::Unreachable }, None);
            }
            Mail::Heads(ticket, answer) => self.tell(Input::HeadsAnswered { ticket, answer }, None),
            Mail::HeadsFailed(ticket) => {
                self.tell(Input::HeadsFailed { ticket, failure: Failure::Unreachable }, None);
            }
            Mail::News(upto) => self.tell(Input::News(upto), None),
        }
    }

    /// Changes of one document that are live here: neither set aside nor lost.
    fn holds(&mut self, change: &Hash) -> bool {
        self.vault.documents.values_mut().any(|document| document.has(&ChangeHash(*change)))
    }
}

fn blank(id: ConsultationId) -> Consultation {
    Consultation {
        schema: crate::consultation::SCHEMA,
        id: id.to_string(),
        pharmacy: "FA123".to_owned(),
        pathway: String::new(),
        created_at: String::new(),
        referral: Referral::default(),
        earlier_reports: BTreeMap::new(),
        notices: BTreeMap::new(),
        patient: Patient::default(),
        visit: Visit::default(),
        answers: BTreeMap::new(),
        observations: BTreeMap::new(),
        medicines: BTreeMap::new(),
        outcome: Outcome::default(),
        notes: "".into(),
        signatures: BTreeMap::new(),
        amendments: BTreeMap::new(),
        deliveries: BTreeMap::new(),
        authors: BTreeMap::new(),
    }
}

struct World {
    dice: Dice,
    server: Server,
    /// What a backup holds.
    backup: Server,
    phones: Vec<Phone>,
    /// Everything anybody ever typed.
    typed: BTreeSet<Hash>,
    /// The network drops, duplicates, reorders and cuts while this is set.
    wild: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let server = Server { epoch: Epoch::from_bytes(dice.bytes()), seq: 0, documents: BTreeMap::new() };
        let phones = (0..2 + dice.below(2)).map(|name| Phone::new(&mut dice, name)).collect();
        Self { backup: server.clone(), server, phones, dice, typed: BTreeSet::new(), wild: true }
    }

    fn play(&mut self) {
        for _ in 0..EVENTS {
            self.event();
        }
        self.wild = false;
        for phone in &mut self.phones {
            if !phone.open {
                phone.unlock(&mut self.dice);
            }
            phone.tell(Input::Online, None);
        }
        for round in 0.. {
            assert!(round < PATIENCE, "it never settles");
            self.run_dry();
            let last = self.server.seq;
            let epoch = Some(self.server.epoch);
            let caught_up = |phone: &Phone| {
                let position = phone.machine.position();
                position.epoch == epoch && position.cursor == last && !position.heads_due
            };
            if self.phones.iter().all(|phone| phone.machine.unsent_documents() == 0 && caught_up(phone)) {
                break;
            }
            for index in 0..self.phones.len() {
                self.pass_time(index);
            }
        }
        self.check();
    }

    /// Lets everything under way arrive. Without time passing this must come to an end.
    fn run_dry(&mut self) {
        for step in 0.. {
            assert!(step < BUSY, "a device asks again and again without waiting");
            let busy = |phone: &Phone| !(phone.requests.is_empty() && phone.mail.is_empty());
            let Some(index) = self.phones.iter().position(busy) else { return };
            self.serve(index);
            self.deliver(index);
        }
    }

    fn event(&mut self) {
        let index = self.dice.below(self.phones.len());
        match self.dice.below(100) {
            0..30 if self.phones[index].open => {
                let poisoned = self.dice.chance(6);
                self.phones[index].edit(&mut self.dice, poisoned, &mut self.typed);
            }
            30..58 => self.serve(index),
            58..80 => self.deliver(index),
            80..88 => self.pass_time(index),
            88..92 => {
                // A clock set forward or back by up to two days.
                let jump = self.dice.below(4) as Millis * 86_400_000 / 2 - 86_400_000;
                self.phones[index].clock += jump;
            }
            92..95 if self.phones[index].open => self.phones[index].kill(),
            92..95 => self.phones[index].unlock(&mut self.dice),
            95..97 => self.backup = self.server.clone(),
            97 => {
                self.server = self.backup.clone();
                self.server.epoch = Epoch::from_bytes(self.dice.bytes());
            }
            _ => self.phones[index].tell(Input::Online, None),
        }
    }

    fn pass_time(&mut self, index: usize) {
        let step = 1_000 + self.dice.below(60_000) as Millis;
        let phone = &mut self.phones[index];
        phone.clock = phone.wake.take().filter(|wake| *wake > phone.clock).unwrap_or(phone.clock + step);
        phone.tell(Input::Tick, None);
    }

    /// The server answers one waiting request of that phone, in whatever order they arrive.
    fn serve(&mut self, index: usize) {
        let waiting = self.phones[index].requests.len();
        if waiting == 0 {
            return;
        }
        let request = self.phones[index].requests.remove(self.dice.below(waiting));
        let lost_there = self.wild && self.dice.chance(10);
        let lost_back = self.wild && self.dice.chance(10);
        let before = self.server.seq;
        let mail = match request {
            Request::Push(ticket, _) if lost_there => vec![Mail::PushFailed(ticket, Failure::Unreachable)],
            Request::Push(ticket, sent) if self.wild && sent.len() > 1 && self.dice.chance(5) => {
                vec![Mail::PushFailed(ticket, Failure::TooLarge)]
            }
            Request::Push(ticket, sent) => {
                let mut answer = self.server.push(&sent);
                if self.wild && self.dice.chance(10) {
                    // Sent twice by a proxy that lost patience; the second answer is the one that arrives.
                    answer = self.server.push(&sent);
                }
                if lost_back {
                    vec![Mail::PushFailed(ticket, Failure::Unreachable)]
                } else {
                    vec![Mail::Pushed(ticket, answer)]
                }
            }
            Request::Pull(ticket, _) if lost_there => vec![Mail::PullFailed(ticket)],
            Request::Pull(ticket, after) => {
                let frames = self.server.pull(after);
                let arrive = if lost_back { self.dice.below(frames.len()) } else { frames.len() };
                let last = if lost_back { Mail::PullFailed(ticket) } else { Mail::PullEnded(ticket) };
                let frames = frames.into_iter().take(arrive).map(|frame| Mail::Frame(ticket, frame));
                frames.chain([last]).collect()
            }
            Request::Heads(ticket, _) if lost_there || lost_back => vec![Mail::HeadsFailed(ticket)],
            Request::Heads(ticket, held) => vec![Mail::Heads(ticket, self.server.heads(&held))],
        };
        self.phones[index].mail.extend(mail);
        if self.server.seq != before {
            for phone in &mut self.phones {
                if !(self.wild && self.dice.chance(30)) {
                    phone.mail.push(Mail::News(self.server.seq));
                }
            }
        }
    }

    /// Mail arrives in order on one stream, but streams overtake each other, and some arrives again.
    fn deliver(&mut self, index: usize) {
        let phone = &mut self.phones[index];
        if phone.mail.is_empty() {
            return;
        }
        let mut at = if self.wild && self.dice.chance(25) { self.dice.below(phone.mail.len()) } else { 0 };
        if let Some(ticket) = of_stream(&phone.mail[at]) {
            at = phone.mail.iter().position(|mail| of_stream(mail) == Some(ticket)).unwrap_or(at);
        }
        let mail = phone.mail.remove(at);
        if self.wild && self.dice.chance(8) {
            phone.mail.push(mail.clone());
        }
        phone.receive(mail);
    }

    /// The promises, once everything has settled.
    fn check(&mut self) {
        let mut everywhere: BTreeMap<ConsultationId, Vec<String>> = BTreeMap::new();
        for (id, kept) in &mut self.server.documents {
            everywhere.insert(*id, heads(&mut kept.document));
        }
        for phone in &mut self.phones {
            let held: BTreeMap<ConsultationId, Vec<String>> =
                phone.vault.documents.iter_mut().map(|(id, document)| (*id, heads(document))).collect();
            assert_eq!(held, everywhere, "a device and the server do not agree");
            let waiting = phone.vault.unsent.values().any(|unsent| !unsent.changes.is_empty());
            assert!(!waiting, "something is said to wait that does not");
            let standing = |id| phone.machine.standing(id) == Standing::WithServer;
            assert!(everywhere.keys().all(standing), "“with the server” is not shown though it is so");
        }
        for change in self.typed.clone() {
            let live = self.phones[0].holds(&change);
            let aside = self.phones.iter().any(|phone| phone.vault.set_aside.contains(&change));
            assert!(live || aside, "something that was typed is gone");
        }
        for kept in self.server.documents.values() {
            let poisoned = kept.document.read().is_ok_and(|record| record.answers.contains_key(POISON));
            assert!(!poisoned, "something refused was stored");
        }
    }
}

/// The pull that a piece of mail belongs to: its frames and its end keep their order.
fn of_stream(mail: &Mail) -> Option<Ticket> {
    match mail {
        Mail::Frame(ticket, _) | Mail::PullEnded(ticket) | Mail::PullFailed(ticket) => Some(*ticket),
        _ => None,
    }
}

fn fails(seed: u64) -> bool {
    let played = std::panic::catch_unwind(|| World::new(seed).play());
    if played.is_err() {
        eprintln!(
            "history {seed} failed; again: SATCHEL_SIMULATION_SEED={seed} cargo test -p shared simulation"
        );
    }
    played.is_err()
}

#[test]
fn nothing_is_lost_and_everyone_agrees_whatever_the_network_does() {
    let failed: Vec<u64> = match option_env_seed() {
        Some(seed) => [seed].into_iter().filter(|seed| fails(*seed)).collect(),
        None => std::thread::scope(|scope| {
            let share =
                |first| move || (first..HISTORIES).step_by(2).filter(|seed| fails(*seed)).take(5).collect();
            let halves = [scope.spawn(share(0)), scope.spawn(share(1))];
            halves.into_iter().flat_map(|half| half.join().unwrap_or_else(|_| vec![u64::MAX])).collect()
        }),
    };
    assert!(failed.is_empty(), "histories that failed: {failed:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test reads which history to replay")]
fn option_env_seed() -> Option<u64> {
    let text = std::env::var("SATCHEL_SIMULATION_SEED").ok()?;
    Some(text.parse().expect("SATCHEL_SIMULATION_SEED is a number"))
}
