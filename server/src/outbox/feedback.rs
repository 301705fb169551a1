//! Telling who referred the patient what came of it, as the channel of the referral allows.

use super::{Sender, Signed};
use crate::nhs::bars::codes::dos_id;
use crate::store::{DeliveryKind, DeliveryState, NewDelivery, Route};
use shared::consultation::{Consultation, Signature, summarise};
use shared::ids::OdsCode;
use shared::pathway;
use shared::time::{Millis, read};

/// An answer to an e-mail is still of use for so long after the signature; what is older was signed before there were any.
const ANSWERED_WITHIN: Millis = 30 * 24 * 3_600_000;

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
    let (route, (state, detail)) = match referral.channel.as_str() {
        "bars" => (Route::Bars, by_bars_or_not(signed, sender.by_bars)),
        "email" => (Route::Email, by_email_or_not(signed, signature, now)),
        // NHS 111 takes none (ITK 2.2), and who phoned is phoned.
        _ => return None,
    };
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
        ..of.row(DeliveryKind::ReferrerFeedback, route, 0, addressee)
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

/// An e-mail or a letter asks for no answer. One goes to the organisation that referred, at the address that somebody there
/// has confirmed, never to the one in the e-mail; and not to a practice that gets the notice.
fn by_email_or_not(
    signed: &Consultation,
    signature: &Signature,
    now: Millis,
) -> (DeliveryState, &'static str) {
    let not = |words| (DeliveryState::NotRequired, words);
    let referral = &signed.referral;
    if !referral.withdrawn.is_empty() || signed.outcome.closure_reason == "cancelled_by_referrer" {
        return not("The referrer took the referral back, so it knows.");
    }
    if read(&signature.at).is_some_and(|at| now.saturating_sub(at) > ANSWERED_WITHIN) {
        return not("It was signed too long ago for an answer to be of use.");
    }
    let Ok(organisation) = referral.referrer_ods.parse::<OdsCode>() else {
        return not("The referrer’s ODS code is not recorded, so no confirmed address is known. \
                    Phone them if they wait for an answer.");
    };
    if signed.patient.gp_ods.parse() == Ok(organisation) {
        let objects =
            pathway::find(&signed.pathway).is_some_and(|known| summarise(signed, known).gp_notice_stopped);
        if objects {
            return not("The patient does not want the practice told.");
        }
        // A visit closed without a consultation makes no notice.
        if signed.outcome.closure_reason.is_empty() {
            return not("The practice that referred gets the notice.");
        }
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
            claims: None,
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

    /// Referred by e-mail by that organisation; the patient's practice is `A88888`.
    fn mailed(referrer: &str) -> Consultation {
        let mut record = referred("email");
        record.referral.referrer_ods = referrer.to_owned();
        record.patient.gp_ods = "A88888".to_owned();
        record
    }

    /// The moment of the signature, about.
    const SIGNED: Millis = 1_795_359_600_000;

    fn mail(record: &Consultation, now: Millis) -> Option<(Route, DeliveryState, String)> {
        let delivery = referrer_feedback(record, &signature(0, false), &sender(true), now)?;
        Some((delivery.route, delivery.state, delivery.detail))
    }

    #[test]
    fn who_referred_by_e_mail_is_answered_once_unless_the_notice_tells_them() {
        let other = mail(&mailed("A77777"), SIGNED).expect("due");
        assert_eq!((other.0, other.1), (Route::Email, DeliveryState::Queued));
        let own = mail(&mailed("A88888"), SIGNED).expect("said");
        assert!(own.1 == DeliveryState::NotRequired && own.2.contains("gets the notice"), "{own:?}");
        let mut closed = mailed("A88888");
        closed.outcome.closure_reason = "no_contact".to_owned();
        assert_eq!(mail(&closed, SIGNED).expect("due").1, DeliveryState::Queued, "no notice is made of it");
        let mut objects = closed.clone();
        objects.answers.insert("gp-objection".to_owned(), shared::consultation::Answer::YesNo(true));
        assert_eq!(mail(&objects, SIGNED).expect("said").1, DeliveryState::NotRequired);
        let mut told = mailed("A77777");
        told.signatures.insert("p/0".to_owned(), signature(0, false));
        assert_eq!(
            referrer_feedback(&told, &signature(1, false), &sender(true), SIGNED),
            None,
            "told before"
        );
    }

    #[test]
    fn an_e_mail_is_not_answered_to_an_unknown_sender_or_months_later() {
        for unknown in ["", "not a code"] {
            assert_eq!(mail(&mailed(unknown), SIGNED).expect("said").1, DeliveryState::NotRequired);
        }
        let late = SIGNED + 31 * 24 * 3_600_000;
        assert_eq!(mail(&mailed("A77777"), late).expect("said").1, DeliveryState::NotRequired);
        let mut withdrawn = mailed("A77777");
        withdrawn.referral.withdrawn = "22 Nov 2026".to_owned();
        assert_eq!(mail(&withdrawn, SIGNED).expect("said").1, DeliveryState::NotRequired);
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
