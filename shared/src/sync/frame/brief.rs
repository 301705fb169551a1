//! A change on the wire without what the reader can work out: checksum and length, and where one change follows upon
//! the other by the same author, its predecessor's hash and the author's actor.
//!
//! A change is (Automerge binary format): magic, the first four bytes of its hash, kind, length, content. The hash is
//! taken over kind, length and content. The content begins with the predecessors' hashes and the actor.

use super::codec::{number, put_number};
use crate::authorship::Actor;
use sha2::{Digest as _, Sha256};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;

/// What is needed of a change to make the next one brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Previous {
    hash: [u8; 32],
    pub actor: Actor,
}

impl Previous {
    /// Of a change as it is stored; `None` where it is packed, no change, or its actor is no actor of ours.
    pub fn of(change: &[u8]) -> Option<Self> {
        let content = content(change)?;
        let (count, rest) = number(content).ok()?;
        let rest = rest.get(usize::try_from(count).ok()?.checked_mul(32)?..)?;
        let (length, rest) = number(rest).ok()?;
        let actor = rest.get(..usize::try_from(length).ok()?)?.try_into().ok()?;
        Some(Self { hash: Sha256::digest(change.get(8..)?).into(), actor })
    }

    /// How the content begins of a change that builds upon this one alone and is by the same actor.
    fn beginning(&self) -> Vec<u8> {
        [&[1], self.hash.as_slice(), &[self.actor.len() as u8], &self.actor].concat()
    }
}

/// The content of a change, where nothing else of it is lost.
pub(super) fn shortened(change: &[u8]) -> Option<&[u8]> {
    content(change).filter(|content| restored(content) == change)
}

/// The change whose content this is.
pub(super) fn restored(content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![CHANGE];
    put_number(&mut hashed, content.len() as u64);
    hashed.extend_from_slice(content);
    let hash = Sha256::digest(&hashed);
    [MAGIC.as_slice(), &hash[..4], &hashed].concat()
}

/// What is left of a content after what the change before it says already.
pub(super) fn continued<'a>(content: &'a [u8], previous: &Previous) -> Option<&'a [u8]> {
    content.strip_prefix(previous.beginning().as_slice())
}

/// The content of which that was left.
pub(super) fn uncontinued(rest: &[u8], previous: &Previous) -> Vec<u8> {
    [previous.beginning().as_slice(), rest].concat()
}

fn content(change: &[u8]) -> Option<&[u8]> {
    let rest = change.strip_prefix(&MAGIC)?.get(4..)?;
    let (length, content) = number(rest.strip_prefix(&[CHANGE])?).ok()?;
    (length == content.len() as u64).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::Transactable as _;
    use automerge::{AutoCommit, ROOT};

    #[expect(clippy::disallowed_methods, reason = "what the changes say does not matter here")]
    fn changes() -> Vec<Vec<u8>> {
        let mut document = AutoCommit::new();
        for (actor, value) in [(1, 1), (1, 2), (2, 3), (2, 4)] {
            document.set_actor(vec![actor; 16].into());
            document.put(ROOT, "value", value).expect("a put");
            document.commit();
        }
        document.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect()
    }

    #[test]
    fn a_change_comes_back_to_the_byte() {
        for change in changes() {
            assert_eq!(shortened(&change).map(restored), Some(change));
        }
    }

    #[test]
    fn a_change_after_one_by_the_same_author_comes_back_to_the_byte() {
        let changes = changes();
        for (pair, same_author) in changes.windows(2).zip([true, false, true]) {
            let previous = Previous::of(&pair[0]).expect("a plain change");
            let content = shortened(&pair[1]).expect("a plain change");
            let rest = continued(content, &previous);
            assert_eq!(rest.is_some(), same_author);
            if let Some(rest) = rest {
                assert_eq!(restored(&uncontinued(rest, &previous)), pair[1]);
            }
        }
    }

    #[test]
    fn what_could_not_be_restored_to_the_byte_is_left_alone() {
        let mut change = changes().remove(0);
        change[5] ^= 1;
        assert_eq!(shortened(&change), None);
        assert_eq!(shortened(b"no change"), None);
    }
}
