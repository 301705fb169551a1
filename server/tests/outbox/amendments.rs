//! Promises about amended visits: the practice reads the latest, and knows what it replaces.

use crate::bench::{
    Bench, HOUR, MINUTE, NOW, amended, asha, id, not_enabled, ods, signed, visit, with_emails, with_practice,
};
use crate::databases::TestDatabase;
use satchel::nhs::gp_connect::answers;
use satchel::store::{DeliveryState, Route};

pub async fn an_amendment_replaces_the_notice_and_waits_for_it(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|_| {});
    amended(&mut document, NOW + HOUR);
    bench.store(&mut document).await;
    let leased = bench
        .app
        .store
        .lease_deliveries("one", &[Route::UpdateRecord], NOW, NOW + MINUTE, 10)
        .await
        .expect("a lease");
    assert_eq!(leased.iter().map(|row| row.amendment).collect::<Vec<_>>(), [0], "in their order");

    bench.app.clock.advance(2 * MINUTE);
    bench.round().await;
    bench.round().await;
    let rows = bench.rows().await;
    assert_eq!((rows[0].state, rows[1].state), (DeliveryState::Accepted, DeliveryState::Accepted));
    assert_eq!(bench.at_practice(), 2);
    let second = bench.app.store.frozen_message(rows[1].id).await.expect("the store").expect("a message");
    assert!(String::from_utf8_lossy(&second.payload).contains("relatesTo"));
}

pub async fn two_who_signed_apart_make_one_notice(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut here = visit(|_| {});
    let mut there = here.clone();
    let mut ben = asha();
    (ben.actor, ben.author.person, ben.author.name) =
        ([4; 16], "22222222-2222-4222-8222-222222222222".into(), "Ben Example".into());
    here.sign(NOW + 3 * MINUTE, &asha(), "2074123", false).expect("a signature");
    there.sign(NOW + 2 * MINUTE, &ben, "2074124", false).expect("a signature");
    here.apply(there.changes_since(&[])).expect("a merge");
    bench.store(&mut here).await;
    bench.round().await;
    assert_eq!(bench.at_practice(), 1);
    let message =
        bench.app.store.frozen_message(bench.row().await.id).await.expect("the store").expect("a message");
    assert!(String::from_utf8_lossy(&message.payload).contains("2074124"), "in the name of who was first");
}

pub async fn an_amendment_of_what_went_by_e_mail_replaces_nothing_in_the_practices_system(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.round().await;
    bench.round().await;
    assert_eq!(bench.record().await.deliveries["gp-notice/0"].route, "email");

    let stored = bench.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
    let mut document = satchel::intake::opened(&stored).expect("a document");
    amended(&mut document, NOW + HOUR);
    bench.store_with(&mut document, with_emails).await;
    let second = bench.rows().await.remove(1);
    let message = bench.app.store.frozen_message(second.id).await.expect("the store").expect("a message");
    let text = String::from_utf8_lossy(&message.payload).into_owned();
    assert!(!text.contains("relatesTo"), "it knows of nothing to replace");
    assert!(text.contains("This replaces the notice of the same visit that was sent by secure e-mail."));
}

pub async fn a_way_that_stood_by_for_an_earlier_notice_is_not_gone_once_the_visit_is_amended(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    let mut document = signed(|_| {});
    amended(&mut document, NOW + HOUR);
    bench.store_with(&mut document, with_emails).await;
    bench.app.clock.advance(2 * HOUR);
    for _ in 0..4 {
        bench.round().await;
    }
    let first = bench.by(Route::Email).await;
    assert_eq!((first.amendment, first.state), (0, DeliveryState::NotRequired));
    assert_eq!(bench.post.taken().len(), 1, "the amended notice alone");
}
