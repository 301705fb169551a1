//! Signing, amending, and entries made at the same time as a signature (design 3).

use super::clash::{Clash, Version};
use super::document::{Document, DocumentError, Writer, hex};
use super::record::Consultation;
use crate::supply;
use crate::time;
use automerge::{ChangeHash, ROOT, ReadDoc as _};
use autosurgeon::{Hydrate, Reconcile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who signed what: the heads name the exact history that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Signature {
    /// `PersonId` as text.
    pub person: String,
    pub name: String,
    pub gphc: String,
    pub role: String,
    /// RFC 3339, by the signing device's clock.
    pub at: String,
    /// Change hashes in hex, a space between, sorted.
    pub heads: String,
    /// 0 for the first signature, then the amendment it closes.
    pub amendment: u64,
    /// The work was cut short by an emergency and may be completed later (practice 12).
    pub emergency: bool,
}

/// A signed record opened again, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Amendment {
    pub reason: String,
    pub person: String,
    pub name: String,
    /// RFC 3339.
    pub at: String,
}

/// An entry the signer could not have seen: made apart from the signature, known only after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateEntry {
    /// Hex of the change.
    pub change: String,
    pub by: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The fields it touched.
    pub paths: Vec<String>,
}

/// Why a signature or an amendment was not written.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    #[error("Only a pharmacist signs a consultation.")]
    NotAPharmacist,
    #[error("{0} things are disputed. Settle each one, then sign.")]
    Disputed(usize),
    #[error("{0} things about the medicines are open. Decide or correct each one, then sign.")]
    Medicines(usize),
    #[error("This consultation is signed. To change it, start an amendment and give the reason.")]
    AlreadySigned,
    #[error("An amendment needs a reason.")]
    NoReason,
    #[error("There is nothing to amend: this consultation is not signed.")]
    NotSigned,
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Document {
    /// Signs what is here now. The caller has checked that nothing is missing (`pathway::assess`). No signature says of a
    /// supply that it was lawful which the rules do not carry (practice 14); one that an emergency cuts short waits for
    /// nothing, and the summary then says what is not shown.
    pub fn sign(
        &mut self,
        at: i64,
        writer: &Writer,
        gphc: &str,
        emergency: bool,
    ) -> Result<Vec<u8>, SignError> {
        if writer.author.role != "pharmacist" {
            return Err(SignError::NotAPharmacist);
        }
        let clashes = self.clashes()?.len();
        if clashes > 0 && !emergency {
            return Err(SignError::Disputed(clashes));
        }
        if !emergency {
            let problems = supply::before_signing(&self.read()?, time::day(at)).len();
            if problems > 0 {
                return Err(SignError::Medicines(problems));
            }
        }
        let mut heads: Vec<String> = self.heads().iter().map(ToString::to_string).collect();
        heads.sort_unstable();
        let change = self.try_edit(at, writer, |record| {
            let signed = next_amendment(record.signatures.values());
            let open = record.amendments.len() as u64;
            if signed > open {
                return Err(SignError::AlreadySigned);
            }
            let signature = Signature {
                person: writer.author.person.clone(),
                name: writer.author.name.clone(),
                gphc: gphc.to_owned(),
                role: writer.author.role.clone(),
                at: time::stored(at),
                heads: heads.join(" "),
                amendment: open,
                emergency,
            };
            record.visit.ended_at = time::stored(at);
            record.signatures.insert(format!("{}/{open}", writer.author.person), signature);
            Ok(())
        })?;
        change.ok_or(SignError::AlreadySigned)
    }

    /// Opens a signed record for change. The next signature closes the amendment.
    pub fn amend(&mut self, at: i64, writer: &Writer, reason: &str) -> Result<Option<Vec<u8>>, SignError> {
        if reason.trim().is_empty() {
            return Err(SignError::NoReason);
        }
        self.try_edit(at, writer, |record| {
            let next = next_amendment(record.signatures.values());
            if next == 0 {
                return Err(SignError::NotSigned);
            }
            record.amendments.entry(next.to_string()).or_insert_with(|| Amendment {
                reason: reason.trim().to_owned(),
                person: writer.author.person.clone(),
                name: writer.author.name.clone(),
                at: time::stored(at),
            });
            Ok(())
        })
    }

    /// The signature that stands: highest amendment, and of rivals the earliest.
    pub fn standing_signature(&self) -> Result<Option<Signature>, DocumentError> {
        let signatures = self.read()?.signatures;
        let latest = signatures.values().map(|s| s.amendment).max();
        Ok(signatures
            .into_values()
            .filter(|s| Some(s.amendment) == latest)
            .min_by(|a, b| (&a.at, &a.person).cmp(&(&b.at, &b.person))))
    }

    /// The record as it stands signed, with its signature; `None` while nobody has signed. An NHS number that was found
    /// out since is in it.
    pub fn signed(&mut self) -> Result<Option<(Consultation, Signature)>, DocumentError> {
        let Some(signature) = self.standing_signature()? else { return Ok(None) };
        let latest = self.read()?;
        // A signature over something unknown must not keep a supply out of a recall, nor a visit out of the month.
        let mut signed = self.read_at(&parse_heads(&signature.heads)).unwrap_or_else(|_| latest.clone());
        if signed.patient.nhs_number.is_empty() {
            signed.patient.nhs_number = latest.patient.nhs_number;
        }
        Ok(Some((signed, signature)))
    }

    /// Which signatures are there, as `person/amendment`, without reading the record.
    pub fn signature_keys(&self) -> BTreeSet<String> {
        match self.inner().get(ROOT, "signatures") {
            Ok(Some((_, signatures))) => self.inner().keys(&signatures).collect(),
            Ok(None) | Err(_) => BTreeSet::new(),
        }
    }

    /// The hashes written in [`Signature::heads`].
    pub fn parse_heads(text: &str) -> Vec<ChangeHash> {
        parse_heads(text)
    }

    /// May answers be changed now? Not between a signature and an amendment.
    pub fn is_editable(&self) -> Result<bool, DocumentError> {
        let record = self.read()?;
        Ok(next_amendment(record.signatures.values()) <= record.amendments.len() as u64)
    }

    /// Changes by people that stand beside the standing signature: neither before nor after it.
    pub fn late_entries(&mut self) -> Result<Vec<LateEntry>, DocumentError> {
        let Some(signature) = self.standing_signature()? else { return Ok(Vec::new()) };
        let record = self.read()?;
        let all = self.changes_since(&[]);
        let signed: BTreeSet<ChangeHash> = ancestors(&all, &parse_heads(&signature.heads));
        let key = format!("{}/{}", signature.person, signature.amendment);
        let signing = all.iter().position(|change| {
            let deps: Vec<ChangeHash> = sorted(change.deps());
            !signed.contains(&change.hash()) && deps == sorted(&parse_heads(&signature.heads)) && {
                let author = record.authors.get(&hex(change.actor_id().to_bytes()));
                author.is_some_and(|a| a.person == signature.person)
            }
        });
        let mut late = Vec::new();
        let Some(signing) = signing.map(|index| all[index].hash()) else { return Ok(late) };
        let since = descendants(&all, signing);
        for change in &all {
            let hash = change.hash();
            if signed.contains(&hash) || since.contains(&hash) {
                continue;
            }
            let author = record.authors.get(&hex(change.actor_id().to_bytes())).cloned().unwrap_or_default();
            let paths: Vec<String> = self
                .touched(change.deps(), &[hash])?
                .into_iter()
                .map(|touched| touched.path)
                .filter(|path| !path.starts_with("deliveries") && !path.contains(&key))
                .filter(|path| !path.starts_with("notices"))
                .collect();
            if author.role != "server" && !paths.is_empty() {
                late.push(LateEntry {
                    change: hash.to_string(),
                    by: author.name,
                    at: change.timestamp(),
                    paths,
                });
            }
        }
        Ok(late)
    }

    /// Two people signed the same thing apart: one delivery, and a clash to look at.
    pub(super) fn rival_signatures(&self) -> Result<Vec<Clash>, DocumentError> {
        let record = self.read()?;
        let Some(latest) = record.signatures.values().map(|s| s.amendment).max() else {
            return Ok(Vec::new());
        };
        let rivals: Vec<&Signature> = record.signatures.values().filter(|s| s.amendment == latest).collect();
        let open = record.amendments.len() as u64 > latest;
        if rivals.len() < 2 || open {
            return Ok(Vec::new());
        }
        let versions = rivals
            .into_iter()
            .map(|s| Version {
                value: format!("signed by {}", s.name),
                by: s.name.clone(),
                at: time::read(&s.at).unwrap_or_default(),
            })
            .collect();
        Ok(vec![Clash { path: "signatures".to_owned(), versions }])
    }
}

/// The hashes written in [`Signature::heads`].
pub fn parse_heads(text: &str) -> Vec<ChangeHash> {
    text.split_whitespace().filter_map(|hash| hash.parse().ok()).collect()
}

fn next_amendment<'a>(signatures: impl Iterator<Item = &'a Signature>) -> u64 {
    signatures.map(|s| s.amendment + 1).max().unwrap_or(0)
}

fn sorted(hashes: &[ChangeHash]) -> Vec<ChangeHash> {
    let mut hashes = hashes.to_vec();
    hashes.sort_unstable();
    hashes
}

/// `heads` and everything they build on.
fn ancestors(all: &[automerge::Change], heads: &[ChangeHash]) -> BTreeSet<ChangeHash> {
    let mut seen: BTreeSet<ChangeHash> = heads.iter().copied().collect();
    // Changes come in an order where predecessors stand first, so one pass backwards finds them all.
    for change in all.iter().rev() {
        if seen.contains(&change.hash()) {
            seen.extend(change.deps().iter().copied());
        }
    }
    seen
}

/// `first` and everything that builds on it.
fn descendants(all: &[automerge::Change], first: ChangeHash) -> BTreeSet<ChangeHash> {
    let mut seen = BTreeSet::from([first]);
    // Predecessors stand first, so one pass forwards finds them all.
    for change in all {
        if change.deps().iter().any(|dep| seen.contains(dep)) {
            seen.insert(change.hash());
        }
    }
    seen
}
