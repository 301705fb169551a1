//! Finding a product as a pharmacist types: each word typed is a word of the name or the beginning of one, in any order.
//!
//! Work is bounded whatever is typed: rows are sets of bits, of those at most [`MOST_SCORED`] are looked at closely, and
//! rows stand in the order in which they are best offered, so the first ones are the right ones to look at.

use super::vocabulary::Meant;
use super::{Index, Level, Product, words};
use std::ops::Range;

/// One product that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub product: Product,
    /// How many generic products a moiety has, or brands a generic product.
    pub within: usize,
}

/// Of each kind of likeness.
const MOST_SCORED: usize = 1_000;
/// With fewer rows left it is quicker to look at their names than at all rows of the next word.
const FEW: usize = 2_000;
/// Longer than the longest name (AMPP names go to 774); nobody types it.
const MOST_LETTERS: usize = 1_000;

/// How a name answers what was typed; the best first.
const LIKENESSES: usize = 6;

impl Index {
    /// The best answers first, `limit` at most: names that begin with what was typed before others, numbers as typed
    /// (`5`) before longer ones (`50`), what can be had before what cannot, moiety before generic before brand, short
    /// names before long ones. Never a name that lacks a word that was typed.
    pub fn search(&self, typed: &str, limit: usize) -> Vec<Hit> {
        let Some(asked) = self.asked(typed) else { return Vec::new() };
        let mut order: Vec<&Meant> = asked.iter().collect();
        order.sort_by_key(|meant| self.vocabulary.rows(&meant.words).len());
        let mut rows = Rows::none(self.len());
        for (place, meant) in order.into_iter().enumerate() {
            if place == 0 {
                rows.add(self.vocabulary.rows(&meant.words));
            } else if rows.count() <= FEW {
                rows.keep(|row| self.has(row, &meant.words));
            } else {
                let mut with = Rows::none(self.len());
                with.add(self.vocabulary.rows(&meant.words));
                rows.intersect(&with);
            }
        }
        self.best(rows.iter(), &asked, limit)
    }

    /// As [`Self::search`] among the generic products of a moiety or the brands of a generic product; all of them while
    /// nothing is typed.
    pub fn search_within(&self, parent: u64, typed: &str, limit: usize) -> Vec<Hit> {
        let children = self.row(parent).map(|row| self.children_of(row)).unwrap_or_default();
        if words::of_typed(typed).is_empty() {
            return children.iter().take(limit).map(|row| self.hit(*row)).collect();
        }
        let Some(asked) = self.asked(typed) else { return Vec::new() };
        let all = |row: &u32| asked.iter().all(|meant| self.has(*row, &meant.words));
        self.best(children.iter().copied().filter(all), &asked, limit)
    }

    /// What each typed word may stand for, in the order typed; `None` when one stands for nothing, or nothing was typed.
    fn asked(&self, typed: &str) -> Option<Vec<Meant>> {
        if typed.len() > MOST_LETTERS {
            return None;
        }
        let asked: Vec<Meant> =
            words::of_typed(typed).iter().map(|word| self.vocabulary.beginning_with(word)).collect();
        (!asked.is_empty() && asked.iter().all(|meant| !meant.words.is_empty())).then_some(asked)
    }

    fn hit(&self, row: u32) -> Hit {
        let below = match self.level(row) {
            Level::Vtm => Level::Vmp,
            Level::Vmp | Level::Amp => Level::Amp,
        };
        let within = self.children_of(row).iter().filter(|child| self.level(**child) == below).count();
        Hit { product: self.product_at(row), within }
    }

    fn has(&self, row: u32, words: &Range<u32>) -> bool {
        self.name(row).any(|word| words.contains(&word))
    }

    /// The words of a name by which it is found, in order.
    fn name(&self, row: u32) -> impl Iterator<Item = u32> {
        self.name_words(row).iter().flat_map(|shown| self.vocabulary.found_by(*shown)).copied()
    }

    /// `rows`: those that have all words, ascending.
    fn best(&self, rows: impl Iterator<Item = u32>, asked: &[Meant], limit: usize) -> Vec<Hit> {
        let exact_numbers = self.with_exact_numbers(asked);
        let mut kinds: [Vec<u32>; LIKENESSES] = Default::default();
        // Many names begin with the same word, so it is looked at once; a hundred thousand rows may pass here.
        let mut known = vec![None::<u8>; self.columns.words.count()];
        let mut beginning = |row: u32| {
            let word = self.first_words[row as usize];
            let Some(known) = known.get_mut(word as usize) else { return 2 };
            usize::from(*known.get_or_insert_with(|| self.beginning(word, asked)))
        };
        for row in rows {
            let is_exact = exact_numbers.as_ref().is_none_or(|exact| exact.has(row));
            // The first word says which medicine it is, so it counts for more than a number.
            let kind = &mut kinds[match beginning(row) {
                2 => 4 + usize::from(!is_exact),
                beginning => beginning + if is_exact { 0 } else { 2 },
            }];
            if kind.len() < MOST_SCORED {
                kind.push(row);
            } else if kinds[0].len() == MOST_SCORED {
                break;
            }
        }
        let mut best = Vec::with_capacity(limit);
        for kind in kinds {
            let mut scored: Vec<_> = kind
                .into_iter()
                .map(|row| (self.inexact_numbers(row, asked), self.phrase(row, asked), row))
                .collect();
            scored.sort_unstable();
            best.extend(scored.into_iter().take(limit - best.len()).map(|(.., row)| self.hit(row)));
            if best.len() == limit {
                break;
            }
        }
        best
    }

    /// Of a name's first word, by its number. 0: it is one that was typed; 1: it begins with one; 2: neither.
    fn beginning(&self, first_word: u32, asked: &[Meant]) -> u8 {
        let first = self.vocabulary.found_by(first_word);
        if asked.iter().any(|meant| meant.exact.is_some_and(|exact| first.contains(&exact))) {
            0
        } else {
            let begins = |meant: &Meant| first.first().is_some_and(|word| meant.words.contains(word));
            u8::from(!asked.iter().any(begins)) + 1
        }
    }

    /// 0: nothing else stands in the name; 1: it begins with what was typed, word after word; 2: neither.
    fn phrase(&self, row: u32, asked: &[Meant]) -> u8 {
        let mut shown = self.name_words(row).iter().map(|shown| self.vocabulary.found_by(*shown));
        let mut rest = asked;
        for found_by in shown.by_ref().filter(|found_by| !found_by.is_empty()) {
            // A hyphenated word may be typed as one or in its parts, so a word of the name takes as many as it can.
            let taken = rest
                .iter()
                .take_while(|meant| found_by.iter().any(|word| meant.words.contains(word)))
                .count();
            if taken == 0 {
                return 2;
            }
            rest = &rest[taken..];
            if rest.is_empty() {
                let is_whole = asked
                    .iter()
                    .all(|meant| meant.exact.is_some_and(|exact| self.name(row).any(|word| word == exact)));
                return u8::from(!is_whole || shown.any(|found_by| !found_by.is_empty()));
            }
        }
        2
    }

    /// How many typed numbers are only the beginning of a number in the name.
    fn inexact_numbers(&self, row: u32, asked: &[Meant]) -> usize {
        let is_inexact = |meant: &&Meant| {
            meant.is_number && !meant.exact.is_some_and(|exact| self.name(row).any(|word| word == exact))
        };
        asked.iter().filter(is_inexact).count()
    }

    /// Rows in which every typed number stands as typed; `None` when no number was typed.
    fn with_exact_numbers(&self, asked: &[Meant]) -> Option<Rows> {
        let mut numbers = asked.iter().filter(|meant| meant.is_number).map(|meant| {
            let mut rows = Rows::none(self.len());
            if let Some(exact) = meant.exact {
                rows.add(self.vocabulary.rows(&(exact..exact + 1)));
            }
            rows
        });
        let mut all = numbers.next()?;
        numbers.for_each(|rows| all.intersect(&rows));
        Some(all)
    }
}

/// A set of rows, one bit each.
struct Rows(Vec<u64>);

impl Rows {
    fn none(of: usize) -> Self {
        Self(vec![0; of.div_ceil(64)])
    }

    fn add(&mut self, rows: &[u32]) {
        for row in rows {
            self.0[(row >> 6) as usize] |= 1 << (row & 63);
        }
    }

    fn has(&self, row: u32) -> bool {
        self.0[(row >> 6) as usize] & 1 << (row & 63) != 0
    }

    fn intersect(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, other)| *bits &= other);
    }

    fn count(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    fn keep(&mut self, wanted: impl Fn(u32) -> bool) {
        for (bits, first) in self.0.iter_mut().zip((0..).step_by(64)) {
            let mut rest = *bits;
            while rest != 0 {
                let lowest = rest.trailing_zeros();
                rest &= rest - 1;
                if !wanted(first + lowest) {
                    *bits &= !(1 << lowest);
                }
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip((0_u32..).step_by(64)).flat_map(|(bits, first)| {
            let mut rest = *bits;
            std::iter::from_fn(move || {
                let lowest = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(first + lowest)
            })
        })
    }
}
