//! What is on a device's disk: what survives a restart, and goes with the storage when that is evicted.

use super::paper;
use crate::authorship::{self, Actor};
use crate::consultation::Document;
use crate::ids::ConsultationId;
use crate::sync::device::{Content, Hash, Position, ToPush, Unsent};
use crate::sync::frame::{ActorClaim, PullFrame, PushFrame, PushedDocument};
use automerge::{Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Vault {
    pub position: Position,
    pub documents: BTreeMap<ConsultationId, Document>,
    pub unsent: BTreeMap<ConsultationId, Unsent>,
    /// Refused changes, kept for a person to look at.
    pub set_aside: BTreeSet<Hash>,
    /// Who is behind the actors of all documents here, so that others' work can be given back to a server.
    pub claims: BTreeMap<Actor, ActorClaim>,
}

impl Vault {
    /// One transaction: documents, claims, what was destroyed, and the position after them.
    pub fn store(&mut self, frame: &PullFrame, position: Position) {
        for pulled in &frame.documents {
            let mut changes = paper::read(&pulled.changes);
            if !pulled.base.is_empty() {
                let mut base = Document::load(&pulled.base).expect("a base arrived whole");
                changes.splice(0..0, base.changes_since(&[]));
            }
            if let Some(document) = self.documents.get_mut(&pulled.id) {
                document.apply(changes).expect("a cursor skipped something");
            } else {
                let document = Document::from_changes(changes).expect("a cursor skipped something");
                self.documents.insert(pulled.id, document);
            }
        }
        for claim in &frame.actors {
            let actor = authorship::actor(&claim.receipt_hash, &claim.tab_nonce);
            self.claims.insert(actor, claim.clone());
        }
        for id in &frame.destroyed {
            self.forget(id);
        }
        self.position = position;
    }

    pub fn forget(&mut self, id: &ConsultationId) {
        self.documents.remove(id);
        self.unsent.remove(id);
    }

    pub fn settle(&mut self, id: ConsultationId, changes: &BTreeSet<Hash>) {
        let Some(unsent) = self.unsent.get_mut(&id) else { return };
        unsent.changes.retain(|change| !changes.contains(change));
        unsent.created_here = false;
    }

    /// Reopens the document without the refused changes and whatever builds on them.
    pub fn set_aside(&mut self, id: ConsultationId, changes: BTreeSet<Hash>) {
        let mut document = self.documents.remove(&id).expect("only what is here is set aside");
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
            self.documents.insert(id, Document::from_changes(kept).expect("predecessors were kept"));
        }
        self.unsent.remove(&id);
        self.set_aside.extend(gone);
    }

    /// Each document becomes one new base, read again before the old parts go.
    pub fn compact(&mut self) {
        for document in self.documents.values_mut() {
            let mut base = Document::load(&document.save()).expect("a base can be read");
            assert_eq!(base.heads(), document.heads(), "a base does not hold what went into it");
            *document = base;
        }
    }

    /// The frame of a push; claims go with it for actors that the server was not shown in this session.
    pub fn compose(&mut self, documents: &[ToPush], shown: &BTreeSet<Actor>) -> (PushFrame, BTreeSet<Actor>) {
        let mut frame = PushFrame::default();
        let mut actors = BTreeSet::new();
        for one in documents {
            let (pushed, changes) = self.content(one);
            actors.extend(changes.iter().map(paper::actor));
            frame.documents.push(pushed);
        }
        let unshown = actors.iter().filter(|actor| !shown.contains(*actor));
        frame.actors = unshown.filter_map(|actor| self.claims.get(actor)).cloned().collect();
        (frame, actors)
    }

    fn content(&mut self, one: &ToPush) -> (PushedDocument, Vec<Change>) {
        let document = self.documents.get_mut(&one.document).expect("only what is here is pushed");
        let all = document.changes_since(&[]);
        let mut pushed = PushedDocument {
            id: one.document,
            whole: Vec::new(),
            changes: Vec::new(),
            signatures: Vec::new(),
        };
        let sent = match &one.content {
            Content::Whole => {
                pushed.whole = document.save_for_frame();
                return (pushed, all);
            }
            Content::Changes(wanted) => {
                all.into_iter().filter(|change| wanted.contains(&change.hash().0)).collect()
            }
            Content::Since(heads) => {
                let heads: Vec<ChangeHash> = heads.iter().filter_map(|head| head.parse().ok()).collect();
                let known = !heads.is_empty() && heads.iter().all(|head| document.has(head));
                if known { document.changes_since(&heads) } else { all }
            }
        };
        pushed.changes = sent.iter().map(|change| change.raw_bytes().to_vec()).collect();
        (pushed, sent)
    }

    pub fn holds(&mut self, change: &Hash) -> bool {
        self.documents.values_mut().any(|document| document.has(&ChangeHash(*change)))
    }

    /// Every change here, live or set aside.
    pub fn hashes(&mut self) -> BTreeSet<Hash> {
        let live = self.documents.values_mut().flat_map(|document| document.changes_since(&[]));
        live.map(|change| change.hash().0).chain(self.set_aside.iter().copied()).collect()
    }
}
