//! Backup, restore and destruction while devices go on: nothing they hold is lost, nothing is sent twice, nothing
//! that was destroyed comes back.

use crate::support::{Device, NOW, Server, rebuilt};
use reqwest::StatusCode;
use satchel::backup::{self, BackupError, FileError, Restore};
use satchel::outbox::hold;
use satchel::retention::{self, Ledger, NotDestroyed};
use satchel::store::{BackupStore as _, LegalHold, SqliteStore};
use shared::api::{HeadsAnswer, HeadsRequest, PushAnswer, Refusal, Verdict};
use shared::consultation::{Answer, Document};
use shared::ids::ConsultationId;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Nine years later, when an adult's record may go.
pub const LATER: i64 = NOW + 9 * 366 * 24 * 60 * 60 * 1000;

pub async fn back_up(server: &Server, folder: &TempDir) -> PathBuf {
    let path = folder.path().join("satchel.backup");
    let made = backup::back_up(&*server.app.store, &server.app.server_keys.id, NOW, &path).await;
    made.expect("a backup of a server that runs");
    path
}

pub async fn restore(server: &Server, path: &Path) {
    restore_unnoticed(server, path).await;
    assert!(server.app.notice_restore().await.expect("a store"), "another epoch");
}

/// As by another process: the server looks once a second whether it was restored.
async fn restore_unnoticed(server: &Server, path: &Path) {
    let asked = Restore {
        server: server.app.server_keys.id.clone(),
        now: NOW,
        replace: false,
        destroyed: Vec::new(),
    };
    backup::restore(&*server.app.store, asked, path).await.expect("a restore of a server that runs");
}

async fn new_walk_in(device: &mut Device) -> (ConsultationId, Document) {
    let (id, mut document) = device.walk_in();
    let whole = device.whole(id, &mut document);
    assert!(matches!(device.push(vec![whole]).await[..], [Verdict::Stored { .. }]));
    (id, document)
}

async fn answer(device: &mut Device, id: ConsultationId, document: &mut Document, field: &str) {
    let writer = device.writer();
    document
        .edit(NOW, &writer, |record| drop(record.answers.insert(field.to_owned(), Answer::YesNo(true))))
        .expect("an edit");
    let latest = device.latest(id, document);
    assert!(matches!(device.push(vec![latest]).await[..], [Verdict::Stored { .. }]));
}

fn heads(document: &Document) -> Vec<String> {
    document.clone().heads().iter().map(ToString::to_string).collect()
}

async fn compare(device: &mut Device, held: &[(ConsultationId, &Document)]) -> HeadsAnswer {
    let documents = held.iter().map(|(id, document)| (*id, heads(document))).collect();
    let body = serde_json::to_value(HeadsRequest { documents }).expect("JSON");
    let answered = device.http.post("/api/sync/heads", &body).await;
    assert_eq!(answered.status(), StatusCode::OK);
    answered.json().await.expect("an answer")
}

#[tokio::test]
async fn devices_give_back_what_a_restored_server_has_forgotten() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (old, mut old_document) = new_walk_in(&mut asha).await;
    let path = back_up(&server, &folder).await;
    answer(&mut asha, old, &mut old_document, "fever").await;
    let (new, mut new_document) = new_walk_in(&mut asha).await;
    let before = server.app.epoch();

    restore(&server, &path).await;
    let wanted = compare(&mut asha, &[(old, &old_document), (new, &new_document)]).await;
    assert_ne!(wanted.epoch, before);
    assert_eq!(wanted.wanted.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from([old, new]));
    assert!(!wanted.wanted[&old].is_empty(), "it knows the older part");
    let again = vec![asha.latest(old, &mut old_document), asha.whole(new, &mut new_document)];
    let verdicts = asha.push(again).await;
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Stored { .. })), "{verdicts:?}");

    let pulled = asha.pull(0).await;
    assert_eq!(heads(&rebuilt(&pulled, old)), heads(&old_document));
    assert_eq!(heads(&rebuilt(&pulled, new)), heads(&new_document));
}

#[tokio::test]
async fn a_push_before_the_restore_is_noticed_stores_nothing_whose_author_was_lost_with_it() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let path = back_up(&server, &folder).await;
    let (id, mut document) = new_walk_in(&mut asha).await;
    let (later, mut new_document) = asha.walk_in();
    let before = server.app.epoch();
    restore_unnoticed(&server, &path).await;
    let actor = asha.actor();
    assert_eq!(
        server.app.store.actor(&actor).await.expect("a store"),
        None,
        "the backup does not know whose it is"
    );

    let frame = asha.frame(vec![asha.whole(later, &mut new_document)]);
    let answered = asha.http.post_bytes("/api/sync/push", frame.to_bytes()).await;
    assert_eq!(answered.status(), StatusCode::OK);
    let answered: PushAnswer = answered.json().await.expect("an answer");
    assert_ne!(answered.epoch, before, "the device begins again");
    assert_eq!(answered.documents, [], "and keeps what it has no verdict on");
    assert_eq!(server.app.store.standing(&later).await.expect("a store"), None);

    let again = vec![asha.whole(id, &mut document), asha.whole(later, &mut new_document)];
    let verdicts = asha.push(again).await;
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Stored { .. })), "{verdicts:?}");
    assert!(server.app.store.actor(&actor).await.expect("a store").is_some());
}

#[tokio::test]
async fn log_numbers_of_the_life_before_never_come_again() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = new_walk_in(&mut asha).await;
    let path = back_up(&server, &folder).await;
    for field in ["fever", "cough", "rash"] {
        answer(&mut asha, id, &mut document, field).await;
    }
    let last = server.app.store.last_seq(&asha.ods).await.expect("a store");
    restore(&server, &path).await;
    let pulled = asha.pull(0).await;
    assert!(pulled.last().expect("a frame").cursor > last);
}

#[tokio::test]
async fn nothing_is_sent_until_every_device_has_given_back_what_it_holds() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = new_walk_in(&mut asha).await;
    let path = back_up(&server, &folder).await;
    answer(&mut asha, id, &mut document, "fever").await;
    restore(&server, &path).await;

    compare(&mut tom, &[]).await;
    let held = hold::settle(&server.app).await.expect("a store");
    assert_eq!(held[0].waits_for, [asha.id], "Tom has nothing; Asha has not been heard of");
    compare(&mut asha, &[(id, &document)]).await;
    let held = hold::settle(&server.app).await.expect("a store");
    assert_eq!(held[0].waits_for, [asha.id], "she has said what she holds but not given it back");
    let latest = asha.latest(id, &mut document);
    asha.push(vec![latest]).await;
    let held = hold::settle(&server.app).await.expect("a store");
    assert!(held.iter().all(|hold| hold.pharmacy != asha.ods), "{held:?}");
}

#[tokio::test]
async fn a_device_removed_since_the_backup_stays_removed() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let (asha, tom) = (server.asha().await, server.tom().await);
    let path = back_up(&server, &folder).await;
    assert!(server.app.store.revoke_device(&tom.ods, &tom.id, NOW).await.expect("a store"));
    restore(&server, &path).await;
    let device = server.app.store.device(&tom.id).await.expect("a store").expect("it is known");
    assert_eq!(device.revoked_at, Some(NOW));
    let device = server.app.store.device(&asha.id).await.expect("a store").expect("it is known");
    assert_eq!(device.revoked_at, None);
}

#[tokio::test]
async fn every_table_is_in_a_backup_or_left_out_on_purpose() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
    let store = SqliteStore::open(&url).await.expect("a store");
    let known: BTreeSet<String> =
        store.layout().await.expect("a layout").tables.into_iter().map(|table| table.name).collect();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'",
    )
    .fetch_all(&sqlx::SqlitePool::connect(&url).await.expect("a pool"))
    .await
    .expect("tables");
    for table in tables {
        let left_out = satchel::store::LEFT_OUT.contains(&table.as_str());
        assert!(known.contains(&table) != left_out, "{table}: neither, or both");
    }
}

#[tokio::test]
async fn a_backup_never_overwrites_and_a_damaged_one_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, document) = new_walk_in(&mut asha).await;
    let path = back_up(&server, &folder).await;
    let again = backup::back_up(&*server.app.store, "key", NOW, &path).await;
    assert!(matches!(again, Err(BackupError::Exists(_))));

    let mut bytes = std::fs::read(&path).expect("a file");
    bytes.truncate(bytes.len() - 9);
    std::fs::write(&path, bytes).expect("a file");
    let asked = Restore {
        server: server.app.server_keys.id.clone(),
        now: NOW,
        replace: false,
        destroyed: Vec::new(),
    };
    let refused = backup::restore(&*server.app.store, asked, &path).await;
    assert!(matches!(refused, Err(BackupError::File(FileError::CutShort))), "{refused:?}");
    assert!(!server.app.notice_restore().await.expect("a store"), "the same life");
    assert_eq!(heads(&rebuilt(&asha.pull(0).await, id)), heads(&document));
}

#[tokio::test]
async fn another_servers_backup_does_not_take_the_place_of_consultations_by_mistake() {
    let folder = TempDir::new().expect("a folder");
    let (server, other) = (Server::start().await, Server::start().await);
    let mut asha = server.asha().await;
    new_walk_in(&mut asha).await;
    let path = back_up(&other, &folder).await;
    let asked = Restore {
        server: server.app.server_keys.id.clone(),
        now: NOW,
        replace: false,
        destroyed: Vec::new(),
    };
    let refused = backup::restore(&*server.app.store, asked, &path).await;
    assert!(matches!(refused, Err(BackupError::OtherServer)), "{refused:?}");
}

/// An adult's walk-in, closed without a consultation.
pub async fn closed(device: &mut Device) -> (ConsultationId, Document) {
    let (id, mut document) = new_walk_in(device).await;
    let writer = device.writer();
    document
        .edit(NOW, &writer, |record| {
            "1952-03-04".clone_into(&mut record.patient.birth_date);
            record.referral.received_at = shared::time::stored(NOW);
            "no_contact".clone_into(&mut record.outcome.closure_reason);
        })
        .expect("an edit");
    let first = device.latest(id, &mut document);
    document.sign(NOW, &writer, &device.gphc.clone(), false).expect("a signature");
    let last = device.latest(id, &mut document);
    for change in [first, last] {
        assert!(matches!(device.push(vec![change]).await[..], [Verdict::Stored { .. }]));
    }
    (id, document)
}

#[tokio::test]
async fn a_record_is_not_destroyed_before_its_time_nor_while_it_is_held() {
    let folder = TempDir::new().expect("a folder");
    let ledger = Ledger::at(folder.path());
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = closed(&mut asha).await;
    let early = retention::destroy(&server.app, &ledger, &id, "A. Manager", NOW).await;
    assert!(matches!(early, Err(NotDestroyed::NotDue(day)) if day == "22 Nov 2034"));
    let hold = LegalHold {
        document: id,
        reason: "Complaint 17".to_owned(),
        placed_by: "A. Manager".to_owned(),
        at: NOW,
    };
    assert!(server.app.store.put_legal_hold(&hold).await.expect("a store"));
    let held = retention::destroy(&server.app, &ledger, &id, "A. Manager", LATER).await;
    assert!(matches!(held, Err(NotDestroyed::Held(reason)) if reason == "Complaint 17"));
    assert!(ledger.all().expect("a folder").is_empty());
    assert!(server.app.store.end_legal_hold(&id).await.expect("a store"));
    retention::destroy(&server.app, &ledger, &id, "A. Manager", LATER).await.expect("its time is over");
}

#[tokio::test]
async fn neither_sync_nor_restore_revives_what_was_destroyed() {
    let folder = TempDir::new().expect("a folder");
    let ledger = Ledger::at(&folder.path().join("certificates"));
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = closed(&mut asha).await;
    let path = back_up(&server, &folder).await;
    let cursor = asha.pull(0).await.last().expect("a frame").cursor;
    let certificate =
        retention::destroy(&server.app, &ledger, &id, "A. Manager", LATER).await.expect("its time is over");
    assert_eq!(certificate.heads, heads(&document));

    let told = asha.pull(cursor).await;
    assert_eq!(told.last().expect("a frame").destroyed, [id], "devices hear of it");
    assert_eq!(asha.pull(told.last().expect("a frame").cursor).await[0].destroyed, []);
    let whole = asha.whole(id, &mut document);
    let refused = asha.push(vec![whole.clone()]).await;
    assert!(matches!(refused[..], [Verdict::Refused { reason: Refusal::Destroyed, .. }]), "{refused:?}");
    assert!(compare(&mut asha, &[(id, &document)]).await.wanted.is_empty());

    restore(&server, &path).await;
    assert!(server.app.store.standing(&id).await.expect("a store").is_none());
    let refused = asha.push(vec![whole.clone()]).await;
    assert!(matches!(refused[..], [Verdict::Refused { reason: Refusal::Destroyed, .. }]), "{refused:?}");
    assert_eq!(asha.pull(0).await.last().expect("a frame").destroyed, [id]);

    // A database that was lost altogether knows it from the certificates alone.
    let asked = Restore {
        server: server.app.server_keys.id.clone(),
        now: LATER,
        replace: true,
        destroyed: ledger.all().expect("a folder").into_iter().map(|c| (c.document, c.pharmacy)).collect(),
    };
    let fresh = Server::start().await;
    backup::restore(&*fresh.app.store, asked, &path).await.expect("a restore");
    assert!(fresh.app.store.standing(&id).await.expect("a store").is_none());
    assert!(fresh.app.store.is_destroyed(&id).await.expect("a store"));
}

#[tokio::test]
async fn a_backup_can_be_rid_of_what_was_destroyed_since() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = closed(&mut asha).await;
    let (kept, _) = new_walk_in(&mut asha).await;
    let path = back_up(&server, &folder).await;
    assert_eq!(backup::scrub(&path, BTreeSet::from([id])).await.expect("a file"), 1);
    assert_eq!(backup::contents(&path).await.expect("a whole backup").documents, 1);
    restore(&server, &path).await;
    assert!(server.app.store.standing(&id).await.expect("a store").is_none());
    assert!(server.app.store.standing(&kept).await.expect("a store").is_some());
}

#[tokio::test]
async fn a_message_that_went_out_after_the_backup_is_not_sent_again() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = new_walk_in(&mut asha).await;
    let writer = asha.writer();
    let gphc = asha.gphc.clone();
    document.sign(NOW, &writer, &gphc, true).expect("a signature");
    let latest = asha.latest(id, &mut document);
    assert!(matches!(asha.push(vec![latest]).await[..], [Verdict::Stored { .. }]));
    let path = back_up(&server, &folder).await;

    // It is sent and taken; the record says so, and Asha's device has the record.
    let mut row = server.app.store.deliveries_of(&id).await.expect("a store").remove(0);
    let queued = row.clone();
    row.state = satchel::store::DeliveryState::Accepted;
    row.detail = "Taken.".to_owned();
    row.next_at = None;
    server.app.store.put_delivery(&row, NOW).await.expect("a store");
    let worker = satchel::outbox::Worker::new(
        server.app.clone(),
        Vec::new(),
        satchel::nhs::mesh::Mailboxes::default(),
    );
    satchel::outbox::round(&server.app, &worker, false).await.expect("a round");
    let pulled = asha.pull(0).await;
    let told = rebuilt(&pulled, id);
    assert_eq!(told.read().expect("a record").deliveries["gp-notice/0"].state, "accepted");

    restore(&server, &path).await;
    let now = server.app.store.deliveries_of(&id).await.expect("a store").remove(0);
    assert_eq!(now.state, queued.state, "the restored outbox knows nothing of it");
    satchel::outbox::round(&server.app, &worker, false).await.expect("a round");
    let wanted = compare(&mut asha, &[(id, &told)]).await;
    let frame = asha.give_back(&wanted, &[(id, &told)], &pulled);
    let verdicts = asha.push_frame(&frame).await;
    assert!(matches!(verdicts[..], [Verdict::Stored { .. }]), "{verdicts:?}");
    satchel::outbox::round(&server.app, &worker, false).await.expect("a round");
    let now = server.app.store.deliveries_of(&id).await.expect("a store").remove(0);
    assert_eq!(now.state, satchel::store::DeliveryState::Accepted);
    assert_eq!(now.next_at, None);
    assert!(server.app.store.outbox_holds().await.expect("a store").iter().all(|h| h.pharmacy != asha.ods));
}

#[tokio::test]
async fn what_the_server_wrote_comes_back_whichever_of_its_signatures_a_device_names_first() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = new_walk_in(&mut asha).await;
    let path = back_up(&server, &folder).await;
    let mut signatures = Vec::new();
    let mut pulled = Vec::new();
    for state in ["queued", "sent", "accepted"] {
        let delivery = shared::consultation::Delivery { state: state.to_owned(), ..Default::default() };
        let told = satchel::sync::server_edit(&server.app, &asha.ods, &id, |record| {
            record.deliveries.insert("gp-notice/0".to_owned(), delivery.clone());
        });
        told.await.expect("stored");
        pulled = asha.pull(0).await;
        let pages = pulled.iter().flat_map(|page| &page.documents).filter(|page| page.id == id);
        let by_server = pages.flat_map(|page| page.signatures.clone());
        signatures.extend(by_server.filter(|(actor, _)| *actor == server.app.actor));
    }
    signatures.dedup();
    assert_eq!(signatures.len(), 3, "one for each thing it wrote");
    let told = rebuilt(&pulled, id);

    restore(&server, &path).await;
    let wanted = compare(&mut asha, &[(id, &told)]).await;
    let mut frame = asha.give_back(&wanted, &[(id, &told)], &pulled);
    frame.documents[0].signatures.retain(|(actor, _)| *actor != server.app.actor);
    frame.documents[0].signatures.extend(signatures);
    let verdicts = asha.push_frame(&frame).await;
    assert!(matches!(verdicts[..], [Verdict::Stored { .. }]), "{verdicts:?}");
    let back = rebuilt(&asha.pull(0).await, id);
    assert_eq!(back.read().expect("a record").deliveries["gp-notice/0"].state, "accepted");
}
