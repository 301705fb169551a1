//! `POST /api/sync/push`: a frame of many documents, checked one by one, stored together (design 5).

use super::accept::{self, Outcome, Pushing, accept};
use super::authorship::{Refused, Writers, establish};
use super::limits;
use super::open::Opened;
use crate::app::{App, News};
use crate::outbox::{self, Sender};
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{Append, Quarantined, StoreError};
use automerge::Change;
use axum::body::Bytes;
use shared::api::{DocumentAnswer, PushAnswer, Refusal, Verdict};
use shared::authorship::Actor;
use shared::ids::ConsultationId;
use shared::people::Permission;
use shared::sync::frame::{FrameError, PushFrame, PushedDocument};
use shared::time::Millis;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often a push is decided anew because something else wrote to one of its documents meanwhile.
const TRIES: u32 = 8;
/// Beyond this many documents none is kept open afterwards: a device that comes home pushes each once.
const KEEP_OPEN: usize = 16;

/// The work of one push on its way through the checks.
struct Pushed {
    frame: PushFrame,
    /// The changes of each document, or why they cannot be read.
    read: Vec<Result<Vec<Change>, Refused>>,
}

/// Checks and stores one push, and answers for each document in order.
pub async fn push(app: &App, staff: &Staff, body: Bytes) -> Result<PushAnswer, Problem> {
    let pushed = Arc::new(background(move || read(&body)).await??);
    let writers = Arc::new(establish(app, staff, &pushed.frame, &actors(&pushed)).await?);
    let sender = outbox::sender(app, &staff.pharmacy).await?.ok_or(Problem::NotFound("This pharmacy"))?;
    let sender = Arc::new(sender);
    for _ in 0..TRIES {
        if let Some(documents) = attempt(app, staff, &pushed, &writers, &sender).await? {
            let server_nonce = app.nonces.fresh(app, staff).await?;
            return Ok(PushAnswer { epoch: app.epoch, server_nonce, documents });
        }
    }
    Err(Problem::Busy(Some(StoreError::Conflict)))
}

/// Runs work that takes a while where it holds up nobody else.
async fn background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)
}

fn read(body: &[u8]) -> Result<Pushed, Problem> {
    let frame = PushFrame::from_bytes(body).map_err(|why| match why {
        FrameError::TooLarge => Problem::TooLarge,
        why => Problem::Invalid(format!("What was pushed cannot be read: {why}.")),
    })?;
    let too_many = frame.documents.len() > limits::DOCUMENTS
        || frame.receipts.len() > limits::RECEIPTS
        || frame.actors.len() > limits::ACTORS;
    if too_many {
        return Err(Problem::TooLarge);
    }
    let ids: BTreeSet<_> = frame.documents.iter().map(|document| document.id).collect();
    if ids.len() != frame.documents.len() {
        return Err(Problem::Invalid("What was pushed names one consultation twice.".to_owned()));
    }
    let read = frame.documents.iter().map(accept::read).collect();
    Ok(Pushed { frame, read })
}

fn actors(pushed: &Pushed) -> BTreeSet<Actor> {
    let changes = pushed.read.iter().flatten().flatten();
    changes.filter_map(|change| Actor::try_from(change.actor_id().to_bytes()).ok()).collect()
}

/// Decides about every document and stores what may be stored. `None` when something was written meanwhile.
async fn attempt(
    app: &App,
    staff: &Staff,
    pushed: &Arc<Pushed>,
    writers: &Arc<Writers>,
    sender: &Arc<Sender>,
) -> Result<Option<Vec<DocumentAnswer>>, Problem> {
    let mut stored = Vec::with_capacity(pushed.frame.documents.len());
    for document in &pushed.frame.documents {
        stored.push(stored_as(app, staff, document.id).await?);
    }
    let now = app.clock.now();
    let outcomes = {
        let (staff, pushed) = (staff.clone(), Arc::clone(pushed));
        let (writers, sender) = (Arc::clone(writers), Arc::clone(sender));
        background(move || {
            let pushing = Pushing { staff: &staff, writers: &writers, sender: &sender, now };
            decide(&pushing, &pushed, stored)
        })
        .await?
    };
    let mut append = Append::default();
    let mut answers = Vec::with_capacity(outcomes.len());
    let mut opened = Vec::new();
    for (outcome, document) in outcomes.into_iter().zip(&pushed.frame.documents) {
        let verdict = match outcome {
            Outcome::Known(seq) => Verdict::Stored { seq },
            Outcome::Missing(heads) => Verdict::Missing { heads },
            Outcome::Refused((reason, detail)) => {
                append.quarantined.push(set_aside(staff, pushed, document, reason, &detail, now));
                Verdict::Refused { reason, detail }
            }
            Outcome::Accepted(accepted) => {
                append.documents.push(accepted.write);
                opened.push((answers.len(), accepted.opened));
                Verdict::Stored { seq: 0 }
            }
        };
        answers.push(DocumentAnswer { id: document.id, verdict });
    }
    if append.documents.is_empty() && append.quarantined.is_empty() {
        return Ok(Some(answers));
    }
    let sends = append.documents.iter().any(|document| !document.deliveries.is_empty());
    append.receipts.clone_from(&writers.receipts);
    append.actors.clone_from(&writers.actors);
    let seqs = match app.store.append(&staff.pharmacy, append).await {
        Ok(seqs) => seqs,
        Err(StoreError::Conflict) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let keep = opened.len() <= KEEP_OPEN;
    for (&seq, (place, document)) in seqs.iter().zip(opened) {
        answers[place].verdict = Verdict::Stored { seq };
        if keep {
            app.open_documents.keep(answers[place].id, Opened { seq, ..document });
        }
    }
    if let Some(&seq) = seqs.last() {
        // Nobody may be listening; that is no failure.
        let _ = app.news.send(News { pharmacy: staff.pharmacy.clone(), seq });
    }
    if sends {
        app.outbox_due.notify_one();
    }
    Ok(Some(answers))
}

/// What is stored under an id, from this person's point of view.
enum Stored {
    Nothing,
    Elsewhere,
    Here(Box<Opened>),
}

async fn stored_as(app: &App, staff: &Staff, id: ConsultationId) -> Result<Stored, Problem> {
    if let Some(opened) = app.open_documents.open(&*app.store, &staff.pharmacy, &id).await? {
        return Ok(Stored::Here(Box::new(opened)));
    }
    Ok(if app.store.standing(&id).await?.is_some() { Stored::Elsewhere } else { Stored::Nothing })
}

fn decide(pushing: &Pushing<'_>, pushed: &Pushed, stored: Vec<Stored>) -> Vec<Outcome> {
    let may_record = pushing.staff.role.may(Permission::RecordConsultations);
    let each = pushed.frame.documents.iter().zip(&pushed.read).zip(stored);
    each.map(|((document, read), stored)| {
        let changes = match read {
            Ok(changes) => changes,
            Err(refused) => return Outcome::Refused(refused.clone()),
        };
        if !may_record {
            let detail = "this role does not record consultations".to_owned();
            return Outcome::Refused((Refusal::RoleMayNot, detail));
        }
        match stored {
            Stored::Elsewhere => {
                let detail = "this consultation belongs to another pharmacy".to_owned();
                Outcome::Refused((Refusal::ForeignPharmacy, detail))
            }
            Stored::Nothing => accept(pushing, document, changes, None),
            Stored::Here(opened) => accept(pushing, document, changes, Some(*opened)),
        }
    })
    .collect()
}

/// What was refused, with everything that is needed to judge it again.
fn set_aside(
    staff: &Staff,
    pushed: &Pushed,
    document: &PushedDocument,
    reason: Refusal,
    detail: &str,
    at: Millis,
) -> Quarantined {
    let alone = PushFrame {
        receipts: pushed.frame.receipts.clone(),
        actors: pushed.frame.actors.clone(),
        documents: vec![document.clone()],
    };
    let reason = serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned));
    Quarantined {
        document: document.id,
        person: staff.person.id,
        device: staff.device.map(|device| device.to_string()).unwrap_or_default(),
        reason: reason.unwrap_or_default(),
        detail: detail.to_owned(),
        at,
        bytes: alone.to_bytes(),
    }
}
