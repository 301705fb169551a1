//! `GET /api/sync/pull`: the log after a cursor as a stream of frames, no document opened on the way (design 5).

use super::whole;
use crate::app::App;
use crate::store::{LogPage, StoreError};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use shared::ids::OdsCode;
use shared::sync::frame::{PullFrame, PulledDocument, with_length};
use shared::sync::server::{FRAME_BYTES, begin};

/// Pages up to this many bytes are packed at once: handing them over would take longer.
const SMALL: usize = 16 * 1024;

/// Frames, each with its length before it, until the log's end as it is then, and how many documents they are about.
/// There is always at least one frame, so that even a device that has everything learns the epoch.
pub async fn frames(
    app: App,
    pharmacy: OdsCode,
    after: u64,
) -> Result<(u64, impl Stream<Item = Result<Bytes, StoreError>> + use<>), StoreError> {
    let mut after = after;
    let mut page = app.store.documents_after(&pharmacy, after, FRAME_BYTES).await?;
    if page.documents.is_empty() && page.destroyed.is_empty() {
        // Nothing is behind it, or it is no number of this log.
        let from = begin(after, app.store.last_seq(&pharmacy).await?);
        if from != after {
            after = from;
            page = app.store.documents_after(&pharmacy, after, FRAME_BYTES).await?;
        }
    }
    let ahead = if page.more {
        app.store.documents_ahead(&pharmacy, after).await?
    } else {
        page.documents.len() as u64
    };
    let start = whole::start(&app, &pharmacy, after, ahead).await?;
    let start = start.map(|frame| Ok(with_length(&frame.to_bytes()).into()));
    let next = move |page: Option<Page>| {
        let (app, pharmacy) = (app.clone(), pharmacy.clone());
        async move {
            let page = match page {
                Some(Page::Read(page)) => *page,
                Some(Page::After(cursor)) => {
                    app.store.documents_after(&pharmacy, cursor, FRAME_BYTES).await?
                }
                None => return Ok(None),
            };
            let next = page.more.then_some(Page::After(page.cursor));
            let frame = if size(&page) <= SMALL {
                packed(&app, page)
            } else {
                tokio::task::spawn_blocking(move || packed(&app, page)).await.map_err(StoreError::broken)?
            };
            Ok(Some((frame, next)))
        }
    };
    let pages = stream::try_unfold(Some(Page::Read(Box::new(page))), next);
    Ok((ahead, stream::iter(start).chain(pages)))
}

/// The next page of a pull.
enum Page {
    Read(Box<LogPage>),
    After(u64),
}

/// Bytes of the documents in a page, about.
fn size(page: &LogPage) -> usize {
    let sizes = page
        .documents
        .iter()
        .map(|document| document.base.len() + document.changes.iter().map(Vec::len).sum::<usize>());
    sizes.sum()
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
