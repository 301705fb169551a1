//! Which NHS numbers may go to a practice as verified (practice 11): those that this server saw verified.
//!
//! A device may say *verified* after a look-up, and nothing keeps a broken or dishonest one from saying it without.
//! What counts is what happened here: the 111 message said so, taken in by the server itself, or PDS gave the number
//! for this very consultation through this server.

use crate::app::App;
use crate::keys::TraceKey;
use crate::store::{SeenNumber, StoreError};
use automerge::legacy::Key;
use automerge::{Change, ChangeHash};
use shared::api::LookUpAnswer;
use shared::consultation::{Consultation, Document, DocumentError, hex};
use shared::ids::ConsultationId;
use shared::time::Millis;

/// What PDS said, through this server, of numbers in one consultation.
#[derive(Debug, Clone)]
pub struct Vouched {
    key: TraceKey,
    /// Hash, and whether the number stands.
    seen: Vec<([u8; 32], bool)>,
}

impl Vouched {
    /// Whether a number that the record calls verified may be sent as verified.
    pub fn for_number(
        &self,
        document: &mut Document,
        record: &Consultation,
        number: &str,
    ) -> Result<bool, DocumentError> {
        let Ok(id) = record.id.parse::<ConsultationId>() else { return Ok(false) };
        let hash = self.key.number(&id, number);
        match self.seen.iter().find(|(seen, _)| *seen == hash) {
            // Also where 111 had verified it: PDS has since replaced or withdrawn it.
            Some((_, stands)) => Ok(*stands),
            None => verified_by_server(document, record, number),
        }
    }
}

/// What PDS said of numbers in this consultation.
pub async fn vouched(app: &App, id: &ConsultationId) -> Result<Vouched, StoreError> {
    Ok(Vouched { key: app.server_keys.traces.clone(), seen: app.store.seen_numbers(id).await? })
}

/// Remembers which numbers PDS gave for a consultation, and which it took back.
pub(super) async fn remember(
    app: &App,
    consultation: &ConsultationId,
    asked: Option<&str>,
    answer: &LookUpAnswer,
    mode: &'static str,
    at: Millis,
) -> Result<(), StoreError> {
    let one = |number: &str, stands| SeenNumber {
        consultation: *consultation,
        number: app.server_keys.traces.number(consultation, number),
        stands,
        mode,
        at,
    };
    let mut seen = Vec::new();
    match answer {
        LookUpAnswer::Found { patient, superseded } => {
            seen.push(one(&patient.nhs_number, true));
            if !superseded.is_empty() {
                seen.push(one(superseded, false));
            }
        }
        LookUpAnswer::Several { patients } => {
            seen.extend(patients.iter().map(|patient| one(&patient.nhs_number, true)));
        }
        LookUpAnswer::Invalidated => seen.extend(asked.map(|number| one(number, false))),
        // Not knowing a number takes nothing back that 111 verified (practice 11); a notice beside the record says so.
        LookUpAnswer::NoMatch | LookUpAnswer::TooMany => {}
    }
    if seen.is_empty() { Ok(()) } else { app.store.saw_numbers(&seen).await }
}

/// Whether a change that the server itself made brought this number in as verified: the 111 message said so.
fn verified_by_server(
    document: &mut Document,
    record: &Consultation,
    number: &str,
) -> Result<bool, DocumentError> {
    let brought: Vec<Change> = document
        .changes_since(&[])
        .into_iter()
        .filter(|change| is_servers(record, change) && writes_number(change))
        .collect();
    for change in brought {
        if stands(document, &[change.hash()], number)? && !stands(document, change.deps(), number)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who an actor is was checked when the change was stored, so the record's word on it is true.
fn is_servers(record: &Consultation, change: &Change) -> bool {
    let author = record.authors.get(&hex(change.actor_id().to_bytes()));
    author.is_some_and(|author| author.person.is_empty() && author.role == "server")
}

fn writes_number(change: &Change) -> bool {
    let names = |key: &Key| matches!(key, Key::Map(name) if name.starts_with("nhs_number"));
    change.decode().operations.iter().any(|op| names(&op.key))
}

fn stands(document: &mut Document, heads: &[ChangeHash], number: &str) -> Result<bool, DocumentError> {
    if heads.is_empty() {
        return Ok(false);
    }
    let patient = document.read_at(heads)?.patient;
    Ok(patient.nhs_number == number && patient.nhs_number_status == "verified")
}
