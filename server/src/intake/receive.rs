//! Takes a 111 message in: reads it, finds the pharmacy, decides, and stores all of it or nothing.

use super::itk111::{self, Accepting, Address, CdaReport, Fault, Report};
use super::{ExistingCase, Filing, file, new_consultation};
use crate::app::{App, News};
use crate::problem::chain;
use crate::store::{Append, DocumentWrite, IntakeKey, Pharmacy, StoreError, StoredChange, StoredDocument};
use crate::sync::{server_signature, server_writer};
use shared::consultation::{Document, DocumentError, Referral};
use shared::ids::ConsultationId;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How often a message is decided anew because somebody else wrote to the same consultation meanwhile.
const TRIES: u32 = 8;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub report: Report,
    /// What it came to, one for each part of the message.
    pub outcomes: Vec<Filed>,
}

/// What became of one part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filed {
    New(ConsultationId),
    /// A stored consultation was changed: updated, withdrawn, or given a notice.
    Changed(ConsultationId),
    /// It was here already.
    Known(ConsultationId),
    /// A withdrawal of something that never came here.
    Nothing,
}

impl Filed {
    /// For metrics and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Changed(_) => "changed",
            Self::Known(_) => "known",
            Self::Nothing => "nothing",
        }
    }
}

/// Why a message that was read was not stored.
#[derive(Debug, thiserror::Error)]
enum NotStored {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Takes one message. After an error nothing of it is stored; after success all of it is, on disk.
pub async fn receive(app: &App, body: &[u8], accepting: &Accepting<'_>) -> Result<Received, Fault> {
    let report = itk111::read(body, accepting)?;
    let failed = |cause: NotStored| {
        tracing::error!(cause = %chain(&cause), "a 111 message could not be stored");
        Fault { relates_to: report.message_id.clone(), ..Fault::internal() }
    };
    let pharmacy = addressed(app, &report).await.map_err(|error| failed(error.into()))?;
    let Some(pharmacy) = pharmacy else {
        return Err(Fault { relates_to: report.message_id.clone(), ..nobody_here(&report) });
    };
    for _ in 0..TRIES {
        match store(app, &pharmacy, &report).await {
            Ok(outcomes) => return Ok(Received { report, outcomes }),
            Err(NotStored::Store(StoreError::Conflict)) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed(StoreError::Conflict.into()))
}

/// The pharmacy that the message is for: by ODS code where one is ours, else by Directory of Services id.
async fn addressed(app: &App, report: &Report) -> Result<Option<Pharmacy>, StoreError> {
    for address in &report.addressed_to {
        if let Address::Ods(ods) = address
            && let Some(found) = app.store.pharmacy(ods).await?
        {
            return Ok(Some(found));
        }
    }
    for address in &report.addressed_to {
        if let Address::Dos(id) = address
            && let Some(found) = app.store.pharmacy_by_dos_id(id).await?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn nobody_here(report: &Report) -> Fault {
    let named: Vec<String> = report
        .addressed_to
        .iter()
        .map(|address| match address {
            Address::Ods(ods) => format!("ODS {ods}"),
            Address::Dos(id) => format!("DoS {id}"),
        })
        .collect();
    let named = named.join(", ");
    Fault::client(
        format!("The pharmacy addressed is not served here ({named}). Nothing was stored."),
        format!("addresslist: {named}."),
    )
}

/// Decides and writes once. A conflict means that the decision was made from something no longer true.
async fn store(app: &App, pharmacy: &Pharmacy, report: &Report) -> Result<Vec<Filed>, NotStored> {
    let mut open = BTreeMap::new();
    let mut existing = Vec::new();
    for id in known_cases(app, pharmacy, report).await? {
        if let Some(stored) = app.store.document(&pharmacy.ods, &id).await? {
            let document = opened(&stored)?;
            existing.push(ExistingCase::of(id, &document.read()?));
            open.insert(id, (document, stored.seq));
        }
    }
    let now = app.clock.now();
    let writer = server_writer(app);
    let mut outcomes = Vec::new();
    let mut writes: BTreeMap<ConsultationId, DocumentWrite> = BTreeMap::new();
    let mut signatures = BTreeMap::new();
    for filing in file(report, &existing, now) {
        let outcome = match &filing {
            Filing::New { referral, patient, earlier, pathway } => {
                let id = ConsultationId(Uuid::now_v7());
                let (referral, patient) = (referral.as_ref().clone(), patient.as_ref().clone());
                let keys = free_keys(app, pharmacy, id, &referral).await?;
                let record =
                    new_consultation(id, &pharmacy.ods, now, pathway, referral, patient, earlier.clone());
                let mut document = Document::create(now, &writer, &record)?;
                signatures.insert(id, server_signature(app, &id, &mut document));
                writes.insert(id, written(id, 0, &mut document, None, keys)?);
                Filed::New(id)
            }
            Filing::AlreadyHave { consultation } => Filed::Known(*consultation),
            Filing::NothingToWithdraw { .. } => Filed::Nothing,
            Filing::Update { consultation, .. }
            | Filing::NoticeBeside { consultation, .. }
            | Filing::Earlier { consultation, .. }
            | Filing::Withdraw { consultation, .. }
            | Filing::WithdrawBeside { consultation, .. } => {
                let Some((document, seq)) = open.get_mut(consultation) else { continue };
                let before = document.heads();
                document.edit(now, &writer, |record| filing.apply(record))?;
                let changes = document.changes_since(&before);
                let keys = free_keys(app, pharmacy, *consultation, &document.read()?.referral).await?;
                let mut write = written(*consultation, *seq, document, Some(&changes), keys)?;
                signatures.insert(*consultation, server_signature(app, consultation, document));
                if let Some(first) = writes.remove(consultation) {
                    write.changes.splice(0..0, first.changes);
                    write.intake.extend(first.intake);
                }
                writes.insert(*consultation, write);
                Filed::Changed(*consultation)
            }
        };
        outcomes.push(outcome);
    }
    let mut documents: Vec<DocumentWrite> = writes.into_values().collect();
    let Some(first) = documents.first_mut() else { return Ok(outcomes) };
    // One claim for the whole message: two copies that arrive at once make one consultation. A sender may use the id
    // again for a newer version; then it is claimed already.
    let message = IntakeKey::Message(report.tracking_id.to_lowercase());
    if app.store.intake_document(&pharmacy.ods, &message).await?.is_none() {
        first.intake.push(message);
    }
    let mut append = Append { documents, ..Append::default() };
    append.proofs.signatures.extend(signatures.into_values().flatten());
    let seqs = app.store.append(&pharmacy.ods, append).await?;
    if let Some(seq) = seqs.into_iter().max() {
        // Nobody may be listening; that is no failure.
        let _ = app.news.send(News { pharmacy: pharmacy.ods.clone(), seq });
    }
    Ok(outcomes)
}

/// The pharmacy's consultations that share something with the message.
async fn known_cases(
    app: &App,
    pharmacy: &Pharmacy,
    report: &Report,
) -> Result<BTreeSet<ConsultationId>, StoreError> {
    let mut keys = vec![IntakeKey::Message(report.tracking_id.to_lowercase())];
    for document in &report.documents {
        match document {
            CdaReport::Report { referral, .. } => {
                keys.extend(set_key(&referral.document_set));
                keys.extend(case_keys(referral));
            }
            CdaReport::Nullification(withdrawal) => {
                keys.extend(set_key(&withdrawal.document_set));
                keys.extend(case_key("document", &withdrawal.document_id));
            }
        }
    }
    let mut found = BTreeSet::new();
    for key in keys {
        found.extend(app.store.intake_document(&pharmacy.ods, &key).await?);
    }
    Ok(found)
}

/// The keys that nobody else holds: senders reuse document ids now and then, which must not turn a report away.
async fn free_keys(
    app: &App,
    pharmacy: &Pharmacy,
    id: ConsultationId,
    referral: &Referral,
) -> Result<Vec<IntakeKey>, StoreError> {
    let mut free = Vec::new();
    for key in keys_of(referral) {
        let holder = app.store.intake_document(&pharmacy.ods, &key).await?;
        if holder.is_none_or(|holder| holder == id) {
            free.push(key);
        }
    }
    Ok(free)
}

/// What a consultation answers for from now on. Without a set, the ids that no other case can have stand in for it.
fn keys_of(referral: &Referral) -> Vec<IntakeKey> {
    let set = set_key(&referral.document_set);
    let with_set = set.is_some();
    set.into_iter()
        .chain(case_keys(referral).filter(|key| {
            !with_set || matches!(key, IntakeKey::DocumentSet(key) if key.starts_with("document|"))
        }))
        .collect()
}

fn set_key(document_set: &str) -> Option<IntakeKey> {
    (!document_set.is_empty()).then(|| IntakeKey::DocumentSet(format!("set|{}", document_set.to_lowercase())))
}

fn case_keys(referral: &Referral) -> impl Iterator<Item = IntakeKey> + '_ {
    let ids = referral.case_ids.split(' ').filter_map(|id| id.split_once('|'));
    ids.filter(|(system, _)| matches!(*system, "case-reference" | "document"))
        .filter_map(|(system, value)| case_key(system, value))
}

fn case_key(system: &str, value: &str) -> Option<IntakeKey> {
    (!value.is_empty()).then(|| IntakeKey::DocumentSet(format!("{system}|{}", value.to_lowercase())))
}

/// Opens a stored consultation; what is not whole is refused.
pub fn opened(stored: &StoredDocument) -> Result<Document, DocumentError> {
    let mut document = Document::load(&stored.base)?;
    let changes: Result<Vec<_>, _> =
        stored.changes.iter().map(|bytes| automerge::Change::from_bytes(bytes.clone())).collect();
    let changes = changes.map_err(|_| DocumentError::Gap)?;
    if !changes.is_empty() {
        document.apply(changes)?;
    }
    Ok(document)
}

/// `changes` is `None` for a new document, which is stored whole.
fn written(
    id: ConsultationId,
    based_on: u64,
    document: &mut Document,
    changes: Option<&[automerge::Change]>,
    intake: Vec<IntakeKey>,
) -> Result<DocumentWrite, DocumentError> {
    let stored = |change: &automerge::Change| StoredChange {
        hash: change.hash().0,
        actor: change.actor_id().to_bytes().to_vec(),
        bytes: change.raw_bytes().to_vec(),
    };
    let mut heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    heads.sort_unstable();
    Ok(DocumentWrite {
        id,
        based_on,
        base: changes.is_none().then(|| document.save()),
        changes: changes.unwrap_or_default().iter().map(stored).collect(),
        heads,
        row: document.row()?,
        intake,
        deliveries: Vec::new(),
    })
}
