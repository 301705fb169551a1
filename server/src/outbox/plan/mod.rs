//! What a signed consultation must be followed by, decided from exactly the heads that were signed (design 3).

mod content;
mod gp_notice;
mod ways;

use crate::nhs::gp_connect::DateOrder;
use crate::outbox::claim;
use crate::outbox::feedback::referrer_feedback;
use crate::outbox::handover;
use crate::outbox::onward::onward_referral;
use crate::patients::Vouched;
use crate::store::{self, DeliveryKind, DeliveryState, NewDelivery, Route};
use shared::claim::Allowed;
use shared::consultation::{Consultation, Document, DocumentError, Signature, parse_heads, summarise};
use shared::ids::{ConsultationId, OdsCode};
use shared::pathway::{self, Pathway};
use shared::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// The pharmacy that sends, and how others are reached from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub pharmacy: store::Pharmacy,
    /// Mailboxes set for practices, by ODS code, for a MESH that cannot find them; empty for the live one.
    pub practice_mailboxes: BTreeMap<OdsCode, String>,
    pub date_order: DateOrder,
    /// The order of ways that the pharmacy has set for a practice.
    pub practice_routes: BTreeMap<OdsCode, Vec<Route>>,
    /// Ways that are gone only where this server is told to.
    pub switched_on: BTreeSet<Route>,
    /// This server is set up to answer referrers by BaRS.
    pub by_bars: bool,
    /// What the contractor has settled about places; `None`: this server makes no claims.
    pub claims: Option<Allowed>,
}

/// One signature and what was signed by it, as those need it who plan a delivery.
pub struct Signed<'a> {
    pub consultation: ConsultationId,
    /// As it was signed.
    pub record: &'a Consultation,
    /// As it stands, with what has become of earlier deliveries.
    pub latest: &'a Consultation,
    pub signature: &'a Signature,
    /// `None` where this server is older than the pathway.
    pub pathway: Option<&'static Pathway>,
    pub sender: &'a Sender,
    /// The NHS number may be sent as verified (practice 11).
    pub number_verified: bool,
    pub now: Millis,
}

/// Every delivery that the signatures of this document call for, one row for each way it may go. Calling it again gives
/// the same again, and putting the same into the store again changes nothing, so a caller need not know what is there.
///
/// A visit closed without a consultation tells no practice; what else follows from it is for its planner to say.
pub fn plan(
    document: &mut Document,
    sender: &Sender,
    vouched: &Vouched,
    now: Millis,
) -> Result<Vec<NewDelivery>, DocumentError> {
    let record = document.read()?;
    // Only a record without a readable id has none, and nothing can be stored about it.
    let Ok(consultation) = record.id.parse::<ConsultationId>() else { return Ok(Vec::new()) };
    let mut earlier = None;
    let mut planned = Vec::new();
    for signature in standing(&record).into_values() {
        let read = document.read_at(&parse_heads(&signature.heads));
        let number_verified = match &read {
            Ok(signed) => vouched.for_number(document, &record, &signed.patient.nhs_number)?,
            Err(_) => false,
        };
        let as_signed = read.as_ref().unwrap_or(&record);
        let signed = Signed {
            consultation,
            record: as_signed,
            latest: &record,
            signature,
            pathway: pathway::find(&as_signed.pathway),
            sender,
            number_verified,
            now,
        };
        let notice = match read {
            Ok(_) => {
                planned.extend(claim::plan(&signed));
                gp_notice::plan(&signed, earlier)
            }
            // A signature over something unknown must not stop the record from being stored.
            Err(_) => gp_notice::unreadable(&signed),
        };
        planned.extend(sent_on(&signed));
        planned.extend(referrer_feedback(as_signed, signature, sender, now));
        let to_pharmacy = signed.row(DeliveryKind::ReferrerFeedback, Route::Handover, 0, "").id;
        planned.extend(handover::feedback(as_signed, signature, to_pharmacy, now));
        if notice.first().is_some_and(|first| first.state == DeliveryState::Queued) {
            earlier = Some(signature.amendment);
        }
        planned.extend(notice);
    }
    Ok(planned)
}

/// Sending the patient on, where the record says so.
fn sent_on(signed: &Signed<'_>) -> Vec<NewDelivery> {
    let Some(pathway) = signed.pathway else { return Vec::new() };
    let summary = summarise(signed.record, pathway);
    let bars = signed.sender.switched_on.contains(&Route::Bars);
    let to = &signed.record.onward.name;
    let addressee = if to.is_empty() { "the next service" } else { to };
    onward_referral(signed.record, signed.signature, &summary, bars, |route, position| {
        signed.row(DeliveryKind::OnwardReferral, route, position, addressee)
    })
}

/// The signature that counts for each amendment: of two who signed apart, that of who was first (design 3).
pub(super) fn standing(record: &Consultation) -> BTreeMap<u64, &Signature> {
    let mut standing: BTreeMap<u64, &Signature> = BTreeMap::new();
    for signature in record.signatures.values() {
        let earliest = standing.entry(signature.amendment).or_insert(signature);
        if (&signature.at, &signature.person) < (&earliest.at, &earliest.person) {
            *earliest = signature;
        }
    }
    standing
}

/// Where the record says what became of a delivery.
pub(super) fn record_key(kind: DeliveryKind, amendment: u64) -> String {
    format!("{kind}/{amendment}")
}
