//! What does not fit together about a charge, in words for whoever is about to sign.

use super::due::{age_exempt, birth_date, confirmed, date_of, due, is_hrt, on_the_nhs};
use super::list::{Exemption, exemption, in_pounds};
use crate::consultation::{Charge, Consultation};
use crate::time;
use jiff::civil::Date;

/// Everything that is missing or contradicts itself; empty where the charge can stand. Words only: a supply that has
/// happened can be signed whatever was paid (practice 14).
pub fn reconcile(record: &Consultation, today: Date) -> Vec<String> {
    let charge = &record.charge;
    let due = due(record, today);
    if due.items.is_empty() {
        return Vec::new();
    }
    let day = on_the_nhs(record).map(|(_, line)| date_of(line, today)).max().unwrap_or(today);
    let by_age = birth_date(record).and_then(|born| age_exempt(born, day));
    let mut problems = Vec::new();
    let all_free = due.items.iter().all(|item| item.charges == 0);
    match charge.status.as_str() {
        "" if all_free && !due.needs_declaration => {}
        "" => problems.push("Ask whether the patient pays or is exempt.".to_owned()),
        "exempt" => exempt(record, day, &mut problems),
        _ => {}
    }
    if let Some(code) = confirmed(record)
        && !(charge.status == "exempt" && charge.exemption == code)
    {
        problems.push(format!(
            "The NHS confirmed an exemption ({code}). It stands and nothing is to be paid: record it as the reason."
        ));
    } else if by_age.is_some() && charge.status == "paid" && due.total() == 0 {
        problems.push("By their age the patient owes nothing: no charge may be taken.".to_owned());
    }
    payments(charge, &due.items, &mut problems);
    if due.needs_declaration && !charge.status.is_empty() {
        declaration(charge, &mut problems);
    }
    for item in due.items.iter().filter(|item| item.each.is_none()) {
        problems.push(format!("The charge on the day of the supply of {} is not known here.", item.name));
    }
    problems
}

fn exempt(record: &Consultation, day: Date, problems: &mut Vec<String>) {
    let charge = &record.charge;
    if confirmed(record) == Some(charge.exemption.as_str()) && !charge.exemption.is_empty() {
        return;
    }
    if charge.exemption.is_empty() {
        problems.push("Say why the patient is exempt.".to_owned());
        return;
    }
    let Some(reason) = exemption(&charge.exemption) else {
        problems.push(format!(
            "“{}” is not a reason that is known here. Choose one from the list.",
            charge.exemption
        ));
        return;
    };
    if !reason.is_valid_on(day) {
        problems.push(out_of_date(reason, day));
    }
    if let Some(words) = age_does_not_fit(record, reason, day) {
        problems.push(words);
    }
    if reason.asks_evidence() && charge.evidence.is_empty() {
        problems.push(format!("Say whether evidence was seen: {}.", reason.words));
    }
    if reason.covers == "hrt" {
        let others: Vec<&str> = on_the_nhs(record)
            .filter(|(_, line)| !is_hrt(line) && !super::due::is_free(line))
            .map(|(_, line)| line.name.as_str())
            .collect();
        if !others.is_empty() {
            problems.push(format!(
                "An HRT-only certificate does not cover {}. Its charge is paid, on a form of its own.",
                others.join(", ")
            ));
        }
    }
}

fn out_of_date(reason: &Exemption, day: Date) -> String {
    let last = reason.until.filter(|until| *until < day);
    match (last, reason.from) {
        (Some(until), _) => format!(
            "“{}” is no reason any more: its last day was {}. Ask for another, or the patient pays.",
            reason.words,
            time::written_date(until)
        ),
        (None, from) => format!(
            "“{}” is a reason only from {} on.",
            reason.words,
            from.map(time::written_date).unwrap_or_default()
        ),
    }
}

fn age_does_not_fit(record: &Consultation, reason: &Exemption, day: Date) -> Option<String> {
    let age = time::age(birth_date(record)?, day)?;
    let fits = match reason.code.as_str() {
        "0002" => age < 16,
        "0003" => (16..19).contains(&age),
        "0004" => age >= 60,
        _ => true,
    };
    (!fits).then(|| format!("“{}” does not fit the patient’s age of {age}.", reason.words))
}

/// Whether what was paid is what is due, line by line.
fn payments(charge: &Charge, items: &[super::ItemDue], problems: &mut Vec<String>) {
    for item in items {
        let paid = charge.paid.get(&item.line).map(|pence| pence.trim().parse::<u32>());
        match paid {
            Some(Err(_)) => problems.push(format!("What was paid for {} is not an amount.", item.name)),
            Some(Ok(paid)) if paid > 0 && item.charges == 0 => problems.push(format!(
                "{} was paid for {}, and nothing is due: {}.",
                in_pounds(paid),
                item.name,
                item.why
            )),
            Some(Ok(paid)) if item.each.is_some() && paid != item.pence() => problems.push(format!(
                "{} was paid for {}, and {} is due.",
                in_pounds(paid),
                item.name,
                in_pounds(item.pence())
            )),
            None if item.charges > 0 && !charge.status.is_empty() => problems.push(format!(
                "{} for {} is to be paid: say that it was.",
                in_pounds(item.pence()),
                item.name
            )),
            _ => {}
        }
    }
}

fn declaration(charge: &Charge, problems: &mut Vec<String>) {
    match charge.declared_by.as_str() {
        "representative" if charge.declared_name.trim().is_empty() => {
            problems.push("Say who declared it for the patient.".to_owned());
        }
        "patient" | "representative" => {}
        _ => problems.push(
            "A declaration is needed: ask the patient or their representative to sign the dispensing token."
                .to_owned(),
        ),
    }
}
