//! The products of a file as columns: one row a product, in the order in which they are best offered.

use super::bytes::{Lists, Texts};
use crate::medicines::{Availability, Group, LegalClass, Level};
use std::collections::BTreeSet;

/// In the place of a row: there is none.
pub const NONE: u32 = u32::MAX;

/// All of a file, in few pieces of memory.
#[derive(Debug, Default)]
pub struct Columns {
    pub release: String,
    pub built_at: String,
    pub has_brands: bool,
    /// Words of names, as they are shown.
    pub words: Texts,
    /// Everything else that is shown.
    pub texts: Texts,
    pub substances: Vec<NamedCode>,
    pub ingredient_lists: Lists,
    pub packs: Vec<PackRow>,
    pub pack_lists: Lists,
    pub facts: Vec<Facts>,
    /// From here on by row.
    pub marks: Vec<u8>,
    pub facts_of: Vec<u32>,
    pub packs_of: Vec<u32>,
    /// Row of the parent, or [`NONE`].
    pub parent: Vec<u32>,
    /// Words of each name.
    pub names: Lists,
    pub code: Vec<u64>,
    /// Codes in ascending order, and the row of each.
    pub codes: Vec<u64>,
    pub row_of: Vec<u32>,
}

/// A code and the number of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedCode {
    pub code: u64,
    pub text: u32,
}

/// A pack: numbers of texts, and the unit's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackRow {
    pub quantity: u32,
    pub unit: u32,
    pub unit_code: u64,
}

/// What a generic product and its brands mostly have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facts {
    /// Numbers of texts.
    pub form: u32,
    pub strength: u32,
    pub ingredients: u32,
    pub schedule: u8,
    pub prescribing: u8,
    /// Bit 7: appliance; the others by [`Group::ALL`].
    pub kinds: u8,
}

const APPLIANCE: u8 = 0x80;

/// As [`Facts::kinds`] holds it.
pub fn kinds_of(groups: &BTreeSet<Group>, appliance: bool) -> u8 {
    let bits = Group::ALL.iter().zip(0..).filter(|(group, _)| groups.contains(group));
    bits.fold(if appliance { APPLIANCE } else { 0 }, |kinds, (_, bit)| kinds | 1 << bit)
}

impl Facts {
    pub fn is_appliance(&self) -> bool {
        self.kinds & APPLIANCE != 0
    }

    pub fn groups(&self) -> BTreeSet<Group> {
        Group::ALL
            .into_iter()
            .zip(0..)
            .filter(|(_, bit)| self.kinds & 1 << bit != 0)
            .map(|(g, _)| g)
            .collect()
    }

    /// Bits that mean nothing in this format.
    pub fn are_kinds_known(kinds: u8) -> bool {
        kinds & !APPLIANCE < 1 << Group::ALL.len()
    }
}

const LEVELS: [Level; 3] = [Level::Vtm, Level::Vmp, Level::Amp];
const CLASSES: [LegalClass; 5] = [
    LegalClass::Unknown,
    LegalClass::NotApplicable,
    LegalClass::GeneralSale,
    LegalClass::Pharmacy,
    LegalClass::PrescriptionOnly,
];
const AVAILABILITIES: [Availability; 3] =
    [Availability::Available, Availability::Restricted, Availability::Unavailable];

/// Level, legal class and availability in one byte: two, three and two bits.
pub fn mark(level: Level, class: LegalClass, availability: Availability) -> u8 {
    level as u8 | (class as u8) << 2 | (availability as u8) << 5
}

/// What a mark means; `None` for one that means nothing.
pub fn unmark(mark: u8) -> Option<(Level, LegalClass, Availability)> {
    Some((
        *LEVELS.get(usize::from(mark & 3))?,
        *CLASSES.get(usize::from(mark >> 2 & 7))?,
        *AVAILABILITIES.get(usize::from(mark >> 5))?,
    ))
}
