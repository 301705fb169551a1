//! The one door to a consultation document: read, change, write, in one call.

use super::reading::Reading;
use super::record::{Author, Consultation};
use crate::time;
use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{ActorId, AutoCommit, AutomergeError, Change, ChangeHash, ReadDoc as _};
use autosurgeon::reconcile;
use std::sync::{Arc, OnceLock};

/// Why a document could not be opened, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are not a document: fetch it again from the other side.
    #[error("these bytes are not a consultation document")]
    Unreadable(#[source] Box<AutomergeError>),
    /// A document of another kind, or from a newer app: leave it alone.
    #[error("this document is not a consultation that this version can read")]
    NotAConsultation(#[source] Box<autosurgeon::HydrateError>),
    /// Changes that do not fit: refuse them.
    #[error("these changes do not belong to this document")]
    Unfitting(#[source] Box<AutomergeError>),
    /// Changes whose predecessors are not here: ask for those first.
    #[error("changes are missing between what is here and what arrived")]
    Gap,
    /// The edit could not be written.
    #[error("the change could not be written to the document")]
    Unwritable(#[source] Box<autosurgeon::ReconcileError>),
}

/// A document with nothing in it. Whoever writes to it is named first, so the actor given here may be anyone.
#[expect(clippy::disallowed_methods, reason = "the random actor is replaced before anything is written")]
fn empty(actor: [u8; 16]) -> AutoCommit {
    AutoCommit::new().with_actor(ActorId::from(actor.as_slice()))
}

/// Who writes: one actor a tab session, never reused (authorship module).
#[derive(Debug, Clone)]
pub struct Writer {
    pub actor: [u8; 16],
    pub author: Author,
}

/// An open consultation. Never keep a `Consultation` across a merge; read it again.
#[derive(Debug, Clone)]
pub struct Document {
    inner: AutoCommit,
    /// What stands in `inner`, once somebody asked. Whatever writes to `inner` empties it.
    reading: OnceLock<Arc<Reading>>,
}

impl Document {
    fn of(inner: AutoCommit) -> Self {
        Self { inner, reading: OnceLock::new() }
    }

    /// Makes the document, once, on whoever received the referral or met the walk-in.
    pub fn create(at: i64, writer: &Writer, consultation: &Consultation) -> Result<Self, DocumentError> {
        let mut inner = empty(writer.actor);
        let mut first = consultation.clone();
        first.authors.insert(hex(&writer.actor), writer.author.clone());
        reconcile(&mut inner, &first).map_err(|cause| DocumentError::Unwritable(cause.into()))?;
        inner.commit_with(CommitOptions::default().with_time(at));
        Ok(Self::of(inner))
    }

    /// Opens saved bytes, and refuses what is not whole.
    pub fn load(bytes: &[u8]) -> Result<Self, DocumentError> {
        let inner = AutoCommit::load(bytes).map_err(|cause| DocumentError::Unreadable(cause.into()))?;
        Ok(Self::of(inner))
    }

    /// Rebuilds a document from its changes, in any order.
    pub fn from_changes(changes: Vec<Change>) -> Result<Self, DocumentError> {
        Self::of(empty([0; 16])).with(changes)
    }

    /// The record as it stands.
    pub fn read(&self) -> Result<Consultation, DocumentError> {
        Ok(self.reading()?.record.clone())
    }

    /// The record as it stands, read once until something is written.
    pub(super) fn reading(&self) -> Result<Arc<Reading>, DocumentError> {
        if let Some(reading) = self.reading.get() {
            return Ok(Arc::clone(reading));
        }
        let reading = Arc::new(Reading::of(&self.inner, None)?);
        Ok(Arc::clone(self.reading.get_or_init(|| reading)))
    }

    /// The record as it stood at `heads`, for instance those that were signed.
    pub fn read_at(&mut self, heads: &[ChangeHash]) -> Result<Consultation, DocumentError> {
        if let Some(unknown) = heads.iter().find(|head| self.inner.get_change_meta_by_hash(head).is_none()) {
            return Err(DocumentError::Unfitting(AutomergeError::InvalidHash(*unknown).into()));
        }
        Ok(Reading::of(&self.inner, Some(heads))?.record)
    }

    /// Reads, changes and writes in one step. Returns the new change's bytes, or `None` when nothing differs.
    pub fn edit(
        &mut self,
        at: i64,
        writer: &Writer,
        change: impl FnOnce(&mut Consultation),
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        let mut after = self.read()?;
        change(&mut after);
        self.write(at, writer, after, Begins::Nothing)
    }

    /// Like [`Self::edit`], for what staff record: the first of it begins the visit (practice 13).
    pub fn edit_visit(
        &mut self,
        at: i64,
        writer: &Writer,
        change: impl FnOnce(&mut Consultation),
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        self.edit_visit_under(at, writer, None, change)
    }

    /// Like [`Self::edit_visit`]; the change that begins the visit names the responsible pharmacist, with their GPhC
    /// number, where that is known.
    pub fn edit_visit_under(
        &mut self,
        at: i64,
        writer: &Writer,
        responsible: Option<&str>,
        change: impl FnOnce(&mut Consultation),
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        let mut after = self.read()?;
        let responsible = responsible.filter(|_| after.visit.started_at.is_empty());
        change(&mut after);
        self.write(at, writer, after, Begins::Visit { responsible })
    }

    /// Like [`Self::edit`], for changes that may be refused; a refusal leaves the document untouched.
    pub fn try_edit<E: From<DocumentError>>(
        &mut self,
        at: i64,
        writer: &Writer,
        change: impl FnOnce(&mut Consultation) -> Result<(), E>,
    ) -> Result<Option<Vec<u8>>, E> {
        let mut after = self.read()?;
        change(&mut after)?;
        Ok(self.write(at, writer, after, Begins::Nothing)?)
    }

    fn write(
        &mut self,
        at: i64,
        writer: &Writer,
        after: Consultation,
        begins: Begins<'_>,
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        self.reading = OnceLock::new();
        if self.inner.get_actor().to_bytes() != writer.actor {
            self.inner.set_actor(ActorId::from(writer.actor.as_slice()));
        }
        reconcile(&mut self.inner, &after).map_err(|cause| DocumentError::Unwritable(cause.into()))?;
        if self.inner.pending_ops() == 0 {
            return Ok(None);
        }
        // Naming the author must not by itself make a change, so it rides along with the first real one.
        let key = hex(&writer.actor);
        if !after.authors.contains_key(&key) {
            self.name_author(&key, &writer.author)?;
        }
        if let Begins::Visit { responsible } = begins {
            if after.visit.started_at.is_empty() {
                self.put_in_visit("started_at", &time::stored(at))?;
            }
            if let Some(name) = responsible {
                self.put_in_visit("responsible_pharmacist", name)?;
            }
        }
        self.inner.commit_with(CommitOptions::default().with_time(at));
        Ok(self.inner.get_last_local_change().map(|change| change.raw_bytes().to_vec()))
    }

    fn name_author(&mut self, key: &str, author: &Author) -> Result<(), DocumentError> {
        let authors = self
            .inner
            .get(automerge::ROOT, "authors")
            .map_err(|cause| DocumentError::Unfitting(cause.into()))?;
        let Some((_, authors)) = authors else { return Ok(()) };
        autosurgeon::reconcile_prop(&mut self.inner, authors, key, author)
            .map_err(|cause| DocumentError::Unwritable(cause.into()))
    }

    fn put_in_visit(&mut self, key: &str, value: &str) -> Result<(), DocumentError> {
        let visit = self
            .inner
            .get(automerge::ROOT, "visit")
            .map_err(|cause| DocumentError::Unfitting(cause.into()))?;
        let Some((_, visit)) = visit else { return Ok(()) };
        // Only this field: notes that were just written must not be written a second time.
        autosurgeon::reconcile_prop(&mut self.inner, visit, key, value)
            .map_err(|cause| DocumentError::Unwritable(cause.into()))
    }

    /// Writes one scalar, also over an equal one: that is how a disagreement ends.
    pub(super) fn overwrite(
        &mut self,
        at: i64,
        writer: &Writer,
        map: &automerge::ObjId,
        key: &str,
        value: automerge::ScalarValue,
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        self.reading = OnceLock::new();
        self.inner.set_actor(ActorId::from(writer.actor.as_slice()));
        // Automerge skips a put of the value now shown when there is no conflict, which is what is wanted.
        self.inner.put(map, key, value).map_err(|cause| DocumentError::Unfitting(cause.into()))?;
        let after = self.read()?;
        self.write(at, writer, after, Begins::Nothing)
    }

    /// Takes in changes from elsewhere; all or none. Those already here are no harm.
    pub fn apply(&mut self, changes: Vec<Change>) -> Result<(), DocumentError> {
        *self = self.clone().with(changes)?;
        Ok(())
    }

    /// Like [`Self::apply`] for a document that is given up when the changes do not fit.
    pub fn with(mut self, changes: Vec<Change>) -> Result<Self, DocumentError> {
        self.inner.apply_changes(changes).map_err(|cause| DocumentError::Unfitting(cause.into()))?;
        if !self.inner.get_missing_deps(&[]).is_empty() {
            return Err(DocumentError::Gap);
        }
        self.reading = OnceLock::new();
        Ok(self)
    }

    /// The whole document, ready for storage.
    pub fn save(&mut self) -> Vec<u8> {
        self.inner.save()
    }

    /// The whole document without inner compression: smaller once many share one compression context.
    pub fn save_for_frame(&mut self) -> Vec<u8> {
        self.inner.save_nocompress()
    }

    pub fn heads(&mut self) -> Vec<ChangeHash> {
        self.inner.get_heads()
    }

    /// Every change, oldest first, or those since `heads`.
    pub fn changes_since(&mut self, heads: &[ChangeHash]) -> Vec<Change> {
        self.inner.get_changes(heads)
    }

    pub fn has(&mut self, hash: &ChangeHash) -> bool {
        self.inner.get_change_meta_by_hash(hash).is_some()
    }

    pub(crate) fn inner(&self) -> &AutoCommit {
        &self.inner
    }

    /// For questions that Automerge asks `&mut` for; nothing is written through it.
    pub(crate) fn inner_mut(&mut self) -> &mut AutoCommit {
        &mut self.inner
    }
}

/// What a change begins besides itself.
#[derive(Clone, Copy)]
enum Begins<'a> {
    Nothing,
    /// The visit, unless it has begun; `responsible` is named with it.
    Visit {
        responsible: Option<&'a str>,
    },
}

/// Lower-case hex, the way actors and hashes are keyed inside the document.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
