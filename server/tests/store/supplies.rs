//! Promises about what was handed over, line by line.

use crate::records::{document, ods, one};
use satchel::store::{DocumentWrite, Store, SuppliedTo, Supplies};
use shared::consultation::{Status, WorkListRow};
use shared::ids::ConsultationId;
use shared::register::{Supplied, TokenRow, of_person};
use std::sync::Arc;

const EMERGENCY: &str = "emergency-supply";

/// An inhaler for Wilhelmina, handed over at that time.
pub fn line(id: &str, at: &str) -> Supplied {
    Supplied {
        line: id.to_owned(),
        supplied_at: at.to_owned(),
        name: "Salbutamol 100micrograms/dose inhaler".to_owned(),
        supply_type: EMERGENCY.to_owned(),
        patient: "TESTERTON, Wilhelmina".to_owned(),
        birth_date: "1944-05-11".to_owned(),
        nhs_number: "9990548609".to_owned(),
        batch: "ab-12".to_owned(),
        ..Supplied::default()
    }
}

pub fn read_of(heads: &str, lines: Vec<Supplied>, token: Option<TokenRow>) -> Supplies {
    Supplies { version: 1, heads: heads.to_owned(), lines, token, done: None }
}

fn signed(supplies: Option<Supplies>) -> DocumentWrite {
    let row = WorkListRow { status: Status::Completed, ..WorkListRow::default() };
    DocumentWrite { supplies, row, ..document(10) }
}

fn ids(found: &[Supplied]) -> Vec<&str> {
    found.iter().map(|supplied| supplied.line.as_str()).collect()
}

fn wilhelmina() -> SuppliedTo {
    SuppliedTo {
        nhs_number: "9990548609".to_owned(),
        person: of_person("TESTERTON, Wilhelmina", "1944-05-11"),
    }
}

async fn on(store: &Arc<dyn Store>, from: &str, to: &str) -> Vec<Supplied> {
    store.supplied_between(&ods("FA123"), from, to).await.expect("read")
}

pub async fn what_was_supplied_is_found_by_day_patient_and_batch(store: &Arc<dyn Store>) {
    // A summer night in England is of the next day there.
    let lines = vec![line("a", "2026-06-30T23:30:00Z"), line("b", "2026-11-22T15:00:00Z")];
    store.append(&ods("FA123"), one(signed(Some(read_of("aa", lines, None))))).await.expect("stored");
    let other = Supplied { supply_type: "over-the-counter".to_owned(), ..line("c", "2026-11-22T16:00:00Z") };
    let no_batch = Supplied { batch: " - ".to_owned(), ..line("d", "2026-11-21T10:00:00Z") };
    let write = signed(Some(read_of("bb", vec![other, no_batch], None)));
    store.append(&ods("FA123"), one(write)).await.expect("stored");
    assert_eq!(ids(&on(store, "2026-07-01", "2026-07-01").await), ["a"]);
    assert_eq!(ids(&on(store, "2026-11-21", "2026-11-22").await), ["d", "b", "c"]);
    let mine = |most| {
        let store = Arc::clone(store);
        async move { store.supplied_to(&ods("FA123"), &wilhelmina(), EMERGENCY, most).await.expect("read") }
    };
    assert_eq!(ids(&mine(9).await), ["b", "d", "a"], "newest first, and only by that right");
    assert_eq!(ids(&mine(1).await), ["b"]);
    let of = |batch: &'static str| {
        let store = Arc::clone(store);
        async move { store.supplied_of_batch(&ods("FA123"), batch).await.expect("read") }
    };
    assert_eq!(ids(&of("AB12").await), ["c", "b", "a"]);
    assert_eq!(ids(&of("").await), ["d"], "where nobody recorded one");
    let elsewhere = store.supplied_of_batch(&ods("FB456"), "AB12").await.expect("read");
    assert!(elsewhere.is_empty(), "another pharmacy's");
}

pub async fn somebody_without_a_number_is_found_by_name_and_birth_date(store: &Arc<dyn Store>) {
    let nameless = Supplied { nhs_number: String::new(), ..line("a", "2026-11-20T10:00:00Z") };
    let hers = line("b", "2026-11-21T10:00:00Z");
    let namesake = Supplied { nhs_number: "9990548706".to_owned(), ..line("c", "2026-11-22T10:00:00Z") };
    let unborn = Supplied {
        nhs_number: String::new(),
        birth_date: String::new(),
        ..line("d", "2026-11-23T10:00:00Z")
    };
    let write = signed(Some(read_of("aa", vec![nameless, hers, namesake, unborn], None)));
    store.append(&ods("FA123"), one(write)).await.expect("stored");
    let found = async |patient: SuppliedTo| {
        store.supplied_to(&ods("FA123"), &patient, EMERGENCY, 9).await.expect("read")
    };
    assert_eq!(ids(&found(wilhelmina()).await), ["b", "a"], "not her namesake's");
    let by_name = SuppliedTo { nhs_number: String::new(), ..wilhelmina() };
    assert_eq!(ids(&found(by_name).await), ["c", "b", "a"]);
    assert_eq!(ids(&found(SuppliedTo::default()).await), [""; 0], "nobody is nobody");
}

pub async fn an_amended_record_says_what_it_says_now(store: &Arc<dyn Store>) {
    let token = TokenRow {
        date: "2026-11-22".to_owned(),
        items: vec!["Salbutamol".to_owned()],
        ..TokenRow::default()
    };
    let first = read_of("aa", vec![line("a", "2026-11-22T15:00:00Z")], Some(token.clone()));
    let write = signed(Some(first));
    let id = write.id;
    store.append(&ods("FA123"), one(write)).await.expect("stored");
    assert_eq!(store.tokens_of(&ods("FA123"), "2026-11").await.expect("read"), [token]);
    // A write that says nothing of supplies leaves them.
    let tail = DocumentWrite { id, based_on: 1, base: None, ..signed(None) };
    store.append(&ods("FA123"), one(tail)).await.expect("stored");
    assert_eq!(ids(&on(store, "2026-11-22", "2026-11-22").await), ["a"]);
    let amended = Supplied { quantity: "2".to_owned(), ..line("b", "2026-11-22T15:00:00Z") };
    let supplies = Some(read_of("bb", vec![amended.clone()], None));
    let write = DocumentWrite { id, based_on: 2, base: None, ..signed(supplies) };
    store.append(&ods("FA123"), one(write)).await.expect("stored");
    assert_eq!(on(store, "2026-11-22", "2026-11-22").await, [amended]);
    assert!(store.tokens_of(&ods("FA123"), "2026-11").await.expect("read").is_empty());
}

pub async fn a_signed_record_that_nobody_has_read_is_read_once(store: &Arc<dyn Store>) {
    let unread = async |version: i64| -> Vec<ConsultationId> {
        store.supplies_unread(&ods("FA123"), version, None, 9).await.expect("read")
    };
    let (old, open) = (signed(None), document(10));
    let (id, other) = (old.id, open.id);
    store.append(&ods("FA123"), one(old)).await.expect("stored");
    store.append(&ods("FA123"), one(open)).await.expect("stored");
    store.append(&ods("FB456"), one(signed(None))).await.expect("stored");
    assert_eq!(unread(1).await, [id], "not the open one {other}");
    assert_eq!(store.supplies_unread(&ods("FB456"), 1, None, 9).await.expect("read").len(), 1);
    let supplies = read_of("aa", vec![line("a", "2026-11-22T15:00:00Z")], None);
    let put = async |seq| store.put_supplies(&ods("FA123"), &id, seq, &supplies).await.expect("answered");
    assert!(!put(7).await, "it has moved on");
    assert!(put(1).await);
    assert!(put(1).await, "the same again");
    assert_eq!(ids(&on(store, "2026-11-22", "2026-11-22").await), ["a"]);
    assert!(unread(1).await.is_empty());
    assert_eq!(unread(2).await, [id], "a newer program reads it anew");
    assert!(
        store
            .supplies_unread(&ods("FA123"), 2, Some(&ConsultationId::from_bytes([255; 16])), 9)
            .await
            .expect("read")
            .is_empty()
    );
}
