//! The list for the end-of-month bundle: which tokens go, by mark and by how many forms, and which do not (practice 23).

use super::pdf::Style;
use super::record::PharmacyOnPaper;
use super::sheet::{Paper, Sheets};
use crate::prescription::charge;
use crate::register::TokenRow;
use crate::time;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The token of one consultation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BundleRow {
    /// `2026-11-22`.
    pub date: String,
    pub patient: String,
    /// `PF UMS`, `PF CP`; empty where it is not known.
    pub mark: String,
    pub items: u32,
    pub forms: u32,
    /// `exempt`, `paid`; NHSBSA sorts by them.
    pub charge: String,
    /// Why it does not go: age, confirmed in real time, free of charge. Empty: it goes.
    pub not_sent: String,
    /// What must still be done before it can go, in words; empty: nothing.
    pub open: String,
}

impl From<&TokenRow> for BundleRow {
    fn from(row: &TokenRow) -> Self {
        let by_age = charge::exemption(&row.exemption).is_some_and(|reason| reason.evidence == "age");
        let not_sent = if charge::is_confirmed(&row.exemption) {
            "Confirmed by the real-time check"
        } else if row.charge == "free" {
            "Free of charge"
        } else if row.charge == "exempt" && by_age {
            "Exempt by age"
        } else {
            ""
        };
        Self {
            date: row.date.clone(),
            patient: row.patient.clone(),
            mark: row.mark.clone(),
            items: u32::try_from(row.items.len()).unwrap_or(u32::MAX),
            forms: row.forms,
            charge: row.charge.clone(),
            not_sent: not_sent.to_owned(),
            open: row.open().unwrap_or_default().to_owned(),
        }
    }
}

/// Forms and items of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub forms: u32,
    pub items: u32,
}

/// What goes, by mark and charge.
pub fn counts(rows: &[BundleRow]) -> BTreeMap<(String, String), Count> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| row.not_sent.is_empty()) {
        let count: &mut Count = counts.entry((row.mark.clone(), row.charge.clone())).or_default();
        count.forms += row.forms;
        count.items += row.items;
    }
    counts
}

const TEXT: Style = Style::regular(9.5);
const HEAD: Style = Style::bold(12.0);
const WIDTHS: [(f64, f64); 5] = [(0.0, 24.0), (26.0, 66.0), (94.0, 26.0), (122.0, 20.0), (144.0, 30.0)];

/// The list of a month, `November 2026`.
pub fn pdf(rows: &[BundleRow], month: &str, pharmacy: &PharmacyOnPaper<'_>, printed_at: &str) -> Vec<u8> {
    let mut sheets = Sheets::new(Paper::A4);
    sheets.write(&format!("Tokens of {month}"), Style::bold(16.0));
    sheets.write(&format!("{} {}", pharmacy.name, pharmacy.ods), TEXT);
    sheets.space(2.0);
    sheets.write(
        "Put these with the month's bundle, apart from prescriptions, each mark by itself. Remove the perforated back; \
         no staples, tape or stickers.",
        TEXT,
    );
    let counts = counts(rows);
    heading(&mut sheets, "How many");
    if counts.is_empty() {
        sheets.write("No tokens go with this month's bundle.", TEXT);
    }
    for ((mark, charge), count) in &counts {
        sheets.write(
            &format!(
                "{}, {}: {} with {}",
                marked(mark),
                charged(charge),
                forms(count.forms),
                items(count.items)
            ),
            TEXT,
        );
    }
    for (mark, charge) in counts.keys() {
        heading(&mut sheets, &format!("{}, {}", marked(mark), charged(charge)));
        let group = rows.iter().filter(|row| row.not_sent.is_empty());
        for row in group.filter(|row| row.mark == *mark && row.charge == *charge) {
            write(&mut sheets, row, &row.open);
        }
    }
    let kept: Vec<&BundleRow> = rows.iter().filter(|row| !row.not_sent.is_empty()).collect();
    if !kept.is_empty() {
        heading(&mut sheets, "Not to be sent");
        for row in kept {
            write(&mut sheets, row, &row.not_sent);
        }
    }
    sheets.finish(&format!("Tokens of {month}"), &format!("Printed {printed_at}"))
}

fn heading(sheets: &mut Sheets, text: &str) {
    sheets.need(18.0);
    sheets.space(4.0);
    sheets.write(text, HEAD);
    sheets.space(1.0);
}

fn write(sheets: &mut Sheets, row: &BundleRow, remark: &str) {
    let date = row.date.parse::<Date>().map_or_else(|_| row.date.clone(), time::written_date);
    let cells = [date, row.patient.clone(), forms(row.forms), items(row.items), remark.to_owned()];
    let columns: Vec<(f64, f64, String)> =
        WIDTHS.iter().zip(cells).map(|((indent, width), text)| (*indent, *width, text)).collect();
    sheets.row(&columns, TEXT);
    sheets.space(1.0);
}

fn marked(mark: &str) -> &str {
    if mark.is_empty() { "Without a mark" } else { mark }
}

fn charged(charge: &str) -> &str {
    match charge {
        "exempt" => "exempt",
        "paid" => "paid",
        _ => "charge not recorded",
    }
}

fn forms(count: u32) -> String {
    if count == 1 { "1 form".to_owned() } else { format!("{count} forms") }
}

fn items(count: u32) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::pdf::reader::{Seen, read};
    use crate::paper::record::examples::PHARMACY;

    fn row(patient: &str, mark: &str, charge: &str, items: u32) -> BundleRow {
        BundleRow {
            date: "2026-11-22".to_owned(),
            patient: patient.to_owned(),
            mark: mark.to_owned(),
            items,
            forms: items.div_ceil(4),
            charge: charge.to_owned(),
            ..BundleRow::default()
        }
    }

    fn rows() -> Vec<BundleRow> {
        vec![
            row("WINTERS, Hettie", "PF UMS", "exempt", 9),
            row("DAWKINS, Jack", "PF UMS", "exempt", 1),
            row("ADE, Ben", "PF CP", "paid", 1),
            BundleRow { not_sent: "Under 16".to_owned(), ..row("SMITH, Jo", "PF CP", "exempt", 1) },
        ]
    }

    fn words(rows: &[BundleRow]) -> String {
        let pages = read(&pdf(rows, "November 2026", &PHARMACY, "1 Dec 2026, 09:00"));
        pages.iter().map(Seen::words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn forms_and_items_are_counted_by_mark_and_charge() {
        let words = words(&rows());
        assert!(words.contains("PF UMS, exempt: 4 forms with 10 items"), "{words}");
        assert!(words.contains("PF CP, paid: 1 form with 1 item"), "{words}");
    }

    #[test]
    fn what_is_not_to_be_sent_is_listed_apart_with_its_reason_and_not_counted() {
        let words = words(&rows());
        let (sent, kept) = words.split_once("Not to be sent").expect("a heading");
        assert!(kept.contains("SMITH, Jo") && kept.contains("Under 16"));
        assert!(!sent.contains("SMITH, Jo") && !sent.contains("PF CP, exempt"));
    }

    #[test]
    fn age_and_a_real_time_confirmation_keep_a_token_back() {
        let not_sent = |charge: &str, exemption: &str| {
            let token = TokenRow {
                charge: charge.to_owned(),
                exemption: exemption.to_owned(),
                items: vec!["Salbutamol".to_owned()],
                forms: 1,
                ..TokenRow::default()
            };
            BundleRow::from(&token).not_sent
        };
        assert_eq!(not_sent("exempt", "0004"), "Exempt by age");
        assert_eq!(not_sent("exempt", "9005"), "Confirmed by the real-time check");
        assert_eq!(not_sent("free", ""), "Free of charge");
        assert_eq!((not_sent("exempt", "0006"), not_sent("paid", "")), (String::new(), String::new()));
        let open = |charge: &str| {
            BundleRow::from(&TokenRow { charge: charge.to_owned(), ..TokenRow::default() }).open
        };
        assert_eq!(open(""), "Nobody has asked about the charge.");
        assert_eq!(open("exempt"), "No token was made.");
    }

    #[test]
    fn a_month_without_tokens_says_so() {
        assert!(words(&[]).contains("No tokens go with this month's bundle."));
    }
}
