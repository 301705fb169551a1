//! Everything that one database gives another takes: what a backup and a restore stand on.

use crate::databases::{TestDatabase, postgres, sqlite};
use crate::outbox::delivery;
use crate::people::asha;
use crate::records::{change, document, ods, one};
use crate::supplies::{line, read_of};
use satchel::audit::chain;
use satchel::store::{
    Append, AuditEntry, DocumentWrite, IntakeKey, NewLife, Store, StoreError, StoredDocument, TableRow,
};
use shared::ids::{ConsultationId, Epoch};
use shared::register::TokenRow;
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;

/// A person, an audit line, and a signed record with a tail and a message to send.
async fn fill(store: &Arc<dyn Store>) -> ConsultationId {
    asha(store).await;
    note(store, "first").await;
    store.meta_or_put("epoch", &Uuid::new_v4().to_string()).await.expect("stored");
    let mut record = document(10);
    record.deliveries = vec![delivery(record.id, 0)];
    record.intake = vec![IntakeKey::Message("m-1".to_owned())];
    let token = TokenRow { date: "2026-11-22".to_owned(), ..TokenRow::default() };
    record.supplies = Some(read_of("aa", vec![line("a", "2026-11-22T15:00:00Z")], Some(token)));
    let id = record.id;
    store.append(&ods("FA123"), one(record)).await.expect("stored");
    let tail = DocumentWrite {
        id,
        based_on: 1,
        base: None,
        // Not in the order of their hashes: the order they came in is what counts.
        changes: vec![change(9), change(3), change(6)],
        ..document(0)
    };
    store.append(&ods("FA123"), one(tail)).await.expect("stored");
    id
}

async fn note(store: &Arc<dyn Store>, action: &str) {
    let entry = AuditEntry {
        at: NOW,
        person: None,
        pharmacy: Some(ods("FA123")),
        action: action.to_owned(),
        ..AuditEntry::default()
    };
    store.record_audit(&entry).await.expect("stored");
}

async fn rows(store: &Arc<dyn Store>) -> Vec<TableRow> {
    let layout = store.layout().await.expect("a layout");
    let (give, mut given) = mpsc::channel(1);
    let giving = {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.dump(&layout, give).await })
    };
    let mut rows = Vec::new();
    while let Some(row) = given.recv().await {
        rows.push(row);
    }
    giving.await.expect("no panic").expect("all was given");
    rows
}

/// Takes the rows; `whole` says whether their end is reached.
async fn load(
    store: &Arc<dyn Store>,
    from: &Arc<dyn Store>,
    rows: Vec<TableRow>,
    whole: bool,
) -> Result<(), StoreError> {
    let layout = from.layout().await.expect("a layout");
    let life =
        NewLife { epoch: Epoch::from_bytes([9; 16]), at: NOW, destroyed: Vec::new(), devices_since: NOW };
    let (give, given) = mpsc::channel(1);
    tokio::spawn(async move {
        for row in rows {
            give.send(Some(row)).await.expect("taken");
        }
        if whole {
            give.send(None).await.expect("taken");
        }
    });
    store.load(&layout, given, &life).await
}

async fn record(store: &Arc<dyn Store>, id: &ConsultationId) -> Option<StoredDocument> {
    store.document(&ods("FA123"), id).await.expect("read")
}

async fn moves(from: TestDatabase, to: TestDatabase) {
    let (old, new) = (from.open().await, to.open().await);
    let id = fill(&old).await;
    // What the new database had is replaced; how far its log had come is not forgotten.
    note(&new, "replaced").await;
    for _ in 0..5 {
        new.append(&ods("FA123"), one(document(10))).await.expect("stored");
    }
    let everything = rows(&old).await;
    let before = new.rows(None).await.expect("read");
    assert!(load(&new, &old, everything.clone(), false).await.is_err());
    assert_eq!(new.rows(None).await.expect("read"), before, "a backup cut short changes nothing");
    load(&new, &old, everything, true).await.expect("loaded");

    let (given, taken) = (record(&old, &id).await.expect("there"), record(&new, &id).await.expect("there"));
    assert_eq!((given.base, given.changes), (taken.base, taken.changes));
    assert!(taken.seq > 5, "numbers go on after those of the life before");
    assert_eq!(new.rows(None).await.expect("read").len(), 1);
    let waiting = new.deliveries_of(&id).await.expect("read").remove(0);
    assert!(new.frozen_message(waiting.id).await.expect("read").is_some());
    let supplied = new.supplied_of_batch(&ods("FA123"), "AB12").await.expect("read");
    assert_eq!(supplied.len(), 1, "what was supplied moves too");
    assert_eq!(new.tokens_of(&ods("FA123"), "2026-11").await.expect("read").len(), 1);

    // Whoever works on with it finds no number taken.
    note(&new, "second").await;
    let lines = new.audit(&ods("FA123"), 9).await.expect("read");
    assert_eq!(lines.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(), ["second", "first"]);
    let tail = DocumentWrite { id, based_on: taken.seq, base: None, changes: vec![change(1)], ..document(0) };
    log_goes_on(&new).await;
    let numbers = new.append(&ods("FA123"), Append { documents: vec![tail], ..Append::default() }).await;
    assert_eq!(numbers.expect("stored"), [taken.seq + 1]);
    assert_eq!(record(&new, &id).await.expect("there").changes.len(), 4);
}

/// The chain holds over the restore, and says that there was one and how the log had ended before.
async fn log_goes_on(store: &Arc<dyn Store>) {
    chain::verify(&**store, None).await.expect("whole");
    let lines = store.audit_after(0, 100).await.expect("read");
    let link = lines.iter().find(|line| line.entry.action == "log-after-restore").expect("a link");
    let before = chain::read(&link.entry.subject).expect("an end");
    assert_eq!(before.place, 1, "the new database's log had one line");
}

/// What was written since a backup stays in the log when that backup is restored.
async fn log_outlives_a_restore(database: TestDatabase) {
    let store = database.open().await;
    fill(&store).await;
    let everything = rows(&store).await;
    note(&store, "since").await;
    let kept = store.audit_head().await.expect("read").expect("an end");
    load(&store, &store, everything, true).await.expect("loaded");
    chain::verify(&*store, Some(&kept)).await.expect("whole, with all that was there");
    let actions = store.audit_after(0, 9).await.expect("read").into_iter().map(|line| line.entry.action);
    assert_eq!(actions.collect::<Vec<_>>(), ["first", "since", "log-after-restore"]);
}

#[tokio::test]
async fn a_restore_takes_nothing_out_of_the_audit_log() {
    log_outlives_a_restore(sqlite()).await;
    if let Some(database) = postgres().await {
        log_outlives_a_restore(database).await;
    }
}

#[tokio::test]
async fn everything_moves_from_sqlite_to_sqlite() {
    moves(sqlite(), sqlite()).await;
}

#[tokio::test]
async fn everything_moves_from_sqlite_to_postgres() {
    let Some(to) = postgres().await else { return };
    moves(sqlite(), to).await;
}

#[tokio::test]
async fn everything_moves_from_postgres_to_sqlite() {
    let Some(from) = postgres().await else { return };
    moves(from, sqlite()).await;
}

#[tokio::test]
async fn everything_moves_from_postgres_to_postgres() {
    let (Some(from), Some(to)) = (postgres().await, postgres().await) else { return };
    moves(from, to).await;
}
