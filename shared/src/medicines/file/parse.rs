//! Reads the columns of a file and checks every number in it, so that nothing later has to.

use super::FileError;
use super::bytes::{Lists, Reader};
use super::columns::{Columns, Facts, NONE, NamedCode, PackRow, unmark};
use crate::medicines::Level;

/// `payload`: what the checksum covers.
pub fn columns(payload: &[u8]) -> Result<Columns, FileError> {
    let mut reader = Reader(payload);
    let mut columns = Columns { release: reader.text()?, built_at: reader.text()?, ..Columns::default() };
    columns.has_brands = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return Err(FileError::Nonsense("the scope")),
    };
    columns.words = reader.texts()?;
    columns.texts = reader.texts()?;
    tables(&mut reader, &mut columns)?;
    products(&mut reader, &mut columns)?;
    codes(&mut reader, &mut columns)?;
    if reader.0.is_empty() { Ok(columns) } else { Err(FileError::Nonsense("the end")) }
}

fn tables(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), FileError> {
    let texts = columns.texts.count();
    for _ in 0..reader.count()? {
        let code = reader.number()?;
        columns.substances.push(NamedCode { code, text: reader.below(texts, "a substance")? });
    }
    columns.ingredient_lists = reader.lists(columns.substances.len(), "an ingredient")?;
    for _ in 0..reader.count()? {
        columns.packs.push(PackRow {
            quantity: reader.below(texts, "a pack")?,
            unit: reader.below(texts, "a pack")?,
            unit_code: reader.number()?,
        });
    }
    columns.pack_lists = reader.lists(columns.packs.len(), "a pack")?;
    for _ in 0..reader.count()? {
        let facts = Facts {
            form: reader.below(texts, "a form")?,
            strength: reader.below(texts, "a strength")?,
            ingredients: reader.below(columns.ingredient_lists.count(), "a list of ingredients")?,
            schedule: reader.byte()?,
            prescribing: reader.byte()?,
            kinds: reader.byte()?,
        };
        if !Facts::are_kinds_known(facts.kinds) {
            return Err(FileError::Nonsense("what a product is"));
        }
        columns.facts.push(facts);
    }
    Ok(())
}

fn products(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), FileError> {
    let count = reader.count()?;
    columns.marks = reader.take(count)?.to_vec();
    if columns.marks.iter().any(|mark| unmark(*mark).is_none()) {
        return Err(FileError::Nonsense("a mark"));
    }
    let level = |row: usize| columns.marks.get(row).and_then(|mark| unmark(*mark)).map(|(level, ..)| level);
    for row in 0..count {
        let parent = reader.below(count + 1, "a parent")?.checked_sub(1).unwrap_or(NONE);
        if parent != NONE && level(parent as usize) >= level(row) {
            return Err(FileError::Nonsense("a parent"));
        }
        columns.parent.push(parent);
    }
    let mut facts_of = Vec::with_capacity(count);
    for _ in 0..count {
        facts_of.push(reader.below(columns.facts.len() + 1, "what a product is")?);
    }
    for row in 0..count {
        let own = match facts_of[row] {
            0 if level(row) == Some(Level::Amp) => {
                facts_of.get(columns.parent[row] as usize).copied().unwrap_or_default()
            }
            own => own,
        };
        columns.facts_of.push(own.checked_sub(1).ok_or(FileError::Nonsense("what a product is"))?);
    }
    for _ in 0..count {
        columns.packs_of.push(reader.below(columns.pack_lists.count(), "a list of packs")?);
    }
    names(reader, columns, count)
}

fn names(reader: &mut Reader<'_>, columns: &mut Columns, count: usize) -> Result<(), FileError> {
    let mut names = Lists { ends: Vec::with_capacity(count), items: Vec::new() };
    let mut end = 0_usize;
    for _ in 0..count {
        end += reader.below(reader.0.len() + 1, "a name")? as usize;
        names.ends.push(u32::try_from(end).map_err(|_| FileError::Nonsense("a name"))?);
    }
    if end > reader.0.len() {
        return Err(FileError::Cut);
    }
    names.items.reserve_exact(end);
    for _ in 0..end {
        names.items.push(reader.below(columns.words.count(), "a name")?);
    }
    columns.names = names;
    Ok(())
}

/// Codes ascend, and every row has exactly one.
fn codes(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), FileError> {
    let count = columns.marks.len();
    let mut last = None::<u64>;
    for _ in 0..count {
        let step = reader.number()?;
        let code = match last {
            None => step,
            Some(last) if step > 0 => last.checked_add(step).ok_or(FileError::Nonsense("a code"))?,
            Some(_) => return Err(FileError::Nonsense("a code")),
        };
        columns.codes.push(code);
        last = Some(code);
    }
    columns.code = vec![0; count];
    let mut taken = vec![false; count];
    for code in &columns.codes {
        let row = reader.below(count, "a row")?;
        if std::mem::replace(&mut taken[row as usize], true) {
            return Err(FileError::Nonsense("a row"));
        }
        columns.code[row as usize] = *code;
        columns.row_of.push(row);
    }
    Ok(())
}
