//! What the page and the records worker say to each other. Texts are JSON; bytes and keys travel beside them.

use crate::platform::trouble::Trouble;
use crate::vault::pages::FirstScreen;
use serde::{Deserialize, Serialize};
use shared::api::Problem;
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use shared::sync::device::Hash;
use shared::time::Millis;
use std::collections::BTreeSet;

/// From the page to the worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ask {
    /// The vault is open; its keys come beside this. Everything else follows from it.
    Open {
        /// The database's name.
        database: String,
        /// Whose records it holds: the server is asked for these only.
        pharmacy: OdsCode,
        /// Records that have ended a worker.
        deadly: BTreeSet<ConsultationId>,
        /// Is there a session with the server?
        signed_in: bool,
    },
    /// The vault key was changed; the new ones come beside this.
    NewKeys,
    /// The parts of a document, tried out.
    Load {
        ask: u32,
        id: ConsultationId,
    },
    /// This document is on the page's screen, and the page merges into it itself.
    OnScreen(Option<ConsultationId>),
    /// Changes that are durable on this device.
    Edited {
        changes: Vec<EditedChange>,
    },
    SignedIn,
    News(u64),
    /// The network is back, or the app is on the screen again.
    Online,
    /// The first screen of the list as it is now, to be kept for the next unlock.
    Keep(FirstScreen),
    /// Days that finished work stays on this device.
    Window {
        days: u32,
    },
}

/// One change that the page has put on disk.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct EditedChange {
    pub id: ConsultationId,
    pub hash: Hash,
    /// It made the document.
    pub created: bool,
    pub at: Millis,
}

/// From the worker to the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Said {
    /// The WebAssembly runs.
    Ready,
    /// An answer to [`Ask::Load`]; where it went well, the parts come beside it, bases first.
    Loaded {
        ask: u32,
        outcome: Result<Parts, Failed>,
    },
    /// Lines of the list.
    Rows {
        rows: Vec<RowNews>,
        from: Origin,
    },
    /// All lines that lie on this device have been told.
    AllListed,
    /// No longer on this device: destroyed, or older than what is kept here.
    Gone(Vec<ConsultationId>),
    /// A pull brought something of the document on the screen; its parts come beside this, base first.
    Arrived {
        id: ConsultationId,
        has_base: bool,
    },
    /// The server has these changes of a document on its disk.
    Settled {
        id: ConsultationId,
        changes: BTreeSet<Hash>,
        still_waits: bool,
        at: Millis,
    },
    /// Something of it was not taken.
    SetAside {
        id: ConsultationId,
        changes: BTreeSet<Hash>,
        why: String,
    },
    /// About to open this document; the last one named is to blame should the worker die.
    Touching(Option<ConsultationId>),
    /// Did the last request get an answer?
    Heard(bool),
    SignedOut,
    /// The server's nonce for the next unlock.
    Nonce(String),
    /// So many of so many documents of a long pull have arrived; `None` when it is over.
    Progress(Option<Progress>),
    Trouble(Failed),
    /// The WebAssembly has stopped: nothing more will come.
    Died,
}

/// How many records come beside an answer, and of which kind.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Parts {
    /// The first so many are bases, the others changes.
    pub bases: usize,
}

/// How far a long pull has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    pub of: u64,
}

/// Where lines of the list come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// They lay on this device; what the page has learnt since is newer.
    Disk,
    /// The server has just sent them.
    Server,
    /// The document was opened, and this is its summary.
    Document,
}

/// One line of the list as the worker knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RowNews {
    pub id: ConsultationId,
    pub row: WorkListRow,
    pub unsent: bool,
    pub set_aside: Option<String>,
    pub saved_at: Option<Millis>,
    pub sent_at: Option<Millis>,
}

/// [`Trouble`] as it crosses from one thread to the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Failed {
    Unreachable,
    Refused(Problem),
    NotSignedIn,
    StrangeAnswer,
    Locked,
    NotHere,
    StorageFull,
    StorageLost,
    StorageBlocked,
    StorageEvicted,
    Unsealable,
    Damaged,
    Deadly,
    NewerRecords,
    /// The bytes opened, but they are no consultation.
    Unreadable,
}

impl From<&Trouble> for Failed {
    fn from(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Unreachable => Self::Unreachable,
            Trouble::Refused(problem) => Self::Refused(problem.clone()),
            Trouble::NotSignedIn => Self::NotSignedIn,
            Trouble::Locked => Self::Locked,
            Trouble::NotHere => Self::NotHere,
            Trouble::StorageFull => Self::StorageFull,
            Trouble::StorageLost => Self::StorageLost,
            Trouble::StorageBlocked => Self::StorageBlocked,
            Trouble::StorageEvicted => Self::StorageEvicted,
            Trouble::Unsealable => Self::Unsealable,
            Trouble::Damaged => Self::Damaged,
            Trouble::Deadly => Self::Deadly,
            Trouble::NewerRecords => Self::NewerRecords,
            Trouble::Document(_) => Self::Unreadable,
            _ => Self::StrangeAnswer,
        }
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Unreachable => Self::Unreachable,
            Failed::Refused(problem) => Self::Refused(problem),
            Failed::NotSignedIn => Self::NotSignedIn,
            Failed::StrangeAnswer => Self::StrangeAnswer,
            Failed::Locked => Self::Locked,
            Failed::NotHere => Self::NotHere,
            Failed::StorageFull => Self::StorageFull,
            Failed::StorageLost => Self::StorageLost,
            Failed::StorageBlocked => Self::StorageBlocked,
            Failed::StorageEvicted => Self::StorageEvicted,
            Failed::Unsealable => Self::Unsealable,
            Failed::Damaged | Failed::Unreadable => Self::Damaged,
            Failed::Deadly => Self::Deadly,
            Failed::NewerRecords => Self::NewerRecords,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_the_same_on_the_other_thread() {
        for trouble in [Trouble::StorageFull, Trouble::NotSignedIn, Trouble::Deadly, Trouble::StorageEvicted]
        {
            let there = serde_json::to_string(&Failed::from(&trouble)).expect("JSON");
            let back: Failed = serde_json::from_str(&there).expect("JSON");
            assert_eq!(Trouble::from(back).to_string(), trouble.to_string());
        }
    }
}
