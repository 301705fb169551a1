//! The short id of an EPS prescription: read as people type and scan it, checked, never put right by itself.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Characters of an id as its barcode carries it.
const LENGTH: usize = 18;
/// What an index of the check sum stands for (ISO 7064, MOD 37-2).
const CHECKS: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+";
/// Where the hyphens stand as people read it: `HHHHHH-OOOOOO-HHHHHC`.
const HYPHENS: [usize; 2] = [6, 13];

/// Why the text is not a prescription id. Places are counted from 1, in what was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnId {
    #[error(
        "A prescription id has 18 characters, or 20 with its two hyphens; this has {characters}. Type it as it stands \
         beside the barcode."
    )]
    Length { characters: usize },
    #[error("Character {place} of the prescription id is “{found}”; there must be {expected}.")]
    Character { place: usize, found: char, expected: &'static str },
    #[error(
        "The last character of this prescription id is “{found}”, and “{expected}” would belong to the others. One \
         of the characters was read or typed wrongly, not necessarily the last: compare them with the prescription."
    )]
    Check { expected: char, found: char },
}

/// A prescription id that its check character fits (medicines.md 2.3). Kept as the barcode carries it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

impl Id {
    /// Reads 18 characters, or 20 with hyphens, in any case; blanks around it do not count.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let typed: Vec<char> = text.trim().chars().map(|c| c.to_ascii_uppercase()).collect();
        let hyphens: &[usize] = match typed.len() {
            LENGTH => &[],
            20 => &HYPHENS,
            characters => return Err(NotAnId::Length { characters }),
        };
        let mut id = String::with_capacity(LENGTH);
        for (at, found) in typed.iter().copied().enumerate() {
            let wrong = |expected| NotAnId::Character { place: at + 1, found, expected };
            if hyphens.contains(&at) {
                if found != '-' {
                    return Err(wrong("a hyphen"));
                }
                continue;
            }
            let (fits, expected) = allowed(id.len(), found);
            if !fits {
                return Err(wrong(expected));
            }
            id.push(found);
        }
        let (found, expected) = (last(&id), check(&id));
        if found == expected { Ok(Self(id)) } else { Err(NotAnId::Check { expected, found }) }
    }

    /// 18 characters, as the barcode carries it.
    pub fn barcode(&self) -> &str {
        &self.0
    }

    /// 20 characters with hyphens, as people read it and as messages carry it.
    pub fn short(&self) -> String {
        format!("{}-{}-{}", &self.0[..6], &self.0[6..12], &self.0[12..])
    }

    /// [`Self::short`] for the path or query of an address. `+` is a legal check character and would be a blank there.
    pub fn url_encoded(&self) -> String {
        self.short().replace('+', "%2B")
    }
}

/// Whether a character may stand at this place of the 18, and what may.
fn allowed(place: usize, found: char) -> (bool, &'static str) {
    let letter_or_digit = found.is_ascii_digit() || found.is_ascii_uppercase();
    match place {
        0..6 | 12..17 => {
            (found.is_ascii_digit() || ('A'..='F').contains(&found), "a digit or a letter from A to F")
        }
        6..12 => (letter_or_digit, "a digit or a letter"),
        _ => (letter_or_digit || found == '+', "a digit, a letter or +"),
    }
}

fn last(id: &str) -> char {
    id.chars().last().unwrap_or_default()
}

/// The check character that belongs to the first seventeen (ISO 7064, MOD 37-2): each value counts twice the one after.
fn check(id: &str) -> char {
    let sum =
        id.chars().take(LENGTH - 1).fold(0, |sum, c| (sum + c.to_digit(36).unwrap_or_default()) * 2 % 37);
    let index = usize::try_from((38 - sum) % 37).unwrap_or_default();
    char::from(CHECKS[index])
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}
impl FromStr for Id {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Id {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}
impl From<Id> for String {
    fn from(id: Id) -> String {
        id.short()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::sample;
    use super::*;
    use proptest::prelude::*;

    /// Made up for tests: the organisation `ZZ9999` does not exist.
    const OURS: &str = "1A2B3C-ZZ9999-00F1D";

    fn ours() -> String {
        format!("{OURS}{}", check(&OURS.replace('-', "")))
    }

    #[test]
    fn an_id_is_read_with_and_without_hyphens_in_any_case() {
        let id = Id::parse(&ours()).expect("an id");
        assert_eq!(Id::parse(&format!("  {} ", ours().to_lowercase())).as_ref(), Ok(&id));
        assert_eq!(Id::parse(id.barcode()).as_ref(), Ok(&id));
        assert_eq!((id.short().len(), id.barcode().len(), id.short()), (20, 18, ours()));
    }

    #[test]
    fn every_published_id_is_judged_as_it_was_published() {
        let Some(vectors) = sample("codelists/derived/prescription_id_vectors.csv") else { return };
        let mut judged = (0, 0);
        for line in vectors.lines().skip(1) {
            let mut columns = line.split(',');
            let (id, valid) = (columns.next().expect("an id"), columns.next().expect("a verdict") == "true");
            let read = Id::parse(id);
            assert_eq!(read.is_ok(), valid, "{id}: {read:?}");
            assert!(valid || matches!(read, Err(NotAnId::Check { .. })), "{id}: {read:?}");
            if valid { judged.0 += 1 } else { judged.1 += 1 }
        }
        assert_eq!(judged, (41, 2));
    }

    #[test]
    fn what_is_wrong_with_an_id_is_named_and_nothing_is_put_right() {
        assert_eq!(Id::parse(""), Err(NotAnId::Length { characters: 0 }));
        assert_eq!(Id::parse(&ours()[..19]), Err(NotAnId::Length { characters: 19 }));
        let at = |place, found, expected| Err(NotAnId::Character { place, found, expected });
        let hexadecimal = "a digit or a letter from A to F";
        assert_eq!(Id::parse(&ours().replacen('A', "O", 1)), at(2, 'O', hexadecimal));
        assert_eq!(Id::parse(&ours().replacen('-', " ", 1)), at(7, ' ', "a hyphen"));
        assert_eq!(Id::parse(&ours().replacen('Z', "é", 1)), at(8, 'é', "a digit or a letter"));
        let typed = ours().replacen('1', "7", 1);
        let Err(NotAnId::Check { expected, found }) = Id::parse(&typed) else {
            panic!("a wrong id was taken")
        };
        assert_eq!(found, last(&ours()));
        assert_ne!(expected, found);
    }

    #[test]
    fn a_plus_survives_in_an_address() {
        // `A3B4D9-Z42475-11E6B+` is the id of a published example.
        let id = Id::parse("A3B4D9-Z42475-11E6B+").expect("an id");
        assert_eq!(id.url_encoded(), "A3B4D9-Z42475-11E6B%2B");
    }

    proptest! {
        #[test]
        fn one_wrong_character_or_two_swapped_are_always_noticed(at in 0_usize..18, other in 0_usize..37, body in "[A-F0-9]{6}[A-Z0-9]{6}[A-F0-9]{5}") {
            let right = format!("{body}{}", check(&body));
            let mut typed = right.clone().into_bytes();
            typed[at] = CHECKS[other];
            let typed = String::from_utf8(typed).expect("ASCII");
            prop_assert!(typed == right || Id::parse(&typed).is_err(), "{typed} for {right}");
            if at < 17 {
                let mut swapped = right.clone().into_bytes();
                swapped.swap(at, at + 1);
                let swapped = String::from_utf8(swapped).expect("ASCII");
                prop_assert!(swapped == right || Id::parse(&swapped).is_err(), "{swapped} for {right}");
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            if let Ok(id) = Id::parse(&text) {
                prop_assert_eq!(Id::parse(&id.short()), Ok(id));
            }
        }
    }
}
