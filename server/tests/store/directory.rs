//! Promises about the pharmacies' address books, and about what directories said of an area.

use crate::records::ods;
use satchel::store::{AddressEntry, AddressWrite, Pharmacy, PlaceSearch, Store, StoreError};
use shared::ids::PersonId;
use std::sync::Arc;
use uuid::Uuid;

const NOW: i64 = 1_795_356_300_000;

fn entry(pharmacy: &str, organisation: &str, email: &str, confirmed_at: Option<i64>) -> AddressEntry {
    AddressEntry {
        id: Uuid::new_v4(),
        pharmacy: ods(pharmacy),
        ods: (!organisation.is_empty()).then(|| ods(organisation)),
        kind: "practice".to_owned(),
        name: format!("Surgery {email}"),
        email: email.to_owned(),
        phone: "01632 960801".to_owned(),
        note: String::new(),
        source: "screen".to_owned(),
        code_hash: Some([7; 32]),
        confirmed_at,
        confirmed_by: confirmed_at.map(|_| PersonId::from_bytes([3; 16])),
        confirmed_with: "By telephone: Sam Example".to_owned(),
        changed_at: NOW,
    }
}

/// The pharmacies whose address books these are.
async fn pharmacies(store: &Arc<dyn Store>) {
    for code in ["FA123", "FB456"] {
        let pharmacy = Pharmacy {
            ods: ods(code),
            name: format!("Pharmacy {code}"),
            dos_ids: Vec::new(),
            mailbox: String::new(),
            phone: String::new(),
            address: String::new(),
        };
        store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
    }
}

async fn confirmed(store: &Arc<dyn Store>, pharmacy: &str, organisation: &str) -> Option<String> {
    let found = store.confirmed_address(&ods(pharmacy), &ods(organisation)).await.expect("read");
    found.map(|entry| entry.email)
}

pub async fn an_unconfirmed_address_is_not_an_address(store: &Arc<dyn Store>) {
    pharmacies(store).await;
    let waiting = entry("FA123", "A99999", "elm@nhs.net", None);
    store.put_address(&waiting).await.expect("written");
    assert_eq!(store.address(&waiting.id).await.expect("read").as_ref(), Some(&waiting));
    assert_eq!(confirmed(store, "FA123", "A99999").await, None);
    let known = AddressEntry { confirmed_at: Some(NOW), ..waiting };
    store.put_address(&known).await.expect("written");
    assert_eq!(confirmed(store, "FA123", "A99999").await.as_deref(), Some("elm@nhs.net"));
    let blank = AddressEntry { email: String::new(), ..known };
    store.put_address(&blank).await.expect("written");
    assert_eq!(confirmed(store, "FA123", "A99999").await, None);
}

pub async fn of_several_the_one_confirmed_last_is_used(store: &Arc<dyn Store>) {
    pharmacies(store).await;
    for (email, at) in [("old@nhs.net", Some(NOW - 9)), ("new@nhs.net", Some(NOW)), ("typed@nhs.net", None)] {
        store.put_address(&entry("FA123", "A99999", email, at)).await.expect("written");
    }
    assert_eq!(confirmed(store, "FA123", "A99999").await.as_deref(), Some("new@nhs.net"));
}

pub async fn an_address_book_is_one_pharmacys_and_in_order(store: &Arc<dyn Store>) {
    pharmacies(store).await;
    let [oak, elm] = ["oak@nhs.net", "elm@nhs.net"].map(|email| entry("FA123", "", email, None));
    for one in [&oak, &elm] {
        store.put_address(one).await.expect("written");
    }
    assert_eq!(store.addresses(&ods("FA123")).await.expect("read"), [elm.clone(), oak]);
    assert!(store.addresses(&ods("FB456")).await.expect("read").is_empty());
    assert!(!store.remove_address(&ods("FB456"), &elm.id).await.expect("answered"), "not theirs to remove");
    assert!(store.remove_address(&ods("FA123"), &elm.id).await.expect("answered"));
    assert!(!store.remove_address(&ods("FA123"), &elm.id).await.expect("answered"));
    assert_eq!(store.addresses(&ods("FA123")).await.expect("read").len(), 1);
}

pub async fn addresses_are_written_all_or_none(store: &Arc<dyn Store>) {
    pharmacies(store).await;
    let there = entry("FA123", "A99999", "elm@nhs.net", None);
    let new = |entry: &AddressEntry| AddressWrite { entry: entry.clone(), seen: None };
    store.write_addresses(&[new(&there)]).await.expect("written");
    let other = entry("FA123", "A99998", "oak@nhs.net", None);
    let twice = store.write_addresses(&[new(&other), new(&there)]).await;
    assert!(matches!(twice, Err(StoreError::Conflict)));
    assert_eq!(store.addresses(&ods("FA123")).await.expect("read"), [there]);
    let many: Vec<_> = (0..2000).map(|n| new(&entry("FA123", "", &format!("p{n}@nhs.net"), None))).collect();
    store.write_addresses(&many).await.expect("written");
    assert_eq!(store.addresses(&ods("FA123")).await.expect("read").len(), 2001);
}

pub async fn of_two_who_change_one_address_one_is_told_to_look_again(store: &Arc<dyn Store>) {
    pharmacies(store).await;
    let first = entry("FA123", "A99999", "elm@nhs.net", None);
    store.put_address(&first).await.expect("written");
    let change = |email: &str, at| AddressWrite {
        entry: AddressEntry { email: email.to_owned(), changed_at: at, ..first.clone() },
        seen: Some(NOW),
    };
    store.write_addresses(&[change("one@nhs.net", NOW + 1)]).await.expect("written");
    assert!(matches!(
        store.write_addresses(&[change("two@nhs.net", NOW + 2)]).await,
        Err(StoreError::Conflict)
    ));
    store.remove_address(&ods("FA123"), &first.id).await.expect("answered");
    let gone = AddressWrite { seen: Some(NOW + 1), ..change("three@nhs.net", NOW + 3) };
    assert!(matches!(store.write_addresses(&[gone]).await, Err(StoreError::Conflict)), "stays removed");
    assert!(store.addresses(&ods("FA123")).await.expect("read").is_empty());
}

pub async fn what_a_directory_said_of_an_area_is_kept_and_then_forgotten(store: &Arc<dyn Store>) {
    let search = |postcode: &str, body: &str, fetched_at| PlaceSearch {
        service: "pharmacy".to_owned(),
        postcode: postcode.to_owned(),
        source: "dos-rest".to_owned(),
        body: body.to_owned(),
        fetched_at,
    };
    let (old, new) = (search("ZZ99 3VZ", "[1]", NOW), search("ZZ99 3WZ", "[2]", NOW + 10));
    store.put_place_search(&search("ZZ99 3VZ", "[0]", NOW - 5), i64::MIN).await.expect("written");
    store.put_place_search(&old, i64::MIN).await.expect("written");
    assert_eq!(store.place_search("pharmacy", "ZZ99 3VZ").await.expect("read"), Some(old));
    assert_eq!(store.place_search("dentist", "ZZ99 3VZ").await.expect("read"), None);
    store.put_place_search(&new, NOW + 1).await.expect("written");
    assert_eq!(store.place_search("pharmacy", "ZZ99 3VZ").await.expect("read"), None, "too old to be kept");
    assert_eq!(store.place_search("pharmacy", "ZZ99 3WZ").await.expect("read"), Some(new));
}
