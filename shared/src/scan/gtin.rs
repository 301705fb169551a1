//! Trade item numbers, and the check digit that every one of them ends with (GS1 General Specifications 7.9).

/// The lengths in which such a number is printed: EAN-8, UPC-A, EAN-13 and the full fourteen digits.
const LENGTHS: [usize; 4] = [8, 12, 13, 14];

/// Fourteen digits, zeros put in front; `None` where these are not 8, 12, 13 or 14 digits. The check digit is not
/// looked at: see [`has_check_digit`].
pub fn as_gtin(digits: &str) -> Option<String> {
    let fits = LENGTHS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| format!("{digits:0>14}"))
}

/// Whether the last digit is the one that belongs to those before it.
pub fn has_check_digit(digits: &str) -> bool {
    let Some((body, check)) = digits.len().checked_sub(1).and_then(|last| digits.split_at_checked(last))
    else {
        return false;
    };
    let Ok(check) = check.parse::<u32>() else { return false };
    expected(body) == Some(check)
}

/// The check digit that belongs to these digits; `None` where they are not digits.
pub(super) fn expected(body: &str) -> Option<u32> {
    let mut sum = 0;
    for (place, letter) in body.chars().rev().enumerate() {
        sum += letter.to_digit(10)? * if place % 2 == 0 { 3 } else { 1 };
    }
    Some((10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_get_zeros_in_front() {
        assert_eq!(as_gtin("40170725").as_deref(), Some("00000040170725"));
        assert_eq!(as_gtin("4006381333931").as_deref(), Some("04006381333931"));
        assert_eq!(as_gtin("400638133393"), Some("00400638133393".to_owned()));
        assert_eq!(as_gtin("40063813339"), None);
        assert_eq!(as_gtin("400638133393A"), None);
    }

    #[test]
    fn a_wrong_digit_and_two_that_changed_places_are_noticed() {
        assert!(has_check_digit("4006381333931"));
        assert!(has_check_digit("04006381333931"));
        assert!(has_check_digit("40170725"));
        assert!(!has_check_digit("4006381333930"));
        assert!(!has_check_digit("4006318333931"));
        assert!(!has_check_digit(""));
        assert!(!has_check_digit("40063813339€1"));
    }
}
