//! Work of somebody whom a restore took, or whose role is another now: released one by one, and by nobody's trick.

use crate::attacks::{edited, reason, stored};
use crate::attacks_removed::{quarantine, release};
use crate::restore::{back_up, restore};
use crate::support::{Device, NOW, Server, rebuilt};
use reqwest::StatusCode;
use shared::api::{ClaimedAuthor, QuarantinedDetail, QuarantinedView, Refusal, Verdict};
use shared::authorship::Unlock;
use shared::ids::PersonId;
use shared::people::Role;
use shared::sync::frame::PushFrame;

async fn authors(by: &mut Device, id: u64) -> Vec<ClaimedAuthor> {
    let shown = by.http.get(&format!("/api/quarantine/{id}")).await;
    shown.json::<QuarantinedDetail>().await.expect("what was said").authors
}

async fn newest(by: &mut Device) -> QuarantinedView {
    quarantine(by).await.remove(0)
}

/// Asha at a server restored from a time before Ben, and two consultations that he made meanwhile.
async fn lost(server: &Server) -> (Device, [PushFrame; 2], Device) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut asha = server.asha().await;
    let path = back_up(server, &folder).await;
    let mut ben = server.enrol("Ben Okafor", Role::Pharmacist, "2099999", "FA123").await;
    ben.fresh_nonce().await;
    ben.receipt = ben.unlock(Unlock::Passkey).to_bytes();
    let frames = [(); 2].map(|()| {
        let (id, mut document) = ben.walk_in();
        ben.frame(vec![ben.whole(id, &mut document)])
    });
    restore(server, &path).await;
    (asha.on_another_device().await, frames, ben)
}

#[tokio::test]
async fn each_document_of_somebody_lost_in_a_restore_is_released_by_itself() {
    let server = Server::start().await;
    let (mut asha, frames, _) = lost(&server).await;
    for frame in &frames {
        assert_eq!(reason(&asha.push_frame(frame).await), Refusal::LostAuthor);
        let entry = newest(&mut asha).await;
        assert!(entry.releasable, "{}", entry.detail);
        let claimed = ClaimedAuthor {
            name: "Ben Okafor".to_owned(),
            role: "pharmacist".to_owned(),
            unlocked_by: "passkey".to_owned(),
            unlock_checked: false,
        };
        assert_eq!(authors(&mut asha, entry.id).await, [claimed]);
        assert_eq!(release(&mut asha, entry.id).await, StatusCode::NO_CONTENT);
        let mut document = rebuilt(&asha.pull(0).await, frame.documents[0].id);
        assert_eq!(document.history().expect("readable")[0].by, "Ben Okafor");
        let record = document.read().expect("readable");
        let released = record.deliveries.iter().find(|(key, _)| key.starts_with("release/"));
        assert_eq!(released.expect("it is noted").1.detail, "passkey not checked");
    }
}

#[tokio::test]
async fn without_a_restore_nobody_is_lost() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    // On his own device, with its own nonce, Tom makes up a person.
    tom.fresh_nonce().await;
    tom.view.person.as_mut().expect("somebody").id = PersonId::from_bytes([8; 16]);
    tom.author.person = PersonId::from_bytes([8; 16]).to_string();
    tom.author.unlocked_by = "passphrase".to_owned();
    tom.author.name = "Ann Other".to_owned();
    tom.receipt = tom.unlock(Unlock::Passphrase).to_bytes();
    let (id, mut document) = tom.walk_in();
    let frame = tom.frame(vec![tom.whole(id, &mut document)]);
    assert_eq!(reason(&tom.push_frame(&frame).await), Refusal::Receipt);
    let entry = newest(&mut asha).await;
    assert!(!entry.releasable);
    assert_eq!(release(&mut asha, entry.id).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn after_a_restore_nobody_passes_as_a_colleague_on_a_device_that_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    tom.fresh_nonce().await;
    let path = back_up(&server, &folder).await;
    restore(&server, &path).await;
    tom.view.person.as_mut().expect("somebody").id = PersonId::from_bytes([8; 16]);
    tom.author.person = PersonId::from_bytes([8; 16]).to_string();
    tom.author.unlocked_by = "passphrase".to_owned();
    for (name, released) in [("asha  PATEL", StatusCode::CONFLICT), ("Ann Other", StatusCode::NO_CONTENT)] {
        tom.author.name = name.to_owned();
        tom.receipt = tom.unlock(Unlock::Passphrase).to_bytes();
        let (id, mut document) = tom.walk_in();
        let frame = tom.frame(vec![tom.whole(id, &mut document)]);
        assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::LostAuthor);
        let entry = newest(&mut asha).await;
        assert_eq!(authors(&mut asha, entry.id).await[0].name, name);
        assert_eq!(release(&mut asha, entry.id).await, released, "{name}");
    }
}

#[tokio::test]
async fn a_receipt_of_one_pharmacy_is_none_at_another_however_well_it_is_known() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut ben = server.enrol("Ben Okafor", Role::Pharmacist, "2099999", "FB456").await;
    let (id, mut document) = stored(&mut asha).await;
    let again = edited(&asha, id, &mut document, "advice");
    assert!(matches!(asha.push(vec![again]).await[..], [Verdict::Stored { .. }]), "she is remembered");
    asha.ods = ben.ods.clone();
    let (id, mut document) = asha.walk_in();
    let frame = asha.frame(vec![asha.whole(id, &mut document)]);
    assert_eq!(reason(&ben.push_frame(&frame).await), Refusal::ForeignPharmacy);
}

#[tokio::test]
async fn work_from_a_former_role_is_released_and_makes_nobody_a_pharmacist() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    // As the record has it she was a technician when she wrote it.
    asha.author.role = "technician".to_owned();
    let (id, mut document) = asha.walk_in();
    let frame = asha.frame(vec![asha.whole(id, &mut document)]);
    assert_eq!(reason(&tom.push_frame(&frame).await), Refusal::FormerRole);
    let entry = newest(&mut asha).await;
    assert_eq!(authors(&mut asha, entry.id).await[0].role, "technician");
    assert_eq!(release(&mut asha, entry.id).await, StatusCode::NO_CONTENT);

    tom.author.role = "pharmacist".to_owned();
    let (id, mut document) = tom.walk_in();
    let frame = tom.frame(vec![tom.whole(id, &mut document)]);
    assert_eq!(reason(&tom.push_frame(&frame).await), Refusal::RoleMayNot, "his own work is his own to say");
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::FormerRole);
    let entry = newest(&mut asha).await;
    assert_eq!((entry.reason, entry.releasable), (Refusal::FormerRole, true), "the latest reason is shown");
    assert_eq!(release(&mut asha, entry.id).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_was_settled_keeps_its_reason() {
    let server = Server::start().await;
    let (mut asha, frames, _) = lost(&server).await;
    asha.push_frame(&frames[0]).await;
    let entry = newest(&mut asha).await;
    let path = format!("/api/quarantine/{}/close", entry.id);
    asha.http.post(&path, &serde_json::json!({ "reason": "entered again" })).await;
    let mut again = server.app.store.quarantined(&asha.ods).await.expect("a store").remove(0);
    again.bytes = server
        .app
        .store
        .quarantine_entry(&asha.ods, entry.id)
        .await
        .expect("a store")
        .expect("it is there")
        .entry
        .bytes;
    again.at = NOW;
    "too-large".clone_into(&mut again.reason);
    let append = satchel::store::Append { quarantined: vec![again], ..Default::default() };
    server.app.store.append(&asha.ods, append).await.expect("stored");
    assert_eq!(newest(&mut asha).await.reason, Refusal::LostAuthor);
}
