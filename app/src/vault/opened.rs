//! A vault that is open: the keys, the person, and the sealing of single records.

use super::format::{self, Unreadable};
use crate::platform::crypto::{SigningKey, VaultKey};
use crate::platform::js;
use crate::platform::trouble::Trouble;
use crate::state::Who;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use shared::consultation::Writer;
use shared::vault::{Envelope, VaultHeader, associated_data};
use std::cell::Cell;

/// The text that proves a vault key right.
const KEY_CHECK: &[u8] = b"satchel key check v1";
const KEY_CHECK_RECORD: &str = "header/key-check";

/// The vault key with what each seal vouches for.
#[derive(Debug, Clone)]
pub struct Sealer {
    pub key: VaultKey,
    pub vault: String,
    pub key_version: u32,
}

/// Everything that locking forgets.
#[derive(Debug)]
pub struct Opened {
    pub sealer: Sealer,
    pub signing: SigningKey,
    pub who: Who,
    pub writer: Writer,
    pub actor: Actor,
    /// Which unlock of this vault this is.
    pub counter: u64,
    pub edits: Cell<u32>,
}

impl Sealer {
    /// Seals one record under its own name, `store/key`.
    pub async fn seal(&self, store: &str, key: &str, plaintext: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.seal_named(&format!("{store}/{key}"), plaintext).await
    }

    /// Opens one record; one that was moved, changed or sealed with another key does not open.
    pub async fn open(&self, store: &str, key: &str, sealed: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.open_named(&format!("{store}/{key}"), sealed).await
    }

    async fn seal_named(&self, record: &str, plaintext: &[u8]) -> Result<Vec<u8>, Trouble> {
        let nonce = js::random::<12>();
        let associated = associated_data(&self.vault, self.key_version, record);
        let ciphertext = self.key.seal(&nonce, &associated, plaintext).await?;
        Ok(Envelope { key_version: self.key_version, nonce, ciphertext }.to_bytes())
    }

    async fn open_named(&self, record: &str, sealed: &[u8]) -> Result<Vec<u8>, Trouble> {
        let envelope = Envelope::from_bytes(sealed).map_err(|_| Trouble::Unsealable)?;
        let associated = associated_data(&self.vault, envelope.key_version, record);
        self.key.open(&envelope.nonce, &associated, &envelope.ciphertext).await
    }

    /// What the header keeps to tell the right key from a wrong one.
    pub async fn key_check(&self) -> Result<String, Trouble> {
        Ok(js::base64url(&self.seal_named(KEY_CHECK_RECORD, KEY_CHECK).await?))
    }

    /// Refuses a key that did not make this vault.
    pub async fn check(&self, header: &VaultHeader) -> Result<(), Trouble> {
        let sealed = js::from_base64url(&header.key_check).ok_or(Trouble::Unsealable)?;
        let found = self.open_named(KEY_CHECK_RECORD, &sealed).await?;
        if found == KEY_CHECK { Ok(()) } else { Err(Trouble::Unsealable) }
    }
}

impl Opened {
    /// The place of the next edit in this device's order; grows over all unlocks.
    pub fn next_edit(&self) -> u64 {
        let edit = self.edits.get();
        self.edits.set(edit + 1);
        (self.counter << 32) | u64::from(edit)
    }
}

/// A change as the vault keeps it, before sealing: format version, kind, then what belongs to the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredChange {
    /// From the server.
    Pulled(Vec<u8>),
    /// Made here, with its author's signature, so that whoever is next here can send it.
    Made { order: u64, actor: Actor, signature: [u8; AUTHOR_SIGNATURE_LENGTH], bytes: Vec<u8> },
}

const PULLED: u8 = 0;
const MADE: u8 = 1;

impl StoredChange {
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Pulled(bytes) => [&[format::VERSION, PULLED], bytes.as_slice()].concat(),
            Self::Made { order, actor, signature, bytes } => {
                let head = [format::VERSION, MADE];
                [head.as_slice(), &order.to_be_bytes(), actor, signature, bytes].concat()
            }
        }
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (&version, rest) = bytes.split_first().ok_or(Unreadable::Damaged)?;
        format::check(u64::from(version))?;
        Self::version_1(rest).ok_or(Unreadable::Damaged)
    }

    fn version_1(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        if kind == PULLED {
            return Some(Self::Pulled(rest.to_vec()));
        }
        let (order, rest) = rest.split_first_chunk::<8>()?;
        let (actor, rest) = rest.split_first_chunk::<16>()?;
        let (signature, rest) = rest.split_first_chunk::<AUTHOR_SIGNATURE_LENGTH>()?;
        (kind == MADE).then(|| Self::Made {
            order: u64::from_be_bytes(*order),
            actor: *actor,
            signature: *signature,
            bytes: rest.to_vec(),
        })
    }

    /// The change itself.
    pub fn change(self) -> Vec<u8> {
        match self {
            Self::Pulled(bytes) | Self::Made { bytes, .. } => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_change_is_read_back_as_it_was() {
        let made =
            StoredChange::Made { order: 7 << 32 | 3, actor: [1; 16], signature: [2; 64], bytes: vec![3, 4] };
        assert_eq!(StoredChange::from_bytes(&made.to_bytes()), Ok(made));
        let pulled = StoredChange::Pulled(vec![9]);
        assert_eq!(StoredChange::from_bytes(&pulled.to_bytes()), Ok(pulled));
    }

    #[test]
    fn a_change_stored_by_the_first_release_is_read_for_ever() {
        let made =
            StoredChange::Made { order: 7 << 32 | 3, actor: [1; 16], signature: [2; 64], bytes: vec![3, 4] };
        let stored = include_bytes!("../../fixtures/stored-change-made-v1.bin");
        assert_eq!(StoredChange::from_bytes(stored), Ok(made));
        let stored = include_bytes!("../../fixtures/stored-change-pulled-v1.bin");
        assert_eq!(StoredChange::from_bytes(stored), Ok(StoredChange::Pulled(vec![9])));
    }

    #[test]
    fn a_change_stored_by_a_newer_app_is_refused_and_not_called_damaged() {
        assert_eq!(StoredChange::from_bytes(&[format::VERSION + 1, PULLED, 9]), Err(Unreadable::Newer));
    }

    #[test]
    fn a_record_of_an_unknown_kind_or_cut_short_is_not_a_change() {
        for damaged in [&[][..], &[format::VERSION, MADE, 1, 2], &[format::VERSION, 7, 7], &[0; 120]] {
            assert_eq!(StoredChange::from_bytes(damaged), Err(Unreadable::Damaged));
        }
    }
}
