//! One of the servers: it decides upon what it last read, commits in one transaction, and may die in between.

use super::database::{Append, Database, Write};
use super::dice::Dice;
use super::network::{Address, Mail, Request};
use super::paper::{self, actor, heads, is_poisoned};
use super::say;
use crate::api::{DocumentAnswer, HeadsAnswer, PushAnswer, Refusal, Verdict};
use crate::authorship::{self, Actor};
use crate::consultation::Document;
use crate::ids::ConsultationId;
use crate::sync::device::{Failure, Hash};
use crate::sync::frame::{ActorClaim, PushFrame, PushedDocument, with_length};
use crate::sync::server::{Link, Placement, begin, place, wants};
use automerge::Change;
use std::collections::{BTreeMap, BTreeSet};

/// Changes beside a base before a new base takes them in.
const TAIL: usize = 3;
/// How the actors of servers begin; they are known by the server's own key and need no claim.
const OWN: [u8; 8] = [0x5a; 8];

/// Work that a server has begun.
struct Job {
    from: Address,
    work: Work,
}

enum Work {
    Arrived(Request),
    /// A push that is decided upon and not committed.
    Decided(u64, PushFrame, Append, Vec<DocumentAnswer>),
    /// Committed, or failed; only the answer is still to be sent.
    Answered(Mail),
    /// A stream in the middle.
    Streaming(u64, u64),
}

#[derive(Default)]
pub struct Server {
    pub up: bool,
    /// Its own actor, another after each start.
    actor: Actor,
    /// Documents open in memory, with the number they were read under.
    shelf: BTreeMap<ConsultationId, (u64, Document)>,
    jobs: Vec<Job>,
}

impl Server {
    pub fn start(dice: &mut Dice) -> Self {
        let [low, high] = [OWN, dice.bytes()];
        let actor = std::array::from_fn(|at| if at < 8 { low[at] } else { high[at - 8] });
        Self { up: true, actor, ..Self::default() }
    }

    /// All that was only in memory is gone; whoever waited hears that the connection broke, or nothing at all.
    pub fn crash(&mut self) -> Vec<(Address, Mail)> {
        let broken = |job: Job| {
            let mail = match job.work {
                Work::Arrived(request) => request.failed(Failure::Unreachable),
                Work::Decided(ticket, ..) => Mail::PushFailed(ticket, Failure::Unreachable),
                Work::Answered(mail) => mail.lost(),
                Work::Streaming(ticket, _) => Mail::PullFailed(ticket, Failure::Unreachable),
            };
            (job.from, mail)
        };
        let waited = std::mem::take(self).jobs;
        waited.into_iter().map(broken).collect()
    }

    pub fn take(&mut self, from: Address, request: Request) {
        self.jobs.push(Job { from, work: Work::Arrived(request) });
    }

    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// One step of one job; between any two the server may crash.
    pub fn step(&mut self, dice: &mut Dice, database: &mut Database) -> Option<(Address, Mail)> {
        if self.jobs.is_empty() {
            return None;
        }
        let Job { from, work } = self.jobs.remove(dice.below(self.jobs.len()));
        let next = match work {
            Work::Arrived(Request::Push(ticket, bytes)) => match PushFrame::from_bytes(&bytes) {
                Ok(frame) => self.decide(database, ticket, frame),
                // A body cut short: a bad request, which says nothing about the documents.
                Err(_) => Work::Answered(Mail::PushFailed(ticket, Failure::Unreachable)),
            },
            Work::Arrived(Request::Pull(ticket, after)) => {
                Work::Streaming(ticket, begin(after, database.seq))
            }
            Work::Arrived(Request::Heads(ticket, held)) => {
                Work::Answered(Mail::Heads(ticket, self.compare(database, &held)))
            }
            Work::Decided(ticket, frame, append, mut answers) => match database.append(append) {
                Ok(seqs) => {
                    let mut seqs = seqs.into_iter();
                    for answer in &mut answers {
                        if answer.verdict == (Verdict::Stored { seq: 0 }) {
                            let seq = seqs.next().expect("one number for each write");
                            answer.verdict = Verdict::Stored { seq };
                        }
                    }
                    let answer =
                        PushAnswer { epoch: database.epoch, server_nonce: String::new(), documents: answers };
                    Work::Answered(Mail::Pushed(ticket, answer))
                }
                Err(_) => self.decide(database, ticket, frame),
            },
            Work::Answered(mail) => return Some((from, mail)),
            Work::Streaming(ticket, after) => {
                let frame = database.page(after);
                for document in &frame.documents {
                    let (base, changes) = (document.base.len(), document.changes.len());
                    say(format_args!(
                        "to device {}: {} ({base} bytes, {changes} changes)",
                        from.device, document.id
                    ));
                }
                let rest = if frame.more {
                    Work::Streaming(ticket, frame.cursor)
                } else {
                    Work::Answered(Mail::PullEnded(ticket))
                };
                self.jobs.push(Job { from, work: rest });
                return Some((from, Mail::Frame(ticket, with_length(&frame.to_bytes()))));
            }
        };
        self.jobs.push(Job { from, work: next });
        None
    }

    /// Writes something itself, such as what became of a message.
    pub fn write(&mut self, dice: &mut Dice, database: &mut Database) {
        if database.records.is_empty() {
            return;
        }
        let at = dice.below(database.records.len());
        let id = *database.records.keys().nth(at).expect("it was counted");
        let (mut document, based_on) = self.open(database, &id).expect("it is stored");
        let Some(change) = paper::edited(dice, &mut document, &self.actor, false) else { return };
        let write = Write { id, based_on, changes: vec![change], base: None };
        let _ = database.append(Append { writes: vec![write], ..Append::default() });
    }

    fn decide(&mut self, database: &Database, ticket: u64, frame: PushFrame) -> Work {
        let mut append = Append::default();
        for claim in &frame.actors {
            append.claims.insert(authorship::actor(&claim.receipt_hash, &claim.tab_nonce), claim.clone());
        }
        let mut answers = Vec::new();
        for pushed in &frame.documents {
            let verdict = self.judge(database, pushed, &mut append);
            answers.push(DocumentAnswer { id: pushed.id, verdict });
        }
        Work::Decided(ticket, frame, append, answers)
    }

    fn judge(&mut self, database: &Database, pushed: &PushedDocument, append: &mut Append) -> Verdict {
        if database.destroyed.contains_key(&pushed.id) {
            return refused(Refusal::Destroyed);
        }
        let mut changes = paper::read(&pushed.changes);
        if !pushed.whole.is_empty() {
            changes = Document::load(&pushed.whole).expect("a save arrived whole").changes_since(&[]);
        }
        let opened = self.open(database, &pushed.id);
        let (mut document, based_on) = match opened {
            Some(opened) => opened,
            None => (Document::from_changes(Vec::new()).expect("nothing fits with nothing"), 0),
        };
        let links: Vec<Link> = changes.iter().map(link).collect();
        let asked = links.iter().flat_map(|link| link.deps.iter().chain([&link.hash]));
        let known: BTreeSet<Hash> =
            asked.filter(|hash| document.has(&automerge::ChangeHash(**hash))).copied().collect();
        let order = match place(|hash| known.contains(hash), &links) {
            Placement::Fits(order) => order,
            Placement::Known if based_on > 0 => return Verdict::Stored { seq: based_on },
            Placement::Known | Placement::Missing => return Verdict::Missing { heads: heads(&mut document) },
        };
        let new: Vec<Change> = order.iter().map(|&index| changes[index].clone()).collect();
        let verdict = if !new.iter().all(|change| is_claimed(database, &append.claims, &actor(change))) {
            refused(Refusal::ForeignActor)
        } else if document.apply(new.clone()).is_err() || is_poisoned(&document) {
            refused(Refusal::Unreadable)
        } else {
            Verdict::Stored { seq: 0 }
        };
        if verdict != (Verdict::Stored { seq: 0 }) {
            append.quarantined.extend(new.iter().map(|change| change.hash().0));
            return verdict;
        }
        let tail = database.records.get(&pushed.id).map_or(0, |record| record.tail.len());
        let base = (tail + new.len() > TAIL).then(|| {
            let base = document.save();
            let again = Document::load(&base).map(|mut again| heads(&mut again));
            assert_eq!(again.ok(), Some(heads(&mut document)), "a base does not hold what went into it");
            base
        });
        append.writes.push(Write { id: pushed.id, based_on, changes: new, base });
        verdict
    }

    /// A document as it is stored now, from memory where its number is still the same.
    fn open(&mut self, database: &Database, id: &ConsultationId) -> Option<(Document, u64)> {
        let record = database.records.get(id)?;
        if let Some((seq, document)) = self.shelf.get(id)
            && *seq == record.seq
        {
            return Some((document.clone(), *seq));
        }
        let document = record.open();
        self.shelf.insert(*id, (record.seq, document.clone()));
        Some((document, record.seq))
    }

    fn compare(&mut self, database: &Database, held: &BTreeMap<ConsultationId, Vec<String>>) -> HeadsAnswer {
        let mut wanted = BTreeMap::new();
        for (id, held) in held.iter().filter(|(id, _)| !database.destroyed.contains_key(id)) {
            match self.open(database, id) {
                None => drop(wanted.insert(*id, Vec::new())),
                Some((mut document, _)) => {
                    let known: BTreeSet<&String> = held
                        .iter()
                        .filter(|head| head.parse().is_ok_and(|hash| document.has(&hash)))
                        .collect();
                    if wants(|head| known.iter().any(|known| *known == head), held) {
                        wanted.insert(*id, heads(&mut document));
                    }
                }
            }
        }
        HeadsAnswer { epoch: database.epoch, wanted }
    }
}

fn is_claimed(database: &Database, claims: &BTreeMap<Actor, ActorClaim>, actor: &Actor) -> bool {
    actor.starts_with(&OWN) || database.actors.contains_key(actor) || claims.contains_key(actor)
}

fn refused(reason: Refusal) -> Verdict {
    Verdict::Refused { reason, detail: String::new() }
}

fn link(change: &Change) -> Link {
    Link { hash: change.hash().0, deps: change.deps().iter().map(|dep| dep.0).collect() }
}
