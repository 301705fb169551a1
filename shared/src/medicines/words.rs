//! How a name is split into words that can be typed: case, accents and punctuation do not count.

/// What can be typed to find a word of a name, lower case. `500mg` is `500` and `mg`; `Co-amoxiclav` is `co`,
/// `amoxiclav` and `coamoxiclav`; `Mix25` is `mix25` and `25`.
pub fn of_name(word: &str, found: &mut impl FnMut(&str)) {
    for chunk in chunks(word) {
        let whole = joined(&chunk);
        if let Some(whole) = &whole {
            found(whole);
        }
        for part in chunk.split('-').filter(|part| !part.is_empty()) {
            atoms(part, &mut |atom| {
                if whole.as_deref() != Some(atom) {
                    found(atom);
                }
                let tail = atom.trim_start_matches(|letter: char| !letter.is_ascii_digit());
                if tail.len() < atom.len() && is_number(tail) {
                    found(tail);
                }
            });
        }
    }
}

/// What was typed, as words to look for; what stands with a hyphen is looked for as one word. Each only once.
pub fn of_typed(typed: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut take = |word: &str| {
        if !found.iter().any(|one| one == word) {
            found.push(word.to_owned());
        }
    };
    for chunk in chunks(typed) {
        match joined(&chunk) {
            Some(whole) => take(&whole),
            None => {
                chunk.split('-').filter(|part| !part.is_empty()).for_each(|part| atoms(part, &mut take));
            }
        }
    }
    found
}

/// `500` and `2.5` are; `b12` is not.
pub fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// A hyphenated word without its hyphens. `None` where there is nothing to join, or it begins with a number: `5-ml` is
/// a number and a unit.
fn joined(chunk: &str) -> Option<String> {
    let inner = chunk.trim_matches('-');
    let begins_with_letter = inner.chars().next().is_some_and(|first| !first.is_ascii_digit());
    (begins_with_letter && inner.contains('-')).then(|| inner.replace(['-', '.'], ""))
}

/// Runs of letters, digits and hyphens, folded. A point stays between digits, a comma between digits goes (`5,000`).
fn chunks(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let digit_at = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
    let mut chunks = Vec::new();
    let mut chunk = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        let between = || digit_at(at.checked_sub(1)) && digit_at(Some(at + 1));
        match letter {
            '-' | '\u{2010}' | '\u{2011}' => chunk.push('-'),
            '\'' | '\u{2019}' => {}
            '.' if between() => chunk.push('.'),
            ',' if between() => {}
            _ if letter.is_alphanumeric() => fold(letter, &mut chunk),
            _ => chunks.extend(some(&mut chunk)),
        }
    }
    chunks.extend(some(&mut chunk));
    chunks
}

fn some(chunk: &mut String) -> Option<String> {
    let taken = std::mem::take(chunk);
    taken.contains(char::is_alphanumeric).then_some(taken)
}

/// A number is a word of its own, and so is the unit that stands against it.
fn atoms(part: &str, found: &mut impl FnMut(&str)) {
    let number = part.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(part.len());
    let (number, rest) = part.split_at(number);
    for one in [number, rest] {
        if !one.is_empty() {
            found(one);
        }
    }
}

/// The letter in lower case without its accent; letters outside Latin stay as they are.
fn fold(letter: char, into: &mut String) {
    for lower in letter.to_lowercase() {
        let plain = match lower {
            'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
            'æ' => "ae",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'đ' => "d",
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
            'ğ' => "g",
            'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
            'ł' => "l",
            'ñ' | 'ń' | 'ň' => "n",
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
            'œ' => "oe",
            'ř' => "r",
            'ś' | 'š' | 'ş' => "s",
            'ß' => "ss",
            'ť' => "t",
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            // A combining mark that stands after its letter.
            '\u{300}'..='\u{36f}' => "",
            other => {
                into.push(other);
                continue;
            }
        };
        into.push_str(plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(word: &str) -> Vec<String> {
        let mut found = Vec::new();
        of_name(word, &mut |one| found.push(one.to_owned()));
        found
    }

    #[test]
    fn a_strength_is_found_with_and_without_the_space_before_its_unit() {
        assert_eq!(named("500mg"), ["500", "mg"]);
        assert_eq!(of_typed("500mg"), of_typed("500 mg"));
        assert_eq!(named("2.5mg/5ml"), ["2.5", "mg", "5", "ml"]);
        assert_eq!(named("5,000units/ml"), ["5000", "units", "ml"]);
    }

    #[test]
    fn a_hyphen_may_be_typed_left_out_or_replaced_by_a_space() {
        assert_eq!(named("Co-amoxiclav"), ["coamoxiclav", "co", "amoxiclav"]);
        assert_eq!(of_typed("co-amox"), ["coamox"]);
        assert_eq!(of_typed("co-"), ["co"]);
        assert_eq!(of_typed("co amox"), ["co", "amox"]);
    }

    #[test]
    fn a_number_inside_a_name_is_found_by_itself_too() {
        assert_eq!(named("Mix25"), ["mix25", "25"]);
        assert_eq!(named("B12"), ["b12", "12"]);
    }

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(named("(Laboratório"), ["laboratorio"]);
        assert_eq!(named("St."), ["st"]);
        assert_eq!(named("John\u{2019}s"), ["johns"]);
        assert_eq!(of_typed("ÉPIPEN"), ["epipen"]);
    }

    #[test]
    fn what_is_typed_twice_or_is_only_punctuation_asks_for_nothing_more() {
        assert_eq!(of_typed("mg mg - / ."), ["mg"]);
        assert!(of_typed(" -- ").is_empty());
    }
}
