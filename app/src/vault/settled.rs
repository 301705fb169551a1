//! What the server has answered: changes it has on its disk, and changes it would not take.

use super::keeper::Keeper;
use super::opened::{Opened, StoredChange};
use super::store::{
    SetAside, aside_key, change_key, forget, listed, load_changes, new_key, put_state, read_unsent_key,
    relist, row_write, unsent_key,
};
use crate::platform::clock;
use crate::platform::database::{Database, Write};
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use leptos::prelude::*;
use shared::ids::ConsultationId;
use shared::sync::device::Hash;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The server has these on its disk.
pub async fn settle(
    satchel: Satchel,
    opened: &Opened,
    id: &ConsultationId,
    changes: &BTreeSet<Hash>,
) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let now = clock::now();
    let mut writes: Vec<Write> = changes.iter().map(|hash| forget(unsent_key(id, hash))).collect();
    writes.push(forget(new_key(id)));
    let still = waits(&keeper, &vault.database, id, changes).await?;
    if let Some(mut listed) = listed(satchel, id) {
        listed.unsent = still;
        if !still {
            listed.sent_at = Some(now);
        }
        writes.push(row_write(&opened.sealer, id, &listed.row, listed.saved_at, listed.sent_at).await?);
        {
            let _one_at_a_time = keeper.0.writing.lock().await;
            vault.database.write(&writes).await?;
        }
        relist(satchel, vec![listed]);
    } else {
        vault.database.write(&writes).await?;
    }
    if let Some(open) = keeper.0.document.borrow_mut().as_mut()
        && open.id == *id
        && !still
    {
        open.sent_at = Some(now);
    }
    super::records::show(satchel);
    Ok(())
}

async fn waits(
    keeper: &Keeper,
    database: &Database,
    id: &ConsultationId,
    settled: &BTreeSet<Hash>,
) -> Result<bool, Trouble> {
    let keys = database.keys_under("state", &format!("unsent/{id}/")).await?;
    let on_disk =
        keys.iter().filter_map(|key| read_unsent_key(key)).any(|(_, hash)| !settled.contains(&hash));
    Ok(on_disk || keeper.0.unwritten.borrow().iter().any(|edit| edit.id == *id))
}

/// Moves refused changes out of the document, sealed as before, and remembers why.
pub async fn set_aside(
    satchel: Satchel,
    opened: &Rc<Opened>,
    id: &ConsultationId,
    changes: &BTreeSet<Hash>,
    why: String,
) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let stored: BTreeMap<String, StoredChange> =
        load_changes(&vault.database, &opened.sealer, id).await?.whole.into_iter().collect();
    let mut writes = vec![
        put_state(&opened.sealer, aside_key(id), &SetAside { why: why.clone() }).await?,
        forget(new_key(id)),
    ];
    for hash in changes {
        let key = change_key(id, hash);
        writes.push(forget(unsent_key(id, hash)));
        if let Some(change) = stored.get(&key) {
            let value = opened.sealer.seal("quarantine", &key, &change.to_bytes()).await?;
            writes.push(Write::Put { store: "quarantine", key: key.clone(), value });
            writes.push(Write::Delete { store: "changes", key });
        }
    }
    {
        let _one_at_a_time = keeper.0.writing.lock().await;
        vault.database.write(&writes).await?;
    }
    if let Some(mut listed) = listed(satchel, id) {
        listed.unsent = false;
        listed.set_aside = Some(why);
        relist(satchel, vec![listed]);
    }
    super::records::reopen(satchel, opened, id).await
}
