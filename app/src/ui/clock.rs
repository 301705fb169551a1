//! The time as screens read it: it moves by itself, so that “20 min left” stays true.

use crate::platform::clock;
use leptos::prelude::*;
use shared::time::Millis;
use std::time::Duration;

/// Now, renewed four times a minute.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<Millis>);

impl Clock {
    /// From the context that [`provide_clock`] filled.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// The time for what is drawn; the drawing follows it.
    pub fn now(self) -> Millis {
        self.0.get()
    }

    /// The exact time, for what is recorded.
    pub fn exactly(self) -> Millis {
        clock::now()
    }
}

/// Starts the clock for every screen below.
pub fn provide_clock() {
    let now = RwSignal::new(clock::now());
    provide_context(Clock(now));
    if let Ok(handle) = set_interval_with_handle(move || now.set(clock::now()), Duration::from_secs(15)) {
        on_cleanup(move || handle.clear());
    }
}
