//! A release in memory: numbers in flat lists, every name once in one text. The full size takes about 40 MB.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// All names, one after the other.
#[derive(Debug, Default)]
pub struct Names {
    text: String,
}

/// Where a name stands in [`Names`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    at: u32,
    length: u16,
}

impl Names {
    /// A name of more than 65,535 bytes, or more than 4 GB of them, is cut short: no element may be that long.
    pub fn add(&mut self, name: &str) -> Name {
        let Ok(at) = u32::try_from(self.text.len()) else { return Name::default() };
        let mut end = name.len().min(usize::from(u16::MAX));
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&name[..end]);
        Name { at, length: end as u16 }
    }

    pub fn get(&self, name: Name) -> &str {
        let at = name.at as usize;
        self.text.get(at..at + usize::from(name.length)).unwrap_or_default()
    }

    /// Gives back what was kept for names that may still come.
    pub fn no_more(&mut self) {
        self.text.shrink_to_fit();
    }
}

/// Where something stands in its list; in no list.
pub const NOWHERE: u32 = u32::MAX;

/// Ids are spread well enough by one multiplication, and nobody gains anything by ids that meet: there are bounds.
#[derive(Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u64(&mut self, id: u64) {
        let mixed = (self.0 ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// By SNOMED id.
pub type ById<T> = HashMap<u64, T, BuildHasherDefault<IdHasher>>;

/// A virtual therapeutic moiety.
#[derive(Debug, Clone, Copy)]
pub struct Moiety {
    pub id: u64,
    pub name: Name,
    pub invalid: bool,
}

/// A virtual medicinal product.
#[derive(Debug, Clone, Copy)]
pub struct Virtual {
    pub id: u64,
    pub name: Name,
    /// Place of its moiety, or [`NOWHERE`].
    pub moiety: u32,
    /// CONTROL_DRUG_CATEGORY; `Product::SCHEDULE_NOT_KNOWN` where the release does not say it.
    pub schedule: u8,
    /// VIRTUAL_PRODUCT_PRES_STATUS.
    pub prescribing: u8,
    pub invalid: bool,
    /// NON_AVAILCD 0001.
    pub not_available: bool,
    /// Of the list FORM.
    pub form: Name,
    /// BNF code; empty where the supplementary release is not there.
    pub bnf: Name,
}

/// One ingredient of a virtual product, with its strength.
#[derive(Debug, Clone, Copy)]
pub struct Ingredient {
    /// Place of the product.
    pub product: u32,
    pub substance: u64,
    /// The substance the strength is based on, or 0.
    pub base: u64,
    pub amount: Name,
    pub unit: Name,
    /// Empty where the strength is of one unit.
    pub per: Name,
    pub per_unit: Name,
}

/// An actual medicinal product.
#[derive(Debug, Clone, Copy)]
pub struct Actual {
    pub id: u64,
    pub name: Name,
    /// Place of its virtual product.
    pub product: u32,
    pub invalid: bool,
    /// AVAILABILITY_RESTRICTION.
    pub restriction: u8,
    /// LICENSING_AUTHORITY 0002, or a pack that the Drug Tariff lists as an appliance.
    pub appliance: bool,
    /// The strictest legal class of the packs on the market, as [`Actual::rank`] has it; 0 for none.
    pub legal: u8,
    /// The same of all packs.
    pub legal_of_all: u8,
    pub packs: bool,
    pub packs_on_the_market: bool,
}

impl Actual {
    /// LEGAL_CATEGORY by strictness: 1 not applicable, 2 GSL, 3 P, 4 POM; 0 for anything else.
    pub const fn rank(category: u64) -> u8 {
        match category {
            4 => 1,
            1 => 2,
            2 => 3,
            3 => 4,
            _ => 0,
        }
    }
}

/// A virtual pack: how much of a virtual product.
#[derive(Debug, Clone, Copy)]
pub struct VirtualPack {
    /// Place of its product.
    pub product: u32,
    pub quantity: Name,
    pub unit: u64,
}

/// An id that another took the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement {
    pub old: u64,
    pub new: u64,
    /// `vtm`, `vmp`, `ingredient` and others, as the files have them.
    pub kind: &'static str,
}

/// Everything of a release that is used.
#[derive(Debug, Default)]
pub struct Dictionary {
    pub names: Names,
    pub moieties: Vec<Moiety>,
    pub virtuals: Vec<Virtual>,
    /// In the order of their products once all are read.
    pub ingredients: Vec<Ingredient>,
    /// Product and ONT_FORM_ROUTE word, `tablet.oral`, in the order of products.
    pub form_routes: Vec<(u32, Name)>,
    pub substances: ById<Name>,
    pub units: ById<Name>,
    pub actuals: Vec<Actual>,
    pub virtual_packs: Vec<VirtualPack>,
    /// Actual product and virtual pack of each actual pack on the market, in the order of products.
    pub packs_on_the_market: Vec<(u32, u32)>,
    pub replaced: Vec<Replacement>,
    pub actual_packs: u64,
    pub gtins: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was_given() {
        let mut names = Names::default();
        let (first, second) = (names.add("Amoxicillin"), names.add("Évelyne®"));
        assert_eq!((names.get(first), names.get(second)), ("Amoxicillin", "Évelyne®"));
        assert_eq!(names.get(Name::default()), "");
        let long = names.add(&"é".repeat(40_000));
        assert_eq!(names.get(long).len(), 65_534, "cut between letters");
    }
}
