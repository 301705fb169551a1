//! Promises about sign-ins with CIS2.

use satchel::store::{Cis2End, Cis2SignIn, Person, Pharmacy, Store, StoreError, StoredSession, Subject};
use shared::ids::{OdsCode, PersonId};
use shared::people::Role;
use std::sync::Arc;

const NOW: i64 = 1_795_356_300_000;

fn elm() -> OdsCode {
    "FA123".parse().expect("a code")
}

fn subject(name: &str) -> Subject {
    Subject { issuer: "https://am.example:443/cis2".to_owned(), subject: name.to_owned() }
}

fn person(number: u8, gphc: Option<&str>) -> Person {
    Person {
        id: PersonId::from_bytes([number; 16]),
        name: "Marigold Ashgrove".to_owned(),
        gphc: gphc.map(|gphc| gphc.parse().expect("a number")),
        gphc_checked: gphc.is_some(),
    }
}

fn sign_in(handle: &str, of: &Subject, person: &Person, began: bool) -> Cis2SignIn {
    Cis2SignIn {
        handle: handle.to_owned(),
        of: of.clone(),
        sid: "session-1".to_owned(),
        person: person.id,
        signed_in_at: NOW,
        until: NOW + 1000,
        began,
        sealed: vec![1, 2, 3],
    }
}

async fn with_elm(store: &Arc<dyn Store>) {
    let pharmacy = Pharmacy {
        ods: elm(),
        name: "Elm Pharmacy".to_owned(),
        dos_ids: Vec::new(),
        mailbox: String::new(),
        phone: String::new(),
        address: String::new(),
    };
    store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
}

async fn made(store: &Arc<dyn Store>, of: &Subject, person: &Person) -> bool {
    store.create_from_cis2(of, person, (&elm(), Role::Pharmacist), NOW).await.expect("stored")
}

pub async fn a_subject_is_one_person_for_ever(store: &Arc<dyn Store>) {
    with_elm(store).await;
    let (of, one, two) = (subject("1"), person(1, None), person(2, None));
    assert_eq!(store.cis2_person(&of).await.expect("an answer"), None);
    assert!(!store.is_linked_to_cis2(&one.id, &of.issuer).await.expect("an answer"));
    assert!(made(store, &of, &one).await);
    assert!(store.is_linked_to_cis2(&one.id, &of.issuer).await.expect("an answer"));
    assert!(!store.is_linked_to_cis2(&one.id, "https://other").await.expect("an answer"));
    assert_eq!(store.cis2_person(&of).await.expect("an answer"), Some(one.id));
    let again = store.create_from_cis2(&of, &two, (&elm(), Role::Pharmacist), NOW).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    assert_eq!(store.person(&two.id).await.expect("an answer"), None, "nothing is half made");
    assert!(matches!(store.link_cis2(&of, &one.id, None, NOW).await, Err(StoreError::Conflict)));
    let number = "2999901".parse().expect("a number");
    store.link_cis2(&subject("2"), &one.id, Some(&number), NOW).await.expect("linked");
    let linked = store.person(&one.id).await.expect("an answer").expect("there");
    assert_eq!((linked.gphc, linked.gphc_checked), (Some(number), true));
}

pub async fn a_number_of_somebody_who_works_or_worked_there_makes_nobody_new(store: &Arc<dyn Store>) {
    with_elm(store).await;
    let (one, two) = (person(1, Some("2999901")), person(2, Some("2999901")));
    assert!(made(store, &subject("1"), &one).await);
    assert!(!made(store, &subject("2"), &two).await);
    assert_eq!(store.person(&two.id).await.expect("an answer"), None);
    store.remove_person(&one.id, &elm(), NOW).await.expect("removed");
    assert!(!made(store, &subject("2"), &two).await);
    assert!(!store.join_from_cis2(&two, (&elm(), Role::Pharmacist)).await.expect("an answer"));
}

pub async fn a_logout_ends_what_is_not_newer_and_the_sessions_it_began(store: &Arc<dyn Store>) {
    with_elm(store).await;
    let (of, one) = (subject("1"), person(1, None));
    made(store, &of, &one).await;
    for (id, handle, began) in [(1, "began", true), (2, "stepped-up", false)] {
        store.put_cis2_sign_in(&sign_in(handle, &of, &one, began)).await.expect("stored");
        let session = StoredSession {
            id_hash: [id; 32],
            person: Some(one.id),
            device: None,
            cis2: Some(handle.to_owned()),
            data: "{}".to_owned(),
            expires_at: NOW + 1000,
        };
        store.put_session(&session).await.expect("stored");
    }
    let older = store.end_cis2(&of, None, NOW - 1).await.expect("an answer");
    assert_eq!(older, Cis2End { ended: Vec::new(), newer: true });
    let other = store.end_cis2(&of, Some("session-2"), NOW).await.expect("an answer");
    assert_eq!(other, Cis2End::default());
    let end = store.end_cis2(&of, Some("session-1"), NOW).await.expect("an answer");
    assert_eq!((end.ended.len(), end.newer), (2, false));
    assert!(store.session(&[1; 32], NOW).await.expect("an answer").is_none());
    assert!(store.session(&[2; 32], NOW).await.expect("an answer").is_some());
    assert!(store.cis2_sign_in("stepped-up", NOW).await.expect("an answer").is_none());
}

pub async fn one_renews_at_a_time_and_a_turn_ends_by_itself(store: &Arc<dyn Store>) {
    with_elm(store).await;
    let (of, one) = (subject("1"), person(1, None));
    made(store, &of, &one).await;
    store.put_cis2_sign_in(&sign_in("a", &of, &one, true)).await.expect("stored");
    let turns = (0..8).map(|_| store.take_cis2_turn("a", NOW, NOW + 40));
    let mut taken = 0;
    for turn in futures_util::future::join_all(turns).await {
        taken += usize::from(turn.expect("an answer"));
    }
    assert_eq!(taken, 1);
    store.end_cis2_turn("a", Some(&[4])).await.expect("given back");
    let kept = store.cis2_sign_in("a", NOW).await.expect("an answer").expect("there");
    assert_eq!(kept.sealed, [4]);
    assert!(store.take_cis2_turn("a", NOW, NOW + 40).await.expect("an answer"));
    assert!(!store.take_cis2_turn("a", NOW + 39, NOW + 80).await.expect("an answer"));
    assert!(store.take_cis2_turn("a", NOW + 40, NOW + 80).await.expect("an answer"), "its server died");
    store.end_cis2_turn("a", None).await.expect("given back");
    let kept = store.cis2_sign_in("a", NOW).await.expect("an answer").expect("there");
    assert_eq!(kept.sealed, [4], "nothing new is nothing changed");
}

pub async fn a_logout_token_counts_once_and_what_is_over_is_forgotten(store: &Arc<dyn Store>) {
    with_elm(store).await;
    let (of, one) = (subject("1"), person(1, None));
    made(store, &of, &one).await;
    store.put_cis2_sign_in(&sign_in("a", &of, &one, true)).await.expect("stored");
    assert!(store.use_logout_token(&of.issuer, "j", NOW + 5).await.expect("an answer"));
    assert!(!store.use_logout_token(&of.issuer, "j", NOW + 5).await.expect("an answer"));
    assert!(store.use_logout_token("https://other", "j", NOW + 5).await.expect("an answer"));
    assert!(store.cis2_sign_in("a", NOW + 1000).await.expect("an answer").is_none());
    store.forget_expired(NOW + 1000).await.expect("forgotten");
    assert!(store.cis2_sign_in("a", NOW).await.expect("an answer").is_none());
    assert!(store.use_logout_token(&of.issuer, "j", NOW + 5).await.expect("an answer"));
}
