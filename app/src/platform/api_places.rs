//! The server's doors for services near a postcode and for the pharmacy's address book.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use serde_json::json;
use shared::api::{
    AddressAsked, AddressChange, AddressConfirmation, AddressImport, AddressProposal, AddressView,
    PlacesAsked, PlacesView,
};

/// The postcode goes in the body: addresses end up in logs.
pub async fn places(satchel: Satchel, asked: &PlacesAsked) -> Result<PlacesView, Trouble> {
    http::post(satchel, "/api/places", asked).await
}

pub async fn address_book(satchel: Satchel) -> Result<Vec<AddressView>, Trouble> {
    http::get(satchel, "/api/directory").await
}

/// Safe to repeat: the id is made here.
pub async fn put_address(satchel: Satchel, id: &str, change: &AddressChange) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/directory/{id}"), change).await
}

pub async fn remove_address(satchel: Satchel, id: &str) -> Result<(), Trouble> {
    http::delete(satchel, &format!("/api/directory/{id}")).await
}

pub async fn test_address(satchel: Satchel, id: &str) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/directory/{id}/test"), &json!({})).await
}

pub async fn confirm_address(satchel: Satchel, id: &str, told: &AddressConfirmation) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/directory/{id}/confirm"), told).await
}

pub async fn import_addresses(satchel: Satchel, file: &[u8]) -> Result<AddressImport, Trouble> {
    http::post_bytes(satchel, "/api/directory/import", file).await
}

/// Asks the national directories for an organisation's mailbox.
pub async fn propose_address(satchel: Satchel, ods: String) -> Result<AddressProposal, Trouble> {
    http::post(satchel, "/api/directory/propose", &AddressAsked { ods }).await
}
