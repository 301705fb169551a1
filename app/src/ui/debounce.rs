//! Waits until typing pauses before it saves.

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(500);

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
            action();
        };
        self.0.set_value(set_timeout_with_handle(act, PAUSE).ok());
    }

    /// Is something typed that has not been saved yet?
    pub fn is_waiting(self) -> bool {
        self.0.with_value(Option::is_some)
    }

    /// Takes back what waits.
    pub fn forget(self) {
        if let Some(Some(handle)) = self.0.try_update_value(Option::take) {
            handle.clear();
        }
    }
}

impl Default for Debounced {
    fn default() -> Self {
        Self::new()
    }
}
