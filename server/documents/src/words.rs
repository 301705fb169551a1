//! Makes any words printable: PDF/UA-1 refuses a character that the font cannot draw, and a letter is never refused.

use std::fmt::Write as _;
use typst::text::Font;

/// A longer run without a space would leave the page on the right.
const LONGEST_RUN: usize = 40;
/// A place where a line may break; it is not seen.
const MAY_BREAK: char = '\u{200b}';

/// Which characters can be drawn upright and in bold.
pub struct Covered<'a>(&'a [Font]);

impl<'a> Covered<'a> {
    pub fn by(fonts: &'a [Font]) -> Self {
        Self(fonts)
    }

    fn has(&self, c: char) -> bool {
        self.0.iter().all(|font| font.info().coverage.contains(u32::from(c)))
    }
}

/// The words on one line. What cannot be drawn is named by its number, `[U+1F912]`: nothing that was said is left out.
pub fn printable(words: &str, covered: &Covered<'_>) -> String {
    let mut printable = String::with_capacity(words.len());
    let mut run = 0;
    for c in words.chars() {
        match c {
            // Invisible, and pasted along from web pages.
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => continue,
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => printable.push(' '),
            c if c.is_control() => continue,
            // Words that turn round on the page would say something else than was written.
            c if turns_round(c) || !covered.has(c) => {
                // Writing into a string cannot fail.
                let _ = write!(printable, "[U+{:04X}]", u32::from(c));
            }
            c => printable.push(c),
        }
        run = if c.is_whitespace() { 0 } else { run + 1 };
        if run == LONGEST_RUN {
            printable.push(MAY_BREAK);
            run = 0;
        }
    }
    printable
}

fn turns_round(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}
