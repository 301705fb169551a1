//! What a device's signing key signs to open a session, version 1: the vault was opened here, by this person, just now.

use crate::ids::{DeviceId, PersonId};
use sha2::{Digest, Sha256};

/// What is signed at `POST /api/session/device-key/finish`; `challenge` is the text the server gave, as it gave it.
pub fn device_sign_in_statement(person: &PersonId, device: &DeviceId, challenge: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"satchel device sign-in v1\n");
    hash.update(person.as_bytes());
    hash.update(device.as_bytes());
    hash.update(challenge);
    hash.finalize().into()
}

/// What is signed at `POST /api/enrolment/device-key`: the invitation, the device, and the key being registered.
pub fn device_enrolment_statement(token: &str, device: &DeviceId, signing_key: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"satchel device enrolment v1\n");
    hash.update(device.as_bytes());
    for text in [token, signing_key] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_for_one_device_says_nothing_for_another() {
        let person = PersonId::from_bytes([1; 16]);
        let here = device_sign_in_statement(&person, &DeviceId::from_bytes([2; 16]), "abc");
        assert_ne!(here, device_sign_in_statement(&person, &DeviceId::from_bytes([3; 16]), "abc"));
        assert_ne!(here, device_sign_in_statement(&person, &DeviceId::from_bytes([2; 16]), "abd"));
    }

    #[test]
    fn enrolling_and_signing_in_are_never_the_same_statement() {
        let device = DeviceId::from_bytes([2; 16]);
        let sign_in = device_sign_in_statement(&PersonId::from_bytes([2; 16]), &device, "token");
        assert_ne!(sign_in, device_enrolment_statement("token", &device, "key"));
    }
}
