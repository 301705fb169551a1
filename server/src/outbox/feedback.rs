//! Telling who referred the patient what came of it, as the channel of the referral allows.

use super::{Sender, Signed};
use crate::nhs::bars::codes::dos_id;
use crate::store::{DeliveryKind, DeliveryState, NewDelivery, Route};
use shared::consultation::{Consultation, Signature};
use shared::time::Millis;

/// The feedback that one signature over `signed` calls for; `None` where nobody referred, where it was told before, or
/// where the channel takes none or its own part of this server tells it (another pharmacy here).
///
/// The first signature that ends the referral tells it; an amendment afterwards changes what was recorded, not that it
/// ended.
pub fn referrer_feedback(
    signed: &Consultation,
    signature: &Signature,
    sender: &Sender,
    now: Millis,
) -> Option<NewDelivery> {
    let referral = &signed.referral;
    let told = signed.signatures.values().any(|had| !had.emergency && had.amendment < signature.amendment);
    // Cut short by an emergency, it is not at its end yet (practice 12).
    if signature.emergency || told {
        return None;
    }
    // NHS 111 takes none (ITK 2.2), and who phoned is phoned.
    if referral.channel != "bars" {
        return None;
    }
    let (state, detail) = by_bars_or_not(signed, sender.by_bars);
    let of = Signed {
        consultation: signed.id.parse().ok()?,
        record: signed,
        latest: signed,
        signature,
        pathway: None,
        sender,
        number_verified: false,
        now,
    };
    let name = referral.referrer_name.trim();
    let addressee = if name.is_empty() { "the referrer" } else { name };
    Some(NewDelivery {
        state,
        detail: detail.to_owned(),
        answer_by: None,
        ..of.row(DeliveryKind::ReferrerFeedback, Route::Bars, 0, addressee)
    })
}

/// BaRS leaves feedback to the receiver (App 5), so a server without a way to send owes none.
fn by_bars_or_not(signed: &Consultation, by_bars: bool) -> (DeliveryState, &'static str) {
    let referral = &signed.referral;
    if !by_bars {
        return (
            DeliveryState::NotRequired,
            "This server sends nothing by BaRS, and BaRS asks for no feedback.",
        );
    }
    if !referral.withdrawn.is_empty() || signed.outcome.closure_reason == "cancelled_by_referrer" {
        return (DeliveryState::NotRequired, "The referrer took the referral back, so it knows.");
    }
    if dos_id(&referral.reply_to).is_none() {
        return (DeliveryState::NotRequired, "The referrer gave no address for an answer.");
    }
    (DeliveryState::Queued, "Ready to be sent.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nhs::gp_connect::DateOrder;
    use crate::store::Pharmacy;
    use shared::consultation::Referral;
    use shared::ids::ConsultationId;
    use std::collections::{BTreeMap, BTreeSet};

    fn sender(by_bars: bool) -> Sender {
        let pharmacy = Pharmacy {
            ods: "FZ999".parse().expect("a code"),
            name: "Larch Pharmacy".to_owned(),
            dos_ids: vec!["2099000001".to_owned()],
            mailbox: String::new(),
            phone: String::new(),
            address: String::new(),
        };
        Sender {
            pharmacy,
            practice_mailboxes: BTreeMap::new(),
            date_order: DateOrder::default(),
            practice_routes: BTreeMap::new(),
            switched_on: BTreeSet::new(),
            by_bars,
        }
    }

    fn referred(channel: &str) -> Consultation {
        let id = ConsultationId(uuid::Uuid::from_u128(7));
        let mut record = Consultation::new(id, &"FZ999".parse().expect("a code"), "minor-illness@1", 0);
        record.referral = Referral {
            channel: channel.to_owned(),
            referrer_name: "Larch Court Health Centre".to_owned(),
            reply_to: "https://fhir.nhs.uk/Id/dos-service-id|2099000777".to_owned(),
            ..Referral::default()
        };
        record
    }

    fn signature(amendment: u64, emergency: bool) -> Signature {
        Signature {
            person: "p".to_owned(),
            name: "Asha Patel".to_owned(),
            gphc: "2012345".to_owned(),
            role: "pharmacist".to_owned(),
            at: "2026-11-22T15:00:00Z".to_owned(),
            heads: String::new(),
            amendment,
            emergency,
        }
    }

    fn planned(record: &Consultation, by_bars: bool) -> Option<(DeliveryState, String)> {
        let delivery = referrer_feedback(record, &signature(0, false), &sender(by_bars), 0)?;
        Some((delivery.state, delivery.detail))
    }

    #[test]
    fn a_referrer_by_bars_is_told_once_when_it_has_ended() {
        let mut record = referred("bars");
        let delivery = referrer_feedback(&record, &signature(0, false), &sender(true), 0).expect("due");
        assert_eq!((delivery.state, delivery.route), (DeliveryState::Queued, Route::Bars));
        assert_eq!(delivery.addressee, "Larch Court Health Centre");
        record.signatures.insert("p/0".to_owned(), signature(0, false));
        assert_eq!(referrer_feedback(&record, &signature(1, false), &sender(true), 0), None, "told before");
        record.signatures.insert("p/0".to_owned(), signature(0, true));
        assert_eq!(referrer_feedback(&record, &signature(0, true), &sender(true), 0), None, "not at its end");
        assert!(referrer_feedback(&record, &signature(1, false), &sender(true), 0).is_some(), "now it is");
    }

    #[test]
    fn where_nothing_is_sent_it_says_why() {
        for channel in ["itk111", "phone", "walkin"] {
            assert_eq!(planned(&referred(channel), true), None, "{channel} takes none");
        }
        let (state, detail) = planned(&referred("bars"), false).expect("said");
        assert!(state == DeliveryState::NotRequired && detail.contains("sends nothing by BaRS"), "{detail}");
        let mut withdrawn = referred("bars");
        withdrawn.referral.withdrawn = "22 Nov 2026: No reason was given.".to_owned();
        assert_eq!(planned(&withdrawn, true).expect("said").0, DeliveryState::NotRequired);
        let mut nowhere = referred("bars");
        nowhere.referral.reply_to.clear();
        assert_eq!(planned(&nowhere, true).expect("said").0, DeliveryState::NotRequired);
    }
}
