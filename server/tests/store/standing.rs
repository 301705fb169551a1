//! Promises about access that ends, evidence, authorisations, who is responsible, and the registers.

use crate::people::asha;
use satchel::store::{
    DeviceKeys, Filing, Invitation, InvitationUse, Paper, RegisterEntry, Registration, Responsible, Source,
    Store, StoredCertificate, StoredSession,
};
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::people::{Evidence, EvidenceKind, PgdAuthorisation, Role};
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;
const DEVICE: DeviceId = DeviceId(Uuid::from_bytes([7; 16]));

fn elm() -> OdsCode {
    "FA123".parse().expect("an ODS code")
}

pub async fn access_ends_at_its_time_and_can_be_extended(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    let session = StoredSession {
        id_hash: [1; 32],
        person: Some(asha),
        device: None,
        data: "{}".to_owned(),
        expires_at: NOW + 9000,
        cis2: None,
    };
    store.put_session(&session).await.expect("stored");
    assert!(store.set_access(&asha, &elm(), Some(NOW + 500)).await.expect("stored"));
    assert_eq!(store.role_at(&asha, &elm(), NOW + 499).await.expect("read"), Some(Role::Pharmacist));
    assert_eq!(store.memberships(&asha, NOW).await.expect("read")[0].until, Some(NOW + 500));
    let found = store.signed_in_session(&[1; 32], NOW).await.expect("read").expect("there");
    assert_eq!(found.roles, [(elm(), Role::Pharmacist, Some(NOW + 500))]);
    assert_eq!(store.removal(&asha, &elm(), NOW).await.expect("read"), None);

    let ended = NOW + 500;
    assert_eq!(store.role_at(&asha, &elm(), ended).await.expect("read"), None);
    assert!(store.memberships(&asha, ended).await.expect("read").is_empty());
    assert_eq!(store.signed_in_session(&[1; 32], ended).await.expect("read"), None);
    let removal = store.removal(&asha, &elm(), ended).await.expect("read").expect("ended");
    assert_eq!((removal.role, removal.at), (Role::Pharmacist, ended));
    let listed = store.staff(&elm()).await.expect("read");
    assert_eq!((listed.len(), listed[0].until), (1, Some(ended)), "to be extended, or removed");

    assert!(store.set_access(&asha, &elm(), None).await.expect("stored"));
    assert_eq!(store.role_at(&asha, &elm(), ended).await.expect("read"), Some(Role::Pharmacist));
    let elsewhere = "FB456".parse().expect("an ODS code");
    assert!(!store.set_access(&asha, &elsewhere, None).await.expect("answered"));
}

pub async fn a_link_not_used_is_listed_and_can_be_withdrawn_once(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    let link = |token: u8, expires_at| Invitation {
        token_hash: [token; 32],
        pharmacy: elm(),
        role: Role::Pharmacist,
        expires_at,
        invited_by: Some(asha),
        access_ends: Some(NOW + 700),
    };
    for invitation in [link(8, NOW + 1000), link(9, NOW)] {
        store.put_invitation(&invitation).await.expect("stored");
    }
    let listed = store.invitations(&elm(), NOW).await.expect("read");
    assert_eq!(listed, [link(8, NOW + 1000)], "what has expired is of no use to anybody");
    let elsewhere = "FB456".parse().expect("an ODS code");
    assert!(!store.withdraw_invitation(&elsewhere, &[8; 32]).await.expect("answered"));
    assert!(store.withdraw_invitation(&elm(), &[8; 32]).await.expect("answered"));
    assert!(!store.withdraw_invitation(&elm(), &[8; 32]).await.expect("answered"));
    assert_eq!(store.join(&[8; 32], &asha, NOW).await.expect("answered"), InvitationUse::Unknown);
    // One that is used gives the access it promised.
    store.put_invitation(&link(7, NOW + 1000)).await.expect("stored");
    assert_eq!(store.join(&[7; 32], &asha, NOW).await.expect("answered"), InvitationUse::Used);
    assert_eq!(store.memberships(&asha, NOW).await.expect("read")[0].until, Some(NOW + 700));
}

fn filing(person: PersonId, certificate: Option<StoredCertificate>) -> Filing {
    Filing { person, pharmacy: elm(), by: person, at: NOW, certificate }
}

pub async fn what_is_withdrawn_is_kept_and_no_longer_counts(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    let file = StoredCertificate {
        name: "certificate.pdf".to_owned(),
        kind: "application/pdf".to_owned(),
        sealed: vec![1, 2, 3],
    };
    let evidence = Evidence {
        id: Uuid::from_bytes([1; 16]),
        service: "minor-illness".to_owned(),
        kind: EvidenceKind::Training,
        dated: "2026-01-10".to_owned(),
        expires: String::new(),
        note: "assessed".to_owned(),
        certificate: "certificate.pdf".to_owned(),
    };
    let authorisation = PgdAuthorisation {
        id: Uuid::from_bytes([2; 16]),
        person: asha,
        pgd: "sore-throat".to_owned(),
        version: "2.0".to_owned(),
        signed: "2026-02-01".to_owned(),
        expires: "2027-01-30".to_owned(),
        authorised_by: "Superintendent".to_owned(),
        certificate: String::new(),
    };
    store.file_evidence(&filing(asha, Some(file.clone())), &evidence).await.expect("stored");
    store.file_authorisation(&filing(asha, None), &authorisation).await.expect("stored");
    assert_eq!(store.evidence(&elm(), &asha).await.expect("read"), std::slice::from_ref(&evidence));
    assert_eq!(
        store.authorisations(&elm(), &asha).await.expect("read"),
        std::slice::from_ref(&authorisation)
    );
    let elsewhere = "FB456".parse().expect("an ODS code");
    for (paper, id) in [(Paper::Evidence, evidence.id), (Paper::Authorisation, authorisation.id)] {
        assert!(!store.withdraw(paper, &elsewhere, &id, &asha, NOW).await.expect("answered"));
        assert!(store.certificate(paper, &elsewhere, &id).await.expect("read").is_none());
        assert!(store.withdraw(paper, &elm(), &id, &asha, NOW).await.expect("answered"));
        assert!(!store.withdraw(paper, &elm(), &id, &asha, NOW).await.expect("answered"), "once");
    }
    assert!(store.evidence(&elm(), &asha).await.expect("read").is_empty());
    assert!(store.authorisations(&elm(), &asha).await.expect("read").is_empty());
    let kept = store.certificate(Paper::Evidence, &elm(), &evidence.id).await.expect("read");
    assert_eq!(kept, Some((asha, Some(file))));
}

pub async fn one_pharmacist_is_responsible_at_a_time_and_the_others_are_remembered(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    let naming = (1..=6).map(|number: i64| {
        let (store, named) = (
            Arc::clone(store),
            Responsible {
                name: format!("Pharmacist {number}"),
                gphc: "2074123".parse().expect("a number"),
                since: NOW + number,
                until: None,
                named_by: asha,
            },
        );
        tokio::spawn(async move { store.name_responsible(&elm(), &named).await })
    });
    for named in naming.collect::<Vec<_>>() {
        named.await.expect("no panic").expect("stored");
    }
    let all = store.responsible(&elm(), 9).await.expect("read");
    assert_eq!(all.len(), 6);
    assert!(all[0].until.is_none() && all[1..].iter().all(|before| before.until.is_some()));
}

pub async fn a_name_that_was_given_to_a_device_outlives_the_devices_own(store: &Arc<dyn Store>) {
    let asha = asha(store).await;
    let keys = DeviceKeys {
        device: DEVICE,
        pharmacy: elm(),
        person: asha,
        label: "iPad, Safari".to_owned(),
        signing_key: "key".to_owned(),
        vault: "vault".to_owned(),
        key_version: 1,
        sealed: "{}".to_owned(),
        at: NOW,
    };
    store.put_device(&keys).await.expect("stored");
    assert_eq!(store.devices(&elm()).await.expect("read")[0].unsent, None);
    assert!(store.name_device(&elm(), &DEVICE, "Van").await.expect("stored"));
    store.device_waits(&DEVICE, 3, NOW + 50).await.expect("stored");
    store.device_waits(&DEVICE, 4, NOW + 20).await.expect("stored");
    store.put_device(&keys).await.expect("stored");
    let device = store.device(&DEVICE).await.expect("read").expect("there");
    assert_eq!((device.label.as_str(), device.unsent), ("Van", Some(4)));
    assert!(!store.has_stand_in_key(&asha).await.expect("read"), "the passkey opens it");
    assert!(store.name_passkey(&asha, "passkey-1", "Blue key").await.expect("stored"));
    assert!(!store.name_passkey(&asha, "another", "x").await.expect("answered"));
    assert_eq!(store.passkeys(&asha).await.expect("read")[0].label, "Blue key");
}

fn entry(number: &str, name: &str) -> RegisterEntry {
    RegisterEntry {
        number: number.parse().expect("a number"),
        name: name.to_owned(),
        status: Registration::Registered,
        service: String::new(),
        dated: String::new(),
    }
}

async fn imported(
    store: &Arc<dyn Store>,
    entries: Vec<RegisterEntry>,
    whole: bool,
) -> Result<u64, satchel::store::StoreError> {
    let (give, given) = mpsc::channel(4);
    tokio::spawn(async move {
        for entry in entries {
            if give.send(Some(entry)).await.is_err() {
                return;
            }
        }
        if whole {
            let _ = give.send(None).await;
        }
    });
    store.replace_register(Source::Gphc, given).await
}

pub async fn a_register_is_replaced_whole_or_not_at_all(store: &Arc<dyn Store>) {
    let (asha, tom) = (entry("2074123", "Asha Patel"), entry("5001234", "Tom Reid"));
    assert_eq!(imported(store, vec![asha.clone()], true).await.expect("stored"), 0);
    assert!(imported(store, vec![tom.clone()], false).await.is_err(), "it ended before its end");
    assert_eq!(
        store.registered(Source::Gphc, &asha.number).await.expect("read"),
        std::slice::from_ref(&asha)
    );
    assert_eq!(imported(store, vec![tom.clone()], true).await.expect("stored"), 1);
    assert!(store.registered(Source::Gphc, &asha.number).await.expect("read").is_empty());
    assert_eq!(store.register_size(Source::Gphc).await.expect("read"), 1);
    assert!(store.registered(Source::Cppe, &tom.number).await.expect("read").is_empty());
}
