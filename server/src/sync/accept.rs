//! One pushed document: read, placed, tried out on a copy, and only then accepted (design 5).

use super::authorship::{Refused, Writers, vouched};
use super::open::Opened;
use super::{after, limits, meaning};
use crate::outbox::Sender;
use crate::session::Staff;
use crate::store::{DocumentWrite, StoredChange};
use automerge::{ActorId, AutoCommit, Change, ChangeHash};
use shared::api::Refusal;
use shared::authorship::Actor;
use shared::consultation::{Document, DocumentError};
use shared::sync::frame::PushedDocument;
use shared::sync::server::{Link, Placement, place};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Changes stored beside a base before a new base takes in all of them.
const TAIL: usize = 32;

/// What is to become of a pushed document.
#[derive(Debug)]
pub enum Outcome {
    /// All of it is stored, under this number.
    Known(u64),
    /// Something it builds on is not here; these are the heads that are.
    Missing(Vec<String>),
    Refused(Refused),
    Accepted(Box<Accepted>),
}

/// A document that may be stored.
#[derive(Debug)]
pub struct Accepted {
    pub write: DocumentWrite,
    /// As it will be once it is stored; its number is not known yet.
    pub opened: Opened,
}

/// Runs work on foreign bytes, which in Automerge 0.12 may panic; a panic refuses the document and nothing else.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(unreadable("the changes cannot be worked with: they were tried out and failed"))
    })
}

fn unreadable(detail: &str) -> Refused {
    (Refusal::Unreadable, detail.to_owned())
}

fn of_document(error: DocumentError) -> Refused {
    unreadable(&error.to_string())
}

/// Reads every change that was pushed, from the whole save and beside it, without applying any.
pub fn read(pushed: &PushedDocument) -> Result<Vec<Change>, Refused> {
    if let Some(detail) = limits::exceeded(pushed) {
        return Err((Refusal::TooLarge, detail.to_owned()));
    }
    guarded(|| {
        let mut changes = Vec::with_capacity(pushed.changes.len());
        if !pushed.whole.is_empty() {
            if !limits::is_plain_save(&pushed.whole) {
                return Err(unreadable("the whole save is not one plain, unpacked document"));
            }
            changes = Document::load(&pushed.whole).map_err(of_document)?.changes_since(&[]);
        }
        for bytes in &pushed.changes {
            if !limits::is_plain_change(bytes) {
                return Err(unreadable("a change is not one plain, unpacked change"));
            }
            let change =
                Change::from_bytes(bytes.clone()).map_err(|_| unreadable("a change cannot be read"))?;
            // The checksum is not covered by the hash, and a wrong one would be handed on to every device.
            if bytes.get(4..8) != Some(&change.hash().0[..4]) {
                return Err(unreadable("a change’s checksum is wrong"));
            }
            changes.push(change);
        }
        if changes.len() > limits::HISTORY || changes.iter().any(|change| change.len() > limits::OPERATIONS) {
            return Err((Refusal::TooLarge, "there are too many changes or operations".to_owned()));
        }
        if changes.is_empty() {
            return Err(unreadable("nothing was pushed for this document"));
        }
        Ok(changes)
    })
}

/// Who pushes, and what is established about the actors.
pub struct Pushing<'a> {
    pub staff: &'a Staff,
    pub writers: &'a Writers,
    /// For planning what a signature calls for.
    pub sender: &'a Sender,
    pub now: Millis,
}

/// Decides about one document; `opened` is what is stored of it.
pub fn accept(
    pushing: &Pushing<'_>,
    pushed: &PushedDocument,
    changes: &[Change],
    opened: Option<Opened>,
) -> Outcome {
    guarded(|| decide(pushing, pushed, changes, opened)).unwrap_or_else(Outcome::Refused)
}

fn decide(
    pushing: &Pushing<'_>,
    pushed: &PushedDocument,
    changes: &[Change],
    opened: Option<Opened>,
) -> Result<Outcome, Refused> {
    let mut opened = opened;
    let links: Vec<Link> = changes
        .iter()
        .map(|change| Link { hash: change.hash().0, deps: change.deps().iter().map(|dep| dep.0).collect() })
        .collect();
    let known: BTreeSet<[u8; 32]> = match &mut opened {
        Some(opened) => {
            let hashes = links.iter().flat_map(|link| link.deps.iter().chain([&link.hash]));
            hashes.filter(|hash| opened.document.has(&ChangeHash(**hash))).copied().collect()
        }
        None => BTreeSet::new(),
    };
    let order = match place(|hash| known.contains(hash), &links) {
        Placement::Fits(order) => order,
        Placement::Known => return Ok(Outcome::Known(opened.map_or(0, |opened| opened.seq))),
        Placement::Missing => {
            let heads = opened.map(|mut opened| hex_heads(&mut opened.document));
            return Ok(Outcome::Missing(heads.unwrap_or_default()));
        }
    };
    let new: Vec<Change> = order.iter().map(|&index| changes[index].clone()).collect();
    let roots = new.iter().filter(|change| change.deps().is_empty()).count();
    if roots != usize::from(opened.is_none()) {
        return Err(unreadable("a record has exactly one beginning"));
    }
    vouched_for(pushing, pushed, changes, &new)?;

    let (mut merged, seq, tail) = match opened {
        Some(opened) => {
            let mut merged = opened.document;
            merged.apply(new.clone()).map_err(of_document)?;
            (merged, opened.seq, opened.tail)
        }
        None => (Document::from_changes(new.clone()).map_err(of_document)?, 0, 0),
    };
    let whole = merged.save_for_frame();
    let mut again = AutoCommit::load(&whole).map_err(|_| unreadable("the result does not load again"))?;
    if sorted(again.get_heads()) != sorted(merged.heads()) {
        return Err(unreadable("the result is not the same when it is loaded again"));
    }
    meaning::judge(&pushed.id, pushing.staff, pushing.writers, &mut merged, &again, &new)?;

    let heads = hex_heads(&mut merged);
    let row = merged.row().map_err(of_document)?;
    let deliveries = after::deliveries(&mut merged, pushing.sender, pushing.now).map_err(of_document)?;
    let compacts = seq == 0 || tail + new.len() > TAIL;
    let stored = |change: &Change| StoredChange {
        hash: change.hash().0,
        actor: change.actor_id().to_bytes().to_vec(),
        bytes: change.raw_bytes().to_vec(),
    };
    let write = DocumentWrite {
        id: pushed.id,
        based_on: seq,
        base: compacts.then_some(whole),
        changes: if compacts { Vec::new() } else { new.iter().map(stored).collect() },
        heads,
        row,
        intake: Vec::new(),
        deliveries,
    };
    let tail = if compacts { 0 } else { tail + new.len() };
    Ok(Outcome::Accepted(Box::new(Accepted { write, opened: Opened { document: merged, seq, tail } })))
}

/// Every actor of the new changes is this person's and signed its newest change in this push.
fn vouched_for(
    pushing: &Pushing<'_>,
    pushed: &PushedDocument,
    changes: &[Change],
    new: &[Change],
) -> Result<(), Refused> {
    let mut newest: BTreeMap<&ActorId, &Change> = BTreeMap::new();
    for change in changes {
        let latest = newest.entry(change.actor_id()).or_insert(change);
        if change.seq() > latest.seq() {
            *latest = change;
        }
    }
    newest.retain(|actor, _| new.iter().any(|change| change.actor_id() == *actor));
    for (actor, change) in newest {
        let writer = pushing.writers.find(actor.to_bytes())?;
        let holds = Actor::try_from(actor.to_bytes()).is_ok_and(|actor| {
            let signatures = pushed.signatures.iter().filter(|(by, _)| *by == actor);
            signatures
                .into_iter()
                .any(|(_, signature)| vouched(writer, &pushed.id, &actor, &change.hash().0, signature))
        });
        if !holds {
            return Err((Refusal::AuthorSignature, "the author’s signature does not hold".to_owned()));
        }
    }
    Ok(())
}

fn sorted(mut heads: Vec<ChangeHash>) -> Vec<ChangeHash> {
    heads.sort_unstable();
    heads
}

/// Heads in hex, sorted, as rows and answers carry them.
pub fn hex_heads(document: &mut Document) -> Vec<String> {
    sorted(document.heads()).iter().map(ToString::to_string).collect()
}
