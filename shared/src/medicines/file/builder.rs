//! Takes products one at a time and writes them as a file; every word, text and fact is held once.

use super::bytes::{checksum, put_number, put_text, put_texts};
use super::columns::{Facts, NamedCode, PackRow, kinds_of, mark};
use super::{HEAD, MAGIC, Scope, VERSION};
use crate::medicines::{Availability, Level, Product};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Holds about 30 MB for the whole dictionary (192,000 products), so an import need never hold all [`Product`]s at once:
/// push each as it is known, in any order; then take both files from the same builder.
pub struct Builder {
    release: String,
    built_at: String,
    words: Interned<Arc<str>>,
    texts: Interned<Arc<str>>,
    substances: Interned<NamedCode>,
    ingredient_lists: Interned<Vec<u32>>,
    packs: Interned<PackRow>,
    pack_lists: Interned<Vec<u32>>,
    facts: Interned<Facts>,
    /// Word numbers of all names, one after another.
    names: Vec<u32>,
    products: Vec<Row>,
}

/// What is left of a product. Numbers are the builder's own.
struct Row {
    code: u64,
    parent: Option<u64>,
    name_end: u32,
    letters: u32,
    facts: u32,
    packs: u32,
    level: Level,
    availability: Availability,
    mark: u8,
}

impl Builder {
    /// `release`: day of the dm+d release, `2026-11-16`; `built_at`: RFC 3339.
    pub fn new(release: &str, built_at: &str) -> Self {
        Self {
            release: release.to_owned(),
            built_at: built_at.to_owned(),
            words: Interned::default(),
            texts: Interned::default(),
            substances: Interned::default(),
            ingredient_lists: Interned::default(),
            packs: Interned::default(),
            pack_lists: Interned::default(),
            facts: Interned::default(),
            names: Vec::new(),
            products: Vec::new(),
        }
    }

    /// A code that was pushed before must not come again; of two the first is kept.
    pub fn push(&mut self, product: &Product) {
        for word in product.name.split(' ') {
            let number = self.words.number_of(word, held);
            self.names.push(number);
        }
        let mut text = |text: &str| self.texts.number_of(text, held);
        let (form, strength) = (text(&product.form), text(&product.strength));
        let mut ingredients = Vec::with_capacity(product.ingredients.len());
        for one in &product.ingredients {
            let named = NamedCode { code: one.code, text: text(&one.name) };
            ingredients.push(self.substances.number_of(&named, |named| *named));
        }
        let mut packs = Vec::with_capacity(product.packs.len());
        for pack in &product.packs {
            let row =
                PackRow { quantity: text(&pack.quantity), unit: text(&pack.unit), unit_code: pack.unit_code };
            packs.push(self.packs.number_of(&row, |row| *row));
        }
        let facts = Facts {
            form,
            strength,
            ingredients: self.ingredient_lists.number_of(ingredients.as_slice(), <[u32]>::to_vec),
            schedule: product.schedule,
            prescribing: product.prescribing,
            kinds: kinds_of(&product.groups, product.appliance),
        };
        self.products.push(Row {
            code: product.code,
            parent: product.parent,
            name_end: self.names.len() as u32,
            letters: product.name.chars().count() as u32,
            facts: self.facts.number_of(&facts, |facts| *facts),
            packs: self.pack_lists.number_of(packs.as_slice(), <[u32]>::to_vec),
            level: product.level,
            availability: product.availability,
            mark: mark(product.level, product.legal_class, product.availability),
        });
    }

    /// How many were pushed.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The file, uncompressed.
    pub fn bytes(&self, scope: Scope) -> Vec<u8> {
        let order = self.order(scope);
        let row_of = self.by_code(&order);
        let mut payload = Vec::new();
        put_text(&mut payload, &self.release);
        put_text(&mut payload, &self.built_at);
        payload.push(u8::from(scope == Scope::Full));
        self.put_tables_and_products(&mut payload, &order, &row_of);
        let mut last = 0;
        for code in row_of.keys() {
            put_number(&mut payload, code - last);
            last = *code;
        }
        for row in row_of.values() {
            put_number(&mut payload, u64::from(*row));
        }
        let mut bytes = Vec::with_capacity(HEAD + payload.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&checksum(&payload).to_le_bytes());
        bytes.append(&mut payload);
        bytes
    }

    fn name(&self, number: usize) -> &[u32] {
        let start = number.checked_sub(1).map_or(0, |before| self.products[before].name_end);
        &self.names[start as usize..self.products[number].name_end as usize]
    }

    /// What can be had before what cannot; moiety, generic, brand; short names first; then by name and code.
    fn order(&self, scope: Scope) -> Vec<u32> {
        let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
        for (number, row) in self.products.iter().enumerate() {
            if scope == Scope::Full || row.level != Level::Amp {
                seen.entry(row.code).or_insert(number as u32);
            }
        }
        let mut order: Vec<u32> = seen.into_values().collect();
        order.sort_by(|a, b| {
            let key = |number: u32| {
                let row = &self.products[number as usize];
                (row.availability == Availability::Unavailable, row.level, row.letters)
            };
            let words = |number: u32| self.name(number as usize).iter().map(|word| self.words.get(*word));
            let code = |number: u32| self.products[number as usize].code;
            key(*a).cmp(&key(*b)).then_with(|| words(*a).cmp(words(*b))).then_with(|| code(*a).cmp(&code(*b)))
        });
        order
    }

    fn by_code(&self, order: &[u32]) -> BTreeMap<u64, u32> {
        order.iter().zip(0..).map(|(number, row)| (self.products[*number as usize].code, row)).collect()
    }

    fn put_tables_and_products(&self, into: &mut Vec<u8>, order: &[u32], row_of: &BTreeMap<u64, u32>) {
        let (words, by_use) = self.words_by_use(order);
        put_texts(into, by_use.iter().map(|word| &**self.words.get(*word)));

        // Numbered by first use in the order of the products, so that the order of pushing leaves no trace.
        let mut facts = Renumbered::of(&self.facts);
        let mut pack_lists = Renumbered::of(&self.pack_lists);
        for number in order {
            let row = &self.products[*number as usize];
            facts.number(row.facts);
            pack_lists.number(row.packs);
        }
        let mut texts = Renumbered::of(&self.texts);
        let mut ingredient_lists = Renumbered::of(&self.ingredient_lists);
        for old in &facts.old {
            let facts = self.facts.get(*old);
            texts.number(facts.form);
            texts.number(facts.strength);
            ingredient_lists.number(facts.ingredients);
        }
        let mut substances = Renumbered::of(&self.substances);
        for old in ingredient_lists.old.iter().flat_map(|list| self.ingredient_lists.get(*list)) {
            substances.number(*old);
            texts.number(self.substances.get(*old).text);
        }
        let mut packs = Renumbered::of(&self.packs);
        for old in pack_lists.old.iter().flat_map(|list| self.pack_lists.get(*list)) {
            packs.number(*old);
            let pack = self.packs.get(*old);
            texts.number(pack.quantity);
            texts.number(pack.unit);
        }

        put_texts(into, texts.old.iter().map(|text| &**self.texts.get(*text)));
        put_number(into, substances.old.len() as u64);
        for old in &substances.old {
            let one = self.substances.get(*old);
            put_number(into, one.code);
            put_number(into, texts.renumbered(one.text));
        }
        put_lists(into, ingredient_lists.old.iter().map(|old| self.ingredient_lists.get(*old)), &substances);
        put_number(into, packs.old.len() as u64);
        for old in &packs.old {
            let pack = self.packs.get(*old);
            put_number(into, texts.renumbered(pack.quantity));
            put_number(into, texts.renumbered(pack.unit));
            put_number(into, pack.unit_code);
        }
        put_lists(into, pack_lists.old.iter().map(|old| self.pack_lists.get(*old)), &packs);
        put_number(into, facts.old.len() as u64);
        for old in &facts.old {
            let one = self.facts.get(*old);
            put_number(into, texts.renumbered(one.form));
            put_number(into, texts.renumbered(one.strength));
            put_number(into, ingredient_lists.renumbered(one.ingredients));
            into.extend([one.schedule, one.prescribing, one.kinds]);
        }

        let rows = || order.iter().map(|number| &self.products[*number as usize]);
        let parent = |row: &Row| row.parent.and_then(|code| row_of.get(&code)).copied();
        // Only a lower level is a parent; anything else would make a circle possible.
        let parent = |row: &Row| {
            parent(row).filter(|at| self.products[order[*at as usize] as usize].level < row.level)
        };
        put_number(into, order.len() as u64);
        rows().for_each(|row| into.push(row.mark));
        rows().for_each(|row| put_number(into, parent(row).map_or(0, |at| u64::from(at) + 1)));
        for row in rows() {
            // 0: as its parent's, which is so for nearly all brands.
            let same = row.level == Level::Amp
                && parent(row).is_some_and(|at| {
                    let parent = &self.products[order[at as usize] as usize];
                    parent.level == Level::Vmp && parent.facts == row.facts
                });
            put_number(into, if same { 0 } else { facts.renumbered(row.facts) + 1 });
        }
        rows().for_each(|row| put_number(into, pack_lists.renumbered(row.packs)));
        for number in order {
            put_number(into, self.name(*number as usize).len() as u64);
        }
        for word in order.iter().flat_map(|number| self.name(*number as usize)) {
            put_number(into, u64::from(words[*word as usize]));
        }
    }

    /// New numbers of words, and the old ones in their new order: the most used first, so that they take one byte.
    fn words_by_use(&self, order: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let mut uses = vec![0_u32; self.words.len()];
        for word in order.iter().flat_map(|number| self.name(*number as usize)) {
            uses[*word as usize] += 1;
        }
        let mut by_use: Vec<u32> = (0..uses.len() as u32).filter(|word| uses[*word as usize] > 0).collect();
        by_use.sort_by(|a, b| {
            let used = |word: u32| uses[word as usize];
            used(*b).cmp(&used(*a)).then_with(|| self.words.get(*a).cmp(self.words.get(*b)))
        });
        let mut new = vec![0_u32; uses.len()];
        by_use.iter().zip(0..).for_each(|(old, number)| new[*old as usize] = number);
        (new, by_use)
    }
}

fn put_lists<'a>(
    into: &mut Vec<u8>,
    lists: impl ExactSizeIterator<Item = &'a Vec<u32>>,
    numbers: &Renumbered,
) {
    put_number(into, lists.len() as u64);
    for list in lists {
        put_number(into, list.len() as u64);
        for one in list {
            put_number(into, numbers.renumbered(*one));
        }
    }
}

/// Each value once, numbered as they came.
struct Interned<T> {
    numbers: BTreeMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), values: Vec::new() }
    }
}

impl<T: Ord + Clone> Interned<T> {
    fn number_of<Q: Ord + ?Sized>(&mut self, value: &Q, own: impl FnOnce(&Q) -> T) -> u32
    where
        T: std::borrow::Borrow<Q>,
    {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = self.values.len() as u32;
        let owned = own(value);
        self.numbers.insert(owned.clone(), number);
        self.values.push(owned);
        number
    }

    fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }

    fn len(&self) -> usize {
        self.values.len()
    }
}

/// Numbers in the order of first use.
struct Renumbered {
    new: Vec<u32>,
    /// The builder's numbers in the new order.
    old: Vec<u32>,
}

impl Renumbered {
    fn of<T: Ord + Clone>(table: &Interned<T>) -> Self {
        Self { new: vec![u32::MAX; table.len()], old: Vec::new() }
    }

    fn number(&mut self, old: u32) {
        let new = &mut self.new[old as usize];
        if *new == u32::MAX {
            *new = self.old.len() as u32;
            self.old.push(old);
        }
    }

    fn renumbered(&self, old: u32) -> u64 {
        u64::from(self.new[old as usize])
    }
}

fn held(text: &str) -> Arc<str> {
    Arc::from(text)
}
