//! The server's doors for messages that wait for a person.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use shared::api::{WaitingSettlement, WaitingView};

pub async fn list(satchel: Satchel) -> Result<Vec<WaitingView>, Trouble> {
    http::get(satchel, "/api/waiting").await
}

/// Safe to repeat.
pub async fn settle(satchel: Satchel, id: &str, settlement: &WaitingSettlement) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/waiting/{id}/settle"), settlement).await
}
