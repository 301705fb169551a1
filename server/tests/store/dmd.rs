//! Promises about the dictionary of medicines: one release in use, whole or not at all.

use satchel::store::{DMD_CHUNK, DmdFile, DmdRelease, DmdReplaced, NewDmd, Store, StoreError};
use std::sync::Arc;

fn file(name: &str, mark: u8, content: &[u8]) -> DmdFile {
    DmdFile {
        name: name.to_owned(),
        sha256: [mark; 32],
        bytes: content.len() as u64,
        whole: 3 * content.len() as u64,
        chunks: content.len().div_ceil(DMD_CHUNK) as u32,
    }
}

/// A release whose files are of this byte.
fn release(day: &str, mark: u8, imported_at: i64) -> NewDmd {
    let (core, full) = (vec![mark; 10], vec![mark; DMD_CHUNK + 1]);
    NewDmd {
        release: DmdRelease {
            release: day.to_owned(),
            digest: [mark; 32],
            builder: 1,
            imported_at,
            source: "file".to_owned(),
            counts: "{}".to_owned(),
            changes: "{}".to_owned(),
            files: vec![file("core", mark, &core), file("full", mark + 100, &full)],
        },
        contents: vec![core, full],
        replaced: (0..1200)
            .map(|n| DmdReplaced {
                old: 999_999_999_999_000_000 - n,
                new: u64::from(mark) * 10_000 + n,
                kind: "vmp".to_owned(),
            })
            .collect(),
    }
}

pub async fn a_release_comes_into_use_whole_and_the_one_before_goes(store: &Arc<dyn Store>) {
    assert_eq!(store.dmd_release().await.expect("read"), None);
    let (first, second) = (release("2026-11-09", 1, 10), release("2026-11-16", 2, 20));
    store.put_dmd(&first, None).await.expect("written");
    assert_eq!(store.dmd_release().await.expect("read").as_ref(), Some(&first.release));
    let mut full = store.dmd_chunk(&[101; 32], 0).await.expect("read").expect("there");
    full.extend(store.dmd_chunk(&[101; 32], 1).await.expect("read").expect("there"));
    assert_eq!(full, first.contents[1]);
    assert_eq!(store.dmd_chunk(&[101; 32], 2).await.expect("read"), None);
    let replaced = store.dmd_replaced(999_999_999_999_000_000 - 1199).await.expect("read");
    assert_eq!(replaced, first.replaced.last().cloned());

    store.put_dmd(&second, Some(10)).await.expect("written");
    assert_eq!(store.dmd_release().await.expect("read").as_ref(), Some(&second.release));
    assert_eq!(store.dmd_chunk(&[101; 32], 0).await.expect("read"), None, "the old file is gone");
    assert_eq!(store.dmd_chunk(&[2; 32], 0).await.expect("read"), Some(vec![2; 10]));
}

pub async fn of_two_imports_at_once_one_is_told_that_another_was_first(store: &Arc<dyn Store>) {
    let (one, other) = (release("2026-11-09", 1, 10), release("2026-11-09", 2, 11));
    let (one, other) = tokio::join!(store.put_dmd(&one, None), store.put_dmd(&other, None));
    let refused = [&one, &other].into_iter().filter(|done| matches!(done, Err(StoreError::Conflict))).count();
    assert_eq!((refused, one.is_ok() != other.is_ok()), (1, true), "{one:?} {other:?}");
    let in_use = store.dmd_release().await.expect("read").expect("one of them").imported_at;
    let late = store.put_dmd(&release("2026-11-16", 3, 30), Some(in_use + 5)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert!(matches!(store.put_dmd(&release("2026-11-16", 3, 30), None).await, Err(StoreError::Conflict)));
}

pub async fn a_release_that_cannot_be_written_leaves_the_one_in_use(store: &Arc<dyn Store>) {
    let first = release("2026-11-09", 1, 10);
    store.put_dmd(&first, None).await.expect("written");
    let mut broken = release("2026-11-16", 2, 20);
    let again = broken.replaced[0].clone();
    broken.replaced.push(again);
    store.put_dmd(&broken, Some(10)).await.expect_err("one old id twice");
    assert_eq!(store.dmd_release().await.expect("read").as_ref(), Some(&first.release));
    assert_eq!(store.dmd_chunk(&[1; 32], 0).await.expect("read"), Some(vec![1; 10]));
}
