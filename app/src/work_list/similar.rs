//! Finding patients whose names could be taken for one another (practice 6), without holding every name against
//! every other: names that are near have a spelling in common once a letter is left out.

use shared::consultation::WorkListRow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Places in the list by hash of a spelling. A place may stand here for a name that it no longer has; who asks
/// compares the names themselves.
#[derive(Debug, Clone, Default)]
pub struct Spellings(HashMap<u64, Vec<u32>>);

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    family: String,
    given: String,
}

impl Name {
    pub fn of(row: &WorkListRow) -> Self {
        let (family, given) = row.patient_name.split_once(',').unwrap_or((&row.patient_name, ""));
        Self { family: family.trim().to_lowercase(), given: given.trim().to_lowercase() }
    }

    /// One letter apart, or family and given name swapped.
    pub fn is_like(&self, other: &Self) -> bool {
        near(&self.family, &other.family) || (self.family == other.given && self.given == other.family)
    }
}

impl Spellings {
    pub fn put(&mut self, name: &Name, place: u32) {
        if name.family.is_empty() {
            return;
        }
        for hash in spellings(&name.family).iter().map(|spelling| hash(0, spelling, "")) {
            self.0.entry(hash).or_default().push(place);
        }
        self.0.entry(hash(1, &name.family, &name.given)).or_default().push(place);
    }

    /// Places whose names may be like this one; each perhaps more than once.
    pub fn candidates(&self, name: &Name) -> impl Iterator<Item = u32> {
        let near = spellings(&name.family).into_iter().map(|spelling| hash(0, &spelling, ""));
        let swapped = [hash(1, &name.given, &name.family)];
        near.chain(swapped).filter_map(|hash| self.0.get(&hash)).flatten().copied()
    }
}

fn hash(kind: u8, first: &str, second: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, first, second).hash(&mut hasher);
    hasher.finish()
}

/// The name, and the name less each of its letters.
fn spellings(name: &str) -> BTreeSet<String> {
    let less_one =
        name.char_indices().map(|(at, letter)| [&name[..at], &name[at + letter.len_utf8()..]].concat());
    less_one.chain([name.to_owned()]).collect()
}

/// The same, or apart by one letter in a name long enough for that to be a slip.
fn near(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(x, y)| x == y).count();
    a.len().max(b.len()) - start - end <= 1
}
