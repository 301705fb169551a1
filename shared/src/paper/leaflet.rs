//! What the patient takes home in words: what was supplied, how to take it, what was advised, and where to get help.

use super::pdf::Style;
use super::record::{self, PharmacyOnPaper};
use super::sheet::{Paper, Sheets};
use crate::consultation::Consultation;
use crate::time;
use jiff::civil::Date;

/// On which paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    A4,
    A5,
}

impl Size {
    const fn paper(self) -> Paper {
        match self {
            Self::A4 => Paper::A4,
            Self::A5 => Paper::A5,
        }
    }
}

/// A heading with what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub heading: String,
    pub lines: Vec<String>,
}

/// The words of the leaflet: the printed page and the screen that is handed over say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaflet {
    pub title: String,
    pub parts: Vec<Part>,
    /// Who wrote it and when.
    pub from: String,
}

/// Stands on every leaflet.
pub const NOT_INSTEAD: &str = "This page does not replace the leaflet in the pack. Read that leaflet too: it lists side \
                               effects and what else to know before you take the medicine.";
const EMERGENCY_PART: &str = "You were given this without a prescription because you needed it at once. It is only \
                              enough to last until you can get a prescription: ask your GP practice for one now.";

impl Leaflet {
    /// The leaflet of a record. Only what was told to the patient is read from it: nothing of what was assessed,
    /// suspected or agreed with others (practice 10).
    pub fn of(record: &Consultation, pharmacy: &PharmacyOnPaper<'_>, today: Date) -> Self {
        let mut parts = Vec::new();
        let lines = record::supplied(record);
        for (_, line) in &lines {
            let quantity = record::quantity(line);
            let date = time::written_date(record::supplied_on(line, today));
            let mut about = vec![if quantity.is_empty() {
                format!("Supplied on {date}.")
            } else {
                format!("{quantity}, supplied on {date}.")
            }];
            let directions = line.directions.trim();
            about.push(if directions.is_empty() {
                "Take it as the pharmacist told you.".to_owned()
            } else {
                format!("How to take it: {directions}")
            });
            if record::is_emergency_supply(line) {
                about.push(EMERGENCY_PART.to_owned());
            }
            let owed = line.owed.trim();
            if !owed.is_empty() {
                about.push(format!("Still to come: {owed}"));
            }
            parts.push(Part { heading: record::full_name(line), lines: about });
        }
        let told = |heading: &str, fields: &[&str]| {
            let words =
                fields.iter().map(|field| record::words(record, field)).filter(|words| !words.is_empty());
            let lines: Vec<String> = words.flat_map(str::lines).map(str::to_owned).collect();
            (!lines.is_empty()).then(|| Part { heading: heading.to_owned(), lines })
        };
        parts.extend(told("What we advise", &["advice-given", "reordering-advice"]));
        parts.extend(told("What to look out for", &["safety-net"]));
        parts.push(help(pharmacy));
        if !lines.is_empty() {
            parts.push(Part {
                heading: "About your medicine".to_owned(),
                lines: vec![NOT_INSTEAD.to_owned()],
            });
        }
        let (name, date) = (pharmacy.name, time::written_date(today));
        Self { title: "Your visit to the pharmacist".to_owned(), parts, from: format!("{name}, {date}") }
    }

    /// On paper.
    pub fn pdf(&self, size: Size) -> Vec<u8> {
        let mut sheets = Sheets::new(size.paper());
        sheets.write(&self.title, Style::bold(18.0));
        sheets.space(2.0);
        for part in &self.parts {
            // A heading never stands alone at the foot of a page.
            sheets.need(20.0);
            sheets.space(3.0);
            sheets.write(&part.heading, Style::bold(13.0));
            sheets.space(1.0);
            for line in &part.lines {
                sheets.write(line, Style::regular(12.0));
                sheets.space(1.0);
            }
        }
        sheets.finish("Leaflet", &self.from)
    }
}

fn help(pharmacy: &PharmacyOnPaper<'_>) -> Part {
    let phone = pharmacy.phone.trim();
    let ours = if phone.is_empty() {
        format!("Questions about this: ask at {}.", pharmacy.name)
    } else {
        format!("Questions about this: phone {} on {phone}.", pharmacy.name)
    };
    let lines = vec![
        ours,
        "You feel worse, or are worried, and it is not an emergency: phone 111 or go to 111.nhs.uk."
            .to_owned(),
        "It is an emergency, or a life is at risk: phone 999.".to_owned(),
    ];
    Part { heading: "Where to get help".to_owned(), lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::Answer;
    use crate::paper::pdf::reader::{Seen, read};
    use crate::paper::record::examples::{PHARMACY, today, winters, with_lines};

    fn words(record: &Consultation) -> String {
        let pages = read(&Leaflet::of(record, &PHARMACY, today()).pdf(Size::A4));
        pages.iter().map(Seen::words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn it_says_what_was_supplied_how_to_take_it_and_where_to_get_help() {
        let words = words(&winters());
        for said in [
            "Salbutamol 100micrograms/dose inhaler CFC free",
            "200 doses, supplied on 23 Nov 2026.",
            "How to take it: Inhale TWO puffs",
            "Order a week before it runs out.",
            "Call 999 if you cannot speak a sentence.",
            "phone Elm Pharmacy on 0113 496 0123",
            "does not replace the leaflet in the pack",
        ] {
            assert!(words.contains(said), "{said} is not in: {words}");
        }
    }

    #[test]
    fn nothing_that_was_not_told_to_the_patient_stands_on_it() {
        let mut record = winters();
        record.answers.insert("safeguarding-note".to_owned(), Answer::text("Bruises on both arms"));
        record.answers.insert("risk-without".to_owned(), Answer::text("Would end in hospital"));
        let words = words(&record);
        assert!(!words.contains("Bruises") && !words.contains("hospital"), "{words}");
        assert!(!words.contains("WINTERS"), "a page left on a bus names nobody");
    }

    #[test]
    fn a_long_one_goes_on_over_numbered_pages() {
        let pages = read(&Leaflet::of(&with_lines(9), &PHARMACY, today()).pdf(Size::A5));
        assert!(pages.len() > 1);
        let count = pages.len();
        for (at, page) in pages.iter().enumerate() {
            assert!(page.words().contains(&format!("Page {} of {count}", at + 1)));
            assert!(page.texts.iter().all(|text| text.right() <= 148.0 - 11.9 && text.y <= 210.0 - 11.9));
        }
    }

    #[test]
    fn advice_without_a_medicine_has_no_words_about_one() {
        let mut record = winters();
        record.medicines.clear();
        let words = words(&record);
        assert!(words.contains("What we advise") && !words.contains("About your medicine"));
    }
}
