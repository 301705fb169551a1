//! What a locked vault must know to be opened offline: the last nonce, the counter, when the server last answered.
//!
//! It lies in the header store in the clear and names no patient. The server checks every claim made from it.

use super::format::{self, Unreadable};
use crate::platform::clock;
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use serde::{Deserialize, Serialize};
use shared::api::SessionView;
use shared::ids::PersonId;
use shared::time::{self, Millis};
use std::collections::BTreeSet;

const KEY: &str = "contact";

/// 72 hours: the default limit of time without contact (practice 31). It deters; it is not cryptography.
pub const LIMIT: Millis = 72 * 60 * 60 * 1000;
/// Clocks further apart than this are worth a word.
pub const CLOCK_TOLERANCE: Millis = 5 * 60 * 1000;

/// A version 1 record; a field that is absent has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Named by the next receipt, as the server gave it.
    pub server_nonce: String,
    /// Unlocks of this vault so far.
    pub counter: u64,
    /// By this device's clock.
    pub at: Option<Millis>,
    /// The device's clock less the server's at that time, in milliseconds.
    pub clock_ahead: Millis,
    /// Latest time that this device's clock has shown; an earlier one is suspicious.
    pub latest: Millis,
    /// Whose keys on this device the server knows.
    pub registered: BTreeSet<PersonId>,
}

impl Contact {
    pub async fn read(database: &Database) -> Result<Self, Trouble> {
        let text = database.get_text("header", KEY).await?;
        match text.map(|text| format::from_json(text.as_bytes())).transpose() {
            Ok(contact) => Ok(contact.unwrap_or_default()),
            // It can be learnt again; a device that is offline must still open.
            Err(Unreadable::Damaged) => Ok(Self::default()),
            Err(newer) => Err(newer.into()),
        }
    }

    pub fn write(&self) -> Write {
        Write::PutText { store: "header", key: KEY.to_owned(), value: format::to_json(self) }
    }

    /// Notes what the server said of itself just now.
    pub fn heard(&mut self, session: &SessionView) {
        let now = clock::now();
        self.server_nonce.clone_from(&session.server_nonce);
        self.at = Some(now);
        self.clock_ahead = time::read(&session.server_time).map_or(0, |server| now - server);
        self.latest = now;
    }

    /// No answer for longer than the limit, or the clock says something impossible.
    pub fn overdue(&self, now: Millis) -> bool {
        self.at.is_some_and(|at| now - at > LIMIT)
    }

    /// The clock differs from the server's, or has gone back since it was last seen.
    pub fn clock_doubtful(&self, now: Millis) -> bool {
        self.clock_ahead.abs() > CLOCK_TOLERANCE || now + CLOCK_TOLERANCE < self.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_days_without_an_answer_are_too_long_and_three_days_less_a_second_are_not() {
        let contact = Contact { at: Some(1_000_000), ..Contact::default() };
        assert!(!contact.overdue(1_000_000 + LIMIT - 1000));
        assert!(contact.overdue(1_000_000 + LIMIT + 1));
    }

    #[test]
    fn a_clock_that_runs_backwards_is_doubted() {
        let contact = Contact { latest: 10 * CLOCK_TOLERANCE, ..Contact::default() };
        assert!(contact.clock_doubtful(8 * CLOCK_TOLERANCE));
        assert!(!contact.clock_doubtful(10 * CLOCK_TOLERANCE - 1000));
    }
}
