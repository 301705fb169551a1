//! The passkeys that people sign in with, as the store keeps them.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::PersonId;
use shared::time::Millis;

/// One passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Base64url without padding.
    pub credential_id: String,
    pub person: PersonId,
    /// What people tell it by: `Passkey of 22 Nov 2026`.
    pub label: String,
    /// `webauthn_rs::prelude::Passkey` as JSON.
    pub passkey: String,
    pub added_at: Millis,
    pub used_at: Option<Millis>,
}

/// What people sign in with.
#[async_trait]
pub trait PasskeyStore {
    /// Adds a passkey; one that is known already is a conflict.
    async fn add_passkey(&self, passkey: &StoredPasskey) -> Result<(), StoreError>;
    async fn passkey(&self, credential_id: &str) -> Result<Option<StoredPasskey>, StoreError>;
    /// A person's passkeys, oldest first.
    async fn passkeys(&self, person: &PersonId) -> Result<Vec<StoredPasskey>, StoreError>;
    /// After a use: the renewed counter, and when.
    async fn passkey_used(&self, credential_id: &str, passkey: &str, at: Millis) -> Result<(), StoreError>;
    /// Removes one of a person's passkeys; their last only where `even_the_last`. `false` when nothing was removed.
    async fn remove_passkey(
        &self,
        person: &PersonId,
        credential_id: &str,
        even_the_last: bool,
    ) -> Result<bool, StoreError>;
}
