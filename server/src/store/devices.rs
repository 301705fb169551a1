//! Devices and the keys on them, as the store keeps them.

use super::{Person, StoreError};
use async_trait::async_trait;
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::time::Millis;

/// A device's key that stands in for a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKey {
    pub device: DeviceId,
    /// P-256 uncompressed point, base64url.
    pub key: String,
}

/// One browser profile on one machine, at one pharmacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    pub pharmacy: OdsCode,
    pub label: String,
    pub people: Vec<Person>,
    pub added_at: Millis,
    pub seen_at: Millis,
    pub revoked_at: Option<Millis>,
    /// Consultations that waited on it when it last said so; `None`: it never did.
    pub unsent: Option<u32>,
}

/// A device making itself known: one person's signing key and the sealed way back.
#[derive(Debug, Clone)]
pub struct DeviceKeys {
    pub device: DeviceId,
    pub pharmacy: OdsCode,
    pub person: PersonId,
    pub label: String,
    /// P-256 uncompressed point, base64url.
    pub signing_key: String,
    pub vault: String,
    pub key_version: u32,
    /// `shared::vault::SealedToServer` as JSON.
    pub sealed: String,
    pub at: Millis,
}

/// A person's public signing key on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    pub pharmacy: OdsCode,
    pub registered_at: Millis,
    /// When the device or the person was removed, if they were.
    pub revoked_at: Option<Millis>,
}

/// Which devices are known, and who signs on them.
#[async_trait]
pub trait DeviceStore {
    /// Makes a device, or one more person on it, known. Safe to repeat. A device of another pharmacy or one that was
    /// revoked is a conflict. A vault key that is there already stays as it is.
    async fn put_device(&self, keys: &DeviceKeys) -> Result<(), StoreError>;
    /// Devices of a pharmacy that were not revoked, newest first.
    async fn devices(&self, pharmacy: &OdsCode) -> Result<Vec<Device>, StoreError>;
    /// One device, revoked or not.
    async fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError>;
    /// A device has been in touch.
    async fn device_seen(&self, id: &DeviceId, at: Millis) -> Result<(), StoreError>;
    /// Revokes a device and ends the sessions on it. `false` when the pharmacy has no such device, or no longer.
    async fn revoke_device(&self, pharmacy: &OdsCode, id: &DeviceId, at: Millis) -> Result<bool, StoreError>;
    /// A person's keys on one device, each with the device's pharmacy; none where either was removed.
    async fn signing_keys_in_use(
        &self,
        person: &PersonId,
        device: &DeviceId,
    ) -> Result<Vec<(String, OdsCode)>, StoreError>;
    /// A person's signing key on a device, as it was registered; `None` for a key never registered.
    async fn signing_key(
        &self,
        person: &PersonId,
        device: &DeviceId,
        key: &str,
    ) -> Result<Option<SigningKey>, StoreError>;
    /// Forgets one sealed vault key, where it still is what the caller looked at.
    async fn forget_sealed_key(
        &self,
        device: &DeviceId,
        vault: &str,
        key_version: u32,
        sealed: &str,
    ) -> Result<(), StoreError>;
    /// The vault keys sealed to the server that a device sent, newest first: (vault, key version, sealed JSON).
    async fn sealed_keys(&self, device: &DeviceId) -> Result<Vec<(String, u32, String)>, StoreError>;
}
