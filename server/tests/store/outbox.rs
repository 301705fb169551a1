//! Promises about deliveries and what comes back.

use crate::records::{document, ods, one};
use satchel::store::{
    DeliveryKind, DeliveryRow, DeliveryState, FOR_NOBODY, FrozenMessage, IncomingMessage, NewDelivery,
    Pharmacy, Route, Store, StoreError,
};
use shared::ids::ConsultationId;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;
const MINUTE: i64 = 60_000;

fn message(payload: &[u8]) -> FrozenMessage {
    FrozenMessage {
        target: "Y99991OT001".to_owned(),
        workflow: "GPFED_CONSULT_REPORT".to_owned(),
        subject: "Notice".to_owned(),
        local_id: "local".to_owned(),
        content_type: "application/xml".to_owned(),
        payload: payload.to_vec(),
        header_id: Uuid::new_v4().to_string(),
    }
}

pub fn delivery(consultation: ConsultationId, amendment: u64) -> NewDelivery {
    NewDelivery {
        id: Uuid::new_v4(),
        consultation,
        pharmacy: ods("FA123"),
        kind: DeliveryKind::GpNotice,
        amendment,
        route: Route::UpdateRecord,
        position: 0,
        state: DeliveryState::Queued,
        addressee: "Elm Road Surgery".to_owned(),
        detail: "Waits to be sent.".to_owned(),
        message: Some(message(b"<Bundle/>")),
        answer_by: Some(NOW + 60 * MINUTE),
        created_at: NOW,
    }
}

/// Stores a record with these deliveries, and answers which record.
async fn signed(
    store: &Arc<dyn Store>,
    deliveries: impl Fn(ConsultationId) -> Vec<NewDelivery>,
) -> ConsultationId {
    let mut record = document(10);
    record.deliveries = deliveries(record.id);
    let id = record.id;
    store.append(&ods("FA123"), one(record)).await.expect("stored");
    id
}

async fn leased(store: &Arc<dyn Store>, worker: &str, now: i64, most: u32) -> Vec<DeliveryRow> {
    store.lease_deliveries(worker, Route::ALL, now, now + 5 * MINUTE, most).await.expect("answered")
}

pub async fn a_delivery_is_leased_to_one_worker_however_many_ask(store: &Arc<dyn Store>) {
    for _ in 0..20 {
        signed(store, |id| vec![delivery(id, 0)]).await;
    }
    let workers = (0..8).map(|worker| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            // Asking thrice after nothing was found: what another was just taking is not given out.
            let mut misses = 0;
            while misses < 3 {
                let rows = leased(&store, &format!("worker {worker}"), NOW, 1).await;
                misses += usize::from(rows.is_empty());
                mine.extend(rows.into_iter().map(|row| row.id));
            }
            mine
        })
    });
    let mut all = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        all.extend(worker.await.expect("no panic"));
    }
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (20, 20));
}

pub async fn a_lease_that_has_run_out_is_given_to_another(store: &Arc<dyn Store>) {
    signed(store, |id| vec![delivery(id, 0)]).await;
    assert_eq!(leased(store, "first", NOW, 9).await.len(), 1);
    assert!(leased(store, "second", NOW + 5 * MINUTE - 1, 9).await.is_empty());
    let again = leased(store, "second", NOW + 5 * MINUTE, 9).await;
    assert_eq!((again[0].attempts, again[0].lease_owner.as_deref()), (2, Some("second")));
}

pub async fn an_amendment_waits_for_the_message_before_it(store: &Arc<dyn Store>) {
    signed(store, |id| vec![delivery(id, 0), delivery(id, 1)]).await;
    let mut first = leased(store, "worker", NOW, 9).await;
    assert_eq!(first.iter().map(|row| row.amendment).collect::<Vec<_>>(), [0]);
    let mut sent = first.remove(0);
    (sent.state, sent.next_at, sent.lease_until) = (DeliveryState::Sent, None, None);
    store.put_delivery(&sent, NOW).await.expect("written");
    assert_eq!(leased(store, "worker", NOW, 9).await[0].amendment, 1);
}

pub async fn a_row_that_has_moved_on_is_not_written_over(store: &Arc<dyn Store>) {
    let id = signed(store, |id| vec![delivery(id, 0)]).await;
    let row = store.deliveries_of(&id).await.expect("read").remove(0);
    store.put_delivery(&row, NOW).await.expect("written");
    assert!(matches!(store.put_delivery(&row, NOW).await, Err(StoreError::Conflict)));
}

pub async fn a_frozen_message_comes_back_byte_for_byte(store: &Arc<dyn Store>) {
    let frozen = message(&[0, 255, 10, 13]);
    signed(store, |id| vec![NewDelivery { message: Some(frozen.clone()), ..delivery(id, 0) }]).await;
    let row = store.delivery_by_header(&frozen.header_id.to_uppercase()).await.expect("read").expect("there");
    assert_eq!(store.frozen_message(row.id).await.expect("read"), Some(frozen));
}

pub async fn a_delivery_is_shown_until_the_document_says_it(store: &Arc<dyn Store>) {
    let id = signed(store, |id| vec![delivery(id, 0)]).await;
    let mut row = store.unshown_deliveries(9).await.expect("read").remove(0);
    store.delivery_shown(&row).await.expect("written");
    assert!(store.unshown_deliveries(9).await.expect("read").is_empty());
    row.state = DeliveryState::Sent;
    store.put_delivery(&row, NOW + 1).await.expect("written");
    let shown_too_late = row;
    store.delivery_shown(&shown_too_late).await.expect("written");
    assert_eq!(store.unshown_deliveries(9).await.expect("read")[0].consultation, id);
}

pub async fn what_lay_in_a_mailbox_is_stored_once(store: &Arc<dyn Store>) {
    let message = |id: &str, ours: bool| IncomingMessage {
        mailbox: "FA123OT001".to_owned(),
        id: id.to_owned(),
        sender: "Y99991OT001".to_owned(),
        workflow: "GPFED_CONSULT_REPORT_ACK".to_owned(),
        about: String::new(),
        code: String::new(),
        description: String::new(),
        body: vec![0, 1],
        ours,
        received_at: NOW,
    };
    for kept in [message("1", true), message("1", true), message("2", false)] {
        store.keep_incoming(&kept).await.expect("stored");
    }
    assert_eq!(store.knows_incoming("FA123OT001", "1").await.expect("read"), Some(true));
    assert_eq!(store.knows_incoming("FA123OT001", "2").await.expect("read"), Some(false));
    assert_eq!(store.knows_incoming("FA123OT001", "3").await.expect("read"), None);
    assert_eq!(store.unhandled_incoming(9).await.expect("read"), [message("1", true)]);
    store.incoming_handled("FA123OT001", "1", "answered", NOW).await.expect("written");
    assert!(store.unhandled_incoming(9).await.expect("read").is_empty());
}

/// A delivery by three ways: the first to be sent, the others standing by.
fn three_ways(consultation: ConsultationId) -> Vec<NewDelivery> {
    let ways = [Route::UpdateRecord, Route::Email, Route::Print];
    let way = |(position, route): (u32, Route)| NewDelivery {
        route,
        position,
        state: if position == 0 { DeliveryState::Queued } else { DeliveryState::Standby },
        ..delivery(consultation, 0)
    };
    (0..).zip(ways).map(way).collect()
}

pub async fn a_way_on_standby_is_not_leased_and_a_way_is_leased_to_its_carrier(store: &Arc<dyn Store>) {
    signed(store, three_ways).await;
    let by_post = store.lease_deliveries("post", &[Route::Email, Route::Print], NOW, NOW + MINUTE, 9).await;
    assert!(by_post.expect("answered").is_empty());
    let all = leased(store, "worker", NOW, 9).await;
    assert_eq!(all.iter().map(|row| row.route).collect::<Vec<_>>(), [Route::UpdateRecord]);
    assert!(store.overdue_deliveries(NOW + 61 * MINUTE).await.expect("read").len() == 1, "the first alone");
}

pub async fn the_next_way_is_decided_upon_once_all_before_it_gave_way(store: &Arc<dyn Store>) {
    let id = signed(store, three_ways).await;
    assert!(store.ways_to_decide(9).await.expect("read").is_empty());
    let mut first = store.deliveries_of(&id).await.expect("read").remove(0);
    (first.state, first.gave_way, first.next_at) = (DeliveryState::Refused, true, None);
    store.put_delivery(&first, NOW).await.expect("written");
    let mut next = store.ways_to_decide(9).await.expect("read");
    assert_eq!(next.iter().map(|row| row.route).collect::<Vec<_>>(), [Route::Email]);
    let mut email = next.remove(0);
    let seen_by_another = email.clone();
    email.state = DeliveryState::Queued;
    store.put_delivery(&email, NOW).await.expect("written");
    assert!(matches!(store.put_delivery(&seen_by_another, NOW).await, Err(StoreError::Conflict)));
    assert!(store.ways_to_decide(9).await.expect("read").is_empty());

    let mut email = store.delivery(email.id).await.expect("read").expect("there");
    (email.state, email.answer_by) = (DeliveryState::Sent, None);
    store.put_delivery(&email, NOW).await.expect("written");
    let rest = store.ways_to_decide(9).await.expect("read");
    assert_eq!(
        rest.iter().map(|row| row.route).collect::<Vec<_>>(),
        [Route::Print],
        "nobody needs it any more"
    );
}

pub async fn the_ways_of_a_delivery_are_planned_once(store: &Arc<dyn Store>) {
    let id = signed(store, |id| vec![delivery(id, 0)]).await;
    let mut again = document(20);
    (again.id, again.based_on) = (id, 1);
    again.deliveries = three_ways(id);
    store.append(&ods("FA123"), one(again)).await.expect("stored");
    assert_eq!(store.deliveries_of(&id).await.expect("read").len(), 1);
}

pub async fn a_practices_order_of_ways_is_kept_as_it_was_set(store: &Arc<dyn Store>) {
    let (pharmacy, practice) = (ods("FA123"), ods("Y99991"));
    let known = Pharmacy {
        ods: pharmacy.clone(),
        name: "Elm Pharmacy".to_owned(),
        dos_ids: Vec::new(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    };
    store.put_pharmacy(&known).await.expect("stored");
    assert!(store.practice_routes(&pharmacy).await.expect("read").is_empty());
    for order in [vec![Route::Email, Route::UpdateRecord], vec![Route::Print, Route::Email]] {
        store.set_practice_routes(&pharmacy, &practice, &order).await.expect("written");
        assert_eq!(store.practice_routes(&pharmacy).await.expect("read")[&practice], order);
    }
    store.set_practice_routes(&pharmacy, &practice, &[]).await.expect("written");
    assert!(store.practice_routes(&pharmacy).await.expect("read").is_empty());
}

pub async fn what_somebody_else_sent_is_not_kept_twice_and_what_is_left_is_listed(store: &Arc<dyn Store>) {
    let message = |id: &str, workflow: &str, ours: bool| IncomingMessage {
        mailbox: "FA123OT001".to_owned(),
        id: id.to_owned(),
        sender: "Y99991OT001".to_owned(),
        workflow: workflow.to_owned(),
        about: String::new(),
        code: String::new(),
        description: String::new(),
        body: vec![1],
        ours,
        received_at: NOW,
    };
    for kept in [message("1", "LETTER", true), message("2", "LETTER_ACK", true), message("3", "OTHER", false)]
    {
        store.keep_incoming(&kept).await.expect("stored");
        store.incoming_handled("FA123OT001", &kept.id, "taken in", NOW).await.expect("written");
    }
    let left = store.left_incoming().await.expect("read");
    assert_eq!(left.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), ["3"]);
}

pub async fn what_is_for_none_of_our_pharmacies_keeps_its_body_and_is_listed(store: &Arc<dyn Store>) {
    for (id, outcome) in [("1", "letter, answered 20013"), ("2", FOR_NOBODY)] {
        store.keep_incoming(&letter(id, NOW)).await.expect("stored");
        store.incoming_handled("FA123OT001", id, outcome, NOW).await.expect("written");
    }
    let left = store.left_incoming().await.expect("read");
    let told: Vec<_> =
        left.iter().map(|left| (left.id.as_str(), left.body.len(), left.description.as_str())).collect();
    assert_eq!(told, [("2", 2, FOR_NOBODY)]);
}

pub async fn answers_come_before_letters_and_what_was_tried_waits_its_turn(store: &Arc<dyn Store>) {
    for (id, at) in [("stuck", NOW), ("new", NOW + 1)] {
        store.keep_incoming(&letter(id, at)).await.expect("stored");
    }
    let answer = IncomingMessage { workflow: "SOME_ACK".to_owned(), ..letter("answer", NOW + 2) };
    store.keep_incoming(&answer).await.expect("stored");
    let ids = async |most| -> Vec<String> {
        let found = store.unhandled_incoming(most).await.expect("read");
        found.into_iter().map(|message| message.id).collect()
    };
    assert_eq!(ids(9).await, ["answer", "stuck", "new"]);
    store.incoming_tried("FA123OT001", "stuck", NOW + 3).await.expect("written");
    assert_eq!(ids(2).await, ["answer", "new"]);
}

fn letter(id: &str, received_at: i64) -> IncomingMessage {
    IncomingMessage {
        mailbox: "FA123OT001".to_owned(),
        id: id.to_owned(),
        sender: "Y99991OT001".to_owned(),
        workflow: "GPFED_CONSULT_REPORT".to_owned(),
        about: String::new(),
        code: String::new(),
        description: String::new(),
        body: vec![0, 1],
        ours: true,
        received_at,
    }
}
