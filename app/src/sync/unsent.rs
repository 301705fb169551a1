//! Tells the server how many consultations wait on this device, so that nobody removes it unknowing.

use crate::platform::{api_people, clock};
use crate::state::Satchel;
use leptos::prelude::*;
use shared::time::Millis;
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

/// At least so long between two times, in milliseconds.
const PAUSE: Millis = 60_000;

/// What the server was told last, and when, by the clock that nobody can set.
#[derive(Debug, Default)]
pub struct Telling {
    told: Cell<Option<u32>>,
    at: Cell<Option<Millis>>,
}

impl Telling {
    /// Another vault or another session: what was told before says nothing.
    pub fn forget(&self) {
        self.told.set(None);
    }

    /// Is it time to tell this number? If so, it counts as tried.
    fn is_due(&self, waiting: u32, running: Millis) -> bool {
        let due = self.told.get() != Some(waiting) && self.at.get().is_none_or(|at| running - at >= PAUSE);
        if due {
            self.at.set(Some(running));
        }
        due
    }
}

/// Once a second; nobody waits for it.
pub fn tell(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let Some(device) = satchel.device().filter(|_| keeper.0.signed_in.get()) else { return };
    let waiting = u32::try_from(satchel.waiting.get_untracked()).unwrap_or(u32::MAX);
    if !keeper.0.telling.is_due(waiting, clock::moment().running) {
        return;
    }
    spawn_local(async move {
        if api_people::tell_unsent(satchel, device, waiting).await.is_ok() {
            satchel.keeper.get_value().0.telling.told.set(Some(waiting));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_when_it_changed_and_not_more_than_once_a_minute() {
        let telling = Telling::default();
        assert!(telling.is_due(2, 0));
        telling.told.set(Some(2));
        assert!(!telling.is_due(2, 10 * PAUSE), "it is known");
        assert!(telling.is_due(3, 10 * PAUSE));
        telling.told.set(Some(3));
        assert!(!telling.is_due(4, 10 * PAUSE + PAUSE - 1));
        assert!(telling.is_due(4, 11 * PAUSE));
    }

    #[test]
    fn a_number_that_did_not_arrive_is_told_again_after_a_minute() {
        let telling = Telling::default();
        assert!(telling.is_due(1, 0));
        assert!(!telling.is_due(1, PAUSE - 1));
        assert!(telling.is_due(1, PAUSE));
    }
}
