//! The server's doors for set-aside work, for removed devices, and for how long they may be without contact.

use super::http;
use super::trouble::Trouble;
use crate::state::Satchel;
use serde_json::json;
use shared::api::{
    CloseBranch, CloseQuarantined, ContactLimit, DeviceLogAnswer, DeviceStanding, QuarantinedDetail,
    QuarantinedView, Standing,
};
use shared::ids::DeviceId;

/// Everything that lies set aside with the server, newest first.
pub async fn quarantine(satchel: Satchel) -> Result<Vec<QuarantinedView>, Trouble> {
    http::get(satchel, "/api/quarantine").await
}

pub async fn quarantined(satchel: Satchel, id: u64) -> Result<QuarantinedDetail, Trouble> {
    http::get(satchel, &format!("/api/quarantine/{id}")).await
}

/// Puts an entry into the record as it is.
pub async fn release(satchel: Satchel, id: u64) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/quarantine/{id}/release"), &json!({})).await
}

/// Ends an entry of which everything that matters was entered anew.
pub async fn close_quarantined(satchel: Satchel, id: u64, reason: String) -> Result<(), Trouble> {
    http::post_only(satchel, &format!("/api/quarantine/{id}/close"), &CloseQuarantined { reason }).await
}

/// The same for changes that this device had pushed.
pub async fn close_branch(satchel: Satchel, close: &CloseBranch) -> Result<(), Trouble> {
    http::post_only(satchel, "/api/quarantine/close", close).await
}

/// Is this device still wanted? Needs no session.
pub async fn standing(satchel: Satchel, device: DeviceId) -> Result<Standing, Trouble> {
    let answer: DeviceStanding = http::get(satchel, &format!("/api/device-standing/{device}")).await?;
    Ok(answer.standing)
}

/// Gives up one part of the sealed log. Needs no session; repeating it is harmless.
pub async fn send_log(satchel: Satchel, device: DeviceId, part: &[u8]) -> Result<DeviceLogAnswer, Trouble> {
    http::post_bytes(satchel, &format!("/api/device-log/{device}"), part).await
}

/// Sets how many hours this pharmacy's devices may be without contact.
pub async fn set_contact_limit(satchel: Satchel, hours: u32) -> Result<(), Trouble> {
    http::put(satchel, "/api/pharmacy/contact-limit", &ContactLimit { hours }).await
}
