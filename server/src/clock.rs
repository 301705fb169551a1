//! The time, real or set by a test. Nothing else on the server asks the machine what time it is.

use shared::time::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// Where the time comes from. Clones of a set clock show the same time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    Real,
    /// Stands still until a test moves it.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `at` until it is moved.
    pub fn set_to(at: Millis) -> Self {
        Self::Set(Arc::new(AtomicI64::new(at)))
    }

    /// Milliseconds since 1970.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> Millis {
        match self {
            Self::Real => jiff::Timestamp::now().as_millisecond(),
            Self::Set(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a set clock on; the real one cannot be moved.
    pub fn advance(&self, by: Millis) {
        if let Self::Set(at) = self {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }
}

/// Measures how long something takes; unaffected by somebody setting the machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_moves_only_when_told() {
        let clock = Clock::set_to(1000);
        let same = clock.clone();
        clock.advance(500);
        assert_eq!(same.now(), 1500);
    }
}
