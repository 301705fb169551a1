//! UK postcodes, tidied to the form that envelopes carry.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why the text is not a postcode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a UK postcode. It should look like SW1A 1AA.")]
pub struct NotAPostcode(pub String);

/// A postcode such as `SW1A 1AA`: outward and inward code, one space, upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode(String);

impl Postcode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The outward code's shapes (A letter, 9 digit), from the government's published pattern.
const OUTWARD: [&str; 6] = ["A9", "A99", "AA9", "AA99", "A9A", "AA9A"];

fn shape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_ascii_alphabetic() => 'A',
            c if c.is_ascii_digit() => '9',
            other => other,
        })
        .collect()
}

impl FromStr for Postcode {
    type Err = NotAPostcode;
    fn from_str(text: &str) -> Result<Self, NotAPostcode> {
        let compact: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let refused = || NotAPostcode(text.to_owned());
        if !compact.is_ascii() || compact.len() < 5 {
            return Err(refused());
        }
        let (outward, inward) = compact.split_at(compact.len() - 3);
        let known = outward == "GIR" || OUTWARD.contains(&shape(outward).as_str());
        if known && shape(inward) == "9AA" { Ok(Self(format!("{outward} {inward}"))) } else { Err(refused()) }
    }
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for Postcode {
    type Error = NotAPostcode;
    fn try_from(text: String) -> Result<Self, NotAPostcode> {
        text.parse()
    }
}
impl From<Postcode> for String {
    fn from(postcode: Postcode) -> String {
        postcode.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_is_tidied() {
        assert_eq!("sw1a1aa".parse::<Postcode>().expect("valid").as_str(), "SW1A 1AA");
        assert_eq!(" m1 1ae".parse::<Postcode>().expect("valid").as_str(), "M1 1AE");
    }

    #[test]
    fn a_house_number_is_not_a_postcode() {
        assert!("12 Elm Road".parse::<Postcode>().is_err());
        assert!("".parse::<Postcode>().is_err());
        assert!("ÄÄÄÄÄ".parse::<Postcode>().is_err());
    }
}
