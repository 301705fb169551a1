//! Reading and writing sealed records. Sealing happens before a transaction opens, never inside.

use super::format;
use super::keeper::Unwritten;
use super::opened::{Opened, Sealer, StoredChange};
use crate::platform::clock;
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use crate::state::{ListedRow, Satchel};
use crate::sync::driver;
use futures_util::future::join_all;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::authorship::{Actor, author_statement};
use shared::consultation::{Document, WorkListRow, hex};
use shared::ids::ConsultationId;
use shared::sync::device::{Hash, Input, Unsent};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Records opened at once; more only crowds the browser's queue.
pub(super) const AT_ONCE: usize = 256;

/// Why a line of the list has no content: it is there, but nothing of it opens.
pub const UNOPENABLE: &str = "Cannot be opened on this device";

/// A summary as it is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredRow {
    pub row: WorkListRow,
    pub saved_at: Option<Millis>,
    pub sent_at: Option<Millis>,
}

/// Why something of a document was set aside, sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetAside {
    pub why: String,
}

/// Where an actor comes from, sealed; shown to the server with the actor's first changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredActor {
    pub receipt_hash: [u8; 32],
    pub tab_nonce: [u8; 16],
}

/// Seals a value of the state store.
pub async fn put_state<T: Serialize>(sealer: &Sealer, key: String, value: &T) -> Result<Write, Trouble> {
    let plain = format::to_json(value);
    Ok(Write::Put { store: "state", value: sealer.seal("state", &key, plain.as_bytes()).await?, key })
}

/// Opens a value of the state store. [`Trouble::Unsealable`]: it is there, but damaged.
pub async fn get_state<T: for<'de> Deserialize<'de>>(
    database: &Database,
    sealer: &Sealer,
    key: &str,
) -> Result<Option<T>, Trouble> {
    let Some(sealed) = database.get("state", key).await? else { return Ok(None) };
    let plain = sealer.open("state", key, &sealed).await?;
    Ok(Some(format::from_json(&plain)?))
}

/// What lies under a prefix: one damaged record must not hide the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    pub whole: Vec<(String, T)>,
    /// Keys of what does not open, or cannot be read.
    pub damaged: Vec<String>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { whole: Vec::new(), damaged: Vec::new() }
    }
}

impl<T> Found<T> {
    /// Files one record. Any trouble but damage concerns them all, and is passed on.
    fn file(&mut self, key: String, record: Result<T, Trouble>) -> Result<(), Trouble> {
        match record {
            Ok(record) => self.whole.push((key, record)),
            Err(Trouble::Unsealable) => self.damaged.push(key),
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }

    /// Reads each record; those that cannot be read join the damaged ones.
    fn read<U, E: Into<Trouble>>(self, read: impl Fn(T) -> Result<U, E>) -> Result<Found<U>, Trouble> {
        let mut found = Found { whole: Vec::new(), damaged: self.damaged };
        for (key, record) in self.whole {
            found.file(key, read(record).map_err(Into::into))?;
        }
        Ok(found)
    }
}

/// Everything of a store under a prefix, opened.
pub async fn open_under(
    database: &Database,
    sealer: &Sealer,
    store: &'static str,
    prefix: &str,
) -> Result<Found<Vec<u8>>, Trouble> {
    let sealed = database.under(store, prefix).await?;
    let mut found = Found::default();
    for batch in sealed.chunks(AT_ONCE) {
        let plain = join_all(batch.iter().map(|(key, bytes)| sealer.open(store, key, bytes))).await;
        for ((key, _), plain) in batch.iter().zip(plain) {
            found.file(key.clone(), plain)?;
        }
    }
    Ok(found)
}

/// Marker of a change that the server has not confirmed. It says no more than its key.
pub fn unsent_key(id: &ConsultationId, hash: &Hash) -> String {
    format!("unsent/{id}/{}", hex(hash))
}

pub(super) fn change_key(id: &ConsultationId, hash: &Hash) -> String {
    format!("{id}/{}", hex(hash))
}

pub(super) fn under(id: &ConsultationId) -> String {
    format!("{id}/")
}

pub(super) fn aside_key(id: &ConsultationId) -> String {
    format!("aside/{id}")
}

pub(super) fn new_key(id: &ConsultationId) -> String {
    format!("new/{id}")
}

pub(super) fn marker(key: String) -> Write {
    Write::Put { store: "state", key, value: Vec::new() }
}

pub(super) fn forget(key: String) -> Write {
    Write::Delete { store: "state", key }
}

/// The work list as it lies on this device. What does not open is listed too, and said to be so.
pub async fn load_rows(database: &Database, sealer: &Sealer) -> Result<Vec<ListedRow>, Trouble> {
    let unsent = load_unsent(database).await?;
    let aside: Found<SetAside> =
        open_under(database, sealer, "state", "aside/").await?.read(|plain| format::from_json(&plain))?;
    let rows: Found<StoredRow> =
        open_under(database, sealer, "rows", "").await?.read(|plain| format::from_json(&plain))?;
    let mut listed = list(rows, aside);
    for row in &mut listed {
        row.unsent = unsent.contains_key(&row.id);
    }
    Ok(listed)
}

fn list(rows: Found<StoredRow>, aside: Found<SetAside>) -> Vec<ListedRow> {
    let aside: BTreeMap<String, String> =
        aside.whole.into_iter().map(|(key, aside)| (key["aside/".len()..].to_owned(), aside.why)).collect();
    let damaged = rows.damaged.into_iter().filter_map(|key| Some(unopenable(key.parse().ok()?)));
    let whole = rows.whole.into_iter().filter_map(|(key, stored)| {
        Some(ListedRow {
            id: key.parse().ok()?,
            row: stored.row,
            unsent: false,
            set_aside: aside.get(&key).cloned(),
            saved_at: stored.saved_at,
            sent_at: stored.sent_at,
        })
    });
    whole.chain(damaged).collect()
}

fn unopenable(id: ConsultationId) -> ListedRow {
    ListedRow {
        id,
        row: WorkListRow { id: id.to_string(), ..WorkListRow::default() },
        unsent: false,
        set_aside: Some(UNOPENABLE.to_owned()),
        saved_at: None,
        sent_at: None,
    }
}

/// What may be sent: without documents of which an unsent change does not open. Their markers stay, and so does
/// their work; only the others must not wait for them. Those left out are marked in `rows`.
pub async fn sendable(
    database: &Database,
    sealer: &Sealer,
    mut unsent: BTreeMap<ConsultationId, Unsent>,
    rows: &mut [ListedRow],
) -> Result<BTreeMap<ConsultationId, Unsent>, Trouble> {
    let mut damaged = BTreeSet::new();
    for (id, waiting) in &unsent {
        for hash in &waiting.changes {
            let key = change_key(id, hash);
            let Some(sealed) = database.get("changes", &key).await? else { continue };
            let stored = match sealer.open("changes", &key, &sealed).await {
                Ok(plain) => StoredChange::from_bytes(&plain).map_err(Trouble::from).map(drop),
                Err(trouble) => Err(trouble),
            };
            match stored {
                Ok(()) => {}
                Err(Trouble::Unsealable) => {
                    damaged.insert(*id);
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }
    unsent.retain(|id, _| !damaged.contains(id));
    for row in rows.iter_mut().filter(|row| damaged.contains(&row.id)) {
        row.set_aside = Some(UNOPENABLE.to_owned());
    }
    Ok(unsent)
}

/// What waits to be sent, by document; read from keys alone.
pub async fn load_unsent(database: &Database) -> Result<BTreeMap<ConsultationId, Unsent>, Trouble> {
    let mut unsent: BTreeMap<ConsultationId, Unsent> = BTreeMap::new();
    for key in database.keys_under("state", "unsent/").await? {
        if let Some((id, hash)) = read_unsent_key(&key) {
            unsent.entry(id).or_default().changes.insert(hash);
        }
    }
    for key in database.keys_under("state", "new/").await? {
        if let Ok(id) = key["new/".len()..].parse()
            && let Some(unsent) = unsent.get_mut(&id)
        {
            unsent.created_here = true;
        }
    }
    Ok(unsent)
}

pub(super) fn read_unsent_key(key: &str) -> Option<(ConsultationId, Hash)> {
    let (id, hash) = key.strip_prefix("unsent/")?.split_once('/')?;
    Some((id.parse().ok()?, from_hex(hash)?))
}

fn from_hex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// A document from its parts on disk and those that are only in memory yet. One with a part that does not open is
/// marked in the list and refused ([`Trouble::Damaged`]): a record with a hole in it must not be worked from.
pub async fn load_document(
    satchel: Satchel,
    opened: &Opened,
    id: &ConsultationId,
) -> Result<Document, Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let (database, sealer) = (&vault.database, &opened.sealer);
    let bases = open_under(database, sealer, "bases", &under(id)).await?;
    let changes = load_changes(database, sealer, id).await?;
    if !bases.damaged.is_empty() || !changes.damaged.is_empty() {
        if let Some(mut row) = listed(satchel, id) {
            row.set_aside = Some(UNOPENABLE.to_owned());
            relist(satchel, vec![row]);
        }
        return Err(Trouble::Damaged);
    }
    let bases: Vec<Vec<u8>> = bases.whole.into_iter().map(|(_, base)| base).collect();
    let mut changes: Vec<Vec<u8>> = changes.whole.into_iter().map(|(_, change)| change.change()).collect();
    let unwritten = keeper.0.unwritten.borrow();
    changes.extend(unwritten.iter().filter(|edit| edit.id == *id).map(|edit| edit.bytes.clone()));
    if bases.is_empty() && changes.is_empty() {
        return Err(Trouble::NotHere);
    }
    Ok(Document::from_parts(&bases, &changes)?)
}

/// The single changes of a document, by key.
pub async fn load_changes(
    database: &Database,
    sealer: &Sealer,
    id: &ConsultationId,
) -> Result<Found<StoredChange>, Trouble> {
    let records = open_under(database, sealer, "changes", &under(id)).await?;
    records.read(|plain| StoredChange::from_bytes(&plain))
}

/// Puts every edit that is only in memory on disk, in one transaction; then tells the list and the sync machine.
pub async fn flush(satchel: Satchel, opened: &Rc<Opened>) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    if keeper.0.unwritten.borrow().is_empty() {
        return Ok(());
    }
    let vault = keeper.vault()?;
    let written = {
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
        edits
    };
    for edit in written {
        let edited = Input::Edited { document: edit.id, change: edit.hash, created: edit.created };
        // Any step of the sync may follow; boxed, so that not every edit carries the room for the largest.
        Box::pin(driver::feed(satchel, edited)).await;
    }
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

pub(super) async fn row_write(
    sealer: &Sealer,
    id: &ConsultationId,
    row: &WorkListRow,
    saved_at: Option<Millis>,
    sent_at: Option<Millis>,
) -> Result<Write, Trouble> {
    let stored = StoredRow { row: row.clone(), saved_at, sent_at };
    let plain = format::to_json(&stored);
    let key = id.to_string();
    Ok(Write::Put { store: "rows", value: sealer.seal("rows", &key, plain.as_bytes()).await?, key })
}

/// The line of the list as it stands now.
pub fn listed(satchel: Satchel, id: &ConsultationId) -> Option<ListedRow> {
    satchel.rows.with_untracked(|rows| rows.iter().find(|row| row.id == *id).cloned())
}

/// The one place that changes lines of the list.
pub fn relist(satchel: Satchel, changed: Vec<ListedRow>) {
    // Work that ends after locking still reaches the disk, but nothing of it the screen.
    if changed.is_empty() || satchel.keeper.get_value().opened().is_err() {
        return;
    }
    satchel.rows.update(|rows| {
        let places: BTreeMap<ConsultationId, usize> =
            rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect();
        for row in changed {
            match places.get(&row.id) {
                Some(&place) => rows[place] = row,
                None => rows.push(row),
            }
        }
    });
    count_waiting(satchel);
}

pub fn count_waiting(satchel: Satchel) {
    let waiting = satchel.rows.with_untracked(|rows| rows.iter().filter(|row| row.unsent).count());
    if satchel.waiting.get_untracked() != waiting {
        satchel.waiting.set(waiting);
    }
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
    if let Some(open) = keeper.0.document.borrow_mut().as_mut()
        && changed.contains_key(&open.id)
    {
        open.saved_at = Some(at);
    }
    relist(satchel, changed.into_values().collect());
    super::records::show(satchel);
}

/// Actors behind these changes, with the receipts that vouch for them: what the server must see once.
pub async fn claims(
    database: &Database,
    sealer: &Sealer,
    actors: &BTreeSet<Actor>,
) -> Result<(Vec<Vec<u8>>, Vec<StoredActor>), Trouble> {
    let mut receipts = BTreeMap::new();
    let mut found = Vec::new();
    for actor in actors {
        let key = format!("actor/{}", hex(actor));
        let stored = match get_state::<StoredActor>(database, sealer, &key).await {
            Ok(Some(stored)) => stored,
            // The server sets aside what nobody vouches for; the work of others must not wait for it.
            Ok(None) | Err(Trouble::Unsealable) => continue,
            Err(trouble) => return Err(trouble),
        };
        let key = format!("receipt/{}", hex(&stored.receipt_hash));
        if let Some(sealed) = database.get("state", &key).await? {
            receipts.insert(stored.receipt_hash, sealer.open("state", &key, &sealed).await?);
        }
        found.push(stored);
    }
    Ok((receipts.into_values().collect(), found))
}

/// Seals a receipt and the actor made from it.
pub async fn receipt_writes(
    sealer: &Sealer,
    receipt: &[u8],
    actor: &Actor,
    stored: &StoredActor,
) -> Result<Vec<Write>, Trouble> {
    let key = format!("receipt/{}", hex(&stored.receipt_hash));
    let value = sealer.seal("state", &key, receipt).await?;
    let receipt = Write::Put { store: "state", key, value };
    Ok(vec![receipt, put_state(sealer, format!("actor/{}", hex(actor)), stored).await?])
}

/// The documents held here, whatever their state.
pub async fn held(database: &Database) -> Result<BTreeSet<ConsultationId>, Trouble> {
    let mut ids = BTreeSet::new();
    for store in ["bases", "changes"] {
        for key in database.keys_under(store, "").await? {
            if let Some(id) = key.split('/').next().and_then(|id| id.parse().ok()) {
                ids.insert(id);
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_names_the_document_and_the_change_and_nothing_else() {
        let id = ConsultationId::from_bytes([3; 16]);
        let hash = [0xab; 32];
        let key = unsent_key(&id, &hash);
        assert_eq!(read_unsent_key(&key), Some((id, hash)));
        assert_eq!(read_unsent_key("unsent/x/y"), None);
    }

    #[test]
    fn one_damaged_record_neither_hides_the_others_nor_vanishes() {
        let [good, torn, strange] = [3, 4, 5].map(|byte| ConsultationId::from_bytes([byte; 16]));
        let row = WorkListRow { patient_name: "WINTERS, Hettie".to_owned(), ..WorkListRow::default() };
        let plain = format::to_json(&StoredRow { row, saved_at: Some(1), sent_at: None });
        let mut sealed = Found::default();
        let records =
            [(good, Ok(plain.into_bytes())), (torn, Err(Trouble::Unsealable)), (strange, Ok(b"{}".to_vec()))];
        for (id, record) in records {
            sealed.file(id.to_string(), record).expect("damage is no trouble of the others");
        }
        let rows: Found<StoredRow> = sealed.read(|plain| format::from_json(&plain)).expect("damage alone");
        let listed = list(rows, Found::default());
        let told: Vec<_> = listed.iter().map(|row| (row.id, row.set_aside.as_deref())).collect();
        assert_eq!(told, [(good, None), (torn, Some(UNOPENABLE)), (strange, Some(UNOPENABLE))]);
        assert_eq!(listed[0].row.patient_name, "WINTERS, Hettie");
    }

    #[test]
    fn a_record_of_a_newer_app_stops_the_opening_and_is_not_taken_for_damage() {
        let found = Found { whole: vec![("a".to_owned(), br#"{"v":2}"#.to_vec())], damaged: Vec::new() };
        let read = found.read(|plain| format::from_json::<SetAside>(&plain));
        assert!(matches!(read, Err(Trouble::NewerRecords)));
    }
}
