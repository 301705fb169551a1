//! Bytes made to hurt: too large, cut, packed, or changes that Automerge itself stumbles over. Each is refused by name,
//! nothing of it is stored, and the document pushed beside it is.

use crate::support::{Device, NOW, Server};
use automerge::legacy::{ObjectId, OpId};
use automerge::transaction::Transactable as _;
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ROOT};
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};
use shared::api::{Refusal, Verdict};
use shared::consultation::Document;
use shared::ids::ConsultationId;
use shared::sync::frame::{PushFrame, PushedDocument};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pushes something bad together with something good, and gives the reason and words of the refusal.
async fn refused(server: &Server, bad: PushedDocument, device: &mut Device) -> (Refusal, String) {
    let before = server.app.store.last_seq(&device.ods).await.expect("a store");
    let bad_id = bad.id;
    let heads = server.app.store.standing(&bad_id).await.expect("a store").map(|standing| standing.heads);
    let (id, mut good) = device.walk_in();
    let good = device.whole(id, &mut good);
    let verdicts = device.push(vec![bad, good]).await;
    assert_eq!(verdicts[1], Verdict::Stored { seq: before + 1 }, "the one beside it is stored");
    let after = server.app.store.standing(&bad_id).await.expect("a store").map(|standing| standing.heads);
    assert_eq!(after, heads, "nothing of it is stored");
    match verdicts.into_iter().next() {
        Some(Verdict::Refused { reason, detail }) => (reason, detail),
        other => panic!("not refused: {other:?}"),
    }
}

async fn stored(device: &mut Device) -> (ConsultationId, Document) {
    let (id, mut document) = device.walk_in();
    let whole = device.whole(id, &mut document);
    assert!(matches!(device.push(vec![whole]).await[..], [Verdict::Stored { .. }]));
    (id, document)
}

/// One change pushed for a stored document, signed by its author like any other.
fn single(device: &Device, id: ConsultationId, change: &Change) -> PushedDocument {
    PushedDocument {
        id,
        whole: Vec::new(),
        changes: vec![change.raw_bytes().to_vec()],
        signatures: vec![device.signature(id, change.hash().0)],
    }
}

fn saved(device: &Device, id: ConsultationId, whole: Vec<u8>, newest: [u8; 32]) -> PushedDocument {
    PushedDocument { id, whole, changes: Vec::new(), signatures: vec![device.signature(id, newest)] }
}

/// The next real change to a document, open to be bent.
fn next_change(device: &Device, document: &Document) -> ExpandedChange {
    let mut next = document.clone();
    let bytes = next
        .edit(NOW, &device.writer(), |record| "advice".clone_into(&mut record.outcome.code))
        .expect("an edit")
        .expect("a change");
    Change::from_bytes(bytes).expect("a change").decode()
}

fn panics(document: &Document, change: &Change) -> bool {
    let mut document = document.clone();
    let change = change.clone();
    catch_unwind(AssertUnwindSafe(move || {
        document
            .apply(vec![change])
            .map(|()| Document::load(&document.save()).map(|again| again.read().is_ok()))
    }))
    .is_err()
}

#[tokio::test]
async fn a_change_to_an_object_that_was_never_made_is_refused() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, document) = stored(&mut asha).await;
    let mut bent = next_change(&asha, &document);
    bent.operations[0].obj = ObjectId::Id(OpId::new(77_777, &bent.actor_id));
    let bent = Change::from(bent);
    assert!(Change::from_bytes(bent.raw_bytes().to_vec()).is_ok(), "it can be read");
    let (reason, _) = refused(&server, single(&asha, id, &bent), &mut asha).await;
    assert_eq!(reason, Refusal::Unreadable);
    assert!(panics(&document, &bent), "if it no longer panics, this test proves nothing");
}

#[tokio::test]
async fn an_actor_whose_first_change_is_its_seventh_is_refused() {
    let server = Server::start().await;
    let (mut asha, tom) = (server.asha().await, server.tom().await);
    let (id, document) = stored(&mut asha).await;
    let mut bent = next_change(&tom, &document);
    bent.seq = 7;
    let bent = Change::from(bent);
    assert!(Change::from_bytes(bent.raw_bytes().to_vec()).is_ok(), "it can be read");
    let mut tom = tom;
    let (reason, _) = refused(&server, single(&tom, id, &bent), &mut tom).await;
    assert_eq!(reason, Refusal::Unreadable);
    assert!(panics(&document, &bent), "if it no longer panics, this test proves nothing");
}

#[tokio::test]
async fn one_change_that_stands_for_billions_of_operations_is_refused_unread() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let deps = document.heads();
    let change = chunk(1, &billions(&asha, &deps[0].0));
    assert!(change.len() < 200, "in {} bytes", change.len());
    let newest = Sha256::digest(&change[8..]).into();
    let bad = PushedDocument {
        id,
        whole: Vec::new(),
        changes: vec![change],
        signatures: vec![asha.signature(id, newest)],
    };
    let (reason, detail) = refused(&server, bad, &mut asha).await;
    assert_eq!((reason, detail.as_str()), (Refusal::TooLarge, "one change has too many operations"));
}

/// A change whose columns are one run each: put null at "a", 2^33 times.
fn billions(device: &Device, dep: &[u8; 32]) -> Vec<u8> {
    const RUN: [u8; 5] = [0x80, 0x80, 0x80, 0x80, 0x20];
    let run = |value: &[u8]| [RUN.as_slice(), value].concat();
    let columns: [(u8, Vec<u8>); 5] = [
        (0x15, run(&[1, b'a'])),
        (0x34, RUN.to_vec()),
        (0x42, run(&[1])),
        (0x56, run(&[0])),
        (0x70, run(&[0])),
    ];
    let mut content = [&[1], dep.as_slice(), &[16], &device.actor(), &[2, 100, 0, 0, 0]].concat();
    content.push(columns.len() as u8);
    for (specification, column) in &columns {
        content.extend([*specification, column.len() as u8]);
    }
    for (_, column) in &columns {
        content.extend(column);
    }
    content
}

/// Content closed into a chunk with the right checksum.
fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let length =
        if length < 128 { vec![length as u8] } else { vec![length as u8 | 0x80, (length >> 7) as u8] };
    let hashed = [&[kind], length.as_slice(), content].concat();
    let hash = Sha256::digest(&hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash[..4], &hashed].concat()
}

#[tokio::test]
async fn a_flood_of_tiny_changes_is_refused_by_its_number() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = asha.walk_in();
    let mut document = AutoCommit::new().with_actor(ActorId::from(asha.actor().as_slice()));
    for change in 0..30_000_i64 {
        document.put(ROOT, "a", change).expect("a put");
        document.commit();
    }
    let newest = document.get_heads()[0].0;
    let whole = document.save_nocompress();
    assert!(whole.len() < 4 * 1024 * 1024, "{} bytes", whole.len());
    let (reason, detail) = refused(&server, saved(&asha, id, whole, newest), &mut asha).await;
    assert_eq!((reason, detail.as_str()), (Refusal::TooLarge, "there are too many changes"));

    let changes: Vec<Vec<u8>> =
        document.get_changes(&[]).iter().take(20_001).map(|change| change.raw_bytes().to_vec()).collect();
    let bad = PushedDocument { id, whole: Vec::new(), changes, signatures: Vec::new() };
    let (reason, detail) = refused(&server, bad, &mut asha).await;
    assert_eq!((reason, detail.as_str()), (Refusal::TooLarge, "there are too many changes or authors"));
}

#[tokio::test]
async fn a_million_changes_that_a_save_only_claims_are_refused_unread() {
    const MILLION: [u8; 3] = [0xc0, 0x84, 0x3d];
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = asha.walk_in();
    // Actors, heads, one column about changes (whose author is always the first), none about operations.
    let content = [&[1, 16], asha.actor().as_slice(), &[0, 1, 0x01, 4, 0], &MILLION, &[0]].concat();
    let bad = saved(&asha, id, chunk(0, &content), [0; 32]);
    let (reason, detail) = refused(&server, bad, &mut asha).await;
    assert_eq!((reason, detail.as_str()), (Refusal::TooLarge, "there are too many changes"));
}

#[tokio::test]
async fn a_save_or_change_that_unpacks_to_anything_is_refused_packed() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, document) = stored(&mut asha).await;
    let mut bomb = document.clone();
    bomb.edit(NOW, &asha.writer(), |record| record.visit.taken_by = "0".repeat(400_000)).expect("an edit");
    let packed = bomb.save();
    assert!(packed.len() < 10_000, "400 KB in {} bytes", packed.len());
    let newest = bomb.heads()[0].0;
    let (reason, detail) = refused(&server, saved(&asha, id, packed, newest), &mut asha).await;
    assert_eq!(reason, Refusal::Unreadable);
    assert_eq!(detail, "the whole save is not one plain, unpacked document");

    let mut change = bomb.changes_since(&document.clone().heads()).remove(0);
    let packed = change.bytes().to_vec();
    assert!(packed.len() < 10_000, "400 KB in {} bytes", packed.len());
    let bad = PushedDocument { changes: vec![packed], ..single(&asha, id, &change) };
    let (reason, detail) = refused(&server, bad, &mut asha).await;
    assert_eq!(reason, Refusal::Unreadable);
    assert_eq!(detail, "a change is not one plain, unpacked change");
}

#[tokio::test]
async fn a_frame_that_unpacks_beyond_all_measure_is_too_large() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let bomb = PushFrame { receipts: vec![vec![0; 65 * 1024 * 1024]], ..PushFrame::default() }.to_bytes();
    assert!(bomb.len() < 100_000, "65 MB in {} bytes", bomb.len());
    let answer = asha.http.post_bytes("/api/sync/push", bomb).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer = asha.http.post_bytes("/api/sync/push", vec![0; 17 * 1024 * 1024]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_frame_of_a_version_to_come_is_refused_by_its_number() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut frame = asha.frame(Vec::new()).to_bytes();
    frame[4] = 99;
    let answer = asha.http.post_bytes("/api/sync/push", frame).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.expect("a problem").contains("99"));
}

#[tokio::test]
async fn a_frame_cut_at_any_byte_stores_nothing_by_halves() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (first, second) = (asha.walk_in(), asha.walk_in());
    let documents =
        vec![asha.whole(first.0, &mut first.1.clone()), asha.whole(second.0, &mut second.1.clone())];
    let frame = asha.frame(documents.clone()).to_bytes();
    for length in 0..frame.len() {
        let answer = asha.http.post_bytes("/api/sync/push", frame[..length].to_vec()).await;
        assert!(!answer.status().is_server_error(), "cut at {length}: {}", answer.status());
    }
    assert_eq!(server.app.store.last_seq(&asha.ods).await.expect("a store"), 0);
    assert!(matches!(asha.push(documents).await[..], [Verdict::Stored { .. }, Verdict::Stored { .. }]));
}

#[tokio::test]
async fn a_change_whose_predecessor_is_nowhere_is_asked_for_and_not_kept() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, document) = stored(&mut asha).await;
    let mut bent = next_change(&asha, &document);
    bent.deps = vec![automerge::ChangeHash([7; 32])];
    let bent = Change::from(bent);
    let (good, mut beside) = asha.walk_in();
    let beside = asha.whole(good, &mut beside);
    let verdicts = asha.push(vec![single(&asha, id, &bent), beside]).await;
    assert!(matches!(verdicts[..], [Verdict::Missing { .. }, Verdict::Stored { seq: 2 }]), "{verdicts:?}");
}
