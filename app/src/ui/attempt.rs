//! Something a person asked for that takes a moment: its buttons wait meanwhile, and what went wrong is said.

use crate::platform::trouble::Trouble;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;

/// Handed about freely; copies are the same attempt.
#[derive(Clone, Copy)]
pub struct Attempt {
    /// Waiting for the outcome of the last one.
    pub busy: RwSignal<bool>,
    /// What went wrong with it, in words; empty while nothing has.
    pub problem: RwSignal<String>,
}

impl Default for Attempt {
    fn default() -> Self {
        Self { busy: RwSignal::new(false), problem: RwSignal::new(String::new()) }
    }
}

impl Attempt {
    /// Begins anew: what went wrong before is forgotten.
    pub fn run(self, work: impl Future<Output = Result<(), Trouble>> + 'static) {
        self.run_boxed(Box::pin(work));
    }

    // One copy of this in the download, not one for every button.
    fn run_boxed(self, work: Pin<Box<dyn Future<Output = Result<(), Trouble>>>>) {
        self.busy.set(true);
        self.problem.set(String::new());
        spawn_local(async move {
            let outcome = work.await;
            // What was asked for may have taken the screen away, and the signals with it.
            if let Err(trouble) = outcome {
                self.problem.try_set(trouble.to_string());
            }
            self.busy.try_set(false);
        });
    }

    /// Where the problem is said.
    pub fn said(self) -> AnyView {
        let problem = self.problem;
        view! {
            <p class="unlock__problem" role="alert">
                {move || problem.get()}
            </p>
        }
        .into_any()
    }
}
