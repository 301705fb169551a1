//! The few consultations that are open in memory, so that a run of edits opens its document once (design 2.5).

use super::crew::at_work;
use crate::store::{DocumentStanding, RecordStore, StoreError, StoredDocument};
use automerge::Change;
use shared::consultation::{Document, DocumentError};
use shared::ids::{ConsultationId, OdsCode};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Beyond these the one not used for longest is closed.
const OPEN: usize = 256;

/// A document as the store has it.
#[derive(Debug, Clone)]
pub struct Opened {
    pub document: Document,
    /// Number of the latest write to it.
    pub seq: u64,
    /// Changes that are stored beside the base.
    pub tail: usize,
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
    documents: BTreeMap<ConsultationId, (u64, Opened)>,
}

impl OpenDocuments {
    /// The document at exactly that number, if it is open.
    fn get(&self, id: &ConsultationId, seq: u64) -> Option<Opened> {
        let mut shelf = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.clock += 1;
        let now = shelf.clock;
        let (used, opened) = shelf.documents.get_mut(id)?;
        *used = now;
        (opened.seq == seq).then(|| opened.clone())
    }

    /// Keeps a document open, and closes the one not used for longest when there are too many.
    pub(super) fn keep(&self, id: ConsultationId, opened: Opened) {
        let mut shelf = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.clock += 1;
        let now = shelf.clock;
        if shelf.documents.get(&id).is_some_and(|(_, kept)| kept.seq > opened.seq) {
            return;
        }
        shelf.documents.insert(id, (now, opened));
        if shelf.documents.len() > OPEN {
            let oldest = shelf.documents.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                shelf.documents.remove(&oldest);
            }
        }
    }

    /// Closes every document: the data was restored, and what is open may be of the life before.
    pub(crate) fn forget_all(&self) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).documents.clear();
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
        self.keep(*id, opened.clone());
        Ok(Some(opened))
    }
}

fn read(stored: StoredDocument) -> Result<Opened, DocumentError> {
    let mut document = Document::load(&stored.base)?;
    let tail = stored.changes.len();
    let mut changes = Vec::with_capacity(tail);
    for bytes in stored.changes {
        changes.push(Change::from_bytes(bytes).map_err(|_| DocumentError::Gap)?);
    }
    if !changes.is_empty() {
        document = document.with(changes)?;
    }
    Ok(Opened { document, seq: stored.seq, tail })
}
