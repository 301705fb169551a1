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

/// Somebody who works at a pharmacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub person: Person,
    pub role: Role,
    /// When their access ends or ended by itself; `None` for never.
    pub until: Option<Millis>,
}

/// Staff of one pharmacy, and leaving it.
#[async_trait]
pub trait RemovalStore {
    /// Everybody who works at a pharmacy, by name; those whose access has ended by itself as well, until they are removed.
    async fn staff(&self, pharmacy: &OdsCode) -> Result<Vec<StaffMember>, StoreError>;

    /// Ends a person's work at a pharmacy, and all their sessions. `false` when they do not work there.
    async fn remove_person(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        at: Millis,
    ) -> Result<bool, StoreError>;

    /// When a person's work at a pharmacy ended: their access by itself, or else their latest removal; they may work there
    /// again since.
    async fn removal(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        now: Millis,
    ) -> Result<Option<Removal>, StoreError>;
}
