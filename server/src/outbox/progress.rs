//! What happens to a delivery when something becomes known about it. Pure: rows in, rows out.

use crate::nhs::gp_connect::{Ack, Level, Outcome, meaning_of_report};
use crate::nhs::mesh::{MeshError, Report};
use crate::store::{DeliveryRow, DeliveryState};
use shared::consultation::Delivery;
use shared::time::Millis;

const FIRST_PAUSE: Millis = 5_000;
const LONGEST_PAUSE: Millis = 30 * 60_000;

/// Why a delivery cannot be tried again by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotRetry {
    #[error(
        "There is no message to send: {}",
        "it waits for something else, or none was due. What it waits for stands beside it."
    )]
    NoMessage,
    #[error("This message has arrived. Sending it again would change nothing.")]
    Arrived,
    #[error("This message is being sent already.")]
    UnderWay,
}

/// MESH took the message under `mesh_message_id`.
///
/// The answer may have been quicker than this: then the delivery has come further and stays there.
pub fn sent(mut row: DeliveryRow, mesh_message_id: String) -> DeliveryRow {
    row.mesh_message_id = Some(mesh_message_id);
    row.last_error.clear();
    if !has_arrived(&row) && row.state != DeliveryState::Refused {
        row.state = DeliveryState::Sent;
        "Handed over to MESH. The practice’s system has not answered yet.".clone_into(&mut row.detail);
    }
    idle(row)
}

/// It could not be handed over. `jitter` is between 0 and 1: it keeps many servers from trying at the same moment.
pub fn failed(mut row: DeliveryRow, error: &MeshError, now: Millis, jitter: f64) -> DeliveryRow {
    row.last_error = error.to_string();
    match error {
        MeshError::Busy | MeshError::Unreachable(_) => {
            let wait = pause(row.attempts, jitter);
            later(row, now, wait)
        }
        // These last until somebody mends something, which may be at the other end: so it goes on trying, slowly.
        MeshError::Unreadable(_) | MeshError::Unauthorised => {
            row.state = DeliveryState::NeedsAttention;
            row.detail = format!("Not sent yet. {error}");
            let longest = (LONGEST_PAUSE as f64 * (1.0 + jitter / 4.0)) as Millis;
            later(row, now, longest)
        }
        MeshError::Refused { meaning, code } => {
            row.state = DeliveryState::NeedsAttention;
            row.detail = format!(
                "MESH did not take the message: {meaning} (code {code}). Tell the practice another way."
            );
            idle(row)
        }
    }
}

/// The record remembers more than a restored row; `None` where it does not.
pub fn remembered(mut row: DeliveryRow, said: &Delivery) -> Option<DeliveryRow> {
    let state: DeliveryState = said.state.parse().ok()?;
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

/// The frozen message cannot be read back: nothing is sent in its place.
pub fn damaged(mut row: DeliveryRow) -> DeliveryRow {
    row.state = DeliveryState::NeedsAttention;
    "The stored message is damaged and was not sent. Tell the practice another way."
        .clone_into(&mut row.detail);
    row.last_error.clone_from(&row.detail);
    idle(row)
}

/// The practice's system answered. Hearing the same answer again changes nothing.
pub fn answered(mut row: DeliveryRow, ack: &Ack, now: Millis, jitter: f64) -> DeliveryRow {
    let earlier = match ack.level {
        Level::Infrastructure => std::mem::replace(&mut row.inf_status, ack.code.clone()),
        Level::Business => std::mem::replace(&mut row.bus_status, ack.code.clone()),
    };
    let meaning = &ack.meaning;
    match (ack.outcome, ack.level) {
        (Outcome::Done, Level::Business) => {
            row.state = DeliveryState::Accepted;
            row.detail = sentence(meaning);
            idle(row)
        }
        // “Had it before” after a refusal is about the refused one, and tells nothing new.
        (Outcome::Delivered, _) if row.state == DeliveryState::Refused => {
            row.inf_status = earlier;
            idle(row)
        }
        (Outcome::Done | Outcome::Delivered, _) => {
            if row.state != DeliveryState::Accepted {
                row.state = DeliveryState::Received;
                row.detail = sentence(meaning);
            }
            idle(row)
        }
        // Taken for the patient is the last word.
        _ if row.state == DeliveryState::Accepted => idle(row),
        (Outcome::TryAgain, _) => {
            row.state = DeliveryState::Queued;
            row.detail = sentence(meaning);
            let wait = pause(row.attempts, jitter);
            later(row, now, wait)
        }
        (outcome, _) => {
            row.state = DeliveryState::Refused;
            row.detail = format!("{} {}", sentence(meaning), what_to_do(outcome));
            row.last_error = format!("code {}", ack.code);
            idle(row)
        }
    }
}

/// MESH reports that the message never reached anybody.
pub fn undelivered(mut row: DeliveryRow, report: &Report) -> DeliveryRow {
    if has_arrived(&row) {
        return row;
    }
    let (outcome, meaning) = meaning_of_report(report);
    row.state = DeliveryState::NeedsAttention;
    row.detail = format!("{} {}", sentence(&format!("not delivered: {meaning}")), what_to_do(outcome));
    row.last_error = format!("MESH report {}", report.code);
    idle(row)
}

/// No answer has come in time (practice 20). What can still be sent goes on being sent.
pub fn overdue(mut row: DeliveryRow) -> DeliveryRow {
    row.answer_by = None;
    match row.state {
        DeliveryState::Queued | DeliveryState::Sent => {
            row.state = DeliveryState::NeedsAttention;
            "The practice’s system has not answered, and the practice should know by now. Phone or e-mail the practice; \
             say that it may repeat an electronic message."
                .clone_into(&mut row.detail);
        }
        DeliveryState::Held => {
            row.state = DeliveryState::NeedsAttention;
            row.detail = format!("{} The practice should know by now: phone or e-mail it.", row.detail);
        }
        _ => {}
    }
    row
}

/// A person asks for another try, at once.
pub fn retried(mut row: DeliveryRow, now: Millis) -> Result<DeliveryRow, CannotRetry> {
    if row.header_id.is_none() {
        return Err(CannotRetry::NoMessage);
    }
    if has_arrived(&row) {
        return Err(CannotRetry::Arrived);
    }
    if row.lease_until.is_some_and(|until| until > now) {
        return Err(CannotRetry::UnderWay);
    }
    row.state = DeliveryState::Queued;
    "To be sent again.".clone_into(&mut row.detail);
    row.attempts = 0;
    row.next_at = Some(now);
    Ok(row)
}

/// How long to wait after so many attempts: doubling, and never two servers alike.
pub fn pause(attempts: u32, jitter: f64) -> Millis {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(12));
    let longest = doubled.min(LONGEST_PAUSE);
    longest + (longest as f64 / 4.0 * jitter.clamp(0.0, 1.0)) as Millis
}

fn has_arrived(row: &DeliveryRow) -> bool {
    matches!(row.state, DeliveryState::Received | DeliveryState::Accepted)
}

/// Nothing more to send.
fn idle(mut row: DeliveryRow) -> DeliveryRow {
    row.next_at = None;
    row.lease_owner = None;
    row.lease_until = None;
    if !matches!(row.state, DeliveryState::Queued | DeliveryState::Sent | DeliveryState::Held) {
        row.answer_by = None;
    }
    row
}

fn later(mut row: DeliveryRow, now: Millis, wait: Millis) -> DeliveryRow {
    row.next_at = Some(now + wait);
    row.lease_owner = None;
    row.lease_until = None;
    row
}

/// `the practice …` → `The practice ….`
fn sentence(words: &str) -> String {
    let words = words.trim().trim_end_matches('.');
    let mut letters = words.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// What is left for a person to do (referrals.md 9.2, sender's handling).
fn what_to_do(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done | Outcome::Delivered | Outcome::TryAgain => "",
        Outcome::OurDefect => {
            "This is a fault of the message, not of the practice: tell the practice another way, and report the fault."
        }
        Outcome::UseOtherRoute => "Send the summary by secure e-mail, or phone the practice.",
        Outcome::ReplacementRefused => {
            "The earlier notice stands there. Send the correction by secure e-mail; phone where it matters clinically."
        }
        Outcome::WrongPractice => "Trace the patient, and tell the practice where they are registered now.",
        Outcome::Deceased => "Check who the patient is, and phone the practice.",
        Outcome::AskAPerson => "Phone the practice.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DeliveryKind, Route};
    use shared::ids::ConsultationId;
    use uuid::Uuid;

    const NOW: Millis = 1_795_000_000_000;

    fn row(state: DeliveryState) -> DeliveryRow {
        DeliveryRow {
            id: Uuid::from_u128(1),
            consultation: ConsultationId::from_bytes([1; 16]),
            pharmacy: "FZ999".parse().expect("an ODS code"),
            kind: DeliveryKind::GpNotice,
            amendment: 0,
            route: Route::UpdateRecord,
            position: 0,
            state,
            addressee: "Elm Road Surgery".into(),
            detail: String::new(),
            target: "PRACTICE".into(),
            header_id: Some("h".into()),
            attempts: 1,
            next_at: None,
            answer_by: Some(NOW + 1000),
            lease_owner: Some("w".into()),
            lease_until: Some(NOW - 1),
            mesh_message_id: None,
            inf_status: String::new(),
            bus_status: String::new(),
            last_error: String::new(),
            version: 1,
            created_at: NOW,
            changed_at: NOW,
        }
    }

    fn ack(level: Level, outcome: Outcome, code: &str) -> Ack {
        let (meaning, diagnostics) = ("the practice said so".to_owned(), String::new());
        Ack { answers: None, level, code: code.to_owned(), meaning, diagnostics, outcome }
    }

    #[test]
    fn with_the_gp_is_only_what_the_practice_took_for_the_patient() {
        let technical =
            answered(row(DeliveryState::Sent), &ack(Level::Infrastructure, Outcome::Done, "20013"), NOW, 0.0);
        assert_eq!(technical.state, DeliveryState::Received);
        let clinical = answered(technical, &ack(Level::Business, Outcome::Done, "30001"), NOW, 0.0);
        assert_eq!((clinical.state, clinical.bus_status.as_str()), (DeliveryState::Accepted, "30001"));
        assert_eq!((clinical.next_at, clinical.answer_by), (None, None));
    }

    #[test]
    fn answers_in_the_wrong_order_end_in_the_same_place() {
        let clinical =
            answered(row(DeliveryState::Sent), &ack(Level::Business, Outcome::Done, "30001"), NOW, 0.0);
        let both = answered(clinical, &ack(Level::Infrastructure, Outcome::Done, "20013"), NOW, 0.0);
        assert_eq!(both.state, DeliveryState::Accepted);
        let late = sent(both, "M".into());
        assert_eq!((late.state, late.mesh_message_id.as_deref()), (DeliveryState::Accepted, Some("M")));
    }

    #[test]
    fn a_refusal_is_said_with_what_to_do_and_ends_the_trying() {
        let refused = answered(
            row(DeliveryState::Sent),
            &ack(Level::Business, Outcome::WrongPractice, "30002"),
            NOW,
            0.0,
        );
        assert_eq!((refused.state, refused.next_at), (DeliveryState::Refused, None));
        assert!(refused.detail.contains("Trace the patient"), "{}", refused.detail);
        let again = answered(refused, &ack(Level::Infrastructure, Outcome::Delivered, "20007"), NOW, 0.0);
        assert_eq!(again.state, DeliveryState::Refused, "had before is not taken");
    }

    #[test]
    fn a_report_after_the_answer_changes_nothing() {
        let report = Report { about: "M".into(), code: "14".into(), description: String::new() };
        assert_eq!(undelivered(row(DeliveryState::Accepted), &report).state, DeliveryState::Accepted);
        let lost = undelivered(row(DeliveryState::Sent), &report);
        assert_eq!(lost.state, DeliveryState::NeedsAttention);
        assert!(lost.detail.contains("did not collect"), "{}", lost.detail);
    }

    #[test]
    fn a_mesh_that_is_down_is_tried_again_and_one_that_says_no_is_not() {
        let later = failed(row(DeliveryState::Queued), &MeshError::Busy, NOW, 0.0);
        assert_eq!((later.state, later.next_at), (DeliveryState::Queued, Some(NOW + FIRST_PAUSE)));
        let no = MeshError::Refused { code: "12".into(), meaning: "no mailbox".into() };
        let refused = failed(row(DeliveryState::Queued), &no, NOW, 0.0);
        assert_eq!((refused.state, refused.next_at), (DeliveryState::NeedsAttention, None));
    }

    #[test]
    fn what_waits_too_long_is_shown_and_still_sent() {
        let mut waiting = row(DeliveryState::Queued);
        waiting.next_at = Some(NOW + 5);
        let shown = overdue(waiting);
        assert_eq!((shown.state, shown.next_at), (DeliveryState::NeedsAttention, Some(NOW + 5)));
        let accepted = answered(shown, &ack(Level::Business, Outcome::Done, "30001"), NOW, 0.0);
        assert_eq!(accepted.state, DeliveryState::Accepted);
    }

    #[test]
    fn pauses_grow_to_half_an_hour_and_are_never_all_alike() {
        assert_eq!(pause(1, 0.0), 5_000);
        assert_eq!(pause(3, 0.0), 20_000);
        assert_eq!(pause(40, 0.0), LONGEST_PAUSE);
        assert!(pause(3, 0.9) > pause(3, 0.1));
    }

    #[test]
    fn a_retry_needs_a_message_and_a_reason() {
        let mut nothing = row(DeliveryState::Held);
        nothing.header_id = None;
        assert_eq!(retried(nothing, NOW), Err(CannotRetry::NoMessage));
        assert_eq!(retried(row(DeliveryState::Accepted), NOW), Err(CannotRetry::Arrived));
        let mut leased = row(DeliveryState::Queued);
        leased.lease_until = Some(NOW + 1);
        assert_eq!(retried(leased, NOW), Err(CannotRetry::UnderWay));
        let again = retried(row(DeliveryState::NeedsAttention), NOW).expect("a retry");
        assert_eq!((again.state, again.next_at), (DeliveryState::Queued, Some(NOW)));
    }
}
