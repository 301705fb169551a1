//! The rows of one delivery: a way each, the first to be tried at once and the others standing by.

use super::{Sender, Signed};
use crate::store::{DeliveryKind, DeliveryState, NewDelivery, Route};
use sha2::{Digest as _, Sha256};
use shared::ids::{ConsultationId, OdsCode};
use shared::referral::told_by;
use shared::time::{Millis, read};
use uuid::{Builder, Uuid};

/// How a practice is told unless the pharmacy has set another order for it.
const USUAL_ORDER: [Route; 5] =
    [Route::UpdateRecord, Route::EmergencySupply, Route::SendDocument, Route::Email, Route::Print];

/// So long has MESH at least to bring the practice's answer, from when this server learned of the signature.
const FAIR_TIME: Millis = 30 * 60_000;

impl Sender {
    /// The ways to tell a practice, in the order in which they are tried; paper is always the last resort.
    ///
    /// Update Record has no place for a supply (GP Connect Update Record, scope), and the older message none for
    /// anything else.
    pub fn ways_to_practice(&self, practice: Option<&OdsCode>, urgent_supply: bool) -> Vec<Route> {
        let set = practice.and_then(|practice| self.practice_routes.get(practice));
        let order = set.map_or(USUAL_ORDER.as_slice(), Vec::as_slice);
        let fits = |route: &Route| match route {
            Route::UpdateRecord => !urgent_supply,
            Route::EmergencySupply => urgent_supply && self.switched_on.contains(route),
            Route::SendDocument => self.switched_on.contains(route),
            Route::Email | Route::Print => true,
            Route::Bars | Route::Itk3 | Route::Handover | Route::Mys => false,
        };
        let mut ways: Vec<Route> = order.iter().copied().filter(fits).collect();
        if !ways.contains(&Route::Print) {
            ways.push(Route::Print);
        }
        ways
    }
}

impl Signed<'_> {
    /// One row of a delivery with nothing decided yet: held, without a message.
    pub fn row(&self, kind: DeliveryKind, route: Route, position: u32, addressee: &str) -> NewDelivery {
        let amendment = self.signature.amendment;
        NewDelivery {
            id: delivery_id(self.consultation, kind, amendment, route),
            consultation: self.consultation,
            pharmacy: self.sender.pharmacy.ods.clone(),
            kind,
            amendment,
            route,
            position,
            state: DeliveryState::Held,
            addressee: addressee.to_owned(),
            detail: String::new(),
            message: None,
            answer_by: Some(answer_by(read(&self.signature.at), self.now)),
            created_at: self.now,
        }
    }

    /// A row for each way: the first to be sent now, the others if those before fail. Messages that are not made now
    /// are made before the first try ([`crate::outbox::prepare`]).
    pub fn ways(&self, kind: DeliveryKind, routes: &[Route], addressee: &str) -> Vec<NewDelivery> {
        let row = |(position, route): (u32, &Route)| {
            let row = self.row(kind, *route, position, addressee);
            match (position, route) {
                // Nothing but a person prints.
                (0, Route::Print) => NewDelivery {
                    state: DeliveryState::NeedsAttention,
                    detail: "Print it, hand it over or post it, and mark it as done.".to_owned(),
                    answer_by: None,
                    ..row
                },
                (0, _) => NewDelivery {
                    state: DeliveryState::Queued,
                    detail: "Ready to be sent.".to_owned(),
                    ..row
                },
                _ => NewDelivery {
                    state: DeliveryState::Standby,
                    detail: "Used only if the way before it fails.".to_owned(),
                    ..row
                },
            }
        };
        (0..).zip(routes).map(row).collect()
    }
}

/// When a person must be told that the practice does not know yet, and the next way is gone (practice 20). What a device
/// brings late has its fair time too, or two ways would be gone at once; and a device's clock puts nothing off.
fn answer_by(signed_at: Option<Millis>, now: Millis) -> Millis {
    told_by(signed_at.unwrap_or(now).min(now)).max(now.saturating_add(FAIR_TIME))
}

/// The same delivery has the same id on every server and after every restore.
fn delivery_id(consultation: ConsultationId, kind: DeliveryKind, amendment: u64, route: Route) -> Uuid {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nhs::gp_connect::DateOrder;
    use crate::store::Pharmacy;
    use std::collections::BTreeMap;

    fn sender(order: &[Route], switched_on: &[Route]) -> Sender {
        let ods: OdsCode = "FZ999".parse().expect("an ODS code");
        let none = String::new;
        let practice_routes =
            if order.is_empty() { BTreeMap::new() } else { BTreeMap::from([(practice(), order.to_vec())]) };
        Sender {
            pharmacy: Pharmacy {
                ods,
                name: none(),
                dos_ids: Vec::new(),
                mailbox: none(),
                phone: none(),
                address: none(),
            },
            practice_mailboxes: BTreeMap::new(),
            date_order: DateOrder::default(),
            practice_routes,
            switched_on: switched_on.iter().copied().collect(),
            by_bars: false,
            claims: None,
        }
    }

    fn practice() -> OdsCode {
        "Y99991".parse().expect("an ODS code")
    }

    #[test]
    fn a_practice_is_told_in_the_usual_order_unless_another_is_set_for_it() {
        use Route::{Email, EmergencySupply, Print, SendDocument, UpdateRecord};
        let usual = sender(&[], &[]);
        assert_eq!(usual.ways_to_practice(Some(&practice()), false), [UpdateRecord, Email, Print]);
        assert_eq!(usual.ways_to_practice(None, true), [Email, Print], "no supply by Update Record");
        let all = sender(&[], &[EmergencySupply, SendDocument]);
        assert_eq!(all.ways_to_practice(None, false), [UpdateRecord, SendDocument, Email, Print]);
        assert_eq!(all.ways_to_practice(None, true), [EmergencySupply, SendDocument, Email, Print]);
        let set = sender(&[Email, UpdateRecord], &[]);
        assert_eq!(set.ways_to_practice(Some(&practice()), false), [Email, UpdateRecord, Print]);
        let off = sender(&[SendDocument, Route::Bars], &[]);
        assert_eq!(off.ways_to_practice(Some(&practice()), false), [Print], "what is off is not gone");
    }

    #[test]
    fn a_notice_has_its_fair_time_however_late_a_device_brings_it_and_whatever_its_clock_says() {
        let at = |text: &str| read(text).expect("a time");
        let by = |signed: &str, now: &str| answer_by(read(signed), at(now));
        assert_eq!(by("2026-11-20T15:00:00Z", "2026-11-20T15:05:00Z"), at("2026-11-23T16:00:00Z"));
        assert_eq!(by("2026-11-20T15:00:00Z", "2026-11-24T10:00:00Z"), at("2026-11-24T10:30:00Z"), "late");
        assert_eq!(
            by("2026-11-20T15:00:00Z", "2026-11-23T15:55:00Z"),
            at("2026-11-23T16:25:00Z"),
            "just in time"
        );
        assert_eq!(
            by("2036-11-20T15:00:00Z", "2026-11-20T15:05:00Z"),
            at("2026-11-23T16:00:00Z"),
            "a clock ahead"
        );
        assert_eq!(by("no time", "2026-11-20T15:05:00Z"), at("2026-11-23T16:00:00Z"));
    }
}
