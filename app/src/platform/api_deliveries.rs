//! The server's doors for messages that are on their way.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use serde_json::json;
use shared::api::{DeliveryView, DoneByHand};
use uuid::Uuid;

/// Every way of every message of this pharmacy, newest first.
pub async fn deliveries(satchel: Satchel) -> Result<Vec<DeliveryView>, Trouble> {
    http::get(satchel, "/api/deliveries").await
}

/// `retry` sends it again, `next-way` goes the next way instead.
pub async fn act(satchel: Satchel, id: Uuid, what: &str) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/deliveries/{id}/{what}"), &json!({})).await
}

/// Says that it was done by hand.
pub async fn done(satchel: Satchel, id: Uuid, words: String) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/deliveries/{id}/done"), &DoneByHand { words }).await
}
