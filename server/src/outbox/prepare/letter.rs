//! The notice as a letter, for every way that carries words instead of codes: the same letter for each.

use super::{NotPrepared, Preparing};
use crate::nhs::gp_connect::Held;
use crate::problem::chain;
use crate::store::{DeliveryRow, DeliveryState};
use shared::letter::{Letter, Letterhead, Sending, gp_notice};

/// The letter to the practice, or why there is none (practice 7, 11).
pub fn notice(preparing: &Preparing<'_>) -> Result<Letter, NotPrepared> {
    let pharmacy = &preparing.sender.pharmacy;
    let patient = &preparing.signed.patient;
    if patient.nhs_number_status != "verified" {
        return Err(NotPrepared::Held(Held::NeedsTracing.to_string()));
    }
    let letterhead = Letterhead {
        name: &pharmacy.name,
        ods: pharmacy.ods.as_str(),
        address: &pharmacy.address,
        phone: &pharmacy.phone,
        email: preparing.app.mail.as_ref().map_or("", |mail| mail.from()),
    };
    let sending = Sending {
        signature: Some(preparing.signature),
        replaces: replaces(preparing.row, preparing.others),
        may_repeat: may_repeat(preparing.row, preparing.others),
    };
    let letter = gp_notice(preparing.summary, preparing.signed, &letterhead, &sending);
    letter
        .ok_or_else(|| NotPrepared::Held("Not sent: the patient does not want the practice told.".to_owned()))
}

/// The letter as PDF, made where waiting is allowed.
pub async fn pdf(letter: &Letter) -> Result<Vec<u8>, NotPrepared> {
    let letter = letter.clone();
    let made = tokio::task::spawn_blocking(move || documents::pdf(&letter)).await;
    let failed = || NotPrepared::NextWay("The PDF could not be made. Print the notice instead.".to_owned());
    match made {
        Ok(Ok(pdf)) => Ok(pdf),
        Ok(Err(cause)) => {
            tracing::error!(cause = %chain(&cause), "a letter could not be laid out");
            Err(failed())
        }
        Err(cause) => {
            tracing::error!(cause = %chain(&cause), "laying out a letter broke off");
            Err(failed())
        }
    }
}

/// The earlier version that the practice may have, by whatever way (practice 21).
fn replaces(row: &DeliveryRow, others: &[DeliveryRow]) -> Option<u64> {
    let earlier = others
        .iter()
        .filter(|other| other.kind == row.kind && other.amendment < row.amendment && may_be_there(other));
    earlier.map(|other| other.amendment).max()
}

/// Another way was tried for this very version, and it may have arrived (practice 20).
fn may_repeat(row: &DeliveryRow, others: &[DeliveryRow]) -> bool {
    others.iter().any(|other| {
        other.kind == row.kind
            && other.amendment == row.amendment
            && other.id != row.id
            && may_be_there(other)
    })
}

/// The earlier version that may be replaced in the practice's system: one that went this very way.
pub fn replaces_this_way(row: &DeliveryRow, others: &[DeliveryRow]) -> Option<u64> {
    let by_it: Vec<DeliveryRow> = others.iter().filter(|other| other.route == row.route).cloned().collect();
    replaces(row, &by_it)
}

/// It was tried at least once and nobody there has said that they do not have it.
fn may_be_there(other: &DeliveryRow) -> bool {
    other.attempts > 0
        && other.header_id.is_some()
        && !matches!(other.state, DeliveryState::Refused | DeliveryState::NotRequired)
}
