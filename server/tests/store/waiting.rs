//! Promises about the waiting list and about alerts.

use crate::records::{document, ods, one};
use satchel::store::{
    AlertAddresses, AlertStage, Decided, KeptMessage, SettledAs, Store, StoreError, WaitingRow,
};
use shared::ids::ConsultationId;
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;

fn mail(words: &str) -> (WaitingRow, KeptMessage) {
    let hash = [u8::try_from(words.len()).expect("short"); 32];
    let id = KeptMessage::id("email", &ods("FA123"), words, &hash);
    let message = KeptMessage {
        id,
        pharmacy: ods("FA123"),
        channel: "email".to_owned(),
        message_id: words.to_owned(),
        request_id: String::new(),
        content_type: "message/rfc822".to_owned(),
        hash,
        sealed: words.as_bytes().to_vec(),
        received_at: NOW,
        consultation: None,
    };
    let row = WaitingRow {
        id,
        pharmacy: ods("FA123"),
        source: "email".to_owned(),
        arrived_at: NOW,
        sealed: vec![1, 2, 3],
        settled: None,
    };
    (row, message)
}

fn settled(what: SettledAs, consultation: Option<ConsultationId>) -> Decided {
    Decided { what, at: NOW + 1, by: "Asha Rao".to_owned(), consultation }
}

async fn listed(store: &Arc<dyn Store>, settled_too: bool) -> Vec<Uuid> {
    let rows = store.waiting(&ods("FA123"), settled_too, 10).await.expect("a list");
    rows.into_iter().map(|row| row.id).collect()
}

pub async fn a_waiting_message_is_kept_until_it_is_settled_and_then_kept(store: &Arc<dyn Store>) {
    let (row, message) = mail("a");
    store.put_waiting(&row, &message).await.expect("stored");
    store.put_waiting(&row, &message).await.expect("the same again");
    assert_eq!(listed(store, false).await, [row.id]);
    assert!(store.waiting(&ods("FB456"), true, 10).await.expect("a list").is_empty(), "another pharmacy's");
    let none = settled(SettledAs::NotAReferral, None);
    assert!(store.settle_waiting(&ods("FA123"), &row.id, &none).await.expect("settled"));
    assert!(listed(store, false).await.is_empty());
    assert_eq!(listed(store, true).await, [row.id]);
    let found = store.waiting_row(&ods("FA123"), &row.id).await.expect("read").expect("there");
    assert_eq!(found.settled, Some(none));
    assert_eq!(store.kept_message(&row.id).await.expect("read").map(|kept| kept.sealed), Some(b"a".to_vec()));
}

pub async fn a_waiting_message_becomes_one_consultation_that_is_here(store: &Arc<dyn Store>) {
    let (row, message) = mail("bb");
    store.put_waiting(&row, &message).await.expect("stored");
    let (first, second) = (document(10), document(10));
    let (one_id, other_id) = (first.id, second.id);
    let unknown = settled(SettledAs::Consultation, Some(one_id));
    let early = store.settle_waiting(&ods("FA123"), &row.id, &unknown).await;
    assert!(matches!(early, Err(StoreError::Conflict)), "{early:?}");
    store.append(&ods("FA123"), one(first)).await.expect("stored");
    store.append(&ods("FA123"), one(second)).await.expect("stored");
    assert!(store.settle_waiting(&ods("FA123"), &row.id, &unknown).await.expect("settled"));
    assert!(store.settle_waiting(&ods("FA123"), &row.id, &unknown).await.expect("the same again"));
    let other = settled(SettledAs::Consultation, Some(other_id));
    assert!(!store.settle_waiting(&ods("FA123"), &row.id, &other).await.expect("answered"));
    let kept = store.kept_messages_of(&one_id).await.expect("read");
    assert_eq!(kept.iter().map(|kept| kept.id).collect::<Vec<_>>(), [row.id], "destroyed with it");
}

pub async fn an_alert_stage_is_claimed_once(store: &Arc<dyn Store>) {
    let record = document(10);
    let id = record.id;
    store.append(&ods("FA123"), one(record)).await.expect("stored");
    let claims = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(
            async move { store.claim_alert(&id, AlertStage::Unopened, NOW).await.expect("answered") },
        )
    });
    let mut won = 0;
    for claim in claims.collect::<Vec<_>>() {
        won += u32::from(claim.await.expect("ended"));
    }
    assert_eq!(won, 1);
    assert!(store.claim_alert(&id, AlertStage::Escalated, NOW).await.expect("answered"), "another stage");
    store.give_alert_back(&id, AlertStage::Unopened).await.expect("given back");
    assert!(store.claim_alert(&id, AlertStage::Unopened, NOW).await.expect("answered"));
}

pub async fn where_a_pharmacy_is_alerted_is_what_was_said_last(store: &Arc<dyn Store>) {
    store.put_pharmacy(&crate::people::pharmacy("FA123", &[])).await.expect("stored");
    assert_eq!(store.alert_addresses(&ods("FA123")).await.expect("read"), None);
    for first in ["a@example.nhs.net", "b@example.nhs.net"] {
        let addresses = AlertAddresses { first: first.to_owned(), second: String::new() };
        store.set_alert_addresses(&ods("FA123"), &addresses).await.expect("stored");
        assert_eq!(store.alert_addresses(&ods("FA123")).await.expect("read"), Some(addresses));
    }
}

pub async fn what_has_waited_longest_stands_first_and_all_are_counted(store: &Arc<dyn Store>) {
    let mut ids = Vec::new();
    for (words, arrived_at) in [("a", 30), ("bb", 10), ("ccc", 20), ("dddd", 5), ("eeeee", 6)] {
        let (row, message) = mail(words);
        store.put_waiting(&WaitingRow { arrived_at, ..row.clone() }, &message).await.expect("stored");
        ids.push(row.id);
    }
    for id in &ids[3..] {
        let none = settled(SettledAs::NotAReferral, None);
        assert!(store.settle_waiting(&ods("FA123"), id, &none).await.expect("settled"));
    }
    assert_eq!(listed(store, false).await, [ids[1], ids[2], ids[0]]);
    assert_eq!(listed(store, true).await, [ids[1], ids[2], ids[0], ids[4], ids[3]]);
    let first = store.waiting(&ods("FA123"), false, 1).await.expect("a list");
    assert_eq!((first.len(), first[0].id), (1, ids[1]));
    assert_eq!(store.waiting_count(&ods("FA123")).await.expect("counted"), 3);
    assert_eq!(store.waiting_count(&ods("FB456")).await.expect("counted"), 0);
}

pub async fn a_message_that_waits_is_alerted_once_a_stage_and_not_once_it_is_settled(store: &Arc<dyn Store>) {
    let (row, message) = mail("a");
    store.put_waiting(&row, &message).await.expect("stored");
    let due = async |stage, since, until| -> Vec<Uuid> {
        let found = store.unalerted_waiting(stage, since, until).await.expect("read");
        found
            .into_iter()
            .map(|(id, pharmacy)| {
                assert_eq!(pharmacy, ods("FA123"));
                id
            })
            .collect()
    };
    assert_eq!(due(AlertStage::Unopened, NOW, NOW).await, [row.id]);
    assert!(due(AlertStage::Unopened, NOW + 1, NOW + 2).await.is_empty(), "longer ago than is asked for");
    assert!(due(AlertStage::Unopened, NOW - 2, NOW - 1).await.is_empty(), "not long enough ago");
    assert!(store.claim_waiting_alert(&row.id, AlertStage::Unopened, NOW).await.expect("answered"));
    assert!(!store.claim_waiting_alert(&row.id, AlertStage::Unopened, NOW).await.expect("answered"));
    assert!(due(AlertStage::Unopened, NOW, NOW).await.is_empty());
    assert_eq!(due(AlertStage::Escalated, NOW, NOW).await, [row.id]);
    store.give_waiting_alert_back(&row.id, AlertStage::Unopened).await.expect("given back");
    assert_eq!(due(AlertStage::Unopened, NOW, NOW).await, [row.id]);
    let none = settled(SettledAs::NotAReferral, None);
    assert!(store.settle_waiting(&ods("FA123"), &row.id, &none).await.expect("settled"));
    assert!(due(AlertStage::Escalated, NOW, NOW).await.is_empty());
}
