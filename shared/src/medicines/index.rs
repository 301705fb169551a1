//! The dictionary in memory: products by code, their brands, their names.

use super::file::{Columns, Lists, NONE};
use super::vocabulary::Vocabulary;
use super::{Level, Pack, Product, Substance, file};

/// A medicines file, read and ready for searching. Rows stand in the order in which products are best offered.
#[derive(Debug)]
pub struct Index {
    pub(super) columns: Columns,
    pub(super) vocabulary: Vocabulary,
    /// By row: rows of what it is the parent of.
    children: Lists,
    /// By row: the first word of its name by which anything is found, by number; [`NONE`] where there is none.
    pub(super) first_words: Vec<u32>,
}

impl Index {
    pub(super) fn of(columns: Columns) -> Self {
        let vocabulary = Vocabulary::of(&columns.words, &columns.names);
        let children = children(&columns.parent);
        let first_word = |row: usize| {
            let mut words = columns.names.get(row).iter();
            words.find(|word| !vocabulary.found_by(**word).is_empty()).copied().unwrap_or(NONE)
        };
        let first_words = (0..columns.names.count()).map(first_word).collect();
        Self { columns, vocabulary, children, first_words }
    }

    /// Day of the dm+d release: `2026-11-16`.
    pub fn release(&self) -> &str {
        &self.columns.release
    }

    /// When the server made the file, RFC 3339.
    pub fn built_at(&self) -> &str {
        &self.columns.built_at
    }

    /// How many products of all levels.
    pub fn len(&self) -> usize {
        self.columns.code.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.code.is_empty()
    }

    /// Whether the file holds brands; without them a generic product seems to have none.
    pub fn has_brands(&self) -> bool {
        self.columns.has_brands
    }

    pub fn product(&self, code: u64) -> Option<Product> {
        self.row(code).map(|row| self.product_at(row))
    }

    /// All of them, in the order of the file.
    pub fn products(&self) -> impl Iterator<Item = Product> {
        (0..self.columns.code.len() as u32).map(|row| self.product_at(row))
    }

    /// The brands of a generic product, those that can be had first.
    pub fn brands_of(&self, vmp: u64) -> Vec<Product> {
        self.made_of(vmp, Level::Amp)
    }

    /// The generic products of a moiety, those that can be had first.
    pub fn generics_of(&self, vtm: u64) -> Vec<Product> {
        self.made_of(vtm, Level::Vmp)
    }

    fn made_of(&self, parent: u64, level: Level) -> Vec<Product> {
        let rows = self.row(parent).map(|row| self.children_of(row)).unwrap_or_default();
        rows.iter().filter(|row| self.level(**row) == level).map(|row| self.product_at(*row)).collect()
    }

    pub(super) fn children_of(&self, row: u32) -> &[u32] {
        self.children.get(row as usize)
    }

    pub(super) fn row(&self, code: u64) -> Option<u32> {
        let at = self.columns.codes.binary_search(&code).ok()?;
        self.columns.row_of.get(at).copied()
    }

    pub(super) fn level(&self, row: u32) -> Level {
        self.marks(row).0
    }

    fn marks(&self, row: u32) -> (Level, super::LegalClass, super::Availability) {
        // Reading refused every other mark.
        let mark = self.columns.marks.get(row as usize).copied().unwrap_or_default();
        file::unmark(mark).unwrap_or((Level::Vtm, super::LegalClass::Unknown, super::Availability::Available))
    }

    /// Words of a name as they are shown, by number.
    pub(super) fn name_words(&self, row: u32) -> &[u32] {
        self.columns.names.get(row as usize)
    }

    pub(super) fn product_at(&self, row: u32) -> Product {
        let columns = &self.columns;
        let at = row as usize;
        let (level, legal_class, availability) = self.marks(row);
        let facts = columns.facts[columns.facts_of[at] as usize];
        let text = |number: u32| columns.texts.get(number).to_owned();
        let words: Vec<&str> = self.name_words(row).iter().map(|word| columns.words.get(*word)).collect();
        let ingredients = columns.ingredient_lists.get(facts.ingredients as usize).iter().map(|one| {
            let named = columns.substances[*one as usize];
            Substance { code: named.code, name: text(named.text) }
        });
        let packs = columns.pack_lists.get(columns.packs_of[at] as usize).iter().map(|one| {
            let pack = columns.packs[*one as usize];
            Pack { quantity: text(pack.quantity), unit: text(pack.unit), unit_code: pack.unit_code }
        });
        let parent = columns.parent[at];
        Product {
            code: columns.code[at],
            level,
            name: words.join(" "),
            parent: (parent != NONE).then(|| columns.code[parent as usize]),
            form: text(facts.form),
            strength: text(facts.strength),
            schedule: facts.schedule,
            legal_class,
            availability,
            prescribing: facts.prescribing,
            appliance: facts.is_appliance(),
            groups: facts.groups(),
            ingredients: ingredients.collect(),
            packs: packs.collect(),
        }
    }
}

/// Rows of children by row of parent, ascending.
fn children(parents: &[u32]) -> Lists {
    let mut ends = vec![0_u32; parents.len()];
    for parent in parents.iter().filter(|parent| **parent != NONE) {
        ends[*parent as usize] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += std::mem::replace(end, total);
    }
    let mut items = vec![0_u32; total as usize];
    for (parent, row) in parents.iter().zip(0..).filter(|(parent, _)| **parent != NONE) {
        let end = &mut ends[*parent as usize];
        items[*end as usize] = row;
        *end += 1;
    }
    Lists { ends, items }
}
