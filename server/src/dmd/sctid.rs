//! SNOMED CT identifiers: 6 to 18 digits of which the last checks the others (SNOMED CT release file specification, 6).

/// How two digits follow one another (Verhoeff's dihedral group D5).
const D5: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];
/// What each place does to its digit, from the last place on.
const PERMUTATION: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

fn fold(mut number: u64, from_place: usize) -> u8 {
    let (mut sum, mut place) = (0, from_place);
    while number > 0 {
        let digit = PERMUTATION[place % 8][(number % 10) as usize];
        sum = D5[usize::from(sum)][usize::from(digit)];
        number /= 10;
        place += 1;
    }
    sum
}

/// Whether the last digit is the right one.
pub fn checks(id: u64) -> bool {
    fold(id, 0) == 0
}

/// `number` with its check digit after it. `number` has at most 17 digits.
pub fn with_check_digit(number: u64) -> u64 {
    number * 10 + u64::from(INVERSE[usize::from(fold(number, 1))])
}

/// An id as files write it; `None` where it is no number of 6 to 18 digits.
pub fn parse(text: &str) -> Option<u64> {
    let digits = (6..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits && !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_ids_check() {
        // Paracetamol 500mg tablets, Nutrison liquid, tablet, and a pack.
        for id in [322_236_009, 3_549_611_000_001_100, 428_673_006, 1_714_711_000_001_106] {
            assert!(checks(id), "{id}");
        }
    }

    proptest! {
        #[test]
        fn any_one_wrong_digit_is_noticed(
            number in 10_000u64..99_999_999_999_999_999, place in 0u32..17, other in 1u64..10,
        ) {
            let id = with_check_digit(number);
            prop_assert!(checks(id));
            let unit = 10u64.pow(place);
            prop_assume!(unit <= id);
            let digit = id / unit % 10;
            prop_assert!(!checks(id - digit * unit + (digit + other) % 10 * unit));
        }
    }

    #[test]
    fn other_text_is_no_id() {
        for text in ["", "12345", "0123456", "1234567890123456789", "12345a", "+123456", "-123456"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
