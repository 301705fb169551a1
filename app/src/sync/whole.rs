//! Fetching one document whole: because a part of it is damaged here, or because it had left this device.

use super::machine::heard;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock};
use crate::vault::pages::PagedRow;
use crate::vault::pulled::document_writes;
use crate::vault::store::{
    StoredRow, aside_key, fetch_key, forget, load_parts, marker, read_unsent_key, row_write, unsent_under,
};
use crate::worker::backroom::{Backroom, news, tell};
use crate::worker::messages::Origin;
use shared::consultation::Document;
use shared::ids::ConsultationId;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Remembers that this one is to be fetched, now or when the server answers again.
pub async fn want(room: &Backroom, id: &ConsultationId) -> Result<(), Trouble> {
    room.database.write(&[marker(fetch_key(id))]).await
}

/// Fetches what is remembered. Without an answer it stays remembered.
pub async fn fetch_missing(room: &Rc<Backroom>) {
    let Ok(keys) = room.database.keys_under("state", "fetch/").await else { return };
    for id in keys.iter().filter_map(|key| key["fetch/".len()..].parse().ok()) {
        // Once an unlock: what the server cannot mend either is not asked for again and again.
        if room.fetched.borrow().contains(&id) {
            continue;
        }
        match fetch(room, &id).await {
            Err(Trouble::Unreachable | Trouble::NotSignedIn) => return,
            _ => {
                room.fetched.borrow_mut().insert(id);
            }
        }
    }
}

/// Puts the server's copy in the place of what is damaged here. Unsent work stays, whatever its state.
pub async fn fetch(room: &Rc<Backroom>, id: &ConsultationId) -> Result<(), Trouble> {
    let frame = heard(api::whole(*id).await)?;
    let document = frame.documents.first().filter(|document| document.id == *id).ok_or(Trouble::NotHere)?;
    // Opened before anything gives way to it.
    let bases: Vec<Vec<u8>> =
        Some(document.base.clone()).filter(|base| !base.is_empty()).into_iter().collect();
    Document::from_parts(&bases, &document.changes)?;
    let (database, sealer) = (&room.database, room.sealer());
    let damaged = load_parts(database, &sealer, id).await?;
    let waiting: BTreeSet<String> = database
        .keys_under("state", &unsent_under(id))
        .await?
        .iter()
        .filter_map(|key| read_unsent_key(key))
        .map(|(id, hash)| crate::vault::store::change_key(&id, &hash))
        .collect();
    let now = clock::now();
    let mut writes = vec![forget(fetch_key(id))];
    for key in damaged.damaged_bases {
        writes.push(Write::Delete { store: "bases", key });
    }
    for key in damaged.damaged_changes.into_iter().filter(|key| !waiting.contains(key)) {
        writes.push(Write::Delete { store: "changes", key });
    }
    writes.extend(document_writes(database, &sealer, document, false, now).await?);
    // Changes of our own that are whole keep their author's signature.
    let whole: BTreeSet<&String> = damaged.changes.iter().map(|(key, _)| key).collect();
    writes.retain(|write| !matches!(write, Write::Put { store: "changes", key, .. } if whole.contains(key)));
    let stamp = room.stamps.borrow().get(id).copied().unwrap_or_default();
    let stored =
        StoredRow { row: document.row.clone(), saved_at: stamp.saved_at.or(Some(now)), sent_at: Some(now) };
    {
        let _alone = room.rows.lock().await;
        let row = row_write(&sealer, id, &stored.row, stored.saved_at, stored.sent_at).await?;
        writes.push(row.unless(unsent_under(id)));
        database.write(&writes).await?;
    }
    let row = PagedRow { id: *id, stored };
    room.stamp(&row);
    let is_aside = database.get("state", &aside_key(id)).await?.is_some();
    if !is_aside {
        tell(vec![news(row, !waiting.is_empty(), None)], Origin::Server);
    }
    Ok(())
}
