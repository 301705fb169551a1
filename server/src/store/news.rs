//! How a process learns that others on the same database have written.

use shared::ids::OdsCode;
use tokio::sync::mpsc;

/// A hint that a log may have grown. Hints may be late, repeated or missing; [`Hint::Look`] makes up for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A pharmacy's log has reached `seq`.
    Reached { pharmacy: OdsCode, seq: u64 },
    /// Something may have been missed: look at every log.
    Look,
}

/// Hints about what other processes wrote.
pub trait NewsStore {
    /// Starts listening. The first hint is [`Hint::Look`]; they go on until the receiver is dropped.
    fn hints(&self) -> mpsc::Receiver<Hint>;
}

/// Hints that may wait for a slow reader; the sender waits when there are more.
pub(super) const HINTS_WAITING: usize = 256;
