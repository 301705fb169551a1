//! What the other system's answers, and MESH's own reports, do to a delivery (referrals.md 8.4, 9.2).

use super::{Moment, gives_way, has_arrived, idle, later, pause, sentence};
use crate::nhs::gp_connect::{Ack, Level, Outcome, meaning_of_report};
use crate::nhs::mesh::Report;
use crate::store::{DeliveryRow, DeliveryState};

/// The practice's system answered. Hearing the same answer again changes nothing, and an answer that comes after the
/// next way was gone still counts.
pub fn answered(mut row: DeliveryRow, ack: &Ack, moment: &Moment) -> DeliveryRow {
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
            if ack.outcome == Outcome::Delivered {
                // The answer to the first copy went before, and no other comes.
                row.answer_by = None;
            }
            idle(row)
        }
        // Taken for the patient is the last word.
        _ if row.state == DeliveryState::Accepted => idle(row),
        (Outcome::TryAgain, _) => {
            row.state = DeliveryState::Queued;
            row.detail = sentence(meaning);
            let wait = pause(row.attempts, moment.jitter);
            later(row, moment.now, wait)
        }
        (outcome, _) => refused(row, ack, outcome, moment),
    }
}

fn refused(mut row: DeliveryRow, ack: &Ack, outcome: Outcome, moment: &Moment) -> DeliveryRow {
    let meaning = sentence(&ack.meaning);
    row.last_error = format!("code {}", ack.code);
    row.detail = format!("{meaning} {}", what_to_do(outcome));
    match outcome {
        Outcome::OurDefect => {
            if moment.has_next {
                row.detail =
                    format!("{meaning} This is a fault of the message (code {}): report it.", ack.code);
            }
            gives_way(row, DeliveryState::NeedsAttention, moment)
        }
        Outcome::UseOtherRoute | Outcome::ReplacementRefused => {
            if moment.has_next {
                row.detail = meaning;
            }
            gives_way(row, DeliveryState::Refused, moment)
        }
        _ => {
            row.state = DeliveryState::Refused;
            idle(row)
        }
    }
}

/// MESH reports that the message never reached anybody.
pub fn undelivered(mut row: DeliveryRow, report: &Report, moment: &Moment) -> DeliveryRow {
    if has_arrived(&row) {
        return row;
    }
    let (outcome, meaning) = meaning_of_report(report);
    let meaning = sentence(&format!("not delivered: {meaning}"));
    row.last_error = format!("MESH report {}", report.code);
    if outcome == Outcome::UseOtherRoute && moment.has_next {
        row.detail = meaning;
        return gives_way(row, DeliveryState::Refused, moment);
    }
    row.state = DeliveryState::NeedsAttention;
    row.detail = format!("{meaning} {}", what_to_do(outcome));
    idle(row)
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
        Outcome::WrongPractice => {
            "Trace the patient again in PDS. Where they are registered elsewhere now, amend and sign; else phone the practice."
        }
        Outcome::Deceased => "Check who the patient is, and phone the practice.",
        Outcome::AskAPerson => "Phone the practice.",
    }
}
