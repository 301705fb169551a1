//! Who works at a pharmacy and who was removed from it, as the store keeps them.

use super::{Person, StoreError};
use async_trait::async_trait;
use shared::ids::{OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;

/// Somebody who no longer works at a pharmacy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// What they were there.
    pub role: Role,
    pub at: Millis,
}

/// Staff of one pharmacy, and leaving it.
#[async_trait]
pub trait RemovalStore {
    /// Everybody who works at a pharmacy, by name.
    async fn staff(&self, pharmacy: &OdsCode) -> Result<Vec<(Person, Role)>, StoreError>;

    /// Ends a person's work at a pharmacy, and all their sessions. `false` when they do not work there.
    async fn remove_person(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// The latest removal of a person from a pharmacy; they may work there again since.
    async fn removal(&self, person: &PersonId, pharmacy: &OdsCode) -> Result<Option<Removal>, StoreError>;
}
