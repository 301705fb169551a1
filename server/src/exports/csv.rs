//! Exports as tables, and the dictionary that says what their columns are.

use super::marked::{self, Marking};
use crate::audit::csv::{harmless, written};
use shared::activity::{Extract, ITEMS, SUPPLY_ITEMS};
use shared::register::Supplied;

type Table = Result<Vec<u8>, csv::Error>;

pub fn consultations_head() -> Table {
    written(|out| out.write_record(ITEMS.iter().map(|item| item.name)))
}

pub fn consultations<'a>(rows: impl IntoIterator<Item = &'a Extract>, marking: Option<&Marking>) -> Table {
    written(|out| {
        rows.into_iter().try_for_each(|row| {
            let cells = marked::consultation(row, marking);
            out.write_record(cells.into_iter().map(|cell| harmless(cell.into_owned())))
        })
    })
}

pub fn medicines_head() -> Table {
    written(|out| out.write_record(SUPPLY_ITEMS.iter().map(|item| item.name)))
}

pub fn medicines(lines: &[Supplied], marking: Option<&Marking>) -> Table {
    written(|out| {
        lines
            .iter()
            .try_for_each(|line| out.write_record(marked::medicine(line, marking).into_iter().map(harmless)))
    })
}

/// The data dictionary: every column of both files, and what happens to it where nobody may be recognised.
pub fn dictionary() -> Table {
    written(|out| {
        out.write_record([
            "file",
            "column",
            "heading",
            "meaning",
            "values",
            "where_nobody_may_be_recognised",
        ])?;
        for item in ITEMS {
            out.write_record([
                "consultations",
                item.name,
                item.heading,
                item.meaning,
                item.values,
                item.reveals.words(),
            ])?;
        }
        for item in SUPPLY_ITEMS {
            out.write_record([
                "medicines",
                item.name,
                "Medications",
                item.meaning,
                item.values,
                item.reveals.words(),
            ])?;
        }
        Ok(())
    })
}
