//! Promises about one way after another: nothing is lost, nobody is told twice by accident, and the record says what is true.

use crate::bench::{
    Bench, HOUR, MINUTE, asha, finds_fault, id, not_enabled, ods, signed, silent, visit, with_emails,
    with_practice,
};
use crate::databases::TestDatabase;
use crate::post::Fate;
use satchel::nhs::gp_connect::answers;
use satchel::outbox::{self, CannotChange, ChangeError};
use satchel::store::{DeliveryState, Route};
use shared::time::read;

/// Both looks that it takes for one way to fail and the next to be gone.
async fn rounds(bench: &Bench) {
    bench.round().await;
    bench.round().await;
}

/// Monday afternoon after the visit on Sunday, when the practice should know (practice 20).
async fn monday_at_four(bench: &Bench) {
    let monday = read("2026-11-23T16:01:00Z").expect("a time");
    bench.app.clock.advance(monday - bench.app.clock.now());
    rounds(bench).await;
}

pub async fn a_practice_that_takes_nothing_this_way_gets_the_e_mail_and_nobody_need_act(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    rounds(&bench).await;
    assert_eq!(bench.post.taken().len(), 1);
    let ways = bench.ways().await;
    assert!(!ways.iter().any(|row| outbox::needs_attention(row, &ways)), "{ways:?}");
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.route.as_str()), ("sent", "email"));
    rounds(&bench).await;
    assert_eq!((bench.post.taken().len(), bench.at_practice()), (1, 1), "once each");
    assert_eq!(bench.by(Route::Print).await.state, DeliveryState::NotRequired);
}

pub async fn a_fault_of_ours_is_told_to_somebody_and_the_practice_gets_the_e_mail(database: TestDatabase) {
    let bench = Bench::start(with_practice(finds_fault), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    rounds(&bench).await;
    assert_eq!(bench.post.taken().len(), 1);
    let ways = bench.ways().await;
    let attention: Vec<Route> =
        ways.iter().filter(|row| outbox::needs_attention(row, &ways)).map(|row| row.route).collect();
    assert_eq!(attention, [Route::UpdateRecord]);
    assert_eq!(bench.at_practice(), 1, "the same fault is not sent again by itself");
}

pub async fn without_an_answer_by_the_next_working_afternoon_the_next_way_is_gone(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.round().await;
    let monday = read("2026-11-23T15:59:00Z").expect("a time");
    bench.app.clock.advance(monday - bench.app.clock.now());
    rounds(&bench).await;
    assert_eq!((bench.row().await.state, bench.post.taken().len()), (DeliveryState::Sent, 0));
    monday_at_four(&bench).await;
    assert_eq!(bench.post.taken().len(), 1);
    assert_eq!(bench.row().await.state, DeliveryState::Sent, "it may still be answered");
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.route.as_str()), ("sent", "email"));
}

pub async fn where_no_way_is_left_a_person_phones_and_says_that_it_may_repeat_a_message(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    monday_at_four(&bench).await;
    let paper = bench.by(Route::Print).await;
    assert_eq!(paper.state, DeliveryState::NeedsAttention);
    assert!(paper.detail.contains("may repeat an electronic message"), "{}", paper.detail);
    assert_eq!(bench.record().await.deliveries["gp-notice/0"].route, "print");

    let refused = outbox::done(&bench.app, paper.id, Some(&ods()), "Asha Example", " ").await;
    assert!(matches!(refused, Err(ChangeError::Cannot(CannotChange::NoWords))));
    outbox::done(&bench.app, paper.id, Some(&ods()), "Asha Example", "Phoned reception").await.expect("done");
    bench.round().await;
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!(shown.state, "sent");
    assert!(shown.detail.contains("Done by hand, says Asha Example: Phoned reception"), "{}", shown.detail);
}

pub async fn an_answer_after_the_fallback_still_says_that_the_practice_has_it(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|_| {})).await;
    // Sent, and the mailbox is not read before the afternoon is over.
    bench.worker.send_due().await.expect("sent");
    let monday = read("2026-11-23T16:01:00Z").expect("a time");
    bench.app.clock.advance(monday - bench.app.clock.now());
    for _ in 0..3 {
        outbox::round(&bench.app, &bench.worker, false).await.expect("a round");
    }
    assert_eq!(bench.by(Route::Print).await.state, DeliveryState::NeedsAttention);
    bench.round().await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!(bench.by(Route::Print).await.state, DeliveryState::NotRequired, "nobody need phone any more");
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.route.as_str()), ("accepted", "update-record"));
}

pub async fn an_e_mail_that_may_have_arrived_is_never_sent_again_by_itself(database: TestDatabase) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.post.then(Fate::TakenUnheard);
    rounds(&bench).await;
    let email = bench.by(Route::Email).await;
    assert_eq!((email.state, email.next_at), (DeliveryState::NeedsAttention, None));
    monday_at_four(&bench).await;
    rounds(&bench).await;
    assert_eq!(bench.post.taken().len(), 1);
    assert_eq!(bench.by(Route::Print).await.state, DeliveryState::Standby, "a person decides");
    outbox::retry(&bench.app, email.id, Some(&ods())).await.expect("a retry");
    rounds(&bench).await;
    let taken = bench.post.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0], taken[1], "the same e-mail");
}

pub async fn a_worker_killed_while_it_sent_an_e_mail_leaves_it_to_a_person(database: TestDatabase) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.round().await;
    let now = bench.app.clock.now();
    let leased = bench
        .app
        .store
        .lease_deliveries("killed", &[Route::Email], now, now + 5 * MINUTE, 1)
        .await
        .expect("a lease");
    assert_eq!(leased.len(), 1);
    bench.app.clock.advance(6 * MINUTE);
    rounds(&bench).await;
    assert!(bench.post.taken().is_empty());
    let email = bench.by(Route::Email).await;
    assert_eq!(email.state, DeliveryState::NeedsAttention);
    assert!(email.detail.contains("may have arrived"), "{}", email.detail);
}

pub async fn a_mail_server_that_is_away_or_refuses_ends_with_a_person(database: TestDatabase) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.post.then(Fate::Away);
    rounds(&bench).await;
    let waiting = bench.by(Route::Email).await;
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert!(waiting.detail.contains("tried again by itself"), "{}", waiting.detail);
    bench.post.then(Fate::Refused);
    bench.app.clock.advance(MINUTE);
    rounds(&bench).await;
    assert_eq!(bench.by(Route::Email).await.state, DeliveryState::Refused);
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.route.as_str()), ("needs-attention", "print"));
    assert!(shown.detail.contains("address is not known there"), "{}", shown.detail);
}

pub async fn a_person_may_go_the_next_way_and_it_is_gone_once(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.round().await;
    let row = bench.row().await;
    outbox::next_way(&bench.app, row.id, Some(&ods())).await.expect("the next way");
    let other = bench.another_worker();
    let (one, two) = tokio::join!(bench.worker.go_next_ways(), other.go_next_ways());
    one.and(two).expect("looked");
    rounds(&bench).await;
    assert_eq!(bench.post.taken().len(), 1);
    let nothing = outbox::next_way(&bench.app, row.id, Some(&"FA123".parse().expect("a code"))).await;
    assert!(matches!(nothing, Err(ChangeError::Unknown)), "another pharmacy's");
}

pub async fn the_order_that_is_set_for_a_practice_is_the_order_of_its_ways(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let practice = "Y99991".parse().expect("a code");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let wrong = outbox::set_practice_routes(&bench.app, &ods(), &practice, &words(&["pigeon"])).await;
    assert!(wrong.expect_err("no way").to_string().contains("pigeon"));
    let order = words(&["email", "update-record"]);
    outbox::set_practice_routes(&bench.app, &ods(), &practice, &order).await.expect("set");
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.round().await;
    assert_eq!((bench.post.taken().len(), bench.at_practice()), (1, 0));

    // Another order now adds nothing to what was planned, however often the record is stored.
    outbox::set_practice_routes(&bench.app, &ods(), &practice, &[]).await.expect("set");
    let stored = bench.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
    bench.store(&mut satchel::intake::opened(&stored).expect("a document")).await;
    rounds(&bench).await;
    assert_eq!((bench.post.taken().len(), bench.at_practice()), (1, 0));
}

pub async fn urgent_supply_goes_by_the_ways_that_carry_it_and_never_by_update_record(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|record| record.pathway = "urgent-medicine-supply@1".into());
    bench.store_with(&mut document, with_emails).await;
    rounds(&bench).await;
    let routes: Vec<Route> = bench.ways().await.iter().map(|row| row.route).collect();
    assert_eq!(routes, [Route::Email, Route::Print]);
    assert_eq!((bench.post.taken().len(), bench.at_practice()), (1, 0));
}

pub async fn a_device_that_syncs_late_makes_one_message_leave_and_not_two(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = visit(|_| {});
    let friday = read("2026-11-20T15:00:00Z").expect("a time");
    document.sign(friday, &asha(), "2074123", false).expect("a signature");
    let tuesday = read("2026-11-24T10:00:00Z").expect("a time");
    bench.app.clock.advance(tuesday - bench.app.clock.now());
    bench.store_with(&mut document, with_emails).await;
    for minutes in [0, 5, 20] {
        bench.app.clock.advance(minutes * MINUTE);
        outbox::round(&bench.app, &bench.worker, false).await.expect("a round");
        // Pushed again, as a device does that heard no answer: what was planned stands.
        bench.store_with(&mut document, with_emails).await;
    }
    assert_eq!((bench.at_practice(), bench.post.taken().len()), (1, 0));
    assert_eq!(bench.row().await.answer_by, Some(tuesday + HOUR / 2), "and no later push moves it");
    bench.round().await;
    bench.app.clock.advance(HOUR);
    rounds(&bench).await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!((bench.at_practice(), bench.post.taken().len()), (1, 0));
}

pub async fn an_e_mail_cut_off_after_a_failed_try_is_not_sent_again_by_itself(database: TestDatabase) {
    let bench = Bench::start(with_practice(not_enabled), database).await;
    bench.store_with(&mut signed(|_| {}), with_emails).await;
    bench.post.then(Fate::Away);
    rounds(&bench).await;
    assert!(!bench.by(Route::Email).await.last_error.is_empty(), "the first try is written down");
    bench.app.clock.advance(MINUTE);
    let now = bench.app.clock.now();
    let leased = bench
        .app
        .store
        .lease_deliveries("killed", &[Route::Email], now, now + 5 * MINUTE, 1)
        .await
        .expect("a lease");
    assert_eq!((leased.len(), leased[0].attempts), (1, 2));
    for _ in 0..3 {
        bench.app.clock.advance(HOUR);
        rounds(&bench).await;
    }
    assert!(bench.post.taken().is_empty(), "the second may have arrived");
    let email = bench.by(Route::Email).await;
    assert_eq!(
        (email.state, email.next_at, email.may_have_left),
        (DeliveryState::NeedsAttention, None, true)
    );
    assert!(email.detail.contains("may have arrived"), "{}", email.detail);
}
