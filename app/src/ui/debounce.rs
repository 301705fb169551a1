//! Waits until typing pauses before it saves.

use crate::platform::clock;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::cell::Cell;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(500);
/// Milliseconds between two looks whether anything waits.
const GLANCE: u32 = 50;

thread_local! {
    static WAITING: Cell<usize> = const { Cell::new(0) };
}

/// Returns once nothing that was typed anywhere waits to be saved.
pub async fn typing_has_paused() {
    // Once in any case: what a box that was just left has saved begins its way to the disk meanwhile.
    clock::sleep(0).await;
    while WAITING.get() > 0 {
        clock::sleep(GLANCE).await;
    }
}

/// At most one thing waits; a later one takes its place.
#[derive(Clone, Copy)]
pub struct Debounced(StoredValue<Option<TimeoutHandle>>);

impl Debounced {
    pub fn new() -> Self {
        let waiting = Self(StoredValue::new(None));
        on_cleanup(move || waiting.forget());
        waiting
    }

    /// Does it once half a second has passed without another call.
    pub fn later(self, action: impl FnOnce() + 'static) {
        self.forget();
        let act = move || {
            self.0.set_value(None);
            WAITING.set(WAITING.get().saturating_sub(1));
            action();
        };
        if let Ok(handle) = set_timeout_with_handle(act, PAUSE) {
            WAITING.set(WAITING.get() + 1);
            self.0.set_value(Some(handle));
        }
    }

    /// Is something typed that has not been saved yet?
    pub fn is_waiting(self) -> bool {
        self.0.with_value(Option::is_some)
    }

    /// Takes back what waits.
    pub fn forget(self) {
        if let Some(Some(handle)) = self.0.try_update_value(Option::take) {
            handle.clear();
            WAITING.set(WAITING.get().saturating_sub(1));
        }
    }
}

impl Default for Debounced {
    fn default() -> Self {
        Self::new()
    }
}
