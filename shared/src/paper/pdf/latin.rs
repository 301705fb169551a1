//! Text into WinAnsiEncoding. A letter that the fonts lack becomes the one it is built on; what has none is marked,
//! never left out: a word with a hole may read as another word.

/// Stands for what cannot be printed.
const MARK: &str = "[?]";

/// From 128 on: what WinAnsiEncoding has where Latin-1 has controls (ISO 32000-1, annex D.2).
const HIGH: [(char, u8); 27] = [
    ('€', 128),
    ('‚', 130),
    ('ƒ', 131),
    ('„', 132),
    ('…', 133),
    ('†', 134),
    ('‡', 135),
    ('ˆ', 136),
    ('‰', 137),
    ('Š', 138),
    ('‹', 139),
    ('Œ', 140),
    ('Ž', 142),
    ('‘', 145),
    ('’', 146),
    ('“', 147),
    ('”', 148),
    ('•', 149),
    ('–', 150),
    ('—', 151),
    ('˜', 152),
    ('™', 153),
    ('š', 154),
    ('›', 155),
    ('œ', 156),
    ('ž', 158),
    ('Ÿ', 159),
];

/// Letters of European names, and signs met in directions, by what they are printed as.
const NEAREST: [(&str, &str); 65] = [
    ("ĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶ", "A"),
    ("āăąǎạảấầẩẫậắằẳẵặ", "a"),
    ("ĆĈĊČ", "C"),
    ("ćĉċč", "c"),
    ("ĎĐ", "D"),
    ("ďđ", "d"),
    ("ĒĔĖĘĚẸẺẼẾỀỂỄỆ", "E"),
    ("ēĕėęěẹẻẽếềểễệə", "e"),
    ("ĜĞĠĢ", "G"),
    ("ĝğġģ", "g"),
    ("ĤĦ", "H"),
    ("ĥħ", "h"),
    ("ĨĪĬĮİỈỊ", "I"),
    ("ĩīĭįıỉị", "i"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("Ķ", "K"),
    ("ķĸ", "k"),
    ("ĹĻĽĿŁ", "L"),
    ("ĺļľŀł", "l"),
    ("ŃŅŇŊ", "N"),
    ("ńņňŉŋ", "n"),
    ("ŌŎŐƠỌỎỐỒỔỖỘỚỜỞỠỢ", "O"),
    ("ōŏőơọỏốồổỗộớờởỡợ", "o"),
    ("ŔŖŘ", "R"),
    ("ŕŗř", "r"),
    ("ŚŜŞȘ", "S"),
    ("śŝşș", "s"),
    ("ŢŤŦȚ", "T"),
    ("ţťŧț", "t"),
    ("ŨŪŬŮŰŲƯỤỦỨỪỬỮỰ", "U"),
    ("ũūŭůűųưụủứừửữự", "u"),
    ("ŴẀẂẄ", "W"),
    ("ŵẁẃẅ", "w"),
    ("ŶỲỴỶỸ", "Y"),
    ("ŷỳỵỷỹ", "y"),
    ("ŹŻ", "Z"),
    ("źż", "z"),
    ("ẞ", "SS"),
    ("Ĳ", "IJ"),
    ("ĳ", "ij"),
    ("ſ", "s"),
    ("μ", "µ"),
    ("−‐‑‒―", "-"),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "not ="),
    ("≈", "about "),
    ("⁄∕", "/"),
    ("⅓", "1/3"),
    ("⅔", "2/3"),
    ("⅛", "1/8"),
    ("⅜", "3/8"),
    ("⅝", "5/8"),
    ("⅞", "7/8"),
    ("℞", "Rx"),
    ("№", "No"),
    ("ﬁ", "fi"),
    ("ﬂ", "fl"),
    ("′ʹʼ", "'"),
    ("″", "\""),
    ("₂", "2"),
    ("→", "->"),
    (
        "\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{202f}\u{205f}\u{3000}",
        " ",
    ),
    ("✓✔", "yes"),
];

/// The text as bytes of the fonts. No byte is a control, whatever the text holds.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        push(letter, &mut bytes);
    }
    bytes
}

/// Whether some of it is printed as a mark: then a person must write it by hand.
pub fn has_unprintable(text: &str) -> bool {
    text.chars().any(|letter| {
        let mut bytes = Vec::new();
        push(letter, &mut bytes);
        letter != '[' && bytes == MARK.as_bytes()
    })
}

fn push(letter: char, bytes: &mut Vec<u8>) {
    if let Some(byte) = byte(letter) {
        bytes.push(byte);
    } else if is_invisible(letter) {
        // Accents that stand on the letter before, directions of writing, joiners.
    } else if let Some((_, nearest)) = NEAREST.iter().find(|(letters, _)| letters.contains(letter)) {
        bytes.extend(nearest.chars().filter_map(byte));
    } else {
        bytes.extend_from_slice(MARK.as_bytes());
    }
}

fn byte(letter: char) -> Option<u8> {
    match letter {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{a0}' => Some(b' '),
        // A soft hyphen is no hyphen unless a line ends there.
        '\u{ad}' => None,
        ' '..='~' | '\u{a1}'..='\u{ff}' => u8::try_from(u32::from(letter)).ok(),
        _ => HIGH.iter().find(|(high, _)| *high == letter).map(|(_, byte)| *byte),
    }
}

fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        encode(text).into_iter().map(char::from).collect()
    }

    #[test]
    fn european_names_are_printed_with_the_letters_that_there_are() {
        assert_eq!(printed("Łukasz Đoković, Žofie Őrsi"), "Lukasz Dokovic, \u{8e}ofie Orsi");
        assert_eq!(printed("José Müller Siân"), "José Müller Siân");
        assert_eq!(printed("Nguyễn"), "Nguyen");
        assert_eq!(printed("e\u{301}"), "e");
    }

    #[test]
    fn a_microgram_stays_a_microgram_whichever_mu_was_typed() {
        assert_eq!(printed("50 μg"), printed("50 µg"));
    }

    #[test]
    fn what_cannot_be_printed_is_marked_and_never_left_out() {
        assert_eq!(printed("Ирина"), "[?][?][?][?][?]");
        assert!(has_unprintable("王"));
        assert!(!has_unprintable("Siân [?] ½ ≤ 5"));
        assert_eq!(printed("a\0b\u{7f}c\u{85}"), "a[?]b[?]c[?]");
    }

    #[test]
    fn everything_that_stands_for_another_can_itself_be_printed() {
        for (_, nearest) in NEAREST {
            assert!(nearest.chars().all(|letter| byte(letter).is_some()), "{nearest}");
        }
    }
}
