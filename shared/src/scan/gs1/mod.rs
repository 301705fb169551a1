//! GS1 element strings: product number, expiry, batch and serial of a pack, from a DataMatrix or typed as printed.

use crate::scan::gtin::{as_gtin, has_check_digit};
use crate::scan::trouble::NotAPack;
use jiff::civil::Date;
use std::iter;

#[cfg(test)]
mod tests;

/// Longer than the longest DataMatrix that fits on a pack; what is longer is not looked at.
const LONGEST: usize = 512;
/// The separator that ends an element without a fixed length.
const SEPARATOR: char = '\u{1d}';
/// How scanners that act as a keyboard write the separator.
const WRITTEN_SEPARATORS: [&str; 5] = ["\u{241d}", "<GS>", "{GS}", "^]", "\\x1d"];
/// What a scanner puts in front: GS1 DataMatrix, GS1-128, GS1 QR code, GS1 DataBar and composites.
const GS1_SYMBOLS: [&str; 7] = ["]d2", "]d5", "]C1", "]Q3", "]Q4", "]e0", "]J1"];
/// Characters beside letters and digits that an element may hold (GS1 General Specifications figure 7.11-1).
const MARKS: &str = "!\"%&'()*+,-./:;<=>?_";
/// National numbers of a medicine: Germany, France, Spain, Brazil, Portugal, United States, Italy.
const NATIONAL: [&str; 7] = ["710", "711", "712", "713", "714", "715", "716"];

/// What a pack says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Fourteen digits, the check digit right.
    pub gtin: String,
    pub expiry: Option<Expiry>,
    pub batch: Option<String>,
    pub serial: Option<String>,
    /// Application identifier and national number, in the order of the code.
    pub national: Vec<(String, String)>,
}

/// Until when a pack may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// The last day on which it may be used.
    pub last_day: Date,
    /// The code names the month only.
    pub month_only: bool,
}

impl Expiry {
    /// As a record keeps it: `2027-03`, or `2027-03-31` where the day is named.
    pub fn recorded(self) -> String {
        let day = self.last_day.to_string();
        if self.month_only { day.get(..7).unwrap_or(&day).to_owned() } else { day }
    }

    /// Too late to use it on `day`?
    pub fn is_over(self, day: Date) -> bool {
        day > self.last_day
    }
}

/// Reads a scanned or typed code. `today` decides the century of its two-digit years (GS1 General Specifications 7.12).
pub fn parse(scanned: &str, today: Date) -> Result<Pack, NotAPack> {
    if scanned.len() > LONGEST {
        return Err(NotAPack::TooLong);
    }
    let mut text =
        scanned.trim_matches(|letter: char| letter.is_whitespace() && letter != SEPARATOR).to_owned();
    for written in WRITTEN_SEPARATORS {
        text = text.replace(written, "\u{1d}");
    }
    let text = text.as_str();
    if text.is_empty() {
        return Err(NotAPack::Nothing);
    }
    let (text, announced) = without_symbol(text)?;
    if let Some(gtin) = as_gtin(text).filter(|_| !announced) {
        return if has_check_digit(text) {
            Ok(Pack { gtin, expiry: None, batch: None, serial: None, national: Vec::new() })
        } else {
            Err(NotAPack::WrongCheckDigit(text.to_owned()))
        };
    }
    let elements = if text.starts_with('(') { as_printed(text)? } else { as_encoded(text)? };
    Gathered::of(&elements, today)?.pack()
}

/// The code without what the scanner put in front, and whether that says it is GS1.
fn without_symbol(text: &str) -> Result<(&str, bool), NotAPack> {
    for symbol in GS1_SYMBOLS {
        if let Some(rest) = text.strip_prefix(symbol) {
            return Ok((rest, true));
        }
    }
    // EAN and UPC, whose number stands alone.
    if let Some(rest) = text.strip_prefix("]E0").or_else(|| text.strip_prefix("]E4")) {
        return Ok((rest, false));
    }
    if text.starts_with(']') { Err(NotAPack::AnotherKind) } else { Ok((text, false)) }
}

/// An application identifier, and what follows it.
type Element<'a> = (&'a str, &'a str);

/// `(01)05012345678900(17)270331(10)AB12`: as people read it beside the code.
fn as_printed(text: &str) -> Result<Vec<Element<'_>>, NotAPack> {
    let mut elements = Vec::new();
    let mut rest = text;
    while let Some(opened) = rest.strip_prefix('(') {
        let (ai, after) = opened.split_once(')').ok_or(NotAPack::Unreadable)?;
        if !is_identifier(ai) {
            return Err(NotAPack::Unreadable);
        }
        let end = next_identifier(after).unwrap_or(after.len());
        let (value, next) = after.split_at_checked(end).ok_or(NotAPack::Unreadable)?;
        elements.push((ai, value.trim_matches([SEPARATOR, ' '])));
        rest = next;
    }
    Ok(elements)
}

fn is_identifier(ai: &str) -> bool {
    (2..=4).contains(&ai.len()) && ai.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where the next `(01)` begins. A batch may itself hold brackets, so only digits between them count.
fn next_identifier(text: &str) -> Option<usize> {
    text.match_indices('(').map(|(at, _)| at).find(|at| {
        let inside = text.get(at + 1..).and_then(|after| after.split_once(')'));
        inside.is_some_and(|(ai, _)| is_identifier(ai))
    })
}

/// `01050123456789001727033110AB12`: as the code holds it.
fn as_encoded(text: &str) -> Result<Vec<Element<'_>>, NotAPack> {
    let mut elements = Vec::new();
    let mut rest = text.trim_start_matches(SEPARATOR);
    while !rest.is_empty() {
        let (ai, after) = identifier(rest).ok_or(NotAPack::Unreadable)?;
        let end = match fixed_length(ai) {
            Some(length) if after.chars().take(length).count() < length => {
                return Err(NotAPack::Cut(name(ai)));
            }
            Some(length) => after.char_indices().nth(length).map_or(after.len(), |(at, _)| at),
            None => after.find(SEPARATOR).unwrap_or(after.len()),
        };
        let (value, next) = after.split_at_checked(end).ok_or(NotAPack::Unreadable)?;
        if value.contains(SEPARATOR) {
            return Err(NotAPack::Cut(name(ai)));
        }
        elements.push((ai, value));
        rest = next.trim_start_matches(SEPARATOR);
    }
    Ok(elements)
}

/// The identifier at the beginning. Its first two digits say how long it is (GS1 General Specifications 3.2).
fn identifier(text: &str) -> Option<Element<'_>> {
    let digits = match text.get(..2)? {
        "00" | "01" | "02" | "03" | "10" | "11" | "12" | "13" | "14" | "15" | "16" | "17" | "20" | "21"
        | "22" | "30" | "37" | "90" | "91" | "92" | "93" | "94" | "95" | "96" | "97" | "98" | "99" => 2,
        "23" | "24" | "25" | "40" | "41" | "42" | "71" => 3,
        "31" | "32" | "33" | "34" | "35" | "36" | "39" | "43" | "70" | "72" | "80" | "81" | "82" => 4,
        _ => return None,
    };
    let (ai, rest) = text.split_at_checked(digits)?;
    is_identifier(ai).then_some((ai, rest))
}

/// How many characters follow an identifier that needs no separator (GS1 General Specifications figure 7.8.5-2).
fn fixed_length(ai: &str) -> Option<usize> {
    match ai.get(..2)? {
        "00" => Some(18),
        "01" | "02" | "03" => Some(14),
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "31" | "32" | "33" | "34" | "35" | "36" => Some(6),
        "20" => Some(2),
        "41" => Some(13),
        _ => None,
    }
}

/// What people call it.
fn name(ai: &str) -> &'static str {
    match ai {
        "01" => "product number",
        "10" => "batch",
        "17" => "expiry",
        "21" => "serial number",
        _ if NATIONAL.contains(&ai) => "national number",
        _ => "part that Satchel does not use",
    }
}

/// What was read so far.
#[derive(Default)]
struct Gathered {
    gtin: Option<String>,
    expiry: Option<Expiry>,
    batch: Option<String>,
    serial: Option<String>,
    national: Vec<(String, String)>,
}

impl Gathered {
    fn of(elements: &[Element<'_>], today: Date) -> Result<Self, NotAPack> {
        let mut gathered = Self::default();
        for &(ai, value) in elements {
            match ai {
                "01" => put(&mut gathered.gtin, product(value)?, ai)?,
                "17" => put(&mut gathered.expiry, expiry(value, today)?, ai)?,
                "10" => put(&mut gathered.batch, free(ai, value)?, ai)?,
                "21" => put(&mut gathered.serial, free(ai, value)?, ai)?,
                _ if NATIONAL.contains(&ai) => gathered.national.push((ai.to_owned(), free(ai, value)?)),
                _ => {}
            }
        }
        Ok(gathered)
    }

    fn pack(self) -> Result<Pack, NotAPack> {
        let Self { gtin, expiry, batch, serial, national } = self;
        Ok(Pack { gtin: gtin.ok_or(NotAPack::NoProduct)?, expiry, batch, serial, national })
    }
}

fn put<T: PartialEq>(place: &mut Option<T>, found: T, ai: &str) -> Result<(), NotAPack> {
    match place {
        Some(said) if *said != found => Err(NotAPack::SaidTwice(name(ai))),
        _ => {
            *place = Some(found);
            Ok(())
        }
    }
}

fn product(value: &str) -> Result<String, NotAPack> {
    if value.len() < 14 {
        return Err(NotAPack::Cut(name("01")));
    }
    if value.len() > 14 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotAPack::StrangeCharacter(name("01")));
    }
    if has_check_digit(value) {
        Ok(value.to_owned())
    } else {
        Err(NotAPack::WrongCheckDigit(value.to_owned()))
    }
}

/// `270300` is the last day of March 2027.
fn expiry(value: &str, today: Date) -> Result<Expiry, NotAPack> {
    let wrong = || NotAPack::NotADate(value.to_owned());
    if value.len() != 6 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let part =
        |from: usize| value.get(from..from + 2).and_then(|two| two.parse::<i8>().ok()).ok_or_else(wrong);
    let (year, month, day) = (century(part(0)?, today), part(2)?, part(4)?);
    let month_only = day == 0;
    let date = Date::new(year, month, day.max(1)).map_err(|_| wrong())?;
    let last_day = if month_only { date.last_of_month() } else { date };
    Ok(Expiry { last_day, month_only })
}

/// The year nearest to today's: at most 49 before it and 50 after it.
fn century(two_digits: i8, today: Date) -> i16 {
    let (hundreds, now) = (today.year() / 100 * 100, today.year() % 100);
    let ahead = i16::from(two_digits) - now;
    let shift = if ahead >= 51 {
        -100
    } else if ahead <= -50 {
        100
    } else {
        0
    };
    hundreds + i16::from(two_digits) + shift
}

/// Up to twenty letters, digits and marks.
fn free(ai: &str, value: &str) -> Result<String, NotAPack> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || MARKS.contains(letter);
    if value.is_empty() {
        Err(NotAPack::Empty(name(ai)))
    } else if !value.chars().all(allowed) {
        Err(NotAPack::StrangeCharacter(name(ai)))
    } else if value.len() > 20 {
        Err(NotAPack::RanTogether(name(ai)))
    } else {
        Ok(value.to_owned())
    }
}

impl Pack {
    /// As the code holds it: what a tool that prints codes is given, and what [`parse`] reads.
    pub fn element_string(&self) -> String {
        let expiry = self.expiry.map(|expiry| {
            let day = if expiry.month_only { 0 } else { expiry.last_day.day() };
            format!("17{:02}{:02}{day:02}", expiry.last_day.year() % 100, expiry.last_day.month())
        });
        let free = [("10", &self.batch), ("21", &self.serial)];
        let free = free.into_iter().filter_map(|(ai, value)| Some((ai, value.as_deref()?)));
        let national = self.national.iter().map(|(ai, value)| (ai.as_str(), value.as_str()));
        let ended: Vec<String> = free.chain(national).map(|(ai, value)| format!("{ai}{value}")).collect();
        let fixed: String = iter::once(format!("01{}", self.gtin)).chain(expiry).collect();
        fixed + &ended.join("\u{1d}")
    }
}
