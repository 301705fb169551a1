//! Deleting whole documents from this device: destroyed at the end of their retention, or older than what is kept.
//! It runs in the worker.

use super::pages;
use crate::platform::trouble::Trouble;
use crate::worker::backroom::Backroom;
use crate::worker::messages::Said;
use crate::worker::serve::say;
use shared::ids::ConsultationId;
use std::collections::BTreeSet;

/// Deletes all there is of these, sent or not (practice 36): the server has said that they are to be no more.
pub async fn erase(room: &Backroom, ids: &BTreeSet<ConsultationId>) -> Result<(), Trouble> {
    {
        let _alone = room.rows.lock().await;
        let mut writes = pages::removal(&room.database, &room.sealer(), ids, true).await?;
        writes.extend(pages::erasure(ids));
        room.database.write(&writes).await?;
    }
    forgotten(room, ids);
    Ok(())
}

/// Nothing of these lies here any more.
pub fn forgotten(room: &Backroom, ids: &BTreeSet<ConsultationId>) {
    room.stamps.borrow_mut().retain(|id, _| !ids.contains(id));
    say(&Said::Gone(ids.iter().copied().collect()));
}
