//! Checking what P-256 keys signed. One push may hold thousands of signatures, so the TLS stack's own code does it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};

/// The public half of somebody's signing key.
#[derive(Debug, Clone)]
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// From a point in SEC 1 form, uncompressed; `None` where it is none on the curve.
    pub fn from_point(point: &[u8]) -> Option<Self> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok().map(Self)
    }

    /// Whether this key signed the message; a signature is two numbers of 32 bytes (IEEE P1363, as WebCrypto writes it).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Signer as _;
    use p256::ecdsa::{Signature, SigningKey};

    fn signed() -> (PublicKey, [u8; 64]) {
        let key = SigningKey::from_slice(&[7; 32]).expect("a key");
        let signature: Signature = key.sign(b"words");
        let point = key.verifying_key().to_sec1_point(false);
        (PublicKey::from_point(point.as_bytes()).expect("on the curve"), signature.to_bytes().into())
    }

    #[test]
    fn what_was_signed_holds_and_nothing_else_does() {
        let (key, signature) = signed();
        assert!(key.verifies(b"words", &signature));
        assert!(!key.verifies(b"other words", &signature));
        assert!(!key.verifies(b"words", &signature[..63]));
        assert!(!key.verifies(b"words", &[0; 64]));
    }

    #[test]
    fn a_point_that_is_not_on_the_curve_is_no_key() {
        assert!(PublicKey::from_point(&[4; 65]).is_none());
        assert!(PublicKey::from_point(&[]).is_none());
    }
}
