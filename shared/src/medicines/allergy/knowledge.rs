//! Which substances belong together and what else they are called: `rules/allergy-classes.toml`.

use crate::medicines::words;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const LIST: &str = include_str!(concat!(env!("OUT_DIR"), "/allergy-classes.json"));

pub static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| serde_json::from_str(LIST).expect("rules/allergy-classes.toml is tested"));

#[derive(Deserialize)]
pub struct Knowledge {
    salts: BTreeSet<String>,
    synonym: Vec<Synonym>,
    mixture: Vec<Mixture>,
    pub class: Vec<Class>,
}

#[derive(Deserialize)]
struct Synonym {
    /// The name of today first.
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Mixture {
    name: String,
    substances: Vec<String>,
}

#[derive(Deserialize)]
pub struct Class {
    pub id: String,
    /// `a penicillin`.
    pub one: String,
    /// What a record calls the class.
    words: Vec<String>,
    pub members: Vec<String>,
    /// Ids of classes that may cross-react.
    pub related: Vec<String>,
}

impl Knowledge {
    /// Words by which a text can be compared: its own without salts and numbers, and today's names of whatever it names
    /// by another one.
    pub fn words_of(&self, text: &str) -> BTreeSet<String> {
        let typed = words::of_typed(text);
        let mut all: BTreeSet<String> = self.telling(&typed).collect();
        for synonym in &self.synonym {
            if synonym.names.iter().any(|name| stands_in(name, &typed)) {
                all.extend(synonym.names.iter().take(1).flat_map(|name| self.base(name)));
            }
        }
        for mixture in &self.mixture {
            if stands_in(&mixture.name, &typed) {
                all.extend(mixture.substances.iter().flat_map(|name| self.base(name)));
            }
        }
        all
    }

    /// A substance's own words; of one that is nothing but a salt (zinc oxide) all of them.
    fn base(&self, name: &str) -> Vec<String> {
        let typed = words::of_typed(name);
        let base: Vec<String> = self.telling(&typed).collect();
        if base.is_empty() { typed } else { base }
    }

    fn telling(&self, typed: &[String]) -> impl Iterator<Item = String> {
        typed
            .iter()
            .filter(|word| word.len() > 2 && !words::is_number(word) && !self.salts.contains(*word))
            .cloned()
    }

    /// The words by which an ingredient is compared.
    pub fn ingredient_words(&self, name: &str) -> BTreeSet<String> {
        let words = self.words_of(name);
        if words.is_empty() { words::of_typed(name).into_iter().collect() } else { words }
    }

    /// Classes to which something of these words belongs.
    pub fn classes_with<'a>(&'a self, words: &'a BTreeSet<String>) -> impl Iterator<Item = &'a Class> {
        let is_member = |name: &String| self.base(name).iter().all(|word| words.contains(word));
        self.class.iter().filter(move |class| class.members.iter().any(is_member))
    }

    /// Is there anything about this ingredient in the lists?
    pub fn knows(&self, words: &BTreeSet<String>) -> bool {
        self.classes_with(words).next().is_some()
            || self
                .synonym
                .iter()
                .filter_map(|one| one.names.first())
                .any(|name| self.base(name).iter().all(|word| words.contains(word)))
    }
}

impl Class {
    /// Does the text name the class itself, not only a member?
    pub fn is_named_in(&self, text: &str) -> bool {
        let typed = words::of_typed(text);
        self.words.iter().any(|name| stands_in(name, &typed))
    }
}

fn stands_in(name: &str, typed: &[String]) -> bool {
    let wanted = words::of_typed(name);
    !wanted.is_empty() && typed.windows(wanted.len()).any(|run| run == wanted)
}
