//! How far an import is: shown on a terminal, said nowhere else.

use std::io::{IsTerminal as _, Write as _};

/// Told now and then while a release is read and built.
pub trait Progress: Send {
    /// `done` of `whole` bytes; `rows` so far.
    fn reading(&mut self, file: &str, done: u64, whole: u64, rows: u64);
    /// What is done now that has no measure.
    fn doing(&mut self, what: &str);
}

/// Says nothing.
pub struct Silent;

impl Progress for Silent {
    fn reading(&mut self, _: &str, _: u64, _: u64, _: u64) {}
    fn doing(&mut self, _: &str) {}
}

/// One line on standard error that is written over; nothing where nobody sits in front of it.
pub struct OnTerminal {
    shown: bool,
    percent: u64,
}

impl OnTerminal {
    pub fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), percent: u64::MAX }
    }

    fn line(&self, text: &str) {
        if self.shown {
            // Nobody is there to read it when standard error is closed.
            let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Default for OnTerminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for OnTerminal {
    fn reading(&mut self, file: &str, done: u64, whole: u64, rows: u64) {
        let percent = done.saturating_mul(100) / whole.max(1);
        if percent != self.percent {
            self.percent = percent;
            self.line(&format!("{percent:3} %  {rows} rows  {file}"));
        }
    }

    fn doing(&mut self, what: &str) {
        self.line(what);
    }
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        self.line("");
    }
}
