//! The cursor: many servers write into one pharmacy's log while a device follows it, and nothing overtakes.

use crate::beside;
use crate::databases::{TestDatabase, postgres, sqlite};
use crate::records::{document, ods, one};
use satchel::store::{Store, StoreError, StoredChange};
use shared::ids::ConsultationId;
use sqlx::Executor as _;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const SERVERS: usize = 3;
/// Writers on each server, and the records each writes one after the other.
const WRITERS: usize = 5;
const RECORDS: usize = 20;

/// A number came although a smaller one had not: whoever has this cursor never asks for the smaller one again.
#[derive(Debug, PartialEq, Eq)]
struct Overtaken {
    cursor: u64,
    next: u64,
}

/// Follows the log up to `last`. Every record is written once, so the numbers must come one by one.
async fn follow(store: Arc<dyn Store>, last: u64) -> Result<(), Overtaken> {
    let mut cursor = 0;
    while cursor < last {
        // All there is, so that it stays close behind the writers and sees what they do to each other.
        let page = store.documents_after(&ods("FA123"), cursor, 1_000_000).await.expect("read");
        for document in &page.documents {
            if document.seq != cursor + 1 {
                return Err(Overtaken { cursor, next: document.seq });
            }
            cursor = document.seq;
        }
        assert_eq!(page.cursor, cursor);
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Writes from so many servers at once, and follows from one more.
async fn many_write_and_one_follows(database: &TestDatabase, servers: usize) -> Result<(), Overtaken> {
    let last = (servers * WRITERS * RECORDS) as u64;
    let following = tokio::spawn(follow(database.open().await, last));
    let mut writing = Vec::new();
    for _ in 0..servers {
        let store = database.open().await;
        for _ in 0..WRITERS {
            let store = Arc::clone(&store);
            writing.push(tokio::spawn(async move {
                for _ in 0..RECORDS {
                    while let Err(error) = store.append(&ods("FA123"), one(document(100))).await {
                        // SQLite's other processes wait for each other only so long.
                        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
                    }
                }
            }));
        }
    }
    for writer in writing {
        writer.await.expect("no panic");
    }
    following.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_never_passes_a_number_that_comes_later_on_sqlite() {
    assert_eq!(many_write_and_one_follows(&sqlite(), SERVERS).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_never_passes_a_number_that_comes_later_on_postgres() {
    let Some(database) = postgres().await else { return };
    assert_eq!(many_write_and_one_follows(&database, SERVERS).await, Ok(()));
}

/// Gives numbers out of a sequence instead and locks nothing, under the very same program.
async fn without_the_row_lock() -> Option<TestDatabase> {
    let database = postgres().await?;
    drop(database.open().await);
    beside(&database)
        .await
        .execute(
            "CREATE SEQUENCE loose MINVALUE 0 START 0;
             CREATE FUNCTION unlocked() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 NEW.pharmacy := gen_random_uuid()::text;
                 -- As many as are asked for, side by side.
                 PERFORM pg_advisory_lock(1);
                 NEW.seq := setval('loose', (SELECT last_value + NEW.seq FROM loose));
                 PERFORM pg_advisory_unlock(1);
                 PERFORM pg_sleep(random() * 0.005);
                 RETURN NEW;
             END $$;
             CREATE TRIGGER unlocked BEFORE INSERT ON pharmacy_log
                 FOR EACH ROW EXECUTE FUNCTION unlocked();",
        )
        .await
        .expect("the lock is taken away");
    Some(database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_row_lock_a_number_is_overtaken_and_the_follower_notices() {
    let Some(database) = without_the_row_lock().await else { return };
    let outcome = many_write_and_one_follows(&database, SERVERS).await;
    assert!(outcome.is_err(), "nobody noticed that the lock is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_row_lock_a_single_server_overtakes_nobody() {
    let Some(database) = without_the_row_lock().await else { return };
    assert_eq!(many_write_and_one_follows(&database, 1).await, Ok(()));
}

/// What a device has of a record.
#[derive(Debug, Default, PartialEq, Eq)]
struct Held {
    base: Vec<u8>,
    changes: BTreeSet<Vec<u8>>,
}

/// Changes records over and over on all servers, now and then compacting them, while a device that began late pulls
/// small pages and keeps what it is told and nothing else.
async fn records_change_while_a_device_pulls(database: &TestDatabase) {
    let mut writing = Vec::new();
    for server in 0..SERVERS {
        let store = database.open().await;
        for writer in 0..WRITERS {
            let (store, mark) = (Arc::clone(&store), u8::try_from(server * WRITERS + writer).expect("few"));
            writing.push(tokio::spawn(async move {
                let mut write = document(100);
                for n in 0..2 * RECORDS {
                    let stored = store.append(&ods("FA123"), one(write.clone())).await;
                    let Ok(numbers) = stored else { panic!("{stored:?}") };
                    let mut hash = [mark; 32];
                    hash[0] = u8::try_from(n).expect("few");
                    let change = StoredChange { hash, actor: vec![mark; 16], bytes: hash.to_vec() };
                    let whole = n % 16 == 15;
                    write.based_on = numbers[0];
                    write.base = whole.then(|| hash.to_vec());
                    write.changes = if whole { Vec::new() } else { vec![change] };
                }
                write.id
            }));
        }
    }
    let reader = database.open().await;
    let mut held: BTreeMap<ConsultationId, Held> = BTreeMap::new();
    let mut cursor = 0;
    let mut done = false;
    loop {
        let page = reader.documents_after(&ods("FA123"), cursor, 300).await.expect("read");
        for document in page.documents {
            let held = held.entry(document.id).or_default();
            if !document.base.is_empty() {
                *held = Held { base: document.base, changes: BTreeSet::new() };
            }
            assert!(!held.base.is_empty(), "a change came and what it builds on never did");
            held.changes.extend(document.changes);
        }
        cursor = page.cursor;
        if done && !page.more {
            break;
        }
        done = writing.iter().all(tokio::task::JoinHandle::is_finished);
    }
    for writer in writing {
        let id = writer.await.expect("no panic");
        let stored = reader.document(&ods("FA123"), &id).await.expect("read").expect("there");
        let stored = Held { base: stored.base, changes: stored.changes.into_iter().collect() };
        let held = &held[&id];
        assert_eq!(held.base, stored.base);
        assert!(
            held.changes.is_superset(&stored.changes),
            "{} of {}",
            held.changes.len(),
            stored.changes.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_misses_nothing_of_records_that_change_while_it_pulls_on_sqlite() {
    records_change_while_a_device_pulls(&sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_misses_nothing_of_records_that_change_while_it_pulls_on_postgres() {
    let Some(database) = postgres().await else { return };
    records_change_while_a_device_pulls(&database).await;
}

/// One server has taken a number and not committed: another's write waits, and what is read ends before both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_took_a_number_is_waited_for() {
    let Some(database) = postgres().await else { return };
    let store = database.open().await;
    store.append(&ods("FA123"), one(document(10))).await.expect("stored");
    let behind = beside(&database).await;
    let mut other = behind.begin().await.expect("a transaction");
    other.execute("UPDATE pharmacy_log SET seq = seq + 1").await.expect("a number is taken");
    let writing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.append(&ods("FA123"), one(document(10))).await })
    };
    // However long it is looked at: nothing becomes visible.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(store.documents_after(&ods("FA123"), 0, 1000).await.expect("read").cursor, 1);
        assert!(!writing.is_finished());
    }
    // A pharmacy beside it is not held up.
    store.append(&ods("FB456"), one(document(10))).await.expect("stored");
    other.rollback().await.expect("given back");
    assert_eq!(writing.await.expect("no panic").expect("stored"), [2]);
}
