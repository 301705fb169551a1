//! Keeps this server below the limit of PDS: five requests a second for each registered application (PDS FHIR API).

use super::PdsError;
use crate::clock::Stopwatch;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Milliseconds between two requests: five a second, evenly.
const APART: u64 = 200;
/// Whoever would wait longer than so many milliseconds is told that PDS is busy: an answer would come too late.
const LONGEST_WAIT: u64 = 6_000;
/// As long as the background waits for, and so as long as it can make a person wait.
const BACKGROUND_WAIT: u64 = 1_000;

/// Who may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Somebody looks at the screen: waits in the queue.
    Foreground,
    /// Only while hardly anybody waits.
    Background,
}

/// Lets requests out one after another; whoever is refused nothing waits in order of arrival.
#[derive(Debug)]
pub struct Gate {
    started: Stopwatch,
    /// When the next request may leave, in milliseconds since the start.
    next: Mutex<u64>,
}

impl Gate {
    pub fn new() -> Self {
        Self { started: Stopwatch::start(), next: Mutex::new(0) }
    }

    /// Waits for a turn. [`PdsError::Busy`] where too many wait already.
    pub async fn pass(&self, turn: Turn) -> Result<(), PdsError> {
        let wait = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            reserve(&mut next, (self.started.seconds() * 1000.0) as u64, turn).ok_or(PdsError::Busy)?
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// Takes the next free place, and says how long to wait for it; `None` where it is too far away.
fn reserve(next: &mut u64, now: u64, turn: Turn) -> Option<Duration> {
    let place = (*next).max(now);
    let wait = place - now;
    let longest = if turn == Turn::Foreground { LONGEST_WAIT } else { BACKGROUND_WAIT };
    if wait > longest {
        return None;
    }
    *next = place + APART;
    Some(Duration::from_millis(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_a_second_leave_and_nobody_is_refused_for_coming_sixth() {
        let mut next = 0;
        let waits: Vec<u128> = (0..11)
            .map(|_| reserve(&mut next, 100_000, Turn::Foreground).expect("a place").as_millis())
            .collect();
        assert_eq!((waits[0], waits[1], waits[5], waits[10]), (0, 200, 1000, 2000));
    }

    #[test]
    fn the_queue_ends_where_an_answer_would_come_too_late() {
        let mut next = 0;
        let taken = (0..100).filter(|_| reserve(&mut next, 0, Turn::Foreground).is_some()).count();
        assert_eq!(taken, 31, "one at once and thirty within six seconds");
        assert!(reserve(&mut next, 1000, Turn::Foreground).is_some(), "and goes on once some have left");
    }

    #[test]
    fn the_background_makes_a_person_wait_a_second_at_most() {
        let mut next = 0;
        let taken = (0..100).filter(|_| reserve(&mut next, 0, Turn::Background).is_some()).count();
        assert_eq!(taken, 6);
        assert_eq!(reserve(&mut next, 0, Turn::Foreground), Some(Duration::from_millis(1200)));
        assert_eq!(reserve(&mut next, 0, Turn::Background), None);
    }
}
