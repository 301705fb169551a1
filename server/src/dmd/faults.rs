//! What is wrong with a release: every fault counted, the first of them told with file, id and what to do.

use std::fmt;

/// How many are told; the rest is counted.
const TOLD: usize = 20;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// Of the row; 0 where there is none.
    pub id: u64,
    pub words: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            0 => write!(f, "{}: {}", self.file, self.words),
            id => write!(f, "{}, {id}: {}", self.file, self.words),
        }
    }
}

/// Faults as they are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    pub total: u64,
    pub first: Vec<Fault>,
}

impl Faults {
    /// `words` is made only for those that are told.
    pub fn add(&mut self, file: &str, id: u64, words: impl FnOnce() -> String) {
        self.total += 1;
        if self.first.len() < TOLD {
            self.first.push(Fault { file: file.to_owned(), id, words: words() });
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.first {
            write!(f, "\n  - {fault}")?;
        }
        let more = self.total - self.first.len() as u64;
        if more > 0 {
            write!(f, "\n  … and {more} more")?;
        }
        Ok(())
    }
}
