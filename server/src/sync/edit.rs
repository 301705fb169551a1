//! The server as one more author: what became of messages, written into the record (design 1).

use super::accept::hex_heads;
use super::open::{OpenError, Opened};
use crate::app::{App, News};
use crate::store::{Append, AuthorSignature, DocumentWrite, StoreError, StoredChange};
use automerge::Change;
use shared::authorship::author_statement;
use shared::consultation::{Author, Consultation, Document, DocumentError, Writer};
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

/// The server's signature over its newest change of a document, so that a server which lost that in a restore takes it
/// back from any device; `None` where this process wrote nothing in it.
pub fn server_signature(app: &App, id: &ConsultationId, document: &mut Document) -> Option<AuthorSignature> {
    let changes = document.changes_since(&[]);
    let own = changes.iter().filter(|change| change.actor_id().to_bytes() == app.actor);
    own.max_by_key(|change| change.seq()).map(|newest| signed(app, id, &newest.hash().0))
}

fn signed(app: &App, id: &ConsultationId, newest: &[u8; 32]) -> AuthorSignature {
    let statement = author_statement(id, &app.actor, newest);
    AuthorSignature { document: *id, actor: app.actor, signature: app.server_keys.sign(&statement) }
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
        let Some((write, opened, signature)) = edited(app, id, opened, &change)? else { return Ok(None) };
        let mut append = Append { documents: vec![write], ..Append::default() };
        append.proofs.signatures.push(signature);
        match app.store.append(pharmacy, append).await {
            Ok(seqs) => {
                let seq = seqs.first().copied().unwrap_or_default();
                app.open_documents.keep(*id, pharmacy, Opened { seq, ..opened });
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
) -> Result<Option<(DocumentWrite, Opened, AuthorSignature)>, EditError> {
    let document = &mut opened.document;
    let Some(bytes) = document.edit(app.clock.now(), &server_writer(app), change)? else { return Ok(None) };
    let made = Change::from_bytes(bytes.clone()).map_err(|_| DocumentError::Gap)?;
    let signature = signed(app, id, &made.hash().0);
    opened.tail += 1;
    opened.bytes += bytes.len();
    let write = DocumentWrite {
        id: *id,
        based_on: opened.seq,
        base: None,
        changes: vec![StoredChange { hash: made.hash().0, actor: app.actor.to_vec(), bytes }],
        heads: hex_heads(document),
        row: document.row()?,
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: None,
    };
    Ok(Some((write, opened, signature)))
}
