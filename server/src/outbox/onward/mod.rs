//! Sending a patient on: which ways a signed referral may go, and to which confirmed address.

mod recipient;

pub use recipient::{Recipient, recipient};

use crate::store::{DeliveryState, NewDelivery, Route};
use shared::consultation::{Consultation, Onward, Signature, Summary};
use shared::places::Service;
use shared::time::Millis;

/// When somebody has to be told that an urgent referral has not gone, from when this server learned of it.
const URGENT_WITHIN: Millis = 30 * 60_000;

/// What a signed record sends on: one row for each way, the first to be tried at once and the others standing by; none
/// where nobody is sent on.
///
/// Another pharmacy on this server is handed the record itself, others get it by BaRS where `bars` says that this is
/// configured (no published use case goes from a pharmacy to anywhere, so it is off unless somebody switches it on), by
/// e-mail to a confirmed address, and else on paper. Nothing goes before what [`Consultation::onward_waits_for`] asks
/// for was done; an urgent one is not left to a message, because it waits for the call.
///
/// `row` makes a row of this record with nothing decided, for a way and its place.
pub fn onward_referral(
    signed: &Consultation,
    signature: &Signature,
    summary: &Summary,
    bars: bool,
    row: impl Fn(Route, u32) -> NewDelivery,
) -> Vec<NewDelivery> {
    let onward = &signed.onward;
    if !onward.is_chosen() || !signed.outcome.closure_reason.is_empty() {
        return Vec::new();
    }
    let routes = ways(onward, bars);
    let first = routes.first().copied().unwrap_or(Route::Print);
    let alone = |state, detail: &str| {
        let answer_by = if state == DeliveryState::NotRequired { None } else { row(first, 0).answer_by };
        vec![NewDelivery { state, detail: detail.to_owned(), answer_by, ..row(first, 0) }]
    };
    if onward.is_refused() {
        return alone(
            DeliveryState::NotRequired,
            "Not sent: the patient does not want the record to go there.",
        );
    }
    if onward.service == Service::Gp.as_str() && summary.gp_notice_stopped {
        return alone(DeliveryState::NotRequired, "Not sent: the patient does not want the practice told.");
    }
    if signature.emergency {
        let why =
            "Held: the visit was cut short by an emergency. The referral goes when the record is completed.";
        return alone(DeliveryState::Held, why);
    }
    if let Some(first_do) = signed.onward_waits_for() {
        let why = format!("Held: {first_do} Amend the record and sign again.");
        return alone(DeliveryState::Held, &why);
    }
    (0..)
        .zip(routes)
        .map(|(position, route)| {
            let planned = row(route, position);
            let (state, detail) = match (position, route) {
                // Nothing but a person prints.
                (0, Route::Print) => (
                    DeliveryState::NeedsAttention,
                    "Print it, give it to the patient or send it, and mark it as done.",
                ),
                (0, _) => (DeliveryState::Queued, "Ready to be sent."),
                _ => (DeliveryState::Standby, "Used only if the way before it fails."),
            };
            let answer_by = match route {
                Route::Print => None,
                // A device may bring it late: two ways must not be gone at once.
                _ if onward.is_urgent() => Some(planned.created_at.saturating_add(URGENT_WITHIN)),
                _ => planned.answer_by,
            };
            NewDelivery { state, detail: detail.to_owned(), answer_by, ..planned }
        })
        .collect()
}

/// The ways to whom is chosen. A service that no directory names can be reached on paper only, or where somebody has
/// confirmed its address.
fn ways(onward: &Onward, bars: bool) -> Vec<Route> {
    let mut ways = Vec::new();
    if onward.service == Service::Pharmacy.as_str() && !onward.ods.is_empty() {
        ways.push(Route::Handover);
    }
    if bars && !onward.dos_service_id.is_empty() {
        ways.push(Route::Bars);
    }
    if !onward.ods.is_empty() || !onward.email.is_empty() {
        ways.push(Route::Email);
    }
    ways.push(Route::Print);
    ways
}

#[cfg(test)]
mod tests;
