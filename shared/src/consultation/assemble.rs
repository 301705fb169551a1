//! A document put together from the parts in which it is stored and sent, without showing what they are made of.

use super::document::{Document, DocumentError};
use automerge::{Change, ChangeHash};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

impl Document {
    /// From saves and single changes, in any order; parts held twice are no harm. Whole or not at all.
    pub fn from_parts(bases: &[Vec<u8>], changes: &[Vec<u8>]) -> Result<Self, DocumentError> {
        let mut document = match bases.split_first() {
            None => return Self::from_changes(read(changes)?),
            Some((first, others)) => {
                let mut document = Self::load(first)?;
                for other in others {
                    let more = Self::load(other)?.changes_since(&[]);
                    document.apply(more)?;
                }
                document
            }
        };
        document.apply(read(changes)?)?;
        Ok(document)
    }

    /// Takes in what a frame brought.
    pub fn apply_parts(&mut self, base: &[u8], changes: &[Vec<u8>]) -> Result<(), DocumentError> {
        let mut all = if base.is_empty() { Vec::new() } else { Self::load(base)?.changes_since(&[]) };
        all.extend(read(changes)?);
        self.apply(all)
    }

    /// Bytes of every change that somebody with these heads (hex) lacks; all of them where a head is not known here.
    pub fn changes_for(&mut self, heads: &[String]) -> Vec<Vec<u8>> {
        let known: Option<Vec<ChangeHash>> =
            heads.iter().map(|head| head.parse().ok().filter(|hash| self.has(hash))).collect();
        self.changes_since(&known.unwrap_or_default())
            .iter()
            .map(|change| change.raw_bytes().to_vec())
            .collect()
    }

    /// For each author of the changes that somebody with these heads (hex) lacks: their newest change of all; of every
    /// author where a head is not known here.
    pub fn authors_since(&mut self, heads: &[String]) -> BTreeMap<[u8; 16], [u8; 32]> {
        let known: Option<Vec<ChangeHash>> =
            heads.iter().map(|head| head.parse().ok().filter(|hash| self.has(hash))).collect();
        let mut newest: BTreeMap<[u8; 16], (u64, [u8; 32])> = BTreeMap::new();
        for change in self.changes_since(&known.unwrap_or_default()) {
            let Ok(actor) = change.actor_id().to_bytes().try_into() else { continue };
            let this = (change.seq(), change.hash().0);
            newest.entry(actor).and_modify(|known| *known = this.max(*known)).or_insert(this);
        }
        newest.into_iter().map(|(actor, (_, hash))| (actor, hash)).collect()
    }

    /// The newest changes, each as 32 bytes.
    pub fn head_hashes(&mut self) -> Vec<[u8; 32]> {
        self.heads().into_iter().map(|hash| hash.0).collect()
    }
}

/// The hash by which a change is known, without opening it; `None` for one that is compressed or no change.
pub fn change_hash(change: &[u8]) -> Option<[u8; 32]> {
    // Magic (4), checksum (4), then what is hashed: kind (1 is a plain change), length, content.
    let hashed = change.get(8..).filter(|rest| rest.first() == Some(&1))?;
    Some(Sha256::digest(hashed).into())
}

fn read(changes: &[Vec<u8>]) -> Result<Vec<Change>, DocumentError> {
    changes
        .iter()
        .map(|bytes| {
            Change::from_bytes(bytes.clone())
                .map_err(|error| DocumentError::Unreadable(Box::new(error.into())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::{Answer, Author, Consultation, Writer};

    fn writer(actor: u8) -> Writer {
        Writer { actor: [actor; 16], author: Author { name: "Asha Rao".to_owned(), ..Author::default() } }
    }

    fn example() -> Document {
        let id = crate::ids::ConsultationId::from_bytes([3; 16]);
        let pharmacy = "FA123".parse().expect("an ODS code");
        Document::create(1_000, &writer(1), &Consultation::new(id, &pharmacy, "minor-illness@1", 1_000))
            .expect("a new document")
    }

    #[test]
    fn a_change_is_known_by_its_hash_without_being_opened() {
        let mut document = example();
        let change = document
            .edit(2_000, &writer(1), |record| {
                record.answers.insert("fever".to_owned(), Answer::YesNo(true));
            })
            .expect("written")
            .expect("something changed");
        assert_eq!(document.head_hashes(), [change_hash(&change).expect("a plain change")]);
    }

    #[test]
    fn parts_held_twice_make_the_same_document() {
        let mut document = example();
        let base = document.save();
        let change = document
            .edit(2_000, &writer(1), |record| record.patient.family_name = "Winters".to_owned())
            .expect("written")
            .expect("something changed");
        let whole = document.save();
        let mut again =
            Document::from_parts(&[base, whole], &[change.clone(), change]).expect("fits together");
        assert_eq!(again.heads(), document.heads());
    }

    #[test]
    fn who_has_foreign_heads_is_sent_everything() {
        let mut document = example();
        assert_eq!(document.changes_for(&["-".to_owned()]).len(), 1);
        let heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
        assert!(document.changes_for(&heads).is_empty());
    }
}
