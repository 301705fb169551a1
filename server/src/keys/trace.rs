//! The key with which NHS numbers that PDS vouched for are known again, without being kept.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shared::ids::ConsultationId;

/// Behind every hash of a number or of what was asked; ten digits without a key would be found by trying.
#[derive(Clone)]
pub struct TraceKey(pub(super) [u8; 32]);

impl std::fmt::Debug for TraceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TraceKey")
    }
}

impl TraceKey {
    /// A number within one consultation: the same number in another has another hash.
    pub fn number(&self, consultation: &ConsultationId, number: &str) -> [u8; 32] {
        self.mac(b"satchel pds number v1\n", consultation, number)
    }

    /// What PDS was asked with about one consultation.
    pub fn question(&self, consultation: &ConsultationId, question: &str) -> [u8; 32] {
        self.mac(b"satchel pds question v1\n", consultation, question)
    }

    fn mac(&self, purpose: &[u8], consultation: &ConsultationId, text: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("an HMAC key may have any length");
        mac.update(purpose);
        mac.update(consultation.as_bytes());
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_again_in_its_own_consultation_only() {
        let key = TraceKey([5; 32]);
        let [one, other] = [ConsultationId::from_bytes([1; 16]), ConsultationId::from_bytes([2; 16])];
        let hash = key.number(&one, "9990523185");
        assert_eq!(hash, key.number(&one, "9990523185"));
        for another in [
            key.number(&other, "9990523185"),
            key.number(&one, "9990412073"),
            key.question(&one, "9990523185"),
            TraceKey([6; 32]).number(&one, "9990523185"),
        ] {
            assert_ne!(hash, another);
        }
    }
}
