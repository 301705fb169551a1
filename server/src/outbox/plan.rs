//! What a signed consultation must be followed by, decided from exactly the heads that were signed (design 3).

use super::notice;
use crate::intake;
use crate::nhs::gp_connect::{
    Addressee, CONTENT_TYPE, DateOrder, Held, NoticeDecision, Pharmacist, Pharmacy, UpdateRecord, WORKFLOW,
    compose, notice_decision,
};
use crate::patients::Vouched;
use crate::store::{self, DeliveryKind, DeliveryState, FrozenMessage, NewDelivery, Route};
use jiff::ToSpan as _;
use jiff::civil::time;
use sha2::{Digest as _, Sha256};
use shared::consultation::{Consultation, Document, DocumentError, Signature, parse_heads, summarise};
use shared::ids::{ConsultationId, GphcNumber, OdsCode};
use shared::pathway;
use shared::time::{Millis, day, london, read};
use std::collections::BTreeMap;
use uuid::{Builder, Uuid};

/// The pharmacy that sends, and how practices are reached from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub pharmacy: store::Pharmacy,
    /// Mailboxes set for practices, by ODS code, for a MESH that cannot find them; empty for the live one.
    pub practice_mailboxes: BTreeMap<OdsCode, String>,
    pub date_order: DateOrder,
}

/// Every delivery that the signatures of this document call for. Calling it again gives the same again, and putting
/// the same into the store again changes nothing, so a caller need not know what is there already.
///
/// - A minor-illness or clinical consultation: a notice to the practice; an amendment's replaces the earlier one.
/// - Cut short by an emergency (practice 12): held until it is completed, and a person is told if that takes too long.
/// - Urgent medicine supply: held, because practices do not take it this way; a person tells the practice.
/// - The patient objects (practice 7): not required, with the reason. Number not verified, or called verified by a
///   device without this server having seen it (practice 11): held.
/// - Closed without a consultation: nothing.
pub fn plan(
    document: &mut Document,
    sender: &Sender,
    vouched: &Vouched,
    now: Millis,
) -> Result<Vec<NewDelivery>, DocumentError> {
    let record = document.read()?;
    let mut standing: BTreeMap<u64, &Signature> = BTreeMap::new();
    for signature in record.signatures.values() {
        let earliest = standing.entry(signature.amendment).or_insert(signature);
        // Two who signed apart make one delivery: that of who was first (design 3).
        if (&signature.at, &signature.person) < (&earliest.at, &earliest.person) {
            *earliest = signature;
        }
    }
    let mut replaces = None;
    let mut planned = Vec::new();
    for (amendment, signature) in standing {
        let delivery = match document.read_at(&parse_heads(&signature.heads)) {
            Ok(signed) => {
                let seen = vouched.for_number(document, &record, &signed.patient.nhs_number)?;
                gp_notice(&signed, signature, replaces, sender, seen, now)
            }
            // A signature over something unknown must not stop the record from being stored.
            Err(_) => blank(&record, signature, sender, now).map(|notice| NewDelivery {
                state: DeliveryState::NeedsAttention,
                detail: "What was signed cannot be read back. Tell the practice another way.".to_owned(),
                ..notice
            }),
        };
        if delivery.as_ref().is_some_and(|notice| notice.state == DeliveryState::Queued) {
            replaces = Some(amendment);
        }
        planned.extend(delivery);
    }
    Ok(planned)
}

/// The notice for one signature over `signed`; `None` where none is due.
fn gp_notice(
    signed: &Consultation,
    signature: &Signature,
    replaces: Option<u64>,
    sender: &Sender,
    seen_verified: bool,
    now: Millis,
) -> Option<NewDelivery> {
    if !signed.outcome.closure_reason.is_empty() {
        return None;
    }
    let notice = blank(signed, signature, sender, now)?;
    let because =
        |state, detail: &str| Some(NewDelivery { state, detail: detail.to_owned(), ..notice.clone() });
    let Some(pathway) = pathway::find(&signed.pathway) else {
        return because(
            DeliveryState::NeedsAttention,
            "This server does not know the pathway of this record. Tell the practice another way, and update the server.",
        );
    };
    let summary = summarise(signed, pathway);
    match notice_decision(signed, summary.gp_notice_stopped) {
        NoticeDecision::NotRequired(why) => {
            return Some(NewDelivery {
                state: DeliveryState::NotRequired,
                detail: why.to_owned(),
                answer_by: None,
                ..notice
            });
        }
        NoticeDecision::Held(why) => return because(DeliveryState::Held, &why.to_string()),
        NoticeDecision::Send if !seen_verified => {
            return because(DeliveryState::Held, &Held::NeedsTracing.to_string());
        }
        NoticeDecision::Send if signature.emergency => {
            return because(
                DeliveryState::Held,
                "Held: the visit was cut short by an emergency. The practice is told when the record is completed.",
            );
        }
        NoticeDecision::Send => {}
    }
    let Ok(gphc) = signature.gphc.parse::<GphcNumber>() else {
        return because(
            DeliveryState::Held,
            "Held: the pharmacist’s GPhC number is missing. Add it, amend the record and sign again.",
        );
    };
    let content = notice::content(&summary);
    let at_practice = signed.patient.gp_ods.parse::<OdsCode>().ok();
    let mailbox = at_practice.and_then(|practice| sender.practice_mailboxes.get(&practice));
    let signed_at = read(&signature.at).unwrap_or(now);
    let composed = compose(&UpdateRecord {
        consultation: notice.consultation.0,
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
        patient: &signed.patient,
        seen_at: read(&signed.visit.started_at).unwrap_or(signed_at),
        signed_at,
        content: &content,
    });
    match composed {
        Ok(message) => Some(NewDelivery {
            state: DeliveryState::Queued,
            detail: "Ready to be sent.".to_owned(),
            message: Some(FrozenMessage {
                target: message.to,
                workflow: WORKFLOW.to_owned(),
                subject: message.subject,
                local_id: message.local_id,
                content_type: CONTENT_TYPE.to_owned(),
                payload: message.body,
                header_id: message.header_id.to_string(),
            }),
            ..notice
        }),
        Err(why) => because(DeliveryState::Held, &why.to_string()),
    }
}

/// A notice about this signature with nothing decided yet. `None` only for a record without a readable id.
fn blank(record: &Consultation, signature: &Signature, sender: &Sender, now: Millis) -> Option<NewDelivery> {
    let consultation: ConsultationId = record.id.parse().ok()?;
    let practice = record.patient.gp_name.trim();
    Some(NewDelivery {
        id: delivery_id(consultation, DeliveryKind::GpNotice, signature.amendment, Route::UpdateRecord),
        consultation,
        pharmacy: sender.pharmacy.ods.clone(),
        kind: DeliveryKind::GpNotice,
        amendment: signature.amendment,
        route: Route::UpdateRecord,
        position: 0,
        state: DeliveryState::Held,
        addressee: if practice.is_empty() {
            "the patient’s GP practice".to_owned()
        } else {
            practice.to_owned()
        },
        detail: String::new(),
        message: None,
        answer_by: Some(told_by(read(&signature.at).unwrap_or(now))),
        created_at: now,
    })
}

/// When a person must be told that the practice does not know yet: 16:00 on the working day after the visit, while
/// it can still be phoned (practice 20).
fn told_by(signed_at: Millis) -> Millis {
    let mut last = day(signed_at).saturating_add(1.day());
    // No row of days off is longer than a fortnight; the bound keeps a wrong calendar from going on for ever.
    for _ in 0..14 {
        if intake::is_working_day(last) {
            break;
        }
        last = last.saturating_add(1.day());
    }
    let afternoon = last.to_datetime(time(16, 0, 0, 0)).to_zoned(london());
    afternoon.map_or(signed_at, |at| at.timestamp().as_millisecond())
}

/// The same delivery has the same id on every server and after every restore.
pub(super) fn delivery_id(
    consultation: ConsultationId,
    kind: DeliveryKind,
    amendment: u64,
    route: Route,
) -> Uuid {
    let mut hash = Sha256::new()
        .chain_update(b"satchel delivery v1\n")
        .chain_update(consultation.as_bytes())
        .chain_update(kind.as_str())
        .chain_update(amendment.to_be_bytes());
    // The first release knew this way only, and its ids stay as they are.
    if route != Route::UpdateRecord {
        hash = hash.chain_update(route.as_str());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(first).into_uuid()
}
