//! Promises about request ids of BaRS.

use satchel::store::{BARS_REQUEST_KEPT, RequestSeen, Store};
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;

pub async fn the_first_bytes_under_a_request_id_have_it(store: &Arc<dyn Store>) {
    let id = Uuid::new_v4();
    let seen = |hash: [u8; 32]| async move { store.bars_request(&id, &hash, NOW).await.expect("answered") };
    assert_eq!(seen([1; 32]).await, RequestSeen::First);
    assert_eq!(seen([1; 32]).await, RequestSeen::Again);
    assert_eq!(seen([2; 32]).await, RequestSeen::Otherwise);
    assert_eq!(
        store.bars_request(&Uuid::new_v4(), &[2; 32], NOW).await.expect("answered"),
        RequestSeen::First
    );
}

pub async fn of_many_who_ask_at_once_one_is_the_first(store: &Arc<dyn Store>) {
    let id = Uuid::new_v4();
    let asking = (0..20).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.bars_request(&id, &[3; 32], NOW).await.expect("answered") })
    });
    let mut firsts = 0;
    for asked in asking.collect::<Vec<_>>() {
        firsts += usize::from(asked.await.expect("no panic") == RequestSeen::First);
    }
    assert_eq!(firsts, 1);
}

pub async fn a_request_id_is_forgotten_when_nobody_tries_again_any_more(store: &Arc<dyn Store>) {
    let id = Uuid::new_v4();
    store.bars_request(&id, &[1; 32], NOW).await.expect("answered");
    store.forget_expired(NOW + BARS_REQUEST_KEPT - 1).await.expect("tidied");
    assert_eq!(store.bars_request(&id, &[2; 32], NOW).await.expect("answered"), RequestSeen::Otherwise);
    store.forget_expired(NOW + BARS_REQUEST_KEPT).await.expect("tidied");
    assert_eq!(store.bars_request(&id, &[2; 32], NOW).await.expect("answered"), RequestSeen::First);
}
