//! Whose unsent work is whose: told by the receipts that vouch for it.

use super::keeper::Vault;
use super::opened::Opened;
use super::store;
use super::stored::StoredChange;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use leptos::prelude::*;
use shared::authorship::{Actor, Receipt};
use shared::consultation::hex;
use shared::ids::{ConsultationId, PersonId};
use std::collections::BTreeSet;

/// Consultations with unsent changes by the person who is here.
pub async fn unsent(satchel: Satchel) -> Result<BTreeSet<ConsultationId>, Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let mut own = BTreeSet::new();
    for (id, unsent) in store::load_unsent(&vault.database).await? {
        for hash in &unsent.changes {
            let key = format!("{id}/{}", hex(hash));
            let Some(sealed) = vault.database.get("changes", &key).await? else { continue };
            let Ok(plain) = opened.sealer.open("changes", &key, &sealed).await else { continue };
            let Ok(StoredChange::Made { actor, .. }) = StoredChange::from_bytes(&plain) else { continue };
            if actor == opened.actor || person_of(&vault, &opened, &actor).await? == Some(opened.who.person) {
                own.insert(id);
                break;
            }
        }
    }
    Ok(own)
}

async fn person_of(vault: &Vault, opened: &Opened, actor: &Actor) -> Result<Option<PersonId>, Trouble> {
    let (receipts, _) = store::claims(&vault.database, &opened.sealer, &BTreeSet::from([*actor])).await?;
    let receipt = receipts.first().and_then(|bytes| Receipt::from_bytes(bytes).ok());
    Ok(receipt.map(|receipt| receipt.person))
}
