//! What was read from the database a moment ago, so that a run of requests asks for it once a second and not each time.
//!
//! Other servers and the command line change the same database and tell nobody. What they change counts here as soon
//! as [`FRESH`] is over; what this process changes counts at once, because whoever writes says so with
//! [`Recent::forget`] or [`Recent::forget_all`].

use crate::clock::Stopwatch;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Seconds for which what was read is believed, counted from before it was read.
const FRESH: f64 = 1.0;
/// Values kept; beyond this those go that are no longer fresh, or all.
const KEPT: usize = 4096;

/// Values by key, each believed for a second.
#[derive(Debug)]
pub struct Recent<K, V>(Mutex<Kept<K, V>>);

#[derive(Debug)]
struct Kept<K, V> {
    /// Grows with each forgetting, so that what was read before it is not kept after it.
    forgettings: u64,
    values: HashMap<K, (Stopwatch, V)>,
}

/// A read of the database that begins now; shown again when its result is to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    forgettings: u64,
    began: Stopwatch,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Kept { forgettings: 0, values: HashMap::new() }))
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    fn kept(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was read less than a second ago and not forgotten since.
    pub fn get(&self, key: &K) -> Option<V> {
        let kept = self.kept();
        let (read, value) = kept.values.get(key)?;
        (read.seconds() < FRESH).then(|| value.clone())
    }

    /// To be called before the database is read.
    pub fn begin(&self) -> Reading {
        Reading { forgettings: self.kept().forgettings, began: Stopwatch::start() }
    }

    /// Keeps what a read found, unless something was forgotten since it began: it may have read what went then.
    pub fn keep(&self, reading: Reading, key: K, value: V) {
        let mut kept = self.kept();
        if kept.forgettings != reading.forgettings {
            return;
        }
        if kept.values.len() >= KEPT {
            kept.values.retain(|_, (read, _)| read.seconds() < FRESH);
            if kept.values.len() >= KEPT {
                kept.values.clear();
            }
        }
        kept.values.insert(key, (reading.began, value));
    }

    /// To be called after one value was changed in the database.
    pub fn forget(&self, key: &K) {
        let mut kept = self.kept();
        kept.forgettings += 1;
        kept.values.remove(key);
    }

    /// To be called after any of them may have been changed.
    pub fn forget_all(&self) {
        let mut kept = self.kept();
        kept.forgettings += 1;
        kept.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_forgetting_is_not_kept_after_it() {
        let recent = Recent::default();
        let reading = recent.begin();
        recent.keep(reading, "asha", 1);
        assert_eq!(recent.get(&"asha"), Some(1));
        let reading = recent.begin();
        recent.forget(&"asha");
        recent.keep(reading, "asha", 1);
        assert_eq!(recent.get(&"asha"), None);
        let reading = recent.begin();
        recent.forget_all();
        recent.keep(reading, "asha", 1);
        assert_eq!(recent.get(&"asha"), None);
    }

    #[tokio::test]
    async fn nothing_is_believed_for_longer_than_a_second() {
        let recent = Recent::default();
        let reading = recent.begin();
        tokio::time::sleep(std::time::Duration::from_millis(1010)).await;
        recent.keep(reading, "asha", 1);
        assert_eq!(recent.get(&"asha"), None, "the second counts from before the read");
    }

    #[test]
    fn it_stays_small() {
        let recent = Recent::default();
        for number in 0..2 * KEPT {
            recent.keep(recent.begin(), number, ());
        }
        assert!(recent.kept().values.len() <= KEPT);
        assert_eq!(recent.get(&(2 * KEPT - 1)), Some(()));
    }
}
