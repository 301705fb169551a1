//! Sessions as the store keeps them, and the cookie that names one.

use super::{SIGNED_IN, SignedIn};
use crate::app::App;
use crate::config::Config;
use crate::problem::Problem;
use crate::store::{StoreError, StoredSession};
use async_trait::async_trait;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::fmt;
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

/// Long enough for a ceremony; a sign-in sets its own.
const BEFORE_SIGN_IN: time::Duration = time::Duration::minutes(15);

/// The layer that reads and sets the cookie: not for scripts, not for other sites, not over plain http when public.
pub fn layer(app: &App) -> SessionManagerLayer<Sessions> {
    let sessions = Sessions { app: app.clone() };
    SessionManagerLayer::new(sessions)
        .with_name(cookie_name(&app.config))
        .with_http_only(true)
        // Lax and not Strict: the way back from CIS2 is a navigation from another site.
        .with_same_site(SameSite::Lax)
        .with_secure(app.config.secure())
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(BEFORE_SIGN_IN))
}

/// `__Host-` lets no other host of the domain set it, and is only allowed with `Secure`.
pub fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-satchel" } else { "satchel" }
}

/// Keeps sessions in the store under a hash of their id, timed by the server's clock.
#[derive(Clone)]
pub struct Sessions {
    app: App,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// Under which a session is kept.
pub(super) fn hash(id: Id) -> [u8; 32] {
    Sha256::digest(id.0.to_le_bytes()).into()
}

tokio::task_local! {
    /// Whether the store was busy when this request's session was looked for or kept: the library's errors hold only
    /// words, and what it answers itself holds not even those.
    static STORE_BUSY: Cell<bool>;
}

fn backend(error: StoreError) -> Error {
    if matches!(error, StoreError::Busy(_)) {
        // Outside a request nobody waits to be told.
        let _ = STORE_BUSY.try_with(|busy| busy.set(true));
    }
    Error::Backend(crate::problem::chain(&error))
}

/// Says "try again" where a session could not be looked for or kept in time: nothing is broken, and nobody is signed
/// out. To be laid around [`layer`].
pub async fn busy_store_as_busy(request: Request, next: Next) -> Response {
    let answering = async move { (next.run(request).await, STORE_BUSY.with(Cell::get)) };
    match STORE_BUSY.scope(Cell::new(false), answering).await {
        (failed, true) if failed.status() == StatusCode::INTERNAL_SERVER_ERROR => {
            Problem::Busy(None).into_response()
        }
        (response, _) => response,
    }
}

impl Sessions {
    /// How long the library means a session to last from now; the moment itself is told by our clock.
    fn lasting(record: &Record) -> i64 {
        let lasting = record.expiry_date - OffsetDateTime::now_utc();
        i64::try_from(lasting.whole_milliseconds()).unwrap_or(0).max(0)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    /// Ids are 128 random bits, so a new one is never another's.
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let signed_in: Option<SignedIn> =
            record.data.get(SIGNED_IN).and_then(|value| serde_json::from_value(value.clone()).ok());
        let session = StoredSession {
            id_hash: hash(record.id),
            person: signed_in.as_ref().map(|signed_in| signed_in.person),
            device: signed_in.and_then(|signed_in| signed_in.device),
            cis2: crate::cis2::handle_in(&record.data),
            data: serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?,
            expires_at: self.app.clock.now() + Self::lasting(record),
        };
        let stored = self.app.store.put_session(&session).await.map_err(backend);
        // Even where it failed: it may have been stored all the same.
        self.app.presences.forget(&session.id_hash);
        stored
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.app.clock.now();
        let Some(session) = self.app.store.session(&hash(*id), now).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&session.data).map_err(|e| Error::Decode(e.to_string()))?;
        let left = time::Duration::milliseconds(session.expires_at - now);
        Ok(Some(Record { id: *id, data, expiry_date: OffsetDateTime::now_utc() + left }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let id_hash = hash(*id);
        let deleted = self.app.store.delete_session(&id_hash).await.map_err(backend);
        self.app.presences.forget(&id_hash);
        deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::http::header;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use std::io::Error as IoError;
    use tower::ServiceExt as _;

    async fn answered(error: fn() -> StoreError) -> Response {
        let looked_for = move || async move {
            let failed = tower_sessions::session::Error::Store(backend(error()));
            Err::<(), Problem>(Problem::from(failed))
        };
        let routes = Router::new().route("/", get(looked_for)).layer(from_fn(busy_store_as_busy));
        routes.oneshot(Request::new(Body::empty())).await.expect("an answer")
    }

    #[tokio::test]
    async fn a_session_that_cannot_be_looked_for_now_is_asked_for_again_and_not_lost() {
        let busy = answered(|| StoreError::Busy(Box::new(IoError::other("no connection in time")))).await;
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(busy.headers().contains_key(header::RETRY_AFTER));
    }

    #[tokio::test]
    async fn a_session_that_is_damaged_is_not_called_busy() {
        let broken = answered(|| StoreError::broken(IoError::other("not a session"))).await;
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
