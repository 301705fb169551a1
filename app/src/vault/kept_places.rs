//! Sealed in the vault: what directories of services said last, so that a patient can be sent on with no network, and
//! the pharmacy's address book.

use super::kept::{keep, kept};
use crate::platform::api_places;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use serde::{Deserialize, Serialize};
use shared::api::{AddressView, PlacesAsked, PlacesView};

const PLACES: &str = "places";
const ADDRESS_BOOK: &str = "address-book";
/// Searches that are kept: all kinds of services round the two or three places where people are visited.
const MOST: usize = 20;

/// The searches of this device, the newest first. A version 1 record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptPlaces {
    pub searches: Vec<PlacesView>,
}

impl KeptPlaces {
    /// Takes in a newer answer in the place of the one before.
    fn take_in(&mut self, answer: PlacesView) {
        self.searches.retain(|one| one.service != answer.service || one.postcode != answer.postcode);
        self.searches.insert(0, answer);
        self.searches.truncate(MOST);
    }

    /// What is known of a kind of service: near this postcode, or else what was asked for last.
    pub fn near(&self, service: &str, postcode: &str) -> Option<&PlacesView> {
        let squeezed = |text: &str| text.replace(' ', "").to_uppercase();
        let of_kind = || self.searches.iter().filter(|one| one.service == service);
        of_kind().find(|one| squeezed(&one.postcode) == squeezed(postcode)).or_else(|| of_kind().next())
    }
}

/// What directories said last.
pub async fn places(satchel: Satchel) -> Result<KeptPlaces, Trouble> {
    kept(satchel, PLACES).await
}

/// Asks the server, and keeps what it says.
pub async fn fetch_places(satchel: Satchel, asked: &PlacesAsked) -> Result<PlacesView, Trouble> {
    let answer = api_places::places(satchel, asked).await?;
    let mut known = places(satchel).await?;
    known.take_in(answer.clone());
    keep(satchel, PLACES.to_owned(), &known).await?;
    Ok(answer)
}

/// The pharmacy's address book. A version 1 record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct KeptBook {
    entries: Vec<AddressView>,
}

/// The address book as it was heard of last.
pub async fn address_book(satchel: Satchel) -> Result<Vec<AddressView>, Trouble> {
    let book: KeptBook = kept(satchel, ADDRESS_BOOK).await?;
    Ok(book.entries)
}

/// Asks the server for it, and keeps it.
pub async fn fetch_address_book(satchel: Satchel) -> Result<Vec<AddressView>, Trouble> {
    let entries = api_places::address_book(satchel).await?;
    keep(satchel, ADDRESS_BOOK.to_owned(), &KeptBook { entries: entries.clone() }).await?;
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::format;

    fn answer(service: &str, postcode: &str, at: &str) -> PlacesView {
        PlacesView {
            service: service.to_owned(),
            postcode: postcode.to_owned(),
            fetched_at: at.to_owned(),
            ..PlacesView::default()
        }
    }

    #[test]
    fn a_newer_answer_takes_the_place_of_the_older_and_the_oldest_go() {
        let mut known = KeptPlaces::default();
        known.take_in(answer("pharmacy", "ZZ99 3VZ", "1"));
        known.take_in(answer("dentist", "ZZ99 3VZ", "2"));
        known.take_in(answer("pharmacy", "ZZ99 3VZ", "3"));
        assert_eq!(known.searches.iter().map(|one| one.fetched_at.as_str()).collect::<Vec<_>>(), ["3", "2"]);
        for n in 0..MOST {
            known.take_in(answer("gp", &format!("ZZ99 {n}AA"), "4"));
        }
        assert_eq!(known.searches.len(), MOST);
        assert!(known.near("dentist", "").is_none());
    }

    #[test]
    fn with_no_network_the_same_postcode_is_answered_and_otherwise_the_last_of_the_kind() {
        let mut known = KeptPlaces::default();
        known.take_in(answer("pharmacy", "ZZ99 3VZ", "1"));
        known.take_in(answer("pharmacy", "ZZ99 3WZ", "2"));
        let found = |service, postcode| known.near(service, postcode).map(|one| one.fetched_at.as_str());
        assert_eq!(found("pharmacy", "zz993vz"), Some("1"));
        assert_eq!(found("pharmacy", "ZZ1 1AA"), Some("2"));
        assert_eq!(found("dentist", "ZZ99 3VZ"), None);
    }

    #[test]
    fn what_was_kept_in_any_release_is_read() {
        let stored = r#"{"v":1,"searches":[{"service":"pharmacy","postcode":"ZZ99 3VZ","source":"Directory of Services",
            "fetched_at":"2026-11-22T10:00:00Z","from_before":false,"bank_holidays":["2026-12-25"],
            "places":[{"dos_service_id":"1","ods":"FB456","name":"Sycamore Pharmacy","address":"2 Heron Close",
            "postcode":"ZZ99 3WZ","phone":"01632 960805","clinician_phone":"","position":{"grid":{"easting":1,"northing":2}},
            "metres":966,"hours":{"always":false,"week":[[{"opens":540,"closes":1080}],[],[],[],[],[],[]],
            "bank_holidays":[],"dates":{"2026-12-24":[]}}}]}]}"#;
        let known: KeptPlaces = format::from_json(stored.as_bytes()).expect("version 1 is readable");
        assert_eq!(known.searches[0].places[0].hours.week.len(), 7);
        assert_eq!(format::from_json(format::to_json(&known).as_bytes()), Ok(known));
    }
}
