//! A message on its way: what `GET /api/deliveries` lists, one for each way it may go.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One way of one delivery. Its address is left out: it may name the patient.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryView {
    pub id: Uuid,
    pub pharmacy: String,
    pub consultation: String,
    /// `gp-notice`, `onward-referral`, `referrer-feedback`.
    pub kind: String,
    /// 0 for the first signature, then the amendment that was signed.
    pub amendment: u64,
    /// `update-record`, `emergency-supply`, `send-document`, `email`, `bars`, `itk3`, `handover`, `print`.
    pub route: String,
    /// 0 for the way that is tried first.
    pub position: u32,
    /// `queued`, `standby`, `held`, `sent`, `received`, `accepted`, `refused`, `needs-attention`, `not-required`.
    pub state: String,
    /// A person must act upon this way, and no other way has done its work.
    pub needs_attention: bool,
    /// It can be sent again by this way.
    pub may_retry: bool,
    /// The way that would be gone next; `None` where none is left.
    pub next_route: Option<String>,
    /// To whom, in words.
    pub to: String,
    /// What is known and what to do, in words.
    pub detail: String,
    pub attempts: u32,
    /// RFC 3339, as every time here.
    pub next_at: Option<String>,
    pub answer_by: Option<String>,
    pub mesh_message_id: Option<String>,
    pub inf_status: String,
    pub bus_status: String,
    pub last_error: String,
    pub created_at: String,
    pub changed_at: String,
}

/// What a person says was done by hand, in at most 300 characters, without the patient's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneByHand {
    pub words: String,
}
