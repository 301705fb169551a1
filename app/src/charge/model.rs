//! What is asked about a charge, and what an answer writes into the record.

use jiff::civil::Date;
use shared::consultation::{Charge, Consultation};
use shared::prescription::charge::{
    ChargeDue, confirmed_words, date_of, due, exemption, exemptions_on, on_the_nhs,
};
use shared::prescription::exemption_check::{Asked, locked, may_call};
use shared::time::{self, Millis};
use std::collections::BTreeMap;

/// Everything that the card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub due: ChargeDue,
    pub charge: Charge,
    /// Reasons that count on the day of the supply, by code.
    pub reasons: Vec<(String, String)>,
    /// Why nothing can be changed by hand: the NHS found an exemption.
    pub locked: Option<String>,
    /// Why no exemption is checked online.
    pub not_checked: String,
    /// Whether there is anything to ask: not where age or the list of free items has decided.
    pub asks: bool,
    /// Whether the chosen reason asks for evidence.
    pub asks_evidence: bool,
    /// What is missing or contradicts itself.
    pub problems: Vec<String>,
}

/// `None` where nothing was supplied on the NHS.
pub fn shown(record: &Consultation, today: Date) -> Option<Shown> {
    let due = due(record, today);
    if due.items.is_empty() {
        return None;
    }
    let day = on_the_nhs(record).map(|(_, line)| date_of(line, today)).max().unwrap_or(today);
    let reasons = exemptions_on(day).into_iter().map(|one| (one.code.clone(), one.words.clone())).collect();
    let asked = Asked { today: day, released_from_prison: false, endorsements: &[] };
    let plan = may_call(record, None, asked);
    let charge = record.charge.clone();
    Some(Shown {
        reasons,
        locked: locked(record),
        not_checked: plan.because().map(|because| because.words.clone()).unwrap_or_default(),
        asks: due.needs_declaration || due.total() > 0,
        asks_evidence: exemption(&charge.exemption)
            .is_some_and(shared::prescription::charge::Exemption::asks_evidence),
        problems: shared::prescription::charge::reconcile(record, today),
        due,
        charge,
    })
}

/// Why the patient pays nothing, in the words of the list; empty where no reason is recorded.
pub fn reason(charge: &Charge) -> String {
    if shared::prescription::charge::is_confirmed(&charge.exemption) {
        return confirmed_words(&charge.exemption).to_owned();
    }
    exemption(&charge.exemption).map(|one| one.words.clone()).unwrap_or_default()
}

/// `exempt`, `paid` or `free`. What belonged to another answer goes, and so does what was declared for it.
pub fn set_status(charge: &mut Charge, status: &str) {
    if charge.status == status {
        return;
    }
    status.clone_into(&mut charge.status);
    charge.exemption.clear();
    charge.evidence.clear();
    charge.paid = BTreeMap::new();
    undeclared(charge);
}

/// What was declared was declared of the other reason.
pub fn set_reason(charge: &mut Charge, code: &str) {
    if charge.exemption == code {
        return;
    }
    code.clone_into(&mut charge.exemption);
    charge.evidence.clear();
    undeclared(charge);
}

fn undeclared(charge: &mut Charge) {
    charge.declared_by.clear();
    charge.declared_name.clear();
    charge.declared_at.clear();
    charge.signature.clear();
}

/// What is due for a line was paid, or was not after all.
pub fn set_paid(record: &mut Consultation, line: &str, paid: bool, today: Date) {
    let pence = due(record, today)
        .items
        .iter()
        .find(|item| item.line == line)
        .map(shared::prescription::charge::ItemDue::pence);
    match pence.filter(|_| paid) {
        Some(pence) => record.charge.paid.insert(line.to_owned(), pence.to_string()),
        None => record.charge.paid.remove(line),
    };
}

/// `patient` or `representative`.
pub fn set_declared_by(charge: &mut Charge, who: &str, name: &str, now: Millis) {
    if charge.declared_by != who {
        charge.signature.clear();
    }
    who.clone_into(&mut charge.declared_by);
    name.trim().clone_into(&mut charge.declared_name);
    charge.declared_at = time::stored(now);
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use shared::consultation::{Lookup, Medicine};
    use shared::ids::ConsultationId;

    const NOW: Millis = 1_795_000_000_000;
    const TODAY: Date = date(2026, 11, 23);

    fn supplied() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([3; 16]);
        let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@2", NOW);
        "1981-05-01".clone_into(&mut record.patient.birth_date);
        let line = Medicine {
            name: "Salbutamol inhaler".to_owned(),
            decision: "supplied".to_owned(),
            supply_type: "emergency-supply".to_owned(),
            ..Medicine::default()
        };
        record.medicines.insert("line".to_owned(), line);
        record
    }

    #[test]
    fn nothing_is_asked_where_nothing_was_supplied_and_of_the_old_with_a_verified_age() {
        let mut record = supplied();
        assert!(shown(&record, TODAY).is_some_and(|shown| shown.asks));
        "1944-05-11".clone_into(&mut record.patient.birth_date);
        "2026-11-23T09:00:00Z".clone_into(&mut record.patient.traced_at);
        assert!(shown(&record, TODAY).is_some_and(|shown| !shown.asks && shown.problems.is_empty()));
        record.medicines.clear();
        assert_eq!(shown(&record, TODAY), None);
    }

    #[test]
    fn why_no_exemption_is_checked_online_is_shown() {
        let shown = shown(&supplied(), TODAY).expect("a charge");
        assert!(shown.not_checked.contains("only for an electronic prescription"), "{}", shown.not_checked);
    }

    #[test]
    fn another_answer_takes_back_what_was_declared_for_the_first() {
        let mut record = supplied();
        set_status(&mut record.charge, "exempt");
        set_reason(&mut record.charge, "0007");
        set_declared_by(&mut record.charge, "representative", " Barnaby Fictional ", NOW);
        "M0 0".clone_into(&mut record.charge.signature);
        assert_eq!(record.charge.declared_name, "Barnaby Fictional");
        set_reason(&mut record.charge, "0006");
        assert_eq!((record.charge.declared_by.as_str(), record.charge.signature.as_str()), ("", ""));
        set_status(&mut record.charge, "paid");
        assert_eq!(record.charge.exemption, "");
        set_paid(&mut record, "line", true, TODAY);
        assert_eq!(record.charge.paid.get("line").map(String::as_str), Some("990"));
        set_paid(&mut record, "line", false, TODAY);
        assert!(record.charge.paid.is_empty());
    }

    #[test]
    fn the_reason_is_told_in_words() {
        let mut record = supplied();
        set_reason(&mut record.charge, "0007");
        assert_eq!(reason(&record.charge), "Prescription prepayment certificate");
        "9005".clone_into(&mut record.charge.exemption);
        assert!(reason(&record.charge).contains("confirmed by the NHS"));
    }

    #[test]
    fn what_the_nhs_found_cannot_be_changed_here() {
        let mut record = supplied();
        let look = Lookup {
            kind: "exemption".to_owned(),
            source: "rtec".to_owned(),
            result: "found".to_owned(),
            status: "9180".to_owned(),
            ..Lookup::default()
        };
        record.lookups.insert("one".to_owned(), look);
        assert!(shown(&record, TODAY).is_some_and(|shown| shown.locked.is_some()));
    }
}
