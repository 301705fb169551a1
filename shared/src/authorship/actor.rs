//! Actor ids, version 1: 16 bytes bound to one receipt and one tab.

use sha2::{Digest, Sha256};

/// An Automerge actor id: one per tab session, never reused.
pub type Actor = [u8; 16];

/// The first 16 bytes of SHA-256 over a version tag, the receipt's hash and a nonce made for this tab.
pub fn actor(receipt_hash: &[u8; 32], tab_nonce: &[u8; 16]) -> Actor {
    let digest = Sha256::new()
        .chain_update(b"satchel actor v1\n")
        .chain_update(receipt_hash)
        .chain_update(tab_nonce)
        .finalize();
    let mut actor = [0; 16];
    actor.copy_from_slice(&digest[..16]);
    actor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_released_actor_is_never_computed_differently() {
        let hex = crate::consultation::hex(&actor(&[1; 32], &[2; 16]));
        assert_eq!(hex, include_str!("../../fixtures/actor-v1.txt").trim());
    }

    #[test]
    fn another_tab_is_another_actor() {
        assert_ne!(actor(&[1; 32], &[2; 16]), actor(&[1; 32], &[3; 16]));
    }
}
