//! Code 128: letters and pairs of digits as bars, with the check symbol (ISO/IEC 15417).

use super::pdf::Page;

/// Widths of bars and gaps in modules, by symbol. 103 to 105 start, 106 ends.
#[rustfmt::skip]
const SYMBOLS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const CODE_C: u32 = 99;
const CODE_B: u32 = 100;
const START_B: u32 = 104;
const START_C: u32 = 105;
const STOP: u32 = 106;
/// Modules left white on either side.
pub const QUIET: u32 = 10;
/// Narrower than this, in millimetres, an ordinary scanner cannot tell the bars apart when the print is poor.
pub const NARROWEST: f64 = 0.25;

/// Why a text has no such code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    #[error("There is nothing to make a barcode of.")]
    Empty,
    #[error("A barcode holds only unaccented letters, digits and signs.")]
    StrangeCharacter,
    #[error("There is no room for the barcode: its bars would be too narrow to be read.")]
    NoRoom,
}

/// Widths in modules: bar, gap, bar, … from the first bar to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code128(Vec<u8>);

impl Code128 {
    /// Text of the characters from space to `~`.
    pub fn of(text: &str) -> Result<Self, NoCode> {
        if text.is_empty() {
            return Err(NoCode::Empty);
        }
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(NoCode::StrangeCharacter);
        }
        let mut symbols = symbols(text.as_bytes());
        symbols.push(check(&symbols));
        symbols.push(STOP);
        let widths = symbols.iter().filter_map(|symbol| SYMBOLS.get(*symbol as usize));
        let widths = widths.flat_map(|widths| widths.bytes()).map(|digit| digit - b'0');
        Ok(Self(widths.collect()))
    }

    /// Modules with the quiet zones.
    pub fn modules(&self) -> u32 {
        self.0.iter().map(|width| u32::from(*width)).sum::<u32>() + 2 * QUIET
    }

    /// Draws it with its quiet zones into the box, as wide as `widest` millimetres a module or as the box allows.
    pub fn draw(&self, page: &mut Page, place: Area, widest: f64) -> Result<(), NoCode> {
        let module = (place.width / f64::from(self.modules())).min(widest);
        if module < NARROWEST {
            return Err(NoCode::NoRoom);
        }
        let mut x = place.x + f64::from(QUIET) * module;
        for (at, width) in self.0.iter().enumerate() {
            let width = f64::from(*width) * module;
            if at % 2 == 0 {
                page.filled(x, place.y, width, place.height);
            }
            x += width;
        }
        Ok(())
    }
}

/// Where a code is drawn, in millimetres from the page's top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Start symbol and data. Digits go in pairs where that saves symbols: four at either end, six in the middle.
fn symbols(text: &[u8]) -> Vec<u32> {
    let mut in_pairs = digits(text) >= 4 || (digits(text) == 2 && text.len() == 2);
    let mut symbols = vec![if in_pairs { START_C } else { START_B }];
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let run = digits(rest);
        if in_pairs {
            if let Some((pair, after)) = rest.split_first_chunk::<2>().filter(|_| run >= 2) {
                symbols.push(u32::from(pair[0] - b'0') * 10 + u32::from(pair[1] - b'0'));
                rest = after;
            } else {
                symbols.push(CODE_B);
                in_pairs = false;
            }
            continue;
        }
        let enough = if run == rest.len() { 4 } else { 6 };
        // An odd run gives up its first digit, so that pairs reach to its end.
        if run >= enough && run.is_multiple_of(2) {
            symbols.push(CODE_C);
            in_pairs = true;
            continue;
        }
        symbols.push(u32::from(first - b' '));
        rest = after;
    }
    symbols
}

/// How many digits it begins with.
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn check(symbols: &[u32]) -> u32 {
    let weighted = symbols.iter().zip(0_u32..).map(|(symbol, place)| symbol * place.max(1));
    weighted.sum::<u32>() % 103
}

#[cfg(test)]
pub(super) mod decoder {
    //! Reads bars as a scanner does: by their widths, and with the check symbol.

    use super::SYMBOLS;

    /// Left and width of each bar, from the left.
    pub fn decode(bars: &[(f64, f64)]) -> Option<String> {
        let end = bars.last().map(|(x, width)| x + width)?;
        let total = end - bars.first()?.0;
        let module = bars.iter().map(|(_, width)| *width).fold(total, f64::min);
        let mut widths = String::new();
        for (at, (x, width)) in bars.iter().enumerate() {
            widths.push(char::from_digit((width / module).round() as u32, 10)?);
            if let Some((next, _)) = bars.get(at + 1) {
                widths.push(char::from_digit(((next - x - width) / module).round() as u32, 10)?);
            }
        }
        decode_widths(&widths)
    }

    pub fn decode_widths(widths: &str) -> Option<String> {
        let body = widths.strip_suffix("2331112")?;
        let symbols: Vec<u32> = (0..body.len() / 6)
            .map(|at| {
                SYMBOLS.iter().position(|known| *known == &body[at * 6..at * 6 + 6]).map(|at| at as u32)
            })
            .collect::<Option<_>>()?;
        let (check, data) = symbols.split_last()?;
        let sum: u32 = data.iter().enumerate().map(|(at, symbol)| symbol * (at.max(1) as u32)).sum();
        if sum % 103 != *check {
            return None;
        }
        let mut pairs = *data.first()? == 105;
        let mut text = String::new();
        for symbol in &data[1..] {
            match (*symbol, pairs) {
                (100, true) => pairs = false,
                (99, false) => pairs = true,
                (pair @ 0..=99, true) => {
                    text.push(char::from(b'0' + (pair / 10) as u8));
                    text.push(char::from(b'0' + (pair % 10) as u8));
                }
                (letter @ 0..=94, false) => text.push(char::from(b' ' + letter as u8)),
                _ => return None,
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::decoder::decode_widths;
    use super::*;
    use proptest::prelude::*;

    fn widths(code: &Code128) -> String {
        code.0.iter().map(u8::to_string).collect()
    }

    fn read_back(text: &str) -> Option<String> {
        decode_widths(&widths(&Code128::of(text).expect("a code")))
    }

    #[test]
    fn every_symbol_has_eleven_modules_and_an_even_sum_of_bars() {
        for symbol in &SYMBOLS[..106] {
            let widths: Vec<u32> = symbol.chars().filter_map(|digit| digit.to_digit(10)).collect();
            assert_eq!((widths.len(), widths.iter().sum::<u32>()), (6, 11), "{symbol}");
            assert_eq!((widths[0] + widths[2] + widths[4]) % 2, 0, "{symbol}");
            assert_eq!(SYMBOLS.iter().filter(|other| other == &symbol).count(), 1, "{symbol}");
        }
    }

    #[test]
    fn a_known_code_has_the_bars_it_is_known_by() {
        // The example of the symbology's own article: start B, W i k i p e d i a, check 88, stop.
        let symbols = symbols(b"Wikipedia");
        assert_eq!((symbols[0], check(&symbols)), (START_B, 88));
    }

    #[test]
    fn a_prescription_id_is_read_back() {
        assert_eq!(read_back("A1B2C3000X26D4E5F+").as_deref(), Some("A1B2C3000X26D4E5F+"));
        assert_eq!(read_back("123456789012345678").as_deref(), Some("123456789012345678"));
    }

    #[test]
    fn digits_go_in_pairs() {
        let modules = |text: &str| Code128::of(text).expect("a code").modules();
        assert_eq!(modules("123456789012345678"), 11 * 11 + 13 + 20);
        assert_eq!(modules("ABCDEFGHIJKLMNOPQR"), 20 * 11 + 13 + 20);
    }

    #[test]
    fn what_no_scanner_could_read_is_not_drawn() {
        let code = Code128::of("ABCDEFGHIJKLMNOPQR").expect("a code");
        let mut page = Page::a4();
        let narrow = Area { x: 0.0, y: 0.0, width: 50.0, height: 10.0 };
        assert_eq!(code.draw(&mut page, narrow, 0.4), Err(NoCode::NoRoom));
        assert_eq!(code.draw(&mut page, Area { width: 80.0, ..narrow }, 0.4), Ok(()));
        assert_eq!(Code128::of(""), Err(NoCode::Empty));
        assert_eq!(Code128::of("É"), Err(NoCode::StrangeCharacter));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(text in "[ -~]{1,40}|[0-9A-F]{18}|[0-9]{1,20}") {
            prop_assert_eq!(read_back(&text), Some(text));
        }
    }
}
