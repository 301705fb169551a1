//! The NHS number: parsed once, trusted afterwards.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why the text is not an NHS number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnNhsNumber {
    #[error("An NHS number has 10 digits. Check it and type it again.")]
    Length,
    #[error("This is not an NHS number: its last digit does not fit the others. Check it and type it again.")]
    CheckDigit,
}

/// Ten digits with a correct check digit (NHS Data Dictionary). Ranges are not enforced: test and Scottish numbers pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NhsNumber(String);

impl NhsNumber {
    /// Ten digits without spaces, as messages carry it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `999 054 8609`, as people read it.
    pub fn spaced(&self) -> String {
        format!("{} {} {}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

impl FromStr for NhsNumber {
    type Err = NotAnNhsNumber;
    fn from_str(text: &str) -> Result<Self, NotAnNhsNumber> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if digits.len() != 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnNhsNumber::Length);
        }
        let number = nhs_number::NHSNumber::from_str(&digits).map_err(|_| NotAnNhsNumber::CheckDigit)?;
        // Suppliers write ten zeros for "none" (NHS 111 Adaptor samples); its check digit happens to fit.
        if number.validate_check_digit() && digits != "0000000000" {
            Ok(Self(digits))
        } else {
            Err(NotAnNhsNumber::CheckDigit)
        }
    }
}

impl fmt::Display for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for NhsNumber {
    type Error = NotAnNhsNumber;
    fn try_from(text: String) -> Result<Self, NotAnNhsNumber> {
        text.parse()
    }
}
impl From<NhsNumber> for String {
    fn from(number: NhsNumber) -> String {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_typed_with_spaces_is_read_and_spaced_three_three_four() {
        assert_eq!("999 054 8609".parse::<NhsNumber>().expect("valid").spaced(), "999 054 8609");
    }

    #[test]
    fn one_wrong_digit_is_noticed() {
        assert_eq!("9990548608".parse::<NhsNumber>(), Err(NotAnNhsNumber::CheckDigit));
    }

    #[test]
    fn nine_digits_are_too_few() {
        assert_eq!("999054860".parse::<NhsNumber>(), Err(NotAnNhsNumber::Length));
    }

    #[test]
    fn ten_zeros_mean_none() {
        assert_eq!("0000000000".parse::<NhsNumber>(), Err(NotAnNhsNumber::CheckDigit));
    }
}
