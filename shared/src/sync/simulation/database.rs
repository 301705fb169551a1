//! What the servers write to together: one log, changed in whole transactions only, with backups and restores.

use super::paper::actor;
use crate::authorship::Actor;
use crate::consultation::{Document, WorkListRow};
use crate::ids::{ConsultationId, Epoch};
use crate::sync::device::Hash;
use crate::sync::frame::{ActorClaim, PullFrame, PulledDocument};
use automerge::Change;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of the log in one frame.
const PAGE: usize = 2;

/// What is stored of one document: a compacted base, and changes since.
#[derive(Clone, Default)]
pub struct Record {
    pub seq: u64,
    pub base: Vec<u8>,
    base_seq: u64,
    pub tail: Vec<(u64, Change)>,
    hashes: BTreeSet<Hash>,
}

/// What is to be stored of one document.
pub struct Write {
    pub id: ConsultationId,
    /// The number the decision was made upon; 0 where there was nothing.
    pub based_on: u64,
    pub changes: Vec<Change>,
    /// A new base that has all of it.
    pub base: Option<Vec<u8>>,
}

/// One transaction.
#[derive(Default)]
pub struct Append {
    pub writes: Vec<Write>,
    pub quarantined: BTreeSet<Hash>,
    pub claims: BTreeMap<Actor, ActorClaim>,
}

/// Something else was written meanwhile; nothing of the transaction is stored.
pub struct Conflict;

#[derive(Clone)]
pub struct Database {
    pub epoch: Epoch,
    pub seq: u64,
    pub records: BTreeMap<ConsultationId, Record>,
    /// Certificates of destruction, with their place in the log. They are kept apart from backups.
    pub destroyed: BTreeMap<ConsultationId, u64>,
    /// Who is behind an actor, and the first place in the log where it wrote something.
    pub actors: BTreeMap<Actor, (u64, ActorClaim)>,
    /// Refused changes.
    pub quarantine: BTreeSet<Hash>,
}

impl Database {
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            seq: 0,
            records: BTreeMap::new(),
            destroyed: BTreeMap::new(),
            actors: BTreeMap::new(),
            quarantine: BTreeSet::new(),
        }
    }

    /// All of it or nothing.
    pub fn append(&mut self, append: Append) -> Result<Vec<u64>, Conflict> {
        let stands = |write: &Write| {
            let seq = self.records.get(&write.id).map_or(0, |record| record.seq);
            seq == write.based_on && !self.destroyed.contains_key(&write.id)
        };
        if !append.writes.iter().all(stands) {
            return Err(Conflict);
        }
        self.quarantine.extend(append.quarantined);
        let mut seqs = Vec::new();
        for write in append.writes {
            self.seq += 1;
            let seq = self.seq;
            seqs.push(seq);
            for change in &write.changes {
                let actor = actor(change);
                if let Some(claim) = append.claims.get(&actor) {
                    self.actors.entry(actor).or_insert_with(|| (seq, claim.clone()));
                }
            }
            let record = self.records.entry(write.id).or_default();
            record.seq = seq;
            record.hashes.extend(write.changes.iter().map(|change| change.hash().0));
            if let Some(base) = write.base {
                record.base = base;
                record.base_seq = seq;
                record.tail.clear();
            } else {
                record.tail.extend(write.changes.into_iter().map(|change| (seq, change)));
            }
        }
        Ok(seqs)
    }

    /// The part of the log after a cursor, as one frame: documents in the order of the first thing the device has not
    /// seen of them, so that behind the frame's own cursor nothing is missing.
    pub fn page(&self, after: u64) -> PullFrame {
        let records = self.records.iter().filter(|(_, record)| record.seq > after);
        let records = records.map(|(id, record)| (record.first_after(after), *id, Some(record)));
        let destroyed = self.destroyed.iter().map(|(id, seq)| (*seq, *id, None));
        let mut due: Vec<_> = records.chain(destroyed).filter(|(seq, ..)| *seq > after).collect();
        due.sort_by_key(|(seq, ..)| *seq);
        let more = due.len() > PAGE;
        due.truncate(PAGE);
        let cursor = if more { due.last().map_or(after, |(seq, ..)| *seq) } else { self.seq };
        let mut frame = PullFrame { cursor, more, ..PullFrame::empty(self.epoch) };
        for (_, id, record) in due {
            match record {
                Some(record) => frame.documents.push(record.after(id, after)),
                None => frame.destroyed.push(id),
            }
        }
        let first_seen = self.actors.values().filter(|(seq, _)| (after + 1..=frame.cursor).contains(seq));
        frame.actors = first_seen.map(|(_, claim)| claim.clone()).collect();
        frame
    }

    /// Destroys a document at the end of its retention.
    pub fn destroy(&mut self, id: ConsultationId) {
        self.seq += 1;
        self.records.remove(&id);
        self.destroyed.insert(id, self.seq);
    }

    /// What a backup holds becomes what there is, in a new life; what was ever destroyed stays so.
    pub fn restore(&mut self, backup: &Self, epoch: Epoch) {
        let certificates = std::mem::take(&mut self.destroyed);
        *self = Self { epoch, ..backup.clone() };
        for id in certificates.into_keys() {
            if !self.destroyed.contains_key(&id) {
                self.destroy(id);
            }
        }
    }

    /// Whether a change is stored, in a document or set aside.
    pub fn has(&self, change: &Hash) -> bool {
        self.quarantine.contains(change) || self.records.values().any(|record| record.hashes.contains(change))
    }

    pub fn hashes(&self) -> BTreeSet<Hash> {
        let stored = self.records.values().flat_map(|record| record.hashes.iter());
        stored.chain(&self.quarantine).copied().collect()
    }
}

impl Record {
    fn first_after(&self, after: u64) -> u64 {
        let tail = self.tail.iter().map(|(seq, _)| *seq);
        tail.chain([self.base_seq]).filter(|seq| *seq > after).min().unwrap_or(self.seq)
    }

    fn after(&self, id: ConsultationId, after: u64) -> PulledDocument {
        let rest = self.tail.iter().filter(|(seq, _)| *seq > after);
        PulledDocument {
            id,
            base: if self.base_seq > after { self.base.clone() } else { Vec::new() },
            changes: rest.map(|(_, change)| change.raw_bytes().to_vec()).collect(),
            row: WorkListRow::default(),
            signatures: Vec::new(),
        }
    }

    /// The document, opened from its bytes.
    pub fn open(&self) -> Document {
        let mut document = if self.base.is_empty() {
            Document::from_changes(Vec::new()).expect("nothing fits with nothing")
        } else {
            Document::load(&self.base).expect("a base was loaded before it was stored")
        };
        let tail = self.tail.iter().map(|(_, change)| change.clone()).collect();
        document.apply(tail).expect("what is stored fits");
        document
    }
}
