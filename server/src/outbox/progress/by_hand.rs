//! What a person decides about a delivery: another try, the next way, or that it is done.

use super::{has_arrived, idle, not_needed};
use crate::store::{DeliveryKind, DeliveryRow, DeliveryState, Route};
use shared::referral::told_by;
use shared::time::Millis;

/// Why a delivery cannot be changed by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotChange {
    #[error(
        "There is no message to send: {}",
        "it waits for something else, or none was due. What it waits for stands beside it."
    )]
    NoMessage,
    #[error("This message has arrived. Nothing needs to be done about it.")]
    Arrived,
    #[error("This message is being sent already.")]
    UnderWay,
    #[error("There is no other way left. Phone, and mark it as done.")]
    NoOtherWay,
    #[error("Say in a few words what was done, in at most 300 characters.")]
    NoWords,
}

/// Words beyond this are no note but a record of their own.
const LONGEST_WORDS: usize = 300;

/// A person asks for another try, at once.
pub fn retried(mut row: DeliveryRow, now: Millis) -> Result<DeliveryRow, CannotChange> {
    may_change(&row, now)?;
    // A message that is not made yet is made before a try; one that was never tried waits for something else.
    // A claim is judged anew: what was not known when it was signed may be settled by now.
    let claim = row.kind == DeliveryKind::Claim;
    let sendable = row.header_id.is_some() || row.attempts > 0 || claim;
    if !sendable || row.route == Route::Print || row.state == DeliveryState::Standby {
        return Err(CannotChange::NoMessage);
    }
    row.state = DeliveryState::Queued;
    row.gave_way = false;
    "To be sent again.".clone_into(&mut row.detail);
    row.attempts = 0;
    row.next_at = Some(now);
    row.answer_by = (!claim).then(|| told_by(now));
    Ok(row)
}

/// A person asks for the way that comes after this one.
pub fn next_way(mut row: DeliveryRow, has_standby: bool, now: Millis) -> Result<DeliveryRow, CannotChange> {
    may_change(&row, now)?;
    if !has_standby || row.state == DeliveryState::Standby {
        return Err(CannotChange::NoOtherWay);
    }
    row.gave_way = true;
    if matches!(row.state, DeliveryState::Queued | DeliveryState::Held | DeliveryState::NeedsAttention) {
        row.state = DeliveryState::NotRequired;
        let said = format!("{} A person chose another way.", row.detail.trim());
        said.trim().clone_into(&mut row.detail);
    }
    Ok(idle(row))
}

/// A person has told them: on the phone, on paper. The first row is the one that was marked, the others are the rest of
/// its ways that nobody needs any more.
pub fn done(
    mut row: DeliveryRow,
    others: &[DeliveryRow],
    by: &str,
    words: &str,
    now: Millis,
) -> Result<Vec<DeliveryRow>, CannotChange> {
    may_change(&row, now)?;
    let words = words.trim();
    if words.is_empty() || words.chars().count() > LONGEST_WORDS {
        return Err(CannotChange::NoWords);
    }
    row.state = DeliveryState::Sent;
    row.gave_way = false;
    row.answer_by = None;
    row.detail = format!("Done by hand, says {by}: {words}");
    let open =
        [DeliveryState::Queued, DeliveryState::Standby, DeliveryState::Held, DeliveryState::NeedsAttention];
    let rest = others
        .iter()
        .filter(|other| other.id != row.id && open.contains(&other.state) && may_change(other, now).is_ok());
    let rest: Vec<DeliveryRow> = rest.cloned().map(not_needed).collect();
    Ok(std::iter::once(idle(row)).chain(rest).collect())
}

fn may_change(row: &DeliveryRow, now: Millis) -> Result<(), CannotChange> {
    if has_arrived(row) && !row.gave_way {
        return Err(CannotChange::Arrived);
    }
    if row.lease_until.is_some_and(|until| until > now) {
        return Err(CannotChange::UnderWay);
    }
    Ok(())
}
