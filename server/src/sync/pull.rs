//! `GET /api/sync/pull`: the log after a cursor as a stream of frames, no document opened on the way (design 5).

use super::whole;
use crate::app::App;
use crate::store::{LogPage, StoreError};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use shared::ids::OdsCode;
use shared::sync::frame::{PullFrame, PulledDocument, with_length};
use shared::sync::server::{FRAME_BYTES, begin};

/// Frames, each with its length before it, until the log's end as it is then, and how many documents they are about.
/// There is always at least one frame, so that even a device that has everything learns the epoch.
pub async fn frames(
    app: App,
    pharmacy: OdsCode,
    after: u64,
) -> Result<(u64, impl Stream<Item = Result<Bytes, StoreError>> + use<>), StoreError> {
    let after = begin(after, app.store.last_seq(&pharmacy).await?);
    let ahead = app.store.documents_ahead(&pharmacy, after).await?;
    let first = whole::start(&app, &pharmacy, after, ahead).await?;
    let first = first.map(|frame| Ok(with_length(&frame.to_bytes()).into()));
    let next = move |cursor: Option<u64>| {
        let (app, pharmacy) = (app.clone(), pharmacy.clone());
        async move {
            let Some(cursor) = cursor else { return Ok(None) };
            let page = app.store.documents_after(&pharmacy, cursor, FRAME_BYTES).await?;
            let next = page.more.then_some(page.cursor);
            let frame =
                tokio::task::spawn_blocking(move || packed(&app, page)).await.map_err(StoreError::broken)?;
            Ok(Some((frame, next)))
        }
    };
    Ok((ahead, stream::iter(first).chain(stream::try_unfold(Some(after), next))))
}

fn packed(app: &App, page: LogPage) -> Bytes {
    let mut proofs = page.proofs;
    let documents = page.documents.into_iter().map(|document| PulledDocument {
        id: document.id,
        base: document.base,
        changes: document.changes,
        row: document.row,
        signatures: proofs.signatures.remove(&document.id).unwrap_or_default(),
    });
    let frame = PullFrame {
        cursor: page.cursor,
        more: page.more,
        destroyed: page.destroyed,
        documents: documents.collect(),
        receipts: proofs.receipts,
        actors: proofs.claims,
        ..PullFrame::empty(app.epoch())
    };
    with_length(&frame.to_bytes()).into()
}
