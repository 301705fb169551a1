//! Sessions as the store keeps them, and the cookie that names one.

use super::{SIGNED_IN, SignedIn};
use crate::app::App;
use crate::config::Config;
use crate::store::{StoreError, StoredSession};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
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

fn backend(error: StoreError) -> Error {
    Error::Backend(crate::problem::chain(&error))
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
