//! Putting what a pull brought on disk, sealed; no document is opened for it. It runs in the worker.

use super::opened::Sealer;
use super::pages::{self, PagedRow, WORTH_A_PAGE};
use super::store::{
    self, StoredActor, StoredRow, fetch_key, load_unsent, marker, put_state, row_write, under, unsent_under,
};
use super::stored::{Proofs, StoredBase, StoredChange};
use super::{erasing, window};
use crate::platform::clock;
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use crate::sync::whole;
use crate::worker::backroom::{Backroom, news, tell};
use crate::worker::messages::{Origin, Progress, RowNews, Said};
use crate::worker::serve::{say, say_trouble, say_with};
use futures_util::future::join_all;
use shared::authorship::{Receipt, actor};
use shared::consultation::{change_hash, hex};
use shared::ids::ConsultationId;
use shared::sync::device::Position;
use shared::sync::frame::{PullFrame, PulledDocument};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Documents in one transaction: an edit made meanwhile waits for no more than these.
const BATCH: usize = 64;

/// Stores a frame, and with the last of it the position after it.
pub async fn store(room: &Rc<Backroom>, frame: &PullFrame, position: Position) -> Result<(), Trouble> {
    if !frame.destroyed.is_empty() {
        erasing::erase(room, &frame.destroyed.iter().copied().collect()).await?;
    }
    let sealer = room.sealer();
    let mut writes = proof_writes(&room.database, &sealer, frame).await?;
    let last = put_state(&sealer, "position".to_owned(), &position).await?;
    let batches = frame.documents.chunks(BATCH).len();
    for (index, batch) in frame.documents.chunks(BATCH).enumerate() {
        let mut writes = std::mem::take(&mut writes);
        if index + 1 == batches {
            writes.push(last.clone());
        }
        store_batch(room, batch, writes).await?;
    }
    if batches == 0 {
        writes.push(last);
        room.database.write(&writes).await?;
    }
    whole::fetch_missing(room).await;
    Ok(())
}

/// What vouches for the authors of a frame, for the day on which the server has forgotten it.
async fn proof_writes(
    database: &Database,
    sealer: &Sealer,
    frame: &PullFrame,
) -> Result<Vec<Write>, Trouble> {
    let mut writes = Vec::new();
    for receipt in &frame.receipts {
        let key = format!("receipt/{}", hex(&Receipt::hash(receipt)));
        let value = sealer.seal("state", &key, receipt).await?;
        writes.push(Write::Put { store: "state", key, value });
    }
    for claim in &frame.actors {
        let key = format!("actor/{}", hex(&actor(&claim.receipt_hash, &claim.tab_nonce)));
        // Our own are here already, and are what we sign with.
        if database.get("state", &key).await?.is_none() {
            let stored = StoredActor { receipt_hash: claim.receipt_hash, tab_nonce: claim.tab_nonce };
            writes.push(put_state(sealer, key, &stored).await?);
        }
    }
    Ok(writes)
}

async fn store_batch(
    room: &Rc<Backroom>,
    documents: &[PulledDocument],
    mut writes: Vec<Write>,
) -> Result<(), Trouble> {
    let now = clock::now();
    let (database, sealer) = (&room.database, room.sealer());
    let waiting: BTreeSet<ConsultationId> = load_unsent(database).await?.into_keys().collect();
    let mut kept: Vec<&PulledDocument> = Vec::new();
    for document in documents {
        let here = room.is_held(&document.id) || waiting.contains(&document.id);
        if !here && window::is_over(&document.row, room.days.get(), now) {
            continue;
        }
        if !here && document.base.is_empty() {
            // It had left this device; what changed of it cannot stand alone.
            writes.push(marker(fetch_key(&document.id)));
            continue;
        }
        kept.push(document);
    }
    let sealed = join_all(
        kept.iter()
            .map(|document| document_writes(database, &sealer, document, room.is_held(&document.id), now)),
    );
    for sealed in sealed.await {
        writes.extend(sealed?);
    }
    let rows: Vec<PagedRow> = kept.iter().map(|document| paged(room, document, now)).collect();
    {
        let _alone = room.rows.lock().await;
        if rows.len() < WORTH_A_PAGE {
            for PagedRow { id, stored } in &rows {
                let write = row_write(&sealer, id, &stored.row, stored.saved_at, stored.sent_at).await?;
                writes.push(write.unless(unsent_under(id)));
            }
        } else {
            let key = pages::next_page(database).await?;
            writes.extend(pages::page_writes(&sealer, key, rows.clone()).await?);
        }
        database.write(&writes).await?;
    }
    for row in &rows {
        room.stamp(row);
    }
    if let Some(progress) = room.progress.get() {
        let done = (progress.done + documents.len() as u64).min(progress.of);
        let progress = Progress { done, ..progress };
        room.progress.set(Some(progress));
        say(&Said::Progress(Some(progress)));
    }
    let aside = aside(room, &rows).await?;
    let told = rows.into_iter().map(|row| {
        let (unsent, why) = (waiting.contains(&row.id), aside.get(&row.id).cloned());
        news(row, unsent, why)
    });
    tell(told.collect(), Origin::Server);
    for document in kept {
        let on_screen = room.on_screen.get() == Some(document.id);
        if (on_screen || waiting.contains(&document.id))
            && let Err(trouble) = arrived(room, document, on_screen).await
        {
            say_trouble(&trouble);
        }
    }
    Ok(())
}

/// Why something of these documents was set aside, where it was. Only a few are looked up: a long pull brings what
/// was not here.
async fn aside(room: &Backroom, rows: &[PagedRow]) -> Result<BTreeMap<ConsultationId, String>, Trouble> {
    let mut found = BTreeMap::new();
    let keys = room.database.keys_under("state", "aside/").await?;
    let known: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    for row in rows {
        let key = store::aside_key(&row.id);
        if known.contains(key.as_str()) {
            let stored = store::get_state::<store::SetAside>(&room.database, &room.sealer(), &key).await;
            if let Ok(Some(stored)) = stored {
                found.insert(row.id, stored.why);
            }
        }
    }
    Ok(found)
}

fn paged(room: &Backroom, document: &PulledDocument, now: Millis) -> PagedRow {
    let saved_at = room.stamps.borrow().get(&document.id).and_then(|stamp| stamp.saved_at);
    PagedRow {
        id: document.id,
        stored: StoredRow { row: document.row.clone(), saved_at: saved_at.or(Some(now)), sent_at: Some(now) },
    }
}

/// The writes of one document's parts.
pub async fn document_writes(
    database: &Database,
    sealer: &Sealer,
    document: &PulledDocument,
    is_held: bool,
    now: Millis,
) -> Result<Vec<Write>, Trouble> {
    let mut writes = Vec::new();
    let held: BTreeSet<String> = if is_held && !document.changes.is_empty() {
        database.keys_under("changes", &under(&document.id)).await?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let mut proofs = Some(Proofs { at: now, by: document.signatures.clone() }).filter(|p| !p.by.is_empty());
    if !document.base.is_empty() {
        let name = part_name(&document.base);
        let base = StoredBase { proofs: proofs.take().unwrap_or_default(), save: document.base.clone() };
        writes.push(base_write(sealer, &document.id, &name, &base).await?);
    }
    let named = document.changes.iter().map(|change| {
        let name = change_hash(change).map_or_else(|| part_name(change), |hash| hex(&hash));
        (format!("{}/{name}", document.id), change)
    });
    // Our own change coming back must not overwrite its author's signature.
    let mut fresh: Vec<(String, &Vec<u8>)> = named.filter(|(key, _)| !held.contains(key)).collect();
    let last = fresh.pop();
    for (key, change) in fresh {
        writes.push(change_write(sealer, key, &StoredChange::Pulled(change.clone())).await?);
    }
    if let Some((key, change)) = last {
        let bytes = change.clone();
        let stored = match proofs.take() {
            Some(proofs) => StoredChange::Proven { proofs, bytes },
            None => StoredChange::Pulled(bytes),
        };
        writes.push(change_write(sealer, key, &stored).await?);
    }
    if let Some(proofs) = proofs {
        // Everything is here already, though perhaps not who vouches for it.
        let base = StoredBase { proofs, save: Vec::new() };
        writes.push(base_write(sealer, &document.id, &format!("proofs-{now}"), &base).await?);
    }
    Ok(writes)
}

/// Seals a save, or proofs alone, under a name of its own.
pub async fn base_write(
    sealer: &Sealer,
    id: &ConsultationId,
    name: &str,
    base: &StoredBase,
) -> Result<Write, Trouble> {
    let key = format!("{id}/{name}");
    let value = sealer.seal("bases", &key, &base.to_bytes()).await?;
    Ok(Write::Put { store: "bases", key, value })
}

async fn change_write(sealer: &Sealer, key: String, change: &StoredChange) -> Result<Write, Trouble> {
    let value = sealer.seal("changes", &key, &change.to_bytes()).await?;
    Ok(Write::Put { store: "changes", key, value })
}

/// A name for bytes that carry none of their own.
pub fn part_name(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    format!("z{}", hex(&Sha256::digest(bytes)[..16]))
}

/// A document that is on the screen, or has work of our own on top: it is opened here first, where it may do no harm.
async fn arrived(room: &Rc<Backroom>, document: &PulledDocument, on_screen: bool) -> Result<(), Trouble> {
    let row = room.try_out(&document.id).await?.1.row()?;
    if on_screen {
        let has_base = !document.base.is_empty();
        let base = has_base.then(|| document.base.clone());
        let parts: Vec<Vec<u8>> = base.into_iter().chain(document.changes.iter().cloned()).collect();
        say_with(&Said::Arrived { id: document.id, has_base }, &parts);
        return Ok(());
    }
    let stamp = room.stamps.borrow().get(&document.id).copied().unwrap_or_default();
    let write = row_write(&room.sealer(), &document.id, &row, stamp.saved_at, stamp.sent_at).await?;
    room.database.write(&[write]).await?;
    let renewed = RowNews {
        id: document.id,
        row,
        unsent: true,
        set_aside: None,
        saved_at: stamp.saved_at,
        sent_at: stamp.sent_at,
    };
    tell(vec![renewed], Origin::Document);
    Ok(())
}
