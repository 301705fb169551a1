//! People, where they work, and what they sign in with, as the store keeps them.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{DeviceId, GphcNumber, OdsCode, PersonId};
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
}

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
    pub data: String,
    pub expires_at: Millis,
}

/// One line of the audit log. Never patient data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Millis,
    /// `None` for the command line and for people not signed in.
    pub person: Option<PersonId>,
    pub pharmacy: Option<OdsCode>,
    /// `signed-in`, `device-revoked`: stable words.
    pub action: String,
    /// What it was done to: an id.
    pub subject: String,
}

/// What became of an invitation that somebody tried to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationUse {
    Used,
    /// Not known, used before or withdrawn.
    Unknown,
    Expired,
}

/// Who works where, with which passkeys and devices.
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
    /// Where a person works, by ODS code.
    async fn memberships(&self, person: &PersonId) -> Result<Vec<Membership>, StoreError>;
    /// What a person is at one pharmacy; `None` when they do not work there (any more).
    async fn role_at(&self, person: &PersonId, pharmacy: &OdsCode) -> Result<Option<Role>, StoreError>;

    async fn put_invitation(&self, invitation: &Invitation) -> Result<(), StoreError>;
    /// An invitation not yet used, expired or not.
    async fn invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError>;
    /// Uses an invitation: the person, their membership and their passkey, and the invitation is gone. One of two
    /// who try at once gets [`InvitationUse::Used`].
    async fn enrol(&self, enrolment: &Enrolment) -> Result<InvitationUse, StoreError>;

    /// Adds a passkey; one that is known already is a conflict.
    async fn add_passkey(&self, passkey: &StoredPasskey) -> Result<(), StoreError>;
    async fn passkey(&self, credential_id: &str) -> Result<Option<StoredPasskey>, StoreError>;
    /// A person's passkeys, oldest first.
    async fn passkeys(&self, person: &PersonId) -> Result<Vec<StoredPasskey>, StoreError>;
    /// After a use: the renewed counter, and when.
    async fn passkey_used(&self, credential_id: &str, passkey: &str, at: Millis) -> Result<(), StoreError>;
    /// Removes one of a person's passkeys, unless it is their last. `false` when nothing was removed.
    async fn remove_passkey(&self, person: &PersonId, credential_id: &str) -> Result<bool, StoreError>;

    /// Makes a device, or one more person on it, known. Safe to repeat. A device of another pharmacy or one that was
    /// revoked is a conflict.
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
    /// The vault keys sealed to the server that a device sent, newest first: (vault, key version, sealed JSON).
    async fn sealed_keys(&self, device: &DeviceId) -> Result<Vec<(String, u32, String)>, StoreError>;

    /// Remembers a nonce; one that is known keeps the time it was first given out.
    async fn put_nonce(&self, nonce: &Nonce) -> Result<(), StoreError>;
    /// A nonce this server gave out; `None` for one it never did.
    async fn nonce_known(&self, nonce: &str) -> Result<Option<Nonce>, StoreError>;

    async fn put_session(&self, session: &StoredSession) -> Result<(), StoreError>;
    /// A session that has not expired at `now`.
    async fn session(&self, id_hash: &[u8; 32], now: Millis) -> Result<Option<StoredSession>, StoreError>;
    async fn delete_session(&self, id_hash: &[u8; 32]) -> Result<(), StoreError>;
    /// Ends every session of a person.
    async fn delete_sessions_of(&self, person: &PersonId) -> Result<(), StoreError>;
    /// Forgets sessions and invitations that expired before `now`.
    async fn forget_expired(&self, now: Millis) -> Result<(), StoreError>;

    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError>;
    /// The newest `limit` lines of one pharmacy's audit log, newest first.
    async fn audit(&self, pharmacy: &OdsCode, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;
}
