//! The register, a recall and a month's tokens as tables for a spreadsheet.

use crate::audit::csv::{harmless, written};
use shared::register::{Entry, Given, TokenRow};

type Table = Result<Vec<u8>, csv::Error>;

/// The register, an entry a row.
pub fn register(entries: &[Entry]) -> Table {
    let head = [
        "date",
        "name",
        "quantity",
        "form",
        "strength",
        "patient",
        "address",
        "nature",
        "exception",
        "entered_at",
        "late",
        "missing",
        "signed_by",
        "consultation",
    ];
    table(&head, entries, |entry| {
        vec![
            entry.date.clone(),
            entry.name.clone(),
            entry.quantity.clone(),
            entry.form.clone(),
            entry.strength.clone(),
            entry.patient.clone(),
            on_one_line(&entry.address),
            entry.nature.clone(),
            entry.exception.clone(),
            entry.entered_at.clone(),
            yes_no(entry.late),
            entry.missing.join(", "),
            entry.signed_by.clone(),
            entry.consultation.clone(),
        ]
    })
}

/// Who was given something. `batch` is empty where nobody recorded one.
pub fn recall(given: &[Given]) -> Table {
    let head = [
        "batch",
        "expiry",
        "product",
        "quantity",
        "patient",
        "birth_date",
        "nhs_number",
        "address",
        "phone",
        "collected_by",
        "when",
        "consultation",
    ];
    table(&head, given, |given| {
        vec![
            given.batch.clone(),
            given.expiry.clone(),
            given.product.clone(),
            given.quantity.clone(),
            given.patient.clone(),
            given.birth_date.clone(),
            given.nhs_number.clone(),
            on_one_line(&given.address),
            given.phone.clone(),
            given.collected_by.clone(),
            given.when.clone(),
            given.consultation.clone(),
        ]
    })
}

/// Tokens, one a row.
pub fn tokens(tokens: &[TokenRow]) -> Table {
    let head = [
        "date",
        "patient",
        "nhs_number",
        "mark",
        "items",
        "forms",
        "charge",
        "exemption",
        "evidence",
        "made",
        "signed",
        "declared_by",
        "not_sent",
        "open",
        "consultation",
    ];
    table(&head, tokens, |token| {
        vec![
            token.date.clone(),
            token.patient.clone(),
            token.nhs_number.clone(),
            token.mark.clone(),
            token.items.join("; "),
            token.forms.to_string(),
            token.charge.clone(),
            token.exemption.clone(),
            token.evidence.clone(),
            token.made.clone(),
            token.signed.clone(),
            token.declared_by.clone(),
            token.not_sent.clone(),
            token.open().unwrap_or_default().to_owned(),
            token.consultation.clone(),
        ]
    })
}

fn table<T>(head: &[&str], rows: &[T], cells: impl Fn(&T) -> Vec<String>) -> Table {
    written(|out| {
        out.write_record(head)?;
        rows.iter().try_for_each(|row| out.write_record(cells(row).into_iter().map(harmless)))
    })
}

fn on_one_line(lines: &str) -> String {
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}
