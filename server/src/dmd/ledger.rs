//! What changed since the last release: a line for each product that is kept with it, compared in one pass.

use super::dictionary::{Name, Names};
use serde::{Deserialize, Serialize};
use shared::medicines::{LegalClass, Level, Product};
use std::io::{self, BufRead, BufReader, Write};

/// How many examples of each kind are told.
const EXAMPLES: usize = 10;
/// A line holds a name of at most 774 characters.
const LONGEST_LINE: u64 = 16 * 1024;
/// Of Zstandard. A higher one needs tens of megabytes for a few per cent.
const LEVEL: i32 = 3;

/// One kind of change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kind {
    pub count: u64,
    pub examples: Vec<String>,
}

impl Kind {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }
}

/// What is different in a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changes {
    pub added: Kind,
    pub withdrawn: Kind,
    pub renamed: Kind,
    pub schedule_changed: Kind,
    pub legal_class_changed: Kind,
}

impl Changes {
    /// Each kind under the words that it is told with.
    pub fn kinds(&self) -> [(&'static str, &Kind); 5] {
        [
            ("added", &self.added),
            ("withdrawn", &self.withdrawn),
            ("renamed", &self.renamed),
            ("with another controlled-drug schedule", &self.schedule_changed),
            ("with another legal class", &self.legal_class_changed),
        ]
    }
}

/// What is noted of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    code: u64,
    level: Level,
    schedule: u8,
    legal: LegalClass,
    name: Name,
}

impl Entry {
    /// Its name in one line.
    fn name(self, names: &Names) -> String {
        names.get(self.name).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// The products of a release that is being built. Names stay in the dictionary, of which there is no memory for a second.
#[derive(Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// `name`: where the product's name stands in the dictionary.
    pub fn note(&mut self, product: &Product, name: Name) {
        let Product { code, level, schedule, legal_class: legal, .. } = *product;
        self.entries.push(Entry { code, level, schedule, legal, name });
    }

    /// In the order of codes; two of one code count once.
    pub fn sort(&mut self) {
        self.entries.sort_unstable();
        self.entries.dedup_by_key(|entry| entry.code);
    }

    /// How many products.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Compressed, to be kept: a line of code, level, schedule, legal class and name each.
    pub fn packed(&self, names: &Names) -> io::Result<Vec<u8>> {
        let mut packer = zstd::Encoder::new(Vec::new(), LEVEL)?;
        for entry in &self.entries {
            let Entry { code, level, schedule, legal, .. } = *entry;
            let (level, legal, name) = (level.code(), legal.code(), entry.name(names));
            writeln!(packer, "{code}\t{level}\t{schedule}\t{legal}\t{name}")?;
        }
        packer.finish()
    }

    /// What is different from the release whose packed lines these are. Fails where they are not what this wrote.
    pub fn since(&self, names: &Names, before: &[u8]) -> io::Result<Changes> {
        let mut old = BufReader::new(zstd::Decoder::new(before)?);
        let (mut changes, mut line) = (Changes::default(), String::new());
        let mut new = self.entries.iter().peekable();
        loop {
            line.clear();
            let read = io::Read::take(&mut old, LONGEST_LINE).read_line(&mut line)?;
            let Some(was) = Line::of(line.trim_end_matches('\n')) else {
                if read == 0 {
                    break;
                }
                return Err(io::Error::other("a line that was not written here"));
            };
            while let Some(entry) = new.next_if(|entry| entry.code < was.code) {
                changes.added.add(|| entry.name(names));
            }
            match new.next_if(|entry| entry.code == was.code) {
                None => changes.withdrawn.add(|| was.name.to_owned()),
                Some(entry) => compare(&was, *entry, &entry.name(names), &mut changes),
            }
        }
        new.for_each(|entry| changes.added.add(|| entry.name(names)));
        Ok(changes)
    }
}

fn compare(was: &Line<'_>, now: Entry, name: &str, changes: &mut Changes) {
    if name != was.name {
        changes.renamed.add(|| format!("{} is now {name}", was.name));
    }
    let schedule = now.schedule.to_string();
    if schedule != was.schedule {
        let (from, to) = (schedule_words(was.schedule), schedule_words(&schedule));
        changes.schedule_changed.add(|| format!("{name}: {from}, now {to}"));
    }
    if now.legal.code() != was.legal {
        let (from, to) = (legal_words(was.legal), legal_words(now.legal.code()));
        changes.legal_class_changed.add(|| format!("{name}: {from}, now {to}"));
    }
}

struct Line<'a> {
    code: u64,
    schedule: &'a str,
    legal: &'a str,
    name: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(5, '\t');
        let code = fields.next()?.parse().ok()?;
        let level = fields.next()?;
        [Level::Vtm, Level::Vmp, Level::Amp].iter().find(|known| known.code() == level)?;
        Some(Self { code, schedule: fields.next()?, legal: fields.next()?, name: fields.next()? })
    }
}

/// CONTROL_DRUG_CATEGORY in words (medicines.md 1.4).
pub fn schedule_words(category: &str) -> &'static str {
    match category {
        "0" => "not a controlled drug",
        "1" => "Schedule 1",
        "2" | "3" => "Schedule 2",
        "4" | "5" => "Schedule 3",
        "6" => "Schedule 3 (phenobarbital)",
        "7" => "Schedule 3 (temazepam)",
        "8" => "Schedule 4 part 2",
        "9" => "Schedule 4 part 1",
        "10" => "Schedule 5",
        _ => "unknown",
    }
}

fn legal_words(code: &str) -> &str {
    match code {
        "" => "unknown",
        code if code == LegalClass::NotApplicable.code() => "not applicable",
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::medicines::{Availability, Product};

    fn product(code: u64, name: &str, schedule: u8, legal_class: LegalClass) -> Product {
        Product {
            code,
            level: Level::Vmp,
            name: name.to_owned(),
            parent: None,
            form: String::new(),
            strength: String::new(),
            schedule,
            legal_class,
            availability: Availability::Available,
            prescribing: 1,
            appliance: false,
            groups: std::collections::BTreeSet::new(),
            ingredients: Vec::new(),
            packs: Vec::new(),
        }
    }

    fn ledger(products: &[Product]) -> (Ledger, Names) {
        let (mut ledger, mut names) = (Ledger::default(), Names::default());
        for product in products {
            let name = names.add(&product.name);
            ledger.note(product, name);
        }
        ledger.sort();
        (ledger, names)
    }

    fn packed(products: &[Product]) -> Vec<u8> {
        let (ledger, names) = ledger(products);
        ledger.packed(&names).expect("packed")
    }

    fn changes(products: &[Product], before: &[u8]) -> io::Result<Changes> {
        let (ledger, names) = ledger(products);
        ledger.since(&names, before)
    }

    #[test]
    fn every_kind_of_change_is_told_with_an_example() {
        use LegalClass::{Pharmacy, PrescriptionOnly};
        let before = packed(&[
            product(30, "Gabapentin 100mg capsules", 0, PrescriptionOnly),
            product(10, "Alpha\ttablets", 0, Pharmacy),
            product(20, "Gone", 0, Pharmacy),
        ]);
        let after = [
            product(5, "First", 0, Pharmacy),
            product(10, "Alpha 1mg tablets", 0, PrescriptionOnly),
            product(30, "Gabapentin 100mg capsules", 4, PrescriptionOnly),
            product(40, "Last", 0, Pharmacy),
        ];
        let changes = changes(&after, &before).expect("compared");
        assert_eq!(changes.added.examples, ["First", "Last"]);
        assert_eq!(changes.withdrawn.examples, ["Gone"]);
        assert_eq!(changes.renamed.examples, ["Alpha tablets is now Alpha 1mg tablets"]);
        let expected = "Gabapentin 100mg capsules: not a controlled drug, now Schedule 3";
        assert_eq!(changes.schedule_changed.examples, [expected]);
        assert_eq!(changes.legal_class_changed.examples, ["Alpha 1mg tablets: P, now POM"]);
    }

    #[test]
    fn the_same_release_has_no_changes_and_counts_go_beyond_the_examples() {
        let many: Vec<_> = (0..50).map(|n| product(n, &format!("P{n}"), 0, LegalClass::Pharmacy)).collect();
        let packed = packed(&many);
        assert_eq!(changes(&many, &packed).expect("compared"), Changes::default());
        let changes = changes(&[], &packed).expect("compared");
        assert_eq!((changes.withdrawn.count, changes.withdrawn.examples.len()), (50, 10));
    }

    #[test]
    fn lines_that_were_not_written_here_are_noticed() {
        let packed = zstd::encode_all(&b"nonsense\n"[..], 1).expect("packed");
        changes(&[], &packed).expect_err("not a ledger");
        changes(&[], b"not packed").expect_err("not packed");
    }
}
