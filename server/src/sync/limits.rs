//! How large a pushed document may be, judged before anything is unpacked (design 2.6).

use shared::sync::frame::PushedDocument;

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
pub const WRITERS: usize = 500;

const CHUNK_MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT_CHUNK: u8 = 0;
const CHANGE_CHUNK: u8 = 1;
/// Bit of a column's specification that says its content is deflated.
const DEFLATED: u64 = 0b1000;

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
    None
}

/// Whether bytes are one plain change. A packed one could unpack to any size, and no device sends one.
pub fn is_plain_change(bytes: &[u8]) -> bool {
    chunk(bytes).is_some_and(|(kind, _)| kind == CHANGE_CHUNK)
}

/// Whether bytes are one whole save without packed columns. A packed one could unpack to any size.
pub fn is_plain_save(bytes: &[u8]) -> bool {
    let Some((DOCUMENT_CHUNK, content)) = chunk(bytes) else { return false };
    unpacked_columns(content).unwrap_or(false)
}

/// Type and content, where the bytes are exactly one chunk.
fn chunk(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let rest = bytes.strip_prefix(&CHUNK_MAGIC)?;
    let (_checksum, rest) = rest.split_at_checked(4)?;
    let (&kind, rest) = rest.split_first()?;
    let (length, content) = number(rest)?;
    (length == content.len() as u64).then_some((kind, content))
}

/// Walks actors, heads and the two column lists of a document chunk (Automerge binary format).
fn unpacked_columns(content: &[u8]) -> Option<bool> {
    let (actors, mut rest) = number(content)?;
    for _ in 0..actors {
        let (length, after) = number(rest)?;
        rest = after.get(usize::try_from(length).ok()?..)?;
    }
    let (heads, after) = number(rest)?;
    rest = after.get(usize::try_from(heads).ok()?.checked_mul(32)?..)?;
    for _ in 0..2 {
        let (columns, mut after) = number(rest)?;
        for _ in 0..columns {
            let (specification, next) = number(after)?;
            let (_length, next) = number(next)?;
            if specification & DEFLATED != 0 {
                return Some(false);
            }
            after = next;
        }
        rest = after;
    }
    Some(true)
}

/// One unsigned LEB128 number.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
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
    fn something_behind_the_save_is_not_overlooked() {
        let mut bytes = document().save_nocompress();
        bytes.push(0);
        assert!(!is_plain_save(&bytes));
        assert!(!is_plain_save(b"no document at all"));
    }
}
