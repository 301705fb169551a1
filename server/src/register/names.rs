//! Whether two names are one person's, as somebody at a counter would judge.

/// How alike two names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same but for case, order, accents, hyphens, initials and further given names.
    Same,
    /// A slip of the pen apart: a person must look.
    Near,
    Other,
}

/// Compares a name as registered with one as typed.
pub fn likeness(registered: &str, typed: &str) -> Likeness {
    let (registered, typed) = (words(registered), words(typed));
    if registered.is_empty() || typed.is_empty() {
        return Likeness::Other;
    }
    if covers(&registered, &typed, same) || covers(&typed, &registered, same) {
        Likeness::Same
    } else if covers(&registered, &typed, near) || covers(&typed, &registered, near) {
        Likeness::Near
    } else {
        Likeness::Other
    }
}

/// Whether each word of `few` has a word of its own in `many`. An initial alone names nobody, so two words or more must be
/// whole, or one whole word beside an initial.
fn covers(many: &[String], few: &[String], alike: fn(&str, &str) -> bool) -> bool {
    if few.len() > many.len() || few.len() < 2 {
        return false;
    }
    let mut free: Vec<&String> = many.iter().collect();
    let mut whole = 0;
    // Whole words first, lest an initial takes the place of one.
    let mut ordered: Vec<&String> = few.iter().collect();
    ordered.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in ordered {
        let exact = free.iter().position(|other| *other == word);
        let Some(place) = exact.or_else(|| free.iter().position(|other| alike(other, word))) else {
            return false;
        };
        let taken = free.swap_remove(place);
        whole += usize::from(taken.chars().count() > 1 && word.chars().count() > 1);
    }
    whole >= 1
}

fn same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.chars().count() == 1 && long.starts_with(short))
}

/// The same, or one letter more, less, other, or two exchanged, in a word of four letters or more.
fn near(one: &str, other: &str) -> bool {
    if same(one, other) {
        return true;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    if short.len() < 3 || long.len() - short.len() > 1 {
        return false;
    }
    let front = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    if short.len() < long.len() {
        return short[front..] == long[front + 1..];
    }
    let rest = |from: usize| short[from.min(short.len())..] == long[from.min(long.len())..];
    let exchanged = front + 1 < short.len()
        && short[front] == long[front + 1]
        && short[front + 1] == long[front]
        && rest(front + 2);
    rest(front + 1) || exchanged
}

/// The words of a name without what does not tell people apart. `O’Brien` is one word, `Smith-Jones` two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            '\'' | '’' | '‘' | '`' | '\u{300}'..='\u{36f}' => {}
            letter if letter.is_alphanumeric() => {
                if let Some(word) = words.last_mut() {
                    plain(letter, word);
                }
            }
            _ => words.push(String::new()),
        }
    }
    const TITLES: [&str; 7] = ["mr", "mrs", "miss", "ms", "mx", "dr", "prof"];
    words.retain(|word| !word.is_empty() && !TITLES.contains(&word.as_str()));
    words
}

/// A letter without its accent, as an English keyboard writes it.
fn plain(letter: char, to: &mut String) {
    let plain = match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        letter => return to.push(letter),
    };
    to.push_str(plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_person_writes_their_name_in_many_ways() {
        for (registered, typed) in [
            ("PATEL, Asha", "Asha Patel"),
            ("Asha Rani Patel", "asha patel"),
            ("Patel, A R", "Asha Patel"),
            ("Siobhán O'Brien", "Siobhan O’Brien"),
            ("Łukasz Żółć", "Lukasz Zolc"),
            ("Smith-Jones, Mary", "Mary Smith Jones"),
            ("Dr Zoë Bloß", "Zoe Bloss"),
            ("Zoe\u{308} Ross", "Zoë Ross"),
        ] {
            assert_eq!(likeness(registered, typed), Likeness::Same, "{registered} / {typed}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_for_a_person_to_judge() {
        for (registered, typed) in [
            ("Asha Patel", "Asha Patal"),
            ("Asha Patel", "Asha Paetl"),
            ("Asha Patel", "Asha Pattel"),
            ("Catherine Reid", "Catherin Reid"),
        ] {
            assert_eq!(likeness(registered, typed), Likeness::Near, "{registered} / {typed}");
        }
    }

    #[test]
    fn one_name_in_common_is_another_person() {
        for (registered, typed) in [
            ("Asha Patel", "Ravi Patel"),
            ("Asha Patel", "Asha Reid"),
            ("Asha Patel", "Patel"),
            ("Asha Patel", "A P"),
            ("Asha Patel", ""),
            ("Mei Li", "Mei Lu"),
        ] {
            assert_eq!(likeness(registered, typed), Likeness::Other, "{registered} / {typed}");
        }
    }
}
