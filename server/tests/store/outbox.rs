//! Promises about deliveries and what comes back.

use crate::records::{document, ods, one};
use satchel::store::{
    DeliveryKind, DeliveryRow, DeliveryState, FrozenMessage, IncomingMessage, NewDelivery, Route, Store,
    StoreError,
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
    store.lease_deliveries(worker, now, now + 5 * MINUTE, most).await.expect("answered")
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
