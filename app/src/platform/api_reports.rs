//! The server's doors for figures, months of claims and exports.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use js_sys::encode_uri_component;
use shared::activity::{Asked, Dashboard};
use shared::api::{ExportView, ToldOfMonth};
use shared::claim::Month;

fn encoded(text: &str) -> String {
    encode_uri_component(text).into()
}

async fn file(satchel: Satchel, path: &str) -> Result<Vec<u8>, Trouble> {
    let answer = http::get_naming(satchel, path, "", "").await?;
    answer.binary().await.map_err(|_| Trouble::Unreachable)
}

/// Of this pharmacy, or of all where they may be read.
pub async fn figures(satchel: Satchel, asked: &Asked, across: bool) -> Result<Dashboard, Trouble> {
    let Asked { from, to, service, person } = asked;
    let person = encoded(person);
    let across = if across { "yes" } else { "" };
    let path = format!("/api/activity?from={from}&to={to}&service={service}&person={person}&across={across}");
    http::get(satchel, &path).await
}

/// A month as `2026-11`.
pub async fn month(satchel: Satchel, month: &str) -> Result<Month, Trouble> {
    http::get(satchel, &format!("/api/claims/month/{month}")).await
}

/// Says what Manage Your Service shows.
pub async fn tell_month(satchel: Satchel, month: &str, told: &ToldOfMonth) -> Result<(), Trouble> {
    http::put(satchel, &format!("/api/claims/month/{month}"), told).await
}

/// The evidence behind a month's claims, a PDF.
pub async fn evidence(satchel: Satchel, month: &str) -> Result<Vec<u8>, Trouble> {
    file(satchel, &format!("/api/claims/month/{month}/evidence")).await
}

/// The report of a failure of IT, a PDF.
pub async fn it_failure(
    satchel: Satchel,
    month: &str,
    said: &[(&'static str, String)],
) -> Result<Vec<u8>, Trouble> {
    let said: Vec<String> = said.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    file(satchel, &format!("/api/claims/month/{month}/it-failure?{}", said.join("&"))).await
}

/// Which files there are.
pub async fn exports(
    satchel: Satchel,
    from: &str,
    to: &str,
    shape: &str,
    recipient: &str,
) -> Result<ExportView, Trouble> {
    let recipient = encoded(recipient);
    http::get(satchel, &format!("/api/exports?from={from}&to={to}&shape={shape}&marked_for={recipient}"))
        .await
}
