//! The pharmacy's own address book: to which address a practice or another pharmacy takes confidential messages. An
//! address counts once somebody there has confirmed it; until then nothing about a patient is sent to it.

mod confirm;
mod csv_file;
mod import;

pub use confirm::{confirm, send_test, test_message};
pub use csv_file::{LARGEST_FILE, Line, MOST_LINES, NotTaken, read};
pub use import::import;

use crate::app::App;
use crate::mail::MailError;
use crate::problem::Problem;
use crate::store::{AddressEntry, AddressWrite, StoreError};
use shared::api::{AddressChange, AddressView};
use shared::ids::{OdsCode, PersonId};
use shared::time::{Millis, stored};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use uuid::Uuid;

/// Why the address book stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("There is no such address. Somebody else may have removed it.")]
    Unknown,
    /// What is wrong, and how to put it right.
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    File(#[from] NotTaken),
    #[error("This organisation has this address already. Change that entry instead.")]
    Twice,
    #[error("This server sends no e-mail, so no test message can go out. Confirm the address by telephone.")]
    NoMail,
    #[error("The test message was not sent. {0}")]
    Mail(#[source] MailError),
    #[error("No test message waits for a code, or it is more than 14 days old. Send another.")]
    NoCode,
    #[error("This is not the code of the last test message. Ask for it to be read out again.")]
    WrongCode,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unknown => Self::NotFound("This address"),
            DirectoryError::Twice => Self::Conflict(error.to_string()),
            DirectoryError::Store(error) => error.into(),
            DirectoryError::Mail(MailError::Busy(cause) | MailError::Unknown(cause)) => {
                Self::Upstream { service: "The mail server", cause }
            }
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// A pharmacy's address book, by name.
pub async fn list(app: &App, pharmacy: &OdsCode) -> Result<Vec<AddressView>, StoreError> {
    let entries = app.store.addresses(pharmacy).await?;
    let mut names: BTreeMap<PersonId, String> = BTreeMap::new();
    for person in entries.iter().filter_map(|entry| entry.confirmed_by) {
        if let Entry::Vacant(unknown) = names.entry(person) {
            let known = app.store.person(&person).await?;
            unknown.insert(known.map(|known| known.name).unwrap_or_default());
        }
    }
    let views = entries.into_iter().map(|entry| {
        let by = entry.confirmed_by.and_then(|person| names.get(&person).cloned()).unwrap_or_default();
        view(&entry, by)
    });
    Ok(views.collect())
}

fn view(entry: &AddressEntry, confirmed_by: String) -> AddressView {
    AddressView {
        id: entry.id.to_string(),
        address: written(entry),
        source: entry.source.clone(),
        waits_for_code: entry.code_hash.is_some(),
        confirmed_at: entry.confirmed_at.map(stored).unwrap_or_default(),
        confirmed_by,
        confirmed_with: entry.confirmed_with.clone(),
        changed_at: stored(entry.changed_at),
    }
}

/// What somebody wrote of it.
fn written(entry: &AddressEntry) -> AddressChange {
    AddressChange {
        ods: entry.ods.as_ref().map(OdsCode::to_string).unwrap_or_default(),
        kind: entry.kind.clone(),
        name: entry.name.clone(),
        email: entry.email.clone(),
        phone: entry.phone.clone(),
        note: entry.note.clone(),
    }
}

/// One entry of this pharmacy.
async fn find(app: &App, pharmacy: &OdsCode, id: Uuid) -> Result<AddressEntry, DirectoryError> {
    let found = app.store.address(&id).await?;
    found.filter(|entry| entry.pharmacy == *pharmacy).ok_or(DirectoryError::Unknown)
}

/// Adds an entry or changes one. A changed address is an unconfirmed one, whatever was confirmed before. Safe to repeat.
pub async fn put(
    app: &App,
    pharmacy: &OdsCode,
    id: Uuid,
    change: &AddressChange,
) -> Result<(), DirectoryError> {
    let change = change.tidied();
    if let Some(problem) = change.problem() {
        return Err(DirectoryError::Invalid(problem));
    }
    let known = app.store.addresses(pharmacy).await?;
    let same = |entry: &&AddressEntry| entry.id != id && !written(entry).needs_confirming_again(&change);
    if !change.ods.is_empty() && known.iter().any(|entry| same(&entry)) {
        return Err(DirectoryError::Twice);
    }
    let now = app.clock.now();
    let write = match known.into_iter().find(|entry| entry.id == id) {
        Some(before) if written(&before) == change => return Ok(()),
        Some(before) => changed(before, &change, "screen", now),
        // An id of another pharmacy's entry is none of ours.
        None if app.store.address(&id).await?.is_some() => return Err(DirectoryError::Unknown),
        None => added(pharmacy, id, &change, "screen", now),
    };
    Ok(app.store.write_addresses(&[write]).await?)
}

/// A new entry, unconfirmed.
fn added(pharmacy: &OdsCode, id: Uuid, change: &AddressChange, source: &str, now: Millis) -> AddressWrite {
    let entry = AddressEntry {
        id,
        pharmacy: pharmacy.clone(),
        ods: change.ods.parse().ok(),
        kind: change.kind.clone(),
        name: change.name.clone(),
        email: change.email.clone(),
        phone: change.phone.clone(),
        note: change.note.clone(),
        source: source.to_owned(),
        code_hash: None,
        confirmed_at: None,
        confirmed_by: None,
        confirmed_with: String::new(),
        changed_at: now,
    };
    AddressWrite { entry, seen: None }
}

/// A changed entry; what was confirmed of another address is forgotten.
fn changed(before: AddressEntry, change: &AddressChange, source: &str, now: Millis) -> AddressWrite {
    let again = written(&before).needs_confirming_again(change);
    let seen = before.changed_at;
    let mut entry = AddressEntry {
        ods: change.ods.parse().ok(),
        kind: change.kind.clone(),
        name: change.name.clone(),
        email: change.email.clone(),
        phone: change.phone.clone(),
        note: change.note.clone(),
        source: source.to_owned(),
        changed_at: after(seen, now),
        ..before
    };
    if again {
        (entry.code_hash, entry.confirmed_at, entry.confirmed_by) = (None, None, None);
        entry.confirmed_with.clear();
    }
    AddressWrite { entry, seen: Some(seen) }
}

/// Now, or a moment after what stands there where the clock was set back.
fn after(seen: Millis, now: Millis) -> Millis {
    now.max(seen.saturating_add(1))
}

/// Proposes an address that a national directory names; nothing is sent to it before somebody there has confirmed it.
/// What is known of the organisation already is left as it is. Answers whether it is new.
pub async fn propose(app: &App, pharmacy: &OdsCode, change: &AddressChange) -> Result<bool, DirectoryError> {
    let change = change.tidied();
    if let Some(problem) = change.problem() {
        return Err(DirectoryError::Invalid(problem));
    }
    let known = app.store.addresses(pharmacy).await?;
    if known.iter().any(|entry| entry.ods.as_ref().is_some_and(|ods| ods.as_str() == change.ods)) {
        return Ok(false);
    }
    let write = added(pharmacy, Uuid::new_v4(), &change, "dos", app.clock.now());
    app.store.write_addresses(&[write]).await?;
    Ok(true)
}
