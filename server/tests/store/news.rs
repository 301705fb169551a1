//! News between servers on one PostgreSQL, and what happens when a connection is lost.

use crate::beside;
use crate::databases::{TestDatabase, postgres};
use crate::records::{document, ods, one};
use satchel::app::{App, News};
use satchel::clock::Clock;
use satchel::config::Config;
use satchel::store::{Hint, Store, StoreError};
use satchel::sync::ring_for_others;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, query_scalar};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Waits for a hint that is wanted, however many others come before it.
async fn until(hints: &mut mpsc::Receiver<Hint>, wanted: &Hint) {
    let found = async { while hints.recv().await.expect("hints do not end") != *wanted {} };
    tokio::time::timeout(Duration::from_mins(1), found).await.expect("the hint comes");
}

async fn until_listening(behind: &PgPool) -> i32 {
    loop {
        let pid: Option<i32> = query_scalar(
            "SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN %'",
        )
        .fetch_optional(behind)
        .await
        .expect("read");
        match pid {
            Some(pid) => return pid,
            None => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn end(behind: &PgPool, pid: i32) {
    behind
        .execute(AssertSqlSafe(format!("SELECT pg_terminate_backend({pid})")))
        .await
        .expect("the connection is ended");
}

async fn stored(store: &Arc<dyn Store>) -> u64 {
    store.append(&ods("FA123"), one(document(10))).await.expect("stored")[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_stores_another_is_told() {
    let Some(database) = postgres().await else { return };
    let (writer, listener) = (database.open().await, database.open().await);
    let mut hints = listener.hints();
    until_listening(&beside(&database).await).await;
    for seq in 1..=3 {
        assert_eq!(stored(&writer).await, seq);
        until(&mut hints, &Hint::Reached { pharmacy: ods("FA123"), seq }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_commits_are_told_in_few_messages_and_the_last_number_is_among_them() {
    let Some(database) = postgres().await else { return };
    let (writer, listener) = (database.open().await, database.open().await);
    let mut hints = listener.hints();
    until_listening(&beside(&database).await).await;
    for _ in 0..100 {
        stored(&writer).await;
    }
    let last = Hint::Reached { pharmacy: ods("FA123"), seq: 100 };
    let mut told = 0;
    while hints.recv().await.expect("hints do not end") != last {
        told += 1;
    }
    assert!(told < 100, "every commit was told by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_missed_while_nobody_listened_is_looked_for() {
    let Some(database) = postgres().await else { return };
    let (writer, listener) = (database.open().await, database.open().await);
    let mut hints = listener.hints();
    let behind = beside(&database).await;
    let lost = until_listening(&behind).await;
    end(&behind, lost).await;
    stored(&writer).await;
    until(&mut hints, &Hint::Look).await;
    while until_listening(&behind).await == lost {}
    stored(&writer).await;
    until(&mut hints, &Hint::Reached { pharmacy: ods("FA123"), seq: 2 }).await;
}

async fn server(database: &TestDatabase) -> App {
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
    let settings = BTreeMap::from([("secret_key".to_owned(), key)]);
    let config = Config::read(settings, false).expect("settings");
    App::new(config, Clock::Real, database.open().await).await.expect("an app")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_of_one_server_hear_of_what_another_stored_even_when_the_listener_was_lost() {
    let Some(database) = postgres().await else { return };
    let writer = database.open().await;
    stored(&writer).await;
    let app = server(&database).await;
    let mut news = app.news.subscribe();
    let ringing = tokio::spawn(ring_for_others(app.clone()));
    let behind = beside(&database).await;
    for _ in 0..3 {
        let listening = until_listening(&behind).await;
        end(&behind, listening).await;
        let seq = stored(&writer).await;
        let heard =
            async { while news.recv().await.expect("a bell") != (News { pharmacy: ods("FA123"), seq }) {} };
        tokio::time::timeout(Duration::from_mins(1), heard).await.expect("it is heard");
    }
    ringing.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_while_storing_is_a_moments_trouble() {
    let Some(database) = postgres().await else { return };
    let store = database.open().await;
    stored(&store).await;
    let behind = beside(&database).await;
    let mut other = behind.begin().await.expect("a transaction");
    other.execute("UPDATE pharmacy_log SET seq = seq").await.expect("the log is locked");
    let writing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.append(&ods("FA123"), one(document(10))).await })
    };
    let waiting = loop {
        let pid: Option<i32> = query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_optional(&behind)
        .await
        .expect("read");
        if let Some(pid) = pid {
            break pid;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    end(&behind, waiting).await;
    assert!(matches!(writing.await.expect("no panic"), Err(StoreError::Busy(_))));
    other.rollback().await.expect("unlocked");
    assert_eq!(stored(&store).await, 2, "nothing was kept of it and no number was used up");
}
