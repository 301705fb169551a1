//! What is set aside: sealed on its way into the store, shown again, and judged once more when it is released.

use super::accept::changes_of;
use super::authorship::{Judging, Writers, establish, is_releasable};
use super::crew::at_work;
use super::edit::{EditError, server_edit};
use super::guard::tried;
use super::limits;
use super::open::OpenError;
use super::push::push_released;
use crate::app::App;
use crate::keys::is_sealed;
use crate::problem::Problem;
use crate::session::Staff;
use crate::store::{QuarantineEntry, Quarantined, Settled};
use automerge::Change;
use shared::api::{ClaimedAuthor, QuarantineState, Refusal, Verdict};
use shared::authorship::{Actor, Receipt};
use shared::consultation::{AsideValue, Branch, Delivery, PASSKEY_NOT_CHECKED, RELEASE, hex};
use shared::ids::{ConsultationId, OdsCode};
use shared::sync::frame::{PushFrame, PushedDocument};
use shared::time::{Millis, stored};
use std::collections::BTreeSet;

/// One refused document with everything that is needed to judge it again, and nothing of the others pushed with it.
pub fn set_aside(
    app: &App,
    staff: &Staff,
    frame: &PushFrame,
    document: &PushedDocument,
    (reason, detail): (Refusal, &str),
    at: Millis,
) -> Quarantined {
    Quarantined {
        document: document.id,
        person: staff.person.id,
        device: staff.device.map(|device| device.to_string()).unwrap_or_default(),
        reason: reason_name(reason),
        detail: detail.to_owned(),
        at,
        changes: changes_of(document).map_or(0, |changes| changes.len() as u64),
        releasable: is_releasable(reason),
        bytes: sealed(app, &staff.pharmacy, &document.id, &alone(frame, document)),
    }
}

fn alone(frame: &PushFrame, document: &PushedDocument) -> PushFrame {
    let mut authors: BTreeSet<Actor> = limits::actors(document).into_iter().collect();
    authors.extend(document.signatures.iter().map(|(actor, _)| *actor));
    let mut actors = frame.actors.clone();
    actors
        .retain(|claim| authors.contains(&shared::authorship::actor(&claim.receipt_hash, &claim.tab_nonce)));
    let mut receipts = frame.receipts.clone();
    receipts.retain(|bytes| {
        let hash = Receipt::hash(bytes);
        actors.iter().any(|claim| claim.receipt_hash == hash)
    });
    PushFrame { receipts, actors, documents: vec![document.clone()] }
}

/// A reason in its wire spelling.
pub fn reason_name(reason: Refusal) -> String {
    let name = serde_json::to_value(reason).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A frame of one document as it is kept.
pub fn sealed(app: &App, pharmacy: &OdsCode, document: &ConsultationId, frame: &PushFrame) -> Vec<u8> {
    app.server_keys.at_rest.seal(&place(pharmacy, document), &frame.to_bytes())
}

fn place(pharmacy: &OdsCode, document: &ConsultationId) -> String {
    format!("quarantine/{pharmacy}/{document}")
}

/// The frame that was set aside; `None` where the bytes are damaged.
fn frame_of(app: &App, pharmacy: &OdsCode, entry: &Quarantined) -> Option<PushFrame> {
    if !is_sealed(&entry.bytes) {
        // From before there was a secret.
        return PushFrame::from_bytes(&entry.bytes).ok();
    }
    let plain = app.server_keys.at_rest.open(&place(pharmacy, &entry.document), &entry.bytes)?;
    PushFrame::from_bytes(&plain).ok()
}

/// The changes of an entry as bytes, with their hashes; none where they cannot be read.
async fn changes(app: &App, pharmacy: &OdsCode, entry: &Quarantined) -> Vec<([u8; 32], Vec<u8>)> {
    let Some(frame) = frame_of(app, pharmacy, entry) else { return Vec::new() };
    let read = at_work(move || {
        let documents = frame.documents.iter().filter_map(|document| changes_of(document).ok());
        documents.flatten().map(|change| (change.hash().0, change.raw_bytes().to_vec())).collect()
    });
    read.await.unwrap_or_default()
}

/// Whether an entry holds one of these changes.
pub async fn holds(app: &App, pharmacy: &OdsCode, entry: &Quarantined, wanted: &BTreeSet<String>) -> bool {
    changes(app, pharmacy, entry).await.iter().any(|(hash, _)| wanted.contains(&hex(hash)))
}

/// What an entry says.
#[derive(Debug, Default)]
pub struct Said {
    /// Beside what stands, field by field.
    pub values: Vec<AsideValue>,
    /// Who wrote it, in the record's own words.
    pub authors: Vec<ClaimedAuthor>,
}

/// What was said in an entry; nothing where it cannot be worked with.
pub async fn said(app: &App, staff: &Staff, entry: &QuarantineEntry) -> Result<Said, Problem> {
    let pharmacy = &staff.pharmacy;
    let document = entry.entry.document;
    let opened = app.open_documents.open(&*app.store, pharmacy, &document).await?;
    let own: Vec<Vec<u8>> = bytes_of(changes(app, pharmacy, &entry.entry).await);
    if own.is_empty() {
        return Ok(Said::default());
    }
    let writers = match frame_of(app, pharmacy, &entry.entry) {
        Some(frame) => {
            let authors = frame.documents.iter().flat_map(limits::actors).collect();
            establish(app, staff, &frame, &authors, Judging::Released).await?
        }
        None => Writers::default(),
    };
    // What it builds on may have been set aside before it.
    let mut with_others = own.clone();
    for other in app.store.quarantine_of(pharmacy, &document).await? {
        if other.id != entry.id {
            with_others.extend(bytes_of(changes(app, pharmacy, &other.entry).await));
        }
    }
    at_work(move || {
        let compare = |aside: &[Vec<u8>]| {
            let mut standing = opened.clone().map(|opened| opened.document);
            Branch::compare(standing.as_mut(), aside).ok().flatten()
        };
        // Refused bytes are hostile until somebody has looked at them.
        let branch = tried(|| compare(&own).or_else(|| compare(&with_others))).flatten();
        branch.map_or_else(Said::default, |branch| Said {
            authors: claimed(&branch, &own, &writers),
            values: branch.values,
        })
    })
    .await
    .map_err(Problem::internal)
}

/// Who the record says wrote these changes, each author once.
fn claimed(branch: &Branch, own: &[Vec<u8>], writers: &Writers) -> Vec<ClaimedAuthor> {
    let changes = own.iter().filter_map(|bytes| Change::from_bytes(bytes.clone()).ok());
    let actors: BTreeSet<Vec<u8>> = changes.map(|change| change.actor_id().to_bytes().to_vec()).collect();
    let claimed = actors.iter().filter_map(|actor| {
        let author = branch.record.authors.get(&hex(actor))?;
        Some(ClaimedAuthor {
            name: author.name.clone(),
            role: author.role.clone(),
            unlocked_by: author.unlocked_by.clone(),
            unlock_checked: writers.is_passkey_checked(actor),
        })
    });
    let each_once: BTreeSet<ClaimedAuthor> = claimed.collect();
    each_once.into_iter().collect()
}

fn bytes_of(changes: Vec<([u8; 32], Vec<u8>)>) -> Vec<Vec<u8>> {
    changes.into_iter().map(|(_, bytes)| bytes).collect()
}

/// Judges an entry once more with its author's removal, loss or former role set aside, stores it, and notes who released it.
pub async fn release(app: &App, staff: &Staff, entry: &QuarantineEntry) -> Result<(), Problem> {
    let pharmacy = &staff.pharmacy;
    match entry.state {
        QuarantineState::Released => return Ok(()),
        QuarantineState::Closed => {
            return Err(conflict("This was closed already. Enter what is right anew."));
        }
        QuarantineState::Waiting if !entry.entry.releasable => {
            return Err(conflict(
                "This cannot be released as it is. Enter what is right anew, then close it.",
            ));
        }
        QuarantineState::Waiting => {}
    }
    let unreadable =
        || conflict("What was set aside cannot be read any more. Close it once it is entered anew.");
    let frame = frame_of(app, pharmacy, &entry.entry).ok_or_else(unreadable)?;
    let authors: BTreeSet<Actor> = frame.documents.iter().flat_map(limits::actors).collect();
    let epoch = app.epoch();
    let writers = establish(app, staff, &frame, &authors, Judging::Released).await?;
    let unchecked: BTreeSet<Actor> =
        authors.iter().filter(|actor| !writers.is_passkey_checked(*actor)).copied().collect();
    match push_released(app, staff, frame, writers, epoch).await? {
        Some(Verdict::Stored { .. }) => {}
        Some(Verdict::Missing { .. }) => {
            return Err(conflict(
                "This builds on other work that was set aside. Release what is older first.",
            ));
        }
        Some(Verdict::Refused { detail, .. }) => {
            return Err(Problem::Conflict(format!("This cannot be released: {detail}.")));
        }
        None => return Err(unreadable()),
    }
    note(app, staff, entry.entry.document, &authors, &unchecked).await?;
    let settled = Settled {
        state: QuarantineState::Released,
        by: staff.person.id,
        at: app.clock.now(),
        because: String::new(),
    };
    app.store.settle(pharmacy, entry.id, &settled).await?;
    let subject = entry.entry.document.to_string();
    app.audit_by(staff, "quarantine-released", &subject, "").await?;
    Ok(())
}

fn conflict(detail: &str) -> Problem {
    Problem::Conflict(detail.to_owned())
}

/// Says in the record who released the work of these authors; its history shows it.
async fn note(
    app: &App,
    staff: &Staff,
    document: ConsultationId,
    authors: &BTreeSet<Actor>,
    unchecked: &BTreeSet<Actor>,
) -> Result<(), Problem> {
    let at = stored(app.clock.now());
    let noted = server_edit(app, &staff.pharmacy, &document, |record| {
        for actor in authors {
            let released = Delivery {
                kind: "release".to_owned(),
                state: "released".to_owned(),
                at: at.clone(),
                to: staff.person.name.clone(),
                detail: if unchecked.contains(actor) { PASSKEY_NOT_CHECKED } else { "" }.to_owned(),
                route: String::new(),
            };
            record.deliveries.entry(format!("{RELEASE}{}", hex(actor))).or_insert(released);
        }
    });
    match noted.await {
        Ok(_) => Ok(()),
        Err(EditError::Store(error) | EditError::Open(OpenError::Store(error))) => Err(error.into()),
        Err(error) => Err(Problem::internal(error)),
    }
}
