//! Which bytes came under which request id of BaRS.

use super::StoreError;
use async_trait::async_trait;
use shared::time::Millis;
use uuid::Uuid;

/// How long a request id is remembered: far longer than any sender tries again.
pub const BARS_REQUEST_KEPT: Millis = 30 * 24 * 60 * 60 * 1000;

/// What a request id is known for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestSeen {
    /// Nobody used it before.
    First,
    /// These very bytes came under it before. Whether they were stored is known from the messages kept.
    Again,
    /// Other bytes came under it first.
    Otherwise,
}

/// The memory of request ids (BaRS: a request id is used once).
#[async_trait]
pub trait BarsStore {
    /// Takes the id for these bytes; the first who asks has it for ever.
    async fn bars_request(&self, id: &Uuid, hash: &[u8; 32], now: Millis) -> Result<RequestSeen, StoreError>;
}
