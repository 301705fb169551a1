//! Names that were mistaken for each other: tall-man spelling, and which others to rule out.

use super::words;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const LIST: &str = include_str!(concat!(env!("OUT_DIR"), "/look-alikes.json"));

/// What stands out in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// The name with the part that differs in capitals: `predniSOLONE 5mg tablets`.
    pub tall: String,
    /// Tall-man spelling of what it may be mistaken for, none of which is in the name itself.
    pub mistaken_for: Vec<String>,
}

#[derive(Deserialize)]
struct List {
    pair: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    names: Vec<String>,
}

static PAIRS: LazyLock<Vec<Pair>> =
    LazyLock::new(|| serde_json::from_str::<List>(LIST).expect("rules/look-alikes.toml is tested").pair);

/// The words of each name on the list, so that a letter typed does not take the list apart once for each product.
static WORDS: LazyLock<BTreeMap<&str, Vec<String>>> = LazyLock::new(|| {
    PAIRS.iter().flat_map(|pair| &pair.names).map(|name| (name.as_str(), words::of_typed(name))).collect()
});

/// First words of all names on the list: a product that has none of them needs no further look.
static FIRST: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| WORDS.values().filter_map(|words| words.first().map(String::as_str)).collect());

/// What a product's name may be mistaken for; `None` where nothing is known of it. The list is `look-alikes.toml`.
pub fn of(name: &str) -> Option<LookAlike> {
    let in_name = words::of_typed(name);
    if !in_name.iter().any(|word| FIRST.contains(word.as_str())) {
        return None;
    }
    let mut tall: Vec<String> = name.split(' ').map(str::to_owned).collect();
    let mut mistaken_for: Vec<String> = Vec::new();
    for pair in PAIRS.iter() {
        let (own, others): (Vec<_>, Vec<_>) = pair.names.iter().partition(|one| stands_in(one, &in_name));
        if own.is_empty() {
            continue;
        }
        for one in &own {
            spell(one, &mut tall);
        }
        mistaken_for.extend(others.into_iter().cloned());
    }
    mistaken_for.retain(|one| !stands_in(one, &in_name));
    mistaken_for.sort_by_key(|one| one.to_lowercase());
    mistaken_for.dedup_by_key(|one| one.to_lowercase());
    (!mistaken_for.is_empty()).then(|| LookAlike { tall: tall.join(" "), mistaken_for })
}

fn stands_in(wanted: &str, name: &[String]) -> bool {
    WORDS.get(wanted).is_some_and(|wanted| name.windows(wanted.len()).any(|run| run == wanted))
}

/// Puts the tall-man spelling in the place of the same word; brackets and the like round it stay.
fn spell(tall: &str, name: &mut [String]) {
    for word in name {
        if word.trim_matches(|letter: char| !letter.is_alphanumeric()).eq_ignore_ascii_case(tall) {
            let start = word.find(char::is_alphanumeric).unwrap_or_default();
            word.replace_range(start..start + tall.len(), tall);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_on_the_list_is_spelt_tall_and_says_what_it_is_not() {
        let found = of("Prednisolone 5mg gastro-resistant tablets").expect("on the list");
        assert_eq!(found.tall, "prednisoLONE 5mg gastro-resistant tablets");
        assert_eq!(found.mistaken_for, ["predniSONE", "PROPranolol"]);
        assert_eq!(
            of("Clobazam 10mg tablets (A Maker Ltd)").expect("on the list").mistaken_for,
            ["clonazePAM"]
        );
    }

    #[test]
    fn only_whole_words_count() {
        assert_eq!(of("Methylprednisolone 4mg tablets"), None);
        assert_eq!(of("Amoxicillin 500mg capsules"), None);
    }

    #[test]
    fn one_spelling_a_name_and_capitals_that_change_no_letter() {
        let mut spellings = BTreeMap::new();
        for name in PAIRS.iter().flat_map(|pair| &pair.names) {
            let spelt = spellings.entry(name.to_lowercase()).or_insert(name);
            assert_eq!(*spelt, name, "spelt in two ways");
        }
        assert!(PAIRS.len() >= 40, "{}", PAIRS.len());
        for pair in PAIRS.iter() {
            assert!(pair.names.len() > 1, "{:?}", pair.names);
            for name in &pair.names {
                let found = of(&format!("{} 1mg tablets", name.to_lowercase())).expect("itself");
                assert_eq!(found.tall, format!("{name} 1mg tablets"));
            }
        }
    }
}
