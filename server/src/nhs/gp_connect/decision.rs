//! Whether the practice is told about a consultation at all (practice 7, 11).

use super::{Held, addressing};
use shared::consultation::Consultation;

/// What happens to the notice of a signed consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeDecision {
    /// Make it and queue it.
    Send,
    /// It is due, but something must happen first.
    Held(Held),
    /// None is made; the reason is kept and shown.
    NotRequired(&'static str),
}

/// Decides from the record. `objects` says that the patient does not want the practice told: the answer to the
/// field that the pathway file marks so (practice 7).
pub fn notice_decision(record: &Consultation, objects: bool) -> NoticeDecision {
    if objects {
        return NoticeDecision::NotRequired("Not sent: the patient does not want the practice told.");
    }
    if !record.outcome.closure_reason.is_empty() {
        return NoticeDecision::NotRequired("Not sent: the referral was closed without a consultation.");
    }
    match addressing::may_be_sent(&record.patient) {
        Ok(()) => NoticeDecision::Send,
        Err(held) => NoticeDecision::Held(held),
    }
}
