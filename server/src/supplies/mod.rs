//! What was handed over, out of the signed records: earlier supplies of a patient, the register of prescription-only
//! medicines, everyone who was given a batch, the tokens of a month (practice 16, 23, 29); and beside it what was done,
//! for figures, claims and exports.
//!
//! The rows are written with the push that signs. A record that was signed before there were any, or that came back with
//! an older backup, is read before anybody is answered.

mod answers;
pub mod csv;
#[cfg(test)]
mod tests;

pub use answers::{earlier, recall, register, tokens};

use crate::app::App;
use crate::intake;
use crate::problem::chain;
use crate::store::{SignedDone, StoreError, Supplies};
use shared::activity::{Facts, extract};
use shared::consultation::{Document, DocumentError, Patient};
use shared::ids::{ConsultationId, OdsCode};
use shared::register::{of_person, supplied, token};
use std::time::Duration;

/// What this program reads of a record. A change to it makes every signed record be read anew.
pub const VERSION: i64 = 3;
/// Records read before the next are asked for.
const AT_ONCE: u32 = 100;
/// How often records are looked for that nobody has asked about yet.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// What the standing signed version of a record says was handed over; `None` where nobody has signed.
pub fn of(document: &mut Document) -> Result<Option<Supplies>, DocumentError> {
    let Some((signed, signature)) = document.signed()? else { return Ok(None) };
    let signatures = document.read()?.signatures;
    let facts = Facts::of(&signed, &signature);
    Ok(Some(Supplies {
        version: VERSION,
        heads: signature.heads.clone(),
        lines: supplied(&signed, &signatures),
        token: token(&signed, &signatures),
        done: Some(SignedDone {
            patient: signed.patient.list_name(),
            person: of_whom(&signed.patient),
            extract: extract(&signed, &signature, &facts),
            facts,
        }),
    }))
}

/// Tells patients apart where they are counted: by number, else by name and birth date; empty where neither is known.
fn of_whom(patient: &Patient) -> String {
    if patient.nhs_number.is_empty() {
        of_person(&patient.list_name(), &patient.birth_date)
    } else {
        patient.nhs_number.clone()
    }
}

/// Reads every signed record of a pharmacy that was not read yet. One that cannot be opened is told in the log, passed over
/// and tried again the next time; how many there are of these is what comes back, because whatever is answered then lacks
/// them.
pub async fn catch_up(app: &App, pharmacy: &OdsCode) -> Result<u32, StoreError> {
    let mut after: Option<ConsultationId> = None;
    let mut unreadable = 0;
    loop {
        let unread = app.store.supplies_unread(pharmacy, VERSION, after.as_ref(), AT_ONCE).await?;
        let Some(last) = unread.last() else { return Ok(unreadable) };
        after = Some(*last);
        for id in unread {
            if !read(app, pharmacy, &id).await? {
                unreadable += 1;
            }
        }
    }
}

/// Whether it could be read; one that is gone meanwhile is missing from nothing.
async fn read(app: &App, pharmacy: &OdsCode, id: &ConsultationId) -> Result<bool, StoreError> {
    let Some(stored) = app.store.document(pharmacy, id).await? else { return Ok(true) };
    let seq = stored.seq;
    let found = tokio::task::spawn_blocking(move || of(&mut intake::opened(&stored)?)).await;
    match found {
        // Where it has moved on meanwhile, whoever wrote it wrote this too, or the next look finds it.
        Ok(Ok(supplies)) => {
            app.store.put_supplies(pharmacy, id, seq, &supplies.unwrap_or_default()).await?;
            Ok(true)
        }
        Ok(Err(cause)) => {
            tracing::error!(consultation = %id, cause = %chain(&cause), "what was supplied in a record cannot be read");
            Ok(false)
        }
        Err(cause) => {
            tracing::error!(consultation = %id, cause = %chain(&cause), "reading what was supplied in a record broke off");
            Ok(false)
        }
    }
}

async fn catch_up_with_all(app: &App) -> Result<(), StoreError> {
    for pharmacy in app.store.pharmacies().await? {
        catch_up(app, &pharmacy.ods).await?;
    }
    Ok(())
}

/// Catches up in the background, so that nobody waits for ten thousand records.
pub async fn run(app: App) {
    loop {
        if let Err(cause) = catch_up_with_all(&app).await {
            tracing::warn!(cause = %chain(&cause), "what was supplied could not be caught up with");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
