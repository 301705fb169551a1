//! What a device has on its disk: documents, the position beside them, what is unsent, and the proofs of authorship.

use crate::headless::{Headless, Unlocked};
use automerge::{Change, ChangeHash};
use shared::api::Refusal;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor, Receipt};
use shared::consultation::Document;
use shared::ids::ConsultationId;
use shared::sync::device::{Content, Hash, Position, ToPush, Unsent};
use shared::sync::frame::{ActorClaim, PullFrame, PulledDocument, PushFrame, PushedDocument};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that survives the death of the app.
#[derive(Default)]
pub struct Vault {
    pub position: Position,
    pub documents: BTreeMap<ConsultationId, Document>,
    pub unsent: BTreeMap<ConsultationId, Unsent>,
    /// Refused changes, kept for a person to look at.
    pub set_aside: BTreeMap<Hash, (Refusal, String)>,
    pub server_nonce: String,
    pub counter: u64,
    /// Actors of this device, in any of its tabs so far.
    own: BTreeSet<Actor>,
    receipts: BTreeMap<[u8; 32], Vec<u8>>,
    claims: BTreeMap<Actor, ActorClaim>,
    /// By whom else each document was written, with the proof.
    signatures: BTreeMap<(ConsultationId, Actor), [u8; AUTHOR_SIGNATURE_LENGTH]>,
}

impl Vault {
    /// Empty, as after enrolling.
    pub fn new(server_nonce: &str) -> Self {
        Self { server_nonce: server_nonce.to_owned(), ..Self::default() }
    }

    /// Keeps the receipt and actor of one more unlock of this device.
    pub fn keep_unlock(&mut self, unlocked: &Unlocked) {
        self.own.insert(unlocked.writer.actor);
        self.receipts.insert(unlocked.claim.receipt_hash, unlocked.receipt.clone());
        self.claims.insert(unlocked.writer.actor, unlocked.claim.clone());
    }

    /// One transaction: the documents of a frame, their proofs, and where the frame ends.
    pub fn store(&mut self, frame: &PullFrame, position: Position) {
        for receipt in &frame.receipts {
            self.receipts.insert(Receipt::hash(receipt), receipt.clone());
        }
        for claim in &frame.actors {
            let actor = shared::authorship::actor(&claim.receipt_hash, &claim.tab_nonce);
            self.claims.insert(actor, claim.clone());
        }
        for pulled in &frame.documents {
            self.merge(pulled);
        }
        frame.destroyed.iter().for_each(|document| self.forget(document));
        self.position = position;
    }

    fn merge(&mut self, pulled: &PulledDocument) {
        let id = pulled.id;
        let mut changes: Vec<Change> = Vec::new();
        if !pulled.base.is_empty() {
            changes = Document::load(&pulled.base).expect("a base is a document").changes_since(&[]);
        }
        let tail = pulled.changes.iter().map(|bytes| Change::from_bytes(bytes.clone()).expect("a change"));
        changes.extend(tail);
        let known = self.documents.get_mut(&id).map(newest_of_each).unwrap_or_default();
        if let Some(document) = self.documents.get_mut(&id) {
            document.apply(changes.clone()).expect("a cursor skipped something");
        } else {
            let document = Document::from_changes(changes.clone()).expect("a cursor skipped something");
            self.documents.insert(id, document);
        }
        let brought = newest(&changes);
        for (actor, signature) in &pulled.signatures {
            // A restored server vouches for less than is here: that must not take the place of the better proof.
            if brought.get(actor) > known.get(actor) || !self.signatures.contains_key(&(id, *actor)) {
                self.signatures.insert((id, *actor), *signature);
            }
        }
    }

    /// The changes are with the server.
    pub fn settle(&mut self, id: ConsultationId, changes: &BTreeSet<Hash>) {
        let unsent = self.unsent.get_mut(&id).expect("only what was unsent is settled");
        assert!(changes.is_subset(&unsent.changes), "settled something it never sent");
        unsent.changes.retain(|change| !changes.contains(change));
        unsent.created_here = false;
    }

    /// Reopens the document without the refused changes and whatever builds on them.
    pub fn set_aside(&mut self, id: ConsultationId, changes: &BTreeSet<Hash>, reason: Refusal, detail: &str) {
        let mut document = self.documents.remove(&id).expect("only what is here is set aside");
        let mut gone = changes.clone();
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
        self.set_aside.extend(gone.into_iter().map(|change| (change, (reason, detail.to_owned()))));
    }

    /// Nothing of the document remains here.
    pub fn forget(&mut self, id: &ConsultationId) {
        self.documents.remove(id);
        self.unsent.remove(id);
        self.signatures.retain(|(document, _), _| document != id);
    }

    /// Heads of everything here, in hex.
    pub fn heads(&mut self) -> BTreeMap<ConsultationId, Vec<String>> {
        self.documents.iter_mut().map(|(id, document)| (*id, heads(document))).collect()
    }

    /// As it is after the app was killed: read again from the bytes on the disk.
    pub fn reopen(&mut self) {
        for document in self.documents.values_mut() {
            *document = Document::load(&document.save()).expect("what was saved opens again");
        }
    }

    /// The frame of a push. Work of others, which a restored server may have lost, goes with the proof it came with.
    pub fn compose(&mut self, device: &Headless, documents: &[ToPush], with_receipts: bool) -> PushFrame {
        let mut frame = PushFrame::default();
        let mut authors = BTreeSet::new();
        for one in documents {
            let (pushed, by) = self.pushed(device, one);
            frame.documents.push(pushed);
            authors.extend(by);
        }
        if with_receipts {
            let claims: Vec<&ActorClaim> =
                authors.iter().filter_map(|actor| self.claims.get(actor)).collect();
            let hashes: BTreeSet<&[u8; 32]> = claims.iter().map(|claim| &claim.receipt_hash).collect();
            frame.receipts = hashes.into_iter().filter_map(|hash| self.receipts.get(hash)).cloned().collect();
            frame.actors = claims.into_iter().cloned().collect();
        }
        frame
    }

    fn pushed(&mut self, device: &Headless, one: &ToPush) -> (PushedDocument, BTreeSet<Actor>) {
        let id = one.document;
        let document = self.documents.get_mut(&id).expect("only what is here is pushed");
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
        let newest = newest(&changes);
        let mut signatures = Vec::new();
        for (actor, (_, hash)) in &newest {
            if self.own.contains(actor) {
                signatures.push(device.vouch(&id, *actor, hash));
            } else if let Some(signature) = self.signatures.get(&(id, *actor)) {
                signatures.push((*actor, *signature));
            }
        }
        let whole = one.content == Content::Whole;
        let pushed = PushedDocument {
            id,
            whole: if whole { document.save_for_frame() } else { Vec::new() },
            changes: if whole {
                Vec::new()
            } else {
                changes.iter().map(|change| change.raw_bytes().to_vec()).collect()
            },
            signatures,
        };
        (pushed, newest.into_keys().collect())
    }
}

/// Each author's newest change: its number and hash.
fn newest(changes: &[Change]) -> BTreeMap<Actor, (u64, Hash)> {
    let mut newest: BTreeMap<Actor, (u64, Hash)> = BTreeMap::new();
    for change in changes {
        let actor = Actor::try_from(change.actor_id().to_bytes()).expect("actors are 16 bytes");
        let latest = newest.entry(actor).or_insert((0, [0; 32]));
        *latest = (*latest).max((change.seq(), change.hash().0));
    }
    newest
}

fn newest_of_each(document: &mut Document) -> BTreeMap<Actor, (u64, Hash)> {
    newest(&document.changes_since(&[]))
}

/// Heads in hex, sorted.
pub fn heads(document: &mut Document) -> Vec<String> {
    let mut heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    heads.sort_unstable();
    heads
}
