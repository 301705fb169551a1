//! What a locked vault must know to be opened offline: the last nonce, the counter, when the server last answered.
//!
//! It lies in the header store in the clear and names no patient. The server checks every claim made from it.

use super::format::{self, Unreadable};
use crate::platform::clock::{self, Moment};
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use serde::{Deserialize, Serialize};
use shared::api::{CONTACT_LIMIT_HOURS, SessionView};
use shared::ids::PersonId;
use shared::time::{self, Millis};
use std::collections::BTreeSet;

const KEY: &str = "contact";

const HOUR: Millis = 60 * 60 * 1000;
/// Clocks further apart than this are worth a word.
pub const CLOCK_TOLERANCE: Millis = 5 * 60 * 1000;
/// A clock that jumped ahead before one's eyes is not believed for so long: the length of a round of visits, which it
/// must not end (practice 31). After that it is, so that a device asleep with its page open does not stay open for ever.
const ROUND_OF_VISITS: Millis = 12 * HOUR;
/// As many jumps of the clock as are remembered.
const REMEMBERED: usize = 20;

/// A version 1 record; a field that is absent has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Named by the next receipt, as the server gave it.
    pub server_nonce: String,
    /// Unlocks of this vault so far.
    pub counter: u64,
    /// When the server last knew who asked and answered, by this device's clock.
    pub at: Option<Millis>,
    /// The device's clock less the server's at that time, in milliseconds.
    pub clock_ahead: Millis,
    /// Latest time that this device's clock has shown; an earlier one is suspicious.
    pub latest: Millis,
    /// Whose keys on this device the server knows.
    pub registered: BTreeSet<PersonId>,
    /// Hours that this pharmacy allows without contact; `None`: never heard of, so the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_hours: Option<u32>,
    /// Milliseconds since [`Self::at`] that have passed for certain; setting the clock back does not shorten them.
    #[serde(skip_serializing_if = "is_zero")]
    pub waited: Millis,
    /// Jumps of this device's clock, oldest first: kept over contacts, to be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jumps: Vec<Jump>,
    /// When the clocks were last read; `None` before the first time in this page.
    #[serde(skip)]
    seen: Option<Moment>,
}

/// The clock was set, or set itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    /// What the clock showed afterwards.
    pub at: Millis,
    /// Milliseconds ahead, or back where negative.
    pub by: Millis,
    /// The server has not answered since.
    pub open: bool,
}

#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")
)]
fn is_zero(number: &Millis) -> bool {
    *number == 0
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

    /// Notes what the server said of itself just now, to somebody whom it knew.
    pub fn heard(&mut self, session: &SessionView) {
        let at = clock::moment();
        self.server_nonce.clone_from(&session.server_nonce);
        self.limit_hours = Some(session.contact_limit_hours);
        self.clock_ahead = time::read(&session.server_time).map_or(0, |server| at.now - server);
        self.answered(at);
    }

    /// The server answered somebody whom it knew: from here the time without contact is counted anew.
    pub fn answered(&mut self, at: Moment) {
        self.observe(at, true);
        self.at = Some(at.now);
        self.latest = at.now;
        self.waited = 0;
        for jump in &mut self.jumps {
            jump.open = false;
        }
    }

    /// Reads both clocks against each other; `true` when a jump was noticed. Call it often while the page lives.
    /// `visible`: the page has been in sight since the last time, so that it cannot have been asleep meanwhile.
    pub fn observe(&mut self, at: Moment, visible: bool) -> bool {
        let by = match self.seen {
            Some(seen) => (at.now - seen.now) - (at.running - seen.running),
            // Nothing counted the time while the app was away, but it cannot have run backwards.
            None if self.latest != 0 => (at.now - self.latest).min(0),
            None => 0,
        };
        self.seen = Some(at);
        let jumped = by < -CLOCK_TOLERANCE || (visible && by > CLOCK_TOLERANCE);
        if jumped {
            if self.jumps.len() == REMEMBERED {
                self.jumps.remove(0);
            }
            self.jumps.push(Jump { at: at.now, by, open: true });
        }
        self.latest = self.latest.max(at.now);
        self.waited = self.waited.max(self.without_contact(at.now).unwrap_or_default());
        jumped
    }

    /// How long the server has not answered; `None` where it never did.
    fn without_contact(&self, now: Millis) -> Option<Millis> {
        Some((now - self.at? - self.set_by(now)).max(self.waited))
    }

    /// By how much the clock was set since the server last answered, as far as that is believed.
    fn set_by(&self, now: Millis) -> Millis {
        let open = self.jumps.iter().filter(|jump| jump.open);
        let latest = self.jumps.iter().rfind(|jump| jump.open);
        let believed = latest.is_some_and(|last| last.by > 0 && now - last.at > ROUND_OF_VISITS);
        open.map(|jump| if believed { jump.by.min(0) } else { jump.by }).sum()
    }

    /// The limit of time without contact, in hours (practice 31). It deters; it is not cryptography.
    pub fn limit_hours(&self) -> u32 {
        self.limit_hours.unwrap_or(CONTACT_LIMIT_HOURS)
    }

    /// No answer for longer than the limit.
    pub fn overdue(&self, now: Millis) -> bool {
        let limit = Millis::from(self.limit_hours()) * HOUR;
        self.without_contact(now).is_some_and(|without| without > limit)
    }

    /// The clock differs from the server's, was set since the server last answered, or has gone back.
    pub fn clock_doubtful(&self, now: Millis) -> bool {
        self.clock_ahead.abs() > CLOCK_TOLERANCE
            || now + CLOCK_TOLERANCE < self.latest
            || self.jumps.iter().any(|jump| jump.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = 1_795_000_000_000;
    const LIMIT: Millis = 72 * HOUR;

    fn moment(after: Millis) -> Moment {
        Moment { now: START + after, running: after }
    }

    /// A device that heard from the server at [`START`] and whose page has lived since.
    fn heard() -> Contact {
        let mut contact = Contact::default();
        contact.answered(moment(0));
        contact
    }

    #[test]
    fn three_days_without_an_answer_are_too_long_and_three_days_less_a_second_are_not() {
        let contact = Contact { at: Some(START), ..Contact::default() };
        assert!(!contact.overdue(START + LIMIT - 1000));
        assert!(contact.overdue(START + LIMIT + 1));
    }

    #[test]
    fn a_pharmacy_may_allow_longer() {
        let contact = Contact { at: Some(START), limit_hours: Some(30 * 24), ..Contact::default() };
        assert!(!contact.overdue(START + 10 * LIMIT - 1000));
        assert!(contact.overdue(START + 10 * LIMIT + 1));
    }

    #[test]
    fn a_clock_set_back_does_not_make_the_limit_longer() {
        let mut contact = heard();
        contact.observe(moment(LIMIT - HOUR), true);
        // Two days back; the page lives on and its own count with it.
        let back = |after: Millis| Moment { now: START + after - 48 * HOUR, running: after };
        assert!(contact.observe(back(LIMIT - HOUR + 1000), false));
        assert!(!contact.overdue(back(LIMIT - HOUR + 1000).now));
        contact.observe(back(LIMIT + 1000), false);
        assert!(contact.overdue(back(LIMIT + 1000).now));
    }

    #[test]
    fn a_clock_set_back_while_the_app_was_closed_takes_nothing_off_what_had_passed() {
        let mut contact = heard();
        contact.observe(moment(LIMIT - HOUR), true);
        let mut reopened = Contact { seen: None, ..contact };
        assert!(reopened.observe(Moment { now: START, running: 0 }, false));
        assert!(!reopened.overdue(START));
        reopened.observe(Moment { now: START + HOUR + 1000, running: HOUR + 1000 }, true);
        assert!(reopened.overdue(START + HOUR + 1000));
    }

    #[test]
    fn a_clock_that_jumps_ahead_does_not_end_a_visit() {
        let mut contact = heard();
        contact.observe(moment(HOUR), true);
        let ahead = |after: Millis| Moment { now: START + after + 10 * LIMIT, running: after };
        assert!(contact.observe(ahead(HOUR + 1000), true));
        assert!(!contact.overdue(ahead(HOUR + 1000).now));
        assert!(contact.clock_doubtful(ahead(HOUR + 1000).now));
        // It is believed when the round of visits must be over: it may have been sleep.
        contact.observe(ahead(14 * HOUR), true);
        assert!(contact.overdue(ahead(14 * HOUR).now));
    }

    #[test]
    fn a_clock_set_ahead_and_back_again_comes_to_nothing() {
        let mut contact = heard();
        contact.observe(moment(HOUR), true);
        contact.observe(Moment { now: START + HOUR + LIMIT, running: HOUR + 1000 }, true);
        contact.observe(moment(HOUR + 2000), true);
        assert_eq!(contact.jumps.len(), 2);
        assert!(!contact.overdue(START + HOUR + 2000));
        assert!(contact.overdue(START + LIMIT + HOUR));
    }

    #[test]
    fn a_device_that_slept_has_not_set_its_clock() {
        let mut contact = heard();
        contact.observe(moment(HOUR), true);
        assert!(!contact.observe(Moment { now: START + LIMIT + HOUR, running: HOUR + 1000 }, false));
        assert!(contact.overdue(START + LIMIT + HOUR));
    }

    #[test]
    fn contact_ends_it_at_once_and_what_the_clock_did_is_remembered() {
        let mut contact = heard();
        contact.observe(Moment { now: START + 2 * LIMIT, running: 1000 }, false);
        contact.observe(Moment { now: START + LIMIT, running: 2000 }, false);
        assert!(contact.overdue(START + LIMIT + HOUR));
        contact.answered(Moment { now: START + LIMIT + HOUR, running: HOUR + 2000 });
        assert!(!contact.overdue(START + LIMIT + HOUR));
        assert!(!contact.clock_doubtful(START + LIMIT + HOUR));
        assert_eq!(contact.jumps.len(), 1);
    }

    #[test]
    fn a_clock_that_runs_backwards_is_doubted() {
        let contact = Contact { latest: 10 * CLOCK_TOLERANCE, ..Contact::default() };
        assert!(contact.clock_doubtful(8 * CLOCK_TOLERANCE));
        assert!(!contact.clock_doubtful(10 * CLOCK_TOLERANCE - 1000));
    }

    #[test]
    fn what_was_learnt_of_time_survives_the_disk() {
        let mut contact = heard();
        contact.limit_hours = Some(240);
        contact.observe(moment(HOUR), true);
        contact.observe(Moment { now: START, running: HOUR + 1000 }, true);
        let read: Contact = format::from_json(format::to_json(&contact).as_bytes()).expect("readable");
        assert_eq!((read.limit_hours, read.waited, read.jumps.len()), (Some(240), HOUR + 1000, 1));
    }
}
