//! One change as the vault keeps it before it is sealed, as far as whoever opens a sealed log must read it.

use crate::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};

/// Versions in which changes are kept. What a device made itself has looked the same in all of them.
const VERSIONS: [u8; 2] = [1, 2];
const MADE: u8 = 1;

/// Where a change in the vault comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultChange {
    /// From the server, which has it.
    Pulled,
    /// Made on this device, with its author's signature, so that whoever is next can send it. `order` is its place
    /// among the changes made there.
    Made { order: u64, actor: Actor, signature: [u8; AUTHOR_SIGNATURE_LENGTH], bytes: Vec<u8> },
}

impl VaultChange {
    /// Reads what the device sealed; `None` for bytes that are damaged or of a version not known here.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([version, kind], rest) = bytes.split_first_chunk::<2>()?;
        if !VERSIONS.contains(version) {
            return None;
        }
        match *kind {
            MADE => {
                let (order, rest) = rest.split_first_chunk::<8>()?;
                let (actor, rest) = rest.split_first_chunk::<16>()?;
                let (signature, rest) = rest.split_first_chunk::<AUTHOR_SIGNATURE_LENGTH>()?;
                Some(Self::Made {
                    order: u64::from_be_bytes(*order),
                    actor: *actor,
                    signature: *signature,
                    bytes: rest.to_vec(),
                })
            }
            // As it was pulled, alone (0) or with proofs (2).
            0 | 2 => Some(Self::Pulled),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_release_sealed_is_read_for_ever() {
        let made =
            VaultChange::Made { order: 7 << 32 | 3, actor: [1; 16], signature: [2; 64], bytes: vec![3, 4] };
        let stored = include_bytes!("../../fixtures/vault-change-made-v1.bin");
        assert_eq!(VaultChange::from_bytes(stored), Some(made));
        let stored = include_bytes!("../../fixtures/vault-change-pulled-v1.bin");
        assert_eq!(VaultChange::from_bytes(stored), Some(VaultChange::Pulled));
    }

    #[test]
    fn a_change_that_is_cut_short_or_newer_is_not_guessed() {
        for bytes in [&[][..], &[1], &[1, MADE, 1, 2], &[1, 7, 7], &[3, 0, 9]] {
            assert_eq!(VaultChange::from_bytes(bytes), None);
        }
    }
}
