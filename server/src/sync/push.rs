//! `POST /api/sync/push`: a frame of many documents, checked one by one, stored together (design 5).

use super::accept::{Accepted, Outcome, Pushing, accept, planned};
use super::authorship::{Judging, Writers, establish};
use super::crew::at_work;
use super::limits;
use super::open::Opened;
use super::quarantine::set_aside;
use crate::app::{App, News, StartError};
use crate::outbox::{self, Sender};
use crate::patients::vouched;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{Append, AuditEntry, DocumentStanding, StoreError};
use axum::body::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use shared::api::{DocumentAnswer, PushAnswer, Refusal, Verdict};
use shared::authorship::Actor;
use shared::consultation::{Signature, WorkListRow};
use shared::ids::{ConsultationId, Epoch, PersonId};
use shared::patient::NhsNumber;
use shared::people::Permission;
use shared::sync::frame::{FrameError, PushFrame, PushedDocument};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

/// Frames up to this many bytes are taken apart at once: handing them over would take longer.
const SMALL: usize = 4 * 1024;
/// A push of one document is decided upon at once where neither it nor what is stored of it takes more bytes.
const SMALL_DOCUMENT: usize = 32 * 1024;
/// How often a push is decided anew because something else wrote to one of its documents meanwhile.
const TRIES: u32 = 8;
/// Beyond this many documents none is kept open afterwards: a device that comes home pushes each once.
const KEEP_OPEN: usize = 16;
/// Documents of one push that are under way together. Their number, not the push's size, bounds the memory it takes.
const UNDER_WAY: usize = 8;
/// Bytes decided upon before they are stored; a push of new documents stays below, and is stored at once.
const AT_ONCE_BYTES: usize = 8 * 1024 * 1024;

/// One push on its way through the checks.
struct Push {
    /// An administrator has released it from quarantine: then it is not their own role that counts.
    released: bool,
    /// In which life of the data its authors were established.
    epoch: Epoch,
    frame: PushFrame,
    staff: Staff,
    writers: Writers,
    /// For planning what a signature calls for.
    sender: Arc<Sender>,
}

/// Checks and stores one push, and answers for each document in order.
pub async fn push(app: &App, staff: &Staff, body: Bytes) -> Result<PushAnswer, Problem> {
    let (frame, actors) = read(body).await?;
    let epoch = app.epoch();
    let writers = establish(app, staff, &frame, &actors, Judging::Arriving).await?;
    let sender = sender(app, staff).await?;
    let push = Arc::new(Push { released: false, epoch, frame, staff: staff.clone(), writers, sender });
    for attempted in 0..TRIES {
        let documents = match attempt(app, &push, attempted == 0).await? {
            Some(documents) => documents,
            // What was established about the authors is of the life before. Without a verdict the device keeps all of
            // it, and a new epoch makes it begin again.
            None if another_life(app, push.epoch).await? => Vec::new(),
            None => continue,
        };
        let server_nonce = app.issue_nonce(Some(staff.person.id), staff.device);
        return Ok(PushAnswer { epoch: app.epoch(), server_nonce, documents });
    }
    Err(Problem::Busy(Some(StoreError::Conflict)))
}

/// Whether the data was restored since a push began; noticed here and now for everything else too.
async fn another_life(app: &App, epoch: Epoch) -> Result<bool, Problem> {
    app.notice_restore().await.map_err(|error| match error {
        StartError::Store(error) => error.into(),
        error => Problem::internal(error),
    })?;
    Ok(app.epoch() != epoch)
}

/// Stores one document that was released from quarantine, where it may be stored now; it is not set aside once more.
/// `None` for a frame of no document.
pub(super) async fn push_released(
    app: &App,
    staff: &Staff,
    frame: PushFrame,
    writers: Writers,
    epoch: Epoch,
) -> Result<Option<Verdict>, Problem> {
    let sender = sender(app, staff).await?;
    let push = Arc::new(Push { released: true, epoch, frame, staff: staff.clone(), writers, sender });
    for _ in 0..TRIES {
        if let Some(documents) = attempt(app, &push, false).await? {
            return Ok(documents.into_iter().next().map(|document| document.verdict));
        }
    }
    Err(Problem::Busy(Some(StoreError::Conflict)))
}

/// Who sends for their pharmacy; a pharmacy is changed on the command line, which counts within a second.
async fn sender(app: &App, staff: &Staff) -> Result<Arc<Sender>, Problem> {
    if let Some(sender) = app.senders.get(&staff.pharmacy) {
        return Ok(sender);
    }
    let reading = app.senders.begin();
    let sender = outbox::sender(app, &staff.pharmacy).await?.ok_or(Problem::NotFound("This pharmacy"))?;
    let sender = Arc::new(sender);
    app.senders.keep(reading, staff.pharmacy.clone(), Arc::clone(&sender));
    Ok(sender)
}

/// Takes the frame apart and finds the actors behind its changes; no document is opened yet.
async fn read(body: Bytes) -> Result<(PushFrame, BTreeSet<Actor>), Problem> {
    if body.len() <= SMALL {
        return taken_apart(&body);
    }
    at_work(move || taken_apart(&body)).await.map_err(Problem::internal)?
}

fn taken_apart(body: &[u8]) -> Result<(PushFrame, BTreeSet<Actor>), Problem> {
    let frame = PushFrame::from_bytes(body).map_err(|why| match why {
        FrameError::TooLarge => Problem::TooLarge,
        why => Problem::Invalid(format!("What was pushed cannot be read: {why}.")),
    })?;
    let actors: BTreeSet<Actor> = frame.documents.iter().flat_map(limits::actors).collect();
    let too_many = frame.documents.len() > limits::DOCUMENTS
        || frame.receipts.len() > limits::RECEIPTS
        || frame.actors.len() > limits::ACTORS
        || actors.len() > limits::ALL_WRITERS;
    if too_many {
        return Err(Problem::TooLarge);
    }
    let ids: BTreeSet<_> = frame.documents.iter().map(|document| document.id).collect();
    if ids.len() != frame.documents.len() {
        return Err(Problem::Invalid("What was pushed names one consultation twice.".to_owned()));
    }
    Ok((frame, actors))
}

/// Decides about every document and stores what may be stored. `None` when something was written meanwhile. What is
/// open here is taken for what is stored where `trusting`: mostly it is, and storing finds out where it is not.
async fn attempt(
    app: &App,
    push: &Arc<Push>,
    trusting: bool,
) -> Result<Option<Vec<DocumentAnswer>>, Problem> {
    let now = app.clock.now();
    let ids: Vec<ConsultationId> = push.frame.documents.iter().map(|document| document.id).collect();
    let mut known = BTreeMap::new();
    if trusting && ids.len() <= KEEP_OPEN {
        let take =
            |id| Some((id, Standing::Open(Box::new(app.open_documents.take(&push.staff.pharmacy, &id)?))));
        known.extend(ids.iter().copied().filter_map(take));
    }
    let others: Vec<ConsultationId> = ids.iter().filter(|id| !known.contains_key(id)).copied().collect();
    known.extend(standings(app, &others).await?);
    let decisions = ids.into_iter().enumerate().map(|(index, id)| {
        let standing = known.remove(&id).unwrap_or(Standing::None);
        decision(app.clone(), Arc::clone(push), index, standing, now)
    });
    let mut outcomes = pin!(stream::iter(decisions).buffered(UNDER_WAY));
    let mut answers = Vec::with_capacity(push.frame.documents.len());
    let mut batch = Batch::default();
    for document in &push.frame.documents {
        let Some(outcome) = outcomes.try_next().await? else { break };
        batch.take(app, push, document, outcome, &mut answers, now);
        // A push of little upon many large records must not hold all of them until its end.
        if batch.bytes >= AT_ONCE_BYTES && !std::mem::take(&mut batch).store(app, push, &mut answers).await? {
            return Ok(None);
        }
    }
    Ok(batch.store(app, push, &mut answers).await?.then_some(answers))
}

/// What is decided and not yet stored.
#[derive(Default)]
struct Batch {
    append: Append,
    /// The answer each document waits for, and the document where it stays open.
    opened: Vec<(usize, Option<Opened>)>,
    bytes: usize,
}

impl Batch {
    fn take(
        &mut self,
        app: &App,
        push: &Push,
        document: &PushedDocument,
        outcome: Outcome,
        answers: &mut Vec<DocumentAnswer>,
        now: Millis,
    ) {
        let verdict = match outcome {
            Outcome::Known(seq) => Verdict::Stored { seq },
            Outcome::Missing(heads) => Verdict::Missing { heads },
            Outcome::Refused((reason, detail)) => {
                // What was destroyed is not kept in another place.
                if !push.released && reason != Refusal::Destroyed {
                    let refused = (reason, detail.as_str());
                    let entry = set_aside(app, &push.staff, &push.frame, document, refused, now);
                    self.bytes += entry.bytes.len();
                    self.append.quarantined.push(entry);
                }
                Verdict::Refused { reason, detail }
            }
            Outcome::Accepted(accepted) => {
                push.writers.prove(&mut self.append, document.id, accepted.signatures);
                let row = &accepted.write.row;
                let lines =
                    accepted.signed.iter().map(|signature| signed(app, push, document, row, signature));
                self.append.audit.extend(lines);
                self.bytes += accepted.write.base.as_ref().map_or(0, Vec::len);
                self.bytes += accepted.write.changes.iter().map(|change| change.bytes.len()).sum::<usize>();
                self.append.documents.push(accepted.write);
                self.opened.push((answers.len(), accepted.opened));
                Verdict::Stored { seq: 0 }
            }
        };
        answers.push(DocumentAnswer { id: document.id, verdict });
    }

    /// Stores it and fills in the numbers. `false` when something was written meanwhile.
    async fn store(self, app: &App, push: &Push, answers: &mut [DocumentAnswer]) -> Result<bool, Problem> {
        let Self { mut append, opened, .. } = self;
        let staff = &push.staff;
        append.epoch = Some(push.epoch);
        if append.documents.is_empty() && append.quarantined.is_empty() {
            return Ok(true);
        }
        let sends = append.documents.iter().any(|document| !document.deliveries.is_empty());
        let seqs = match app.store.append(&staff.pharmacy, append).await {
            Ok(seqs) => seqs,
            Err(StoreError::Conflict) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        for (&seq, (place, document)) in seqs.iter().zip(opened) {
            answers[place].verdict = Verdict::Stored { seq };
            if let Some(document) = document {
                app.open_documents.keep(answers[place].id, &staff.pharmacy, Opened { seq, ..document });
            }
        }
        if let Some(&seq) = seqs.last() {
            // Nobody may be listening; that is no failure.
            let _ = app.news.send(News { pharmacy: staff.pharmacy.clone(), seq });
        }
        if sends {
            app.outbox_due.notify_one();
        }
        Ok(true)
    }
}

/// What the audit log says of a signature that is stored. Known by consultation and amendment, so that one given back
/// after a restore is not told twice.
fn signed(
    app: &App,
    push: &Push,
    document: &PushedDocument,
    row: &WorkListRow,
    signature: &Signature,
) -> AuditEntry {
    let told = format!("signed {} {}/{}", document.id, signature.person, signature.amendment);
    let known: [u8; 32] = Sha256::digest(told).into();
    let person: Option<PersonId> = signature.person.parse().ok();
    let number: Option<NhsNumber> = row.nhs_number.parse().ok();
    AuditEntry {
        done_at: shared::time::read(&signature.at),
        person,
        // Whose work a colleague brings was done on a device that only its receipt names.
        device: push.staff.device.filter(|_| person == Some(push.staff.person.id)),
        patient: number.map(|number| app.server_keys.at_rest.patient_mark(&number)),
        event: uuid::Uuid::from_slice(&known[..16]).ok(),
        ..app.audit_entry(&push.staff, "signed", &document.id.to_string(), "")
    }
}

/// What is known of ids without opening anything; nothing of those left out.
async fn standings(
    app: &App,
    ids: &[ConsultationId],
) -> Result<BTreeMap<ConsultationId, Standing>, StoreError> {
    let at = app.store.standings(ids).await?;
    let unknown: Vec<ConsultationId> = ids.iter().filter(|id| !at.contains_key(id)).copied().collect();
    let destroyed = app.store.destroyed_among(&unknown).await?;
    let destroyed = destroyed.into_iter().map(|id| (id, Standing::Destroyed));
    Ok(at.into_iter().map(|(id, standing)| (id, Standing::At(standing))).chain(destroyed).collect())
}

/// Opens what is stored of one pushed document, decides about it, and plans what its signatures call for.
async fn decision(
    app: App,
    push: Arc<Push>,
    index: usize,
    standing: Standing,
    now: Millis,
) -> Result<Outcome, Problem> {
    let id = push.frame.documents[index].id;
    let was_open = matches!(standing, Standing::Open(_));
    let stored = stored_as(&app, &push.staff, &id, standing).await?;
    let mut outcome = decided(&push, index, stored).await?;
    if was_open && !matches!(outcome, Outcome::Accepted(_)) {
        // Any other answer is given upon what is stored now.
        let standing = standings(&app, &[id]).await?.remove(&id).unwrap_or(Standing::None);
        let stored = stored_as(&app, &push.staff, &id, standing).await?;
        outcome = decided(&push, index, stored).await?;
    }
    if let Outcome::Accepted(accepted) = outcome {
        outcome = followed_up(&app, &push, accepted, now).await?;
    }
    if let Outcome::Accepted(accepted) = &mut outcome
        && push.frame.documents.len() > KEEP_OPEN
    {
        // Closed here and not after the whole push, which may hold two thousand.
        accepted.opened = None;
    }
    Ok(outcome)
}

/// Nothing before there is a signature, so that what is typed waits for no look at what PDS said.
async fn followed_up(
    app: &App,
    push: &Arc<Push>,
    accepted: Box<Accepted>,
    now: Millis,
) -> Result<Outcome, Problem> {
    if !accepted.stands_signed {
        return Ok(Outcome::Accepted(accepted));
    }
    let vouched = vouched(app, &accepted.write.id).await?;
    if accepted.opened.as_ref().is_none_or(|opened| opened.bytes <= SMALL_DOCUMENT) {
        return Ok(planned(accepted, &push.sender, &vouched, now));
    }
    let push = Arc::clone(push);
    at_work(move || planned(accepted, &push.sender, &vouched, now)).await.map_err(Problem::internal)
}

async fn decided(push: &Arc<Push>, index: usize, stored: Stored) -> Result<Outcome, Problem> {
    let stored_bytes = match &stored {
        Stored::Here(opened) => opened.bytes,
        _ => 0,
    };
    if let [pushed] = push.frame.documents.as_slice()
        && stored_bytes.max(size(pushed)) <= SMALL_DOCUMENT
    {
        return Ok(decide(push, index, stored));
    }
    let push = Arc::clone(push);
    at_work(move || decide(&push, index, stored)).await.map_err(Problem::internal)
}

fn size(pushed: &PushedDocument) -> usize {
    pushed.whole.len() + pushed.changes.iter().map(Vec::len).sum::<usize>()
}

/// What is known of an id without opening anything.
enum Standing {
    None,
    Destroyed,
    At(DocumentStanding),
    /// As it was when it was last written to from here.
    Open(Box<Opened>),
}

/// What is stored under an id, from this person's point of view.
enum Stored {
    Nothing,
    Destroyed,
    Elsewhere,
    Here(Box<Opened>),
}

async fn stored_as(
    app: &App,
    staff: &Staff,
    id: &ConsultationId,
    standing: Standing,
) -> Result<Stored, Problem> {
    let standing = match standing {
        Standing::None => return Ok(Stored::Nothing),
        Standing::Destroyed => return Ok(Stored::Destroyed),
        Standing::Open(opened) => return Ok(Stored::Here(opened)),
        Standing::At(standing) => standing,
    };
    let opened = app.open_documents.open_as(&*app.store, &staff.pharmacy, id, standing).await?;
    Ok(opened.map_or(Stored::Elsewhere, |opened| Stored::Here(Box::new(opened))))
}

fn decide(push: &Push, index: usize, stored: Stored) -> Outcome {
    if !push.released && !push.staff.role.may(Permission::RecordConsultations) {
        let detail = "this role does not record consultations".to_owned();
        return Outcome::Refused((Refusal::RoleMayNot, detail));
    }
    let pushing = Pushing { staff: &push.staff, writers: &push.writers };
    let document = &push.frame.documents[index];
    match stored {
        Stored::Elsewhere => {
            let detail = "this consultation belongs to another pharmacy".to_owned();
            Outcome::Refused((Refusal::ForeignPharmacy, detail))
        }
        Stored::Destroyed => {
            let detail = "this record was destroyed when its time was over".to_owned();
            Outcome::Refused((Refusal::Destroyed, detail))
        }
        Stored::Nothing => accept(&pushing, document, None),
        Stored::Here(opened) => accept(&pushing, document, Some(*opened)),
    }
}
