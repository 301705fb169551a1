//! `GET /api/sync/live`: tells a device up to which number there is news, and nothing else (design 5).

use crate::app::{App, News};
use crate::problem::chain;
use crate::session::{Staff, still_signed_in};
use crate::store::{Hint, StoreError};
use axum::extract::ws::{Message, WebSocket};
use shared::ids::OdsCode;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tower_sessions::Session;

/// How often a quiet connection is tried and the session looked at again.
const CHECK_EVERY: Duration = Duration::from_secs(25);

/// Rings for what the command line or another server on the same store wrote; never ends.
pub async fn ring_for_others(app: App) {
    let mut hints = app.store.hints();
    let mut heard = app.news.subscribe();
    let mut told: Option<BTreeMap<OdsCode, u64>> = None;
    while let Some(hint) = hints.recv().await {
        let reached = match &hint {
            Hint::Reached { pharmacy, seq } => BTreeMap::from([(pharmacy.clone(), *seq)]),
            Hint::Look => match app.store.last_seqs().await {
                Ok(last) => last,
                Err(error) => {
                    tracing::warn!(cause = %chain(&error), "the logs could not be looked at");
                    continue;
                }
            },
        };
        if told.is_none() && hint != Hint::Look {
            continue;
        }
        // What is there at the first look was there before anybody listened.
        let told = told.get_or_insert_with(|| reached.clone());
        // What this process wrote was rung for when it was written.
        while let Ok(news) = heard.try_recv() {
            raise(told, &news.pharmacy, news.seq);
        }
        for (pharmacy, seq) in reached {
            if raise(told, &pharmacy, seq) {
                // Nobody may be listening; that is no failure.
                let _ = app.news.send(News { pharmacy, seq });
            }
        }
    }
}

/// Whether that number is news.
fn raise(told: &mut BTreeMap<OdsCode, u64>, pharmacy: &OdsCode, seq: u64) -> bool {
    let before = told.get(pharmacy).copied().unwrap_or(0);
    if seq > before {
        told.insert(pharmacy.clone(), seq);
    }
    seq > before
}

/// Tells news until the device goes, the session ends, the person or device is removed, or the server closes.
pub async fn tell(mut socket: WebSocket, app: App, staff: Staff, session: Session) {
    let mut news = app.news.subscribe();
    let mut ended = app.ended.subscribe();
    let mut closing = app.closing.subscribe();
    let mut check = tokio::time::interval(CHECK_EVERY);
    if say_latest(&mut socket, &app, &staff).await.is_err() {
        return;
    }
    loop {
        let goes_on = tokio::select! {
            told = news.recv() => match told {
                Ok(told) if told.pharmacy == staff.pharmacy => say(&mut socket, told.seq).await,
                Ok(_) => Ok(()),
                // Some were missed; the latest number says it all.
                Err(RecvError::Lagged(_)) => say_latest(&mut socket, &app, &staff).await,
                Err(RecvError::Closed) => Err(Gone),
            },
            person = ended.recv() => match person {
                Ok(person) if person != staff.person.id => Ok(()),
                Ok(_) | Err(RecvError::Lagged(_)) => still_allowed(&app, &staff, &session).await,
                Err(RecvError::Closed) => Err(Gone),
            },
            _ = check.tick() => match still_allowed(&app, &staff, &session).await {
                Ok(()) => socket.send(Message::Ping(Vec::new().into())).await.map_err(|_| Gone),
                gone => gone,
            },
            () = until_true(&mut closing) => Err(Gone),
            heard = socket.recv() => match heard {
                // Nothing a device says here means anything; hearing it notices when it goes.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Ok(()),
            },
        };
        if goes_on.is_err() {
            // The other side may be gone already.
            let _ = socket.send(Message::Close(None)).await;
            return;
        }
    }
}

/// The connection is over.
struct Gone;

async fn until_true(closing: &mut watch::Receiver<bool>) {
    // An error means that the app is gone, which is closing too.
    let _ = closing.wait_for(|closing| *closing).await;
}

async fn say(socket: &mut WebSocket, seq: u64) -> Result<(), Gone> {
    socket.send(Message::text(seq.to_string())).await.map_err(|_| Gone)
}

async fn say_latest(socket: &mut WebSocket, app: &App, staff: &Staff) -> Result<(), Gone> {
    match app.store.last_seq(&staff.pharmacy).await {
        Ok(seq) => say(socket, seq).await,
        Err(_) => Err(Gone),
    }
}

async fn still_allowed(app: &App, staff: &Staff, session: &Session) -> Result<(), Gone> {
    // Losing the nudge costs delay only, so doubt closes it.
    let signed_in = still_signed_in(session).await.unwrap_or(false);
    let present = signed_in && present(app, staff).await.unwrap_or(false);
    if present { Ok(()) } else { Err(Gone) }
}

async fn present(app: &App, staff: &Staff) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let employed = app.store.role_at(&staff.person.id, &staff.pharmacy, now).await?.is_some();
    let revoked = match &staff.device {
        Some(device) => app.store.device(device).await?.is_some_and(|device| device.revoked_at.is_some()),
        None => false,
    };
    Ok(employed && !revoked)
}
