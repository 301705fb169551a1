//! What happens to a delivery when something becomes known about it. Pure: rows in, rows out.

mod answers;
mod by_hand;
mod sending;
mod shown;
mod ways;

#[cfg(test)]
mod tests;

pub use answers::{answered, undelivered};
pub use by_hand::{CannotChange, done, next_way, retried};
pub use sending::{damaged, failed, not_prepared, not_required, of_unknown_fate, sent};
pub use shown::{remembered, shown};
pub use ways::{not_needed, not_needed_after, overdue, started, told_instead};

use crate::store::{DeliveryKind, DeliveryRow, DeliveryState, Route};
use shared::time::Millis;

const FIRST_PAUSE: Millis = 5_000;
const LONGEST_PAUSE: Millis = 30 * 60_000;

/// What a decision about a row needs to know beside it.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub now: Millis,
    /// Between 0 and 1: it keeps many servers from trying at the same moment.
    pub jitter: f64,
    /// Another way comes after this one.
    pub has_next: bool,
}

/// How long to wait after so many attempts: doubling, and never two servers alike.
pub fn pause(attempts: u32, jitter: f64) -> Millis {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(12));
    spread(doubled.min(LONGEST_PAUSE), jitter)
}

fn spread(wait: Millis, jitter: f64) -> Millis {
    wait + (wait as f64 / 4.0 * jitter.clamp(0.0, 1.0)) as Millis
}

fn has_arrived(row: &DeliveryRow) -> bool {
    matches!(row.state, DeliveryState::Received | DeliveryState::Accepted)
}

/// Nothing more to send.
fn idle(mut row: DeliveryRow) -> DeliveryRow {
    row.next_at = None;
    row.lease_owner = None;
    row.lease_until = None;
    let waits = [DeliveryState::Queued, DeliveryState::Sent, DeliveryState::Received, DeliveryState::Held];
    // A refusal that a person must act upon is still waited for.
    let refused = row.state == DeliveryState::Refused && !row.gave_way;
    if !waits.contains(&row.state) && !refused {
        row.answer_by = None;
    }
    row
}

fn later(mut row: DeliveryRow, now: Millis, wait: Millis) -> DeliveryRow {
    row.next_at = Some(now.saturating_add(wait));
    row.lease_owner = None;
    row.lease_until = None;
    row
}

/// This way has failed for good. The next one is gone; where there is none, a person acts.
fn gives_way(mut row: DeliveryRow, state: DeliveryState, moment: &Moment) -> DeliveryRow {
    row.state = if moment.has_next { state } else { DeliveryState::NeedsAttention };
    row.gave_way = true;
    idle(row)
}

/// `the practice …` → `The practice ….`
fn sentence(words: &str) -> String {
    let words = words.trim().trim_end_matches('.');
    let mut letters = words.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// Who is to be told, as a sentence needs it.
fn whom(kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::GpNotice => "the practice",
        DeliveryKind::OnwardReferral => "the service",
        DeliveryKind::ReferrerFeedback => "whoever referred the patient",
        DeliveryKind::Claim => "NHSBSA",
    }
}

/// A way in a sentence: `It goes … now.`
fn way(route: Route) -> &'static str {
    match route {
        Route::UpdateRecord => "by GP Connect Update Record",
        Route::EmergencySupply => "as an emergency-supply message",
        Route::SendDocument => "as a document by GP Connect",
        Route::Email => "by secure e-mail",
        Route::Bars => "by BaRS",
        Route::Itk3 => "by MESH",
        Route::Handover => "to the other pharmacy here",
        Route::Mys => "by Manage Your Service",
        Route::Print => "on paper",
    }
}
