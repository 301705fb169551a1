//! The register of prescription-only medicines on paper, for an inspector (HMR 2012, regulation 253 and Schedule 23).

use super::pdf::Style;
use super::record::PharmacyOnPaper;
use super::sheet::{Paper, Sheets};
use crate::register::Entry;
use crate::time;
use jiff::civil::Date;

/// One entry as it is printed. What is not known is empty, and is printed as such.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegisterRow {
    /// `2026-11-22`.
    pub date: String,
    /// Name, with form and strength.
    pub medicine: String,
    pub quantity: String,
    pub patient: String,
    /// On one line.
    pub address: String,
    /// Nature of the emergency.
    pub nature: String,
    /// Who signed, and when it was entered.
    pub entered: String,
    /// What is wrong with the entry, in words: late, an exception, something missing.
    pub remarks: Vec<String>,
}

impl From<&Entry> for RegisterRow {
    fn from(entry: &Entry) -> Self {
        let parts = [&entry.name, &entry.form, &entry.strength];
        let parts: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let entered = time::read(&entry.entered_at).map(time::day_and_time);
        let entered =
            entered.map_or_else(|| "Not entered yet".to_owned(), |at| format!("{}, {at}", entry.signed_by));
        let exception = (!entry.exception.is_empty()).then(|| format!("Exception: {}", entry.exception));
        let late = entry.late.then(|| "Late".to_owned());
        let missing =
            (!entry.missing.is_empty()).then(|| format!("Not recorded: {}", entry.missing.join(", ")));
        Self {
            date: entry.date.clone(),
            medicine: parts.join(", "),
            quantity: entry.quantity.clone(),
            patient: entry.patient.clone(),
            address: entry.address.lines().collect::<Vec<_>>().join(", "),
            nature: entry.nature.clone(),
            entered,
            remarks: exception.into_iter().chain(late).chain(missing).collect(),
        }
    }
}

/// Indent and width of each column in millimetres, with its heading.
const COLUMNS: [(f64, f64, &str); 7] = [
    (0.0, 20.0, "Date"),
    (22.0, 58.0, "Medicine, form, strength"),
    (82.0, 24.0, "Quantity"),
    (108.0, 52.0, "Patient and address"),
    (162.0, 54.0, "Nature of the emergency"),
    (218.0, 30.0, "Entered"),
    (250.0, 23.0, "Remarks"),
];

/// The entries of those days, in the order given; `printed_at` in words.
pub fn pdf(
    rows: &[RegisterRow],
    (from, until): (Date, Date),
    pharmacy: &PharmacyOnPaper<'_>,
    printed_at: &str,
) -> Vec<u8> {
    let mut sheets = Sheets::new(Paper::A4_ACROSS);
    sheets.write("Prescription-only medicines register: emergency supplies", Style::bold(14.0));
    let place: Vec<&str> =
        [pharmacy.name, pharmacy.ods, pharmacy.address].into_iter().filter(|part| !part.is_empty()).collect();
    let days = format!("{} to {}", time::written_date(from), time::written_date(until));
    let head = format!("{}. {days}", place.join(", "));
    sheets.write(&head, Style::regular(10.0));
    sheets.repeat(&head, Style::regular(10.0));
    headings(&mut sheets);
    if rows.is_empty() {
        sheets.write("No entries.", Style::regular(9.0));
    }
    for row in rows {
        let date = row.date.parse::<Date>().map_or_else(|_| row.date.clone(), time::written_date);
        let cells = [
            date,
            row.medicine.clone(),
            row.quantity.clone(),
            format!("{}\n{}", row.patient, row.address),
            row.nature.clone(),
            row.entered.clone(),
            row.remarks.join("\n"),
        ];
        let columns: Vec<(f64, f64, String)> = COLUMNS
            .iter()
            .zip(cells)
            .map(|((indent, width, _), text)| {
                let text = if text.trim().is_empty() { "-".to_owned() } else { text };
                (*indent, *width, text)
            })
            .collect();
        if sheets.need(12.0) {
            headings(&mut sheets);
        }
        sheets.row(&columns, Style::regular(8.5));
        sheets.rule();
    }
    sheets.finish("Prescription-only medicines register", &format!("Printed {printed_at}"))
}

fn headings(sheets: &mut Sheets) {
    sheets.space(2.0);
    let columns: Vec<(f64, f64, String)> =
        COLUMNS.iter().map(|(indent, width, heading)| (*indent, *width, (*heading).to_owned())).collect();
    sheets.row(&columns, Style::bold(8.5));
    sheets.rule();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::pdf::reader::{Seen, read};
    use crate::paper::record::examples::PHARMACY;
    use jiff::civil::date;

    fn row(at: usize) -> RegisterRow {
        RegisterRow {
            date: "2026-11-22".to_owned(),
            medicine: format!("Medicine {at} 5mg tablets"),
            quantity: "28 tablets".to_owned(),
            patient: "WINTERS, Hettie".to_owned(),
            address: "12 Beech Lane, Leeds, LS6 1AA".to_owned(),
            nature: "Left the inhaler on the train; the surgery is closed until Monday.".to_owned(),
            entered: "Asha Patel 2012345, 22 Nov 2026, 10:05".to_owned(),
            remarks: Vec::new(),
        }
    }

    fn pages(rows: &[RegisterRow]) -> Vec<Seen> {
        let days = (date(2026, 11, 1), date(2026, 11, 30));
        read(&pdf(rows, days, &PHARMACY, "23 Nov 2026, 09:00"))
    }

    #[test]
    fn an_inspector_reads_all_that_schedule_23_asks_for() {
        let words = pages(&[row(1)])[0].words();
        for said in [
            "22 Nov 2026",
            "Medicine 1 5mg",
            "28 tablets",
            "WINTERS, Hettie",
            "Left the inhaler",
            "Asha Patel",
        ] {
            assert!(words.contains(said), "{said} is not in: {words}");
        }
        assert!(
            words.contains("Elm Pharmacy, FA123") && words.contains("1 Nov 2026 to 30 Nov 2026"),
            "{words}"
        );
    }

    #[test]
    fn an_entry_of_the_register_is_printed_with_what_is_wrong_with_it() {
        let entry = Entry {
            date: "2026-11-20".to_owned(),
            name: "Amoxicillin".to_owned(),
            strength: "500 mg".to_owned(),
            form: "capsule".to_owned(),
            entered_at: "2026-11-22T10:05:00Z".to_owned(),
            signed_by: "Asha Patel 2012345".to_owned(),
            late: true,
            exception: "It had happened".to_owned(),
            missing: vec!["quantity".to_owned()],
            ..Entry::default()
        };
        let words = pages(&[RegisterRow::from(&entry)])[0].words();
        for said in ["Amoxicillin, capsule, 500 mg", "22 Nov 2026, 10:05", "Late", "Exception: It"] {
            assert!(words.contains(said), "{said} is not in: {words}");
        }
        let open = RegisterRow::from(&Entry { entered_at: String::new(), ..entry });
        assert_eq!(open.entered, "Not entered yet");
    }

    #[test]
    fn each_entry_stands_on_exactly_one_page_under_the_headings() {
        let rows: Vec<RegisterRow> = (0..60).map(row).collect();
        let pages = pages(&rows);
        assert!(pages.len() > 1);
        for at in 0..60 {
            let name = format!("Medicine {at} 5mg tablets");
            assert_eq!(pages.iter().filter(|page| page.place_of(&name).is_some()).count(), 1, "{name}");
        }
        assert!(pages.iter().all(|page| page.words().contains("Nature of the emergency")));
        assert!(
            pages.iter().flat_map(|page| &page.texts).all(|text| text.right() <= 285.1 && text.y <= 198.1)
        );
    }

    #[test]
    fn an_empty_register_says_so_and_an_empty_place_is_seen() {
        assert!(pages(&[])[0].words().contains("No entries."));
        let words = pages(&[RegisterRow { nature: String::new(), ..row(1) }])[0].words();
        assert!(words.contains(" - "), "{words}");
    }
}
