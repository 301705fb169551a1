//! What was handed over, out of the signed records: earlier supplies of a patient, the register of prescription-only
//! medicines, everyone who was given a batch, the tokens of a month (practice 16, 23, 29).
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
use crate::store::{StoreError, Supplies};
use shared::consultation::{Document, DocumentError, parse_heads};
use shared::ids::{ConsultationId, OdsCode};
use shared::register::{supplied, token};
use std::time::Duration;

/// What this program reads of a record. A change to it makes every signed record be read anew.
pub const VERSION: i64 = 2;
/// Records read before the next are asked for.
const AT_ONCE: u32 = 100;
/// How often records are looked for that nobody has asked about yet.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// What the standing signed version of a record says was handed over; `None` where nobody has signed.
pub fn of(document: &mut Document) -> Result<Option<Supplies>, DocumentError> {
    let Some(signature) = document.standing_signature()? else { return Ok(None) };
    let latest = document.read()?;
    // A signature over something unknown must not keep a supply out of a recall.
    let mut signed = document.read_at(&parse_heads(&signature.heads)).unwrap_or_else(|_| latest.clone());
    if signed.patient.nhs_number.is_empty() {
        // Found out since, by tracing for instance.
        signed.patient.nhs_number.clone_from(&latest.patient.nhs_number);
    }
    Ok(Some(Supplies {
        version: VERSION,
        heads: signature.heads,
        lines: supplied(&signed, &latest.signatures),
        token: token(&signed, &latest.signatures),
    }))
}

/// Reads every signed record that was not read yet, of one pharmacy or of all. One that cannot be opened is told in the
/// log, passed over and tried again the next time; how many there are of these is what comes back, because whatever is
/// answered then lacks them.
pub async fn catch_up(app: &App, pharmacy: Option<&OdsCode>) -> Result<u32, StoreError> {
    let mut after: Option<ConsultationId> = None;
    let mut unreadable = 0;
    loop {
        let unread = app.store.supplies_unread(pharmacy, VERSION, after.as_ref(), AT_ONCE).await?;
        let Some((_, last)) = unread.last() else { return Ok(unreadable) };
        after = Some(*last);
        for (pharmacy, id) in unread {
            if !read(app, &pharmacy, &id).await? {
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

/// Catches up in the background, so that nobody waits for ten thousand records.
pub async fn run(app: App) {
    loop {
        if let Err(cause) = catch_up(&app, None).await {
            tracing::warn!(cause = %chain(&cause), "what was supplied could not be caught up with");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
