//! What a try to hand a message over does to its delivery.

use super::{LONGEST_PAUSE, Moment, gives_way, has_arrived, idle, later, pause, sentence, spread, whom};
use crate::outbox::carrier::{Handed, SendError};
use crate::store::{DeliveryRow, DeliveryState};

/// So often is tried quietly before a person is told that something is odd.
const QUIET_TRIES: u32 = 3;

/// It was handed over.
///
/// The answer may have been quicker than this: then the delivery has come further and stays there.
pub fn sent(mut row: DeliveryRow, handed: &Handed) -> DeliveryRow {
    row.mesh_message_id = Some(handed.their_id.clone());
    row.last_error.clear();
    if !has_arrived(&row) && row.state != DeliveryState::Refused {
        row.state = if handed.settled { DeliveryState::Accepted } else { DeliveryState::Sent };
        row.detail.clone_from(&handed.words);
        if !handed.answers {
            row.answer_by = None;
        }
    }
    idle(row)
}

/// It could not be handed over. `may_repeat` is the carrier's: whether a message of unknown fate is sent again by itself.
pub fn failed(mut row: DeliveryRow, error: &SendError, may_repeat: bool, moment: &Moment) -> DeliveryRow {
    let Moment { now, jitter, .. } = *moment;
    row.last_error = error.to_string();
    row.may_have_left |= error.may_have_left();
    let wait = pause(row.attempts, jitter);
    match error {
        SendError::Busy { after } => {
            row.detail = format!("Not sent yet. {error} It is tried again by itself.");
            later(row, now, after.map_or(wait, |after| after.max(wait)))
        }
        SendError::Unreachable(_) => {
            row.detail = format!("Not sent yet. {error} It is tried again by itself.");
            later(row, now, wait)
        }
        SendError::Unknown(_) if may_repeat => {
            if row.attempts > QUIET_TRIES {
                row.state = DeliveryState::NeedsAttention;
            }
            row.detail = format!("{error} It is sent again by itself, and known again where it has arrived.");
            later(row, now, wait)
        }
        // Sent again, it might arrive twice, and be acted on twice: a person asks first.
        SendError::Unknown(_) => {
            row.state = DeliveryState::NeedsAttention;
            row.detail = format!("{error} Ask {}: then send it again, or mark it as done.", whom(row.kind));
            idle(row)
        }
        // It lasts until somebody mends something, and passes by itself then: so it goes on trying, slowly.
        SendError::OursToMend(_) => {
            row.state = DeliveryState::NeedsAttention;
            row.detail = format!("Not sent yet. {error}");
            later(row, now, spread(LONGEST_PAUSE, jitter))
        }
        SendError::Refused { code, meaning, next } => {
            row.detail = format!("Not sent: {}", coded(meaning, code));
            if *next {
                return gives_way(row, DeliveryState::Refused, moment);
            }
            row.state = DeliveryState::NeedsAttention;
            row.detail = format!("{} Tell {} another way.", row.detail, whom(row.kind));
            idle(row)
        }
        SendError::OurDefect { code, meaning } => {
            row.detail =
                format!("Not sent: {} This is a fault of the message: report it.", coded(meaning, code));
            gives_way(row, DeliveryState::NeedsAttention, moment)
        }
    }
}

/// A try by a way on which nothing is known again ended without being written down.
pub fn of_unknown_fate(mut row: DeliveryRow) -> DeliveryRow {
    row.state = DeliveryState::NeedsAttention;
    row.detail = format!(
        "The server stopped while this was being sent, so it may have arrived. Ask {}: then send it again, or mark it as \
         done.",
        whom(row.kind)
    );
    "the try before ended without being written down".clone_into(&mut row.last_error);
    idle(row)
}

/// No message could be made for this way: the next one, or a person.
pub fn not_prepared(mut row: DeliveryRow, why: &str, next: bool, moment: &Moment) -> DeliveryRow {
    why.clone_into(&mut row.detail);
    if next {
        return gives_way(row, DeliveryState::NotRequired, moment);
    }
    row.state = DeliveryState::Held;
    idle(row)
}

/// Nothing is owed after all, and this is why it is not sent.
pub fn not_required(mut row: DeliveryRow, why: &str) -> DeliveryRow {
    row.state = DeliveryState::NotRequired;
    why.clone_into(&mut row.detail);
    idle(row)
}

/// The frozen message cannot be read back: nothing is sent in its place.
pub fn damaged(mut row: DeliveryRow) -> DeliveryRow {
    row.state = DeliveryState::NeedsAttention;
    row.detail =
        format!("The stored message is damaged and was not sent. Tell {} another way.", whom(row.kind));
    row.last_error.clone_from(&row.detail);
    idle(row)
}

/// `No mailbox is registered under that address (code 12).`
fn coded(meaning: &str, code: &str) -> String {
    sentence(&if code.is_empty() { meaning.to_owned() } else { format!("{meaning} (code {code})") })
}
