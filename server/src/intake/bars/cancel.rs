//! Taking a referral back: which case is meant, and whether the sender may (BaRS App 5, cancellation).

use super::people::organisation_of;
use super::referral::{case_key, document_set};
use super::{Event, Headers, Message, Outcome, Refusal};
use crate::intake::{Arrived, Part, Withdrawal};
use crate::nhs::bars::codes::{CATEGORIES, NHS_NUMBER, USE_CASES, is};
use crate::nhs::fhir::Element;
use shared::consultation::Consultation;
use shared::ids::ConsultationId;
use shared::time::{Millis, read, stored};
use std::collections::BTreeSet;

/// The keys under which a case may be found, and the consultations that the sender may mean by the id it read from us.
pub fn names(message: &Message<'_>) -> (Vec<String>, Vec<ConsultationId>) {
    let ids = message.service_request_ids();
    let sets = ids.iter().map(|id| format!("set|{}", document_set(message.source(), id).to_lowercase()));
    let case = message.case_number();
    let case = case.map(|number| format!("document|{}", case_key(message.source(), &number).to_lowercase()));
    (sets.chain(case).collect(), ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// What the cancellation of that case comes to. `original` is the newest referral that came for it.
pub fn withdrawal(
    message: &Message<'_>,
    headers: &Headers,
    record: &Consultation,
    original: &Message<'_>,
    now: Millis,
) -> Result<Arrived, Refusal> {
    allowed(message, headers, record, original)?;
    unchanged(message, record, original)?;
    let said = reason(message.service_request);
    let by_mistake = matches!(message.event, Event::Cancel { in_error: true });
    let words = [if by_mistake { "It was sent by mistake." } else { "" }, said.as_str()];
    let reason = words.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    // A cancellation is always about what is here already, whatever the sender's clock says.
    let shown = read(&record.referral.document_at).unwrap_or(now);
    Ok(Arrived {
        message_id: message.bundle.text("id").to_owned(),
        parts: vec![Part::Withdrawal(Withdrawal {
            document_set: record.referral.document_set.clone(),
            document_id: String::new(),
            reason,
            at: stored(now.max(shown)),
        })],
    })
}

/// Only who referred takes it back: the same service, or the same organisation.
fn allowed(
    message: &Message<'_>,
    headers: &Headers,
    record: &Consultation,
    original: &Message<'_>,
) -> Result<(), Refusal> {
    let organisation =
        message.find(message.header.text("sender.reference")).map(organisation_of).unwrap_or_default().0;
    let same_organisation = [organisation, headers.organisation.0.clone()]
        .iter()
        .any(|code| !code.is_empty() && code.eq_ignore_ascii_case(&record.referral.referrer_ods));
    if message.source() == original.source() || same_organisation {
        return Ok(());
    }
    Err(Refusal::new(
        Outcome::Unauthorized,
        "This referral was sent by another service and another organisation.",
    ))
}

/// A cancellation changes nothing but the status.
fn unchanged(message: &Message<'_>, record: &Consultation, original: &Message<'_>) -> Result<(), Refusal> {
    if categories(message.service_request) != categories(original.service_request) {
        return Err(Refusal::new(Outcome::Invariant, "ServiceRequest.category is not that of the referral."));
    }
    let status = |message: &Message<'_>| {
        let encounter =
            message.follow(message.service_request, "encounter").or_else(|| message.all("Encounter").next());
        encounter.map(|encounter| encounter.text("status").to_owned())
    };
    if let (Some(now), Some(then)) = (status(message), status(original))
        && now != then
    {
        return Err(Refusal::new(Outcome::Invariant, "Encounter.status is not that of the referral."));
    }
    let numbers = message.all("Patient").flat_map(|patient| patient.children("identifier"));
    let numbers = numbers.filter(|identifier| is(identifier.text("system"), NHS_NUMBER));
    let given: BTreeSet<&str> = numbers.map(|identifier| identifier.text("value")).collect();
    let known = record.patient.nhs_number.as_str();
    if !known.is_empty() && !given.is_empty() && !given.contains(known) {
        return Err(Refusal::new(Outcome::Invariant, "The Patient is not that of the referral."));
    }
    Ok(())
}

/// The workflow and the use cases, in any order.
fn categories(service_request: &Element) -> BTreeSet<(String, String)> {
    let codings = service_request.all("category.coding").into_iter();
    let counted = codings.filter(|coding| matches!(coding.text("system"), CATEGORIES | USE_CASES));
    counted.map(|coding| (coding.text("system").to_owned(), coding.text("code").to_owned())).collect()
}

/// Why, in the sender's words.
fn reason(service_request: &Element) -> String {
    let said = service_request.children("reasonCode").map(|reason| super::people::concept(Some(reason)));
    let notes = service_request.all("note.text").into_iter().map(|note| super::sections::lines(&note.value));
    said.chain(notes).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}
