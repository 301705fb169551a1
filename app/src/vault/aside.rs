//! Work that the server did not take, kept sealed on this device: looked at, entered again, and closed (design 5).

use super::keeper::Vault;
use super::opened::Opened;
use super::store::{self, Found};
use super::stored::StoredChange;
use super::{edits, list, pages};
use crate::platform::trouble::Trouble;
use crate::platform::{api_recovery, clock};
use crate::state::Satchel;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::api::CloseBranch;
use shared::consultation::Branch;
use shared::ids::ConsultationId;
use shared::time::Millis;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What people decided about the set-aside work of one consultation, sealed in *state*. Hashes are hex.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decided {
    /// Changes that somebody has had on the screen.
    pub looked: BTreeSet<String>,
    pub closings: Vec<Closing>,
}

/// One closing of a branch: its changes are kept, and no longer alert anybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    pub changes: BTreeSet<String>,
    pub by: String,
    pub at: Millis,
    /// Why, where something of it was not entered.
    pub because: String,
    /// The server knows.
    pub told: bool,
}

impl Decided {
    fn closed(&self) -> BTreeSet<&String> {
        self.closings.iter().flat_map(|closing| &closing.changes).collect()
    }

    /// Of these changes, those that still wait for somebody.
    fn open<'a>(&self, kept: &'a BTreeSet<String>) -> BTreeSet<&'a String> {
        let closed = self.closed();
        kept.iter().filter(|hash| !closed.contains(hash)).collect()
    }
}

/// The set-aside work of one consultation, as it is shown.
#[derive(Debug, Clone)]
pub struct AsideView {
    /// Why the server did not take it, in words.
    pub why: String,
    pub reading: Reading,
    /// How earlier ones were closed, oldest first.
    pub closings: Vec<Closing>,
}

/// What the set-aside changes say.
#[derive(Debug, Clone)]
pub enum Reading {
    Both(Box<Branch>),
    /// They are kept, but cannot be read against the record.
    Unreadable,
    /// Nothing waits: it was closed, or is part of the record by now.
    Nothing,
}

/// Where it lies in *state*.
pub fn decided_key(id: &ConsultationId) -> String {
    format!("branch/{id}")
}

async fn decided(vault: &Vault, opened: &Opened, id: &ConsultationId) -> Result<Decided, Trouble> {
    match store::get_state(&vault.database, &opened.sealer, &decided_key(id)).await {
        Ok(decided) => Ok(decided.unwrap_or_default()),
        // A note that is damaged asks people to look once more; that is the safe side.
        Err(Trouble::Unsealable) => Ok(Decided::default()),
        Err(trouble) => Err(trouble),
    }
}

/// Hashes of all that is kept of a consultation, closed or not; read from keys alone.
async fn kept(vault: &Vault, id: &ConsultationId) -> Result<BTreeSet<String>, Trouble> {
    let keys = vault.database.keys_under("quarantine", &store::under(id)).await?;
    Ok(keys.iter().filter_map(|key| key.split_once('/')).map(|(_, hash)| hash.to_owned()).collect())
}

/// Reads what was set aside of a consultation against what stands, and notes that somebody looked.
pub async fn look(satchel: Satchel, id: ConsultationId) -> Result<AsideView, Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let mut notes = decided(&vault, &opened, &id).await?;
    let hashes = kept(&vault, &id).await?;
    let open: BTreeSet<String> = notes.open(&hashes).into_iter().cloned().collect();
    let why = list::listed(satchel, &id).and_then(|row| row.set_aside).unwrap_or_default();
    if open.is_empty() {
        return Ok(AsideView { why, reading: Reading::Nothing, closings: notes.closings });
    }
    let records =
        store::open_under(&vault.database, &opened.sealer, "quarantine", &store::under(&id)).await?;
    let Found { whole, damaged } = records.read(|plain| StoredChange::from_bytes(&plain))?;
    let changes: Vec<Vec<u8>> = whole
        .into_iter()
        .filter(|(key, _)| key.split_once('/').is_some_and(|(_, hash)| open.contains(hash)))
        .map(|(_, change)| change.change())
        .collect();
    let reading = if damaged.is_empty() {
        compare(satchel, &opened, &id, &changes).await?
    } else {
        Reading::Unreadable
    };
    if matches!(reading, Reading::Nothing) {
        // An administrator released it meanwhile: nobody need decide anything.
        let because = "It is part of the record now.".to_owned();
        let mut view = AsideView { why, reading, closings: Vec::new() };
        view.closings = finish(satchel, &vault, &opened, &id, notes, open, because, true).await?.closings;
        return Ok(view);
    }
    if !open.is_subset(&notes.looked) {
        notes.looked.extend(open);
        let write = store::put_state(&opened.sealer, decided_key(&id), &notes).await?;
        vault.database.write(&[write]).await?;
    }
    Ok(AsideView { why, reading, closings: notes.closings })
}

async fn compare(
    satchel: Satchel,
    opened: &Rc<Opened>,
    id: &ConsultationId,
    changes: &[Vec<u8>],
) -> Result<Reading, Trouble> {
    let mut standing = match edits::load_document(satchel, opened, id).await {
        Ok(document) => Some(document),
        Err(Trouble::NotHere) => None,
        Err(trouble) => return Err(trouble),
    };
    Ok(match Branch::compare(standing.as_mut(), changes) {
        Ok(Some(branch)) => Reading::Both(Box::new(branch)),
        Ok(None) => Reading::Nothing,
        Err(_) => Reading::Unreadable,
    })
}

/// Is something of this consultation set aside that nobody has looked at?
pub async fn is_unseen(satchel: Satchel, id: ConsultationId) -> Result<bool, Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let hashes = kept(&vault, &id).await?;
    if hashes.is_empty() {
        return Ok(false);
    }
    let notes = decided(&vault, &opened, &id).await?;
    Ok(notes.open(&hashes).into_iter().any(|hash| !notes.looked.contains(hash)))
}

/// How the set-aside work of a consultation was closed, oldest first; for its history.
pub async fn closings(satchel: Satchel, id: ConsultationId) -> Result<Vec<Closing>, Trouble> {
    let keeper = satchel.keeper.get_value();
    Ok(decided(&*keeper.vault()?, &*keeper.opened()?, &id).await?.closings)
}

/// Closes the branch: everything that matters of it has been entered. `because` says why something was not.
pub async fn close(satchel: Satchel, id: ConsultationId, because: String) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let notes = decided(&vault, &opened, &id).await?;
    let hashes = kept(&vault, &id).await?;
    let open: BTreeSet<String> = notes.open(&hashes).into_iter().cloned().collect();
    finish(satchel, &vault, &opened, &id, notes, open, because, false).await?;
    keeper.0.asides_to_tell.set(true);
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "all of it is what one closing is made of")]
async fn finish(
    satchel: Satchel,
    vault: &Vault,
    opened: &Rc<Opened>,
    id: &ConsultationId,
    mut notes: Decided,
    changes: BTreeSet<String>,
    because: String,
    told: bool,
) -> Result<Decided, Trouble> {
    let by = opened.who.name.clone();
    notes.looked.extend(changes.iter().cloned());
    notes.closings.push(Closing { changes, by, at: clock::now(), because, told });
    let stands = match edits::load_document(satchel, opened, id).await {
        Ok(_) => true,
        Err(Trouble::NotHere) => false,
        Err(trouble) => return Err(trouble),
    };
    let mut writes = vec![
        store::put_state(&opened.sealer, decided_key(id), &notes).await?,
        store::forget(store::aside_key(id)),
    ];
    if !stands {
        // Nothing of it is left to be listed; what was set aside stays where it lies.
        writes.extend(pages::removal(&vault.database, &opened.sealer, &BTreeSet::from([*id]), true).await?);
    }
    vault.database.write(&writes).await?;
    if stands {
        if let Some(mut listed) = list::listed(satchel, id) {
            listed.set_aside = None;
            list::relist(satchel, vec![listed]);
        }
    } else {
        list::unlist(satchel, id);
    }
    super::records::show(satchel);
    Ok(notes)
}

/// Tells the server of closings that it has not heard of. What it does not take now is told again later.
pub async fn tell(satchel: Satchel) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    for key in vault.database.keys_under("state", "branch/").await? {
        let Ok(id) = key["branch/".len()..].parse::<ConsultationId>() else { continue };
        let mut notes = decided(&vault, &opened, &id).await?;
        let mut changed = false;
        for closing in notes.closings.iter_mut().filter(|closing| !closing.told) {
            let close = CloseBranch {
                consultation: id,
                changes: closing.changes.iter().cloned().collect(),
                reason: closing.because.clone(),
            };
            match api_recovery::close_branch(satchel, &close).await {
                // The server has no such entry, or somebody closed it there: it need not hear of it again.
                Ok(()) | Err(Trouble::Refused(_)) => closing.told = true,
                Err(trouble) => return Err(trouble),
            }
            changed = true;
        }
        if changed {
            let write = store::put_state(&opened.sealer, key, &notes).await?;
            vault.database.write(&[write]).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|hash| (*hash).to_owned()).collect()
    }

    #[test]
    fn what_was_closed_no_longer_waits_and_what_is_set_aside_later_does() {
        let closing = Closing {
            changes: hashes(&["aa", "bb"]),
            by: "Asha Rao".to_owned(),
            at: 1,
            because: String::new(),
            told: false,
        };
        let notes = Decided { looked: hashes(&["aa", "bb"]), closings: vec![closing] };
        assert!(notes.open(&hashes(&["aa", "bb"])).is_empty());
        assert_eq!(notes.open(&hashes(&["aa", "bb", "cc"])), BTreeSet::from([&"cc".to_owned()]));
    }

    #[test]
    fn a_note_of_the_first_release_is_read_for_ever() {
        let stored = r#"{"v":1,"looked":["aa"],"closings":[{"changes":["aa"],"by":"Asha Rao","at":1795000000000,"because":"Entered again.","told":true}]}"#;
        let notes: Decided =
            super::super::format::from_json(stored.as_bytes()).expect("version 1 is readable");
        assert_eq!(notes.closings[0].by, "Asha Rao");
        assert!(notes.open(&hashes(&["aa"])).is_empty());
    }
}
