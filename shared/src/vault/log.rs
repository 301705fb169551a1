//! A vault's sealed log as it goes up from a device that cannot or may not open it any more, version 1.
//!
//! Every part stands alone: it repeats the header and the `actor/` and `receipt/` records of the store *state*, and
//! carries all the changes it has of a consultation. So parts may be sent in any order, and again.

use crate::ids::DeviceId;
use serde::Deserialize;

const MAGIC: &[u8; 4] = b"SVLG";
const VERSION: u8 = 1;
const HEADER: u8 = 1;
const RECORD: u8 = 2;
const END: u8 = 3;

/// Most bytes of one part. A larger log is sent in several, cut between consultations.
pub const LOG_PART_BYTES: usize = 8 * 1024 * 1024;

/// One part of a log. Nothing in it has been opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLog {
    /// The vault's header as it lies in storage: JSON of a `VaultHeader`, of whatever version.
    pub header: String,
    pub records: Vec<SealedRecord>,
    /// Whether this is the last part.
    pub last: bool,
}

/// One record with its place, which the seal vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// `changes` or `state`: the stores that hold what the server may lack.
    pub store: String,
    /// The record's key in that store, as the device has it.
    pub key: String,
    /// As it lies in storage: an `Envelope`'s bytes.
    pub sealed: Vec<u8>,
}

/// Why bytes are not a sealed log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotALog {
    #[error("these bytes are not a sealed log")]
    Foreign,
    #[error("this sealed log is of version {0}, which is not known here; update the server first")]
    UnknownVersion(u8),
    #[error("this sealed log ends in the middle of {0}")]
    CutShort(&'static str),
    #[error("this sealed log's header cannot be read")]
    Header,
}

impl SealedRecord {
    /// Store and key as associated data names them: `changes/…`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.store, self.key)
    }
}

#[derive(Deserialize)]
struct Named {
    vault: String,
    device: DeviceId,
}

impl SealedLog {
    /// Which vault on which device this is, by its header; every header version says so in the same words.
    pub fn names(&self) -> Result<(String, DeviceId), NotALog> {
        let named: Named = serde_json::from_str(&self.header).map_err(|_| NotALog::Header)?;
        Ok((named.vault, named.device))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [MAGIC.as_slice(), &[VERSION]].concat();
        put(&mut bytes, HEADER, self.header.as_bytes());
        for record in &self.records {
            let mut content = Vec::with_capacity(record.sealed.len() + record.key.len() + 16);
            put_text(&mut content, &record.store);
            put_text(&mut content, &record.key);
            content.extend_from_slice(&record.sealed);
            put(&mut bytes, RECORD, &content);
        }
        put(&mut bytes, END, &[u8::from(self.last)]);
        bytes
    }

    /// Reads one part. A part without its end was cut on the way and is refused as a whole: it can be sent again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotALog> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(NotALog::Foreign)?;
        let (&version, mut rest) = rest.split_first().ok_or(NotALog::Foreign)?;
        if version != VERSION {
            return Err(NotALog::UnknownVersion(version));
        }
        let mut header = None;
        let mut records = Vec::new();
        while let Some((&kind, after)) = rest.split_first() {
            let (content, after) = block(after, "a record")?;
            rest = after;
            match kind {
                HEADER => header = Some(String::from_utf8(content.to_vec()).map_err(|_| NotALog::Header)?),
                RECORD => records.push(record(content)?),
                END => {
                    let header = header.ok_or(NotALog::Header)?;
                    return Ok(Self { header, records, last: content == [1] });
                }
                // A later version may add kinds; what they say is not needed to read the others.
                _ => {}
            }
        }
        Err(NotALog::CutShort("a part"))
    }
}

fn record(content: &[u8]) -> Result<SealedRecord, NotALog> {
    let (store, rest) = text(content)?;
    let (key, sealed) = text(rest)?;
    Ok(SealedRecord { store, key, sealed: sealed.to_vec() })
}

fn put(bytes: &mut Vec<u8>, kind: u8, content: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&(content.len() as u32).to_be_bytes());
    bytes.extend_from_slice(content);
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn block<'a>(bytes: &'a [u8], what: &'static str) -> Result<(&'a [u8], &'a [u8]), NotALog> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(NotALog::CutShort(what))?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(NotALog::CutShort(what))
}

fn text(bytes: &[u8]) -> Result<(String, &[u8]), NotALog> {
    let (text, rest) = block(bytes, "a key")?;
    let text = std::str::from_utf8(text).map_err(|_| NotALog::CutShort("a key"))?;
    Ok((text.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> SealedLog {
        SealedLog {
            header: include_str!("../../fixtures/vault-header-v1.json").to_owned(),
            records: vec![
                SealedRecord { store: "state".to_owned(), key: "actor/01".to_owned(), sealed: vec![1; 40] },
                SealedRecord { store: "changes".to_owned(), key: "c/h".to_owned(), sealed: vec![2; 90] },
            ],
            last: true,
        }
    }

    #[test]
    fn a_log_of_the_first_release_is_read_for_ever() {
        let fixture = include_bytes!("../../fixtures/sealed-log-v1.bin");
        assert_eq!(SealedLog::from_bytes(fixture), Ok(example()));
    }

    #[test]
    fn a_log_cut_anywhere_is_refused_and_never_half_read() {
        let whole = example().to_bytes();
        for length in 0..whole.len() {
            assert!(SealedLog::from_bytes(&whole[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn a_newer_log_is_refused_by_number_and_its_new_records_are_skipped() {
        let mut newer = example().to_bytes();
        newer[4] = 2;
        assert_eq!(SealedLog::from_bytes(&newer), Err(NotALog::UnknownVersion(2)));
        let whole = example().to_bytes();
        let mut more = whole[..5].to_vec();
        put(&mut more, 99, b"from the future");
        more.extend_from_slice(&whole[5..]);
        assert_eq!(SealedLog::from_bytes(&more), Ok(example()));
    }
}
