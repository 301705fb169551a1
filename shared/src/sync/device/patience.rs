//! How long a device waits: after failures, for answers, and between looks of its own.

use super::{Device, Effect, Failure, Ticket};
use crate::time::Millis;

/// How long after the last contact the device asks by itself, should every nudge have been lost.
pub const POLL_AFTER: Millis = 60_000;
/// First and longest wait after a failure; each failure in a row doubles it.
///
/// A pharmacist who comes home sees the record go out at once where the platform notices ([`super::Input::Online`]);
/// where it does not, such as a phone that called itself online all along, half a minute is the most they wait.
pub const FIRST_WAIT: Millis = 1_000;
pub const LONGEST_WAIT: Millis = 30_000;
/// An answer, or the next frame of one, that is not here after so long never comes: the network changed under it.
pub const GIVE_UP_AFTER: Millis = 120_000;
/// No [`super::Effect::Wait`] is for longer; one that seems to be means that the clock was set back.
pub const LONGEST_SLEEP: Millis = GIVE_UP_AFTER;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub since: Millis,
    pub until: Millis,
}

impl Pause {
    /// A time before it began means that the clock was set back, which nobody should have to wait out.
    pub fn holds(&self, now: Millis) -> bool {
        (self.since..self.until).contains(&now)
    }
}

/// A request that has no answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    pub ticket: Ticket,
    /// When it was sent, or the last part of its answer came.
    pub since: Millis,
}

impl Request {
    /// Too long without an answer; or the clock was set back, and nobody can tell.
    pub fn is_lost(&self, now: Millis) -> bool {
        !(0..GIVE_UP_AFTER).contains(&(now - self.since))
    }

    pub fn lost_at(&self) -> Millis {
        self.since + GIVE_UP_AFTER
    }
}

/// How long to wait after `failures` failures in a row.
pub(super) fn wait_after(failures: u32) -> Millis {
    (FIRST_WAIT << failures.min(10)).min(LONGEST_WAIT)
}

/// Between half of a wait and all of it, differing from device to device and from try to try, so that a server that
/// comes back is not met by every pharmacy in the same second.
fn spread(wait: Millis, now: Millis, ticket: Ticket) -> Millis {
    let mixed = (now as u64 ^ ticket.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    wait - ((mixed >> 33) % (wait as u64 / 2 + 1)) as Millis
}

impl Device {
    pub(super) fn failed(&mut self, now: Millis, failure: Failure, effects: &mut Vec<Effect>) {
        match failure {
            Failure::SignedOut => {
                if self.signed_in {
                    self.signed_in = false;
                    effects.push(Effect::AskToSignIn);
                }
            }
            Failure::Busy { wait } => {
                let wait = wait.clamp(FIRST_WAIT, LONGEST_WAIT);
                self.pause = Some(Pause { since: now, until: now + wait });
            }
            Failure::Unreachable | Failure::TooLarge => self.wait(now),
        }
    }

    pub(super) fn wait(&mut self, now: Millis) {
        let until = now + spread(wait_after(self.failures), now, self.last_ticket);
        self.failures = self.failures.saturating_add(1);
        self.pause = Some(Pause { since: now, until });
    }

    pub(super) fn recover(&mut self) {
        self.failures = 0;
        self.pause = None;
    }

    pub(super) fn contact(&mut self, now: Millis) {
        self.last_contact = now;
        self.recover();
    }

    /// Lets go of requests whose answers never came.
    pub(super) fn give_up(&mut self, now: Millis) {
        if let Some(push) = self.pushing.take_if(|push| push.request.is_lost(now)) {
            // Perhaps the link is too slow for so much at once.
            self.batch = (push.documents.len() / 2).max(1);
            self.receipts_shown = false;
            self.wait(now);
        }
        if self.pulling.take_if(|pull| pull.is_lost(now)).is_some() {
            self.pull_due = true;
            self.wait(now);
        }
        if self.asking.take_if(|ask| ask.is_lost(now)).is_some() {
            self.wait(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_half_a_minute_and_no_further() {
        assert_eq!(wait_after(0), 1_000);
        assert_eq!(wait_after(3), 8_000);
        assert_eq!(wait_after(5), LONGEST_WAIT);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn devices_that_lost_the_server_together_do_not_come_back_together() {
        let waits: Vec<Millis> = (0..200).map(|ms| spread(LONGEST_WAIT, 1_795_356_800_000 + ms, 7)).collect();
        assert!(waits.iter().all(|wait| (LONGEST_WAIT / 2..=LONGEST_WAIT).contains(wait)));
        let soon = waits.iter().filter(|wait| **wait < LONGEST_WAIT * 3 / 4).count();
        assert!((60..140).contains(&soon), "{soon} of 200 in the first half");
    }

    #[test]
    fn a_clock_set_back_makes_nobody_wait() {
        let pause = Pause { since: 5_000, until: 9_000 };
        assert!(pause.holds(5_000) && !pause.holds(4_999) && !pause.holds(9_000));
        assert!(Request { ticket: 1, since: 5_000 }.is_lost(4_999));
    }
}
