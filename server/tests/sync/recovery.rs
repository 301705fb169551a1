//! The ways back over HTTP: the sealed log of a device that was revoked, and the vault key for who may have it.

use crate::attacks::{edited, stored};
use crate::restore::{LATER, closed};
use crate::support::{Device, Server, rebuilt, sealed_to};
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey};
use reqwest::StatusCode;
use serde_json::json;
use sha2::Sha256;
use shared::api::{DeviceLogAnswer, DeviceStanding, QuarantinedView, Refusal, Standing, VaultKeyAnswer};
use shared::authorship::Receipt;
use shared::ids::ConsultationId;
use shared::people::Role;
use shared::sync::frame::PushedDocument;
use shared::vault::{Envelope, KEY_RETURN_INFO, SealedLog, SealedRecord, associated_data, earlier_key_data};

const VAULT: &str = "dmF1bHQ";
const KEY: [u8; 32] = [5; 32];

fn agreed(own: &SecretKey, other: &str, info: &str) -> Aes256Gcm {
    let point = URL_SAFE_NO_PAD.decode(other).expect("base64");
    let other = PublicKey::from_sec1_bytes(&point).expect("a point");
    let shared = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine());
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(&[]), shared.raw_secret_bytes())
        .expand(info.as_bytes(), &mut key)
        .expect("32 bytes");
    Aes256Gcm::new(&key.into())
}

fn public(key: &SecretKey) -> String {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_point(false).as_bytes())
}

fn record(store: &str, key: &str, plain: &[u8]) -> SealedRecord {
    record_under(1, &KEY, store, key, plain)
}

fn record_under(key_version: u32, with: &[u8; 32], store: &str, key: &str, plain: &[u8]) -> SealedRecord {
    let associated = associated_data(VAULT, key_version, &format!("{store}/{key}"));
    let ciphertext = Aes256Gcm::new(&(*with).into())
        .encrypt(&Nonce::from([2; 12]), Payload { msg: plain, aad: &associated })
        .expect("sealed");
    let sealed = Envelope { key_version, nonce: [2; 12], ciphertext }.to_bytes();
    SealedRecord { store: store.to_owned(), key: key.to_owned(), sealed }
}

/// What a device keeps of a change it made.
fn made(id: ConsultationId, pushed: &PushedDocument, order: u64) -> SealedRecord {
    let (actor, signature) = pushed.signatures[0];
    let bytes = &pushed.changes[0];
    let hash = shared::consultation::change_hash(bytes).expect("a change");
    let plain = [&[1, 1], order.to_be_bytes().as_slice(), &actor, &signature, bytes].concat();
    record("changes", &format!("{id}/{}", shared::consultation::hex(&hash)), &plain)
}

/// The papers of a device's own actor, as they lie in its vault.
fn papers(device: &Device) -> Vec<SealedRecord> {
    let claim = device.claim();
    let actor = json!({ "v": 1, "receipt_hash": claim.receipt_hash, "tab_nonce": claim.tab_nonce });
    let hash = shared::consultation::hex(&Receipt::hash(&device.receipt));
    vec![
        record("state", &format!("receipt/{hash}"), &device.receipt),
        record(
            "state",
            &format!("actor/{}", shared::consultation::hex(&device.actor())),
            actor.to_string().as_bytes(),
        ),
    ]
}

fn log(device: &Device, records: Vec<SealedRecord>) -> SealedLog {
    SealedLog { header: json!({ "vault": VAULT, "device": device.id }).to_string(), records, last: true }
}

/// Asha, whose vault key is really sealed to this server.
async fn asha(server: &Server) -> Device {
    let mut asha = server.asha().await;
    let sealed = sealed_to(&asha.view.server_key, &KEY).expect("sealed");
    asha.register(VAULT, 1, &sealed).await;
    asha
}

async fn standing(device: &mut Device) -> Standing {
    let answer = device.http.get(&format!("/api/device-standing/{}", device.id)).await;
    answer.json::<DeviceStanding>().await.expect("a standing").standing
}

async fn send(device: &mut Device, log: &SealedLog) -> reqwest::Response {
    device.http.post_bytes(&format!("/api/device-log/{}", device.id), log.to_bytes()).await
}

#[tokio::test]
async fn the_sealed_log_of_a_revoked_device_is_released_into_the_record() {
    let server = Server::start().await;
    let mut asha = asha(&server).await;
    let mut ines = server.enrol("Ines Moreau", Role::Administrator, "", "FA123").await;
    let (id, mut document) = stored(&mut asha).await;
    let first = edited(&asha, id, &mut document, "advice");
    let second = edited(&asha, id, &mut document, "referred");
    let torn = edited(&asha, id, &mut document, "other");
    assert_eq!(standing(&mut asha).await, Standing::Active);

    // In use, it needs somebody who is signed in.
    asha.http.cookie.clear();
    let mut records = papers(&asha);
    records.extend([made(id, &second, 2), made(id, &first, 1), made(id, &torn, 3)]);
    let last = records.last_mut().expect("records");
    let middle = last.sealed.len() / 2;
    last.sealed[middle] ^= 1;
    records.push(SealedRecord {
        store: "state".to_owned(),
        key: "unsent/x/y".to_owned(),
        sealed: Vec::new(),
    });
    let log = log(&asha, records);
    assert_eq!(send(&mut asha, &log).await.status(), StatusCode::UNAUTHORIZED);

    let revoked = ines.http.delete(&format!("/api/devices/{}", asha.id)).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    assert_eq!(standing(&mut asha).await, Standing::Revoked);
    for _ in 0..2 {
        let answer: DeviceLogAnswer = send(&mut asha, &log).await.json().await.expect("an answer");
        let expected = DeviceLogAnswer { consultations: 1, changes: 2, known: 0, unopened: 1 };
        assert_eq!(answer, expected, "the torn record is counted, and nothing else suffers");
    }
    let listed: Vec<QuarantinedView> = ines.http.get("/api/quarantine").await.json().await.expect("a list");
    assert_eq!(listed.len(), 1, "sending it again is one entry");
    assert_eq!((listed[0].reason, listed[0].person_name.as_str()), (Refusal::Removed, "Asha Patel"));
    let released = ines.http.post(&format!("/api/quarantine/{}/release", listed[0].id), &json!({})).await;
    assert_eq!(released.status(), StatusCode::NO_CONTENT);
    let mut tom = server.tom().await;
    assert_eq!(rebuilt(&tom.pull(0).await, id).read().expect("readable").outcome.code, "referred");

    // By now the server has them; once more there is nothing to set aside.
    let answer: DeviceLogAnswer = send(&mut asha, &log).await.json().await.expect("an answer");
    assert_eq!((answer.changes, answer.known), (0, 2));
}

#[tokio::test]
async fn a_log_that_could_never_be_opened_is_not_taken_for_safe() {
    let server = Server::start().await;
    let mut asha = server.asha().await;
    let empty = log(&asha, Vec::new());
    assert_eq!(send(&mut asha, &empty).await.status(), StatusCode::CONFLICT, "its key never came here");
    let mut tom = server.tom().await;
    let foreign = log(&asha, Vec::new());
    assert_eq!(send(&mut tom, &foreign).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let junk = tom.http.post_bytes(&format!("/api/device-log/{}", tom.id), vec![7; 4096]).await;
    assert_eq!(junk.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let nobodys = tom.http.post_bytes(&format!("/api/device-log/{}", uuid::Uuid::new_v4()), vec![7]).await;
    assert_eq!(nobodys.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_record_moved_to_another_place_in_the_log_does_not_open() {
    let server = Server::start().await;
    let mut asha = asha(&server).await;
    let (id, mut document) = stored(&mut asha).await;
    let change = edited(&asha, id, &mut document, "advice");
    let mut moved = made(id, &change, 1);
    moved.key = moved.key.replace(&id.to_string(), &ConsultationId(uuid::Uuid::new_v4()).to_string());
    let log = log(&asha, vec![moved]);
    let answer: DeviceLogAnswer = send(&mut asha, &log).await.json().await.expect("an answer");
    assert_eq!((answer.changes, answer.unopened), (0, 1));
}

#[tokio::test]
async fn a_vault_key_comes_back_sealed_to_who_asks_and_soon_after_signing_in_only() {
    let server = Server::start().await;
    let mut asha = asha(&server).await;
    let ephemeral = SecretKey::from_slice(&[11; 32]).expect("a scalar");
    let asked = json!({ "ephemeral": public(&ephemeral) });
    let path = format!("/api/devices/{}/vault-key", asha.id);
    let answer: VaultKeyAnswer = asha.http.post(&path, &asked).await.json().await.expect("keys");
    let ours = answer.keys.iter().find(|key| key.vault == VAULT).expect("this vault's");
    assert_eq!(ours.key_version, 1);
    let sealed = URL_SAFE_NO_PAD.decode(&ours.sealed.sealed).expect("base64");
    let (nonce, ciphertext) = sealed.split_first_chunk::<12>().expect("a nonce");
    let opened = agreed(&ephemeral, &ours.sealed.ephemeral, KEY_RETURN_INFO)
        .decrypt(&Nonce::from(*nonce), ciphertext)
        .expect("it opens");
    assert_eq!(opened, KEY);
    let audited = server.app.store.audit(&asha.ods, 1).await.expect("a store");
    assert_eq!(audited[0].action, "vault-key-returned");

    let bad = asha.http.post(&path, &json!({ "ephemeral": "AAAA" })).await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let mut ines = server.enrol("Ines Moreau", Role::Administrator, "", "FA123").await;
    assert_eq!(
        ines.http.post(&path, &asked).await.status(),
        StatusCode::FORBIDDEN,
        "may not read consultations"
    );
    let mut ben = server.enrol("Ben Okafor", Role::Pharmacist, "2099999", "FB456").await;
    assert_eq!(ben.http.post(&path, &asked).await.status(), StatusCode::NOT_FOUND, "another pharmacy's");
    server.app.clock.advance(6 * 60_000);
    assert_eq!(asha.http.post(&path, &asked).await.status(), StatusCode::FORBIDDEN, "signed in too long ago");
}

#[tokio::test]
async fn the_key_of_a_revoked_device_stays_here() {
    let server = Server::start().await;
    let mut asha = asha(&server).await;
    let mut tom = server.tom().await;
    let ephemeral = SecretKey::from_slice(&[11; 32]).expect("a scalar");
    let mut ines = server.enrol("Ines Moreau", Role::Administrator, "", "FA123").await;
    ines.http.delete(&format!("/api/devices/{}", asha.id)).await;
    let path = format!("/api/devices/{}/vault-key", asha.id);
    let answer = tom.http.post(&path, &json!({ "ephemeral": public(&ephemeral) })).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(standing(&mut asha).await, Standing::Revoked);
}

#[tokio::test]
async fn a_key_made_offline_opens_the_log_only_where_it_continues_a_registered_one() {
    let server = Server::start().await;
    let mut asha = asha(&server).await;
    let newest = [6; 32];
    let sealed = sealed_to(&asha.view.server_key, &newest).expect("sealed");
    let wrapped = |with: [u8; 32]| {
        let associated = earlier_key_data(VAULT, 1);
        let payload = Payload { msg: &KEY, aad: &associated };
        let ciphertext =
            Aes256Gcm::new(&with.into()).encrypt(&Nonce::from([3; 12]), payload).expect("sealed");
        URL_SAFE_NO_PAD.encode([[3; 12].as_slice(), &ciphertext].concat())
    };
    let receipt = record_under(2, &newest, "state", "receipt/x", &asha.receipt);
    for (earlier, unopened) in [(json!([]), 1), (json!([wrapped([7; 32])]), 1), (json!([wrapped(newest)]), 0)]
    {
        let earlier: Vec<_> = earlier
            .as_array()
            .expect("a list")
            .iter()
            .map(|wrapped| json!({ "key_version": 1, "wrapped_key": wrapped }))
            .collect();
        let header = json!({
            "vault": VAULT, "device": asha.id, "key_version": 2, "sealed_to_server": sealed, "earlier": earlier,
        });
        let log = SealedLog { header: header.to_string(), records: vec![receipt.clone()], last: true };
        let answer: DeviceLogAnswer = send(&mut asha, &log).await.json().await.expect("an answer");
        assert_eq!(answer.unopened, unopened, "{header}");
    }
}

#[tokio::test]
async fn the_log_of_a_device_brings_nothing_back_that_was_destroyed() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = satchel::retention::Ledger::at(folder.path());
    let server = Server::start().await;
    let mut asha = asha(&server).await;
    let (id, mut document) = closed(&mut asha).await;
    let change = edited(&asha, id, &mut document, "advice");
    satchel::retention::destroy(&server.app, &ledger, &id, "A. Manager", LATER)
        .await
        .expect("its time is over");
    let mut records = papers(&asha);
    records.push(made(id, &change, 1));
    let log = log(&asha, records);
    let answer: DeviceLogAnswer = send(&mut asha, &log).await.json().await.expect("an answer");
    assert_eq!((answer.consultations, answer.changes, answer.known, answer.unopened), (0, 0, 1, 0));
    assert!(server.app.store.quarantined(&asha.ods).await.expect("a store").is_empty());
}
