//! Promises about proofs of authorship, removals, and what was set aside.

use super::people::asha;
use super::records::{document, ods, one};
use satchel::store::{ActorBinding, Append, AuthorSignature, Quarantined, Settled, Store, StoredReceipt};
use shared::api::QuarantineState;
use shared::ids::{ConsultationId, DeviceId, PersonId};
use shared::people::Role;
use shared::sync::frame::ActorClaim;
use std::sync::Arc;

const NOW: i64 = 1_795_356_300_000;
const CLAIM: ActorClaim = ActorClaim { receipt_hash: [5; 32], tab_nonce: [6; 16] };

fn signed(mut append: Append, signature: u8) -> Append {
    let document = append.documents[0].id;
    append.proofs.signatures.push(AuthorSignature { document, actor: [7; 16], signature: [signature; 64] });
    append
}

fn with_papers(mut append: Append) -> Append {
    let (person, device) = (PersonId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
    append.receipts = vec![StoredReceipt { hash: [5; 32], person, device, bytes: b"{}".to_vec() }];
    append.actors = vec![ActorBinding { actor: [7; 16], person, device, receipt: [5; 32] }];
    append.proofs.claims = vec![([7; 16], CLAIM)];
    append.proofs.challenges = vec![([8; 32], [5; 32])];
    append
}

pub async fn proofs_come_with_their_part_of_the_log_and_once(store: &Arc<dyn Store>) {
    let pharmacy = ods("FA123");
    let first = document(10);
    let id = first.id;
    store.append(&pharmacy, with_papers(signed(one(first), 1))).await.expect("stored");
    store.append(&pharmacy, one(document(10))).await.expect("stored");
    let again = satchel::store::DocumentWrite { id, based_on: 1, base: None, ..document(0) };
    store.append(&pharmacy, with_papers(signed(one(again), 2))).await.expect("stored");

    let all = store.documents_after(&pharmacy, 0, 1_000_000).await.expect("read");
    assert_eq!(all.proofs.signatures[&id], [([7; 16], [2; 64])], "the newest of an author");
    assert_eq!((all.proofs.claims, all.proofs.receipts), (vec![CLAIM], vec![b"{}".to_vec()]));
    let since = store.documents_after(&pharmacy, 1, 1_000_000).await.expect("read");
    assert!(since.proofs.claims.is_empty() && since.proofs.receipts.is_empty());
    assert_eq!(since.proofs.signatures[&id], [([7; 16], [2; 64])]);
    let none = store.documents_after(&pharmacy, 3, 1_000_000).await.expect("read");
    assert_eq!(none.proofs, satchel::store::PageProofs::default());
    let other = store.documents_after(&ods("FB456"), 0, 1_000_000).await.expect("read");
    assert_eq!(other.proofs, satchel::store::PageProofs::default());
}

pub async fn a_challenge_stays_with_the_receipt_that_answered_it_first(store: &Arc<dyn Store>) {
    assert_eq!(store.receipt_of_challenge(&[8; 32]).await.expect("read"), None);
    store.append(&ods("FA123"), with_papers(one(document(10)))).await.expect("stored");
    let mut later = with_papers(one(document(10)));
    later.receipts[0].hash = [9; 32];
    later.actors.clear();
    later.proofs.claims.clear();
    later.proofs.challenges = vec![([8; 32], [9; 32])];
    store.append(&ods("FA123"), later).await.expect("stored");
    assert_eq!(store.receipt_of_challenge(&[8; 32]).await.expect("read"), Some([5; 32]));
}

fn aside(document: ConsultationId, bytes: u8) -> Append {
    let entry = Quarantined {
        document,
        person: PersonId::from_bytes([1; 16]),
        device: String::new(),
        reason: "removed".to_owned(),
        detail: String::new(),
        at: NOW,
        bytes: vec![bytes; 20],
        changes: 3,
        releasable: true,
    };
    Append { quarantined: vec![entry], ..Append::default() }
}

pub async fn what_is_set_aside_is_settled_once_and_kept(store: &Arc<dyn Store>) {
    let (pharmacy, other) = (ods("FA123"), ods("FB456"));
    let id = ConsultationId(uuid::Uuid::new_v4());
    for bytes in [1, 1, 2] {
        store.append(&pharmacy, aside(id, bytes)).await.expect("stored");
    }
    let listed = store.quarantine(&pharmacy, 10).await.expect("read");
    assert_eq!(listed.len(), 2, "the same twice is one");
    assert!(listed[0].id > listed[1].id && listed.iter().all(|entry| entry.entry.bytes.is_empty()));
    assert_eq!((listed[0].entry.changes, listed[0].entry.releasable), (3, true));
    assert!(store.quarantine(&other, 10).await.expect("read").is_empty());
    assert!(store.quarantine_entry(&other, listed[0].id).await.expect("read").is_none());

    let settled = Settled {
        state: QuarantineState::Closed,
        by: PersonId::from_bytes([1; 16]),
        at: NOW,
        because: "entered again".to_owned(),
    };
    assert!(!store.settle(&other, listed[0].id, &settled).await.expect("stored"));
    assert!(store.settle(&pharmacy, listed[0].id, &settled).await.expect("stored"));
    let released = Settled { state: QuarantineState::Released, ..settled };
    assert!(!store.settle(&pharmacy, listed[0].id, &released).await.expect("stored"), "once");
    let found = store.quarantine_entry(&pharmacy, listed[0].id).await.expect("read").expect("kept");
    assert_eq!((found.state, found.settled_because.as_str()), (QuarantineState::Closed, "entered again"));
    assert_eq!(found.entry.bytes, vec![2; 20]);
    let waiting = store.quarantine_of(&pharmacy, &id).await.expect("read");
    assert_eq!(waiting.iter().map(|entry| entry.id).collect::<Vec<_>>(), [listed[1].id]);
}

pub async fn a_removed_person_is_remembered_with_what_they_were(store: &Arc<dyn Store>) {
    let person = asha(store).await;
    let pharmacy = ods("FA123");
    assert_eq!(store.staff(&pharmacy).await.expect("read").len(), 1);
    assert!(!store.remove_person(&person, &ods("FB456"), NOW).await.expect("stored"));
    assert!(store.remove_person(&person, &pharmacy, NOW).await.expect("stored"));
    assert!(!store.remove_person(&person, &pharmacy, NOW).await.expect("stored"), "once");
    assert_eq!(store.role_at(&person, &pharmacy, NOW).await.expect("read"), None);
    let removal = store.removal(&person, &pharmacy, NOW).await.expect("read").expect("remembered");
    assert_eq!((removal.role, removal.at), (Role::Pharmacist, NOW));
    assert!(store.staff(&pharmacy).await.expect("read").is_empty());
    assert!(store.person(&person).await.expect("read").is_some(), "what they wrote still names them");
}
