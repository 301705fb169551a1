//! Documents as they stand, outside the log: one that is damaged on a device, and the pressing ones for a new device.

use crate::app::App;
use crate::store::StoreError;
use shared::ids::{ConsultationId, OdsCode};
use shared::sync::frame::{PullFrame, PulledDocument};
use shared::sync::server::FRAME_BYTES;

/// From so many documents on, a device that has nothing gets the pressing ones before the log.
const WORTH_A_START: u64 = 2_000;
/// How many of them.
const FIRST: u32 = 100;

/// One document with everything there is of it, in a frame that moves no cursor; `None` where there is no such one.
pub async fn whole(
    app: &App,
    pharmacy: &OdsCode,
    id: &ConsultationId,
) -> Result<Option<PullFrame>, StoreError> {
    let document = document(app, pharmacy, id).await?;
    Ok(document.map(|document| PullFrame { documents: vec![document], ..PullFrame::empty(app.epoch()) }))
}

async fn document(
    app: &App,
    pharmacy: &OdsCode,
    id: &ConsultationId,
) -> Result<Option<PulledDocument>, StoreError> {
    let Some(stored) = app.store.document(pharmacy, id).await? else { return Ok(None) };
    Ok(Some(PulledDocument {
        id: stored.id,
        base: stored.base,
        changes: stored.changes,
        row: stored.row,
        signatures: app.store.signatures_of(pharmacy, id).await?,
    }))
}

/// What a device that has nothing is to see first. The log brings all of it again, in its own order: this is only so
/// that work can begin.
pub async fn start(
    app: &App,
    pharmacy: &OdsCode,
    after: u64,
    ahead: u64,
) -> Result<Option<PullFrame>, StoreError> {
    if after > 0 || ahead < WORTH_A_START {
        return Ok(None);
    }
    let mut frame = PullFrame { more: true, ..PullFrame::empty(app.epoch()) };
    let mut size = 0;
    for id in app.store.unfinished(pharmacy, FIRST).await? {
        let Some(document) = document(app, pharmacy, &id).await? else { continue };
        size += document.base.len() + document.changes.iter().map(Vec::len).sum::<usize>();
        frame.documents.push(document);
        if size >= FRAME_BYTES {
            break;
        }
    }
    Ok(Some(frame).filter(|frame| !frame.documents.is_empty()))
}
