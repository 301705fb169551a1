//! Promises about sending a notice: once, from what was signed, and never said to be done before it is.

use crate::bench::{
    Bench, MINUTE, NOW, OURS, PRACTICE, asha, client, id, ods, signed, silent, stamp, visit, with_practice,
};
use crate::databases::TestDatabase;
use satchel::nhs::gp_connect::answers;
use satchel::nhs::http;
use satchel::nhs::mesh::{Client, Outgoing};
use satchel::outbox::carrier::Mesh;
use satchel::outbox::{self, Worker, plan};
use satchel::store::{DeliveryKind, DeliveryState, Route};
use shared::consultation::{Answer, Consultation, Medicine, summarise};
use shared::pathway;
use std::sync::Arc;

pub async fn a_signed_visit_reaches_the_practice_once_and_the_record_says_so_only_then(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|_| {})).await;
    assert_eq!(bench.row().await.state, DeliveryState::Queued);
    assert!(bench.record().await.deliveries.is_empty(), "nothing is claimed before anything is known");

    bench.worker.send_due().await.expect("sent");
    let sent = bench.row().await;
    assert_eq!((sent.state, sent.attempts), (DeliveryState::Sent, 1));

    bench.round().await;
    let row = bench.row().await;
    assert_eq!(row.state, DeliveryState::Accepted);
    assert_eq!((row.inf_status.as_str(), row.bus_status.as_str()), ("20013", "30001"));
    let shown = &bench.record().await.deliveries["gp-notice/0"];
    assert_eq!((shown.state.as_str(), shown.to.as_str()), ("accepted", "Meadow Lane Surgery"));

    let stored = bench.app.store.document(&ods(), &id()).await.expect("the store").expect("the record");
    bench.store(&mut satchel::intake::opened(&stored).expect("a document")).await;
    bench.round().await;
    assert_eq!(bench.at_practice(), 1, "storing the same signature again sends nothing");
    assert_eq!(bench.app.store.rows(None).await.expect("rows")[0].notice, "accepted");
}

pub async fn the_message_is_what_was_signed_and_not_what_was_written_since(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    let mut document = signed(|_| {});
    let mut elsewhere = asha();
    elsewhere.actor = [2; 16];
    document
        .edit(NOW + 3 * MINUTE, &elsewhere, |record| {
            record.patient.given_name = "Somebody else".into();
        })
        .expect("an edit");
    bench.store(&mut document).await;
    let message =
        bench.app.store.frozen_message(bench.row().await.id).await.expect("the store").expect("a message");
    let text = String::from_utf8(message.payload).expect("text");
    assert!(text.contains("Odile") && !text.contains("Somebody else"));
    assert!(message.subject.contains("Odile"));
}

/// What was said on the visit: something under every heading, with a code for each kind of measurement.
fn told(record: &mut Consultation) {
    for field in minor_illness().fields.iter().filter(|field| field.red_flag.is_some()) {
        record.answers.insert(field.id.clone(), Answer::YesNo(false));
    }
    let said = [
        ("symptom-group", "cough"),
        ("complaint", "Coughing at night,\nworse since Friday"),
        ("history", "Chest sounds < clear > & no wheeze"),
        ("pregnancy", "not-pregnant"),
        ("advice-given", "Honey and rest"),
        ("safety-net", "Breathless: 999"),
        ("decision", "self-care"),
        ("gp-action", "None"),
        ("safeguarding-details", "Bruises on both arms"),
    ];
    record.answers.extend(said.map(|(field, words)| (field.to_owned(), Answer::text(words))));
    let yes = ["medicine-recommended", "safety-net-understood", "safeguarding-concern"];
    record.answers.extend(yes.map(|field| (field.to_owned(), Answer::YesNo(true))));
    let measured = [
        ("temperature", 37.4),
        ("pulse", 82.0),
        ("systolic", 128.0),
        ("diastolic", 76.0),
        ("oxygen-saturation", 97.0),
    ];
    record.observations.extend(measured.map(|(field, value)| (field.to_owned(), Answer::Number(value))));
    let medicine = Medicine {
        name: "Simple linctus, 200 ml".into(),
        decision: "recommended".into(),
        supplied_from: "delivered".into(),
        ..Medicine::default()
    };
    record.medicines.insert("1".into(), medicine);
}

fn minor_illness() -> &'static pathway::Pathway {
    pathway::find("minor-illness@1").expect("a file of this build")
}

pub async fn the_practice_reads_the_very_words_that_the_pharmacist_read_before_signing(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(silent), database).await;
    let mut document = visit(told);
    let preview = summarise(&document.read().expect("a record"), minor_illness());
    document.sign(NOW + 2 * MINUTE, &asha(), "2074123", false).expect("a signature");
    bench.store(&mut document).await;
    let row = bench.row().await;
    let message = bench.app.store.frozen_message(row.id).await.expect("the store").expect("a message");
    let text = String::from_utf8(message.payload).expect("text");
    let xml = roxmltree::Document::parse(&text).expect("XML");
    let first = |node: roxmltree::Node<'_, '_>, name: &str| {
        let named = node.descendants().find(|inner| inner.tag_name().name() == name);
        named.and_then(|inner| inner.attribute("value")).expect(name).to_owned()
    };
    let named = |name: &'static str| {
        xml.descendants().filter(move |node| node.has_tag_name(("http://hl7.org/fhir", name)))
    };
    let sent: Vec<(String, String)> = named("ClinicalImpression")
        .filter(|node| node.first_element_child().is_some())
        .map(|node| (first(node, "code"), first(node, "summary")))
        .collect();
    let read: Vec<(String, String)> =
        preview.headings.iter().map(|words| (words.code.to_owned(), words.text.clone())).collect();
    assert_eq!(sent, read);
    assert!(read.len() >= 5 && !text.contains("Bruises"), "{read:?}");
    assert_eq!(preview.complaints.len(), named("Condition").count());
    let values: Vec<String> = named("valueQuantity").map(|node| first(node, "value")).collect();
    let written: Vec<String> = preview.observations.iter().map(|one| one.written.clone()).collect();
    assert_eq!(values, written, "the measurements are those of the preview, decimals and all");
}

pub async fn two_workers_never_send_the_same_delivery(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store(&mut signed(|_| {})).await;
    let (one, two, three) = (bench.another_worker(), bench.another_worker(), bench.another_worker());
    let sent = tokio::join!(one.send_due(), two.send_due(), three.send_due());
    assert_eq!(sent.0.expect("one") + sent.1.expect("two") + sent.2.expect("three"), 1);
    assert_eq!(bench.at_practice(), 1);
}

/// A worker that was killed between sending and writing it down: leased, sent, and nothing recorded.
async fn killed_after_sending(bench: &Bench) {
    let until = NOW + 5 * MINUTE;
    let leased = bench
        .app
        .store
        .lease_deliveries("killed", &[Route::UpdateRecord], NOW, until, 1)
        .await
        .expect("a lease");
    let message = bench.app.store.frozen_message(leased[0].id).await.expect("the store").expect("a message");
    let outgoing = Outgoing {
        to: &message.target,
        workflow: &message.workflow,
        local_id: &message.local_id,
        subject: &message.subject,
        content_type: &message.content_type,
        body: &message.payload,
    };
    bench.client.send(stamp(), &outgoing).await.expect("sent");
}

pub async fn a_worker_killed_between_sending_and_writing_it_down_leaves_one_message_at_the_practice(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(answers), database).await;
    bench.store(&mut signed(|_| {})).await;
    killed_after_sending(&bench).await;

    assert_eq!(bench.worker.send_due().await.expect("nothing"), 0, "the lease still holds");
    bench.app.clock.advance(6 * MINUTE);
    bench.round().await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
    assert_eq!(bench.at_practice(), 1);
}

pub async fn where_no_answer_tells_the_same_bytes_are_sent_again_so_that_the_practice_sees_one(
    database: TestDatabase,
) {
    let bench = Bench::start(with_practice(silent), database).await;
    bench.store(&mut signed(|_| {})).await;
    let first = bench.app.store.frozen_message(bench.row().await.id).await.expect("the store");
    killed_after_sending(&bench).await;
    bench.app.clock.advance(6 * MINUTE);
    bench.round().await;
    let row = bench.row().await;
    assert_eq!((row.state, row.attempts), (DeliveryState::Sent, 2));
    assert_eq!(bench.app.store.frozen_message(row.id).await.expect("the store"), first);
}

pub async fn a_mesh_that_is_away_delays_the_notice_and_loses_nothing(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let away = client(&bench.mesh, "http://127.0.0.1:9");
    let mesh = Mesh { mailboxes: away.clone().into(), clock: bench.app.clock.clone() };
    let worker = Worker::new(bench.app.clone(), vec![Arc::new(mesh)], away.into());
    bench.store(&mut signed(|_| {})).await;
    assert_eq!(worker.send_due().await.expect("tried"), 0);
    let waiting = bench.row().await;
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert!(waiting.next_at.is_some_and(|next| next > NOW) && !waiting.last_error.is_empty());
    assert!(waiting.never_left(), "there was no connection");
    assert_eq!(bench.worker.send_due().await.expect("not yet"), 0, "it waits before the next try");
    bench.app.clock.advance(10_000);
    bench.round().await;
    assert_eq!(bench.row().await.state, DeliveryState::Accepted);
}

pub async fn a_message_that_is_not_ours_is_left_in_the_mailbox(database: TestDatabase) {
    let bench = Bench::start(with_practice(answers), database).await;
    let settings = bench.mesh.settings(&bench.base, PRACTICE);
    let practice = Client::new(http::client(None).expect("a client"), settings);
    let other = Outgoing {
        to: OURS,
        workflow: "SOMETHING_ELSE",
        local_id: "1",
        subject: "",
        content_type: "text/plain",
        body: b"for another program",
    };
    practice.send(stamp(), &other).await.expect("sent");
    bench.round().await;
    bench.round().await;
    assert_eq!(bench.client.inbox(stamp(), None).await.expect("a listing").len(), 1);
}

pub async fn a_delivery_has_the_same_identity_wherever_it_is_planned(database: TestDatabase) {
    let bench = Bench::start(with_practice(silent), database).await;
    let sender = outbox::sender(&bench.app, &ods()).await.expect("the store").expect("our pharmacy");
    let mut document = signed(|_| {});
    let once = plan(&mut document, &sender, &bench.vouched().await, NOW).expect("a plan");
    let again = plan(&mut document, &sender, &bench.vouched().await, NOW).expect("a plan");
    assert_eq!(once, again);
    assert_eq!(once[0].kind, DeliveryKind::GpNotice);
}
