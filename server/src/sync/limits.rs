//! How large a pushed document may be, judged before anything is unpacked (design 2.6).

use super::rows::{self, number, prefixed};
use shared::authorship::Actor;
use shared::sync::frame::PushedDocument;
use std::collections::BTreeSet;

/// Most documents, receipts and actors in one push.
pub const DOCUMENTS: usize = 2_000;
pub const RECEIPTS: usize = 64;
pub const ACTORS: usize = 1_024;
/// Bytes of one whole save, of one change, and of all the changes of one document in one push.
const WHOLE_BYTES: usize = 4 * 1024 * 1024;
const CHANGE_BYTES: usize = 512 * 1024;
const CHANGES_BYTES: usize = 4 * 1024 * 1024;
/// Changes of one document, altogether and in one push; operations of one change; actors of one document.
pub const HISTORY: usize = 20_000;
pub const OPERATIONS: usize = 50_000;
/// Operations of one whole save; long notes have one for each letter ever typed.
const SAVED_OPERATIONS: u64 = 1_000_000;
pub const WRITERS: usize = 500;
/// Different actors in all the documents of one push.
pub const ALL_WRITERS: usize = 4_096;

const CHUNK_MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT_CHUNK: u8 = 0;
const CHANGE_CHUNK: u8 = 1;

/// What is too large or packed about a pushed document; `None` when nothing is.
pub fn exceeded(document: &PushedDocument) -> Option<&'static str> {
    if document.whole.len() > WHOLE_BYTES {
        return Some("the whole save is too large");
    }
    if document.changes.len() > HISTORY || document.signatures.len() > WRITERS {
        return Some("there are too many changes or authors");
    }
    if document.changes.iter().map(Vec::len).sum::<usize>() > CHANGES_BYTES {
        return Some("the changes are too large");
    }
    if document.changes.iter().any(|change| change.len() > CHANGE_BYTES) {
        return Some("one change is too large");
    }
    if document
        .changes
        .iter()
        .any(|change| rows_of_change(change).is_some_and(|rows| rows > OPERATIONS as u64))
    {
        return Some("one change has too many operations");
    }
    if let Some((changes, operations)) =
        actors_of_save(&document.whole).and_then(|(_, rest)| rows::of_save(rest))
    {
        if changes > HISTORY as u64 {
            return Some("there are too many changes");
        }
        if operations > SAVED_OPERATIONS {
            return Some("there are too many operations");
        }
    }
    if actors_of_save(&document.whole).is_some_and(|(actors, _)| actors.len() > WRITERS) {
        return Some("there are too many authors");
    }
    None
}

/// The actors that a pushed document's changes name as their own, found without opening any of it. What cannot be
/// read, is too large or has an actor of another length names nobody, and is refused when it is opened.
pub fn actors(document: &PushedDocument) -> BTreeSet<Actor> {
    if exceeded(document).is_some() {
        return BTreeSet::new();
    }
    let saved = actors_of_save(&document.whole).map(|(actors, _)| actors).unwrap_or_default();
    let changes = document.changes.iter().filter_map(|change| actor_of_change(change));
    saved.into_iter().chain(changes).filter_map(|actor| Actor::try_from(actor).ok()).collect()
}

/// The actors that a whole save lists, and what comes behind them.
fn actors_of_save(bytes: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let Some((DOCUMENT_CHUNK, content)) = chunk(bytes) else { return None };
    let (count, mut rest) = number(content)?;
    let mut actors = Vec::new();
    for _ in 0..count {
        let (actor, after) = prefixed(rest)?;
        actors.push(actor);
        rest = after;
    }
    Some((actors, rest))
}

/// The actor of a change, which stands behind its predecessors' hashes.
fn actor_of_change(bytes: &[u8]) -> Option<&[u8]> {
    let Some((CHANGE_CHUNK, content)) = chunk(bytes) else { return None };
    let (count, rest) = number(content)?;
    let rest = rest.get(usize::try_from(count).ok()?.checked_mul(32)?..)?;
    prefixed(rest).map(|(actor, _)| actor)
}

/// Whether bytes are one plain change. A packed one could unpack to any size, and no device sends one.
pub fn is_plain_change(bytes: &[u8]) -> bool {
    rows_of_change(bytes).is_some()
}

fn rows_of_change(bytes: &[u8]) -> Option<u64> {
    let Some((CHANGE_CHUNK, content)) = chunk(bytes) else { return None };
    rows::of_change(content)
}

/// Whether bytes are one whole save without packed columns. A packed one could unpack to any size.
pub fn is_plain_save(bytes: &[u8]) -> bool {
    actors_of_save(bytes).and_then(|(_, rest)| rows::of_save(rest)).is_some()
}

/// Type and content, where the bytes are exactly one chunk.
fn chunk(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let rest = bytes.strip_prefix(&CHUNK_MAGIC)?;
    let (_checksum, rest) = rest.split_at_checked(4)?;
    let (&kind, rest) = rest.split_first()?;
    let (length, content) = number(rest)?;
    (length == content.len() as u64).then_some((kind, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::Transactable as _;
    use automerge::{AutoCommit, ROOT};

    fn document() -> AutoCommit {
        let mut document = AutoCommit::new();
        document.put(ROOT, "words", "the same again ".repeat(200)).expect("a put");
        document.commit();
        document
    }

    #[test]
    fn a_plain_save_is_taken_and_a_packed_one_is_not() {
        assert!(is_plain_save(&document().save_nocompress()));
        assert!(!is_plain_save(&document().save()));
    }

    #[test]
    fn a_plain_change_is_taken_and_a_packed_one_is_not() {
        let mut change = document().get_changes(&[]).remove(0);
        assert!(is_plain_change(change.raw_bytes()));
        assert!(!is_plain_change(&change.bytes()));
    }

    #[test]
    fn who_wrote_is_found_without_opening() {
        let mut document = document();
        document.set_actor(vec![7; 16].into());
        document.put(ROOT, "more", 1).expect("a put");
        document.commit();
        let pushed = |whole: Vec<u8>, changes: Vec<Vec<u8>>| PushedDocument {
            id: shared::ids::ConsultationId::from_bytes([1; 16]),
            whole,
            changes,
            signatures: Vec::new(),
        };
        let changes = document.get_changes(&[]);
        let both: BTreeSet<Actor> =
            changes.iter().filter_map(|change| change.actor_id().to_bytes().try_into().ok()).collect();
        assert_eq!(both.len(), 2);
        assert_eq!(actors(&pushed(document.save_nocompress(), Vec::new())), both);
        assert_eq!(actors(&pushed(Vec::new(), vec![changes[1].raw_bytes().to_vec()])), [[7; 16]].into());
        assert_eq!(actors(&pushed(b"no save".to_vec(), vec![b"no change".to_vec()])), BTreeSet::new());
    }

    #[test]
    fn something_behind_the_save_is_not_overlooked() {
        let mut bytes = document().save_nocompress();
        bytes.push(0);
        assert!(!is_plain_save(&bytes));
        assert!(!is_plain_save(b"no document at all"));
    }
}
