//! Promises about what a refusal leads to.

use crate::bench::{Bench, HOUR, OURS, SECRET, ods, refusing, signed, with_practice};
use crate::databases::TestDatabase;
use satchel::nhs::mesh::Simulator;
use satchel::outbox;
use satchel::store::{DeliveryState, Route};

pub async fn a_refusal_waits_for_a_person_who_may_try_again(database: TestDatabase) {
    let bench = Bench::start(with_practice(refusing), database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    let row = bench.row().await;
    assert_eq!((row.state, row.state.needs_a_person()), (DeliveryState::Refused, true));
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert!(shown.detail.contains("Trace the patient"), "{}", shown.detail);
    bench.app.clock.advance(HOUR);
    bench.round().await;
    assert_eq!(bench.at_practice(), 1, "nothing is repeated by itself");
    outbox::retry(&bench.app, row.id, Some(&ods())).await.expect("a retry");
    bench.round().await;
    assert_eq!(bench.at_practice(), 2);
}

pub async fn a_practice_that_mesh_cannot_find_is_told_another_way_and_at_last_by_a_person(
    database: TestDatabase,
) {
    let bench = Bench::start(Simulator::new(SECRET).with_mailbox(OURS, SECRET), database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    let row = bench.row().await;
    assert_eq!((row.state, row.gave_way, row.next_at), (DeliveryState::Refused, true, None));
    assert!(row.last_error.contains("EPL-151"), "{}", row.last_error);
    bench.round().await;
    assert_eq!(bench.row().await, row, "hearing of it again changes nothing");
    assert_eq!(bench.by(Route::Email).await.state, DeliveryState::NotRequired, "no address is known");
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.route.as_str()), ("needs-attention", "print"));
    assert!(shown.detail.contains("no mailbox was found for the practice"), "{}", shown.detail);
    assert!(shown.detail.contains("Phone the practice"), "{}", shown.detail);
}
