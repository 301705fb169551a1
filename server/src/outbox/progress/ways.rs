//! How one way follows another, by itself and by the clock of practice 20.

use super::{Moment, idle, way, whom};
use crate::store::{DeliveryRow, DeliveryState, Route};
use shared::time::Millis;

/// So long has a way that is gone late before a person is told: the practice is still open then.
const LATE_WAYS_HAVE: Millis = 30 * 60_000;

/// A way that stood by is gone now. `ways` are all of the delivery; those that gave way say why.
pub fn started(mut row: DeliveryRow, ways: &[DeliveryRow], now: Millis) -> DeliveryRow {
    let mut before: Vec<&DeliveryRow> = ways.iter().filter(|way| way.position < row.position).collect();
    before.sort_by_key(|way| way.position);
    let why: Vec<String> = before.iter().map(|way| format!("{} ", way.detail)).collect();
    let why = why.concat();
    if row.route == Route::Print {
        row.state = DeliveryState::NeedsAttention;
        let repeats = if before.into_iter().any(may_have_arrived) {
            " Say that it may repeat an electronic message."
        } else {
            ""
        };
        row.detail = format!(
            "{why}Phone {}, or print the letter and hand it over; then mark it as done.{repeats}",
            whom(row.kind)
        );
        return idle(row);
    }
    row.state = DeliveryState::Queued;
    row.detail = format!("{why}It goes {} now.", way(row.route));
    row.next_at = Some(now);
    row.answer_by = row.answer_by.map(|by| by.max(now.saturating_add(LATE_WAYS_HAVE)));
    row
}

/// Handed over, or perhaps handed over, and only the answer is missing.
fn may_have_arrived(row: &DeliveryRow) -> bool {
    matches!(row.state, DeliveryState::Sent | DeliveryState::Received)
        || row.may_have_left && row.state != DeliveryState::Refused
}

/// The way that has told them instead, where this one need not be gone any more: it is with the practice already, or a
/// later way was gone because this one was late, and nothing of this one can have arrived.
pub fn told_instead<'a>(row: &DeliveryRow, ways: &'a [DeliveryRow]) -> Option<&'a DeliveryRow> {
    use DeliveryState::{Accepted, Received, Sent};
    let late = row.gave_way && row.never_left();
    ways.iter().filter(|way| way.id != row.id).find(|way| {
        row.position > 0 && way.state == Accepted
            || late
                && way.position > row.position
                && !way.gave_way
                && matches!(way.state, Sent | Received | Accepted)
    })
}

/// Another way has told them, which is named.
pub fn not_needed_after(row: DeliveryRow, told: Route) -> DeliveryRow {
    let detail = format!("Not needed: {} was told {}.", whom(row.kind), way(told));
    DeliveryRow { detail, ..not_needed(row) }
}

/// Another way has done it.
pub fn not_needed(mut row: DeliveryRow) -> DeliveryRow {
    row.state = DeliveryState::NotRequired;
    "Not needed: it went another way.".clone_into(&mut row.detail);
    idle(row)
}

/// No answer has come in time (practice 20). What can still be sent goes on being sent, and a late answer still counts.
pub fn overdue(mut row: DeliveryRow, moment: &Moment) -> DeliveryRow {
    use DeliveryState::{Held, NeedsAttention, Queued, Received, Refused, Sent};
    row.answer_by = None;
    match row.state {
        Queued | Sent | Received | NeedsAttention if moment.has_next => {
            row.gave_way = true;
            row.detail = match row.state {
                Sent | Received => format!("No answer has come in time from {}.", whom(row.kind)),
                _ => "It could not be sent in time.".to_owned(),
            };
        }
        Queued | Sent | Received => {
            row.state = NeedsAttention;
            row.detail = format!(
                "No answer has come from {whom}, who should know by now. Phone or e-mail {whom}; say that it may repeat \
                 an electronic message.",
                whom = whom(row.kind)
            );
        }
        // What was refused is known not to be there: it stays so, and its reminder comes once.
        Refused if !row.gave_way => row.detail = format!("{} They should know by now.", row.detail),
        Held => {
            row.state = NeedsAttention;
            row.detail = format!("{} They should know by now: phone {}.", row.detail, whom(row.kind));
        }
        _ => {}
    }
    row
}
