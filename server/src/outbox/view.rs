//! A delivery as the API and the command line show it.

use crate::store::DeliveryRow;
use serde_json::{Value, json};
use shared::time::stored;

/// One row. The address is left out: it may name the patient.
pub fn view(row: &DeliveryRow) -> Value {
    json!({
        "id": row.id,
        "pharmacy": row.pharmacy,
        "consultation": row.consultation,
        "kind": row.kind.as_str(),
        "amendment": row.amendment,
        "state": row.state.as_str(),
        "needs_attention": row.state.needs_a_person(),
        "to": row.addressee,
        "detail": row.detail,
        "attempts": row.attempts,
        "next_at": row.next_at.map(stored),
        "answer_by": row.answer_by.map(stored),
        "mesh_message_id": row.mesh_message_id,
        "inf_status": row.inf_status,
        "bus_status": row.bus_status,
        "last_error": row.last_error,
        "created_at": stored(row.created_at),
        "changed_at": stored(row.changed_at),
    })
}
