//! What was handed over already and what is still wanted: whoever goes on with the patient reads it before anything else,
//! because a part supply that is sent on without it is given twice.

use crate::consultation::{Consultation, Medicine};
use crate::time;

/// A line for each medicine that was handed over, and for each that is sent on with nothing handed over; in the order of
/// their recording.
pub fn given(record: &Consultation) -> Vec<String> {
    let mut lines: Vec<&Medicine> = record.medicines.values().collect();
    lines.sort_by(|a, b| (&a.recorded_at, &a.name).cmp(&(&b.recorded_at, &b.name)));
    lines.into_iter().filter_map(line).collect()
}

fn line(line: &Medicine) -> Option<String> {
    let wanted = match line.owed.trim() {
        "" => String::new(),
        owed => format!("Still wanted: {owed}."),
    };
    let said = match line.decision.as_str() {
        "supplied" => handed_over(line),
        "referred" => format!("{}: nothing was handed over.", line.name.trim()),
        _ => return None,
    };
    let exception = match line.exception.trim() {
        "" => String::new(),
        why => format!("Recorded as an exception to the rules: {}.", why.trim_end_matches('.')),
    };
    let parts = [said, exception, wanted];
    Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

/// `Salbutamol 100micrograms/dose inhaler: 1 inhaler, handed over 22 Nov 2026, 15:00, emergency supply.`
fn handed_over(line: &Medicine) -> String {
    let amount = format!("{} {}", line.quantity.trim(), line.unit.trim());
    let days = match line.days.trim() {
        "" => String::new(),
        days => format!("for {days} days"),
    };
    let at = time::read(&line.supplied_at).map(time::day_and_time).unwrap_or_default();
    let right = line.supply_type.replace('-', " ");
    let said = [amount.trim().to_owned(), days, format!("handed over {at}").trim().to_owned(), right];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}: {}.", line.name.trim(), said.join(", "))
}
