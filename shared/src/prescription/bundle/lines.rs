//! The lines of a prescription, and what dispensers answered to each.

use super::json::{Index, at, coding, list, part, quantity, text};
use crate::prescription::rules::{item_status, not_dispensed_reason, withdrawal_reason};
use crate::prescription::{Coded, Dispensed, Item};
use serde_json::Value;

/// One `MedicationRequest`.
pub fn item(request: &Value) -> Item {
    let medicine = at(request, &["medicationCodeableConcept"]);
    let (code, display) = coding(medicine);
    let words = text(medicine, &["text"]);
    let (status, as_sent) =
        coding(at(part(request, "Extension-EPS-DispensingInformation", "dispenseStatus"), &["valueCoding"]));
    let directions = list(request, "dosageInstruction").iter().map(|dose| text(dose, &["text"]));
    Item {
        name: if words.is_empty() { display } else { words },
        code,
        quantity: quantity(at(request, &["dispenseRequest", "quantity"])),
        directions: directions.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; "),
        status: item_status(&status, &as_sent),
        dispensed: Vec::new(),
        pending_cancellation: at(
            part(request, "Extension-PendingCancellation", "lineItemPendingCancellation"),
            &["valueBoolean"],
        ) == &Value::Bool(true),
        cancellation_reason: reason(at(request, &["statusReason"]), withdrawal_reason),
    }
}

/// One `MedicationDispense`; when it was is said elsewhere, if at all.
pub fn dispensed<'a>(dispense: &'a Value, index: &Index<'a>) -> Dispensed {
    let (status, as_sent) = coding(at(dispense, &["type"]));
    let performer = at(dispense, &["performer", "actor"]);
    let reason_here = at(dispense, &["statusReasonCodeableConcept"]);
    Dispensed {
        at: text(dispense, &["whenHandedOver"]),
        quantity: quantity(at(dispense, &["quantity"])),
        by: index.organisation(dispense, performer).0,
        status: item_status(&status, &as_sent),
        reason: reason(reason_here, not_dispensed_reason),
    }
}

/// A coded reason, where there is one.
pub fn reason(concept: &Value, words: impl Fn(&str, &str) -> Coded) -> Option<Coded> {
    let (code, display) = coding(concept);
    (!code.is_empty() || !display.is_empty()).then(|| words(&code, &display))
}
