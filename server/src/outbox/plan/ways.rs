//! The rows of one delivery: a way each, the first to be tried at once and the others standing by.

use super::{Sender, Signed};
use crate::store::{DeliveryKind, DeliveryState, NewDelivery, Route};
use jiff::ToSpan as _;
use jiff::civil::time;
use sha2::{Digest as _, Sha256};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::{Millis, day, london, read};
use uuid::{Builder, Uuid};

/// How a practice is told unless the pharmacy has set another order for it.
const USUAL_ORDER: [Route; 5] =
    [Route::UpdateRecord, Route::EmergencySupply, Route::SendDocument, Route::Email, Route::Print];

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
            Route::Bars | Route::Itk3 | Route::Handover => false,
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
            answer_by: Some(told_by(read(&self.signature.at).unwrap_or(self.now))),
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

/// When a person must be told that the practice does not know yet, and the next way is gone: 16:00 on the working day
/// after the visit, while it can still be phoned (practice 20).
pub(in crate::outbox) fn told_by(signed_at: Millis) -> Millis {
    let mut last = day(signed_at).saturating_add(1.day());
    // No row of days off is longer than a fortnight; the bound keeps a wrong calendar from going on for ever.
    for _ in 0..14 {
        if shared::referral::is_working_day(last) {
            break;
        }
        last = last.saturating_add(1.day());
    }
    let afternoon = last.to_datetime(time(16, 0, 0, 0)).to_zoned(london());
    afternoon.map_or(signed_at, |at| at.timestamp().as_millisecond())
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
    use std::collections::{BTreeMap, BTreeSet};

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
            switched_on: BTreeSet::from_iter(switched_on.iter().copied()),
            by_bars: false,
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
    fn the_clock_of_the_fallback_knows_bank_holidays_and_the_end_of_summer_time() {
        let by = |signed: &str| shared::time::stored(told_by(read(signed).expect("a time")));
        assert!(by("2026-11-20T09:00:00Z").starts_with("2026-11-23T16:00"), "Friday to Monday");
        assert!(by("2026-12-24T18:00:00Z").starts_with("2026-12-29T16:00"), "over Christmas");
        assert_eq!(
            told_by(read("2026-10-24T10:00:00+01:00").expect("a time")),
            read("2026-10-26T16:00:00Z").expect("a time"),
            "the Monday after the clocks went back"
        );
    }
}
