//! Reads a release into a [`Dictionary`] and checks every relationship on the way.

mod actual;
mod extras;
mod loader;
mod lookup;
mod packs;
mod virtuals;

use super::Progress;
use super::dictionary::Dictionary;
use super::faults::Faults;
use super::part::Part;
use super::rows::{self, Row};
use super::source::{NotARelease, Release};
use loader::Loader;
use sha2::{Digest as _, Sha256};

/// What was read, and what was wrong with it.
pub struct Read {
    pub dictionary: Dictionary,
    /// Any of these makes the release unusable.
    pub faults: Faults,
    /// These do not.
    pub warnings: Faults,
    /// Of the names and contents of all files.
    pub digest: [u8; 32],
    /// Parts that are not there.
    pub absent: Vec<Part>,
    pub rows: u64,
}

/// Reads the files in their order. Whatever is wrong in one file, the others are read all the same, so that somebody
/// learns everything at once; a file that is missing or cannot be unpacked ends it.
pub fn read(release: &mut Release, progress: &mut dyn Progress) -> Result<Read, NotARelease> {
    let parts = release.parts();
    let whole: u64 = parts.iter().map(|(_, _, size)| size).sum();
    let mut loader = Loader::default();
    let mut digest = Sha256::new();
    let (mut rows_so_far, mut before) = (0u64, 0u64);
    for (part, name, size) in &parts {
        loader.begins(name);
        let (is_row, each) = reading(*part);
        let read = release.read(*part, |source| {
            let mut counted = |section: &str, kind: &str, row: &Row, at: u64| {
                rows_so_far += 1;
                if rows_so_far.is_multiple_of(4096) {
                    progress.reading(name, before + at, whole, rows_so_far);
                }
                each(&mut loader, section, kind, row);
            };
            rows::read(source, part.root(), &is_row, &mut counted)
        })?;
        match read {
            Some(Ok(hash)) => {
                digest.update(name.as_bytes());
                digest.update(hash);
            }
            Some(Err(cause)) => {
                loader.faults.add(name, 0, || format!("{cause}. Fetch the release again."));
            }
            None => {}
        }
        before += size;
        loader.ended(*part);
    }
    progress.reading("", whole, whole, rows_so_far);
    let absent = Part::ALL.into_iter().filter(|part| parts.iter().all(|(there, ..)| there != part)).collect();
    let (dictionary, faults, warnings) = loader.finish();
    Ok(Read { dictionary, faults, warnings, digest: digest.finalize().into(), absent, rows: rows_so_far })
}

type IsRow = fn(&str) -> bool;
type Each = fn(&mut Loader, &str, &str, &Row);

/// Which elements of a file are rows, and what becomes of them.
fn reading(part: Part) -> (IsRow, Each) {
    match part {
        Part::Lookup => (lookup::is_row, lookup::entry),
        Part::Ingredient => (lookup::is_substance, lookup::substance),
        Part::Vtm => (virtuals::is_moiety, virtuals::moiety),
        Part::Vmp => (virtuals::is_row, virtuals::row),
        Part::Vmpp => (packs::is_virtual, packs::virtual_pack),
        Part::Amp => (actual::is_row, actual::row),
        Part::Ampp => (packs::is_actual, packs::actual_pack),
        Part::Gtin => (extras::is_gtin, extras::gtin),
        Part::Bnf => (extras::is_bnf, extras::bnf),
        Part::History => (extras::is_history, extras::history),
        Part::VtmIngredients => (extras::is_vtm_ingredient, extras::vtm_ingredient),
    }
}
