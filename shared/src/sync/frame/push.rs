//! What a device sends: receipts it has not yet shown, the actors bound to them, and changes signed by their author.
//!
//! Version 2 writes changes briefly (`brief`); version 1 wrote them and the signatures' actors out, and is still read.

use super::brief::{self, Previous};
use super::codec::{FrameError, Records, pack_as, put, take, unpack_upto};
use crate::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use crate::ids::ConsultationId;

const KIND: u8 = b'P';
const RECEIPT: u8 = 1;
const ACTOR: u8 = 2;
const DOCUMENT: u8 = 3;
const CHANGE: u8 = 1;
const WHOLE: u8 = 2;
const SIGNED_BY: u8 = 3;
/// A change's content alone.
const CONTENT: u8 = 4;
/// The content of a change that builds upon the one before it alone, by the same actor: without either.
const CONTINUED: u8 = 5;
/// A signature by the actor of the change before it.
const SIGNED: u8 = 6;
/// The version that has the last three.
const VERSION: u8 = 2;
/// Most changes in one frame, whatever they unpack to. More are refused while they are read.
const CHANGES: usize = 100_000;

/// One push for one pharmacy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PushFrame {
    /// Receipts' bytes as made at unlock; again after a refusal or a new epoch, harmless otherwise.
    pub receipts: Vec<Vec<u8>>,
    /// Which receipt and tab each actor comes from; needed once per actor.
    pub actors: Vec<ActorClaim>,
    pub documents: Vec<PushedDocument>,
}

/// “This actor is that receipt's, in that tab”: checked by computing it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorClaim {
    pub receipt_hash: [u8; 32],
    pub tab_nonce: [u8; 16],
}

/// What is new of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedDocument {
    pub id: ConsultationId,
    /// A whole uncompressed save where the server has nothing of it; empty otherwise.
    pub whole: Vec<u8>,
    /// New changes, oldest first.
    pub changes: Vec<Vec<u8>>,
    /// For each actor among the changes: ECDSA over `authorship::author_statement` of its newest change here. Several
    /// of one actor where the device cannot tell which of them that is; one has to hold.
    pub signatures: Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>,
}

impl PushFrame {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        for receipt in &self.receipts {
            put(&mut payload, RECEIPT, receipt);
        }
        for actor in &self.actors {
            put(&mut payload, ACTOR, &[actor.receipt_hash.as_slice(), &actor.tab_nonce].concat());
        }
        for document in &self.documents {
            let mut content = document.id.as_bytes().to_vec();
            if !document.whole.is_empty() {
                put(&mut content, WHOLE, &document.whole);
            }
            let last = put_changes(&mut content, &document.changes);
            for (actor, signature) in &document.signatures {
                if last.is_some_and(|last| last.actor == *actor) {
                    put(&mut content, SIGNED, signature);
                } else {
                    put(&mut content, SIGNED_BY, &[actor.as_slice(), signature].concat());
                }
            }
            put(&mut payload, DOCUMENT, &content);
        }
        pack_as(VERSION, KIND, &payload)
    }

    pub fn from_bytes(frame: &[u8]) -> Result<Self, FrameError> {
        let payload = unpack_upto(VERSION, KIND, frame)?;
        let mut read = Self::default();
        let mut changes = 0;
        let mut records = Records(&payload);
        while let Some((kind, content)) = records.next()? {
            match kind {
                RECEIPT => read.receipts.push(content.to_vec()),
                ACTOR => {
                    let (receipt_hash, rest) = take(content, "an actor")?;
                    let (tab_nonce, _) = take(rest, "an actor")?;
                    read.actors.push(ActorClaim { receipt_hash, tab_nonce });
                }
                DOCUMENT => read.documents.push(document(content, &mut changes)?),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// Writes changes as briefly as each of them allows; answers what is known of the last one.
fn put_changes(content: &mut Vec<u8>, changes: &[Vec<u8>]) -> Option<Previous> {
    let mut previous = None;
    for change in changes {
        let short = brief::shortened(change);
        let shorter = short.zip(previous.as_ref()).and_then(|(short, last)| brief::continued(short, last));
        match (shorter, short) {
            (Some(rest), _) => put(content, CONTINUED, rest),
            (None, Some(short)) => put(content, CONTENT, short),
            (None, None) => put(content, CHANGE, change),
        }
        previous = Previous::of(change);
    }
    previous
}

fn document(content: &[u8], changes: &mut usize) -> Result<PushedDocument, FrameError> {
    let (id, rest) = take(content, "a document")?;
    let mut document = PushedDocument {
        id: ConsultationId::from_bytes(id),
        whole: Vec::new(),
        changes: Vec::new(),
        signatures: Vec::new(),
    };
    let mut previous = None;
    let before = || FrameError::Malformed("change before another");
    let mut records = Records(rest);
    while let Some((kind, content)) = records.next()? {
        let change = match kind {
            CHANGE => content.to_vec(),
            CONTENT => brief::restored(content),
            CONTINUED => brief::restored(&brief::uncontinued(content, &previous.ok_or_else(before)?)),
            WHOLE => {
                document.whole = content.to_vec();
                continue;
            }
            SIGNED_BY => {
                let (actor, rest) = take(content, "a signature")?;
                let (signature, _) = take(rest, "a signature")?;
                document.signatures.push((actor, signature));
                continue;
            }
            SIGNED => {
                let (signature, _) = take(content, "a signature")?;
                document.signatures.push((previous.ok_or_else(before)?.actor, signature));
                continue;
            }
            _ => continue,
        };
        *changes += 1;
        if *changes > CHANGES {
            return Err(FrameError::TooLarge);
        }
        previous = Previous::of(&change);
        document.changes.push(change);
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::{CommitOptions, Transactable as _};
    use automerge::{AutoCommit, ROOT};

    fn example() -> PushFrame {
        PushFrame {
            receipts: vec![b"{\"v\":1}".to_vec()],
            actors: vec![ActorClaim { receipt_hash: [1; 32], tab_nonce: [2; 16] }],
            documents: vec![PushedDocument {
                id: ConsultationId::from_bytes([3; 16]),
                whole: Vec::new(),
                changes: vec![vec![4; 600], vec![5; 10]],
                signatures: vec![([6; 16], [7; 64])],
            }],
        }
    }

    /// Two people's changes, one after the other, and something that is no change.
    #[expect(clippy::disallowed_methods, reason = "what the changes say does not matter here")]
    fn edits() -> PushFrame {
        let mut document = AutoCommit::new();
        for (actor, value) in [(1, 10), (1, 20), (2, 30), (2, 40)] {
            document.set_actor(vec![actor; 16].into());
            document.put(ROOT, "temperature", value).expect("a put");
            document.commit_with(CommitOptions::default().with_time(1_000));
        }
        let mut changes: Vec<Vec<u8>> =
            document.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect();
        changes.insert(0, b"no change".to_vec());
        let signatures = vec![([1; 16], [8; 64]), ([2; 16], [9; 64])];
        let edited = PushedDocument {
            id: ConsultationId::from_bytes([3; 16]),
            whole: Vec::new(),
            changes,
            signatures,
        };
        PushFrame { documents: vec![edited], ..PushFrame::default() }
    }

    #[test]
    fn what_is_sent_is_what_arrives() {
        assert_eq!(PushFrame::from_bytes(&example().to_bytes()), Ok(example()));
        assert_eq!(PushFrame::from_bytes(&edits().to_bytes()), Ok(edits()));
    }

    #[test]
    fn what_continues_nothing_is_refused() {
        for kind in [CONTINUED, SIGNED] {
            let mut content = vec![3; 16];
            put(&mut content, kind, &[7; 64]);
            let mut payload = Vec::new();
            put(&mut payload, DOCUMENT, &content);
            let read = PushFrame::from_bytes(&pack_as(VERSION, KIND, &payload));
            assert!(matches!(read, Err(FrameError::Malformed(_))), "{read:?}");
        }
    }

    #[test]
    fn a_million_tiny_changes_are_refused_while_they_are_read() {
        let mut content = vec![3; 16];
        for _ in 0..1_000_000 {
            put(&mut content, CONTENT, &[]);
        }
        let mut payload = Vec::new();
        put(&mut payload, DOCUMENT, &content);
        assert_eq!(PushFrame::from_bytes(&pack_as(VERSION, KIND, &payload)), Err(FrameError::TooLarge));
    }

    #[test]
    fn a_push_frame_of_the_second_version_is_read_for_ever() {
        let frame = PushFrame::from_bytes(include_bytes!("../../../fixtures/push-frame-v2.bin"));
        assert_eq!(frame, Ok(edits()));
    }

    #[test]
    fn a_push_frame_of_the_first_release_is_read_for_ever() {
        let frame = PushFrame::from_bytes(include_bytes!("../../../fixtures/push-frame-v1.bin"));
        assert_eq!(frame, Ok(example()));
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused_or_shorter_never_a_panic() {
        let whole = example().to_bytes();
        for length in 0..whole.len() {
            let cut = PushFrame::from_bytes(&whole[..length]);
            assert_ne!(cut, Ok(example()), "cut at {length}");
        }
    }

    #[test]
    fn a_newer_frame_version_is_refused_by_number() {
        let mut frame = example().to_bytes();
        frame[4] = 9;
        assert_eq!(PushFrame::from_bytes(&frame), Err(FrameError::UnknownVersion(9)));
    }

    #[test]
    fn records_that_a_later_version_adds_are_skipped() {
        let mut payload = Vec::new();
        put(&mut payload, 99, b"from the future");
        assert_eq!(PushFrame::from_bytes(&pack_as(VERSION, KIND, &payload)), Ok(PushFrame::default()));
    }

    #[test]
    fn one_edit_costs_little_more_than_its_content_and_signature() {
        let mut frame = edits();
        let document = &mut frame.documents[0];
        document.changes.drain(..4);
        document.signatures.remove(0);
        let content = brief::shortened(&document.changes[0]).expect("a plain change").len();
        // The frame's header, the document's id, and a kind and a length for each of the three records.
        assert_eq!(frame.to_bytes().len(), content + 64 + 7 + 16 + 2 + 2 + 3);
    }
}
