//! What is known of one line, and how a rule reads it: yes, no, or not yet. Unknown is never yes.

use super::circumstances::{Circumstances, Earlier, InThisRecord};
use super::maximum::parse_amount;
use super::rules::{List, Question, QuestionKind, When};
use crate::consultation::Medicine;
use std::collections::{BTreeMap, BTreeSet};

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// It does not apply, so it is nothing that a rule could ask for.
    NotAsked,
    NotYet,
    Is(String),
}

/// Facts by id, with what names are compared to.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    lists: &'static [List],
    values: BTreeMap<&'static str, Fact>,
    /// `None` while nobody has said which.
    groups: Option<BTreeSet<String>>,
    ingredients: Option<Vec<&'a str>>,
    name: &'a str,
    is_typed: bool,
    age: Option<u16>,
    earlier_known: bool,
    /// Questions that are put, in their order.
    pub put: Vec<Put>,
}

/// A question that is put, and whether an answer counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put {
    pub question: &'static Question,
    pub answered: bool,
}

impl<'a> Facts<'a> {
    /// What the line itself says, before anything was asked.
    pub fn new(
        line: &'a Medicine,
        circumstances: &Circumstances,
        lists: &'static [List],
        earlier_within_days: u16,
    ) -> Self {
        let is_typed = line.code.trim().is_empty();
        let ingredients: Vec<&str> = line.ingredients.lines().map(ingredient).collect();
        let ingredients: Vec<&str> = ingredients.into_iter().filter(|name| !name.is_empty()).collect();
        let since = |earlier: &Earlier| {
            let days = circumstances.today.since(earlier.day).map_or(i32::MAX, |span| span.get_days());
            days >= 0 && days <= i32::from(earlier_within_days)
        };
        let beside = beside(line, circumstances);
        let earlier_known = circumstances
            .earlier
            .iter()
            .filter(|earlier| since(earlier))
            .chain(beside.iter().copied())
            .any(|earlier| is_same(earlier, line, &ingredients));
        Self {
            lists,
            values: BTreeMap::new(),
            groups: (!is_typed).then(|| line.groups.split_whitespace().map(str::to_owned).collect()),
            ingredients: (!ingredients.is_empty()).then_some(ingredients),
            name: &line.name,
            is_typed,
            age: circumstances.age,
            earlier_known,
            put: Vec::new(),
        }
    }

    pub fn set(&mut self, id: &'static str, fact: Fact) {
        self.values.insert(id, fact);
    }

    pub fn get(&self, id: &str) -> &Fact {
        self.values.get(id).unwrap_or(&Fact::NotYet)
    }

    /// The value, where there is one.
    pub fn value(&self, id: &str) -> Option<&str> {
        match self.get(id) {
            Fact::Is(value) => Some(value),
            Fact::NotAsked | Fact::NotYet => None,
        }
    }

    /// Groups of a typed line, once somebody has said which; the empty set for one of no group.
    pub fn set_groups(&mut self, groups: Option<BTreeSet<String>>) {
        self.groups = groups;
    }

    pub fn has_ingredients(&self) -> bool {
        self.ingredients.is_some()
    }

    /// Puts a question, if it is to be put, and takes the answer that counts.
    pub fn ask(&mut self, question: &'static Question, line: &Medicine) {
        let fact = match self.holds(&question.shown) {
            Some(false) => Fact::NotAsked,
            // Not yet clear whether it is asked: a question before it comes first.
            None => Fact::NotYet,
            Some(true) => {
                let answer = line.asked.get(&question.id).map(|answer| answer.trim());
                let answer = answer.filter(|answer| counts(question, answer));
                self.put.push(Put { question, answered: answer.is_some() });
                match answer {
                    // Said to be unknown is an answer to the question, and none to the rules.
                    None => Fact::NotYet,
                    Some("unknown") if question.id.starts_with("typed-") => Fact::NotYet,
                    Some(answer) => Fact::Is(answer.to_owned()),
                }
            }
        };
        self.set(&question.id, fact);
    }

    pub fn holds(&self, when: &When) -> Option<bool> {
        match when {
            When::Always => Some(true),
            When::EarlierSupplyKnown => Some(self.earlier_known),
            When::Is(id, wanted) => self.compare(id, |value| value == wanted),
            When::OneOf(id, wanted) => self.compare(id, |value| wanted.iter().any(|one| one == value)),
            When::Known(id) => Some(match id.as_str() {
                "ingredients" => self.has_ingredients(),
                "age" => self.age.is_some(),
                id => self.value(id).is_some(),
            }),
            When::Group(group) => self.groups.as_ref().map(|groups| groups.contains(group)),
            When::Contains(list) => Some(self.contains(list)),
            When::Named(list) => Some(self.list(list).iter().any(|name| names(self.name, name))),
            When::AgeAtLeast(years) => self.age.map(|age| age >= *years),
            When::AgeBelow(years) => self.age.map(|age| age < *years),
            When::Not(inner) => self.holds(inner).map(|holds| !holds),
            When::All(inner) => {
                any(inner.iter().map(|one| self.holds(one).map(|holds| !holds))).map(|one_fails| !one_fails)
            }
            When::Any(inner) => any(inner.iter().map(|one| self.holds(one))),
        }
    }

    fn compare(&self, id: &str, fits: impl Fn(&str) -> bool) -> Option<bool> {
        match self.get(id) {
            Fact::NotAsked => Some(false),
            Fact::NotYet => None,
            Fact::Is(value) => Some(fits(value)),
        }
    }

    fn contains(&self, list: &str) -> bool {
        let listed = |text: &str| self.list(list).iter().any(|name| names(text, name));
        let by_name = (self.is_typed || self.ingredients.is_none()) && listed(self.name);
        by_name || self.ingredients.iter().flatten().any(|ingredient| listed(ingredient))
    }

    fn list(&self, id: &str) -> &'static [String] {
        self.lists.iter().find(|list| list.id == id).map_or(&[], |list| &list.names)
    }
}

/// Yes as soon as one is yes; no only when all are no.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all_known = true;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all_known = false,
        }
    }
    all_known.then_some(false)
}

/// Does this answer count for the question?
fn counts(question: &Question, answer: &str) -> bool {
    match question.kind {
        QuestionKind::YesNo => ["yes", "no"].contains(&answer),
        QuestionKind::Choice => question.option(answer).is_some(),
        QuestionKind::Text => !answer.is_empty(),
        QuestionKind::Number => parse_amount(answer)
            .is_ok_and(|number| question.most.is_none_or(|most| number <= f64::from(most))),
    }
}

/// The name of a `code|name` line.
fn ingredient(line: &str) -> &str {
    line.split_once('|').map_or(line, |(_, name)| name).trim()
}

/// Is it the same medicine: the same product, a substance in common, or the same words?
/// What this record supplies besides the line itself.
pub(super) fn beside<'a>(line: &Medicine, circumstances: &'a Circumstances) -> Vec<&'a Earlier> {
    let is_itself = |one: &InThisRecord| {
        one.recorded_at == line.recorded_at && one.supply.code == line.code && one.supply.name == line.name
    };
    let itself = circumstances.in_this_record.iter().position(is_itself);
    let others = circumstances.in_this_record.iter().enumerate().filter(|(place, _)| Some(*place) != itself);
    others.map(|(_, one)| &one.supply).collect()
}

/// The same product: a second line of it would double what the law allows of one.
pub(super) fn is_same_product(earlier: &Earlier, line: &Medicine) -> bool {
    let same = |left: &str, right: &str| !left.is_empty() && left.eq_ignore_ascii_case(right);
    same(earlier.code.trim(), line.code.trim()) || same(earlier.name.trim(), line.name.trim())
}

fn is_same(earlier: &Earlier, line: &Medicine, ingredients: &[&str]) -> bool {
    let same = |left: &str, right: &str| !left.is_empty() && left.eq_ignore_ascii_case(right);
    same(earlier.code.trim(), line.code.trim())
        || same(earlier.name.trim(), line.name.trim())
        || earlier
            .ingredients
            .lines()
            .map(ingredient)
            .any(|one| ingredients.iter().any(|other| same(one, other)))
}

/// Do these words, one after the other, stand in the text? Neither capitals nor what is between them matters.
pub(super) fn names(text: &str, wanted: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        split.map(str::to_lowercase).collect()
    };
    let (text, wanted) = (words(text), words(wanted));
    !wanted.is_empty() && text.windows(wanted.len()).any(|window| window == wanted)
}
