//! How changes and saves lie in the vault before they are sealed, together with the proofs of who wrote them.

use super::format::{self, Unreadable};
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use shared::time::Millis;
use std::collections::BTreeMap;

/// An author's signature over their newest change of one document.
pub type AuthorSignature = [u8; AUTHOR_SIGNATURE_LENGTH];

/// Signatures as the server had them at one moment: for each author, over that author's newest change then; of a
/// compacted document all that may be needed, each author's latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    /// By this device's clock.
    pub at: Millis,
    pub by: Vec<(Actor, AuthorSignature)>,
}

impl Proofs {
    /// Every different signature of each author among these, the latest first. The latest need not be over the newest
    /// change: a server that was restored gives out older ones again.
    pub fn of_each<'a>(all: impl IntoIterator<Item = &'a Self>) -> BTreeMap<Actor, Vec<AuthorSignature>> {
        let mut all: Vec<&Self> = all.into_iter().collect();
        all.sort_by_key(|proofs| std::cmp::Reverse(proofs.at));
        let mut found: BTreeMap<Actor, Vec<AuthorSignature>> = BTreeMap::new();
        for (actor, signature) in all.into_iter().flat_map(|proofs| &proofs.by) {
            let known = found.entry(*actor).or_default();
            if !known.contains(signature) {
                known.push(*signature);
            }
        }
        found
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.at.to_be_bytes());
        bytes.extend_from_slice(&(self.by.len() as u16).to_be_bytes());
        for (actor, signature) in self.by.iter().take(usize::from(u16::MAX)) {
            bytes.extend_from_slice(actor);
            bytes.extend_from_slice(signature);
        }
    }

    fn take(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let (count, mut rest) = rest.split_first_chunk::<2>()?;
        let mut by = Vec::new();
        for _ in 0..u16::from_be_bytes(*count) {
            let (actor, after) = rest.split_first_chunk::<16>()?;
            let (signature, after) = after.split_first_chunk::<AUTHOR_SIGNATURE_LENGTH>()?;
            by.push((*actor, *signature));
            rest = after;
        }
        Some((Self { at: Millis::from_be_bytes(*at), by }, rest))
    }
}

/// A change: format version, kind, then what belongs to the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredChange {
    /// From the server.
    Pulled(Vec<u8>),
    /// From the server, the last of what it sent of a document at that moment.
    Proven { proofs: Proofs, bytes: Vec<u8> },
    /// Made here, with its author's signature, so that whoever is next here can send it.
    Made { order: u64, actor: Actor, signature: AuthorSignature, bytes: Vec<u8> },
}

/// Kinds of the first version.
const PULLED: u8 = 0;
const MADE: u8 = 1;
/// The kind that the second version added.
const PROVEN: u8 = 2;
const FIRST: u8 = 1;
const SECOND: u8 = 2;

impl StoredChange {
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Pulled(bytes) => [&[FIRST, PULLED], bytes.as_slice()].concat(),
            Self::Proven { proofs, bytes } => {
                let mut record = vec![SECOND, PROVEN];
                proofs.put(&mut record);
                record.extend_from_slice(bytes);
                record
            }
            Self::Made { order, actor, signature, bytes } => {
                let head = [FIRST, MADE];
                [head.as_slice(), &order.to_be_bytes(), actor, signature, bytes].concat()
            }
        }
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (&version, rest) = bytes.split_first().ok_or(Unreadable::Damaged)?;
        format::check_upto(u64::from(version), SECOND)?;
        let (&kind, rest) = rest.split_first().ok_or(Unreadable::Damaged)?;
        match kind {
            PULLED => Some(Self::Pulled(rest.to_vec())),
            MADE => made(rest),
            PROVEN => {
                Proofs::take(rest).map(|(proofs, bytes)| Self::Proven { proofs, bytes: bytes.to_vec() })
            }
            _ => None,
        }
        .ok_or(Unreadable::Damaged)
    }

    /// The change itself.
    pub fn change(self) -> Vec<u8> {
        match self {
            Self::Pulled(bytes) | Self::Proven { bytes, .. } | Self::Made { bytes, .. } => bytes,
        }
    }

    /// What the server said with it of who wrote the document.
    pub fn proofs(&self) -> Option<&Proofs> {
        if let Self::Proven { proofs, .. } = self { Some(proofs) } else { None }
    }
}

fn made(bytes: &[u8]) -> Option<StoredChange> {
    let (order, rest) = bytes.split_first_chunk::<8>()?;
    let (actor, rest) = rest.split_first_chunk::<16>()?;
    let (signature, rest) = rest.split_first_chunk::<AUTHOR_SIGNATURE_LENGTH>()?;
    Some(StoredChange::Made {
        order: u64::from_be_bytes(*order),
        actor: *actor,
        signature: *signature,
        bytes: rest.to_vec(),
    })
}

/// A whole save of a document, with the proofs of its authors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredBase {
    pub proofs: Proofs,
    pub save: Vec<u8>,
}

/// What every save begins with; the first version kept nothing else.
const SAVE: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

impl StoredBase {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut record = vec![SECOND];
        self.proofs.put(&mut record);
        record.extend_from_slice(&self.save);
        record
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.starts_with(&SAVE) {
            return Ok(Self { save: bytes.to_vec(), ..Self::default() });
        }
        let (&version, rest) = bytes.split_first().ok_or(Unreadable::Damaged)?;
        format::check_upto(u64::from(version), SECOND)?;
        let (proofs, save) = Proofs::take(rest).ok_or(Unreadable::Damaged)?;
        Ok(Self { proofs, save: save.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> StoredChange {
        StoredChange::Made { order: 7 << 32 | 3, actor: [1; 16], signature: [2; 64], bytes: vec![3, 4] }
    }

    fn proven() -> StoredChange {
        let proofs = Proofs { at: 1_795_000_000_000, by: vec![([5; 16], [6; 64])] };
        StoredChange::Proven { proofs, bytes: vec![9] }
    }

    fn base() -> StoredBase {
        let proofs = Proofs { at: 1_795_000_000_000, by: vec![([5; 16], [6; 64]), ([7; 16], [8; 64])] };
        StoredBase { proofs, save: [SAVE.as_slice(), &[1, 2, 3]].concat() }
    }

    #[test]
    fn what_is_stored_is_read_back_as_it_was() {
        for change in [made(), proven(), StoredChange::Pulled(vec![9])] {
            assert_eq!(StoredChange::from_bytes(&change.to_bytes()), Ok(change));
        }
        assert_eq!(StoredBase::from_bytes(&base().to_bytes()), Ok(base()));
    }

    #[test]
    fn a_change_stored_by_any_release_is_read_for_ever() {
        let stored = include_bytes!("../../fixtures/stored-change-made-v1.bin");
        assert_eq!(StoredChange::from_bytes(stored), Ok(made()));
        let stored = include_bytes!("../../fixtures/stored-change-pulled-v1.bin");
        assert_eq!(StoredChange::from_bytes(stored), Ok(StoredChange::Pulled(vec![9])));
        let stored = include_bytes!("../../fixtures/stored-change-proven-v2.bin");
        assert_eq!(StoredChange::from_bytes(stored), Ok(proven()));
    }

    #[test]
    fn a_save_stored_by_any_release_is_read_for_ever() {
        let bare = include_bytes!("../../fixtures/stored-base-v1.bin");
        assert_eq!(StoredBase::from_bytes(bare).map(|base| base.save), Ok(bare.to_vec()));
        let stored = include_bytes!("../../fixtures/stored-base-v2.bin");
        assert_eq!(StoredBase::from_bytes(stored), Ok(base()));
    }

    #[test]
    fn a_record_of_a_newer_app_is_refused_and_not_called_damaged() {
        assert_eq!(StoredChange::from_bytes(&[SECOND + 1, PULLED, 9]), Err(Unreadable::Newer));
        assert_eq!(StoredBase::from_bytes(&[SECOND + 1, 9]), Err(Unreadable::Newer));
    }

    #[test]
    fn a_record_of_an_unknown_kind_or_cut_short_is_no_record() {
        for damaged in [&[][..], &[FIRST, MADE, 1, 2], &[FIRST, 7, 7], &[0; 120], &[SECOND, PROVEN, 0, 0]] {
            assert_eq!(StoredChange::from_bytes(damaged), Err(Unreadable::Damaged));
        }
        let whole = base().to_bytes();
        assert_eq!(StoredBase::from_bytes(&whole[..60]), Err(Unreadable::Damaged));
    }

    #[test]
    fn an_older_signature_that_a_restored_server_gives_out_hides_no_newer_one() {
        let before = Proofs { at: 1, by: vec![([1; 16], [15; 64]), ([2; 16], [20; 64])] };
        let restored = Proofs { at: 2, by: vec![([1; 16], [13; 64]), ([2; 16], [20; 64])] };
        let found = Proofs::of_each([&before, &restored]);
        assert_eq!(found[&[1; 16]], [[13; 64], [15; 64]]);
        assert_eq!(found[&[2; 16]], [[20; 64]]);
    }
}
