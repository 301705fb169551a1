//! The server as one more author: what became of messages, written into the record (design 1).

use super::accept::hex_heads;
use super::open::{OpenError, Opened};
use crate::app::{App, News};
use crate::store::{Append, DocumentWrite, StoreError, StoredChange};
use automerge::Change;
use shared::consultation::{Author, Consultation, DocumentError, Writer};
use shared::ids::{ConsultationId, OdsCode};

/// How often an edit is made anew because somebody else wrote to the same consultation meanwhile.
const TRIES: u32 = 16;

/// Why the server's edit was not stored.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such consultation at this pharmacy.
    #[error("this consultation is not there")]
    NotThere,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The server's own author and actor, the latter new in each process.
pub fn server_writer(app: &App) -> Writer {
    Writer {
        actor: app.actor,
        author: Author {
            person: String::new(),
            name: "Satchel server".to_owned(),
            role: "server".to_owned(),
            unlocked_by: "server".to_owned(),
        },
    }
}

/// Changes a stored consultation as the server and tells its devices. `None` when nothing differed.
///
/// `change` may be called again upon a newer record, when somebody else wrote meanwhile.
pub async fn server_edit(
    app: &App,
    pharmacy: &OdsCode,
    id: &ConsultationId,
    change: impl Fn(&mut Consultation) + Send + Sync,
) -> Result<Option<u64>, EditError> {
    for _ in 0..TRIES {
        let opened = app.open_documents.open(&*app.store, pharmacy, id).await?.ok_or(EditError::NotThere)?;
        let Some((write, opened)) = edited(app, id, opened, &change)? else { return Ok(None) };
        let append = Append { documents: vec![write], ..Append::default() };
        match app.store.append(pharmacy, append).await {
            Ok(seqs) => {
                let seq = seqs.first().copied().unwrap_or_default();
                app.open_documents.keep(*id, Opened { seq, ..opened });
                // Nobody may be listening; that is no failure.
                let _ = app.news.send(News { pharmacy: pharmacy.clone(), seq });
                return Ok(Some(seq));
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

fn edited(
    app: &App,
    id: &ConsultationId,
    mut opened: Opened,
    change: impl Fn(&mut Consultation),
) -> Result<Option<(DocumentWrite, Opened)>, EditError> {
    let document = &mut opened.document;
    let Some(bytes) = document.edit(app.clock.now(), &server_writer(app), change)? else { return Ok(None) };
    let made = Change::from_bytes(bytes.clone()).map_err(|_| DocumentError::Gap)?;
    let write = DocumentWrite {
        id: *id,
        based_on: opened.seq,
        base: None,
        changes: vec![StoredChange { hash: made.hash().0, actor: app.actor.to_vec(), bytes }],
        heads: hex_heads(document),
        row: document.row()?,
        intake: Vec::new(),
        deliveries: Vec::new(),
    };
    opened.tail += 1;
    Ok(Some((write, opened)))
}
