//! What is left of an item where nobody may be recognised.

use crate::keys::Secret;
use crate::store::Rare;
use shared::activity::{Extract, ITEMS, Reveals, SUPPLY_ITEMS};
use shared::register::Supplied;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Patients who must share age band, sex and district for these to be told.
pub const FEWEST: u32 = 5;
/// Stands where something was left out because few share it.
const FEW: &str = "*";

/// How items are changed before they leave.
pub struct Marking {
    secret: Secret,
    recipient: String,
    few: BTreeSet<Rare>,
}

impl Marking {
    /// `few`: what fewer than [`FEWEST`] patients of the whole export share.
    pub fn new(secret: Secret, recipient: &str, few: BTreeSet<Rare>) -> Self {
        Self { secret, recipient: recipient.to_owned(), few }
    }

    /// The mark that stands for a value.
    pub fn of(&self, value: &str) -> String {
        self.secret.pseudonym(&self.recipient, value)
    }

    fn cell<'a>(&self, reveals: Reveals, value: Cow<'a, str>, few: bool) -> Cow<'a, str> {
        match reveals {
            Reveals::Who => self.of(&value).into(),
            Reveals::Rare if few && !value.is_empty() => FEW.into(),
            Reveals::Nothing | Reveals::Rare => value,
            Reveals::Person => "".into(),
        }
    }
}

/// The cells of a consultation, in the order of [`ITEMS`].
pub fn consultation<'a>(extract: &'a Extract, marking: Option<&Marking>) -> Vec<Cow<'a, str>> {
    let few = marking.is_some_and(|marking| {
        let rare = (extract.age_band.clone(), extract.sex.clone(), extract.postcode_district.clone());
        marking.few.contains(&rare)
    });
    ITEMS
        .iter()
        .map(|item| {
            let value = Cow::Borrowed((item.read)(extract));
            marking.map_or(value.clone(), |marking| marking.cell(item.reveals, value, few))
        })
        .collect()
}

/// The cells of a line of medicines, in the order of [`SUPPLY_ITEMS`].
pub fn medicine(line: &Supplied, marking: Option<&Marking>) -> Vec<String> {
    SUPPLY_ITEMS
        .iter()
        .map(|item| {
            let value = (item.read)(line);
            match marking {
                None => value,
                Some(marking) => marking.cell(item.reveals, value.into(), false).into_owned(),
            }
        })
        .collect()
}
