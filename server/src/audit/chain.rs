//! The chain of the audit log: how a line is hashed, and the walk that finds where the log was tampered with.
//!
//! Version 1. The hash of a line is SHA-256 over `satchel audit line 1` and a zero byte, the hash of the line before (32
//! bytes; zeros before the first), and its fields in this order: place, at, `done_at`, person, pharmacy, device, action,
//! subject, why, patient, event. Each field is one byte 0 where there is none; otherwise one byte 1, its length in bytes
//! as 8 bytes big-endian, and the bytes: numbers as 8 bytes big-endian, ids as they are written, text as UTF-8.

use crate::store::{AuditEntry, AuditHead, AuditStore, StoreError, StoredAudit};
use sha2::{Digest as _, Sha256};
use shared::consultation::hex;
use shared::ids::OdsCode;
use shared::time::{Millis, stored};

/// Before the first line.
pub const BEGINNING: AuditHead = AuditHead { place: 0, hash: [0; 32] };
const DOMAIN: &[u8] = b"satchel audit line 1\0";
/// Lines that are in memory at once during a walk.
const PAGE: u32 = 1000;

/// The hash of a line at a place, after the line whose hash is `before`.
pub fn hash(before: &[u8; 32], place: u64, entry: &AuditEntry) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(DOMAIN);
    sha.update(before);
    let mut put = |field: Option<&[u8]>| match field {
        None => sha.update([0]),
        Some(bytes) => {
            sha.update([1]);
            sha.update((bytes.len() as u64).to_be_bytes());
            sha.update(bytes);
        }
    };
    put(Some(&place.to_be_bytes()));
    put(Some(&entry.at.to_be_bytes()));
    put(entry.done_at.map(Millis::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    put(entry.person.map(|id| id.to_string()).as_deref().map(str::as_bytes));
    put(entry.pharmacy.as_ref().map(|ods| OdsCode::as_str(ods).as_bytes()));
    put(entry.device.map(|id| id.to_string()).as_deref().map(str::as_bytes));
    put(Some(entry.action.as_bytes()));
    put(Some(entry.subject.as_bytes()));
    put(Some(entry.why.as_bytes()));
    put(entry.patient.as_ref().map(<[u8; 32]>::as_slice));
    put(entry.event.map(|id| id.to_string()).as_deref().map(str::as_bytes));
    sha.finalize().into()
}

/// The end of the log as people keep it elsewhere: `1234:` and the hash in hex.
pub fn written(head: &AuditHead) -> String {
    format!("{}:{}", head.place, hex(&head.hash))
}

/// Reads what [`written`] wrote.
pub fn read(text: &str) -> Option<AuditHead> {
    let (place, hash) = text.trim().split_once(':')?;
    let bytes = hash.as_bytes();
    if bytes.len() != 64 || !hash.is_ascii() {
        return None;
    }
    let mut read = [0; 32];
    for (byte, digits) in read.iter_mut().zip(hash.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(AuditHead { place: place.parse().ok()?, hash: read })
}

/// A log that was walked and found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub lines: u64,
    /// When the first and the last line were written; `None` for an empty log.
    pub from_to: Option<(Millis, Millis)>,
    pub head: AuditHead,
}

/// Where and how a log is broken.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error(
        "The log is broken at line {place}, written {}: this line was changed, or lines before it were changed, taken \
         out, put in or moved. What stands before line {place} is whole.", stored(*.at)
    )]
    Line { place: u64, at: Millis },
    #[error(
        "The log is broken at line {place}: it carries no hash, so it was not written by Satchel. What stands before it \
         is whole."
    )]
    Unchained { place: u64 },
    #[error(
        "The end of the log is missing: it goes to line {found}, and its last line was line {expected}. What is there \
         is whole."
    )]
    CutOff { found: u64, expected: u64 },
    #[error(
        "The log is broken at line {place}: lines stand after the log's end, so Satchel did not write them."
    )]
    Beyond { place: u64 },
    #[error(
        "The log is whole in itself, but is not the one whose end was kept: at line {place} there is {}. It was \
         written anew, or replaced by another server's.", if *.there { "another line" } else { "none" }
    )]
    NotTheKept { place: u64, there: bool },
    #[error("The log could not be read.")]
    Store(#[from] StoreError),
}

/// Walks the whole log. `kept` is an end that somebody kept elsewhere, which must still be in it.
pub async fn verify(store: &(impl AuditStore + ?Sized), kept: Option<&AuditHead>) -> Result<Whole, Broken> {
    let before = store.audit_head().await?.unwrap_or(BEGINNING);
    let (mut at, mut lines, mut from_to) = (BEGINNING, 0, None);
    let mut seen = before.place == 0;
    let mut kept_there = kept.is_none_or(|kept| *kept == BEGINNING);
    let mut other_there = false;
    loop {
        let page = store.audit_after(at.place, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for line in page {
            at = step(&at, &line)?;
            lines += 1;
            let first = from_to.map_or(line.entry.at, |(first, _)| first);
            from_to = Some((first, line.entry.at));
            if at.place == before.place && at.hash != before.hash {
                return Err(Broken::Line { place: at.place, at: line.entry.at });
            }
            seen |= at.place == before.place;
            kept_there |= kept == Some(&at);
            other_there |= kept.is_some_and(|kept| kept.place == at.place);
        }
    }
    if !seen {
        return Err(Broken::CutOff { found: at.place, expected: before.place });
    }
    // Others may have written meanwhile: the log ends no later than its end says now.
    let after = store.audit_head().await?.unwrap_or(BEGINNING);
    if at.place > after.place {
        return Err(Broken::Beyond { place: after.place + 1 });
    }
    match kept {
        Some(kept) if !kept_there => Err(Broken::NotTheKept { place: kept.place, there: other_there }),
        _ => Ok(Whole { lines, from_to, head: at }),
    }
}

fn step(before: &AuditHead, line: &StoredAudit) -> Result<AuditHead, Broken> {
    let Some(found) = line.hash else { return Err(Broken::Unchained { place: line.place }) };
    if found == hash(&before.hash, line.place, &line.entry) {
        Ok(AuditHead { place: line.place, hash: found })
    } else {
        Err(Broken::Line { place: line.place, at: line.entry.at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry { at: 1_795_356_300_000, action: "signed-in".to_owned(), ..AuditEntry::default() }
    }

    #[test]
    fn a_line_of_the_first_release_keeps_its_hash_for_ever() {
        let found = hex(&hash(&[0; 32], 1, &entry()));
        assert_eq!(found, "508477639cac65f6c191feabd42ac1d53f22ea67314d7c082e4d6139e0583842");
    }

    #[test]
    fn no_two_lines_are_written_the_same() {
        let moved = AuditEntry { subject: "signed-in".to_owned(), action: String::new(), ..entry() };
        let absent = AuditEntry { event: None, ..entry() };
        let split = |action: &str, subject: &str| AuditEntry {
            action: action.to_owned(),
            subject: subject.to_owned(),
            ..entry()
        };
        let lines = [moved, absent, split("ab", "c"), split("a", "bc"), split("", "abc")];
        let mut hashes: Vec<_> = lines.iter().map(|line| hash(&[0; 32], 1, line)).collect();
        hashes.push(hash(&[0; 32], 2, &entry()));
        hashes.push(hash(&[1; 32], 1, &entry()));
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 7);
    }

    #[test]
    fn an_end_is_read_as_it_was_written() {
        let head = AuditHead { place: 12, hash: [0xab; 32] };
        assert_eq!(read(&written(&head)), Some(head));
        for text in ["", "12", "12:", "12:zz", "x:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
