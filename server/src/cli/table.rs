//! A plain table for the terminal: columns as wide as what is in them.

use std::io::{Result, Write};

/// Rows gathered first, so that the columns fit.
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it, or `empty` when there is nothing in it.
    pub fn print(&self, out: &mut impl Write, empty: &str) -> Result<()> {
        if self.rows.is_empty() {
            return writeln!(out, "{empty}");
        }
        let head: Vec<String> = self.head.iter().map(|title| (*title).to_owned()).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| {
                let cells = std::iter::once(&head).chain(&self.rows).filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(out, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["Id", "State"]);
        table.row(["long identity".to_owned(), "é".to_owned()]);
        let mut out = Vec::new();
        table.print(&mut out, "Nothing.").expect("memory takes it");
        assert_eq!(String::from_utf8(out).expect("text"), "Id             State\nlong identity  é\n");
    }
}
