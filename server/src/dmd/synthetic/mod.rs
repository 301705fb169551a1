//! A release of dm+d that nobody needs a licence for: the published schema and code lists, real generic names, and
//! everything else invented, the same each time it is made.
//!
//! Its ids have right check digits in the namespace 9999999, which no id of dm+d or of the UK extension has.

mod catalogue;
mod forms;
mod lists;
mod write;
mod xml;

pub use write::write;

use catalogue::Catalogue;
use jiff::ToSpan as _;
use jiff::civil::Date;

/// How large a release is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Size {
    /// About 600 virtual products: for demonstrations and tests.
    Small,
    /// As large as the real one of November 2025: 3,200 moieties, 24,400 virtual and 165,000 actual products.
    Full,
}

/// Which release is made.
#[derive(Debug, Clone, Copy)]
pub struct Synthetic {
    pub size: Size,
    /// The day of week 0.
    pub first: Date,
    /// Each week after the first has a product added, one withdrawn, one renamed, one in another schedule, one in
    /// another legal class, and one under a new id.
    pub week: u16,
}

impl Synthetic {
    /// The day of this release.
    pub fn date(&self) -> Date {
        self.first.saturating_add((i64::from(self.week) * 7).days())
    }

    fn catalogue(self) -> Catalogue {
        Catalogue::of(self)
    }
}

/// What a kind of thing's ids begin with.
#[derive(Debug, Clone, Copy)]
enum Sort {
    Vtm = 1,
    Vmp = 2,
    Vmpp = 3,
    Amp = 4,
    Ampp = 5,
    Ingredient = 6,
    Supplier = 7,
    Former = 8,
}

/// The id of the `number`-th of a kind: a SNOMED id in a namespace that was given to nobody.
fn id(sort: Sort, number: usize) -> u64 {
    const NAMESPACE: u64 = 9_999_999;
    /// Long format, a concept.
    const PARTITION: u64 = 10;
    let item = sort as u64 * 1_000_000 + number as u64;
    crate::dmd::sctid::with_check_digit((item * 10_000_000 + NAMESPACE) * 100 + PARTITION)
}

/// Numbers that look drawn and are the same each time (SplitMix64).
#[derive(Debug, Clone)]
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_ids_check_and_are_of_the_namespace_that_nobody_has() {
        for id in [id(Sort::Vtm, 0), id(Sort::Ampp, 184_331), id(Sort::Former, 999_999)] {
            assert!(crate::dmd::sctid::checks(id), "{id}");
            assert_eq!(id / 1000 % 10_000_000, 9_999_999, "{id}");
            assert!(id < 10_u64.pow(18));
        }
    }
}
