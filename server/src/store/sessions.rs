//! Web sessions and the nonces given out for receipts, as the store keeps them.

use super::{Person, StoreError};
use async_trait::async_trait;
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;

/// A nonce this server gave out, to be named in an unlock's receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce {
    /// Base64url of 32 random bytes.
    pub nonce: String,
    /// `None` when nobody was signed in.
    pub person: Option<PersonId>,
    /// `None` when the device had not made itself known.
    pub device: Option<DeviceId>,
    pub issued_at: Millis,
}

/// A web session, as opaque text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// SHA-256 of the cookie's value, so that a stolen database opens no session.
    pub id_hash: [u8; 32],
    pub person: Option<PersonId>,
    pub device: Option<DeviceId>,
    /// Handle of the CIS2 sign-in that it names, so that a logout there finds it.
    pub cis2: Option<String>,
    pub data: String,
    pub expires_at: Millis,
}

/// A session that somebody signed in with, and what they are today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInSession {
    pub data: String,
    pub expires_at: Millis,
    pub person: Person,
    /// At each pharmacy where they work, and when that ends by itself.
    pub roles: Vec<(OdsCode, Role, Option<Millis>)>,
}

/// Who is signed in, and what receipts may name.
#[async_trait]
pub trait SessionStore {
    /// Remembers a nonce; one that is known keeps the time it was first given out.
    async fn put_nonce(&self, nonce: &Nonce) -> Result<(), StoreError>;
    /// A nonce this server gave out; `None` for one it never did.
    async fn nonce_known(&self, nonce: &str) -> Result<Option<Nonce>, StoreError>;
    async fn put_session(&self, session: &StoredSession) -> Result<(), StoreError>;
    /// A session that has not expired at `now`.
    async fn session(&self, id_hash: &[u8; 32], now: Millis) -> Result<Option<StoredSession>, StoreError>;
    /// A session that has not expired at `now`, with its person; `None` too when they work nowhere.
    async fn signed_in_session(
        &self,
        id_hash: &[u8; 32],
        now: Millis,
    ) -> Result<Option<SignedInSession>, StoreError>;
    async fn delete_session(&self, id_hash: &[u8; 32]) -> Result<(), StoreError>;
    /// Ends every session of a person.
    async fn delete_sessions_of(&self, person: &PersonId) -> Result<(), StoreError>;
    /// Forgets sessions and invitations that expired before `now`.
    async fn forget_expired(&self, now: Millis) -> Result<(), StoreError>;
}
