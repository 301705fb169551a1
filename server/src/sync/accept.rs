//! One pushed document: read, placed, tried out on a copy, and only then accepted (design 5).

use super::authorship::{Refused, Writers};
use super::guard::tried;
use super::open::Opened;
use super::{limits, meaning};
use crate::outbox::{Sender, plan};
use crate::patients::Vouched;
use crate::session::Staff;
use crate::store::{DocumentWrite, StoredChange};
use crate::supplies;
use automerge::{ActorId, AutoCommit, Change, ChangeHash, ReadDoc as _};
use shared::api::Refusal;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use shared::consultation::{Document, DocumentError, Signature};
use shared::sync::frame::PushedDocument;
use shared::sync::server::{Link, Placement, place};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

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
    pub opened: Option<Opened>,
    /// Who signed the consultation in what is new in it.
    pub signed: Vec<Signature>,
    /// Of each author of what is new in it, over their newest change; all of them hold.
    pub signatures: Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>,
    /// A signature stands in it, so something may be called for that is not planned yet ([`planned`]).
    pub stands_signed: bool,
}

/// Runs work on foreign bytes, which in Automerge 0.12 may panic; a panic refuses the document and nothing else.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    tried(work).unwrap_or_else(|| {
        Err(unreadable("the changes cannot be worked with: they were tried out and failed"))
    })
}

fn unreadable(detail: &str) -> Refused {
    (Refusal::Unreadable, detail.to_owned())
}

fn of_document(error: DocumentError) -> Refused {
    unreadable(&error.to_string())
}

/// The changes that were pushed, none of them applied.
struct Read {
    changes: Vec<Change>,
    /// The whole save among them, loaded.
    whole: Option<AutoCommit>,
}

/// Reads every change that was pushed, from the whole save and beside it.
fn read(pushed: &PushedDocument) -> Result<Read, Refused> {
    if let Some(detail) = limits::exceeded(pushed) {
        return Err((Refusal::TooLarge, detail.to_owned()));
    }
    let mut read = Read { changes: Vec::with_capacity(pushed.changes.len()), whole: None };
    if !pushed.whole.is_empty() {
        if !limits::is_plain_save(&pushed.whole) {
            return Err(unreadable("the whole save is not one plain, unpacked document"));
        }
        let whole = AutoCommit::load(&pushed.whole)
            .map_err(|_| unreadable("these bytes are not a consultation document"))?;
        read.changes = read.whole.insert(whole).get_changes(&[]);
    }
    for bytes in &pushed.changes {
        if !limits::is_plain_change(bytes) {
            return Err(unreadable("a change is not one plain, unpacked change"));
        }
        let change = Change::from_bytes(bytes.clone()).map_err(|_| unreadable("a change cannot be read"))?;
        // The checksum is not covered by the hash, and a wrong one would be handed on to every device.
        if bytes.get(4..8) != Some(&change.hash().0[..4]) {
            return Err(unreadable("a change’s checksum is wrong"));
        }
        read.changes.push(change);
    }
    let changes = &read.changes;
    if changes.len() > limits::HISTORY || changes.iter().any(|change| change.len() > limits::OPERATIONS) {
        return Err((Refusal::TooLarge, "there are too many changes or operations".to_owned()));
    }
    if changes.is_empty() {
        return Err(unreadable("nothing was pushed for this document"));
    }
    Ok(read)
}

/// The changes of a document that was pushed, read and not applied.
pub fn changes_of(pushed: &PushedDocument) -> Result<Vec<Change>, Refused> {
    guarded(|| Ok(read(pushed)?.changes))
}

/// Who pushes, and what is established about the actors.
pub struct Pushing<'a> {
    pub staff: &'a Staff,
    pub writers: &'a Writers,
}

/// Decides about one document; `opened` is what is stored of it.
pub fn accept(pushing: &Pushing<'_>, pushed: &PushedDocument, opened: Option<Opened>) -> Outcome {
    guarded(|| decide(pushing, pushed, read(pushed)?, opened)).unwrap_or_else(Outcome::Refused)
}

/// With the deliveries that the signatures in it call for, the same each time, which the outbox recognises; and with what
/// the signed version says was handed over.
pub fn planned(mut accepted: Box<Accepted>, sender: &Sender, vouched: &Vouched, now: Millis) -> Outcome {
    guarded(|| {
        if let Some(opened) = &mut accepted.opened {
            accepted.write.deliveries =
                plan(&mut opened.document, sender, vouched, now).map_err(of_document)?;
            accepted.write.supplies = supplies::of(&mut opened.document).map_err(of_document)?;
        }
        Ok(Outcome::Accepted(accepted))
    })
    .unwrap_or_else(Outcome::Refused)
}

fn decide(
    pushing: &Pushing<'_>,
    pushed: &PushedDocument,
    read: Read,
    mut opened: Option<Opened>,
) -> Result<Outcome, Refused> {
    let changes = &read.changes;
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
    let signatures = vouched_for(pushing, pushed, changes, &new)?;

    let signed_before = opened.as_ref().map(|opened| opened.document.signature_keys()).unwrap_or_default();
    let (mut merged, seq, tail) = match opened {
        Some(Opened { document, seq, tail, .. }) => {
            (document.with(new.clone()).map_err(of_document)?, seq, tail)
        }
        None => (Document::from_changes(new.clone()).map_err(of_document)?, 0, 0),
    };
    let whole = merged.save_for_frame();
    let bytes = whole.len();
    let again = match read.whole {
        // What was pushed is the result to the byte, and it has been loaded already.
        Some(loaded) if whole == pushed.whole => loaded,
        _ => loads_again(&whole, merged.heads())?,
    };
    if again.stats().num_changes > limits::HISTORY as u64 {
        return Err((Refusal::TooLarge, "the consultation has too many changes altogether".to_owned()));
    }
    meaning::judge(&pushed.id, &pushing.staff.pharmacy, pushing.writers, &mut merged, &again, &new)?;

    let heads = hex_heads(&mut merged);
    let row = merged.row().map_err(of_document)?;
    let stands_signed = merged.standing_signature().map_err(of_document)?.is_some();
    let signed = new_signatures(&merged, &signed_before).map_err(of_document)?;
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
        deliveries: Vec::new(),
        supplies: None,
    };
    let tail = if compacts { 0 } else { tail + new.len() };
    Ok(Outcome::Accepted(Box::new(Accepted {
        write,
        opened: Some(Opened { document: merged, seq, tail, bytes }),
        signed,
        signatures,
        stands_signed,
    })))
}

/// Signatures that were not there before.
fn new_signatures(merged: &Document, before: &BTreeSet<String>) -> Result<Vec<Signature>, DocumentError> {
    let now = merged.signature_keys();
    if now.is_subset(before) {
        return Ok(Vec::new());
    }
    let signatures = merged.read()?.signatures;
    Ok(signatures.into_iter().filter(|(key, _)| !before.contains(key)).map(|(_, new)| new).collect())
}

fn loads_again(whole: &[u8], heads: Vec<ChangeHash>) -> Result<AutoCommit, Refused> {
    let mut again = AutoCommit::load(whole).map_err(|_| unreadable("the result does not load again"))?;
    if sorted(again.get_heads()) != sorted(heads) {
        return Err(unreadable("the result is not the same when it is loaded again"));
    }
    Ok(again)
}

/// Every author of the new changes signed their newest change in this push; answers the signatures that hold.
fn vouched_for(
    pushing: &Pushing<'_>,
    pushed: &PushedDocument,
    changes: &[Change],
    new: &[Change],
) -> Result<Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>, Refused> {
    let mut newest: BTreeMap<&ActorId, &Change> = BTreeMap::new();
    for change in changes {
        let latest = newest.entry(change.actor_id()).or_insert(change);
        if change.seq() > latest.seq() {
            *latest = change;
        }
    }
    newest.retain(|actor, _| new.iter().any(|change| change.actor_id() == *actor));
    let mut hold = Vec::with_capacity(newest.len());
    for (actor, change) in newest {
        let writer = pushing.writers.find(actor.to_bytes())?;
        // An actor that was found has 16 bytes.
        let by = Actor::try_from(actor.to_bytes()).unwrap_or_default();
        let theirs = pushed.signatures.iter().filter(|(signer, _)| *signer == by);
        let theirs = theirs.map(|(_, signature)| *signature);
        hold.push((by, writer.vouches(&pushed.id, &by, &change.hash().0, theirs)?));
    }
    Ok(hold)
}

fn sorted(mut heads: Vec<ChangeHash>) -> Vec<ChangeHash> {
    heads.sort_unstable();
    heads
}

/// Heads in hex, sorted, as rows and answers carry them.
pub fn hex_heads(document: &mut Document) -> Vec<String> {
    sorted(document.heads()).iter().map(ToString::to_string).collect()
}
