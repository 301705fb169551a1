//! All words that can be typed, in order, and in which products each stands.

use super::file::{Lists, Texts};
use super::words;
use std::ops::Range;

/// Made from the names when a file is read, so that it cannot disagree with them.
#[derive(Debug, Default)]
pub struct Vocabulary {
    all: String,
    /// Where each word lies in `all`, ascending by word.
    words: Vec<Range<u32>>,
    /// By the number of a name's word as it is shown: what it can be found by.
    found_by: Lists,
    /// By word: rows of products, ascending.
    rows: Lists,
}

impl Vocabulary {
    /// `shown`: the words of all names; `names`: of each product, numbers of those.
    pub fn of(shown: &Texts, names: &Lists) -> Self {
        let (mut vocabulary, numbers) = Self::sorted(shown);
        vocabulary.found_by.items = numbers;
        vocabulary.place_rows(names);
        vocabulary
    }

    /// The words sorted, each once; and which of them each shown word gives, one after another.
    fn sorted(shown: &Texts) -> (Self, Vec<u32>) {
        let mut all = String::new();
        let mut found: Vec<Range<u32>> = Vec::new();
        let mut ends = Vec::with_capacity(shown.count());
        for number in 0..shown.count() as u32 {
            words::of_name(shown.get(number), &mut |word| {
                let start = all.len() as u32;
                all.push_str(word);
                found.push(start..all.len() as u32);
            });
            ends.push(found.len() as u32);
        }
        let text = |at: &Range<u32>| &all[at.start as usize..at.end as usize];
        let mut order: Vec<u32> = (0..found.len() as u32).collect();
        order.sort_by(|a, b| text(&found[*a as usize]).cmp(text(&found[*b as usize])));
        let mut numbers = vec![0; found.len()];
        let mut unique: Vec<Range<u32>> = Vec::new();
        let mut kept = String::new();
        for at in order {
            let word = text(&found[at as usize]);
            let is_new = unique.last().is_none_or(|last| kept[last.start as usize..] != *word);
            if is_new {
                let start = kept.len() as u32;
                kept.push_str(word);
                unique.push(start..kept.len() as u32);
            }
            numbers[at as usize] = unique.len() as u32 - 1;
        }
        let found_by = Lists { ends, items: Vec::new() };
        (Self { all: kept, words: unique, found_by, rows: Lists::default() }, numbers)
    }

    /// Counts first, so that all rows lie in one piece of memory.
    fn place_rows(&mut self, names: &Lists) {
        const NO_ROW: u32 = u32::MAX;
        let mut last = vec![NO_ROW; self.words.len()];
        let mut ends = vec![0_u32; self.words.len()];
        for row in 0..names.count() {
            for word in names.get(row).iter().flat_map(|shown| self.found_by.get(*shown as usize)) {
                if std::mem::replace(&mut last[*word as usize], row as u32) != row as u32 {
                    ends[*word as usize] += 1;
                }
            }
        }
        let mut total = 0;
        for end in &mut ends {
            // For now where each begins; it moves to the end while rows are placed.
            total += std::mem::replace(end, total);
        }
        let mut rows = vec![0_u32; total as usize];
        last.fill(NO_ROW);
        for row in 0..names.count() {
            for word in names.get(row).iter().flat_map(|shown| self.found_by.get(*shown as usize)) {
                let word = *word as usize;
                if std::mem::replace(&mut last[word], row as u32) != row as u32 {
                    rows[ends[word] as usize] = row as u32;
                    ends[word] += 1;
                }
            }
        }
        self.rows = Lists { ends, items: rows };
    }

    fn word(&self, number: u32) -> &str {
        self.words
            .get(number as usize)
            .map_or("", |at| self.all.get(at.start as usize..at.end as usize).unwrap_or_default())
    }

    /// What a shown word can be found by, in the order in which it stands there.
    pub fn found_by(&self, shown: u32) -> &[u32] {
        self.found_by.get(shown as usize)
    }

    /// Words that begin with what was typed; the whole word is the first of them.
    pub fn beginning_with(&self, typed: &str) -> Meant {
        let text = |at: &Range<u32>| &self.all[at.start as usize..at.end as usize];
        let start = self.words.partition_point(|at| text(at) < typed);
        let count = self.words[start..].partition_point(|at| text(at).starts_with(typed));
        let words = start as u32..(start + count) as u32;
        let exact = (count > 0 && self.word(words.start) == typed).then_some(words.start);
        Meant { words, exact, is_number: words::is_number(typed) }
    }

    /// Rows with any of these words, word by word: not in order, and some more than once.
    pub fn rows(&self, words: &Range<u32>) -> &[u32] {
        let end = |before: u32| {
            before.checked_sub(1).and_then(|word| self.rows.ends.get(word as usize)).copied().unwrap_or(0)
        };
        self.rows.items.get(end(words.start) as usize..end(words.end) as usize).unwrap_or_default()
    }
}

/// What one typed word may stand for.
#[derive(Debug, Clone)]
pub struct Meant {
    /// Numbers of words.
    pub words: Range<u32>,
    /// The one that is the same as what was typed.
    pub exact: Option<u32>,
    pub is_number: bool,
}
