//! What came of a patient whom another pharmacy of this server sent on is told to that pharmacy.

use crate::intake::forwarded::reply_target;
use crate::store::{DeliveryKind, DeliveryState, NewDelivery, Route};
use shared::consultation::{Consultation, Signature};
use shared::time::Millis;
use uuid::Uuid;

/// The feedback that this signature calls for; `None` where no pharmacy here sent the patient on. `id` is made of
/// consultation, kind, amendment and way, as every delivery's is.
pub fn feedback(record: &Consultation, signature: &Signature, id: Uuid, now: Millis) -> Option<NewDelivery> {
    reply_target(&record.referral.reply_to).filter(|_| record.referral.channel == "forwarded")?;
    Some(NewDelivery {
        id,
        consultation: record.id.parse().ok()?,
        pharmacy: record.pharmacy.parse().ok()?,
        kind: DeliveryKind::ReferrerFeedback,
        amendment: signature.amendment,
        route: Route::Handover,
        position: 0,
        state: DeliveryState::Queued,
        addressee: record.referral.referrer_name.clone(),
        detail: "Waits to be told.".to_owned(),
        message: None,
        answer_by: None,
        created_at: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::ConsultationId;

    fn record() -> Consultation {
        let pharmacy = "FB456".parse().expect("a code");
        let mut record =
            Consultation::new(ConsultationId::from_bytes([2; 16]), &pharmacy, "urgent-medicine-supply@1", 0);
        record.referral.channel = "forwarded".to_owned();
        record.referral.referrer_name = "Larch Pharmacy".to_owned();
        let first = ConsultationId::from_bytes([1; 16]).to_string();
        record.referral.reply_to = crate::intake::forwarded::reply_address("FA123", &first);
        record
    }

    #[test]
    fn whoever_sent_the_patient_on_is_told_when_the_record_is_signed() {
        let signature = Signature { amendment: 1, ..Signature::default() };
        let planned = feedback(&record(), &signature, Uuid::from_u128(5), 9).expect("planned");
        assert_eq!((planned.kind, planned.route), (DeliveryKind::ReferrerFeedback, Route::Handover));
        assert_eq!((planned.amendment, planned.addressee.as_str()), (1, "Larch Pharmacy"));
    }

    #[test]
    fn a_device_that_writes_an_address_into_another_kind_of_record_makes_the_server_tell_nobody() {
        let mut walk_in = record();
        walk_in.referral.channel = "walkin".to_owned();
        assert!(feedback(&walk_in, &Signature::default(), Uuid::from_u128(5), 9).is_none());
    }
}
