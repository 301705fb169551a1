//! Putting what a pull brought on disk, sealed; no document is opened for it.

use super::opened::{Opened, Sealer, StoredChange};
use super::store::{AT_ONCE, listed, put_state, relist, row_write, under};
use crate::platform::clock;
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use crate::state::{ListedRow, Satchel};
use futures_util::future::join_all;
use leptos::prelude::*;
use shared::consultation::{WorkListRow, change_hash, hex};
use shared::ids::ConsultationId;
use shared::sync::device::Position;
use shared::sync::frame::PulledDocument;
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Stores what a pull brought together with the position after it; opens no document.
pub async fn store(
    satchel: Satchel,
    opened: &Rc<Opened>,
    documents: &[PulledDocument],
    position: Position,
) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let now = clock::now();
    let places: BTreeMap<ConsultationId, ListedRow> =
        satchel.rows.with_untracked(|rows| rows.iter().map(|row| (row.id, row.clone())).collect());
    let mut writes = vec![put_state(&opened.sealer, "position".to_owned(), &position).await?];
    let mut changed = Vec::with_capacity(documents.len());
    for batch in documents.chunks(AT_ONCE) {
        let sealed = join_all(batch.iter().map(|document| {
            let before = places.get(&document.id);
            pulled_writes(&vault.database, &opened.sealer, document, before, now)
        }))
        .await;
        for (document, sealed) in batch.iter().zip(sealed) {
            writes.extend(sealed?);
            let before = places.get(&document.id);
            let unsent = before.is_some_and(|row| row.unsent);
            changed.push(ListedRow {
                id: document.id,
                // With work of our own on top, the server's summary is not the whole truth; it is renewed below.
                row: if unsent {
                    before.map_or_else(|| document.row.clone(), |b| b.row.clone())
                } else {
                    document.row.clone()
                },
                unsent,
                set_aside: still_aside(before),
                saved_at: before.and_then(|row| row.saved_at).or(Some(now)),
                sent_at: if unsent { before.and_then(|row| row.sent_at) } else { Some(now) },
            });
        }
    }
    {
        let _one_at_a_time = keeper.0.writing.lock().await;
        vault.database.write(&writes).await?;
    }
    relist(satchel, changed);
    let on_screen = keeper.0.document.borrow().as_ref().map(|open| open.id);
    let concerned =
        |id: &ConsultationId| Some(*id) == on_screen || places.get(id).is_some_and(|row| row.unsent);
    for document in documents.iter().filter(|document| concerned(&document.id)) {
        if let Err(trouble) = super::records::arrived(satchel, opened, document).await {
            satchel.trouble.set(Some(trouble.to_string()));
        }
    }
    Ok(())
}

/// A summary that did not open is replaced by the new one; work of our own that did not is still there.
fn still_aside(before: Option<&ListedRow>) -> Option<String> {
    let before = before.filter(|row| row.unsent || !row.is_unopenable())?;
    before.set_aside.clone()
}

async fn pulled_writes(
    database: &Database,
    sealer: &Sealer,
    document: &PulledDocument,
    before: Option<&ListedRow>,
    now: Millis,
) -> Result<Vec<Write>, Trouble> {
    let mut writes = Vec::new();
    let held: BTreeSet<String> = if before.is_some() && !document.changes.is_empty() {
        database.keys_under("changes", &under(&document.id)).await?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    if !document.base.is_empty() {
        let key = format!("{}/{}", document.id, part_name(&document.base));
        let value = sealer.seal("bases", &key, &document.base).await?;
        writes.push(Write::Put { store: "bases", key, value });
    }
    for change in &document.changes {
        let name = change_hash(change).map_or_else(|| part_name(change), |hash| hex(&hash));
        let key = format!("{}/{name}", document.id);
        // Our own change coming back must not overwrite its author's signature.
        if !held.contains(&key) {
            let value =
                sealer.seal("changes", &key, &StoredChange::Pulled(change.clone()).to_bytes()).await?;
            writes.push(Write::Put { store: "changes", key, value });
        }
    }
    if !before.is_some_and(|row| row.unsent) {
        let saved_at = before.and_then(|row| row.saved_at).or(Some(now));
        writes.push(row_write(sealer, &document.id, &document.row, saved_at, Some(now)).await?);
    }
    Ok(writes)
}

/// A name for bytes that carry none of their own.
fn part_name(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    format!("z{}", hex(&Sha256::digest(bytes)[..16]))
}

/// Writes a renewed summary of a document that has work of our own on top.
pub async fn renew_row(
    satchel: Satchel,
    opened: &Opened,
    id: &ConsultationId,
    row: WorkListRow,
) -> Result<(), Trouble> {
    let Some(mut listed) = listed(satchel, id) else { return Ok(()) };
    if listed.row == row {
        return Ok(());
    }
    if listed.is_unopenable() {
        listed.set_aside = None;
    }
    listed.row = row;
    let write = row_write(&opened.sealer, id, &listed.row, listed.saved_at, listed.sent_at).await?;
    let keeper = satchel.keeper.get_value();
    keeper.vault()?.database.write(&[write]).await?;
    relist(satchel, vec![listed]);
    Ok(())
}
