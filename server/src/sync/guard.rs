//! Trying out foreign changes, which in Automerge 0.12 may panic: a panic refuses one document and nothing else.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static TRYING: Cell<bool> = const { Cell::new(false) };
}

/// Does the work; `None` when it panicked.
pub fn tried<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = TRYING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    TRYING.set(before);
    done
}

/// Whether this thread tries something out, so that a panic is a refusal and no failure of ours.
pub fn is_trying() -> bool {
    TRYING.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_while_trying_is_an_answer_and_over_afterwards() {
        assert_eq!(tried(|| assert!(!is_trying(), "it panics here")), None);
        assert_eq!(tried(|| 7), Some(7));
        assert!(!is_trying());
    }
}
