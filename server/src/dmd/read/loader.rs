//! What is known while a release is read: ids seen so far, code lists, faults.

use crate::dmd::dictionary::{Actual, ById, Dictionary, Name, Replacement};
use crate::dmd::faults::Faults;
use crate::dmd::lists::{List, Lists};
use crate::dmd::part::Part;
use crate::dmd::rows::Row;
use crate::dmd::sctid;
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasherDefault;

/// Ids of a kind that has no entry of its own in the dictionary.
pub type Ids = HashSet<u64, BuildHasherDefault<crate::dmd::dictionary::IdHasher>>;

/// Everything known so far.
#[derive(Default)]
pub struct Loader {
    pub dictionary: Dictionary,
    pub lists: Lists,
    pub moieties: ById<u32>,
    pub virtuals: ById<u32>,
    pub actuals: ById<u32>,
    pub virtual_packs: ById<u32>,
    pub actual_packs: ById<ActualPack>,
    /// Products that have had their one form, or their one controlled-drug category.
    pub formed: Ids,
    pub controlled: Ids,
    pub faults: Faults,
    pub warnings: Faults,
    /// Lists that are missing, so that this is said once and not for each row.
    missing_lists: BTreeSet<&'static str>,
    file: String,
    /// The row being looked at.
    pub at: u64,
}

/// What is remembered of an actual pack.
#[derive(Debug, Clone, Copy)]
pub struct ActualPack {
    pub product: u32,
}

impl Loader {
    pub fn begins(&mut self, file: &str) {
        file.clone_into(&mut self.file);
        self.at = 0;
    }

    pub fn fault(&mut self, words: impl FnOnce() -> String) {
        self.faults.add(&self.file, self.at, words);
    }

    pub fn warning(&mut self, words: impl FnOnce() -> String) {
        self.warnings.add(&self.file, self.at, words);
    }

    /// The id of the row itself. Every later fault of the row is told with it.
    pub fn own_id(&mut self, row: &Row, field: &'static str) -> Option<u64> {
        self.at = 0;
        let id = self.id(row, field)?;
        self.at = id;
        if !sctid::checks(id) {
            self.warning(|| format!("the check digit of this {field} is wrong"));
        }
        Some(id)
    }

    /// An id that a row must have.
    pub fn id(&mut self, row: &Row, field: &'static str) -> Option<u64> {
        let id = row.get(field).and_then(sctid::parse);
        if id.is_none() {
            let given = row.get(field).unwrap_or("nothing").chars().take(40).collect::<String>();
            self.fault(|| format!("{field} must be an id of 6 to 18 digits, not “{given}”"));
        }
        id
    }

    /// An id that a row may have, 0 where it has none.
    pub fn id_if(&mut self, row: &Row, field: &'static str) -> u64 {
        if row.get(field).is_none() { 0 } else { self.id(row, field).unwrap_or(0) }
    }

    /// The place of what a field refers to.
    pub fn place(
        &mut self,
        row: &Row,
        field: &'static str,
        known: fn(&Self) -> &ById<u32>,
        of: Part,
    ) -> Option<u32> {
        let id = self.id(row, field)?;
        let place = known(self).get(&id).copied();
        if place.is_none() {
            self.fault(|| format!("{field} {id} is not in the {} file", of.stem()));
        }
        place
    }

    /// Whether a field refers to a substance that there is; absent ones do.
    pub fn substance(&mut self, row: &Row, field: &'static str) -> u64 {
        let id = self.id_if(row, field);
        if id != 0 && !self.dictionary.substances.contains_key(&id) {
            self.fault(|| format!("{field} {id} is not in the ingredient file"));
            return 0;
        }
        id
    }

    /// A code of a list, where the field is there: 0 for none or a code that is not in the list.
    pub fn code(&mut self, row: &Row, field: &'static str, list: List) -> u64 {
        let Some(text) = row.get(field) else { return 0 };
        if self.lists.of(list).is_empty() {
            if self.missing_lists.insert(list.name()) {
                self.fault(|| {
                    format!("the lookup file has no list {}, which {field} refers to", list.name())
                });
            }
            return text.parse().unwrap_or(0);
        }
        let code = text.parse::<u64>().ok().filter(|code| self.lists.of(list).contains_key(code));
        if code.is_none() {
            let text = text.chars().take(40).collect::<String>();
            self.fault(|| format!("{field} “{text}” is not in the list {} of the lookup file", list.name()));
        }
        code.unwrap_or(0)
    }

    /// The word of a code; nothing where there is none.
    pub fn word(&mut self, row: &Row, field: &'static str, list: List) -> Name {
        let code = self.code(row, field, list);
        self.lists.of(list).get(&code).copied().unwrap_or_default()
    }

    /// A name that a row must have.
    pub fn name(&mut self, row: &Row, field: &'static str) -> Name {
        if let Some(name) = row.get(field) {
            self.dictionary.names.add(name)
        } else {
            self.fault(|| format!("it has no {field}"));
            Name::default()
        }
    }

    /// Two rows of one id.
    pub fn twice(&mut self) {
        self.fault(|| "this id stands in the file twice".to_owned());
    }

    /// Remembers that `old` became `new`.
    pub fn replaces(&mut self, row: &Row, field: &'static str, new: u64, kind: &'static str) {
        let old = self.id_if(row, field);
        if old != 0 && old != new {
            self.dictionary.replaced.push(Replacement { old, new, kind });
        }
    }

    /// Puts in order what the next files look things up in.
    pub fn ended(&mut self, part: Part) {
        match part {
            Part::Vmp => {
                self.dictionary.ingredients.sort_by_key(|ingredient| ingredient.product);
                self.dictionary.form_routes.sort_by_key(|(product, _)| *product);
                (self.formed, self.controlled) = (Ids::default(), Ids::default());
            }
            Part::Ampp => {
                self.dictionary.packs_on_the_market.sort_unstable();
                self.dictionary.packs_on_the_market.dedup();
                self.virtual_packs = ById::default();
                self.dictionary.actual_packs = self.actual_packs.len() as u64;
            }
            Part::Gtin => self.actual_packs = ById::default(),
            _ => {}
        }
    }

    pub fn actual_at(&mut self, place: u32) -> Option<&mut Actual> {
        self.dictionary.actuals.get_mut(place as usize)
    }

    pub fn finish(mut self) -> (Dictionary, Faults, Faults) {
        self.dictionary.units = std::mem::take(self.lists.of_mut(List::Unit));
        self.dictionary.names.no_more();
        (self.dictionary, self.faults, self.warnings)
    }
}
