//! Recorded allergies beside a medicine's ingredients, by substance and by class (practice 9). It warns and never clears.

mod knowledge;
#[cfg(test)]
mod tests;

use crate::consultation::{Answer, Consultation, Medicine};
use knowledge::{Class, KNOWLEDGE};

/// What is said where nothing matches. There is no value that means *safe*.
pub const NOTHING_FOUND: &str = "No match found in what is recorded. That is not proof that it is safe. \
                                 Satchel does not check interactions.";

/// What comparing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub matches: Vec<AllergyMatch>,
    /// What could not be compared, a sentence each.
    pub limits: Vec<String>,
}

/// One entry of the record that speaks against one ingredient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllergyMatch {
    /// The entry in the words of the record: `penicillin: rash as a child`.
    pub recorded: String,
    /// `Amoxicillin trihydrate`; the medicine's name where its ingredients are not known.
    pub ingredient: String,
    pub why: Why,
}

/// The closer first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The entry names the substance.
    Substance,
    /// The entry names its class or another of it: `a penicillin`.
    Class(String),
    /// The entry names a class that may cross-react: `a cephalosporin`.
    Related(String),
}

impl AllergyMatch {
    /// A sentence that says what matches what.
    pub fn words(&self) -> String {
        let Self { recorded, ingredient, why } = self;
        match why {
            Why::Substance => format!("Recorded: “{recorded}”. This medicine has {ingredient} in it."),
            Why::Class(one) => format!("Recorded: “{recorded}”. {ingredient} is {one}."),
            Why::Related(one) => {
                format!("Recorded: “{recorded}”. {ingredient} is {one}, and people may react to both.")
            }
        }
    }
}

impl Compared {
    /// Everything to be shown, never empty: what matches or that nothing does, and what was not compared.
    pub fn said(&self) -> Vec<String> {
        let mut said: Vec<String> = self.matches.iter().map(AllergyMatch::words).collect();
        if said.is_empty() {
            said.push(NOTHING_FOUND.to_owned());
        }
        said.extend(self.limits.iter().cloned());
        said
    }
}

/// What a record says of allergies, an entry a line: its answer `allergy-details`.
pub fn recorded(record: &Consultation) -> &str {
    record.answers.get("allergy-details").and_then(Answer::as_text).unwrap_or_default()
}

/// Whether somebody has asked at all, in words for where they have not; `None` when details or *none known* are there.
pub fn not_asked(record: &Consultation) -> Option<&'static str> {
    match record.answers.get("allergies").and_then(Answer::as_text) {
        None => Some("Allergies have not been asked about yet."),
        Some("could-not-ask") => Some("The patient could not be asked about allergies."),
        Some(_) => None,
    }
}

/// Compares what is recorded (`allergies`: free text) with the line's ingredients, or with its name where they are not
/// known. Words such as “no” or “tolerates” are not understood: what names a substance is shown, in its own words.
pub fn check(allergies: &str, line: &Medicine) -> Compared {
    let ingredients: Vec<&str> =
        line.ingredients.lines().map(|one| one.split_once('|').map_or(one, |(_, name)| name)).collect();
    let mut limits = Vec::new();
    let compared: Vec<&str> = if ingredients.iter().any(|name| !name.trim().is_empty()) {
        ingredients
    } else {
        limits.push("The ingredients are not known, so only the name was compared.".to_owned());
        vec![line.name.as_str()]
    };
    let entries: Vec<&str> = allergies
        .split(['\n', ';'])
        .map(str::trim)
        .filter(|entry| entry.contains(char::is_alphanumeric))
        .collect();
    if entries.is_empty() {
        limits.push("No allergy is written down. That is not the same as no allergy.".to_owned());
    }
    let mut matches = Vec::new();
    for ingredient in &compared {
        let words = KNOWLEDGE.ingredient_words(ingredient);
        let classes: Vec<&Class> = KNOWLEDGE.classes_with(&words).collect();
        if !KNOWLEDGE.knows(&words) {
            limits.push(format!(
                "{ingredient} is in none of the classes known here; only its name was compared."
            ));
        }
        for entry in &entries {
            let said = KNOWLEDGE.words_of(entry);
            let why = if words.iter().any(|word| said.contains(word)) {
                Some(Why::Substance)
            } else {
                let recorded: Vec<&Class> = KNOWLEDGE
                    .class
                    .iter()
                    .filter(|class| class.is_named_in(entry))
                    .chain(KNOWLEDGE.classes_with(&said))
                    .collect();
                by_class(&classes, &recorded)
            };
            matches.extend(why.map(|why| AllergyMatch {
                recorded: (*entry).to_owned(),
                ingredient: (*ingredient).to_owned(),
                why,
            }));
        }
    }
    matches.sort_by(|a, b| a.why.cmp(&b.why));
    Compared { matches, limits }
}

fn by_class(classes: &[&Class], recorded: &[&Class]) -> Option<Why> {
    let same = classes.iter().find(|class| recorded.iter().any(|other| other.id == class.id));
    let related = || {
        let may_react = |class: &&&Class| {
            recorded
                .iter()
                .any(|other| other.related.contains(&class.id) || class.related.contains(&other.id))
        };
        classes.iter().find(may_react).map(|class| Why::Related(class.one.clone()))
    };
    same.map(|class| Why::Class(class.one.clone())).or_else(related)
}
