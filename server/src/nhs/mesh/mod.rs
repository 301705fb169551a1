//! MESH, the NHS's mail for machines: send, list, fetch and acknowledge messages in one mailbox (referrals.md 8).

mod client;
mod foreign;
mod look_up;
mod mailboxes;
mod refusal;
pub mod simulator;
mod token;
mod wire;

#[cfg(test)]
mod sandbox_tests;
#[cfg(test)]
mod tests;

pub use client::Client;
pub use foreign::read_all;
pub use look_up::Endpoint;
pub use mailboxes::Mailboxes;
pub use simulator::Simulator;
pub use token::Stamp;
pub use wire::{Incoming, Kind, Outgoing, Report, Tracking};

use secrecy::SecretString;
use shared::time::Millis;
use std::time::Duration;

/// MESH takes at most this much in one request (MESH API 2.0.0).
pub const DEFAULT_CHUNK_BYTES: usize = 100 * 1024 * 1024;

/// Less than the lease of a delivery, and long enough for a large part on a poor line.
pub const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// One mailbox, and where it is served.
#[derive(Debug, Clone)]
pub struct MeshSettings {
    /// `https://mesh-sync.spineservices.nhs.uk`, integration, sandbox or simulator; no slash at the end.
    pub base_url: String,
    /// Upper case.
    pub mailbox: String,
    pub password: SecretString,
    /// The environment's key, the same for every mailbox in it.
    pub shared_key: SecretString,
    /// Messages above this many bytes are sent in parts; [`DEFAULT_CHUNK_BYTES`] unless a test sets less.
    pub chunk_bytes: usize,
    /// How long one request may take; [`ANSWER_WITHIN`] unless a test is in a hurry.
    pub answer_within: Duration,
}

/// What to do when MESH does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum MeshError {
    /// Stop and tell a person: the same request would be refused again.
    #[error("MESH refused the message: {meaning} (code {code}). It will not be tried again by itself.")]
    Refused {
        /// MESH error code, `12`; or the HTTP status where MESH gave none, `HTTP 406`.
        code: String,
        meaning: String,
    },
    /// Try again later, not before so many milliseconds where MESH said so.
    #[error("MESH is busy. The message will be tried again.")]
    Busy { after: Option<Millis> },
    /// Try again later; the message may or may not have arrived, and the same bytes do no harm twice.
    #[error("MESH could not be reached. The message will be tried again.")]
    Unreachable(#[source] reqwest::Error),
    /// Try again, and tell whoever looks after the server if it lasts.
    #[error("MESH gave an answer that Satchel cannot read.")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Stop sending from this mailbox until its settings are put right.
    #[error("MESH did not accept this mailbox's name, password or key. Check the MESH settings.")]
    Unauthorised,
    /// MESH refuses what is not signed within two hours of its own time (MESH API, authorization): mend the clock.
    #[error("This server’s clock is {minutes} minutes {}, and MESH refuses what it signs. Set the clock right.", fast_or_slow(*fast))]
    Clock { minutes: i64, fast: bool },
    /// Larger than anything that is meant for a pharmacy: left where it is, unread.
    #[error("A message in the MESH mailbox is larger than Satchel reads, and was left there.")]
    TooLarge,
}

fn fast_or_slow(fast: bool) -> &'static str {
    if fast { "fast" } else { "slow" }
}
