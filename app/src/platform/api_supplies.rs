//! The server's doors for what was supplied: earlier supplies, the register, recalls, the month's tokens.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use shared::api::{EarlierAsked, EarlierView, RecallAsked, RecallView, RegisterView, TokensView};

pub async fn earlier(satchel: Satchel, asked: &EarlierAsked) -> Result<EarlierView, Trouble> {
    http::post(satchel, "/api/supplies/earlier", asked).await
}

/// Days as `2026-11-01`, both of them included.
pub async fn register(satchel: Satchel, from: &str, to: &str) -> Result<RegisterView, Trouble> {
    http::get(satchel, &format!("/api/supplies/register?from={from}&to={to}")).await
}

pub async fn recall(satchel: Satchel, asked: &RecallAsked) -> Result<RecallView, Trouble> {
    http::post(satchel, "/api/supplies/recall", asked).await
}

/// A month as `2026-11`.
pub async fn tokens(satchel: Satchel, month: &str) -> Result<TokensView, Trouble> {
    http::get(satchel, &format!("/api/supplies/tokens?month={month}")).await
}
