//! `GET /api/sync/pull`: the log after a cursor as a stream of frames, no document opened on the way (design 5).

use crate::app::App;
use crate::store::{LogPage, StoreError};
use axum::body::Bytes;
use futures_util::{Stream, stream};
use shared::ids::OdsCode;
use shared::sync::frame::{PullFrame, PulledDocument, with_length};
use shared::sync::server::{FRAME_BYTES, begin};

/// Frames, each with its length before it, until the log's end as it is then. There is always at least one, so
/// that even a device that has everything learns the epoch.
pub async fn frames(
    app: App,
    pharmacy: OdsCode,
    after: u64,
) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + use<>, StoreError> {
    let after = begin(after, app.store.last_seq(&pharmacy).await?);
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
    Ok(stream::try_unfold(Some(after), next))
}

fn packed(app: &App, page: LogPage) -> Bytes {
    let documents = page.documents.into_iter().map(|document| PulledDocument {
        id: document.id,
        base: document.base,
        changes: document.changes,
        row: document.row,
        signatures: Vec::new(),
    });
    let frame = PullFrame {
        cursor: page.cursor,
        more: page.more,
        documents: documents.collect(),
        ..PullFrame::empty(app.epoch)
    };
    with_length(&frame.to_bytes()).into()
}
