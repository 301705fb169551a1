//! Whom actors are known to be of, kept in memory: what a receipt proved once is not looked up at every edit.

use super::signature::PublicKey;
use shared::authorship::{Actor, Receipt};
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::time::Millis;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Beyond these all are forgotten and found again as they are needed.
const MOST: usize = 4_096;

/// What a receipt proves of an author, and what never changes of it. Their role and standing are looked up each time.
#[derive(Debug)]
pub struct KnownAuthor {
    pub person: PersonId,
    pub device: DeviceId,
    /// Where the vault was unlocked; it vouches for work at no other.
    pub pharmacy: OdsCode,
    pub key: PublicKey,
    /// `passkey`, `passkey-and-pin`, `passphrase`.
    pub unlocked_by: &'static str,
    /// When the server gave out the nonce that the receipt names.
    pub issued_at: Millis,
    pub challenge: [u8; 32],
    /// The receipt's bytes, while they are not stored.
    pub unstored: Option<Vec<u8>>,
    /// This server does not know their key or passkey: their work is taken only as an administrator releases it.
    pub lost: bool,
    /// Whether the passkey, where one was used, was asked about; of one that is not known here nobody can say.
    pub passkey_checked: bool,
}

/// What this server can say of the key and the passkey behind a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vouched {
    pub lost: bool,
    pub passkey_checked: bool,
}

impl KnownAuthor {
    /// Takes it off a receipt that has been looked at.
    pub fn of(
        receipt: &Receipt,
        key: PublicKey,
        issued_at: Millis,
        unstored: Option<Vec<u8>>,
        vouched: Vouched,
    ) -> Self {
        Self {
            person: receipt.person,
            device: receipt.device,
            pharmacy: receipt.pharmacy.clone(),
            key,
            unlocked_by: receipt.unlock.name(),
            issued_at,
            challenge: receipt.challenge(),
            unstored,
            lost: vouched.lost,
            passkey_checked: vouched.passkey_checked,
        }
    }
}

/// Authors by actor; only of bindings that are stored.
#[derive(Debug, Default)]
pub struct Authors {
    by_actor: Mutex<BTreeMap<Actor, Arc<KnownAuthor>>>,
}

impl Authors {
    pub(super) fn get(&self, actor: &Actor) -> Option<Arc<KnownAuthor>> {
        self.by_actor.lock().unwrap_or_else(PoisonError::into_inner).get(actor).cloned()
    }

    pub(super) fn keep(&self, actor: Actor, author: Arc<KnownAuthor>) {
        let mut by_actor = self.by_actor.lock().unwrap_or_else(PoisonError::into_inner);
        if by_actor.len() >= MOST {
            by_actor.clear();
        }
        by_actor.insert(actor, author);
    }

    /// After a restore nothing is bound to anybody unless the store says so.
    pub(crate) fn forget_all(&self) {
        self.by_actor.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
