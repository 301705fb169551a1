//! Finding patients whose names could be taken for one another (practice 6), without holding every name against
//! every other: names that are near have a spelling in common once a letter is left out.

use shared::consultation::WorkListRow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Places in the list by hash of a spelling. A place may stand here for a name that it no longer has; who asks
/// compares the names themselves.
#[derive(Debug, Clone, Default)]
pub struct Spellings {
    /// The latest link of each spelling's chain.
    latest: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    /// Each a place and the link before it, of all chains: thousands of short lists would cost more than the names.
    links: Vec<(u32, Option<u32>)>,
}

/// What is looked up is a hash already.
#[derive(Debug, Clone, Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| with(hash, *byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

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
        for hash in spellings(&name.family).chain([both(&name.family, &name.given)]) {
            let link = self.links.len() as u32;
            let before = self.latest.insert(hash, link);
            self.links.push((place, before));
        }
    }

    /// Places whose names may be like this one; each perhaps more than once.
    pub fn candidates(&self, name: &Name) -> impl Iterator<Item = u32> {
        let hashes = spellings(&name.family).chain([both(&name.given, &name.family)]);
        hashes.flat_map(|hash| {
            let first = self.latest.get(&hash).copied();
            let links = std::iter::successors(first, |link| self.links[*link as usize].1);
            links.map(|link| self.links[link as usize].0)
        })
    }
}

/// FNV-1a: what it finds is compared, so that it only has to be quick.
const BEGIN: u64 = 0xcbf2_9ce4_8422_2325;

fn with(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

fn hash(parts: [&str; 2]) -> u64 {
    let [first, second] = parts.map(str::bytes);
    first.chain(second).fold(BEGIN, with)
}

/// Both names in this order, told apart from any spelling of one.
fn both(family: &str, given: &str) -> u64 {
    with(given.bytes().fold(with(hash([family, ""]), b','), with), b',')
}

/// Hashes of the name, and of the name less each of its letters; of two letters that are the same, less one.
fn spellings(name: &str) -> impl Iterator<Item = u64> {
    let mut before = None;
    let less_one = name.char_indices().filter_map(move |(at, letter)| {
        let again = before.replace(letter) == Some(letter);
        (!again).then(|| hash([&name[..at], &name[at + letter.len_utf8()..]]))
    });
    std::iter::once(hash([name, ""])).chain(less_one)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn name(family: &str, given: &str) -> Name {
        Name { family: family.to_owned(), given: given.to_owned() }
    }

    #[test]
    fn every_name_one_slip_away_is_among_the_candidates() {
        let all = [
            ("winters", "hettie"),
            ("winter", "ann"),
            ("wintres", "jo"),
            ("hettie", "winters"),
            ("dawkins", "j"),
        ];
        let mut spellings = Spellings::default();
        for (place, (family, given)) in all.iter().enumerate() {
            spellings.put(&name(family, given), place as u32);
        }
        let like = |family: &str, given: &str| {
            let wanted = name(family, given);
            let mut found: Vec<u32> = spellings.candidates(&wanted).collect();
            found.retain(|place| name(all[*place as usize].0, all[*place as usize].1).is_like(&wanted));
            found.sort_unstable();
            found.dedup();
            found
        };
        assert_eq!(like("winters", "hettie"), [0, 1, 3]);
        assert_eq!(like("dawkkins", "i"), [4]);
        assert!(like("bates", "molly").is_empty());
    }
}
