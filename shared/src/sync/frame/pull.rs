//! What the server sends: documents after a cursor, each with its summary row, closed by the cursor to go on from.

use super::ActorClaim;
use super::codec::{FrameError, MAX_PAYLOAD, Records, number, pack, put, put_number, take, unpack};
use crate::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use crate::consultation::WorkListRow;
use crate::ids::{ConsultationId, Epoch};

const KIND: u8 = b'D';
const DOCUMENT: u8 = 1;
const CURSOR: u8 = 2;
const RECEIPT: u8 = 3;
const ACTOR: u8 = 4;
const DESTROYED: u8 = 5;
const BASE: u8 = 1;
const CHANGE: u8 = 2;
const ROW: u8 = 3;
const SIGNED_BY: u8 = 4;

/// One frame of a pull. A link cut after it loses nothing: the next pull starts at `cursor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullFrame {
    pub epoch: Epoch,
    /// Everything up to here is in this frame or earlier ones.
    pub cursor: u64,
    /// Whether the server has more beyond `cursor`.
    pub more: bool,
    pub documents: Vec<PulledDocument>,
    /// Receipts behind [`Self::actors`]. A device keeps them, so that it can give a restored server back the work of
    /// others together with the proof of who wrote it.
    pub receipts: Vec<Vec<u8>>,
    /// Actors first seen in this part of the log.
    pub actors: Vec<ActorClaim>,
    /// Destroyed at the end of their retention (practice 36): to be deleted here as well.
    pub destroyed: Vec<ConsultationId>,
}

/// One document's bytes, opened by nobody on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledDocument {
    pub id: ConsultationId,
    /// A compacted save, or empty when only changes follow.
    pub base: Vec<u8>,
    pub changes: Vec<Vec<u8>>,
    pub row: WorkListRow,
    /// For each author of what is here: the signature over that author's newest change of the document. It takes the
    /// place of an earlier one of the same author.
    pub signatures: Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])>,
}

impl PullFrame {
    /// A frame with nothing in it: all there is to say is which life of the server this is.
    pub fn empty(epoch: Epoch) -> Self {
        Self {
            epoch,
            cursor: 0,
            more: false,
            documents: Vec::new(),
            receipts: Vec::new(),
            actors: Vec::new(),
            destroyed: Vec::new(),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        for receipt in &self.receipts {
            put(&mut payload, RECEIPT, receipt);
        }
        for actor in &self.actors {
            put(&mut payload, ACTOR, &[actor.receipt_hash.as_slice(), &actor.tab_nonce].concat());
        }
        for id in &self.destroyed {
            put(&mut payload, DESTROYED, id.as_bytes());
        }
        for document in &self.documents {
            let mut content = document.id.as_bytes().to_vec();
            if !document.base.is_empty() {
                put(&mut content, BASE, &document.base);
            }
            for change in &document.changes {
                put(&mut content, CHANGE, change);
            }
            let row = serde_json::to_vec(&document.row).expect("a row is strings and numbers");
            put(&mut content, ROW, &row);
            for (actor, signature) in &document.signatures {
                put(&mut content, SIGNED_BY, &[actor.as_slice(), signature].concat());
            }
            put(&mut payload, DOCUMENT, &content);
        }
        let mut cursor = self.epoch.as_bytes().to_vec();
        cursor.push(u8::from(self.more));
        put_number(&mut cursor, self.cursor);
        put(&mut payload, CURSOR, &cursor);
        pack(KIND, &payload)
    }

    pub fn from_bytes(frame: &[u8]) -> Result<Self, FrameError> {
        let payload = unpack(KIND, frame)?;
        let mut read = Self::empty(Epoch::from_bytes([0; 16]));
        let mut closed = None;
        let mut records = Records(&payload);
        while let Some((kind, content)) = records.next()? {
            match kind {
                DOCUMENT => read.documents.push(document(content)?),
                RECEIPT => read.receipts.push(content.to_vec()),
                ACTOR => {
                    let (receipt_hash, rest) = take(content, "an actor")?;
                    let (tab_nonce, _) = take(rest, "an actor")?;
                    read.actors.push(ActorClaim { receipt_hash, tab_nonce });
                }
                DESTROYED => {
                    let (id, _) = take(content, "a destroyed document")?;
                    read.destroyed.push(ConsultationId::from_bytes(id));
                }
                CURSOR => {
                    let (epoch, rest) = take(content, "the cursor")?;
                    let ([more], rest) = take(rest, "the cursor")?;
                    let (cursor, _) = number(rest)?;
                    closed = Some((Epoch::from_bytes(epoch), more == 1, cursor));
                }
                _ => {}
            }
        }
        let (epoch, more, cursor) = closed.ok_or(FrameError::CutShort("a frame without its cursor"))?;
        Ok(Self { epoch, cursor, more, ..read })
    }
}

fn document(content: &[u8]) -> Result<PulledDocument, FrameError> {
    let (id, rest) = take(content, "a document")?;
    let mut document = PulledDocument {
        id: ConsultationId::from_bytes(id),
        base: Vec::new(),
        changes: Vec::new(),
        row: WorkListRow::default(),
        signatures: Vec::new(),
    };
    let mut records = Records(rest);
    while let Some((kind, content)) = records.next()? {
        match kind {
            BASE => document.base = content.to_vec(),
            SIGNED_BY => {
                let (actor, rest) = take(content, "a signature")?;
                let (signature, _) = take(rest, "a signature")?;
                document.signatures.push((actor, signature));
            }
            CHANGE => document.changes.push(content.to_vec()),
            ROW => {
                document.row = std::str::from_utf8(content)
                    .ok()
                    .and_then(|text| serde_json::from_str(text).ok())
                    .ok_or(FrameError::Malformed("summary row"))?;
            }
            _ => {}
        }
    }
    Ok(document)
}

/// A frame as it stands in a stream: its length as four bytes, then itself.
pub fn with_length(frame: &[u8]) -> Vec<u8> {
    let mut bytes = (frame.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(frame);
    bytes
}

/// Takes the whole frames off the front of what has arrived so far; the rest waits for more bytes.
pub fn split_stream(buffer: &mut Vec<u8>) -> Result<Vec<PullFrame>, FrameError> {
    let mut frames = Vec::new();
    let mut used = 0;
    while let Ok((length, rest)) = take::<4>(&buffer[used..], "a length") {
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_PAYLOAD {
            return Err(FrameError::TooLarge);
        }
        if rest.len() < length {
            break;
        }
        frames.push(PullFrame::from_bytes(&rest[..length])?);
        used += 4 + length;
    }
    buffer.drain(..used);
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> PullFrame {
        PullFrame {
            cursor: 300,
            more: true,
            documents: vec![PulledDocument {
                id: ConsultationId::from_bytes([3; 16]),
                base: vec![1; 900],
                changes: vec![vec![2; 40]],
                row: WorkListRow { patient_name: "WINTERS, Hettie".to_owned(), ..WorkListRow::default() },
                signatures: Vec::new(),
            }],
            ..PullFrame::empty(Epoch::from_bytes([8; 16]))
        }
    }

    fn with_proofs() -> PullFrame {
        let mut frame = example();
        frame.documents[0].signatures = vec![([6; 16], [7; 64])];
        frame.receipts = vec![b"{\"v\":1}".to_vec()];
        frame.actors = vec![ActorClaim { receipt_hash: [1; 32], tab_nonce: [2; 16] }];
        frame.destroyed = vec![ConsultationId::from_bytes([4; 16])];
        frame
    }

    #[test]
    fn what_is_sent_is_what_arrives() {
        assert_eq!(PullFrame::from_bytes(&example().to_bytes()), Ok(example()));
        assert_eq!(PullFrame::from_bytes(&with_proofs().to_bytes()), Ok(with_proofs()));
    }

    #[test]
    fn a_pull_frame_with_proofs_of_authorship_is_read_for_ever() {
        let frame = PullFrame::from_bytes(include_bytes!("../../../fixtures/pull-frame-v1-proofs.bin"));
        assert_eq!(frame, Ok(with_proofs()));
    }

    #[test]
    fn a_pull_frame_of_the_first_release_is_read_for_ever() {
        let frame = PullFrame::from_bytes(include_bytes!("../../../fixtures/pull-frame-v1.bin"));
        assert_eq!(frame, Ok(example()));
    }

    #[test]
    fn a_stream_cut_anywhere_yields_only_whole_frames() {
        let stream = [with_length(&example().to_bytes()), with_length(&example().to_bytes())].concat();
        let first = 4 + example().to_bytes().len();
        for cut in 0..=stream.len() {
            let mut buffer = stream[..cut].to_vec();
            let frames = split_stream(&mut buffer).expect("nothing is malformed");
            assert_eq!(frames.len(), cut / first);
            buffer.extend_from_slice(&stream[cut..]);
            let rest = split_stream(&mut buffer).expect("nothing is malformed");
            assert_eq!(frames.len() + rest.len(), 2);
        }
    }
}
