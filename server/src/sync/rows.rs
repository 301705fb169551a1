//! How many rows the columns of a change or a save claim to have, counted without making any of them.
//!
//! Automerge's columns are run-length encoded, so a hundred bytes can stand for billions of operations. What is given
//! here bounds the work of reading them (Automerge binary format, columns).

/// Low bits of a column's specification.
const TYPE: u64 = 0b111;
const DEFLATED: u64 = 0b1000;
const DELTA: u64 = 3;
const BOOLEAN: u64 = 4;
const STRING: u64 = 5;
const RAW: u64 = 7;

/// The longest column of a change, given its content. `None` where it is not one that can be read, or packed.
pub fn of_change(content: &[u8]) -> Option<u64> {
    let (deps, rest) = number(content)?;
    let rest = rest.get(usize::try_from(deps).ok()?.checked_mul(32)?..)?;
    let (_actor, rest) = prefixed(rest)?;
    let (_seq, rest) = number(rest)?;
    let (_start, rest) = number(rest)?;
    let (_time, rest) = signed(rest)?;
    let (_message, rest) = prefixed(rest)?;
    let (others, mut rest) = number(rest)?;
    for _ in 0..others {
        rest = prefixed(rest)?.1;
    }
    let (columns, rest) = columns(rest)?;
    longest(&columns, rest).map(|(rows, _)| rows)
}

/// The longest column about changes and the longest about operations, of a save without its actors.
pub fn of_save(rest: &[u8]) -> Option<(u64, u64)> {
    let (heads, rest) = number(rest)?;
    let rest = rest.get(usize::try_from(heads).ok()?.checked_mul(32)?..)?;
    let (about_changes, rest) = columns(rest)?;
    let (about_operations, rest) = columns(rest)?;
    let (changes, rest) = longest(&about_changes, rest)?;
    let (operations, _) = longest(&about_operations, rest)?;
    Some((changes, operations))
}

/// A column's specification and its length in bytes.
type Column = (u64, usize);

/// Specification and length of each column.
fn columns(bytes: &[u8]) -> Option<(Vec<Column>, &[u8])> {
    let (count, mut rest) = number(bytes)?;
    let mut columns = Vec::new();
    for _ in 0..count {
        let (specification, after) = number(rest)?;
        let (length, after) = number(after)?;
        if specification & DEFLATED != 0 {
            return None;
        }
        columns.push((specification, usize::try_from(length).ok()?));
        rest = after;
    }
    Some((columns, rest))
}

fn longest<'a>(columns: &[(u64, usize)], bytes: &'a [u8]) -> Option<(u64, &'a [u8])> {
    let (mut most, mut rest) = (0, bytes);
    for (specification, length) in columns {
        let (column, after) = rest.split_at_checked(*length)?;
        most = most.max(rows(specification & TYPE, column)?);
        rest = after;
    }
    Some((most, rest))
}

fn rows(kind: u64, column: &[u8]) -> Option<u64> {
    let (mut rows, mut rest) = (0u64, column);
    while kind != RAW && !rest.is_empty() {
        let count;
        if kind == BOOLEAN {
            (count, rest) = number(rest)?;
        } else {
            let (run, after) = signed(rest)?;
            let values = match run {
                // So many rows without a value.
                0 => {
                    (count, rest) = number(after)?;
                    0
                }
                1.. => {
                    (count, rest) = (run.unsigned_abs(), after);
                    1
                }
                _ => {
                    (count, rest) = (run.unsigned_abs(), after);
                    count
                }
            };
            for _ in 0..values {
                rest = match kind {
                    STRING => prefixed(rest)?.1,
                    DELTA => signed(rest)?.1,
                    _ => number(rest)?.1,
                };
            }
        }
        rows = rows.saturating_add(count);
    }
    Some(rows)
}

/// Bytes with their length before them.
pub fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// One unsigned LEB128 number.
pub fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// One signed LEB128 number.
fn signed(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (value, rest) = number(bytes)?;
    let bits = 7 * (bytes.len() - rest.len()) as u32;
    let unused = 64u32.saturating_sub(bits);
    Some((((value << unused) as i64) >> unused, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::Transactable as _;
    use automerge::{AutoCommit, ROOT};

    fn content(chunk: &[u8]) -> &[u8] {
        number(&chunk[9..]).expect("a length").1
    }

    fn document(changes: u64, operations: i64) -> AutoCommit {
        let mut document = AutoCommit::new();
        for change in 0..changes {
            for operation in 0..operations {
                document.put(ROOT, format!("field-{operation}"), change).expect("a put");
            }
            document.commit();
        }
        document
    }

    #[test]
    fn a_changes_operations_are_counted_without_reading_them() {
        let change = document(1, 321).get_changes(&[]).remove(0);
        assert_eq!(of_change(content(change.raw_bytes())), Some(321));
    }

    #[test]
    fn a_saves_changes_and_operations_are_counted_without_reading_them() {
        let saved = document(40, 3).save_nocompress();
        let (actors, rest) = number(content(&saved)).expect("actors");
        assert_eq!(actors, 1);
        let rest = prefixed(rest).expect("an actor").1;
        assert_eq!(of_save(rest), Some((40, 120)));
    }

    #[test]
    fn a_run_may_claim_any_number_of_rows() {
        assert_eq!(rows(2, &[0x80, 0x80, 0x80, 0x80, 0x20, 1]), Some(1 << 33));
        assert_eq!(rows(BOOLEAN, &[0xff, 0xff, 0x03]), Some(65_535));
        assert_eq!(rows(2, &[0x7e, 5, 6]), Some(2), "two values one by one");
        assert_eq!(rows(STRING, &[0x00, 0x09]), Some(9), "nine rows without a value");
        assert_eq!(rows(2, &[0x7e, 5]), None);
    }
}
