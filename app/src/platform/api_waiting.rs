//! The server's doors for messages that wait for a person.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use shared::api::{WAITING_TOTAL, WaitingSettlement, WaitingView};

/// What waits, longest waiting first, and how many wait in all.
pub async fn list(satchel: Satchel) -> Result<(Vec<WaitingView>, usize), Trouble> {
    let response = http::get_naming(satchel, "/api/waiting", WAITING_TOTAL, "").await?;
    let total = response.headers().get(WAITING_TOTAL).and_then(|total| total.parse().ok());
    let list: Vec<WaitingView> = http::read(response).await?;
    let total = total.unwrap_or(list.len());
    Ok((list, total))
}

/// Safe to repeat.
pub async fn settle(satchel: Satchel, id: &str, settlement: &WaitingSettlement) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/waiting/{id}/settle"), settlement).await
}
