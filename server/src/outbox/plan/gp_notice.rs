//! The notice to the patient's practice: whether one is due, and by which ways it may go.

use super::{Signed, content, record_key};
use crate::nhs::gp_connect::{
    Addressee, CONTENT_TYPE, Heading, Held, NoticeDecision, Pharmacist, Pharmacy, UpdateRecord, WORKFLOW,
    compose, notice_decision,
};
use crate::store::{DeliveryKind, DeliveryState, FrozenMessage, NewDelivery, Route};
use shared::consultation::{Delivery, Summary, summarise};
use shared::ids::{GphcNumber, OdsCode};
use shared::time::read;

const KIND: DeliveryKind = DeliveryKind::GpNotice;

/// The notice for one signature; nothing where none is due. `earlier` is the amendment whose notice it follows.
///
/// - A consultation: by the practice's ways; an amendment's replaces the earlier one (practice 21).
/// - Cut short by an emergency (practice 12): held until it is completed, and a person is told if that takes too long.
/// - The patient objects (practice 7): not required, with the reason.
/// - Number not verified, or called verified by a device without this server having seen it (practice 11): held; only
///   paper may go without it, and only when a person says so.
pub(super) fn plan(signed: &Signed<'_>, earlier: Option<u64>) -> Vec<NewDelivery> {
    if !signed.record.outcome.closure_reason.is_empty() {
        return Vec::new();
    }
    let practice = signed.record.patient.gp_ods.parse::<OdsCode>().ok();
    let urgent_supply = signed.record.pathway.starts_with("urgent-medicine-supply@");
    let ways = signed.sender.ways_to_practice(practice.as_ref(), urgent_supply);
    let Some(pathway) = signed.pathway else {
        let why = "This server does not know the pathway of this record. Tell the practice another way, and update the server.";
        return one(signed, &ways, DeliveryState::NeedsAttention, why);
    };
    let summary = summarise(signed.record, pathway);
    match notice_decision(signed.record, summary.gp_notice_stopped) {
        NoticeDecision::NotRequired(why) => {
            let mut rows = one(signed, &ways, DeliveryState::NotRequired, why);
            for row in &mut rows {
                row.answer_by = None;
            }
            return rows;
        }
        NoticeDecision::Held(why) => return held(signed, &ways, &why.to_string()),
        NoticeDecision::Send if !signed.number_verified => {
            return held(signed, &ways, &Held::NeedsTracing.to_string());
        }
        NoticeDecision::Send if signed.signature.emergency => {
            let why = "Held: the visit was cut short by an emergency. The practice is told when the record is completed.";
            return one(signed, &ways, DeliveryState::Held, why);
        }
        NoticeDecision::Send => {}
    }
    let mut rows = signed.ways(KIND, &ways, &addressee(signed));
    if let Some(place) = rows.iter().position(|row| row.route == Route::UpdateRecord) {
        match update_record(signed, &summary, practice.as_ref(), earlier) {
            Ok(message) => rows[place].message = Some(message),
            Err(why) if place == 0 => return held(signed, &ways, &why),
            // Those before it may still reach the practice; paper comes after it.
            Err(_) => {
                rows.remove(place);
            }
        }
    }
    rows
}

/// A signature over something that cannot be read back.
pub(super) fn unreadable(signed: &Signed<'_>) -> Vec<NewDelivery> {
    let ways = signed.sender.ways_to_practice(None, false);
    let why = "What was signed cannot be read back. Tell the practice another way.";
    one(signed, &ways, DeliveryState::NeedsAttention, why)
}

/// The first way alone, with why nothing is sent by it.
fn one(signed: &Signed<'_>, ways: &[Route], state: DeliveryState, why: &str) -> Vec<NewDelivery> {
    let row = |route: &Route| NewDelivery {
        state,
        detail: why.to_owned(),
        ..signed.row(KIND, *route, 0, &addressee(signed))
    };
    ways.first().map(row).into_iter().collect()
}

/// Held, and paper standing by: a person may choose it.
fn held(signed: &Signed<'_>, ways: &[Route], why: &str) -> Vec<NewDelivery> {
    let mut rows = one(signed, ways, DeliveryState::Held, why);
    if ways.first() != Some(&Route::Print) {
        rows.push(NewDelivery {
            state: DeliveryState::Standby,
            detail: "Used only if a person chooses it.".to_owned(),
            ..signed.row(KIND, Route::Print, 1, &addressee(signed))
        });
    }
    rows
}

fn addressee(signed: &Signed<'_>) -> String {
    let practice = signed.record.patient.gp_name.trim();
    if practice.is_empty() { "the patient’s GP practice".to_owned() } else { practice.to_owned() }
}

/// The message by Update Record, or in words why there is none.
fn update_record(
    signed: &Signed<'_>,
    summary: &Summary,
    practice: Option<&OdsCode>,
    earlier: Option<u64>,
) -> Result<FrozenMessage, String> {
    let Signed { record, signature, sender, .. } = signed;
    let gphc = signature.gphc.parse::<GphcNumber>().map_err(|_| {
        "Held: the pharmacist’s GPhC number is missing. Add it, amend the record and sign again.".to_owned()
    })?;
    let earlier =
        earlier.map(|amendment| (amendment, signed.latest.deliveries.get(&record_key(KIND, amendment))));
    let mut content = content::content(summary);
    if let Some(went) = earlier.and_then(|(_, said)| went_another_way(said?)) {
        content.add(Heading::ClinicalSummary, &format!("This replaces the notice of the same visit {went}."));
    }
    let replaces =
        earlier.filter(|(_, said)| said.is_none_or(may_be_replaced)).map(|(amendment, _)| amendment);
    let mailbox = practice.and_then(|practice| sender.practice_mailboxes.get(practice));
    let signed_at = read(&signature.at).unwrap_or(signed.now);
    let message = compose(&UpdateRecord {
        consultation: signed.consultation.0,
        amendment: signature.amendment,
        replaces,
        addressee: mailbox
            .map_or(Addressee::Registered(sender.date_order), |mailbox| Addressee::Mailbox(mailbox)),
        pharmacy: Pharmacy {
            ods: &sender.pharmacy.ods,
            name: &sender.pharmacy.name,
            phone: &sender.pharmacy.phone,
            mailbox: &sender.pharmacy.mailbox,
        },
        pharmacist: Pharmacist { name: &signature.name, gphc: &gphc },
        patient: &record.patient,
        seen_at: read(&record.visit.started_at).unwrap_or(signed_at),
        signed_at,
        content: &content,
    });
    let message = message.map_err(|why| why.to_string())?;
    Ok(FrozenMessage {
        target: message.to,
        workflow: WORKFLOW.to_owned(),
        subject: message.subject,
        local_id: message.local_id,
        content_type: CONTENT_TYPE.to_owned(),
        payload: message.body,
        header_id: message.header_id.to_string(),
    })
}

/// Only what the practice's system has, or may yet have, can be replaced in it (Update Record, relatesTo): not what it
/// refused, and not what went another way.
fn may_be_replaced(said: &Delivery) -> bool {
    let by_it = said.route.is_empty() || said.route == Route::UpdateRecord.as_str();
    by_it && said.state != DeliveryState::Refused.as_str()
}

/// `that was sent by secure e-mail`; `None` where nothing is known to have gone another way.
fn went_another_way(said: &Delivery) -> Option<&'static str> {
    let gone = [DeliveryState::Sent, DeliveryState::Received, DeliveryState::Accepted];
    if !gone.iter().any(|state| state.as_str() == said.state) {
        return None;
    }
    match said.route.parse().ok()? {
        Route::Email => Some("that was sent by secure e-mail"),
        Route::SendDocument => Some("that was sent as a document"),
        Route::Print => Some("that was sent on paper"),
        _ => None,
    }
}
