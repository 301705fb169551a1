//! Takes a message in: finds the pharmacy, decides, and stores all of it or nothing.

use super::itk111::{self, Accepting, Address, Fault, Report};
use super::{Arrived, ExistingCase, Filing, Part, file, new_consultation};
use crate::app::{App, News};
use crate::problem::chain;
use crate::store::{
    Append, DocumentWrite, IntakeKey, KeptMessage, Pharmacy, StoreError, StoredChange, StoredDocument,
};
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
    /// The consultation that it came to, or that was here already.
    pub fn consultation(&self) -> Option<ConsultationId> {
        match self {
            Self::New(id) | Self::Changed(id) | Self::Known(id) => Some(*id),
            Self::Nothing => None,
        }
    }

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
pub enum NotTaken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Takes one 111 message. After an error nothing of it is stored; after success all of it is, on disk.
pub async fn receive(app: &App, body: &[u8], accepting: &Accepting<'_>) -> Result<Received, Fault> {
    let report = itk111::read(body, accepting)?;
    let failed = |cause: NotTaken| {
        tracing::error!(cause = %chain(&cause), "a 111 message could not be stored");
        Fault { relates_to: report.message_id.clone(), ..Fault::internal() }
    };
    let pharmacy = addressed(app, &report.addressed_to).await.map_err(|error| failed(error.into()))?;
    let Some(pharmacy) = pharmacy else {
        return Err(Fault { relates_to: report.message_id.clone(), ..nobody_here(&report.addressed_to) });
    };
    let outcomes = take(app, &pharmacy, &report.arrived, &[]).await.map_err(failed)?;
    Ok(Received { report, outcomes })
}

/// Files one message of any channel against what the pharmacy has, and stores what comes of it, `kept` beside it. All of
/// it or nothing; the same message again changes nothing. One outcome for each part that counts.
pub async fn take(
    app: &App,
    pharmacy: &Pharmacy,
    arrived: &Arrived,
    kept: &[KeptMessage],
) -> Result<Vec<Filed>, NotTaken> {
    for _ in 0..TRIES {
        let holders = Holders::of(app, pharmacy, arrived).await?;
        match store(app, pharmacy, arrived, &holders, kept).await {
            Err(NotTaken::Store(StoreError::Conflict)) => {}
            done => return done,
        }
    }
    Err(StoreError::Conflict.into())
}

/// The pharmacy that a message is for: by ODS code where one is ours, else by Directory of Services id.
pub(super) async fn addressed(app: &App, addresses: &[Address]) -> Result<Option<Pharmacy>, StoreError> {
    for address in addresses {
        if let Address::Ods(ods) = address
            && let Some(found) = app.store.pharmacy(ods).await?
        {
            return Ok(Some(found));
        }
    }
    for address in addresses {
        if let Address::Dos(id) = address
            && let Some(found) = app.store.pharmacy_by_dos_id(id).await?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Addresses as whoever sent them knows them.
pub(super) fn named(addresses: &[Address]) -> String {
    let named: Vec<String> = addresses
        .iter()
        .map(|address| match address {
            Address::Ods(ods) => format!("ODS {ods}"),
            Address::Dos(id) => format!("DoS {id}"),
        })
        .collect();
    named.join(", ")
}

fn nobody_here(addresses: &[Address]) -> Fault {
    let named = named(addresses);
    Fault::client(
        format!("The pharmacy addressed is not served here ({named}). Nothing was stored."),
        format!("addresslist: {named}."),
    )
}

/// Decides and writes upon what was known a moment ago. Whatever of it is no longer true is a conflict.
async fn store(
    app: &App,
    pharmacy: &Pharmacy,
    arrived: &Arrived,
    holders: &Holders,
    kept: &[KeptMessage],
) -> Result<Vec<Filed>, NotTaken> {
    let mut open = BTreeMap::new();
    let mut existing = Vec::new();
    for id in holders.cases() {
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
    for filing in file(arrived, &existing, now) {
        let outcome = match &filing {
            Filing::New { referral, patient, earlier, pathway } => {
                let id = ConsultationId(Uuid::now_v7());
                let (referral, patient) = (referral.as_ref().clone(), patient.as_ref().clone());
                let keys = holders.free(app, pharmacy, id, &referral).await?;
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
                let referral = document.read()?.referral;
                let keys = holders.free(app, pharmacy, *consultation, &referral).await?;
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
    let about = outcomes.iter().find_map(Filed::consultation);
    let mut documents: Vec<DocumentWrite> = writes.into_values().collect();
    let Some(first) = documents.first_mut() else { return Ok(outcomes) };
    // One claim for the whole message: two copies that arrive at once make one consultation. A sender may use the id
    // again for a newer version; then it is claimed already.
    let message = message_key(arrived);
    if holders.holder(&message).is_none() {
        first.intake.push(message);
    }
    let kept = kept.iter().map(|message| message.about(about)).collect();
    let mut append = Append { documents, kept, ..Append::default() };
    append.proofs.signatures.extend(signatures.into_values().flatten());
    let seqs = app.store.append(&pharmacy.ods, append).await?;
    if let Some(seq) = seqs.into_iter().max() {
        // Nobody may be listening; that is no failure.
        let _ = app.news.send(News { pharmacy: pharmacy.ods.clone(), seq });
    }
    Ok(outcomes)
}

/// Which consultations held the keys of a message when they were looked up, once for the whole decision: looked up again
/// later, a copy that was stored meanwhile would look like somebody else's key instead of making a conflict.
struct Holders(Vec<(IntakeKey, Option<ConsultationId>)>);

impl Holders {
    async fn of(app: &App, pharmacy: &Pharmacy, arrived: &Arrived) -> Result<Self, StoreError> {
        let mut keys = vec![message_key(arrived)];
        for part in &arrived.parts {
            match part {
                Part::Report { referral, .. } => {
                    keys.extend(set_key(&referral.document_set));
                    keys.extend(case_keys(referral));
                }
                Part::Withdrawal(withdrawal) => {
                    keys.extend(set_key(&withdrawal.document_set));
                    keys.extend(case_key("document", &withdrawal.document_id));
                }
            }
        }
        let mut holders = Vec::with_capacity(keys.len());
        for key in keys {
            let holder = app.store.intake_document(&pharmacy.ods, &key).await?;
            holders.push((key, holder));
        }
        Ok(Self(holders))
    }

    /// The pharmacy's consultations that share something with the message.
    fn cases(&self) -> BTreeSet<ConsultationId> {
        self.0.iter().filter_map(|(_, holder)| *holder).collect()
    }

    /// Who held a key of the message; `None` for nobody, and for a key that is not the message's.
    fn holder(&self, key: &IntakeKey) -> Option<ConsultationId> {
        self.0.iter().find(|(known, _)| known == key).and_then(|(_, holder)| *holder)
    }

    /// The keys that nobody else holds: senders reuse document ids now and then, which must not turn a report away.
    async fn free(
        &self,
        app: &App,
        pharmacy: &Pharmacy,
        id: ConsultationId,
        referral: &Referral,
    ) -> Result<Vec<IntakeKey>, StoreError> {
        let mut free = Vec::new();
        for key in keys_of(referral) {
            let holder = if self.0.iter().any(|(known, _)| *known == key) {
                self.holder(&key)
            } else {
                // Of the report that stays shown, which is stored already.
                app.store.intake_document(&pharmacy.ods, &key).await?
            };
            if holder.is_none_or(|holder| holder == id) {
                free.push(key);
            }
        }
        Ok(free)
    }
}

fn message_key(arrived: &Arrived) -> IntakeKey {
    IntakeKey::Message(arrived.message_id.to_lowercase())
}

/// What a consultation answers for from now on. Without a set, the ids that no other case can have stand in for it.
fn keys_of(referral: &Referral) -> Vec<IntakeKey> {
    let set = set_key(&referral.document_set);
    let with_set = set.is_some();
    // An e-mail copy quotes the case and nothing else; filing never asks for these.
    let quoted = referral.case_references().filter_map(|case| case_key("quoted", case));
    set.into_iter()
        .chain(quoted)
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
        supplies: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::store::SqliteStore;
    use std::sync::Arc;

    const REPORT: &str = include_str!("itk111/fixtures/minor-illness-dx28.xml");

    #[tokio::test]
    async fn a_decision_from_before_another_copy_was_stored_is_a_conflict_and_no_second_consultation() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
        let store = Arc::new(SqliteStore::open(&url).await.expect("a store"));
        let config = Config::read(BTreeMap::new(), false).expect("settings");
        let app = App::new(config, Clock::set_to(1_795_356_800_000), store).await.expect("an app");
        let pharmacy = Pharmacy {
            ods: "FZ999".parse().expect("a code"),
            name: "Larch Pharmacy".to_owned(),
            dos_ids: vec!["2099000001".to_owned()],
            mailbox: String::new(),
            phone: String::new(),
            address: String::new(),
        };
        app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
        let report =
            itk111::read(REPORT.as_bytes(), &Accepting::anything(app.clock.now())).expect("a report");

        let before = Holders::of(&app, &pharmacy, &report.arrived).await.expect("looked up");
        let first = take(&app, &pharmacy, &report.arrived, &[]).await.expect("stored");
        let second = super::store(&app, &pharmacy, &report.arrived, &before, &[]).await;
        assert!(matches!(second, Err(NotTaken::Store(StoreError::Conflict))), "{second:?}");
        let again = take(&app, &pharmacy, &report.arrived, &[]).await.expect("known");
        assert!(
            matches!((&first[..], &again[..]), ([Filed::New(new)], [Filed::Known(known)]) if new == known)
        );
        assert_eq!(app.store.rows(None).await.expect("rows").len(), 1);
    }
}
