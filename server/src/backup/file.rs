//! A backup as one file: what it is of, every row, and at the end what proves that nothing is missing.
//!
//! `SATCHEL-BACKUP` and a version byte, then one zstd stream of records (kind, length, content): a head, rows, an end
//! with the number of rows of each table and the SHA-256 of everything before it. Version 1; readable for ever.

use crate::store::{Cell, Layout, TableRow};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};

const MAGIC: &[u8] = b"SATCHEL-BACKUP\n\x01";
const HEAD: u8 = 1;
const ROW: u8 = 2;
const END: u8 = 3;
const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BLOB: u8 = 3;
/// zstd's own default: packing is not what a backup waits for.
const LEVEL: i32 = 3;
/// No row is larger: a whole document is at most 4 MiB.
const LARGEST_RECORD: u64 = 64 * 1024 * 1024;

/// What a backup is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// RFC 3339.
    pub made_at: String,
    /// Version of the program that made it.
    pub satchel: String,
    /// Tells one server's data from another's.
    pub server: String,
    pub layout: Layout,
}

#[derive(Debug, Serialize, Deserialize)]
struct End {
    rows: BTreeMap<String, u64>,
    sha256: String,
}

/// Why a file is not a backup that can be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("This is not a Satchel backup.")]
    Foreign,
    #[error("This backup was made by a newer version of Satchel. Restore it with that version.")]
    Newer,
    #[error("This backup ends too early: it was cut short, or is still being written. Use another one.")]
    CutShort,
    #[error("This backup is damaged: what is in it is not what was written. Use another one.")]
    Damaged,
    #[error("The backup could not be read or written.")]
    Io(#[from] std::io::Error),
}

/// Writes one backup. Without [`Self::finish`] the file is no backup.
pub struct Writer<W: Write> {
    packed: zstd::Encoder<'static, W>,
    hash: Sha256,
    tables: Vec<String>,
    rows: BTreeMap<String, u64>,
}

impl<W: Write> Writer<W> {
    pub fn begin(mut out: W, head: &Head) -> Result<Self, FileError> {
        out.write_all(MAGIC)?;
        let tables: Vec<String> = head.layout.tables.iter().map(|table| table.name.clone()).collect();
        let rows = tables.iter().map(|table| (table.clone(), 0)).collect();
        let mut writer = Self { packed: zstd::Encoder::new(out, LEVEL)?, hash: Sha256::new(), tables, rows };
        let head = serde_json::to_vec(head).map_err(std::io::Error::from)?;
        writer.record(HEAD, &head)?;
        Ok(writer)
    }

    pub fn row(&mut self, row: &TableRow) -> Result<(), FileError> {
        let table = self.tables.get(row.table).ok_or(FileError::Damaged)?;
        *self.rows.entry(table.clone()).or_default() += 1;
        let mut content = Vec::new();
        put_number(&mut content, row.table as u64);
        for cell in &row.cells {
            put_cell(&mut content, cell);
        }
        self.record(ROW, &content)
    }

    /// Closes the file and says how many rows are in it.
    pub fn finish(mut self) -> Result<(W, u64), FileError> {
        let end = End { rows: self.rows.clone(), sha256: hex(&self.hash.clone().finalize()) };
        let content = serde_json::to_vec(&end).map_err(std::io::Error::from)?;
        self.record(END, &content)?;
        let out = self.packed.finish()?;
        Ok((out, self.rows.values().sum()))
    }

    fn record(&mut self, kind: u8, content: &[u8]) -> Result<(), FileError> {
        let mut head = vec![kind];
        put_number(&mut head, content.len() as u64);
        for part in [head.as_slice(), content] {
            self.hash.update(part);
            self.packed.write_all(part)?;
        }
        Ok(())
    }
}

/// Reads one backup. It is whole and true only if [`Self::next_row`] came to `None`.
pub struct Reader<R: BufRead> {
    pub head: Head,
    packed: zstd::Decoder<'static, R>,
    hash: Sha256,
    rows: BTreeMap<String, u64>,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    pub fn open(mut input: R) -> Result<Self, FileError> {
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic).map_err(cut_short)?;
        let (name, version) = magic.split_at(MAGIC.len() - 1);
        if name != &MAGIC[..name.len()] {
            return Err(FileError::Foreign);
        }
        if version[0] > MAGIC[MAGIC.len() - 1] {
            return Err(FileError::Newer);
        }
        let mut packed = zstd::Decoder::with_buffer(input)?;
        let mut hash = Sha256::new();
        let (kind, content) = record(&mut packed, &mut hash)?;
        if kind != HEAD {
            return Err(FileError::Damaged);
        }
        let head: Head = serde_json::from_slice(&content).map_err(|_| FileError::Damaged)?;
        let rows = head.layout.tables.iter().map(|table| (table.name.clone(), 0)).collect();
        Ok(Self { head, packed, hash, rows, ended: false })
    }

    /// The next row; `None` at an end that proves the backup whole.
    pub fn next_row(&mut self) -> Result<Option<TableRow>, FileError> {
        if self.ended {
            return Ok(None);
        }
        let before = self.hash.clone();
        let (kind, content) = record(&mut self.packed, &mut self.hash)?;
        match kind {
            ROW => self.read_row(&content).map(Some),
            END => {
                let end: End = serde_json::from_slice(&content).map_err(|_| FileError::Damaged)?;
                if end.sha256 != hex(&before.finalize()) || end.rows != self.rows {
                    return Err(FileError::Damaged);
                }
                self.ended = true;
                Ok(None)
            }
            _ => Err(FileError::Damaged),
        }
    }

    fn read_row(&mut self, content: &[u8]) -> Result<TableRow, FileError> {
        let mut rest = content;
        let table = usize::try_from(number(&mut rest)?).map_err(|_| FileError::Damaged)?;
        let layout = self.head.layout.tables.get(table).ok_or(FileError::Damaged)?;
        let mut cells = Vec::with_capacity(layout.columns.len());
        for _ in &layout.columns {
            cells.push(cell(&mut rest)?);
        }
        if !rest.is_empty() {
            return Err(FileError::Damaged);
        }
        *self.rows.entry(layout.name.clone()).or_default() += 1;
        Ok(TableRow { table, cells })
    }
}

fn record(packed: &mut impl Read, hash: &mut Sha256) -> Result<(u8, Vec<u8>), FileError> {
    let mut kind = [0];
    packed.read_exact(&mut kind).map_err(cut_short)?;
    let length = number(packed)?;
    if length > LARGEST_RECORD {
        return Err(FileError::Damaged);
    }
    let mut content = Vec::new();
    packed.take(length).read_to_end(&mut content).map_err(cut_short)?;
    if content.len() as u64 != length {
        return Err(FileError::CutShort);
    }
    let mut head = kind.to_vec();
    put_number(&mut head, length);
    hash.update(&head);
    hash.update(&content);
    Ok((kind[0], content))
}

/// zstd says an end in the middle of its stream in several ways; none of them is a fault of the disk.
fn cut_short(error: std::io::Error) -> FileError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => FileError::CutShort,
        std::io::ErrorKind::Other | std::io::ErrorKind::InvalidData => FileError::Damaged,
        _ => FileError::Io(error),
    }
}

fn put_cell(out: &mut Vec<u8>, cell: &Cell) {
    let (kind, bytes): (u8, &[u8]) = match cell {
        Cell::Null => return out.push(NULL),
        Cell::Integer(value) => {
            out.push(INTEGER);
            out.extend_from_slice(&value.to_be_bytes());
            return;
        }
        Cell::Text(text) => (TEXT, text.as_bytes()),
        Cell::Blob(bytes) => (BLOB, bytes),
    };
    out.push(kind);
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn cell(rest: &mut &[u8]) -> Result<Cell, FileError> {
    let [kind] = take(rest)?;
    match kind {
        NULL => Ok(Cell::Null),
        INTEGER => Ok(Cell::Integer(i64::from_be_bytes(take(rest)?))),
        TEXT => String::from_utf8(bytes(rest)?).map(Cell::Text).map_err(|_| FileError::Damaged),
        BLOB => Ok(Cell::Blob(bytes(rest)?)),
        _ => Err(FileError::Damaged),
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], FileError> {
    let (front, after) = rest.split_first_chunk::<N>().ok_or(FileError::Damaged)?;
    *rest = after;
    Ok(*front)
}

fn bytes(rest: &mut &[u8]) -> Result<Vec<u8>, FileError> {
    let length = usize::try_from(number(rest)?).map_err(|_| FileError::Damaged)?;
    let (front, after) = rest.split_at_checked(length).ok_or(FileError::Damaged)?;
    *rest = after;
    Ok(front.to_vec())
}

/// Unsigned LEB128.
fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn number(input: &mut impl Read) -> Result<u64, FileError> {
    let mut value = 0u64;
    for place in 0..9 {
        let mut byte = [0];
        input.read_exact(&mut byte).map_err(cut_short)?;
        value |= u64::from(byte[0] & 0x7f) << (7 * place);
        if byte[0] & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(FileError::Damaged)
}

fn hex(bytes: &[u8]) -> String {
    shared::consultation::hex(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TableLayout;

    fn head() -> Head {
        let table = |name: &str, columns: &[&str]| TableLayout {
            name: name.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
        };
        Head {
            made_at: "2026-11-22T09:00:00Z".to_owned(),
            satchel: "0.2.0".to_owned(),
            server: "key".to_owned(),
            layout: Layout {
                schema: 6,
                tables: vec![table("meta", &["name", "value"]), table("document", &["id", "seq", "base"])],
            },
        }
    }

    fn rows() -> Vec<TableRow> {
        let text = |text: &str| Cell::Text(text.to_owned());
        vec![
            TableRow { table: 0, cells: vec![text("epoch"), text("é")] },
            TableRow { table: 1, cells: vec![text("a"), Cell::Integer(-3), Cell::Blob(vec![0; 70_000])] },
            TableRow { table: 1, cells: vec![text("b"), Cell::Integer(i64::MAX), Cell::Null] },
        ]
    }

    fn written() -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), &head()).expect("memory takes everything");
        for row in rows() {
            writer.row(&row).expect("a row of a table that is there");
        }
        let (bytes, count) = writer.finish().expect("memory takes everything");
        assert_eq!(count, 3);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<(Head, Vec<TableRow>), FileError> {
        let mut reader = Reader::open(bytes)?;
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row()? {
            rows.push(row);
        }
        Ok((reader.head, rows))
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(read(&written()).expect("whole"), (head(), rows()));
    }

    #[test]
    fn a_backup_cut_anywhere_is_refused() {
        let whole = written();
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "cut at {length} of {}", whole.len());
        }
    }

    #[test]
    fn a_backup_with_any_byte_changed_is_refused() {
        let whole = written();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            if let Ok(read) = read(&changed) {
                // zstd has bits that mean nothing; what comes out is the same then.
                assert_eq!(read, (head(), rows()), "byte {at}");
            }
        }
    }

    #[test]
    fn foreign_and_newer_files_are_told_apart() {
        assert!(matches!(read(b"SQLite format 3\0 and more"), Err(FileError::Foreign)));
        let mut newer = written();
        newer[MAGIC.len() - 1] = 2;
        assert!(matches!(read(&newer), Err(FileError::Newer)));
    }
}
