//! The ways back: what a locked device may ask, give up and be given.

use crate::vault::SealedToServer;
use serde::{Deserialize, Serialize};

/// `GET /api/device-standing/{device}`, without a session: whether this device is still wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStanding {
    pub standing: Standing,
}

/// How the server sees a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Active,
    /// Send the sealed log (`vault::SealedLog`) to `POST /api/device-log/{device}`, then delete the vault.
    Revoked,
    /// Never made itself known here, or forgotten after a restore: nothing is to be deleted.
    Unknown,
}

/// The answer to `POST /api/device-log/{device}`: what became of one part of the sealed log. Sending a part again is
/// harmless. The vault may be deleted once the last part was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLogAnswer {
    /// Consultations of which something was set aside, to be released by an administrator.
    pub consultations: usize,
    /// Changes in them that the server did not have.
    pub changes: usize,
    /// Changes that the server had already.
    pub known: usize,
    /// Records that could not be opened or read: torn, foreign, or sealed with a key that never reached the server.
    pub unopened: usize,
}

/// `POST /api/devices/{id}/vault-key`: the vault key for a person whom no wrap on this device fits (a lost passkey, a
/// new colleague). Needs a sign-in not older than five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultKeyRequest {
    /// The device's ephemeral P-256 public key, uncompressed point, base64url; used once.
    pub ephemeral: String,
}

/// Every version of the key that the device ever sealed to the server, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultKeyAnswer {
    pub keys: Vec<ReturnedKey>,
}

/// One version of a vault key, sealed to the key the device asked with.
///
/// As the device seals to the server, the other way round: the shared secret is ECDH of the device's ephemeral private
/// key and `sealed.ephemeral`; HKDF-SHA-256, empty salt, info `vault::KEY_RETURN_INFO`; AES-256-GCM, no associated
/// data. `sealed.key_id` is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedKey {
    /// `VaultHeader::vault`; a device that was set up anew may have sealed keys of several.
    pub vault: String,
    pub key_version: u32,
    pub sealed: SealedToServer,
}
