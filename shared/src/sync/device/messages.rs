//! What goes in and out of a device's sync: inputs, effects, and the small types they carry.

use crate::api::{HeadsAnswer, PushAnswer, Refusal};
use crate::ids::{ConsultationId, Epoch};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Hash of one change.
pub type Hash = [u8; 32];

/// Tells one request's answer from another's.
pub type Ticket = u64;

/// Where this device stands in the server's log. Kept with the documents, written in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// `None` until the server was first met.
    pub epoch: Option<Epoch>,
    /// Everything up to here is stored on this device.
    pub cursor: u64,
    /// The server has begun a new life and has not yet got back what it lost.
    pub heads_due: bool,
}

/// What of one document the server has not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unsent {
    /// Changes stored here and not yet confirmed, in any order.
    pub changes: BTreeSet<Hash>,
    /// Made on this device, and the server has nothing of it.
    pub created_here: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The vault is open; this is what it holds. Sync begins.
    Unlocked {
        position: Position,
        unsent: BTreeMap<ConsultationId, Unsent>,
        /// Whether there is a session; without one nothing is sent until [`Input::SignedIn`].
        signed_in: bool,
    },
    /// The vault is shut. Everything is forgotten; answers still under way are ignored.
    Locked,
    /// There is a session now.
    SignedIn,
    /// A change is durable on this device.
    Edited {
        document: ConsultationId,
        change: Hash,
        /// It made the document.
        created: bool,
    },
    PushAnswered {
        ticket: Ticket,
        answer: PushAnswer,
    },
    PushFailed {
        ticket: Ticket,
        failure: Failure,
    },
    /// One whole frame of the pull has arrived; the documents stay with the platform until [`Effect::Store`].
    PulledFrame {
        ticket: Ticket,
        epoch: Epoch,
        cursor: u64,
        more: bool,
    },
    /// The pull's stream ended in order.
    PullEnded {
        ticket: Ticket,
    },
    PullFailed {
        ticket: Ticket,
        failure: Failure,
    },
    /// A frame could not be stored (storage full); `cursor` is the last one that was.
    StoreFailed {
        cursor: u64,
    },
    /// The write that this effect asked for failed, and nothing of it is on disk: it is handed back. For
    /// [`Effect::Store`] there is [`Input::StoreFailed`].
    Unwritten(Effect),
    /// The frame that is reported next says that these were destroyed (practice 36). The platform deletes them in the
    /// transaction of [`Effect::Store`]; a push that is being put together leaves them out.
    Destroyed {
        documents: Vec<ConsultationId>,
    },
    HeadsAnswered {
        ticket: Ticket,
        answer: HeadsAnswer,
    },
    HeadsFailed {
        ticket: Ticket,
        failure: Failure,
    },
    /// The nudge: there is something up to this number.
    News(u64),
    /// The network is back, or the app is on the screen again: do not wait any longer, nor for requests that were
    /// under way over the old network.
    Online,
    /// Time has passed; at least when an [`Effect::Wait`] says so.
    Tick,
}

/// Why a request had no answer that could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No network, no server, or an answer cut short.
    Unreachable,
    /// The server asks for patience, for this many milliseconds.
    Busy { wait: Millis },
    /// The session is over.
    SignedOut,
    /// The body was more than the server takes at once.
    TooLarge,
}

/// What the platform is to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// `POST /api/sync/push` with these documents.
    Push {
        ticket: Ticket,
        documents: Vec<ToPush>,
        /// Show the receipts and actor claims of every author in it, whether or not the server has seen them: the
        /// first push since unlocking, or after trouble.
        with_receipts: bool,
    },
    /// `GET /api/sync/pull?after=`.
    Pull { ticket: Ticket, after: u64 },
    /// `POST /api/sync/heads` with the heads of every document held here, set-aside branches left out.
    AskHeads { ticket: Ticket },
    /// Store the documents of the frame just reported and this position, in one transaction.
    Store { position: Position },
    /// The frame just reported is not to be stored: drop its documents.
    DropFrame,
    /// Store this position alone.
    StorePosition { position: Position },
    /// These changes are on the server's disk: mark them so.
    Settle { document: ConsultationId, changes: BTreeSet<Hash> },
    /// Move these changes, and whatever depends on them, to the set-aside branch, and store this position, in one
    /// transaction; reopen the document without them. What others wrote upon them comes again with the next pull.
    SetAside {
        document: ConsultationId,
        changes: BTreeSet<Hash>,
        reason: Refusal,
        detail: String,
        position: Position,
    },
    /// The document was destroyed at the end of its retention (practice 36): delete all of it.
    Forget { document: ConsultationId },
    /// The session is over: offer to sign in.
    AskToSignIn,
    /// Give [`Input::Tick`] at this time, unless something else happens first, and at the latest after
    /// [`LONGEST_SLEEP`](super::LONGEST_SLEEP), since the clock may be set back meanwhile.
    Wait { until: Millis },
}

/// One document of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPush {
    pub document: ConsultationId,
    pub content: Content,
}

/// How much of a document to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// One whole uncompressed save.
    Whole,
    /// Just these changes.
    Changes(BTreeSet<Hash>),
    /// Every change since these heads (hex); all of them where a head is not known here.
    Since(Vec<String>),
}

/// Where a document stands, for the screen. Never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something is on this device only.
    Waiting,
    /// All that is known here is on the server's disk.
    WithServer,
}
