//! What stands behind the shared state: the open database, the keys and the document on the screen.

use super::contact::Contact;
use super::enrol::HalfDone;
use super::opened::Opened;
use super::people::Newcomer;
use crate::platform::database::Database;
use crate::platform::page::OnlyTab;
use crate::platform::socket::Nudge;
use crate::platform::trouble::Trouble;
use crate::sync::unsent::Telling;
use crate::worker::page::{DeadlyDocuments, Line};
use futures_util::lock::Mutex;
use shared::consultation::{Document, WorkListRow};
use shared::ids::ConsultationId;
use shared::sync::device::Hash;
use shared::time::Millis;
use shared::vault::VaultHeader;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// A handle; copies share one thing. There is one a page.
#[derive(Clone, Default)]
pub struct Keeper(pub Rc<Kept>);

/// Nothing here is borrowed across an `await`.
#[derive(Default)]
pub struct Kept {
    /// Present, open or locked.
    pub vault: RefCell<Option<Rc<Vault>>>,
    pub opened: RefCell<Option<Rc<Opened>>>,
    /// Held while open: no other tab may write.
    pub only_tab: RefCell<Option<OnlyTab>>,
    pub document: RefCell<Option<OpenDocument>>,
    /// Edits in memory that are not on disk yet, oldest first.
    pub unwritten: RefCell<VecDeque<Unwritten>>,
    /// One writer at a time, so that rows are written in the order in which they were made.
    pub writing: Mutex<()>,
    /// One document is loaded at a time: two copies under one actor would lose changes.
    pub loading: Mutex<()>,
    /// Signed in, but without a key to a vault here yet: waits for a PIN or a passphrase.
    pub half_done: RefCell<Option<HalfDone>>,
    /// Waits for somebody to open the vault for them.
    pub newcomer: RefCell<Option<Rc<Newcomer>>>,
    pub touched_at: Cell<Millis>,
    pub hidden_since: Cell<Option<Millis>>,
    /// A passkey sheet is up, which may hide the page without anybody having left.
    pub sheet_up: Cell<bool>,
    /// The browser's print dialog is up, which may hide the page in the same way.
    pub printing: Cell<bool>,
    /// The records worker.
    pub line: RefCell<Option<Rc<Line>>>,
    /// Documents that have ended a worker since the vault was opened.
    pub deadly: DeadlyDocuments,
    /// Deaths of the worker in a row with no document to blame.
    pub deaths: Cell<u32>,
    /// There is a session with the server.
    pub signed_in: Cell<bool>,
    /// The first screen of the list has changed since it was kept.
    pub screen_changed: Cell<bool>,
    /// Many lines of the list have come in and will be shown in a moment.
    pub list_due: Cell<bool>,
    /// Saved since unlocking, and not yet known to be with the server.
    pub unconfirmed: RefCell<BTreeMap<ConsultationId, BTreeSet<Hash>>>,
    pub nudge: RefCell<Option<Nudge>>,
    /// The page was in sight when the clocks were last read.
    pub in_sight: Cell<bool>,
    /// When the count of time without contact was last put on disk, by the clock that nobody can set.
    pub contact_kept_at: Cell<Millis>,
    /// When the server was last asked whether this device is still wanted, by the same clock.
    pub asked_standing_at: Cell<Option<Millis>>,
    pub asking_standing: Cell<bool>,
    /// There may be closings of set-aside work that the server has not heard of.
    pub asides_to_tell: Cell<bool>,
    /// There may be lines for the audit log that the server has not.
    pub audits_to_tell: Cell<bool>,
    /// What the server was told of how much waits here.
    pub telling: Telling,
    /// When the standing of the person was last asked for, by the clock that nobody can set.
    pub standing_asked_at: Cell<Millis>,
    /// Do not wait any longer before trying the server.
    pub hurry: Cell<bool>,
}

/// One pharmacy's database on this device.
pub struct Vault {
    pub database: Database,
    pub header: RefCell<VaultHeader>,
    pub contact: RefCell<Contact>,
    /// Held from reading the header to writing it: it is replaced as a whole.
    pub changing: Mutex<()>,
}

/// The document on the screen.
pub struct OpenDocument {
    pub id: ConsultationId,
    pub document: Document,
    pub saved_at: Option<Millis>,
    pub sent_at: Option<Millis>,
}

/// One edit that is not on disk yet.
#[derive(Debug, Clone)]
pub struct Unwritten {
    pub id: ConsultationId,
    pub hash: Hash,
    pub bytes: Vec<u8>,
    pub order: u64,
    pub row: WorkListRow,
    pub created: bool,
}

impl Keeper {
    pub fn vault(&self) -> Result<Rc<Vault>, Trouble> {
        self.0.vault.borrow().clone().ok_or(Trouble::Locked)
    }

    pub fn opened(&self) -> Result<Rc<Opened>, Trouble> {
        self.0.opened.borrow().clone().ok_or(Trouble::Locked)
    }

    /// Is this still the unlock that a task began under?
    pub fn is_current(&self, opened: &Rc<Opened>) -> bool {
        self.0.opened.borrow().as_ref().is_some_and(|now| Rc::ptr_eq(now, opened))
    }
}
