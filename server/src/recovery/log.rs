//! A device's sealed log: what was made there and never arrived goes into quarantine, for an administrator to release.

use super::VaultKeys;
use crate::app::App;
use crate::problem::Problem;
use crate::store::{Append, Device, Quarantined};
use crate::sync::quarantine::{reason_name, sealed};
use automerge::ChangeHash;
use serde::Deserialize;
use shared::api::{DeviceLogAnswer, Refusal};
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor, Receipt};
use shared::ids::{ConsultationId, PersonId};
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument};
use shared::vault::{SealedLog, VaultChange};
use std::collections::{BTreeMap, BTreeSet};

/// Where an actor comes from, as the device keeps it.
#[derive(Deserialize)]
struct StoredActor {
    receipt_hash: [u8; 32],
    tab_nonce: [u8; 16],
}

/// A change made on the device.
struct Made {
    order: u64,
    actor: Actor,
    signature: [u8; AUTHOR_SIGNATURE_LENGTH],
    bytes: Vec<u8>,
    hash: ChangeHash,
}

/// What could be opened of a log.
#[derive(Default)]
struct Opened {
    receipts: BTreeMap<[u8; 32], Vec<u8>>,
    actors: BTreeMap<Actor, ActorClaim>,
    made: BTreeMap<ConsultationId, Vec<Made>>,
    unopened: usize,
}

/// Takes one part of a device's log. The same part again changes nothing.
pub async fn take_log(app: &App, device: &Device, log: SealedLog) -> Result<DeviceLogAnswer, Problem> {
    let invalid = || Problem::Invalid("This log does not say which vault it is of.".to_owned());
    let (vault, named) = log.names().map_err(|_| invalid())?;
    if named != device.id {
        return Err(Problem::Invalid("This log is of another device.".to_owned()));
    }
    let keys = VaultKeys::load(app, &device.id, &vault, &log.header).await?;
    if keys.is_empty() {
        // Nothing of it could ever be opened here, and the device must not take it for safe.
        return Err(Problem::Conflict(
            "The key of this vault never reached this server, so nothing was taken. Keep the device as it is."
                .to_owned(),
        ));
    }
    let opened = tokio::task::spawn_blocking(move || open(&keys, &log)).await.map_err(Problem::internal)?;
    let mut answer = DeviceLogAnswer { consultations: 0, changes: 0, known: 0, unopened: opened.unopened };
    let mut append = Append::default();
    let named: Vec<ConsultationId> = opened.made.keys().copied().collect();
    let destroyed = app.store.destroyed_among(&named).await?;
    for (document, made) in &opened.made {
        if destroyed.contains(document) {
            // It is gone for good (practice 36), and this is no way back for it.
            answer.known += made.len();
            continue;
        }
        let new = unknown(app, device, document, made).await?;
        answer.known += made.len() - new.len();
        if !new.is_empty() {
            answer.consultations += 1;
            answer.changes += new.len();
            append.quarantined.push(entry(app, device, &opened, *document, &new));
        }
    }
    if !append.quarantined.is_empty() {
        app.store.append(&device.pharmacy, append).await?;
        app.audit(None, Some(&device.pharmacy), "device-log-taken", &device.id.to_string()).await?;
    }
    Ok(answer)
}

fn open(keys: &VaultKeys, log: &SealedLog) -> Opened {
    let mut opened = Opened::default();
    for record in &log.records {
        // Markers lie there bare: they say no more than their key, and what they mark is here or is not.
        if record.sealed.is_empty() {
            continue;
        }
        let read = keys.open(record).and_then(|plain| match record.store.as_str() {
            "changes" => opened.change(&record.key, &plain),
            "state" => opened.state(&record.key, plain),
            _ => Some(()),
        });
        if read.is_none() {
            opened.unopened += 1;
        }
    }
    for made in opened.made.values_mut() {
        made.sort_by_key(|made| made.order);
    }
    opened
}

impl Opened {
    fn change(&mut self, key: &str, plain: &[u8]) -> Option<()> {
        let VaultChange::Made { order, actor, signature, bytes } = VaultChange::from_bytes(plain)? else {
            return Some(());
        };
        let document: ConsultationId = key.split('/').next()?.parse().ok()?;
        let hash = shared::consultation::change_hash(&bytes)?;
        let made = Made { order, actor, signature, bytes, hash: ChangeHash(hash) };
        self.made.entry(document).or_default().push(made);
        Some(())
    }

    fn state(&mut self, key: &str, plain: Vec<u8>) -> Option<()> {
        match key.split_once('/') {
            Some(("receipt", _)) => drop(self.receipts.insert(Receipt::hash(&plain), plain)),
            Some(("actor", _)) => {
                let StoredActor { receipt_hash, tab_nonce } = serde_json::from_slice(&plain).ok()?;
                let actor = shared::authorship::actor(&receipt_hash, &tab_nonce);
                self.actors.insert(actor, ActorClaim { receipt_hash, tab_nonce });
            }
            _ => {}
        }
        Some(())
    }
}

/// Those of the changes that the server does not have.
async fn unknown<'a>(
    app: &App,
    device: &Device,
    document: &ConsultationId,
    made: &'a [Made],
) -> Result<Vec<&'a Made>, Problem> {
    let Some(mut opened) = app.open_documents.open(&*app.store, &device.pharmacy, document).await? else {
        return Ok(made.iter().collect());
    };
    Ok(made.iter().filter(|made| !opened.document.has(&made.hash)).collect())
}

/// One consultation's changes as a push of their own, as the device would have sent it.
fn entry(
    app: &App,
    device: &Device,
    opened: &Opened,
    document: ConsultationId,
    new: &[&Made],
) -> Quarantined {
    // Oldest first, so that the last signature of an actor is over its newest change.
    let signatures: BTreeMap<Actor, [u8; AUTHOR_SIGNATURE_LENGTH]> =
        new.iter().map(|made| (made.actor, made.signature)).collect();
    let actors: Vec<ActorClaim> =
        signatures.keys().filter_map(|actor| opened.actors.get(actor).cloned()).collect();
    let hashes: BTreeSet<[u8; 32]> = actors.iter().map(|claim| claim.receipt_hash).collect();
    let receipts: Vec<Vec<u8>> =
        hashes.iter().filter_map(|hash| opened.receipts.get(hash).cloned()).collect();
    let author = new.last().and_then(|newest| {
        let claim = opened.actors.get(&newest.actor)?;
        Receipt::from_bytes(opened.receipts.get(&claim.receipt_hash)?).ok()
    });
    let nobody = || device.people.first().map_or(PersonId::from_bytes([0; 16]), |person| person.id);
    let frame = PushFrame {
        receipts,
        actors,
        documents: vec![PushedDocument {
            id: document,
            whole: Vec::new(),
            changes: new.iter().map(|made| made.bytes.clone()).collect(),
            signatures: signatures.into_iter().collect(),
        }],
    };
    Quarantined {
        document,
        person: author.map_or_else(nobody, |receipt| receipt.person),
        device: device.id.to_string(),
        reason: reason_name(Refusal::Removed),
        detail: "it lay unsent on a device that was removed or that nobody could open; an administrator can \
                 release it"
            .to_owned(),
        at: app.clock.now(),
        changes: new.len() as u64,
        releasable: true,
        bytes: sealed(app, &device.pharmacy, &document, &frame),
    }
}
