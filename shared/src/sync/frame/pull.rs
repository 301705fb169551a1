//! What the server sends: documents after a cursor, each with its summary row, closed by the cursor to go on from.

use super::codec::{FrameError, MAX_PAYLOAD, Records, number, pack, put, put_number, take, unpack};
use crate::consultation::WorkListRow;
use crate::ids::{ConsultationId, Epoch};

const KIND: u8 = b'D';
const DOCUMENT: u8 = 1;
const CURSOR: u8 = 2;
const BASE: u8 = 1;
const CHANGE: u8 = 2;
const ROW: u8 = 3;

/// One frame of a pull. A link cut after it loses nothing: the next pull starts at `cursor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullFrame {
    pub epoch: Epoch,
    /// Everything up to here is in this frame or earlier ones.
    pub cursor: u64,
    /// Whether the server has more beyond `cursor`.
    pub more: bool,
    pub documents: Vec<PulledDocument>,
}

/// One document's bytes, opened by nobody on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledDocument {
    pub id: ConsultationId,
    /// A compacted save, or empty when only changes follow.
    pub base: Vec<u8>,
    pub changes: Vec<Vec<u8>>,
    pub row: WorkListRow,
}

impl PullFrame {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut payload = Vec::new();
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
        let mut documents = Vec::new();
        let mut closed = None;
        let mut records = Records(&payload);
        while let Some((kind, content)) = records.next()? {
            match kind {
                DOCUMENT => documents.push(document(content)?),
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
        Ok(Self { epoch, cursor, more, documents })
    }
}

fn document(content: &[u8]) -> Result<PulledDocument, FrameError> {
    let (id, rest) = take(content, "a document")?;
    let mut document = PulledDocument {
        id: ConsultationId::from_bytes(id),
        base: Vec::new(),
        changes: Vec::new(),
        row: WorkListRow::default(),
    };
    let mut records = Records(rest);
    while let Some((kind, content)) = records.next()? {
        match kind {
            BASE => document.base = content.to_vec(),
            CHANGE => document.changes.push(content.to_vec()),
            ROW => {
                document.row =
                    serde_json::from_slice(content).map_err(|_| FrameError::Malformed("summary row"))?;
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
            epoch: Epoch::from_bytes([8; 16]),
            cursor: 300,
            more: true,
            documents: vec![PulledDocument {
                id: ConsultationId::from_bytes([3; 16]),
                base: vec![1; 900],
                changes: vec![vec![2; 40]],
                row: WorkListRow { patient_name: "WINTERS, Hettie".to_owned(), ..WorkListRow::default() },
            }],
        }
    }

    #[test]
    fn what_is_sent_is_what_arrives() {
        assert_eq!(PullFrame::from_bytes(&example().to_bytes()), Ok(example()));
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
