//! Devices and a server over real sockets: what is pushed is checked, kept, and reaches every other device.

mod attacks;
mod attacks_lost;
mod attacks_removed;
mod hostile;
mod live;
mod paging;
mod recovery;
mod refusals;
mod restore;
mod supplies;
mod support;

use satchel::store::{DeliveryState, Destroyed};
use shared::api::{HeadsAnswer, Refusal, Verdict};
use shared::consultation::Answer;
use support::{NOW, Server, rebuilt};

#[tokio::test]
async fn what_one_device_records_another_reads() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);

    let first = tom.pull(0).await;
    let mut theirs = rebuilt(&first, id);
    assert_eq!(first[0].documents[0].row.patient_name, "WINTERS");
    theirs
        .edit(NOW, &tom.writer(), |record| record.patient.given_name = "Hettie".to_owned())
        .expect("an edit");
    let latest = tom.latest(id, &mut theirs);
    assert_eq!(tom.push(vec![latest]).await, [Verdict::Stored { seq: 2 }]);

    let news = asha.pull(1).await;
    assert!(news[0].documents[0].base.is_empty(), "only the change travels");
    assert_eq!(news[0].documents[0].row.patient_name, "WINTERS, Hettie");
    let pulled = news[0].documents[0].changes[0].clone();
    document.apply(vec![automerge::Change::from_bytes(pulled).expect("a change")]).expect("it fits");
    assert_eq!(document.heads(), theirs.heads());
}

#[tokio::test]
async fn the_same_push_twice_is_stored_once() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(asha.push(vec![whole.clone()]).await, [Verdict::Stored { seq: 1 }]);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);
    assert_eq!(server.app.store.last_seq(&asha.ods).await.expect("a store"), 1);
}

#[tokio::test]
async fn both_of_two_devices_at_once_are_stored_and_numbered_without_a_gap() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    asha.push(vec![whole]).await;
    let mut theirs = rebuilt(&tom.pull(0).await, id);
    document
        .edit(NOW, &asha.writer(), |r| drop(r.answers.insert("fever".to_owned(), Answer::YesNo(true))))
        .expect("an edit");
    theirs
        .edit(NOW, &tom.writer(), |r| drop(r.answers.insert("cough".to_owned(), Answer::YesNo(false))))
        .expect("an edit");
    let (hers, his) = (asha.latest(id, &mut document), tom.latest(id, &mut theirs));
    let (first, second) = tokio::join!(asha.push(vec![hers]), tom.push(vec![his]));
    let mut seqs: Vec<Verdict> = first.into_iter().chain(second).collect();
    seqs.sort_by_key(|verdict| match verdict {
        Verdict::Stored { seq } => *seq,
        other => panic!("not stored: {other:?}"),
    });
    assert_eq!(seqs, [Verdict::Stored { seq: 2 }, Verdict::Stored { seq: 3 }]);
    let merged = rebuilt(&asha.pull(0).await, id).read().expect("a record");
    assert_eq!(merged.answers.len(), 2);
}

#[tokio::test]
async fn a_server_that_another_has_overtaken_answers_as_that_one_would() {
    let here = Server::start().await;
    let there = here.beside().await;
    let (mut asha, mut tom) = (here.asha().await, here.tom().await);
    tom.goes_to(&there);
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);
    let mut theirs = rebuilt(&tom.pull(0).await, id);
    let named = |name: &str| {
        let name = name.to_owned();
        move |record: &mut shared::consultation::Consultation| record.patient.given_name = name
    };

    // What it builds on is not in this server's memory.
    theirs.edit(NOW, &tom.writer(), named("Hettie")).expect("an edit");
    let first = tom.latest(id, &mut theirs);
    assert_eq!(tom.push(vec![first.clone()]).await, [Verdict::Stored { seq: 2 }]);
    theirs.edit(NOW, &tom.writer(), named("Henrietta")).expect("an edit");
    let second = tom.latest(id, &mut theirs);
    tom.goes_to(&here);
    assert_eq!(tom.push(vec![second]).await, [Verdict::Stored { seq: 3 }]);
    assert_eq!(tom.push(vec![first]).await, [Verdict::Stored { seq: 3 }], "it is known");

    // What is in this server's memory is not what is stored any more.
    tom.goes_to(&there);
    theirs.edit(NOW, &tom.writer(), named("Harriet")).expect("an edit");
    let third = tom.latest(id, &mut theirs);
    assert_eq!(tom.push(vec![third]).await, [Verdict::Stored { seq: 4 }]);
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let apart = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![apart]).await, [Verdict::Stored { seq: 5 }]);

    // And what was destroyed there is not there for this one either.
    let merged = rebuilt(&asha.pull(0).await, id).read().expect("a record");
    assert_eq!((merged.patient.given_name.as_str(), merged.outcome.code.as_str()), ("Harriet", "advice"));
    let destroyed =
        Destroyed { document: id, pharmacy: asha.ods.clone(), at: NOW, certificate: String::new() };
    there.app.store.destroy(&destroyed, 5).await.expect("destroyed");
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "gp".to_owned()).expect("an edit");
    let late = asha.latest(id, &mut document);
    let verdict = asha.push(vec![late]).await.remove(0);
    assert!(matches!(verdict, Verdict::Refused { reason: Refusal::Destroyed, .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_pull_cut_anywhere_goes_on_after_the_last_whole_frame() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        let (id, mut document) = asha.walk_in();
        // Larger than half a frame, so that the pull has several.
        let notes = (0..20_000).map(|n| format!("line {n}")).collect::<Vec<_>>().join(" ");
        document.edit(NOW, &asha.writer(), |record| record.visit.taken_by = notes).expect("an edit");
        let whole = asha.whole(id, &mut document);
        asha.push(vec![whole]).await;
        ids.push(id);
    }
    let whole = asha.pull_bytes(0).await;
    let mut cut = whole[..whole.len() * 2 / 3].to_vec();
    let before = shared::sync::frame::split_stream(&mut cut).expect("frames");
    let cursor = before.last().expect("at least one whole frame").cursor;
    assert!(!cut.is_empty() && cursor < 6, "the cut is in the middle of a frame");
    let after = asha.pull(cursor).await;
    let seen: Vec<_> = before.iter().chain(&after).flat_map(|f| &f.documents).map(|d| d.id).collect();
    assert_eq!(seen, ids);
    assert!(!after.last().expect("a frame").more);
}

#[tokio::test]
async fn changes_without_what_they_build_on_are_asked_for() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let latest = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Missing { heads: Vec::new() }]);
    let whole = asha.whole(id, &mut document);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);
}

#[tokio::test]
async fn a_long_history_is_compacted_and_still_whole_for_everyone() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    asha.push(vec![whole]).await;
    let start = tom.pull(0).await;
    for n in 0..40 {
        document.edit(NOW, &asha.writer(), |r| r.patient.phone = format!("0{n}")).expect("an edit");
        let latest = asha.latest(id, &mut document);
        assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: n + 2 }]);
    }
    let stored = server.app.store.document(&asha.ods, &id).await.expect("a store").expect("a document");
    assert!(stored.changes.len() < 40, "the tail went into a new base");
    let from_start = tom.pull(start[0].cursor).await;
    assert_eq!(rebuilt(&from_start, id).heads(), document.heads());
    assert_eq!(rebuilt(&asha.pull(0).await, id).heads(), document.heads());
}

#[tokio::test]
async fn a_server_that_lost_something_says_what_it_wants_again() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    let (lost, mut gone) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    asha.push(vec![whole]).await;
    let stored: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    let others: Vec<String> = gone.heads().iter().map(ToString::to_string).collect();
    let asked = serde_json::json!({ "documents": { id.to_string(): heads, lost.to_string(): others } });
    let answer: HeadsAnswer =
        asha.http.post("/api/sync/heads", &asked).await.json().await.expect("an answer");
    assert_eq!(answer.wanted.get(&id), Some(&stored));
    assert_eq!(answer.wanted.get(&lost), Some(&Vec::new()));
    let asked = serde_json::json!({ "documents": { id.to_string(): stored } });
    let answer: HeadsAnswer =
        asha.http.post("/api/sync/heads", &asked).await.json().await.expect("an answer");
    assert!(answer.wanted.is_empty());
}

#[tokio::test]
async fn what_the_server_writes_reaches_the_device_as_one_more_author() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    asha.push(vec![whole]).await;
    let delivery = shared::consultation::Delivery { state: "queued".to_owned(), ..Default::default() };
    let seq = satchel::sync::server_edit(&server.app, &asha.ods, &id, |record| {
        record.deliveries.insert("gp-notice/0".to_owned(), delivery.clone());
    })
    .await;
    assert_eq!(seq.expect("stored"), Some(2));
    let mut pulled = rebuilt(&asha.pull(0).await, id);
    assert_eq!(pulled.read().expect("a record").deliveries["gp-notice/0"].state, "queued");
    pulled.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let latest = asha.latest(id, &mut pulled);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: 3 }]);
}

#[tokio::test]
async fn a_signed_record_puts_its_notice_into_the_outbox_once() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    asha.push(vec![whole]).await;
    let gphc = asha.gphc.clone();
    document.sign(NOW, &asha.writer(), &gphc, false).expect("signed");
    let latest = asha.latest(id, &mut document);
    assert_eq!(asha.push(vec![latest.clone()]).await, [Verdict::Stored { seq: 2 }]);
    asha.push(vec![latest]).await;
    let deliveries = server.app.store.deliveries_of(&id).await.expect("a store");
    let states: Vec<DeliveryState> = deliveries.iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::Held, DeliveryState::Standby], "one notice, and the way after it");
}
