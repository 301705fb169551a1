//! What the server has answered: changes it has on its disk, and changes it would not take. It runs in the worker.

use super::format;
use super::store::{
    SetAside, StoredRow, aside_key, change_key, forget, load_changes, new_key, put_state, read_unsent_key,
    row_write, unsent_key, unsent_under,
};
use super::stored::StoredChange;
use crate::platform::clock;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use crate::worker::backroom::Backroom;
use crate::worker::messages::Said;
use crate::worker::serve::say;
use shared::ids::ConsultationId;
use shared::sync::device::{Hash, Position};
use std::collections::{BTreeMap, BTreeSet};

/// The server has these on its disk.
pub async fn settle(room: &Backroom, id: &ConsultationId, changes: &BTreeSet<Hash>) -> Result<(), Trouble> {
    let (database, sealer) = (&room.database, room.sealer());
    let now = clock::now();
    let mut writes: Vec<Write> = changes.iter().map(|hash| forget(unsent_key(id, hash))).collect();
    writes.push(forget(new_key(id)));
    let still_waits = {
        let _alone = room.rows.lock().await;
        if let Some(row) = single(room, id).await? {
            let write = row_write(&sealer, id, &row.row, row.saved_at, Some(now)).await?;
            writes.push(write.unless(unsent_under(id)));
        }
        database.write(&writes).await?;
        let keys = database.keys_under("state", &unsent_under(id)).await?;
        keys.iter().any(|key| read_unsent_key(key).is_some())
    };
    if !still_waits {
        room.stamps.borrow_mut().entry(*id).or_default().sent_at = Some(now);
    }
    say(&Said::Settled { id: *id, changes: changes.clone(), still_waits, at: now });
    Ok(())
}

/// The row that the last edit left. One that is damaged comes again from the server.
async fn single(room: &Backroom, id: &ConsultationId) -> Result<Option<StoredRow>, Trouble> {
    let key = id.to_string();
    let Some(sealed) = room.database.get("rows", &key).await? else { return Ok(None) };
    let plain = match room.sealer().open("rows", &key, &sealed).await {
        Ok(plain) => plain,
        Err(Trouble::Unsealable) => return Ok(None),
        Err(trouble) => return Err(trouble),
    };
    Ok(format::from_json(&plain).ok())
}

/// Moves refused changes out of the document, sealed as before, and remembers why and the position, all or nothing.
pub async fn set_aside(
    room: &Backroom,
    id: &ConsultationId,
    changes: &BTreeSet<Hash>,
    why: String,
    position: &Position,
) -> Result<(), Trouble> {
    let (database, sealer) = (&room.database, room.sealer());
    let stored: BTreeMap<String, StoredChange> =
        load_changes(database, &sealer, id).await?.whole.into_iter().collect();
    let mut writes = vec![
        put_state(&sealer, aside_key(id), &SetAside { why: why.clone() }).await?,
        put_state(&sealer, "position".to_owned(), position).await?,
        forget(new_key(id)),
    ];
    for hash in changes {
        let key = change_key(id, hash);
        writes.push(forget(unsent_key(id, hash)));
        if let Some(change) = stored.get(&key) {
            let value = sealer.seal("quarantine", &key, &change.to_bytes()).await?;
            writes.push(Write::Put { store: "quarantine", key: key.clone(), value });
            writes.push(Write::Delete { store: "changes", key });
        }
    }
    {
        let _alone = room.rows.lock().await;
        database.write(&writes).await?;
    }
    renew_row(room, id).await?;
    say(&Said::SetAside { id: *id, changes: changes.clone(), why });
    Ok(())
}

/// The summary without what was set aside.
async fn renew_row(room: &Backroom, id: &ConsultationId) -> Result<(), Trouble> {
    let mut document = match room.try_out(id).await {
        Ok((_, document)) => document,
        // All of it was set aside, or nothing of it opens; the line of the list says why.
        Err(Trouble::NotHere | Trouble::Damaged | Trouble::Deadly | Trouble::Document(_)) => return Ok(()),
        Err(trouble) => return Err(trouble),
    };
    let stamp = room.stamps.borrow().get(id).copied().unwrap_or_default();
    let write = row_write(&room.sealer(), id, &document.row()?, stamp.saved_at, stamp.sent_at).await?;
    room.database.write(&[write.unless(unsent_under(id))]).await
}
