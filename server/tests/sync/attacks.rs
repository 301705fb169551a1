//! Somebody who has a session of their own and speaks for somebody else: found out at push, whatever they have copied.

use crate::support::{Device, NOW, Server, rebuilt};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use shared::api::{Refusal, Verdict};
use shared::authorship::{Receipt, Unlock, author_statement};
use shared::consultation::{Document, Writer};
use shared::ids::ConsultationId;
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument};

pub fn reason(verdicts: &[Verdict]) -> Refusal {
    match verdicts {
        [Verdict::Refused { reason, .. }] => *reason,
        other => panic!("not refused: {other:?}"),
    }
}

/// A consultation that this device made and the server has.
pub async fn stored(device: &mut Device) -> (ConsultationId, Document) {
    let (id, mut document) = device.walk_in();
    let whole = device.whole(id, &mut document);
    assert!(matches!(device.push(vec![whole]).await[..], [Verdict::Stored { .. }]));
    (id, document)
}

/// An edit by this device, ready to be pushed.
pub fn edited(device: &Device, id: ConsultationId, document: &mut Document, code: &str) -> PushedDocument {
    document
        .edit(NOW, &device.writer(), |record| code.clone_into(&mut record.outcome.code))
        .expect("an edit")
        .expect("something differs");
    device.latest(id, document)
}

#[tokio::test]
async fn another_persons_receipt_makes_nobody_that_person() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut asha).await;
    // Tom has seen her receipt, as anybody who pulls has, and makes an actor of it in a tab of his own.
    let claim = ActorClaim { receipt_hash: Receipt::hash(&asha.receipt), tab_nonce: [7; 16] };
    let actor = shared::authorship::actor(&claim.receipt_hash, &claim.tab_nonce);
    let writer = Writer { actor, author: asha.author.clone() };
    let bytes = document
        .edit(NOW, &writer, |record| record.outcome.code = "advice".to_owned())
        .expect("an edit")
        .expect("something differs");
    let newest = shared::consultation::change_hash(&bytes).expect("a change");
    let (_, signature) = tom.signature_as(id, &actor, newest);
    let forged =
        PushedDocument { id, whole: Vec::new(), changes: vec![bytes], signatures: vec![(actor, signature)] };
    let frame =
        PushFrame { receipts: vec![asha.receipt.clone()], actors: vec![claim], documents: vec![forged] };
    assert_eq!(reason(&tom.push_frame(&frame).await), Refusal::ForeignActor);
}

#[tokio::test]
async fn a_receipt_resent_by_another_device_does_not_stand_for_what_that_device_signs() {
    let server = Server::start().await;
    let mut ipad = server.asha().await;
    let (id, mut document) = stored(&mut ipad).await;
    let mut phone = ipad.on_another_device().await;
    let mut change = edited(&ipad, id, &mut document, "advice");
    let newest = shared::consultation::change_hash(&change.changes[0]).expect("a change");
    change.signatures = vec![phone.signature_as(id, &ipad.actor(), newest)];
    let frame = PushFrame {
        receipts: vec![ipad.receipt.clone()],
        actors: vec![ipad.claim()],
        documents: vec![change.clone()],
    };
    assert_eq!(reason(&phone.push_frame(&frame).await), Refusal::ForeignActor);

    // With the iPad's own signature it is the iPad's work, whoever carries it.
    change.signatures = vec![ipad.signature(id, newest)];
    let frame = PushFrame { documents: vec![change], ..frame };
    assert_eq!(phone.push_frame(&frame).await, [Verdict::Stored { seq: 2 }]);
}

#[tokio::test]
async fn the_work_of_another_is_taken_with_proof_and_stays_theirs() {
    let server = Server::start().await;
    let (asha, mut tom) = (server.asha().await, server.tom().await);
    // Never seen by the server: her consultation, her receipt, her signature. He only carries them.
    let (id, mut document) = asha.walk_in();
    let hers = asha.frame(vec![asha.whole(id, &mut document)]);
    let without_receipt = PushFrame { receipts: Vec::new(), ..hers.clone() };
    assert_eq!(reason(&tom.push_frame(&without_receipt).await), Refusal::Receipt);
    let without_claim = PushFrame { actors: Vec::new(), ..hers.clone() };
    assert_eq!(reason(&tom.push_frame(&without_claim).await), Refusal::ForeignActor);
    let mut bent = hers.clone();
    bent.documents[0].signatures[0].1[3] ^= 1;
    assert_eq!(reason(&tom.push_frame(&bent).await), Refusal::ForeignActor);

    assert_eq!(tom.push_frame(&hers).await, [Verdict::Stored { seq: 1 }]);
    let history = rebuilt(&tom.pull(0).await, id).history().expect("readable");
    assert!(history.iter().all(|entry| entry.by == "Asha Patel" && entry.unlocked_by == "passkey"));
}

#[tokio::test]
async fn every_device_is_given_the_proofs_and_only_once() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (id, mut document) = stored(&mut asha).await;
    let change = edited(&asha, id, &mut document, "advice");
    asha.push(vec![change.clone()]).await;

    let all = tom.pull(0).await;
    assert_eq!(all[0].receipts, [asha.receipt.clone()]);
    assert_eq!(all[0].actors, [asha.claim()]);
    assert_eq!(all[0].documents[0].signatures, change.signatures, "the newest of hers and no other");
    let since = tom.pull(1).await;
    assert!(since[0].receipts.is_empty() && since[0].actors.is_empty(), "told before");
    assert_eq!(since[0].documents[0].signatures, change.signatures);
}

#[tokio::test]
async fn what_the_server_writes_is_signed_with_a_key_that_outlives_the_process() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, _) = stored(&mut asha).await;
    let pharmacy = asha.ods.clone();
    satchel::sync::server_edit(&server.app, &pharmacy, &id, |record| {
        "1".clone_into(&mut record.referral.disposition);
    })
    .await
    .expect("an edit");
    let frames = asha.pull(1).await;
    let (actor, signature) = frames[0].documents[0].signatures[0];
    let mut seen = rebuilt(&asha.pull(0).await, id);
    let newest = seen.heads()[0].0;
    let key: VerifyingKey = *server.app.server_keys.signing.verifying_key();
    let signature = Signature::from_slice(&signature).expect("64 bytes");
    key.verify(&author_statement(&id, &actor, &newest), &signature).expect("it is the server's");
}

#[tokio::test]
async fn nobody_writes_as_the_server() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let (id, mut document) = stored(&mut asha).await;
    let writer = Writer { actor: [9; 16], ..satchel::sync::server_writer(&server.app) };
    let bytes = document
        .edit(NOW, &writer, |record| record.patient.nhs_number_status = "verified".to_owned())
        .expect("an edit")
        .expect("something differs");
    let newest = shared::consultation::change_hash(&bytes).expect("a change");
    let signatures = vec![asha.signature_as(id, &[9; 16], newest)];
    let forged = PushedDocument { id, whole: Vec::new(), changes: vec![bytes], signatures };
    assert_eq!(reason(&asha.push(vec![forged]).await), Refusal::ForeignActor);
}

#[tokio::test]
async fn a_passphrase_claimed_for_somebody_else_is_refused_and_never_releasable() {
    let server = Server::start().await;
    let (asha, mut tom) = (server.asha().await, server.tom().await);
    let mut receipt = tom.unlock(Unlock::Passphrase);
    receipt.person = asha.view.person.as_ref().expect("somebody").id;
    tom.sign_again(&mut receipt);
    tom.receipt = receipt.to_bytes();
    tom.author = shared::consultation::Author { unlocked_by: "passphrase".to_owned(), ..asha.author.clone() };
    let (id, mut document) = tom.walk_in();
    let whole = tom.whole(id, &mut document);
    assert_eq!(reason(&tom.push(vec![whole]).await), Refusal::Receipt);
    let aside = server.app.store.quarantined(&tom.ods).await.expect("a store");
    assert!(!aside[0].releasable, "{}", aside[0].detail);
}

#[tokio::test]
async fn a_changed_counter_is_found_out() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let mut receipt = asha.unlock(Unlock::Passkey);
    receipt.counter += 1;
    asha.receipt = receipt.to_bytes();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::Receipt, "its key did not sign this counter");

    // Signed again with the right key, it is the passkey that never answered this counter.
    asha.sign_again(&mut receipt);
    asha.receipt = receipt.to_bytes();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::Receipt);
}

#[tokio::test]
async fn the_same_unlock_in_other_words_is_refused_and_the_same_again_is_not() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let receipt = asha.unlock(Unlock::Passkey);
    asha.receipt = receipt.to_bytes();
    let (id, mut document) = stored(&mut asha).await;
    let again = edited(&asha, id, &mut document, "advice");
    assert_eq!(asha.push(vec![again]).await, [Verdict::Stored { seq: 2 }], "its receipt was sent once more");

    // What key and passkey signed stays as it was; only what they did not sign is changed.
    let downgraded = Receipt { unlock: Unlock::Passphrase, assertion: None, ..receipt };
    asha.receipt = downgraded.to_bytes();
    asha.author.unlocked_by = "passphrase".to_owned();
    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(reason(&asha.push(vec![whole]).await), Refusal::Receipt);
}

#[tokio::test]
async fn a_receipt_doctored_by_a_colleague_binds_nothing_and_shuts_nobody_out() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let receipt = asha.unlock(Unlock::Passkey);
    asha.receipt = receipt.to_bytes();
    // He shows her unlock first, in other words, and without anything that she signed under it.
    let downgraded = Receipt { unlock: Unlock::Passphrase, assertion: None, ..receipt }.to_bytes();
    let claim = ActorClaim { receipt_hash: Receipt::hash(&downgraded), tab_nonce: [7; 16] };
    let (id, mut document) = tom.walk_in();
    let own = tom.whole(id, &mut document);
    let mut frame = tom.frame(vec![own]);
    frame.receipts.push(downgraded);
    frame.actors.push(claim);
    assert_eq!(tom.push_frame(&frame).await, [Verdict::Stored { seq: 1 }]);

    let (id, mut document) = asha.walk_in();
    let whole = asha.whole(id, &mut document);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 2 }]);
}

#[tokio::test]
async fn a_nonce_given_to_another_device_is_foreign() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    asha.fresh_nonce().await;
    tom.view.server_nonce = asha.view.server_nonce.clone();
    tom.receipt = tom.unlock(Unlock::Passkey).to_bytes();
    let (id, mut document) = tom.walk_in();
    let whole = tom.whole(id, &mut document);
    assert_eq!(reason(&tom.push(vec![whole]).await), Refusal::Receipt);
}

#[tokio::test]
async fn a_nonce_of_an_earlier_release_stays_good() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let old = satchel::store::Nonce {
        nonce: "b2xkLW5vbmNl".to_owned(),
        person: asha.view.person.as_ref().map(|person| person.id),
        device: None,
        issued_at: NOW,
    };
    server.app.store.put_nonce(&old).await.expect("a store");
    asha.view.server_nonce = old.nonce;
    asha.receipt = asha.unlock(Unlock::Passkey).to_bytes();
    stored(&mut asha).await;
}
