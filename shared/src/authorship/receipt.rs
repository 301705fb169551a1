//! The receipt of one unlock, version 1: who opened the vault on which device, when, and with what proof.
//!
//! A receipt is JSON, and its hash is taken over those very bytes, which are kept and sent as they are.

use crate::ids::{DeviceId, OdsCode, PersonId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How the vault was opened. Never an assurance level: a local unlock is not an AAL3 sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unlock {
    Passkey,
    PasskeyAndPin,
    Passphrase,
}

impl Unlock {
    /// The word the record's history shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::PasskeyAndPin => "passkey-and-pin",
            Self::Passphrase => "passphrase",
        }
    }
}

/// What the authenticator said, base64url without padding, as WebAuthn returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyAssertion {
    pub credential_id: String,
    pub authenticator_data: String,
    pub client_data_json: String,
    pub signature: String,
}

/// Version 1. A receipt never opens a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Always 1.
    pub v: u8,
    pub unlock: Unlock,
    pub pharmacy: OdsCode,
    pub person: PersonId,
    pub device: DeviceId,
    /// The last nonce that the server gave this device, as it gave it.
    pub server_nonce: String,
    /// Unlocks of this vault so far; grows by one each time.
    pub counter: u64,
    /// Milliseconds since 1970, by the device's clock.
    pub at: i64,
    /// The person's signing key on this device: P-256, uncompressed point, base64url.
    pub signing_key: String,
    /// The passkey's answer to [`challenge`]; absent for a passphrase.
    pub assertion: Option<PasskeyAssertion>,
    /// The signing key's ECDSA signature (64 bytes, base64url) over [`challenge`]: proof that the vault was opened.
    pub proof: String,
}

/// Why bytes are not a receipt.
#[derive(Debug, thiserror::Error)]
pub enum NotAReceipt {
    #[error("these bytes are not an unlock receipt")]
    Unreadable(#[source] serde_json::Error),
    #[error("this unlock receipt is of version {0}, which is not known here; update the server first")]
    UnknownVersion(u8),
    #[error("this unlock receipt claims a passkey but carries no answer from one")]
    NoAssertion,
}

/// The WebAuthn challenge of an offline unlock: SHA-256 over a domain tag and everything the receipt claims.
pub fn challenge(
    person: &PersonId,
    device: &DeviceId,
    server_nonce: &str,
    counter: u64,
    at: i64,
    signing_key: &str,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"satchel receipt v1\n");
    hash.update(person.as_bytes());
    hash.update(device.as_bytes());
    for text in [server_nonce, signing_key] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.update(counter.to_be_bytes());
    hash.update(at.to_be_bytes());
    hash.finalize().into()
}

impl Receipt {
    /// The bytes to keep and send; [`Self::hash`] is over exactly these.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers always serialise")
    }

    /// Reads bytes that came from a device. Signatures are checked by the server, not here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAReceipt> {
        let receipt: Self = serde_json::from_slice(bytes).map_err(NotAReceipt::Unreadable)?;
        if receipt.v != 1 {
            return Err(NotAReceipt::UnknownVersion(receipt.v));
        }
        if receipt.unlock != Unlock::Passphrase && receipt.assertion.is_none() {
            return Err(NotAReceipt::NoAssertion);
        }
        Ok(receipt)
    }

    /// SHA-256 of a receipt's bytes.
    pub fn hash(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    /// The challenge that `assertion` and `proof` must answer.
    pub fn challenge(&self) -> [u8; 32] {
        challenge(&self.person, &self.device, &self.server_nonce, self.counter, self.at, &self.signing_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &[u8] = include_bytes!("../../fixtures/receipt-v1.json");

    #[test]
    fn a_receipt_of_the_first_release_is_read_for_ever() {
        let receipt = Receipt::from_bytes(V1).expect("version 1 is readable");
        assert_eq!(receipt.counter, 7);
        assert_eq!(receipt.unlock, Unlock::Passkey);
        let hex = crate::consultation::hex(&receipt.challenge());
        assert_eq!(hex, include_str!("../../fixtures/receipt-v1.challenge.txt").trim());
    }

    #[test]
    fn a_passkey_receipt_without_a_passkeys_answer_is_refused() {
        let mut receipt = Receipt::from_bytes(V1).expect("readable");
        receipt.assertion = None;
        assert!(matches!(Receipt::from_bytes(&receipt.to_bytes()), Err(NotAReceipt::NoAssertion)));
    }

    #[test]
    fn a_later_version_is_refused_not_guessed() {
        let mut receipt = Receipt::from_bytes(V1).expect("readable");
        receipt.v = 2;
        assert!(matches!(Receipt::from_bytes(&receipt.to_bytes()), Err(NotAReceipt::UnknownVersion(2))));
    }

    #[test]
    fn every_claim_changes_the_challenge() {
        let receipt = Receipt::from_bytes(V1).expect("readable");
        let mut later = receipt.clone();
        later.counter += 1;
        assert_ne!(receipt.challenge(), later.challenge());
        let mut elsewhere = receipt.clone();
        elsewhere.device = DeviceId::from_bytes([9; 16]);
        assert_ne!(receipt.challenge(), elsewhere.challenge());
    }
}
