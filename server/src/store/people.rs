//! Pharmacies, the people who work there, and the links they enrol with, as the store keeps them.

use super::{DeviceKey, StoreError, StoredPasskey};
use async_trait::async_trait;
use shared::ids::{GphcNumber, OdsCode, PersonId};
use shared::people::Role;
use shared::time::Millis;

/// A pharmacy that this server serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pharmacy {
    pub ods: OdsCode,
    pub name: String,
    /// Directory of Services ids that referrals may be addressed to.
    pub dos_ids: Vec<String>,
    /// Its MESH mailbox; empty for none.
    pub mailbox: String,
    /// As dialled; empty when not known.
    pub phone: String,
    /// On one line, commas between; empty when not known.
    pub address: String,
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    /// As typed and plausible; `None` for people without a registration.
    pub gphc: Option<GphcNumber>,
    /// Whether somebody or something compared it with the register (practice 4).
    pub gphc_checked: bool,
}

/// What a person is at one pharmacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub pharmacy: OdsCode,
    pub pharmacy_name: String,
    pub role: Role,
    /// When it ends by itself; `None` for never (practice 30).
    pub until: Option<Millis>,
}

/// A one-time enrolment link. The token itself is never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub token_hash: [u8; 32],
    pub pharmacy: OdsCode,
    pub role: Role,
    pub expires_at: Millis,
    /// Who invited; `None` from the command line.
    pub invited_by: Option<PersonId>,
    /// When the access it gives ends by itself; `None` for never (practice 30).
    pub access_ends: Option<Millis>,
}

/// Everything an enrolment makes, stored at once or not at all.
#[derive(Debug, Clone)]
pub struct Enrolment {
    pub token_hash: [u8; 32],
    pub person: Person,
    /// `None` where the platform has no passkeys; then there is a device key.
    pub passkey: Option<StoredPasskey>,
    pub device_key: Option<DeviceKey>,
    pub at: Millis,
}

/// What became of an invitation that somebody tried to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationUse {
    Used,
    /// Not known, used before or withdrawn.
    Unknown,
    Expired,
}

/// Who works where, and who may come.
#[async_trait]
pub trait PeopleStore {
    /// Adds a pharmacy, or brings what is known about it up to date.
    async fn put_pharmacy(&self, pharmacy: &Pharmacy) -> Result<(), StoreError>;
    /// Every pharmacy, by ODS code.
    async fn pharmacies(&self) -> Result<Vec<Pharmacy>, StoreError>;
    async fn pharmacy(&self, ods: &OdsCode) -> Result<Option<Pharmacy>, StoreError>;
    /// The pharmacy that a Directory of Services id stands for.
    async fn pharmacy_by_dos_id(&self, dos_id: &str) -> Result<Option<Pharmacy>, StoreError>;
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError>;
    /// Where a person works at that time, by ODS code; where their access has ended is left out.
    async fn memberships(&self, person: &PersonId, now: Millis) -> Result<Vec<Membership>, StoreError>;
    /// What a person is at one pharmacy at that time; `None` when they do not work there (any more).
    async fn role_at(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        now: Millis,
    ) -> Result<Option<Role>, StoreError>;
    async fn put_invitation(&self, invitation: &Invitation) -> Result<(), StoreError>;
    /// An invitation not yet used, expired or not.
    async fn invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError>;
    /// Uses an invitation: the person, their membership and their passkey, and the invitation is gone. One of two
    /// who try at once gets [`InvitationUse::Used`].
    async fn enrol(&self, enrolment: &Enrolment) -> Result<InvitationUse, StoreError>;
}
