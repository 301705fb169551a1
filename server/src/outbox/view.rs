//! A delivery as the API and the command line show it.

use super::progress;
use crate::store::{DeliveryRow, DeliveryState};
use shared::api::DeliveryView;
use shared::time::stored;

/// All of these, each with what its other ways mean for it.
pub fn views(rows: &[DeliveryRow]) -> Vec<DeliveryView> {
    rows.iter().map(|row| view(row, rows)).collect()
}

/// One row; `ways` are at least all ways of the same delivery. The address is left out: it may name the patient.
pub fn view(row: &DeliveryRow, ways: &[DeliveryRow]) -> DeliveryView {
    DeliveryView {
        id: row.id,
        pharmacy: row.pharmacy.to_string(),
        consultation: row.consultation.to_string(),
        kind: row.kind.to_string(),
        amendment: row.amendment,
        route: row.route.to_string(),
        position: row.position,
        state: row.state.to_string(),
        needs_attention: needs_attention(row, ways),
        may_retry: progress::retried(row.clone(), i64::MAX).is_ok(),
        next_route: next_route(row, ways),
        to: row.addressee.clone(),
        detail: row.detail.clone(),
        attempts: row.attempts,
        next_at: row.next_at.map(stored),
        answer_by: row.answer_by.map(stored),
        mesh_message_id: row.mesh_message_id.clone(),
        inf_status: row.inf_status.clone(),
        bus_status: row.bus_status.clone(),
        last_error: row.last_error.clone(),
        created_at: stored(row.created_at),
        changed_at: stored(row.changed_at),
    }
}

/// Whether a person must act upon this way, and no other way has done its work.
pub fn needs_attention(row: &DeliveryRow, ways: &[DeliveryRow]) -> bool {
    let done = |way: &DeliveryRow| way.is_way_of(row) && way.state == DeliveryState::Accepted;
    row.needs_a_person() && !ways.iter().any(done)
}

/// The way that would be gone next.
fn next_route(row: &DeliveryRow, ways: &[DeliveryRow]) -> Option<String> {
    let standby = ways
        .iter()
        .filter(|way| {
            way.is_way_of(row) && way.position > row.position && way.state == DeliveryState::Standby
        })
        .min_by_key(|way| way.position);
    standby.map(|way| way.route.to_string())
}
