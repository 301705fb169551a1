//! The boxes of a line: what each is called, where its words stand, and how they are written down.

use shared::consultation::Medicine;
use shared::time;
use std::collections::BTreeMap;

/// One thing that is typed about a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Requested,
    PrescribedBy,
    LastSupplied,
    Quantity,
    Unit,
    Days,
    Directions,
    Batch,
    Expiry,
    CollectedBy,
    SuppliedAt,
    Owed,
    Reason,
    Exception,
    /// The answer to a question of the rules that is typed in words, by its id.
    Asked(String),
    /// The same for a number.
    AskedNumber(String),
    /// The reason for a warning, by its id.
    Judged(String),
}

/// How it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    Words,
    Lines,
    Number,
    DateTime,
}

impl Part {
    /// Ends the id of its box: `quantity`.
    pub fn key(&self) -> String {
        match self {
            Self::Requested => "requested".to_owned(),
            Self::PrescribedBy => "prescribed-by".to_owned(),
            Self::LastSupplied => "last-supplied".to_owned(),
            Self::Quantity => "quantity".to_owned(),
            Self::Unit => "unit".to_owned(),
            Self::Days => "days".to_owned(),
            Self::Directions => "directions".to_owned(),
            Self::Batch => "batch".to_owned(),
            Self::Expiry => "expiry".to_owned(),
            Self::CollectedBy => "collected-by".to_owned(),
            Self::SuppliedAt => "supplied-at".to_owned(),
            Self::Owed => "owed".to_owned(),
            Self::Reason => "reason".to_owned(),
            Self::Exception => "exception".to_owned(),
            Self::Asked(id) | Self::AskedNumber(id) => format!("asked-{id}"),
            Self::Judged(id) => format!("judged-{id}"),
        }
    }

    /// What stands above the box; a question's own words where it is one.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Requested => "What was asked for",
            Self::PrescribedBy => "Prescribed by",
            Self::LastSupplied => "Last supplied on prescription",
            Self::Quantity => "Quantity",
            Self::Unit => "Unit",
            Self::Days => "Days it lasts",
            Self::Directions => "As the patient takes it",
            Self::Batch => "Batch",
            Self::Expiry => "Expiry date",
            Self::CollectedBy => "Collected by, if not the patient",
            Self::SuppliedAt => "Handed over",
            Self::Owed => "How much is still wanted?",
            Self::Reason => "In words",
            Self::Exception => "What happened, and why?",
            Self::Asked(_) | Self::AskedNumber(_) => "Answer",
            Self::Judged(_) => "Your reason",
        }
    }

    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unit => "Tablet, capsule, dose, ml.",
            Self::Expiry => "Month and year, or a day: 03/2027 or 31/03/2027.",
            Self::LastSupplied => "When, and how much.",
            Self::SuppliedAt => "What is still to be collected or delivered: the time when that was done.",
            _ => "",
        }
    }

    pub const fn typed(&self) -> Typed {
        match self {
            Self::Quantity | Self::Days | Self::AskedNumber(_) => Typed::Number,
            Self::SuppliedAt => Typed::DateTime,
            Self::Reason | Self::Exception | Self::Judged(_) => Typed::Lines,
            _ => Typed::Words,
        }
    }

    /// What stands in the box.
    pub fn written(&self, line: &Medicine) -> String {
        match self {
            Self::SuppliedAt => crate::consultation::onward_model::wall(&line.supplied_at),
            Self::Expiry => on_a_pack(&line.expiry),
            Self::Asked(id) | Self::AskedNumber(id) => line.asked.get(id).cloned().unwrap_or_default(),
            Self::Judged(id) => line.judged.get(id).cloned().unwrap_or_default(),
            plain => plain.plain(line).to_owned(),
        }
    }

    /// Writes what was typed. Nothing typed takes it back.
    pub fn write(&self, line: &mut Medicine, typed: &str) {
        // A space at the end is the beginning of the next word while somebody is typing; on a number it is a slip.
        let words = if self.typed() == Typed::Number { number(typed) } else { typed.to_owned() };
        match self {
            Self::Requested => line.requested = words,
            Self::PrescribedBy => line.prescribed_by = words,
            Self::LastSupplied => line.last_supplied = words,
            Self::Quantity => line.quantity = words,
            Self::Unit => {
                // A code of the dictionary says nothing about a unit that was typed.
                if line.unit != words {
                    line.unit_code.clear();
                }
                line.unit = words;
            }
            Self::Days => line.days = words,
            Self::Directions => line.directions = words,
            Self::Batch => line.batch = words,
            Self::Expiry => line.expiry = expiry(&words),
            Self::CollectedBy => line.collected_by = words,
            Self::SuppliedAt => {
                line.supplied_at = time::from_the_wall(&words).map(time::stored).unwrap_or_default();
            }
            Self::Owed => line.owed = words,
            Self::Reason => line.reason = words,
            Self::Exception => line.exception = words,
            Self::Asked(id) | Self::AskedNumber(id) => set(&mut line.asked, id, words),
            Self::Judged(id) => set(&mut line.judged, id, words),
        }
    }

    fn plain<'a>(&self, line: &'a Medicine) -> &'a str {
        match self {
            Self::Requested => &line.requested,
            Self::PrescribedBy => &line.prescribed_by,
            Self::LastSupplied => &line.last_supplied,
            Self::Quantity => &line.quantity,
            Self::Unit => &line.unit,
            Self::Days => &line.days,
            Self::Directions => &line.directions,
            Self::Batch => &line.batch,
            Self::Expiry => &line.expiry,
            Self::CollectedBy => &line.collected_by,
            Self::SuppliedAt => &line.supplied_at,
            Self::Owed => &line.owed,
            Self::Reason => &line.reason,
            Self::Exception => &line.exception,
            Self::Asked(_) | Self::AskedNumber(_) | Self::Judged(_) => "",
        }
    }
}

fn set(map: &mut BTreeMap<String, String>, id: &str, words: String) {
    if words.trim().is_empty() {
        map.remove(id);
    } else {
        map.insert(id.to_owned(), words);
    }
}

/// A number as the record writes it: no spaces, a point for a comma. What is no number stays as it was typed, and the
/// rules say that it is none.
fn number(typed: &str) -> String {
    typed.trim().replace(',', ".")
}

/// `2027-03` or `2027-03-31` from how an expiry stands on a pack: `03/2027`, `03/27`, `31.03.2027`. Anything else stays
/// as it was typed, so also what is still being typed: `03/20` may become `03/2027`.
pub fn expiry(typed: &str) -> String {
    let parts: Option<Vec<u16>> =
        typed.trim().split(['/', '.', '-', ' ']).map(|part| part.parse().ok()).collect();
    let whole = |year: u16| match year {
        21..=99 => Some(2000 + year),
        2021..=2099 => Some(year),
        _ => None,
    };
    let written = match parts.as_deref() {
        Some([year @ 2021..=2099, month @ 1..=12] | [month @ 1..=12, year]) => {
            whole(*year).map(|year| format!("{year:04}-{month:02}"))
        }
        Some([year @ 2021..=2099, month @ 1..=12, day] | [day, month @ 1..=12, year]) => {
            whole(*year).map(|year| format!("{year:04}-{month:02}-{day:02}"))
        }
        _ => None,
    };
    let real = |date: &String| date.len() < 10 || date.parse::<jiff::civil::Date>().is_ok();
    written.filter(real).unwrap_or_else(|| typed.to_owned())
}

/// An expiry as it stands on a pack: `03/2027` or `31/03/2027`.
fn on_a_pack(expiry: &str) -> String {
    let parts: Vec<&str> = expiry.split('-').collect();
    match parts.as_slice() {
        [year, month] => format!("{month}/{year}"),
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => expiry.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_in_a_box_stands_in_the_box() {
        let parts = [
            Part::Requested,
            Part::PrescribedBy,
            Part::LastSupplied,
            Part::Quantity,
            Part::Unit,
            Part::Days,
            Part::Directions,
            Part::Batch,
            Part::Expiry,
            Part::CollectedBy,
            Part::Owed,
            Part::Reason,
            Part::Exception,
            Part::Asked("request-reason-other".into()),
            Part::AskedNumber("smallest-pack".into()),
            Part::Judged("misuse".into()),
        ];
        let keys: std::collections::BTreeSet<String> = parts.iter().map(Part::key).collect();
        assert_eq!(keys.len(), parts.len(), "every box has an id of its own");
        for part in &parts {
            let mut line = Medicine::default();
            part.write(&mut line, "14");
            assert_eq!(part.written(&line), "14", "{part:?}");
            part.write(&mut line, "");
            assert_eq!(line, Medicine::default(), "an emptied box leaves nothing: {part:?}");
        }
        let mut line = Medicine::default();
        Part::SuppliedAt.write(&mut line, "2026-11-22T14:05");
        assert_eq!(Part::SuppliedAt.written(&line), "2026-11-22T14:05");
    }

    #[test]
    fn an_expiry_is_read_as_packs_write_it_and_a_day_that_is_none_stays_as_typed() {
        for (typed, written) in [
            ("03/2027", "2027-03"),
            ("3.27", "2027-03"),
            ("2027-03", "2027-03"),
            ("31/03/2027", "2027-03-31"),
            ("2027-03-31", "2027-03-31"),
            ("31/02/2027", "31/02/2027"),
            ("13/2027", "13/2027"),
            ("soon", "soon"),
            ("03/", "03/"),
            ("03/20", "03/20"),
            ("03/202", "03/202"),
        ] {
            assert_eq!(expiry(typed), written, "{typed}");
        }
        let mut line = Medicine::default();
        Part::Expiry.write(&mut line, "03/2027");
        assert_eq!((line.expiry.as_str(), Part::Expiry.written(&line).as_str()), ("2027-03", "03/2027"));
    }

    #[test]
    fn a_typed_unit_has_no_code_of_the_dictionary() {
        let mut line =
            Medicine { unit: "tablet".into(), unit_code: "428673006".into(), ..Medicine::default() };
        Part::Unit.write(&mut line, "tablet");
        assert_eq!(line.unit_code, "428673006");
        Part::Unit.write(&mut line, "strip");
        assert_eq!(line.unit_code, "");
    }

    #[test]
    fn a_decimal_comma_is_a_point_and_words_are_left_for_the_rules_to_refuse() {
        let mut line = Medicine::default();
        Part::Quantity.write(&mut line, " 2,5 ");
        assert_eq!(line.quantity, "2.5");
        Part::Quantity.write(&mut line, "two");
        assert_eq!(line.quantity, "two");
    }
}
