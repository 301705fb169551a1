//! The vault's own description, kept in the clear: who can open it and by what means. It names no patient.

use crate::ids::{DeviceId, OdsCode, PersonId};
use serde::{Deserialize, Serialize};

/// HKDF `info` for the key-encryption key, version 1.
pub const KEK_INFO: &str = "satchel kek v1";
/// HKDF `info` for the key that seals the vault key to the server, version 1.
pub const SERVER_SEAL_INFO: &str = "satchel server seal v1";

/// Version 1. One vault per pharmacy per device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultHeader {
    /// Always 1.
    pub v: u8,
    /// Random, base64url; part of every record's associated data.
    pub vault: String,
    pub pharmacy: OdsCode,
    /// `Elm Pharmacy`, for the unlock screen.
    pub pharmacy_name: String,
    pub device: DeviceId,
    /// HKDF salt, 32 random bytes, base64url.
    pub salt: String,
    /// The key now used for new records.
    pub key_version: u32,
    /// A known text sealed with the vault key: opens only if the key is right. Base64url of an envelope.
    pub key_check: String,
    /// Several people may share a device (one wrap or more each).
    pub wraps: Vec<Wrap>,
    /// The way back through the server.
    pub sealed_to_server: SealedToServer,
}

/// The vault key wrapped for one person by one means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrap {
    pub person: PersonId,
    /// Shown on the unlock screen.
    pub person_name: String,
    pub kind: WrapKind,
    /// Nonce (12 bytes) and AES-GCM ciphertext of the vault key under the key-encryption key, base64url.
    pub wrapped_key: String,
    /// The person's ECDSA signing key (PKCS #8), wrapped in the same way.
    pub wrapped_signing_key: String,
    /// Public half, P-256 uncompressed point, base64url.
    pub signing_key: String,
}

/// What a person does to open the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum WrapKind {
    /// KEK = HKDF-SHA-256(PRF output).
    Passkey {
        /// Base64url.
        credential_id: String,
        /// The PRF's input, base64url of 32 bytes.
        prf_input: String,
    },
    /// KEK = HKDF-SHA-256(PRF output ‖ Argon2id(PIN)); for a device several people share.
    PasskeyAndPin { credential_id: String, prf_input: String, argon2: Argon2Parameters },
    /// KEK = HKDF-SHA-256(Argon2id(passphrase)).
    Passphrase { argon2: Argon2Parameters },
}

/// Argon2id parameters, stored with the wrap so that they can be raised later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argon2Parameters {
    /// Base64url of 16 random bytes.
    pub salt: String,
    /// Memory in KiB.
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// The vault key sealed to the server's P-256 key: ephemeral ECDH, HKDF-SHA-256, AES-256-GCM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedToServer {
    /// Which server key, as the server named it.
    pub key_id: String,
    /// Ephemeral public key, uncompressed point, base64url.
    pub ephemeral: String,
    /// Nonce (12 bytes) and ciphertext, base64url.
    pub sealed: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_header_of_the_first_release_is_read_for_ever() {
        let text = include_str!("../../fixtures/vault-header-v1.json");
        let header: VaultHeader = serde_json::from_str(text).expect("version 1 is readable");
        assert_eq!(header.wraps.len(), 3);
        assert!(matches!(header.wraps[2].kind, WrapKind::Passphrase { .. }));
    }
}
