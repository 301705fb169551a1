//! Promises about what was done: figures, months of claims, exports.

use crate::outbox::delivery;
use crate::records::{document, ods, one};
use crate::supplies::read_of;
use satchel::store::{
    ClaimMonth, DaysOf, DeliveryKind, DeliveryState, DocumentWrite, NewDelivery, SignedDone, Store, Supplies,
};
use shared::activity::{Extract, Facts};
use shared::consultation::{Status, WorkListRow};
use shared::ids::ConsultationId;
use std::collections::BTreeMap;
use std::sync::Arc;

fn done(day: &str, person: &str, district: &str) -> SignedDone {
    SignedDone {
        patient: "WINTERS, Hettie".to_owned(),
        person: person.to_owned(),
        facts: Facts { day: day.to_owned(), service: "minor-illness".to_owned(), ..Facts::default() },
        extract: Extract {
            day: day.to_owned(),
            age_band: "65 to 74".to_owned(),
            sex: "female".to_owned(),
            postcode_district: district.to_owned(),
            ..Extract::default()
        },
    }
}

fn signed(heads: &str, done: SignedDone) -> DocumentWrite {
    let supplies = Supplies { done: Some(done), ..read_of(heads, Vec::new(), None) };
    let row = WorkListRow { status: Status::Completed, ..WorkListRow::default() };
    DocumentWrite { supplies: Some(supplies), row, ..document(10) }
}

async fn keep(store: &Arc<dyn Store>, pharmacy: &str, write: DocumentWrite) -> ConsultationId {
    let id = write.id;
    store.append(&ods(pharmacy), one(write)).await.expect("stored");
    id
}

fn november(pharmacy: &str) -> DaysOf {
    DaysOf { pharmacy: ods(pharmacy), from: "2026-11-01".to_owned(), to: "2026-11-30".to_owned() }
}

pub async fn what_was_done_is_counted_by_its_days_at_its_pharmacy(store: &Arc<dyn Store>) {
    for (pharmacy, day) in
        [("FA123", "2026-11-30"), ("FA123", "2026-11-01"), ("FA123", "2026-12-01"), ("FB456", "2026-11-02")]
    {
        keep(store, pharmacy, signed("aa", done(day, "p", "SW1A"))).await;
    }
    let found = store.done(&november("FA123"), true).await.expect("read");
    let days: Vec<&str> = found.iter().map(|done| done.facts.day.as_str()).collect();
    assert_eq!(days, ["2026-11-01", "2026-11-30"]);
    assert_eq!((found[0].patient.as_str(), found[0].pharmacy.as_str()), ("WINTERS, Hettie", "FA123"));
    assert_eq!((found[0].claim.as_str(), found[0].told_at), ("", None));
}

pub async fn an_amended_record_is_counted_as_it_stands_now(store: &Arc<dyn Store>) {
    let write = signed("aa", done("2026-11-10", "p", "SW1A"));
    let (id, based_on) = (keep(store, "FA123", write.clone()).await, 1);
    let again = DocumentWrite { id, based_on, ..signed("bb", done("2026-11-11", "p", "SW1A")) };
    keep(store, "FA123", again).await;
    let found = store.done(&november("FA123"), false).await.expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].facts.day, "2026-11-11");
    assert_eq!(store.extracts_counted(&november("FA123")).await.expect("read"), 1);
}

pub async fn the_latest_claim_stands_beside_what_was_done(store: &Arc<dyn Store>) {
    let id = keep(store, "FA123", signed("aa", done("2026-11-10", "p", "SW1A"))).await;
    let claim = |amendment: u64, state: DeliveryState, detail: &str| NewDelivery {
        kind: DeliveryKind::Claim,
        state,
        detail: detail.to_owned(),
        message: None,
        ..delivery(id, amendment)
    };
    let again = DocumentWrite {
        id,
        based_on: 1,
        deliveries: vec![
            claim(0, DeliveryState::Accepted, "Taken."),
            claim(1, DeliveryState::Held, "Ask the contractor."),
        ],
        ..signed("bb", done("2026-11-10", "p", "SW1A"))
    };
    keep(store, "FA123", again).await;
    let found = store.done(&november("FA123"), true).await.expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].claim.as_str(), found[0].claim_detail.as_str()), ("held", "Ask the contractor."));
    let health = store.sync_health(&ods("FA123")).await.expect("read");
    assert_eq!((health.stuck, health.unsent), (1, 0));
}

pub async fn an_export_pages_through_everything_once_in_the_order_of_days(store: &Arc<dyn Store>) {
    for number in 0..25 {
        let day = format!("2026-11-{:02}", 25 - number % 5);
        keep(store, "FA123", signed("aa", done(&day, "p", "SW1A"))).await;
    }
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = store.extracts(&november("FA123"), after.as_ref(), 4).await.expect("read");
        let Some(last) = page.last() else { break };
        after = Some(last.place.clone());
        seen.extend(page.into_iter().map(|row| row.place));
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted());
    assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 25);
}

pub async fn what_few_patients_share_is_known_and_one_patient_counts_once(store: &Arc<dyn Store>) {
    for person in ["a", "b", "c"] {
        keep(store, "FA123", signed("aa", done("2026-11-10", person, "SW1A"))).await;
    }
    for _ in 0..3 {
        keep(store, "FA123", signed("aa", done("2026-11-10", "one", "E1"))).await;
    }
    let few = store.shared_by_few(&november("FA123"), 3).await.expect("read");
    let districts: Vec<&str> = few.iter().map(|(_, _, district)| district.as_str()).collect();
    assert_eq!(districts, ["E1"]);
}

pub async fn what_was_told_of_a_month_is_replaced_by_what_is_told_next(store: &Arc<dyn Store>) {
    store.put_pharmacy(&crate::people::pharmacy("FA123", &[])).await.expect("stored");
    let pharmacy = ods("FA123");
    assert_eq!(store.claim_month(&pharmacy, "2026-11").await.expect("read"), None);
    let told = |count, declared| ClaimMonth {
        figures: BTreeMap::from([("minor-illness".to_owned(), count)]),
        declared,
        told_by: "Asha Rao".to_owned(),
        told_at: 7,
    };
    store.put_claim_month(&pharmacy, "2026-11", &told(3, false)).await.expect("stored");
    store.put_claim_month(&pharmacy, "2026-11", &told(4, true)).await.expect("stored");
    assert_eq!(store.claim_month(&pharmacy, "2026-11").await.expect("read"), Some(told(4, true)));
    assert_eq!(store.claim_month(&pharmacy, "2026-12").await.expect("read"), None);
}
