//! Promises about notices that must not go, or not yet.

use crate::bench::{Bench, HOUR, MINUTE, NOW, amended, asha, id, ods, signed, visit, with_practice};
use crate::databases::TestDatabase;
use satchel::nhs::gp_connect::answers;
use satchel::outbox::{self, CannotChange, ChangeError, plan};
use satchel::store::DeliveryState;
use shared::consultation::{Answer, Consultation, Document};
use shared::ids::ConsultationId;

pub async fn an_objection_sends_nothing_and_says_why(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let objects = |record: &mut Consultation| {
        record.answers.insert("gp-objection".into(), Answer::YesNo(true));
    };
    bench.store(&mut signed(objects)).await;
    bench.round().await;
    assert_eq!(bench.at_practice(), 0);
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!(shown.state, "not-required");
    assert!(shown.detail.contains("does not want"), "{}", shown.detail);
}

pub async fn an_unverified_number_is_held_for_tracing_and_an_amendment_after_tracing_is_sent(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|record| "unverified".clone_into(&mut record.patient.nhs_number_status));
    bench.store(&mut document).await;
    bench.round().await;
    let held = bench.row().await;
    assert_eq!((held.state, bench.at_practice()), (DeliveryState::Held, 0));
    assert!(held.detail.contains("needs tracing"), "{}", held.detail);
    let refused = outbox::retry(&bench.app, held.id, None).await.expect_err("nothing to send");
    assert!(matches!(refused, ChangeError::Cannot(CannotChange::NoMessage)));

    bench.pds_said("9990412073", true).await;
    let mut document = traced(&bench, document).await;
    bench.store(&mut document).await;
    bench.round().await;
    let states: Vec<_> = bench.rows().await.into_iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::NotRequired, DeliveryState::Accepted]);
    assert_eq!(bench.at_practice(), 1);
}

pub async fn a_number_that_a_device_alone_calls_verified_is_held_for_tracing(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench
        .store(&mut signed(|record| {
            "9990523185".clone_into(&mut record.patient.nhs_number);
            record.patient.traced_at = shared::time::stored(NOW);
        }))
        .await;
    bench.round().await;
    let held = bench.row().await;
    assert_eq!((held.state, bench.at_practice()), (DeliveryState::Held, 0));
    assert!(held.detail.contains("needs tracing"), "{}", held.detail);
}

pub async fn a_number_that_pds_gave_for_this_consultation_is_sent_and_for_another_one_not(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = signed(|record| "9990523185".clone_into(&mut record.patient.nhs_number));
    let sender = outbox::sender(&bench.app, &ods()).await.expect("the store").expect("our pharmacy");
    let other = ConsultationId::from_bytes([8; 16]);
    bench.pds_said_for(&other, "9990523185", true).await;
    let planned = plan(&mut document, &sender, &bench.vouched().await, NOW).expect("a plan");
    assert_eq!(planned[0].state, DeliveryState::Held);

    bench.pds_said("9990523185", true).await;
    bench.store(&mut document).await;
    bench.round().await;
    assert_eq!((bench.row().await.state, bench.at_practice()), (DeliveryState::Accepted, 1));
}

pub async fn a_number_that_pds_has_replaced_is_held_even_where_111_had_verified_it(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.pds_said("9990412073", false).await;
    bench.store(&mut signed(|_| {})).await;
    bench.round().await;
    assert_eq!((bench.row().await.state, bench.at_practice()), (DeliveryState::Held, 0));
}

/// The stored record (the server has written into it) with the number verified by an amendment.
async fn traced(bench: &Bench, mut local: Document) -> Document {
    let stored = bench.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
    let mut document = satchel::intake::opened(&stored).expect("a document");
    document.apply(local.changes_since(&[])).expect("the same history");
    let mut later = asha();
    later.actor = [3; 16];
    document.amend(NOW + 10 * MINUTE, &later, "Traced").expect("an amendment");
    document
        .edit(NOW + 10 * MINUTE, &later, |record| {
            "verified".clone_into(&mut record.patient.nhs_number_status);
        })
        .expect("an edit");
    document.sign(NOW + 11 * MINUTE, &later, "2074123", false).expect("a signature");
    document
}

pub async fn a_visit_closed_without_a_consultation_tells_nobody(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|record| record.outcome.closure_reason = "no_contact".into())).await;
    bench.round().await;
    assert!(bench.rows().await.is_empty());
}

pub async fn an_emergency_exit_tells_the_practice_when_the_record_is_completed(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let mut document = visit(|_| {});
    document.sign(NOW + 2 * MINUTE, &asha(), "2074123", true).expect("a signature");
    bench.store(&mut document).await;
    bench.worker.send_due().await.expect("nothing to send");
    assert_eq!((bench.row().await.state, bench.at_practice()), (DeliveryState::Held, 0));

    amended(&mut document, NOW + HOUR);
    bench.store(&mut document).await;
    bench.round().await;
    let rows = bench.rows().await;
    assert_eq!((rows[0].state, rows[1].state), (DeliveryState::NotRequired, DeliveryState::Accepted));
    let first = bench.app.store.frozen_message(rows[1].id).await.expect("the store").expect("a message");
    assert!(!String::from_utf8_lossy(&first.payload).contains("relatesTo"), "there is nothing it replaces");
}
