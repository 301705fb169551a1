//! What a device sends: receipts it has not yet shown, the actors bound to them, and changes signed by their author.

use super::codec::{FrameError, Records, pack, put, take, unpack};
use crate::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use crate::ids::ConsultationId;

const KIND: u8 = b'P';
const RECEIPT: u8 = 1;
const ACTOR: u8 = 2;
const DOCUMENT: u8 = 3;
const CHANGE: u8 = 1;
const WHOLE: u8 = 2;
const SIGNED_BY: u8 = 3;

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
    /// For each actor among the changes: ECDSA over `authorship::author_statement` of its newest change here.
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
            for change in &document.changes {
                put(&mut content, CHANGE, change);
            }
            for (actor, signature) in &document.signatures {
                put(&mut content, SIGNED_BY, &[actor.as_slice(), signature].concat());
            }
            put(&mut payload, DOCUMENT, &content);
        }
        pack(KIND, &payload)
    }

    pub fn from_bytes(frame: &[u8]) -> Result<Self, FrameError> {
        let payload = unpack(KIND, frame)?;
        let mut read = Self::default();
        let mut records = Records(&payload);
        while let Some((kind, content)) = records.next()? {
            match kind {
                RECEIPT => read.receipts.push(content.to_vec()),
                ACTOR => {
                    let (receipt_hash, rest) = take(content, "an actor")?;
                    let (tab_nonce, _) = take(rest, "an actor")?;
                    read.actors.push(ActorClaim { receipt_hash, tab_nonce });
                }
                DOCUMENT => read.documents.push(document(content)?),
                _ => {}
            }
        }
        Ok(read)
    }
}

fn document(content: &[u8]) -> Result<PushedDocument, FrameError> {
    let (id, rest) = take(content, "a document")?;
    let mut document = PushedDocument {
        id: ConsultationId::from_bytes(id),
        whole: Vec::new(),
        changes: Vec::new(),
        signatures: Vec::new(),
    };
    let mut records = Records(rest);
    while let Some((kind, content)) = records.next()? {
        match kind {
            CHANGE => document.changes.push(content.to_vec()),
            WHOLE => document.whole = content.to_vec(),
            SIGNED_BY => {
                let (actor, rest) = take(content, "a signature")?;
                let (signature, _) = take(rest, "a signature")?;
                document.signatures.push((actor, signature));
            }
            _ => {}
        }
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_is_sent_is_what_arrives() {
        assert_eq!(PushFrame::from_bytes(&example().to_bytes()), Ok(example()));
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
        assert_eq!(PushFrame::from_bytes(&pack(KIND, &payload)), Ok(PushFrame::default()));
    }

    #[test]
    fn one_edit_costs_little_more_than_its_change_and_signature() {
        let frame = PushFrame {
            documents: vec![PushedDocument {
                id: ConsultationId::from_bytes([3; 16]),
                whole: Vec::new(),
                changes: vec![vec![0x5a; 120]],
                signatures: vec![([6; 16], [7; 64])],
            }],
            ..PushFrame::default()
        };
        assert!(frame.to_bytes().len() <= 120 + 64 + 16 + 16 + 20);
    }
}
