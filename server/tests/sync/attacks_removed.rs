//! Work of somebody who was removed: set aside sealed, released by an administrator or not at all.

use crate::attacks::{edited, reason, stored};
use crate::support::{Device, NOW, Server, rebuilt};
use reqwest::StatusCode;
use satchel::store::DeliveryState;
use serde_json::json;
use shared::api::{QuarantineState, QuarantinedDetail, QuarantinedView, Refusal, StaffView};
use shared::authorship::Unlock;
use shared::consultation::Document;
use shared::ids::ConsultationId;
use shared::people::Role;
use shared::sync::frame::{PushFrame, PushedDocument};

pub async fn quarantine(device: &mut Device) -> Vec<QuarantinedView> {
    let answer = device.http.get("/api/quarantine").await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("a list")
}

async fn remove(by: &mut Device, whom: &Device) {
    let person = whom.view.person.as_ref().expect("somebody").id;
    let answer = by.http.delete(&format!("/api/people/{person}")).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

pub async fn release(by: &mut Device, id: u64) -> StatusCode {
    by.http.post(&format!("/api/quarantine/{id}/release"), &json!({})).await.status()
}

/// Tom's work, recorded before he was removed and brought by Asha afterwards, in quarantine.
async fn set_aside(server: &Server) -> (Device, Device, ConsultationId, Document) {
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut tom).await;
    let late = edited(&tom, id, &mut document, "advice");
    server.app.clock.advance(60_000);
    remove(&mut asha, &tom).await;
    let frame = PushFrame { documents: vec![late], ..tom.frame(Vec::new()) };
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::Removed);
    (asha, tom, id, document)
}

#[tokio::test]
async fn work_from_before_a_removal_waits_for_an_administrator_and_is_then_in_the_record() {
    let server = Server::start().await;
    let (mut asha, tom, id, _) = set_aside(&server).await;
    let before = server.app.store.last_seq(&asha.ods).await.expect("a store");
    let listed = quarantine(&mut asha).await;
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].consultation, listed[0].reason), (id, Refusal::Removed));
    assert_eq!((listed[0].releasable, listed[0].state), (true, QuarantineState::Waiting));
    assert_eq!((listed[0].changes, listed[0].patient_name.as_str()), (1, "WINTERS"));

    let shown = asha.http.get(&format!("/api/quarantine/{}", listed[0].id)).await;
    let shown: QuarantinedDetail = shown.json().await.expect("what was said");
    let said: Vec<_> = shown.values.iter().map(|value| (value.path.as_str(), value.aside.as_str())).collect();
    assert_eq!(said, [("outcome/code", "advice")]);
    assert_eq!(shown.values[0].by, tom.author.name);

    assert_eq!(release(&mut asha, listed[0].id).await, StatusCode::NO_CONTENT);
    assert_eq!(release(&mut asha, listed[0].id).await, StatusCode::NO_CONTENT, "safe to repeat");
    let record = rebuilt(&asha.pull(0).await, id).read().expect("readable");
    assert_eq!(record.outcome.code, "advice");
    let released = record.deliveries.iter().find(|(key, _)| key.starts_with("release/"));
    assert_eq!(released.expect("it is noted").1.to, asha.author.name);
    assert_eq!(server.app.store.last_seq(&asha.ods).await.expect("a store"), before + 2);
    let settled = &quarantine(&mut asha).await[0];
    assert_eq!((settled.state, settled.settled_by.as_str()), (QuarantineState::Released, "Asha Patel"));
    let audited = server.app.store.audit(&asha.ods, 1).await.expect("a store");
    assert_eq!(audited[0].action, "quarantine-released");
}

#[tokio::test]
async fn work_from_before_a_shift_ended_waits_for_an_administrator_like_that_of_somebody_removed() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut tom).await;
    let during = edited(&tom, id, &mut document, "advice");
    let person = tom.view.person.as_ref().expect("somebody").id;
    let path = format!("/api/people/{person}/access");
    let ends = json!({ "access_ends": shared::time::stored(NOW + 60_000) });
    assert_eq!(asha.http.put(&path, &ends).await.status(), StatusCode::NO_CONTENT);
    server.app.clock.advance(60_000);
    assert_eq!(tom.http.get("/api/sync/pull?after=0").await.status(), StatusCode::UNAUTHORIZED);
    let frame = PushFrame { documents: vec![during], ..tom.frame(Vec::new()) };
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::Removed);
    let listed = quarantine(&mut asha).await;
    assert!(listed[0].releasable);
    assert_eq!(release(&mut asha, listed[0].id).await, StatusCode::NO_CONTENT);
    assert_eq!(rebuilt(&asha.pull(0).await, id).read().expect("readable").outcome.code, "advice");
}

#[tokio::test]
async fn a_released_signature_sends_its_notice_like_any_other() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut ben = server.enrol("Ben Okafor", Role::Pharmacist, "2099999", "FA123").await;
    let (id, mut document) = stored(&mut ben).await;
    let gphc = ben.gphc.clone();
    document.sign(NOW, &ben.writer(), &gphc, false).expect("signed");
    let late = ben.latest(id, &mut document);
    remove(&mut asha, &ben).await;
    let frame = PushFrame { documents: vec![late], ..ben.frame(Vec::new()) };
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::Removed);
    assert!(server.app.store.deliveries_of(&id).await.expect("a store").is_empty());
    let entry = quarantine(&mut asha).await[0].id;
    assert_eq!(release(&mut asha, entry).await, StatusCode::NO_CONTENT);
    let sent = server.app.store.deliveries_of(&id).await.expect("a store");
    assert_eq!(sent.iter().filter(|row| row.state != DeliveryState::Standby).count(), 1);
}

#[tokio::test]
async fn a_release_by_somebody_who_may_not_changes_nothing() {
    let server = Server::start().await;
    let (mut asha, _, _, _) = set_aside(&server).await;
    let entry = quarantine(&mut asha).await[0].id;
    let mut eve = server.enrol("Eve Marsh", Role::Technician, "5002222", "FA123").await;
    assert_eq!(release(&mut eve, entry).await, StatusCode::FORBIDDEN);
    assert!(quarantine(&mut eve).await.is_empty(), "and it is not even shown to her");
    assert_eq!(eve.http.get(&format!("/api/quarantine/{entry}")).await.status(), StatusCode::NOT_FOUND);
    let close = eve.http.post(&format!("/api/quarantine/{entry}/close"), &json!({ "reason": "done" })).await;
    assert_eq!(close.status(), StatusCode::NOT_FOUND);
    let mut other = server.enrol("Ines Moreau", Role::Administrator, "", "FB456").await;
    assert_eq!(release(&mut other, entry).await, StatusCode::NOT_FOUND, "another pharmacy's");
    assert_eq!(quarantine(&mut asha).await[0].state, QuarantineState::Waiting);
}

#[tokio::test]
async fn what_was_refused_for_what_it_says_is_closed_and_never_released() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut tom).await;
    document
        .edit(NOW, &tom.writer(), |record| {
            record.deliveries.insert("gp-notice/0".to_owned(), shared::consultation::Delivery::default());
        })
        .expect("an edit");
    let latest = tom.latest(id, &mut document);
    let hash = shared::consultation::change_hash(&latest.changes[0]).expect("a change");
    assert_eq!(reason(&tom.push(vec![latest]).await), Refusal::WroteDeliveries);
    let own = quarantine(&mut tom).await;
    assert_eq!(own.len(), 1, "people see what they sent themselves");
    assert_eq!(release(&mut asha, own[0].id).await, StatusCode::CONFLICT);

    let empty = json!({ "reason": " " });
    let path = format!("/api/quarantine/{}/close", own[0].id);
    assert_eq!(tom.http.post(&path, &empty).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let branch = json!({
        "consultation": id, "changes": [shared::consultation::hex(&hash)], "reason": "entered again",
    });
    for _ in 0..2 {
        assert_eq!(tom.http.post("/api/quarantine/close", &branch).await.status(), StatusCode::NO_CONTENT);
    }
    let closed = &quarantine(&mut asha).await[0];
    assert_eq!((closed.state, closed.settled_because.as_str()), (QuarantineState::Closed, "entered again"));
    assert_eq!(release(&mut asha, own[0].id).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_nonce_from_after_the_removal_is_refused_and_cannot_be_released() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut ines = server.enrol("Ines Moreau", Role::Administrator, "", "FA123").await;
    let mut phone = asha.on_another_device().await;
    server.app.clock.advance(60_000);
    let revoked = ines.http.delete(&format!("/api/devices/{}", asha.id)).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    server.app.clock.advance(60_000);
    // She is still staff and gets nonces elsewhere; the revoked iPad is fed with one and signs with its own key.
    asha.view.server_nonce = server.app.issue_nonce(asha.view.person.as_ref().map(|person| person.id), None);
    asha.receipt = asha.unlock(Unlock::Passkey).to_bytes();
    let (id, mut document) = asha.walk_in();
    let frame = asha.frame(vec![asha.whole(id, &mut document)]);
    assert_eq!(reason(&phone.push_frame(&frame).await), Refusal::Receipt);
    let aside = server.app.store.quarantined(&asha.ods).await.expect("a store");
    assert!(!aside[0].releasable);
}

#[tokio::test]
async fn work_on_a_revoked_device_from_before_waits_for_release_even_when_its_receipt_is_known() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let mut phone = asha.on_another_device().await;
    let late = edited(&asha, id, &mut document, "advice");
    let mut ines = server.enrol("Ines Moreau", Role::Administrator, "", "FA123").await;
    let revoked = ines.http.delete(&format!("/api/devices/{}", asha.id)).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    assert_eq!(reason(&phone.push(vec![late]).await), Refusal::Removed);
    let listed = quarantine(&mut ines).await;
    assert_eq!(listed[0].patient_name, "", "an administrator does not read consultations");
    let shown = ines.http.get(&format!("/api/quarantine/{}", listed[0].id)).await;
    let shown: QuarantinedDetail = shown.json().await.expect("what they may know of it");
    assert_eq!((shown.withheld, shown.values), (1, Vec::new()), "how much, and not what");
    assert_eq!(shown.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), ["Asha Patel"]);
    assert!(shown.authors[0].unlock_checked);
    assert_eq!(release(&mut ines, listed[0].id).await, StatusCode::NO_CONTENT);
    let record = rebuilt(&phone.pull(0).await, id).read().expect("readable");
    assert_eq!(record.outcome.code, "advice");
}

#[tokio::test]
async fn a_release_still_needs_the_authors_signature() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut tom).await;
    let late = edited(&tom, id, &mut document, "advice");
    remove(&mut asha, &tom).await;
    let forged = PushedDocument { signatures: vec![tom.signature(id, [9; 32])], ..late };
    let frame = PushFrame { documents: vec![forged], ..tom.frame(Vec::new()) };
    assert_eq!(reason(&asha.push_frame(&frame).await), Refusal::ForeignActor, "not taken for removed work");
    let entry = quarantine(&mut asha).await[0].id;
    assert_eq!(release(&mut asha, entry).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn somebody_who_was_removed_is_out_at_once_and_not_listed() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let people: Vec<StaffView> = asha.http.get("/api/people").await.json().await.expect("a list");
    let shown: Vec<_> = people.iter().map(|staff| (staff.name.as_str(), staff.devices.len())).collect();
    assert_eq!(shown, [("Asha Patel", 1), ("Tom Reid", 1)]);
    let own = asha.view.person.as_ref().expect("somebody").id;
    assert_eq!(asha.http.delete(&format!("/api/people/{own}")).await.status(), StatusCode::CONFLICT);
    let tried = tom.http.delete(&format!("/api/people/{own}")).await;
    assert_eq!(tried.status(), StatusCode::FORBIDDEN);
    remove(&mut asha, &tom).await;
    assert_eq!(tom.http.get("/api/sync/pull").await.status(), StatusCode::UNAUTHORIZED);
    let people: Vec<StaffView> = asha.http.get("/api/people").await.json().await.expect("a list");
    assert_eq!(people.len(), 1);
}

#[tokio::test]
async fn what_is_set_aside_cannot_be_read_from_the_database() {
    let server = Server::start().await;
    let (asha, _, _, _) = set_aside(&server).await;
    let aside = server.app.store.quarantined(&asha.ods).await.expect("a store");
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(!holds(&aside[0].bytes, b"SATF") && !holds(&aside[0].bytes, b"advice"));
    let key = server.app.store.meta("server-key").await.expect("a store").expect("it is there");
    assert!(key.len() > 60, "the server's private key is sealed, too");
}
