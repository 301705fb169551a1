//! What two people on the phone call a consultation by.

use crate::ids::ConsultationId;

/// Without I, L, O and U, which are misread or misheard (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `7K2M-94QX`: the same for every message about a consultation, on every way; says nothing about the patient.
///
/// Made of the last 40 bits of the id, which are random in every kind of id that consultations have.
pub fn reference(consultation: &ConsultationId) -> String {
    let bits = consultation.as_bytes().iter().skip(11).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letters = (0..8).rev().map(|place| {
        let letter = LETTERS.get((bits >> (place * 5) & 31) as usize);
        letter.map_or('0', |letter| char::from(*letter))
    });
    let mut reference: String = letters.collect();
    reference.insert(4, '-');
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_eight_letters_that_are_not_mistaken_for_one_another() {
        assert_eq!(reference(&ConsultationId::from_bytes([0; 16])), "0000-0000");
        assert_eq!(reference(&ConsultationId::from_bytes([255; 16])), "ZZZZ-ZZZZ");
        let id = "01935a5e-7c00-7abc-8def-0123456789ab".parse().expect("an id");
        // A printed reference is quoted for years: these letters never change.
        assert_eq!(reference(&id), "4D2P-F2DB");
    }

    #[test]
    fn consultations_made_in_the_same_second_have_unlike_references() {
        let id = |last: u8| {
            let mut bytes = [7; 16];
            bytes[15] = last;
            reference(&ConsultationId::from_bytes(bytes))
        };
        assert_ne!(id(1), id(2));
    }
}
