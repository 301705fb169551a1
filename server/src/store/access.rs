//! Who may come and for how long: links not used yet, and access that ends by itself (practice 30).

use super::{Invitation, StoreError};
use async_trait::async_trait;
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::time::Millis;

/// Access to a pharmacy, and what people call their things.
#[async_trait]
pub trait AccessStore {
    /// Links of a pharmacy that nobody has used and that work still, newest first.
    async fn invitations(&self, pharmacy: &OdsCode, now: Millis) -> Result<Vec<Invitation>, StoreError>;

    /// The link works no more. `false` where this pharmacy has none such, or no longer.
    async fn withdraw_invitation(
        &self,
        pharmacy: &OdsCode,
        token_hash: &[u8; 32],
    ) -> Result<bool, StoreError>;

    /// Sets when somebody's access ends, whether it has ended or not; `None` for never. `false` when they do not work
    /// there.
    async fn set_access(
        &self,
        person: &PersonId,
        pharmacy: &OdsCode,
        until: Option<Millis>,
    ) -> Result<bool, StoreError>;

    /// Gives a device of a pharmacy a name, which it keeps. `false` where the pharmacy has none such, or no longer.
    async fn name_device(&self, pharmacy: &OdsCode, id: &DeviceId, label: &str) -> Result<bool, StoreError>;

    /// How many consultations wait on a device, which has been in touch to say so.
    async fn device_waits(&self, id: &DeviceId, unsent: u32, at: Millis) -> Result<(), StoreError>;

    /// Gives one of a person's passkeys a name. `false` where it is not theirs.
    async fn name_passkey(
        &self,
        person: &PersonId,
        credential_id: &str,
        label: &str,
    ) -> Result<bool, StoreError>;

    /// Whether a person has a key, on a device in use, that stands in for a passkey: they wrapped it with a passphrase
    /// when they enrolled.
    async fn has_stand_in_key(&self, person: &PersonId) -> Result<bool, StoreError>;

    /// Says what came of comparing a person's number with the register.
    async fn set_gphc_checked(&self, person: &PersonId, checked: bool) -> Result<(), StoreError>;

    /// Everybody who has a GPhC number.
    async fn registered_people(&self) -> Result<Vec<super::Person>, StoreError>;
}
