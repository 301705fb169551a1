//! How our own PDS searches: its rules about parameters, wild cards, sounds, and who is left out.

use super::people::{Person, Standing};
use std::collections::BTreeMap;

const KNOWN: &[&str] = &[
    "family",
    "given",
    "gender",
    "birthdate",
    "death-date",
    "address-postalcode",
    "general-practitioner",
    "email",
    "phone",
    "_fuzzy-match",
    "_exact-match",
    "_history",
    "_max-results",
];
const MOST: usize = 50;

/// Why a search is refused: status, Spine error code, issue code.
pub type Refused = (u16, &'static str, &'static str);

const BAD_SEARCH: Refused = (400, "INVALID_SEARCH_DATA", "value");

/// What a search comes to.
pub enum Found<'a> {
    Some(Vec<&'a Person>),
    TooMany,
}

/// Everybody who matches, best first; `unique` is application-restricted mode.
pub fn find<'a>(
    people: &'a [Person],
    query: &[(String, String)],
    unique: bool,
) -> Result<Found<'a>, Refused> {
    let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in query {
        if !KNOWN.contains(&name.as_str()) {
            return Err((400, "ADDITIONAL_PROPERTIES", "invariant"));
        }
        asked.entry(name).or_default().push(value);
    }
    let one = |name| asked.get(name).and_then(|values| values.first()).copied().unwrap_or_default();
    let fuzzy = one("_fuzzy-match") == "true";
    for name in ["family", "given", "address-postalcode"] {
        for value in asked.get(name).into_iter().flatten() {
            let wild = value.find('*');
            if value.chars().count() > 35 || wild.is_some_and(|place| place < 2 || fuzzy) {
                return Err(BAD_SEARCH);
            }
        }
    }
    let has = |name: &str| asked.contains_key(name);
    let enough = if fuzzy {
        has("birthdate")
            && ((has("given") && has("family"))
                || ((has("given") || has("family")) && has("gender") && has("address-postalcode")))
    } else {
        has("family") && has("birthdate")
    };
    if !enough {
        return Err(BAD_SEARCH);
    }
    let most = match one("_max-results") {
        "" if unique => 1,
        "" => MOST,
        number => number.parse().ok().filter(|most| (1..=MOST).contains(most)).ok_or((
            400,
            "INVALID_VALUE",
            "value",
        ))?,
    };
    if unique && most != 1 {
        return Err((403, "INVALID_VALUE", "token"));
    }
    let history = fuzzy || one("_history") == "true";
    let place = has("address-postalcode") || has("general-practitioner");
    let matches: Vec<&Person> = people
        .iter()
        .filter(|person| person.is_findable())
        // Whoever could be found by where they are would be found out.
        .filter(|person| !(place && person.standing == Standing::Restricted))
        .filter(|person| named(person, &asked, fuzzy, history))
        .filter(|person| asked.get("birthdate").into_iter().flatten().all(|born| in_range(person.born, born)))
        .filter(|person| one("gender").is_empty() || one("gender") == person.sex)
        .filter(|person| fits(one("address-postalcode"), person.postcode))
        .filter(|person| fits(one("general-practitioner"), person.practice))
        .filter(|person| one("phone").is_empty() || squeezed(one("phone")) == squeezed(person.phone))
        .filter(|person| one("email").is_empty() || one("email").eq_ignore_ascii_case(person.email))
        .collect();
    if matches.len() > most { Ok(Found::TooMany) } else { Ok(Found::Some(matches)) }
}

fn named(person: &Person, asked: &BTreeMap<&str, Vec<&str>>, fuzzy: bool, history: bool) -> bool {
    let given: Vec<&str> = person.given.split_whitespace().collect();
    let mut families = vec![person.family];
    families.extend((history && !person.former.is_empty()).then_some(person.former));
    let asked_family = asked.get("family").and_then(|values| values.first()).copied().unwrap_or_default();
    let asked_given = asked.get("given").cloned().unwrap_or_default();
    let like = |asked: &str, is: &str| if fuzzy { sounds(asked) == sounds(is) } else { fits(asked, is) };
    let family = |asked: &str| asked.is_empty() || families.iter().any(|family| like(asked, family));
    let first = |asked: &str| given.iter().any(|given| like(asked, given));
    let straight = family(asked_family) && asked_given.iter().all(|asked| first(asked));
    let swapped = fuzzy
        && !asked_given.is_empty()
        && asked_given.iter().all(|asked| family(asked))
        && !asked_family.is_empty()
        && first(asked_family);
    straight || swapped
}

/// Whether a value is what was asked for, `*` standing for any letters; spaces and case count for nothing.
fn fits(asked: &str, is: &str) -> bool {
    let (asked, is) = (squeezed(asked), squeezed(is));
    match asked.split_once('*') {
        None => asked.is_empty() || asked == is,
        Some((beginning, end)) => {
            is.len() >= beginning.len() + end.len() && is.starts_with(beginning) && is.ends_with(end)
        }
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// `eq1952-03-04`, `ge1952-01-01`, `le1952-12-31`.
fn in_range(born: &str, asked: &str) -> bool {
    match (asked.get(..2), asked.get(2..)) {
        (Some("eq"), Some(day)) => born == day,
        (Some("ge"), Some(day)) => born >= day,
        (Some("le"), Some(day)) => born <= day,
        _ => born == asked,
    }
}

/// Soundex: names that sound alike in English have the same.
fn sounds(name: &str) -> String {
    let digit = |c: char| match c {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        _ => '0',
    };
    let name = squeezed(name);
    let mut code: String = name.chars().take(1).collect();
    let mut last = name.chars().next().map_or('0', digit);
    for c in name.chars().skip(1) {
        let next = digit(c);
        if next != '0' && next != last {
            code.push(next);
        }
        if !matches!(c, 'h' | 'w') {
            last = next;
        }
    }
    format!("{code:0<4}").chars().take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sound_alike_are_alike() {
        assert_eq!(sounds("Samplewick"), sounds("Samplewyk"));
        assert_ne!(sounds("Samplewick"), sounds("Testerton"));
    }

    #[test]
    fn a_wild_card_stands_for_any_letters() {
        assert!(fits("Sam*", "Samplewick") && fits("sa*ck", "Samplewick") && !fits("Sam*", "Testerton"));
        assert!(fits("ZZ993VZ", "ZZ99 3VZ"));
    }
}
