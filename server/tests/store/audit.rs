//! Promises about the audit log: one chain, nothing changed, nothing lost, and tampering found.

use crate::databases::{TestDatabase, postgres, sqlite};
use crate::records::{document, ods, one};
use satchel::audit::chain::{self, Broken};
use satchel::store::{Append, AuditEntry, AuditHead, AuditSearch, Store, StoreError};
use shared::ids::{DeviceId, PersonId};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlitePool};
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;

fn line(action: &str) -> AuditEntry {
    AuditEntry { at: NOW, pharmacy: Some(ods("FA123")), action: action.to_owned(), ..AuditEntry::default() }
}

async fn note(store: &Arc<dyn Store>, action: &str) {
    store.record_audit(&line(action)).await.expect("stored");
}

async fn actions(store: &Arc<dyn Store>, search: AuditSearch) -> Vec<String> {
    let search = AuditSearch { pharmacy: Some(ods("FA123")), ..search };
    let lines = store.audit_lines(&search, 100).await.expect("read");
    lines.into_iter().map(|line| line.entry.action).collect()
}

pub async fn a_log_is_one_chain_however_many_write_at_once(store: &Arc<dyn Store>) {
    let writing = (0..40).map(|number| {
        let store = Arc::clone(store);
        tokio::spawn(async move { note(&store, &format!("line-{number}")).await })
    });
    for written in writing.collect::<Vec<_>>() {
        written.await.expect("written");
    }
    let whole = chain::verify(&**store, None).await.expect("whole");
    assert_eq!((whole.lines, whole.head.place, whole.from_to), (40, 40, Some((NOW, NOW))));
    assert_eq!(store.audit_head().await.expect("read"), Some(whole.head));
    // Whoever kept an earlier end finds it again; another one is not there.
    note(store, "after").await;
    chain::verify(&**store, Some(&whole.head)).await.expect("whole");
    let forged = AuditHead { hash: [7; 32], ..whole.head };
    let found = chain::verify(&**store, Some(&forged)).await;
    assert!(matches!(found, Err(Broken::NotTheKept { place: 40, there: true })), "{found:?}");
}

pub async fn an_event_told_twice_is_one_line(store: &Arc<dyn Store>) {
    let told = AuditEntry { event: Some(Uuid::from_bytes([5; 16])), ..line("printed") };
    let other = AuditEntry { event: Some(Uuid::from_bytes([6; 16])), ..line("opened-history") };
    store.record_audits(&[told.clone(), told.clone(), other]).await.expect("stored");
    store.record_audit(&told).await.expect("stored");
    assert_eq!(actions(store, AuditSearch::default()).await, ["opened-history", "printed"]);
    assert_eq!(chain::verify(&**store, None).await.expect("whole").lines, 2);
}

pub async fn the_log_is_searched_by_what_an_auditor_knows(store: &Arc<dyn Store>) {
    let asha = PersonId::from_bytes([1; 16]);
    let opened = AuditEntry {
        person: Some(asha),
        device: Some(DeviceId::from_bytes([2; 16])),
        subject: "consultation".to_owned(),
        patient: Some([3; 32]),
        done_at: Some(NOW - 5000),
        why: "complaint 12".to_owned(),
        ..line("opened-consultation")
    };
    let later = AuditEntry { at: NOW + 1000, ..line("signed-in") };
    let elsewhere = AuditEntry { pharmacy: Some(ods("FB456")), ..opened.clone() };
    store.record_audits(&[opened.clone(), later, elsewhere]).await.expect("stored");
    let stored = store.audit_lines(&AuditSearch { before: Some(2), ..AuditSearch::default() }, 9).await;
    assert_eq!(stored.expect("read")[0].entry, opened);

    let searches = [
        (AuditSearch { person: Some(asha), ..AuditSearch::default() }, "opened-consultation"),
        (AuditSearch { patient: Some([3; 32]), ..AuditSearch::default() }, "opened-consultation"),
        (
            AuditSearch { subject: Some("consultation".into()), ..AuditSearch::default() },
            "opened-consultation",
        ),
        (AuditSearch { until: Some(NOW + 1000), ..AuditSearch::default() }, "opened-consultation"),
        (AuditSearch { action: Some("signed-in".into()), ..AuditSearch::default() }, "signed-in"),
        (AuditSearch { from: Some(NOW + 1000), ..AuditSearch::default() }, "signed-in"),
        (AuditSearch { after: Some(1), ..AuditSearch::default() }, "signed-in"),
        (AuditSearch { before: Some(2), ..AuditSearch::default() }, "opened-consultation"),
    ];
    for (search, expected) in searches {
        assert_eq!(actions(store, search.clone()).await, [expected], "{search:?}");
    }
    let known = store.audit_actions(&ods("FA123")).await.expect("read");
    assert_eq!(known, ["opened-consultation", "signed-in"]);
    assert_eq!(store.audit_actions(&ods("FC789")).await.expect("read"), Vec::<String>::new());
}

pub async fn an_append_and_what_the_log_says_of_it_are_stored_together(store: &Arc<dyn Store>) {
    let append = || Append { audit: vec![line("signed")], ..one(document(10)) };
    let writing = (0..20).map(|_| {
        let (store, append) = (Arc::clone(store), append());
        tokio::spawn(async move { store.append(&ods("FA123"), append).await })
    });
    for written in writing.collect::<Vec<_>>() {
        written.await.expect("no panic").expect("stored");
    }
    // One of a group fails: what the log would say of it is not there either.
    let mut overtaken = one(document(10));
    overtaken.documents[0].based_on = 7;
    overtaken.audit = vec![line("never-happened")];
    let pharmacy = ods("FA123");
    let (failed, stored) =
        tokio::join!(store.append(&pharmacy, overtaken), store.append(&pharmacy, append()));
    assert!(matches!(failed, Err(StoreError::Conflict)));
    stored.expect("stored");
    assert_eq!(actions(store, AuditSearch::default()).await, vec!["signed"; 21]);
    assert_eq!(chain::verify(&**store, None).await.expect("whole").lines, 21);
}

pub async fn an_export_that_pages_leaves_nothing_out(store: &Arc<dyn Store>) {
    for number in 0..7 {
        note(store, &format!("line-{number}")).await;
    }
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = store.audit_after(after, 3).await.expect("read");
        let Some(last) = page.last() else { break };
        after = last.place;
        seen.extend(page.into_iter().map(|line| line.entry.action));
    }
    assert_eq!(seen, (0..7).map(|number| format!("line-{number}")).collect::<Vec<_>>());
}

/// Somebody with the database in their hands.
enum Intruder {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Intruder {
    async fn at(database: &TestDatabase) -> Self {
        if database.url.starts_with("sqlite:") {
            Self::Sqlite(SqlitePool::connect(&database.url).await.expect("a connection"))
        } else {
            Self::Postgres(PgPool::connect(&database.url).await.expect("a connection"))
        }
    }

    async fn tries(&self, statement: &str) -> Result<(), sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(pool) => pool.execute(statement).await.map(drop),
            Self::Postgres(pool) => pool.execute(statement).await.map(drop),
        }
    }

    async fn does(&self, statement: &str) {
        self.tries(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Takes the guards away, which no statement of ours does.
    async fn unguards(&self, database: &TestDatabase) {
        let on_audit = if database.url.starts_with("sqlite:") { "" } else { " ON audit" };
        for trigger in ["audit_never_deleted", "audit_never_changed"] {
            self.does(&format!("DROP TRIGGER {trigger}{on_audit}")).await;
        }
    }
}

async fn six_lines(database: &TestDatabase) -> Arc<dyn Store> {
    let store = database.open().await;
    for number in 1..=6 {
        note(&store, &format!("line-{number}")).await;
    }
    store
}

/// What an intruder does, and what the walk says of it.
type Deed = (&'static [&'static str], fn(&Broken) -> bool);

const DEEDS: [Deed; 9] = [
    // Changed in any of its columns.
    (&["UPDATE audit SET subject = 'x' WHERE place = 3"], |found| {
        matches!(found, Broken::Line { place: 3, .. })
    }),
    (&["UPDATE audit SET at = at + 1 WHERE place = 1"], |found| {
        matches!(found, Broken::Line { place: 1, .. })
    }),
    (&["UPDATE audit SET person = 'p' WHERE place = 6"], |found| {
        matches!(found, Broken::Store(_) | Broken::Line { .. })
    }),
    // Taken out.
    (&["DELETE FROM audit WHERE place = 3"], |found| matches!(found, Broken::Line { place: 4, .. })),
    (&["DELETE FROM audit WHERE place = 1"], |found| matches!(found, Broken::Line { place: 2, .. })),
    // Cut off.
    (&["DELETE FROM audit WHERE place > 4"], |found| {
        matches!(found, Broken::CutOff { found: 4, expected: 6 })
    }),
    // Put in, in the middle and at the end.
    (
        &[
            "UPDATE audit SET place = 7 WHERE place = 6",
            "INSERT INTO audit (place, at, action, subject, hash) SELECT 6, at, action, subject, hash FROM audit WHERE place = 5",
        ],
        |found| matches!(found, Broken::Line { place: 6, .. }),
    ),
    (&["INSERT INTO audit (place, at, action, subject) VALUES (7, 1, 'a', '')"], |found| {
        matches!(found, Broken::Unchained { place: 7 })
    }),
    // Moved.
    (
        &[
            "UPDATE audit SET place = 9 WHERE place = 3",
            "UPDATE audit SET place = 3 WHERE place = 4",
            "UPDATE audit SET place = 4 WHERE place = 9",
        ],
        |found| matches!(found, Broken::Line { place: 3, .. }),
    ),
];

async fn tampered(database: &TestDatabase, statements: &[&str], is_found: fn(&Broken) -> bool) {
    let store = six_lines(database).await;
    let intruder = Intruder::at(database).await;
    intruder.unguards(database).await;
    for statement in statements {
        intruder.does(statement).await;
    }
    let found = chain::verify(&*store, None).await.expect_err("found");
    assert!(is_found(&found), "{statements:?}: {found}");
}

#[tokio::test]
async fn tampering_with_the_log_is_found_on_sqlite() {
    for (statements, is_found) in DEEDS {
        tampered(&sqlite(), statements, is_found).await;
    }
}

#[tokio::test]
async fn tampering_with_the_log_is_found_on_postgres() {
    for (statements, is_found) in DEEDS {
        let Some(database) = postgres().await else { return };
        tampered(&database, statements, is_found).await;
    }
}

async fn changes_are_refused(database: &TestDatabase) {
    let store = six_lines(database).await;
    let intruder = Intruder::at(database).await;
    for statement in [
        "UPDATE audit SET subject = 'x' WHERE place = 3",
        "UPDATE audit SET hash = NULL WHERE place = 3",
        "DELETE FROM audit WHERE place = 6",
        "DELETE FROM audit",
    ] {
        let refused = intruder.tries(statement).await.expect_err(statement);
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(chain::verify(&*store, None).await.expect("whole").lines, 6);
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_log() {
    changes_are_refused(&sqlite()).await;
    if let Some(database) = postgres().await {
        changes_are_refused(&database).await;
        let emptied = Intruder::at(&database).await.tries("TRUNCATE audit").await;
        assert!(emptied.expect_err("refused").to_string().contains("append-only"));
    }
}

async fn lines_from_before_are_chained(database: &TestDatabase) {
    let store = database.open().await;
    let intruder = Intruder::at(database).await;
    // As the releases before the chain wrote them, with the gaps that a database leaves.
    for place in [1, 2, 5] {
        let insert =
            format!("INSERT INTO audit (place, at, action, subject) VALUES ({place}, {NOW}, 'old', '')");
        intruder.does(&insert).await;
    }
    store.begin_audit_chain(NOW).await.expect("chained");
    store.begin_audit_chain(NOW).await.expect("once");
    note(&store, "new").await;
    let whole = chain::verify(&*store, None).await.expect("whole");
    assert_eq!((whole.lines, whole.head.place), (5, 7));
    let begun = &store.audit_after(5, 1).await.expect("read")[0].entry;
    assert_eq!((begun.action.as_str(), begun.subject.as_str()), ("audit-chain-begun", "3 lines from before"));
}

#[tokio::test]
async fn lines_from_before_the_chain_are_its_beginning() {
    lines_from_before_are_chained(&sqlite()).await;
    if let Some(database) = postgres().await {
        lines_from_before_are_chained(&database).await;
    }
}

#[tokio::test]
async fn several_servers_on_one_database_make_one_chain() {
    for database in [Some(sqlite()), postgres().await].into_iter().flatten() {
        let (one, other) = (database.open().await, database.open().await);
        let writing = (0..30).map(|number| {
            let store = Arc::clone(if number % 2 == 0 { &one } else { &other });
            tokio::spawn(async move { note(&store, "line").await })
        });
        for written in writing.collect::<Vec<_>>() {
            written.await.expect("written");
        }
        assert_eq!(chain::verify(&*one, None).await.expect("whole").lines, 30);
    }
}
