//! Nonces for unlock receipts that prove themselves: when, for which device, and that this server gave them out.
//!
//! Nothing of them is stored, so a server restored from a backup knows those it gave out afterwards, too.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shared::ids::{DeviceId, PersonId};
use shared::time::Millis;

const VERSION: u8 = 1;
const RANDOM: usize = 12;
const MAC: usize = 16;

/// Whom a nonce was given to. On a device it is the device, whoever was signed in: the next to unlock there, offline,
/// may be a colleague.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Device(DeviceId),
    /// Signed in on a device that had not made itself known.
    Person(PersonId),
    /// Nobody was signed in.
    Anybody,
}

impl Holder {
    /// Whom a session's nonce is for.
    pub fn of(person: Option<PersonId>, device: Option<DeviceId>) -> Self {
        match (person, device) {
            (_, Some(device)) => Self::Device(device),
            (Some(person), None) => Self::Person(person),
            (None, None) => Self::Anybody,
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Device(device) => [b"d".as_slice(), device.as_bytes()].concat(),
            Self::Person(person) => [b"p".as_slice(), person.as_bytes()].concat(),
            Self::Anybody => b"a".to_vec(),
        }
    }
}

/// The key behind the nonces' MACs.
#[derive(Clone)]
pub struct NonceKey(pub(super) [u8; 32]);

impl NonceKey {
    /// Version, time, random bytes, MAC; base64url.
    pub fn issue(&self, holder: Holder, at: Millis) -> String {
        let mut nonce = vec![VERSION];
        nonce.extend_from_slice(&at.to_be_bytes());
        nonce.extend_from_slice(&rand::random::<[u8; RANDOM]>());
        let mac = self.mac(&nonce, holder);
        nonce.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(nonce)
    }

    /// When this server gave a nonce to one of these; `None` for one that it did not.
    pub fn issued(&self, nonce: &str, holders: &[Holder]) -> Option<Millis> {
        let bytes = URL_SAFE_NO_PAD.decode(nonce).ok()?;
        let (claimed, mac) = bytes.split_at_checked(1 + 8 + RANDOM)?;
        if claimed[0] != VERSION || mac.len() != MAC {
            return None;
        }
        let at = Millis::from_be_bytes(*claimed[1..].first_chunk()?);
        holders.iter().any(|holder| same(&self.mac(claimed, *holder), mac)).then_some(at)
    }

    fn mac(&self, claimed: &[u8], holder: Holder) -> [u8; MAC] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("an HMAC key may have any length");
        mac.update(b"satchel nonce v1\n");
        mac.update(claimed);
        mac.update(&holder.bytes());
        let mut short = [0; MAC];
        short.copy_from_slice(&mac.finalize().into_bytes()[..MAC]);
        short
    }
}

/// Compares without telling by its speed where the first difference is.
fn same(left: &[u8; MAC], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = 1_795_356_800_000;

    #[test]
    fn a_nonce_tells_when_it_was_given_to_whom_and_is_nobody_elses() {
        let key = NonceKey([3; 32]);
        let (here, there) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let nonce = key.issue(Holder::Device(here), AT);
        assert_eq!(key.issued(&nonce, &[Holder::Anybody, Holder::Device(here)]), Some(AT));
        assert_eq!(key.issued(&nonce, &[Holder::Anybody, Holder::Device(there)]), None);
        assert_eq!(NonceKey([4; 32]).issued(&nonce, &[Holder::Device(here)]), None);
    }

    #[test]
    fn a_person_and_a_device_of_the_same_bytes_are_not_each_other() {
        let key = NonceKey([3; 32]);
        let nonce = key.issue(Holder::Person(PersonId::from_bytes([1; 16])), AT);
        assert_eq!(key.issued(&nonce, &[Holder::Device(DeviceId::from_bytes([1; 16]))]), None);
    }

    #[test]
    fn not_one_bit_of_a_nonce_can_be_changed() {
        let key = NonceKey([3; 32]);
        let nonce = URL_SAFE_NO_PAD.decode(key.issue(Holder::Anybody, AT)).expect("base64");
        for bit in 0..nonce.len() * 8 {
            let mut bent = nonce.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.issued(&URL_SAFE_NO_PAD.encode(bent), &[Holder::Anybody]), None, "bit {bit}");
        }
        for text in ["", "never-given", "AQ"] {
            assert_eq!(key.issued(text, &[Holder::Anybody]), None);
        }
    }
}
