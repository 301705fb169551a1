//! Putting edits on disk from the page: sealed, in one transaction, before anything says *saved*.

use super::keeper::Unwritten;
use super::list::{listed, relist};
use super::opened::Opened;
use super::store::{change_key, marker, new_key, row_write, unsent_key};
use super::stored::StoredChange;
use crate::platform::clock;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use crate::state::{ListedRow, Satchel};
use crate::worker::messages::{Ask, EditedChange};
use crate::worker::page;
use leptos::prelude::*;
use shared::authorship::author_statement;
use shared::consultation::{Document, WorkListRow};
use shared::ids::ConsultationId;
use shared::time::Millis;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A document from its parts on disk, which the worker tries out first, and those that are only in memory yet. One
/// with a part that does not open is marked in the list and refused ([`Trouble::Damaged`]): a record with a hole in
/// it must not be worked from.
pub async fn load_document(
    satchel: Satchel,
    opened: &Rc<Opened>,
    id: &ConsultationId,
) -> Result<Document, Trouble> {
    let keeper = satchel.keeper.get_value();
    if !keeper.is_current(opened) {
        return Err(Trouble::Locked);
    }
    let (bases, mut changes) = match page::load(satchel, id).await {
        Ok(parts) => parts,
        // What was only just made is not on disk yet.
        Err(Trouble::NotHere) => (Vec::new(), Vec::new()),
        Err(trouble) => {
            if matches!(trouble, Trouble::Damaged)
                && let Some(mut row) = listed(satchel, id)
            {
                row.set_aside = Some(super::store::UNOPENABLE.to_owned());
                relist(satchel, vec![row]);
            }
            return Err(trouble);
        }
    };
    let unwritten = keeper.0.unwritten.borrow();
    changes.extend(unwritten.iter().filter(|edit| edit.id == *id).map(|edit| edit.bytes.clone()));
    if bases.is_empty() && changes.is_empty() {
        return Err(Trouble::NotHere);
    }
    Ok(Document::from_parts(&bases, &changes)?)
}

/// Puts every edit that is only in memory on disk, in one transaction; then tells the list and the worker.
pub async fn flush(satchel: Satchel, opened: &Rc<Opened>) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    if keeper.0.unwritten.borrow().is_empty() {
        return Ok(());
    }
    let vault = keeper.vault()?;
    let _one_at_a_time = keeper.0.writing.lock().await;
    let edits: Vec<Unwritten> = keeper.0.unwritten.borrow().iter().cloned().collect();
    if edits.is_empty() {
        return Ok(());
    }
    let at = clock::now();
    let writes = edit_writes(satchel, opened, &edits, at).await?;
    vault.database.write(&writes).await?;
    keeper.0.unwritten.borrow_mut().drain(..edits.len());
    saved(satchel, &edits, at);
    let changes = edits.iter().map(|edit| {
        let Unwritten { id, hash, created, .. } = *edit;
        EditedChange { id, hash, created, at }
    });
    page::tell(satchel, &Ask::Edited { changes: changes.collect() });
    Ok(())
}

async fn edit_writes(
    satchel: Satchel,
    opened: &Opened,
    edits: &[Unwritten],
    at: Millis,
) -> Result<Vec<Write>, Trouble> {
    let mut writes = Vec::with_capacity(edits.len() * 3);
    let mut rows: BTreeMap<ConsultationId, &WorkListRow> = BTreeMap::new();
    for edit in edits {
        let statement = author_statement(&edit.id, &opened.actor, &edit.hash);
        let stored = StoredChange::Made {
            order: edit.order,
            actor: opened.actor,
            signature: opened.signing.sign(&statement).await?,
            bytes: edit.bytes.clone(),
        };
        let key = change_key(&edit.id, &edit.hash);
        let value = opened.sealer.seal("changes", &key, &stored.to_bytes()).await?;
        writes.push(Write::Put { store: "changes", key, value });
        writes.push(marker(unsent_key(&edit.id, &edit.hash)));
        if edit.created {
            writes.push(marker(new_key(&edit.id)));
        }
        rows.insert(edit.id, &edit.row);
    }
    for (id, row) in rows {
        let sent_at = listed(satchel, &id).and_then(|listed| listed.sent_at);
        writes.push(row_write(&opened.sealer, &id, row, Some(at), sent_at).await?);
    }
    Ok(writes)
}

fn saved(satchel: Satchel, edits: &[Unwritten], at: Millis) {
    let mut changed: BTreeMap<ConsultationId, ListedRow> = BTreeMap::new();
    for edit in edits {
        let before = listed(satchel, &edit.id);
        changed.insert(
            edit.id,
            ListedRow {
                id: edit.id,
                row: edit.row.clone(),
                unsent: true,
                set_aside: before.as_ref().and_then(|row| row.set_aside.clone()),
                saved_at: Some(at),
                sent_at: before.and_then(|row| row.sent_at),
            },
        );
    }
    let keeper = satchel.keeper.get_value();
    for edit in edits {
        keeper.0.unconfirmed.borrow_mut().entry(edit.id).or_default().insert(edit.hash);
    }
    if let Some(open) = keeper.0.document.borrow_mut().as_mut()
        && changed.contains_key(&open.id)
    {
        open.saved_at = Some(at);
    }
    relist(satchel, changed.into_values().collect());
    super::records::show(satchel);
}
