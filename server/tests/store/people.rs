//! Promises about people, passkeys, devices and sessions.

use satchel::store::{
    AuditEntry, DeviceKeys, Enrolment, Invitation, InvitationUse, Nonce, Person, Pharmacy, Store, StoreError,
    StoredPasskey, StoredSession,
};
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::people::Role;
use std::sync::Arc;

const NOW: i64 = 1_795_356_300_000;
const DEVICE: DeviceId = DeviceId(uuid::Uuid::from_bytes([7; 16]));

fn ods(code: &str) -> OdsCode {
    code.parse().expect("an ODS code")
}

pub fn pharmacy(code: &str, dos_ids: &[&str]) -> Pharmacy {
    Pharmacy {
        ods: ods(code),
        name: format!("Pharmacy {code}"),
        dos_ids: dos_ids.iter().map(|id| (*id).to_owned()).collect(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    }
}

fn person(number: u8, name: &str) -> Person {
    Person { id: PersonId::from_bytes([number; 16]), name: name.to_owned(), gphc: None, gphc_checked: false }
}

fn passkey(number: u8, credential_id: &str) -> StoredPasskey {
    StoredPasskey {
        credential_id: credential_id.to_owned(),
        person: PersonId::from_bytes([number; 16]),
        label: "Passkey of 22 Nov 2026".to_owned(),
        passkey: "{}".to_owned(),
        added_at: NOW,
        used_at: None,
    }
}

fn enrolment(token: u8, number: u8, name: &str) -> Enrolment {
    Enrolment {
        token_hash: [token; 32],
        person: person(number, name),
        passkey: Some(passkey(number, &format!("passkey-{number}"))),
        device_key: None,
        at: NOW,
    }
}

async fn invite(store: &Arc<dyn Store>, token: u8, role: Role) {
    store.put_pharmacy(&pharmacy("FA123", &[])).await.expect("stored");
    let invitation = Invitation {
        token_hash: [token; 32],
        pharmacy: ods("FA123"),
        role,
        expires_at: NOW + 1000,
        invited_by: None,
        access_ends: None,
    };
    store.put_invitation(&invitation).await.expect("stored");
}

/// Person 1, a pharmacist at FA123.
pub async fn asha(store: &Arc<dyn Store>) -> PersonId {
    invite(store, 1, Role::Pharmacist).await;
    let used = store.enrol(&enrolment(1, 1, "Asha Patel")).await.expect("stored");
    assert_eq!(used, InvitationUse::Used);
    PersonId::from_bytes([1; 16])
}

fn keys(person: PersonId, signing_key: &str) -> DeviceKeys {
    DeviceKeys {
        device: DEVICE,
        pharmacy: ods("FA123"),
        person,
        label: "iPad".to_owned(),
        signing_key: signing_key.to_owned(),
        vault: "vault".to_owned(),
        key_version: 1,
        sealed: "{}".to_owned(),
        at: NOW,
    }
}

fn session(id: u8, person: Option<PersonId>) -> StoredSession {
    StoredSession {
        id_hash: [id; 32],
        person,
        device: None,
        cis2: None,
        data: "{}".to_owned(),
        expires_at: NOW + 1000,
    }
}

pub async fn a_pharmacy_is_found_by_its_code_and_by_its_dos_ids(store: &Arc<dyn Store>) {
    let elm = pharmacy("FA123", &["1000", "2000"]);
    store.put_pharmacy(&elm).await.expect("stored");
    let moved = pharmacy("FA123", &["2000", "3000"]);
    store.put_pharmacy(&moved).await.expect("stored");
    assert_eq!(store.pharmacies().await.expect("read"), std::slice::from_ref(&moved));
    assert_eq!(store.pharmacy_by_dos_id("3000").await.expect("read"), Some(moved));
    assert_eq!(store.pharmacy_by_dos_id("1000").await.expect("read"), None);
}

pub async fn two_pharmacies_never_share_a_dos_id(store: &Arc<dyn Store>) {
    store.put_pharmacy(&pharmacy("FA123", &["1000"])).await.expect("stored");
    let taken = store.put_pharmacy(&pharmacy("FB456", &["1000"])).await;
    assert!(matches!(taken, Err(StoreError::Conflict)));
    assert_eq!(store.pharmacy(&ods("FB456")).await.expect("read"), None, "all of it or nothing");
}

pub async fn an_invitation_is_used_once_or_not_at_all(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    assert_eq!(store.role_at(&asha, &ods("FA123"), NOW).await.expect("read"), Some(Role::Pharmacist));
    let again = store.enrol(&enrolment(1, 2, "Tom Reid")).await.expect("answered");
    assert_eq!(again, InvitationUse::Unknown);
    assert_eq!(store.person(&PersonId::from_bytes([2; 16])).await.expect("read"), None);
}

pub async fn an_expired_invitation_enrols_nobody_and_is_not_used_up(store: &Arc<dyn Store>) {
    invite(store, 1, Role::Pharmacist).await;
    let late = Enrolment { at: NOW + 1000, ..enrolment(1, 1, "Asha Patel") };
    assert_eq!(store.enrol(&late).await.expect("answered"), InvitationUse::Expired);
    assert!(store.invitation(&[1; 32]).await.expect("read").is_some());
}

pub async fn a_failed_enrolment_leaves_the_invitation(store: &Arc<dyn Store>) {
    asha(store).await;
    invite(store, 2, Role::Technician).await;
    let mut same_passkey = enrolment(2, 2, "Tom Reid");
    same_passkey.passkey = Some(StoredPasskey { person: same_passkey.person.id, ..passkey(1, "passkey-1") });
    assert!(matches!(store.enrol(&same_passkey).await, Err(StoreError::Conflict)));
    assert!(store.invitation(&[2; 32]).await.expect("read").is_some());
    assert_eq!(store.person(&same_passkey.person.id).await.expect("read"), None);
}

pub async fn a_passkey_is_one_persons(store: &Arc<dyn Store>) {
    asha(store).await;
    assert!(matches!(store.add_passkey(&passkey(1, "passkey-1")).await, Err(StoreError::Conflict)));
}

pub async fn a_use_renews_the_passkeys_counter(store: &Arc<dyn Store>) {
    asha(store).await;
    store.passkey_used("passkey-1", "{\"counter\":2}", NOW + 5).await.expect("stored");
    let stored = store.passkey("passkey-1").await.expect("read").expect("there");
    assert_eq!((stored.passkey.as_str(), stored.used_at), ("{\"counter\":2}", Some(NOW + 5)));
}

pub async fn the_last_passkey_stays(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.add_passkey(&passkey(1, "second")).await.expect("stored");
    assert!(store.remove_passkey(&asha, "passkey-1", false).await.expect("answered"));
    assert!(!store.remove_passkey(&asha, "second", false).await.expect("answered"));
    assert_eq!(store.passkeys(&asha).await.expect("read").len(), 1);
    assert!(store.remove_passkey(&asha, "second", true).await.expect("answered"), "with another way in");
}

pub async fn a_device_made_known_twice_is_one_device(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.put_device(&keys(asha, "key")).await.expect("stored");
    let renamed =
        DeviceKeys { label: "Van iPad".to_owned(), sealed: "{\"v\":2}".to_owned(), ..keys(asha, "key") };
    store.put_device(&renamed).await.expect("stored");
    let devices = store.devices(&ods("FA123")).await.expect("read");
    assert_eq!((devices.len(), devices[0].label.as_str(), devices[0].people.len()), (1, "Van iPad", 1));
    let sealed = store.sealed_keys(&DEVICE).await.expect("read");
    assert_eq!(sealed, [("vault".to_owned(), 1, "{}".to_owned())], "what was sealed first stays");
    store.forget_sealed_key(&DEVICE, "vault", 1, "{\"v\":2}").await.expect("answered");
    assert_eq!(
        store.sealed_keys(&DEVICE).await.expect("read"),
        sealed,
        "only what was looked at is forgotten"
    );
    store.forget_sealed_key(&DEVICE, "vault", 1, "{}").await.expect("answered");
    assert_eq!(store.sealed_keys(&DEVICE).await.expect("read"), []);
}

pub async fn a_device_never_changes_its_pharmacy(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.put_pharmacy(&pharmacy("FB456", &[])).await.expect("stored");
    store.put_device(&keys(asha, "key")).await.expect("stored");
    let elsewhere = DeviceKeys { pharmacy: ods("FB456"), ..keys(asha, "key") };
    assert!(matches!(store.put_device(&elsewhere).await, Err(StoreError::Conflict)));
}

pub async fn a_revoked_device_stays_revoked_and_its_sessions_end(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.put_device(&keys(asha, "key")).await.expect("stored");
    let on_it = StoredSession { device: Some(DEVICE), ..session(1, Some(asha)) };
    store.put_session(&on_it).await.expect("stored");
    assert!(store.revoke_device(&ods("FA123"), &DEVICE, NOW).await.expect("answered"));
    assert_eq!(store.session(&[1; 32], NOW).await.expect("read"), None);
    // A request that was under way writes its session back: it signs nobody in.
    store.put_session(&on_it).await.expect("stored");
    assert!(store.signed_in_session(&[1; 32], NOW).await.expect("read").is_none());
    assert!(matches!(store.put_device(&keys(asha, "key")).await, Err(StoreError::Conflict)));
    assert!(!store.revoke_device(&ods("FA123"), &DEVICE, NOW + 9).await.expect("answered"));
    let key = store.signing_key(&asha, &DEVICE, "key").await.expect("read").expect("kept");
    assert_eq!(key.revoked_at, Some(NOW));
}

pub async fn an_old_signing_key_is_still_known(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.put_device(&keys(asha, "first")).await.expect("stored");
    store.put_device(&keys(asha, "second")).await.expect("stored");
    assert!(store.signing_key(&asha, &DEVICE, "first").await.expect("read").is_some());
    assert_eq!(store.signing_key(&asha, &DEVICE, "forged").await.expect("read"), None);
}

pub async fn a_nonce_keeps_the_time_it_was_first_given_out(store: &Arc<dyn Store>) {
    let nonce = Nonce { nonce: "n".to_owned(), person: None, device: None, issued_at: NOW };
    store.put_nonce(&nonce).await.expect("stored");
    store.put_nonce(&Nonce { issued_at: NOW + 5, ..nonce.clone() }).await.expect("stored");
    assert_eq!(store.nonce_known("n").await.expect("read"), Some(nonce));
    assert_eq!(store.nonce_known("never").await.expect("read"), None);
}

pub async fn a_session_ends_at_its_time(store: &Arc<dyn Store>) {
    store.put_session(&session(1, None)).await.expect("stored");
    assert!(store.session(&[1; 32], NOW + 999).await.expect("read").is_some());
    assert_eq!(store.session(&[1; 32], NOW + 1000).await.expect("read"), None);
}

pub async fn ending_a_persons_sessions_leaves_the_others(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.put_session(&session(1, Some(asha))).await.expect("stored");
    store.put_session(&session(2, None)).await.expect("stored");
    store.delete_sessions_of(&asha).await.expect("done");
    assert_eq!(store.session(&[1; 32], NOW).await.expect("read"), None);
    assert!(store.session(&[2; 32], NOW).await.expect("read").is_some());
}

pub async fn a_session_is_told_with_who_its_person_is_today(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    store.put_session(&session(1, Some(asha))).await.expect("stored");
    store.put_session(&session(2, None)).await.expect("stored");
    let found = store.signed_in_session(&[1; 32], NOW + 999).await.expect("read").expect("there");
    assert_eq!((found.person.name.as_str(), found.data.as_str()), ("Asha Patel", "{}"));
    assert_eq!(found.roles, [(ods("FA123"), Role::Pharmacist, None)]);
    assert_eq!(store.signed_in_session(&[1; 32], NOW + 1000).await.expect("read"), None, "expired");
    assert_eq!(store.signed_in_session(&[2; 32], NOW).await.expect("read"), None, "nobody's");
    assert!(store.remove_person(&asha, &ods("FA123"), NOW).await.expect("stored"));
    store.put_session(&session(1, Some(asha))).await.expect("stored");
    assert_eq!(store.signed_in_session(&[1; 32], NOW).await.expect("read"), None, "works nowhere");
}

pub async fn what_has_expired_is_forgotten(store: &Arc<dyn Store>) {
    invite(store, 1, Role::Auditor).await;
    store.put_session(&session(1, None)).await.expect("stored");
    store.forget_expired(NOW + 1000).await.expect("done");
    assert_eq!(store.invitation(&[1; 32]).await.expect("read"), None);
    assert_eq!(store.session(&[1; 32], NOW).await.expect("read"), None);
}

pub async fn an_audit_log_is_one_pharmacys_newest_first(store: &Arc<dyn Store>) {
    let entry = |action: &str, pharmacy: &str| AuditEntry {
        at: NOW,
        person: None,
        pharmacy: Some(ods(pharmacy)),
        action: action.to_owned(),
        ..AuditEntry::default()
    };
    for (action, pharmacy) in [("first", "FA123"), ("elsewhere", "FB456"), ("second", "FA123")] {
        store.record_audit(&entry(action, pharmacy)).await.expect("stored");
    }
    let actions: Vec<_> =
        store.audit(&ods("FA123"), 9).await.expect("read").into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["second", "first"]);
}
