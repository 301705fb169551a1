//! Joining a further pharmacy, as somebody who is known already.

use super::{InvitationUse, StoreError};
use async_trait::async_trait;
use shared::ids::PersonId;
use shared::time::Millis;

/// People who work at more than one pharmacy.
#[async_trait]
pub trait JoiningStore {
    /// Uses an invitation for somebody who is known: the membership is there and the invitation gone, or neither. One
    /// of two who try at once gets [`InvitationUse::Used`].
    async fn join(
        &self,
        token_hash: &[u8; 32],
        person: &PersonId,
        at: Millis,
    ) -> Result<InvitationUse, StoreError>;
}
