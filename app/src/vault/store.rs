//! Reading and writing sealed records, from the page and from the worker. Sealing happens before a transaction opens,
//! never inside.

use super::format;
use super::opened::Sealer;
use super::stored::{StoredBase, StoredChange};
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use shared::authorship::Actor;
use shared::consultation::{WorkListRow, hex};
use shared::ids::ConsultationId;
use shared::sync::device::{Hash, Unsent};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

pub use super::edits::{flush, load_document};
pub use super::list::{count_waiting, listed, relist, unlist};

/// Records opened at once; more only crowds the browser's queue.
pub const AT_ONCE: usize = 256;

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
    pub fn file(&mut self, key: String, record: Result<T, Trouble>) -> Result<(), Trouble> {
        match record {
            Ok(record) => self.whole.push((key, record)),
            Err(Trouble::Unsealable) => self.damaged.push(key),
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }

    /// Reads each record; those that cannot be read join the damaged ones.
    pub fn read<U, E: Into<Trouble>>(self, read: impl Fn(T) -> Result<U, E>) -> Result<Found<U>, Trouble> {
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

/// What lies here of one document, opened.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    pub bases: Vec<(String, StoredBase)>,
    pub changes: Vec<(String, StoredChange)>,
    /// Keys of bases and of changes that do not open.
    pub damaged_bases: Vec<String>,
    pub damaged_changes: Vec<String>,
}

impl Parts {
    /// Proofs alone are no document.
    pub fn is_empty(&self) -> bool {
        self.bases.iter().all(|(_, base)| base.save.is_empty()) && self.changes.is_empty()
    }

    pub fn is_whole(&self) -> bool {
        self.damaged_bases.is_empty() && self.damaged_changes.is_empty()
    }

    /// Saves, then single changes.
    pub fn bytes(&self) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let saves = self.bases.iter().map(|(_, base)| &base.save).filter(|save| !save.is_empty());
        let bases = saves.cloned().collect();
        (bases, self.changes.iter().map(|(_, change)| change.clone().change()).collect())
    }
}

/// Everything stored of a document.
pub async fn load_parts(database: &Database, sealer: &Sealer, id: &ConsultationId) -> Result<Parts, Trouble> {
    let bases = open_under(database, sealer, "bases", &under(id)).await?;
    let bases = bases.read(|plain| StoredBase::from_bytes(&plain))?;
    let changes = load_changes(database, sealer, id).await?;
    Ok(Parts {
        bases: bases.whole,
        changes: changes.whole,
        damaged_bases: bases.damaged,
        damaged_changes: changes.damaged,
    })
}

/// Marker of a change that the server has not confirmed. It says no more than its key.
pub fn unsent_key(id: &ConsultationId, hash: &Hash) -> String {
    format!("unsent/{id}/{}", hex(hash))
}

/// Where all markers of one document lie.
pub fn unsent_under(id: &ConsultationId) -> String {
    format!("unsent/{id}/")
}

/// What the server gives away only whole is to be fetched so.
pub fn fetch_key(id: &ConsultationId) -> String {
    format!("fetch/{id}")
}

pub fn change_key(id: &ConsultationId, hash: &Hash) -> String {
    format!("{id}/{}", hex(hash))
}

pub fn under(id: &ConsultationId) -> String {
    format!("{id}/")
}

pub fn aside_key(id: &ConsultationId) -> String {
    format!("aside/{id}")
}

pub fn new_key(id: &ConsultationId) -> String {
    format!("new/{id}")
}

pub fn marker(key: String) -> Write {
    Write::Put { store: "state", key, value: Vec::new() }
}

pub fn forget(key: String) -> Write {
    Write::Delete { store: "state", key }
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

pub fn read_unsent_key(key: &str) -> Option<(ConsultationId, Hash)> {
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

/// The single changes of a document, by key.
pub async fn load_changes(
    database: &Database,
    sealer: &Sealer,
    id: &ConsultationId,
) -> Result<Found<StoredChange>, Trouble> {
    let records = open_under(database, sealer, "changes", &under(id)).await?;
    records.read(|plain| StoredChange::from_bytes(&plain))
}

pub async fn row_write(
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
    fn a_record_of_a_newer_app_stops_the_opening_and_is_not_taken_for_damage() {
        let found = Found { whole: vec![("a".to_owned(), br#"{"v":2}"#.to_vec())], damaged: Vec::new() };
        let read = found.read(|plain| format::from_json::<SetAside>(&plain));
        assert!(matches!(read, Err(Trouble::NewerRecords)));
    }
}
