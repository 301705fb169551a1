//! Promises about records and their log.

use satchel::store::{Append, AuthorSignature, DocumentWrite, IntakeKey, Store, StoreError, StoredChange};
use shared::consultation::WorkListRow;
use shared::ids::{ConsultationId, OdsCode};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

pub fn ods(code: &str) -> OdsCode {
    code.parse().expect("an ODS code")
}

pub fn document(size: usize) -> DocumentWrite {
    DocumentWrite {
        id: ConsultationId(Uuid::new_v4()),
        based_on: 0,
        base: Some(vec![7; size]),
        changes: Vec::new(),
        heads: vec!["aa".to_owned()],
        row: WorkListRow::default(),
        intake: Vec::new(),
        deliveries: Vec::new(),
        supplies: None,
    }
}

pub fn one(document: DocumentWrite) -> Append {
    Append { documents: vec![document], ..Append::default() }
}

pub fn change(bytes: u8) -> StoredChange {
    StoredChange { hash: [bytes; 32], actor: vec![1; 16], bytes: vec![bytes; 10] }
}

pub async fn numbers_have_no_gaps_however_many_write_at_once(store: &Arc<dyn Store>) {
    let writes = (0..60).map(|n| {
        let store = Arc::clone(store);
        let pharmacy = ods(if n % 3 == 0 { "FB456" } else { "FA123" });
        tokio::spawn(async move { store.append(&pharmacy, one(document(10))).await.expect("stored")[0] })
    });
    let mut seen = Vec::new();
    for write in writes.collect::<Vec<_>>() {
        seen.push(write.await.expect("no panic"));
    }
    let distinct: BTreeSet<u64> = seen.iter().copied().collect();
    assert_eq!(distinct, (1..=40).collect());
    assert_eq!(store.last_seq(&ods("FB456")).await.expect("read"), 20);
    let all = store.last_seqs().await.expect("read");
    assert_eq!(all.into_iter().collect::<Vec<_>>(), [(ods("FA123"), 40), (ods("FB456"), 20)]);
}

pub async fn an_append_that_fails_leaves_nothing_and_takes_no_number(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let first = document(10);
    let id = first.id;
    store.append(&pharmacy, one(first)).await.expect("stored");
    let late = DocumentWrite { id, based_on: 9, base: None, changes: vec![change(1)], ..document(0) };
    let other = document(10);
    let other_id = other.id;
    let both = Append { documents: vec![other, late], ..Append::default() };
    assert!(matches!(store.append(&pharmacy, both).await, Err(StoreError::Conflict)));
    assert!(store.document(&pharmacy, &other_id).await.expect("read").is_none());
    assert_eq!(store.append(&pharmacy, one(document(10))).await.expect("stored"), [2]);
}

pub async fn one_that_fails_leaves_those_beside_it(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let first = document(10);
    let id = first.id;
    store.append(&pharmacy, one(first)).await.expect("stored");
    let writes = (0..40).map(|n| {
        let (store, pharmacy) = (Arc::clone(store), pharmacy.clone());
        let late = DocumentWrite { id, based_on: 9, base: None, changes: vec![change(1)], ..document(0) };
        let write = if n % 4 == 0 { late } else { document(10) };
        tokio::spawn(async move { store.append(&pharmacy, one(write)).await })
    });
    let (mut stored, mut refused) = (BTreeSet::new(), 0);
    for write in writes.collect::<Vec<_>>() {
        match write.await.expect("no panic") {
            Ok(numbers) => stored.extend(numbers),
            Err(StoreError::Conflict) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((stored, refused), ((2..=31).collect(), 10));
    assert_eq!(store.rows(Some(&pharmacy)).await.expect("read").len(), 31);
}

pub async fn edits_of_many_records_at_once_keep_each_what_is_its_own(store: &Arc<dyn Store>) {
    let mut first = Vec::new();
    for n in 0..150 {
        let pharmacy = ods(if n % 5 == 0 { "FB456" } else { "FA123" });
        let whole = document(10);
        let id = whole.id;
        let seq = store.append(&pharmacy, one(whole)).await.expect("stored")[0];
        first.push((pharmacy, id, seq));
    }
    let edits = first.iter().enumerate().map(|(n, (pharmacy, id, seq))| {
        let n = u8::try_from(n).expect("few");
        let own = |part| StoredChange { hash: [n; 32], actor: vec![part; 16], bytes: vec![n, part] };
        let changes = vec![StoredChange { hash: [200; 32], ..own(1) }, own(2)];
        let row = WorkListRow { complaint: n.to_string(), ..WorkListRow::default() };
        // Every seventh was decided upon a state that is not there any more.
        let based_on = if n % 7 == 0 { seq + 1000 } else { *seq };
        let heads = vec![n.to_string()];
        let edit = DocumentWrite { id: *id, based_on, base: None, changes, row, heads, ..document(0) };
        let mut append = one(edit);
        let signed = AuthorSignature { document: *id, actor: [7; 16], signature: [n; 64] };
        append.proofs.signatures.push(signed);
        let (store, pharmacy) = (Arc::clone(store), pharmacy.clone());
        tokio::spawn(async move { store.append(&pharmacy, append).await })
    });
    let mut numbers = BTreeSet::new();
    for (n, edit) in edits.collect::<Vec<_>>().into_iter().enumerate() {
        let (pharmacy, id, _) = &first[n];
        let outcome = edit.await.expect("no panic");
        let stored = store.document(pharmacy, id).await.expect("read").expect("it is there");
        if n % 7 == 0 {
            assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
            assert!(stored.changes.is_empty());
            continue;
        }
        let seq = outcome.expect("stored")[0];
        numbers.insert((pharmacy.clone(), seq));
        let n = u8::try_from(n).expect("few");
        assert_eq!((stored.seq, stored.changes), (seq, vec![vec![n, 1], vec![n, 2]]));
        assert_eq!((stored.row.complaint, stored.base.len()), (n.to_string(), 10));
        let standing = store.standing(id).await.expect("read").expect("it is there");
        assert_eq!(standing.heads, [n.to_string()]);
        assert_eq!(store.signatures_of(pharmacy, id).await.expect("read"), [([7; 16], [n; 64])]);
    }
    for (pharmacy, before) in [(ods("FA123"), 120), (ods("FB456"), 30)] {
        let last = store.last_seq(&pharmacy).await.expect("read");
        let own: BTreeSet<u64> =
            numbers.iter().filter(|(whose, _)| *whose == pharmacy).map(|(_, seq)| *seq).collect();
        assert_eq!(own, (before + 1..=last).collect(), "no number was lost or given twice");
    }
}

pub async fn of_many_edits_upon_one_state_one_is_stored(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let whole = document(10);
    let id = whole.id;
    store.append(&pharmacy, one(whole)).await.expect("stored");
    let edits = (0..40).map(|n| {
        let edit = DocumentWrite { id, based_on: 1, base: None, changes: vec![change(n)], ..document(0) };
        let mut append = one(edit);
        let signed = AuthorSignature { document: id, actor: [7; 16], signature: [n; 64] };
        append.proofs.signatures.push(signed);
        let (store, pharmacy) = (Arc::clone(store), pharmacy.clone());
        tokio::spawn(async move { store.append(&pharmacy, append).await })
    });
    let mut stored = Vec::new();
    for edit in edits.collect::<Vec<_>>() {
        match edit.await.expect("no panic") {
            Ok(numbers) => stored.extend(numbers),
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(stored, [2]);
    assert_eq!(store.document(&pharmacy, &id).await.expect("read").expect("there").changes.len(), 1);
}

pub async fn one_message_makes_one_consultation_when_two_copies_race(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let key = IntakeKey::Message("m-1".to_owned());
    let copy = || one(DocumentWrite { intake: vec![key.clone()], ..document(10) });
    let (left, right) = tokio::join!(store.append(&pharmacy, copy()), store.append(&pharmacy, copy()));
    assert_eq!(usize::from(left.is_ok()) + usize::from(right.is_ok()), 1);
    assert!(matches!(left.and(right), Err(StoreError::Conflict)));
    assert_eq!(store.rows(Some(&pharmacy)).await.expect("read").len(), 1);
    assert!(store.intake_document(&pharmacy, &key).await.expect("read").is_some());
}

pub async fn the_log_is_paged_in_order_and_leaves_nothing_out(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let mut ids = Vec::new();
    for _ in 0..7 {
        let document = document(1000);
        ids.push(document.id);
        store.append(&pharmacy, one(document)).await.expect("stored");
    }
    // The first is written again: with its base where that is in the page, and alone for whoever has passed that.
    let again =
        DocumentWrite { id: ids[0], based_on: 1, base: None, changes: vec![change(3)], ..document(0) };
    store.append(&pharmacy, one(again)).await.expect("stored");
    let (mut cursor, mut seen) = (0, Vec::new());
    loop {
        let page = store.documents_after(&pharmacy, cursor, 2500).await.expect("read");
        seen.extend(page.documents.iter().map(|document| document.id));
        cursor = page.cursor;
        if !page.more {
            break;
        }
    }
    ids.push(ids[0]);
    assert_eq!(seen, ids);
    let first = store.documents_after(&pharmacy, 0, 2500).await.expect("read").documents.remove(0);
    assert_eq!((first.base.len(), first.changes), (1000, vec![vec![3; 10]]));
    let tail = store.documents_after(&pharmacy, 7, 2500).await.expect("read").documents.remove(0);
    assert_eq!((tail.base.len(), tail.changes), (0, vec![vec![3; 10]]));
}

pub async fn a_pharmacy_reads_only_its_own(store: &Arc<dyn Store>) {
    let document = document(10);
    let id = document.id;
    store.append(&ods("FA123"), one(document)).await.expect("stored");
    assert!(store.document(&ods("FB456"), &id).await.expect("read").is_none());
    assert!(store.documents_after(&ods("FB456"), 0, 1000).await.expect("read").documents.is_empty());
    assert!(store.rows(Some(&ods("FB456"))).await.expect("read").is_empty());
    assert_eq!(store.owner(&id).await.expect("read"), Some(ods("FA123")));
}

pub async fn a_new_base_takes_the_place_of_the_changes(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let first = document(10);
    let id = first.id;
    store.append(&pharmacy, one(first)).await.expect("stored");
    let tail = DocumentWrite { id, based_on: 1, base: None, changes: vec![change(3)], ..document(0) };
    store.append(&pharmacy, one(tail)).await.expect("stored");
    let whole = DocumentWrite { id, based_on: 2, base: Some(vec![9; 20]), ..document(0) };
    store.append(&pharmacy, one(whole)).await.expect("stored");
    let stored = store.document(&pharmacy, &id).await.expect("read").expect("it is there");
    assert_eq!((stored.base, stored.changes.len()), (vec![9; 20], 0));
    let behind = store.documents_after(&pharmacy, 2, 1000).await.expect("read");
    assert_eq!(behind.documents[0].base.len(), 20, "a reader from before gets the new base");
}

pub async fn a_fact_once_written_stands(store: &Arc<dyn Store>) {
    assert_eq!(store.meta_or_put("epoch", "one").await.expect("written"), "one");
    assert_eq!(store.meta_or_put("epoch", "two").await.expect("read"), "one");
    store.put_meta("epoch", "three").await.expect("written");
    assert_eq!(store.meta("epoch").await.expect("read").as_deref(), Some("three"));
}

pub async fn a_patients_records_are_found_by_the_number_they_have_now(store: &Arc<dyn Store>) {
    let with = |number: &str, received_at: &str| WorkListRow {
        nhs_number: number.to_owned(),
        received_at: received_at.to_owned(),
        ..WorkListRow::default()
    };
    let (one_number, other) = ("9990548609", "9990548706");
    let rows =
        [(one_number, "2026-11-20"), (one_number, "2026-11-22"), ("", "2026-11-23"), (other, "2026-11-21")];
    let documents: Vec<DocumentWrite> =
        rows.iter().map(|(number, at)| DocumentWrite { row: with(number, at), ..document(10) }).collect();
    let changed = documents[0].id;
    for document in documents {
        store.append(&ods("FA123"), one(document)).await.expect("stored");
    }
    let elsewhere = DocumentWrite { row: with(one_number, "2026-11-24"), ..document(10) };
    store.append(&ods("FB456"), one(elsewhere)).await.expect("stored");
    let found = async |number: &str, most| -> Vec<String> {
        let number = number.parse().expect("a number");
        let rows = store.rows_of(&ods("FA123"), &number, most).await.expect("read");
        rows.into_iter().map(|row| row.received_at).collect()
    };
    assert_eq!(found(one_number, 9).await, ["2026-11-22", "2026-11-20"]);
    assert_eq!(found(one_number, 1).await, ["2026-11-22"]);
    let corrected = DocumentWrite {
        id: changed,
        based_on: 1,
        base: None,
        changes: vec![change(1)],
        row: with(other, "2026-11-20"),
        ..document(0)
    };
    store.append(&ods("FA123"), one(corrected)).await.expect("stored");
    assert_eq!(found(one_number, 9).await, ["2026-11-22"]);
    assert_eq!(found(other, 9).await, ["2026-11-21", "2026-11-20"]);
}
