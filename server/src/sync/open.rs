//! The consultations that are open in memory, so that a run of edits opens its document once (design 2.5).

use super::crew::at_work;
use crate::store::{DocumentStanding, RecordStore, StoreError, StoredDocument};
use automerge::Change;
use shared::consultation::{Document, DocumentError};
use shared::ids::{ConsultationId, OdsCode};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Beyond so many bytes of whole saves those not used for longest are closed. Open, a consultation takes several times
/// the bytes of its save.
const OPEN_BYTES: usize = 2 * 1024 * 1024;

/// A document as the store has it.
#[derive(Debug, Clone)]
pub struct Opened {
    pub document: Document,
    /// Number of the latest write to it.
    pub seq: u64,
    /// Changes that are stored beside the base.
    pub tail: usize,
    /// Bytes of a whole save, about.
    pub bytes: usize,
}

/// Why a stored document could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored was checked before; this is our mistake or a broken disk.
    #[error("A stored consultation cannot be opened.")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Open documents by id. What another server has written since is noticed by its number.
#[derive(Debug, Default)]
pub struct OpenDocuments {
    inner: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    clock: u64,
    documents: BTreeMap<ConsultationId, Kept>,
    /// The same by when they were used last.
    by_use: BTreeMap<u64, ConsultationId>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    pharmacy: OdsCode,
    used: u64,
    opened: Opened,
}

impl Shelf {
    fn take(&mut self, id: &ConsultationId) -> Option<Kept> {
        let kept = self.documents.remove(id)?;
        self.by_use.remove(&kept.used);
        self.bytes -= kept.opened.bytes;
        Some(kept)
    }

    fn put(&mut self, id: ConsultationId, pharmacy: OdsCode, opened: Opened) {
        self.clock += 1;
        self.bytes += opened.bytes;
        self.by_use.insert(self.clock, id);
        self.documents.insert(id, Kept { pharmacy, used: self.clock, opened });
    }
}

impl OpenDocuments {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The document at exactly that number, if it is open.
    fn get(&self, id: &ConsultationId, seq: u64) -> Option<Opened> {
        let mut shelf = self.shelf();
        if shelf.documents.get(id)?.opened.seq != seq {
            return None;
        }
        let Kept { pharmacy, opened, .. } = shelf.take(id)?;
        let copy = opened.clone();
        shelf.put(*id, pharmacy, opened);
        Some(copy)
    }

    /// The document as it was last open here, out of the shelf; whoever writes to it puts it back. Another server may
    /// have written since: only a write that names its number may rest on it, no answer.
    pub(super) fn take(&self, pharmacy: &OdsCode, id: &ConsultationId) -> Option<Opened> {
        let mut shelf = self.shelf();
        if shelf.documents.get(id)?.pharmacy != *pharmacy {
            return None;
        }
        shelf.take(id).map(|kept| kept.opened)
    }

    /// Keeps a document open, and closes those not used for longest when it is too much.
    pub(super) fn keep(&self, id: ConsultationId, pharmacy: &OdsCode, opened: Opened) {
        let mut closed = Vec::new();
        let mut shelf = self.shelf();
        if shelf.documents.get(&id).is_some_and(|kept| kept.opened.seq > opened.seq) {
            return;
        }
        closed.extend(shelf.take(&id));
        shelf.put(id, pharmacy.clone(), opened);
        while shelf.bytes > OPEN_BYTES {
            let Some(oldest) = shelf.by_use.first_key_value().map(|(_, id)| *id) else { break };
            closed.extend(shelf.take(&oldest));
        }
        // Freeing a document takes longer than the others should wait.
        drop(shelf);
    }

    /// Closes every document: the data was restored, and what is open may be of the life before.
    pub(crate) fn forget_all(&self) {
        *self.shelf() = Shelf::default();
    }

    /// The document as it is stored now; `None` when this pharmacy has no such document.
    pub(crate) async fn open(
        &self,
        store: &(impl RecordStore + Sync + ?Sized),
        pharmacy: &OdsCode,
        id: &ConsultationId,
    ) -> Result<Option<Opened>, OpenError> {
        let Some(standing) = store.standing(id).await? else { return Ok(None) };
        self.open_as(store, pharmacy, id, standing).await
    }

    /// Like [`Self::open`] for a document whose standing has just been read.
    pub(super) async fn open_as(
        &self,
        store: &(impl RecordStore + Sync + ?Sized),
        pharmacy: &OdsCode,
        id: &ConsultationId,
        standing: DocumentStanding,
    ) -> Result<Option<Opened>, OpenError> {
        if standing.pharmacy != *pharmacy {
            return Ok(None);
        }
        if let Some(opened) = self.get(id, standing.seq) {
            return Ok(Some(opened));
        }
        let Some(stored) = store.document(pharmacy, id).await? else { return Ok(None) };
        let opened = at_work(move || read(stored))
            .await
            .map_err(|died| OpenError::Damaged(died.into()))?
            .map_err(|cause| OpenError::Damaged(cause.into()))?;
        self.keep(*id, pharmacy, opened.clone());
        Ok(Some(opened))
    }
}

fn read(stored: StoredDocument) -> Result<Opened, DocumentError> {
    let mut document = Document::load(&stored.base)?;
    let tail = stored.changes.len();
    let bytes = stored.base.len() + stored.changes.iter().map(Vec::len).sum::<usize>();
    let mut changes = Vec::with_capacity(tail);
    for bytes in stored.changes {
        changes.push(Change::from_bytes(bytes).map_err(|_| DocumentError::Gap)?);
    }
    if !changes.is_empty() {
        document = document.with(changes)?;
    }
    Ok(Opened { document, seq: stored.seq, tail, bytes })
}
