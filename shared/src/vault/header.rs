//! The vault's own description, kept in the clear: who can open it and by what means. It names no patient.

use crate::ids::{DeviceId, OdsCode, PersonId};
use serde::{Deserialize, Serialize};

/// HKDF `info` for the key-encryption key, version 1.
pub const KEK_INFO: &str = "satchel kek v1";
/// HKDF `info` for the key that seals the vault key to the server, version 1.
pub const SERVER_SEAL_INFO: &str = "satchel server seal v1";
/// HKDF `info` for the key that seals a vault key on its way back to a device, version 1.
pub const KEY_RETURN_INFO: &str = "satchel key return v1";

/// HKDF `info` for the key that hands a new vault key to a person who is not there, version 1.
pub const HANDED_INFO: &str = "satchel handed key v1";

/// The version that [`VaultHeader::to_json`] writes; each earlier one stays readable.
pub const HEADER_VERSION: u8 = 2;

/// Version 2. One vault per pharmacy per device. What version 1 did not have is absent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultHeader {
    /// 1 or 2.
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
    /// The way back through the server: the newest key.
    pub sealed_to_server: SealedToServer,
    /// Several people use this device: a passkey alone opens nothing (design 6).
    #[serde(default)]
    pub shared: bool,
    /// Somebody's wraps were dropped because the pharmacy removed them: the next unlock changes the key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rotation_due: bool,
    /// Keys of earlier versions, for as long as anything is sealed under them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierKey>,
}

/// Why text is not a vault header that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAHeader {
    #[error("the vault on this device is damaged")]
    Damaged,
    #[error("the vault on this device was written by a newer version of Satchel; update the app")]
    Newer,
}

impl VaultHeader {
    /// Reads any version up to this one; a later one is told from damage, also when its fields are strange.
    pub fn from_json(text: &str) -> Result<Self, NotAHeader> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u64,
        }
        let Versioned { v } = serde_json::from_str(text).map_err(|_| NotAHeader::Damaged)?;
        match v {
            0 => Err(NotAHeader::Damaged),
            v if v > u64::from(HEADER_VERSION) => Err(NotAHeader::Newer),
            _ => serde_json::from_str(text).map_err(|_| NotAHeader::Damaged),
        }
    }

    /// The text to keep, always of the present version.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Self { v: HEADER_VERSION, ..self.clone() })
            .expect("strings and numbers always serialise")
    }
}

/// An earlier vault key, wrapped under the newest with [`earlier_key_data`] as associated data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierKey {
    pub key_version: u32,
    /// Nonce (12 bytes) and ciphertext, base64url.
    pub wrapped_key: String,
}

/// What the wrap of an earlier key vouches for, so that it is never taken for a sealed record, nor for another key.
pub fn earlier_key_data(vault: &str, key_version: u32) -> Vec<u8> {
    format!("satchel earlier key v1\n{vault}\n{key_version}").into_bytes()
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
    /// Which vault key `wrapped_key` is; behind the header's while a newer one is handed over.
    #[serde(default = "first_key")]
    pub key_version: u32,
    /// By which a new vault key reaches this person while somebody else is at the device; absent in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementKey>,
    /// The newest vault key, waiting for this person's next unlock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<HandedKey>,
}

fn first_key() -> u32 {
    1
}

/// A P-256 ECDH key pair of one wrap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementKey {
    /// The public point, sealed with the vault key (an envelope in base64url): nobody outside can put theirs here.
    pub public: String,
    /// The private half (PKCS #8) under the key-encryption key, as the signing key is.
    pub wrapped: String,
}

/// A vault key for somebody who was not there: ephemeral ECDH, HKDF-SHA-256 with [`HANDED_INFO`], AES-256-GCM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedKey {
    pub key_version: u32,
    /// Ephemeral public key, uncompressed point, base64url.
    pub ephemeral: String,
    /// Nonce (12 bytes) and ciphertext, base64url.
    pub sealed: String,
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
        let header: VaultHeader = VaultHeader::from_json(text).expect("version 1 is readable");
        assert_eq!(header.wraps.len(), 3);
        assert!(matches!(header.wraps[2].kind, WrapKind::Passphrase { .. }));
        assert_eq!((header.shared, header.wraps[0].key_version), (false, 1));
    }

    #[test]
    fn a_header_of_the_second_version_is_read_for_ever_and_written_without_losing_a_field() {
        let text = include_str!("../../fixtures/vault-header-v2.json");
        let header = VaultHeader::from_json(text).expect("version 2 is readable");
        assert!(header.shared);
        assert_eq!(header.earlier[0].key_version, 1);
        assert_eq!(header.wraps[1].handed.as_ref().map(|handed| handed.key_version), Some(2));
        let before: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let after: serde_json::Value = serde_json::from_str(&header.to_json()).expect("JSON");
        assert_eq!(before, after);
    }

    #[test]
    fn a_newer_header_asks_for_an_update_and_is_not_called_damaged() {
        assert_eq!(VaultHeader::from_json(r#"{"v":3,"wraps":"elsewhere"}"#), Err(NotAHeader::Newer));
        assert_eq!(VaultHeader::from_json(r#"{"v":2}"#), Err(NotAHeader::Damaged));
        assert_eq!(VaultHeader::from_json("torn"), Err(NotAHeader::Damaged));
    }

    #[test]
    fn the_wrap_of_an_earlier_key_is_never_taken_for_a_record() {
        let wrap = earlier_key_data("dmF1bHQ", 1);
        assert_ne!(wrap, crate::vault::associated_data("dmF1bHQ", 1, ""));
        assert_ne!(wrap, earlier_key_data("dmF1bHQ", 2));
    }
}
