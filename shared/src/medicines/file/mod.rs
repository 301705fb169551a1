//! The medicines file of a device, format 1: written by the server after each import, fetched compressed, read here.
//!
//! `SATCHELM`, version (2 bytes), checksum of the rest (8 bytes, FNV-1a), all little-endian; then release, time and
//! scope; words, texts, substances, packs and facts, each stored once; then one column after another of the products in
//! the order in which they are best offered; then their codes. Numbers are seven bits a byte.

mod builder;
mod bytes;
mod columns;
mod parse;
#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use bytes::{Lists, Texts};
pub(super) use columns::{Columns, NONE, unmark};

use super::{Index, Product};

const MAGIC: &[u8; 8] = b"SATCHELM";
const VERSION: u16 = 1;
/// Magic, version, checksum.
const HEAD: usize = 18;
/// Many times the dictionary's size; more is not one of ours.
const MOST_BYTES: usize = 64 << 20;

/// Everything a medicines file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// Day of the dm+d release: `2026-11-16`.
    pub release: String,
    /// When the server made it, RFC 3339.
    pub built_at: String,
    /// No code twice. A parent that is not among them is left out.
    pub products: Vec<Product>,
}

/// How much of the dictionary a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Moieties and generic products.
    Core,
    /// Brands, too.
    Full,
}

/// Why bytes are not a medicines file that this app can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("it is not a medicines file")]
    NotOurs,
    #[error("it is in format {0}, which this version of Satchel cannot read")]
    Version(u16),
    #[error("it was cut short")]
    Cut,
    #[error("it was changed on the way or in storage")]
    Changed,
    #[error("it is damaged: {0} makes no sense")]
    Nonsense(&'static str),
    #[error("it is larger than a medicines file can be")]
    TooLarge,
}

/// The bytes of a file; the same contents give the same bytes in whichever order the products come. Where memory counts,
/// hand products one at a time to a [`Builder`].
pub fn write(contents: &Contents, scope: Scope) -> Vec<u8> {
    let mut builder = Builder::new(&contents.release, &contents.built_at);
    contents.products.iter().for_each(|product| builder.push(product));
    builder.bytes(scope)
}

/// Reads a file and makes it ready for searching. Never panics, whatever the bytes are, and takes memory in proportion
/// to their number.
pub fn read(bytes: &[u8]) -> Result<Index, FileError> {
    Ok(Index::of(parse::columns(payload(bytes)?)?))
}

/// What a whole file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub release: String,
    pub built_at: String,
    pub scope: Scope,
    /// Products of all levels.
    pub products: usize,
}

/// Reads all of a file and keeps nothing of it: whether [`read`] would take it.
pub fn check(bytes: &[u8]) -> Result<Checked, FileError> {
    let columns = parse::columns(payload(bytes)?)?;
    Ok(Checked {
        scope: if columns.has_brands { Scope::Full } else { Scope::Core },
        products: columns.code.len(),
        release: columns.release,
        built_at: columns.built_at,
    })
}

fn payload(bytes: &[u8]) -> Result<&[u8], FileError> {
    if bytes.len() > MOST_BYTES {
        return Err(FileError::TooLarge);
    }
    if !bytes.starts_with(MAGIC) {
        return Err(if MAGIC.starts_with(bytes) { FileError::Cut } else { FileError::NotOurs });
    }
    let (head, payload) = bytes.split_at_checked(HEAD).ok_or(FileError::Cut)?;
    let version = u16::from_le_bytes([head[8], head[9]]);
    if version != VERSION {
        return Err(FileError::Version(version));
    }
    let sum = head[10..].iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    if sum == bytes::checksum(payload) { Ok(payload) } else { Err(FileError::Changed) }
}
