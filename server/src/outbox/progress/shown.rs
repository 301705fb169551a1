//! What of all the ways of one delivery the record says, and what a record says to a restored row.

use super::{idle, not_needed};
use crate::store::{DeliveryRow, DeliveryState, Route};
use shared::consultation::Delivery;

/// The row that tells best how far a delivery has come: what was taken for the patient, else what is known to have
/// arrived where nobody need act, else the way that was gone last. `None` only for no rows.
pub fn shown(ways: &[DeliveryRow]) -> Option<&DeliveryRow> {
    let mut ways: Vec<&DeliveryRow> = ways.iter().collect();
    ways.sort_by_key(|row| row.position);
    let tried =
        |row: &&&DeliveryRow| !matches!(row.state, DeliveryState::Standby | DeliveryState::NotRequired);
    let last = ways.iter().rfind(tried);
    let arrived = |state| ways.iter().find(|row| row.state == state);
    let in_hand = !last.is_some_and(|row| row.needs_a_person());
    arrived(DeliveryState::Accepted)
        .or_else(|| arrived(DeliveryState::Received).filter(|_| in_hand))
        .or(last)
        .or_else(|| ways.first())
        .copied()
}

/// The record remembers more than a restored row; `None` where it does not.
pub fn remembered(mut row: DeliveryRow, said: &Delivery) -> Option<DeliveryRow> {
    let state: DeliveryState = said.state.parse().ok()?;
    // The first release knew this way only, and did not name it.
    let route = if said.route.is_empty() { Route::UpdateRecord } else { said.route.parse().ok()? };
    if route != row.route {
        use DeliveryState::{Accepted, NotRequired, Received, Sent};
        let went = matches!(state, Sent | Received | Accepted | NotRequired);
        let still_to_go = row.next_at.is_some() || row.state == DeliveryState::Standby;
        return (went && still_to_go).then(|| not_needed(row));
    }
    if how_far(state) <= how_far(row.state) {
        return None;
    }
    row.state = state;
    row.detail.clone_from(&said.detail);
    Some(idle(row))
}

/// What cannot be undone comes last: a message that was taken for the patient is not sent again.
fn how_far(state: DeliveryState) -> u8 {
    match state {
        DeliveryState::Queued
        | DeliveryState::Standby
        | DeliveryState::Held
        | DeliveryState::NeedsAttention => 0,
        DeliveryState::Sent => 1,
        DeliveryState::Received => 2,
        DeliveryState::Accepted | DeliveryState::Refused | DeliveryState::NotRequired => 3,
    }
}
