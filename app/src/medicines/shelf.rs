//! What screens share of the dictionary: which file is here, how fetching goes, and the file itself once it was needed.

use super::model::{Kept, Looked};
use leptos::prelude::*;
use shared::medicines::Index;
use std::sync::Arc;

/// Copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// The file on this device; `None` until one is whole, or before the device was looked at.
    pub kept: RwSignal<Option<Kept>>,
    /// Ready for searching; see [`Self::need`]. A newer one takes its place while a screen is open; what was chosen
    /// before stays as it was chosen.
    pub index: RwSignal<Option<Arc<Index>>>,
    /// While a file is fetched: how much of it is here, in hundredths.
    pub fetching: RwSignal<Option<u8>>,
    /// Why there is no (newer) file, in words; empty when nothing went wrong.
    pub trouble: RwSignal<String>,
    pub(super) looked: StoredValue<Looked>,
    /// A screen searches, so files are read into memory.
    pub(super) is_needed: StoredValue<bool>,
}

impl Shelf {
    pub fn new() -> Self {
        Self {
            kept: RwSignal::new(None),
            index: RwSignal::new(None),
            fetching: RwSignal::new(None),
            trouble: RwSignal::new(String::new()),
            looked: StoredValue::new(Looked::Never),
            is_needed: StoredValue::new(false),
        }
    }

    /// Day of the release that is searched, for the record: `2026-11-16`; empty without a file.
    pub fn release(self) -> String {
        self.index.with_untracked(|index| {
            index.as_ref().map(|index| index.release().to_owned()).unwrap_or_default()
        })
    }

    /// A screen is about to search: the file is read now if it was not yet. Call it when the screen is made.
    pub fn need(self) {
        if !self.is_needed.try_update_value(|needed| std::mem::replace(needed, true)).unwrap_or(true) {
            super::keeping::read_in_background(self);
        }
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self::new()
    }
}
