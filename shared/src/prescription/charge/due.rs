//! One charge an item, unless something says otherwise; every line says why.

use super::list::{exemption, in_pounds, is_confirmed, price_on, rules};
use crate::consultation::{Consultation, Medicine};
use crate::time;
use jiff::civil::Date;

/// What is to be paid for what this record says was supplied on the NHS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChargeDue {
    /// In the order of their lines' ids; empty where nothing was supplied on the NHS.
    pub items: Vec<ItemDue>,
    /// Somebody must declare and sign for what is said (practice 23).
    pub needs_declaration: bool,
    /// Why so, in a sentence.
    pub why: String,
}

impl ChargeDue {
    /// Pence for all items together.
    pub fn total(&self) -> u32 {
        self.items.iter().map(ItemDue::pence).sum()
    }

    /// How many charges are paid.
    pub fn charges(&self) -> u32 {
        self.items.iter().map(|item| item.charges).sum()
    }
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemDue {
    /// The line's id in the record.
    pub line: String,
    pub name: String,
    /// How many charges it carries: none, one, or one a piece.
    pub charges: u32,
    /// Of one charge, in pence, on the day of the supply; `None` where the list does not go back so far.
    pub each: Option<u32>,
    pub why: String,
}

impl ItemDue {
    pub fn pence(&self) -> u32 {
        self.charges.saturating_mul(self.each.unwrap_or_default())
    }
}

/// Free of charge by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeExempt {
    Under16,
    SixtyOrOver,
}

impl AgeExempt {
    /// Its code in the dated list.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Under16 => "0002",
            Self::SixtyOrOver => "0004",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Under16 => "The patient is under 16",
            Self::SixtyOrOver => "The patient is 60 or over",
        }
    }
}

/// Whether somebody owes nothing on that day because of how old they are (EPS 0002 and 0004).
pub fn age_exempt(birth_date: Date, day: Date) -> Option<AgeExempt> {
    match time::age(birth_date, day)? {
        0..16 => Some(AgeExempt::Under16),
        60.. => Some(AgeExempt::SixtyOrOver),
        _ => None,
    }
}

/// The patient's birth date, where one is recorded.
pub fn birth_date(record: &Consultation) -> Option<Date> {
    record.patient.birth_date.parse().ok()
}

/// The lines that were supplied on the NHS, by their ids. A line that is still being looked at is none, and an exception is
/// never claimed (practice 14).
pub fn on_the_nhs(record: &Consultation) -> impl Iterator<Item = (&String, &Medicine)> {
    record
        .medicines
        .iter()
        .filter(|(_, line)| line.decision == "supplied" && rules().charged.contains(&line.supply_type))
        .filter(|(_, line)| line.exception.trim().is_empty())
}

/// The day of a supply in England; `today` where the line does not say.
pub fn date_of(line: &Medicine, today: Date) -> Date {
    time::read(&line.supplied_at).map_or(today, time::day)
}

/// What is to be paid, by what this record says. `today`: in England.
pub fn due(record: &Consultation, today: Date) -> ChargeDue {
    let mut items = Vec::new();
    let mut by_age = None;
    let mut outdated = false;
    for (id, line) in on_the_nhs(record) {
        let day = date_of(line, today);
        by_age = by_age.or_else(|| age_exempt(birth_date(record)?, day));
        let (charges, why) = charges(record, line, day);
        let price = price_on(day);
        outdated |= charges > 0 && price.as_ref().is_some_and(|price| price.may_be_outdated);
        let each = price.map(|price| price.item);
        items.push(ItemDue { line: id.clone(), name: line.name.clone(), charges, each, why });
    }
    if items.is_empty() {
        let why = "Nothing was supplied on the NHS, so nothing is charged.".to_owned();
        return ChargeDue { items, needs_declaration: false, why };
    }
    let all_free = on_the_nhs(record).all(|(_, line)| is_free(line));
    let is_signed_for =
        |line: &Medicine| rules().signed.schedules.iter().any(|one| one == line.schedule.trim());
    let (needs_declaration, why) = if on_the_nhs(record).any(|(_, line)| is_signed_for(line)) {
        (true, rules().signed.words.clone())
    } else if all_free {
        (false, "All that was supplied is free of charge for everybody: nothing is declared.".to_owned())
    } else if confirmed(record).is_some() {
        (false, "The NHS confirmed an exemption: no evidence and no declaration are asked for.".to_owned())
    } else if let Some(age) = by_age {
        if record.patient.traced_at.is_empty() {
            let said = "by a birth date that nobody has verified: a declaration is signed, or the patient is looked up";
            (true, format!("{}, {said}.", age.words()))
        } else {
            (false, format!("{}, by a verified birth date: nothing is declared.", age.words()))
        }
    } else if record.charge.status == "free" {
        let not_listed =
            "Recorded as free of charge, and not all of it is on the list of what is free for everybody";
        (true, format!("{not_listed}: a declaration is signed."))
    } else if record.charge.status == "paid" {
        (true, "The patient pays, and declares it by a signature.".to_owned())
    } else {
        (true, "An exemption is declared by a signature of the patient or their representative.".to_owned())
    };
    let known = "No price is known here for that day yet: this is the last one. Check it.";
    let why = if outdated { format!("{why} {known}") } else { why };
    ChargeDue { items, needs_declaration, why }
}

/// How many charges a line carries, and why.
fn charges(record: &Consultation, line: &Medicine, day: Date) -> (u32, String) {
    if is_free(line) {
        return (0, rules().free.words.clone());
    }
    if let Some(code) = confirmed(record) {
        return (0, format!("{} ({code})", super::confirmed_words(code)));
    }
    if let Some(age) = birth_date(record).and_then(|born| age_exempt(born, day)) {
        return (0, age.words().to_owned());
    }
    match record.charge.status.as_str() {
        "free" => return (0, "Recorded as free of charge".to_owned()),
        "exempt" => {
            let known = exemption(&record.charge.exemption).filter(|one| one.is_valid_on(day));
            match known {
                Some(one) if one.covers != "hrt" || is_hrt(line) => return (0, one.words.clone()),
                Some(one) => return one_or_pieces(line, &format!("{} does not cover it", one.words)),
                None => {}
            }
        }
        _ => {}
    }
    one_or_pieces(line, "One charge an item")
}

fn one_or_pieces(line: &Medicine, why: &str) -> (u32, String) {
    let name = line.name.to_lowercase();
    if line.product_kind != "appliance"
        || !rules().pieces.words.iter().any(|word| name.contains(word.as_str()))
    {
        return (1, why.to_owned());
    }
    let counted: u32 = line.quantity.trim().parse().unwrap_or(1).clamp(1, 100);
    let pieces = if line.unit.to_lowercase().contains("pair") { counted * 2 } else { counted };
    (pieces, format!("{why}; one for each piece"))
}

/// Free for everybody: contraception.
pub(super) fn is_free(line: &Medicine) -> bool {
    let free = &rules().free;
    line.groups.split_whitespace().any(|group| free.groups.iter().any(|known| known == group))
        || has_substance(line, &free.substances)
        || (line.ingredients.lines().count() == 1 && has_substance(line, &free.alone))
}

/// Whether an HRT-only prepayment certificate is good for it. An unknown ingredient is none of HRT's.
pub fn is_hrt(line: &Medicine) -> bool {
    has_substance(line, &rules().hrt.substances)
}

fn has_substance(line: &Medicine, known: &[String]) -> bool {
    let names = line.ingredients.lines().filter_map(|one| one.split_once('|').map(|(_, name)| name));
    names.map(str::to_lowercase).any(|name| {
        let first = name.split_whitespace().next().unwrap_or_default();
        known.iter().any(|substance| substance == first)
    })
}

/// The code of an exemption that the real-time check found for this record. A result like that stands: no other
/// answer replaces it (PEC-FR-35, 36).
pub(in crate::prescription) fn confirmed(record: &Consultation) -> Option<&str> {
    let found = record.lookups.values().filter(|look| {
        look.kind == "exemption"
            && look.source == "rtec"
            && look.result == "found"
            && is_confirmed(&look.status)
    });
    found.max_by(|one, other| one.at.cmp(&other.at)).map(|look| look.status.as_str())
}

/// `£9.90 each: £19.80`, for a row on the screen.
impl std::fmt::Display for ItemDue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.charges, self.each) {
            (0, _) => write!(f, "nothing to pay"),
            (_, None) => write!(f, "the price of that day is not known here"),
            (1, Some(each)) => f.write_str(&in_pounds(each)),
            (many, Some(each)) => {
                write!(f, "{many} charges of {}: {}", in_pounds(each), in_pounds(self.pence()))
            }
        }
    }
}
