//! What was typed and what became of each change: the promises are checked against it.

use super::database::Database;
use super::paper::{heads, is_poisoned};
use super::phone::{Phone, Typed};
use super::say;
use crate::ids::ConsultationId;
use crate::sync::device::{Hash, Standing};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Ledger {
    /// Everything anybody ever typed, by change.
    typed: BTreeMap<Hash, ConsultationId>,
    poisoned: BTreeSet<Hash>,
    /// What servers had and lost by being restored.
    pub forgotten: BTreeSet<Hash>,
    /// Gone with the storage of the only device that had it.
    pub lost: BTreeSet<Hash>,
}

impl Ledger {
    pub fn typed(&mut self, typed: Option<Typed>) {
        if let Some(typed) = typed {
            self.typed.insert(typed.change, typed.document);
            if typed.poisoned {
                self.poisoned.insert(typed.change);
            }
        }
    }

    /// Whether a change belongs to a document that was destroyed: this device had not heard of it yet.
    pub fn is_of(&self, change: &Hash, destroyed: &BTreeMap<ConsultationId, u64>) -> bool {
        self.typed.get(change).is_some_and(|id| destroyed.contains_key(id))
    }

    /// Notes a loss that nobody can prevent, and that was never shown as anything else.
    pub fn lose(&mut self, change: Hash, was_unsent: bool, phone: &Phone) {
        let was_set_aside = phone.vault.set_aside.contains(&change);
        let was_forgotten = self.forgotten.contains(&change);
        assert!(
            was_unsent || was_set_aside || was_forgotten,
            "lost, though it was said to be with the server"
        );
        self.lost.insert(change);
    }

    /// The promises, once everything has settled.
    pub fn check(&self, phones: &mut [Phone], database: &Database) {
        let mut everywhere: BTreeMap<ConsultationId, Vec<String>> = BTreeMap::new();
        for (id, record) in &database.records {
            let mut document = record.open();
            assert!(!is_poisoned(&document), "something refused was stored");
            assert!(!database.destroyed.contains_key(id), "what was destroyed is back");
            everywhere.insert(*id, heads(&mut document));
        }
        for phone in phones.iter_mut() {
            let held: BTreeMap<ConsultationId, Vec<String>> =
                phone.vault.documents.iter_mut().map(|(id, document)| (*id, heads(document))).collect();
            assert_eq!(held, everywhere, "a device and the server do not agree");
            let waiting = phone.vault.unsent.values().any(|unsent| !unsent.changes.is_empty());
            assert!(!waiting, "something is said to wait that does not");
            let standing = |id| phone.machine.standing(id) == Standing::WithServer;
            assert!(everywhere.keys().all(standing), "“with the server” is not shown though it is so");
            assert_eq!(phone.vault.position, phone.machine.position(), "the disk has another position");
        }
        let acknowledged: BTreeSet<Hash> =
            phones.iter().flat_map(|phone| phone.acknowledged.iter().copied()).collect();
        let refusable: BTreeSet<&ConsultationId> =
            self.poisoned.iter().filter_map(|change| self.typed.get(change)).collect();
        for change in phones.iter().flat_map(|phone| &phone.vault.set_aside) {
            let refusable = self.typed.get(change).is_none_or(|id| refusable.contains(id));
            assert!(refusable, "set aside, though nothing was wrong with it");
        }
        for (change, id) in &self.typed {
            if database.destroyed.contains_key(id) {
                continue;
            }
            say(format_args!("{id} has {change:?}"));
            let live = phones[0].vault.holds(change);
            let lost = self.lost.contains(change);
            assert!(live || lost || !acknowledged.contains(change), "an acknowledged change is gone");
            let aside = phones.iter().any(|phone| phone.vault.set_aside.contains(change));
            let aside_there = database.quarantine.contains(change);
            assert!(live || aside || aside_there || lost, "something that was typed is gone");
            // What was typed upon a refused change, before that was known, is never sent.
            let kept =
                |change: &Hash| database.quarantine.contains(change) || self.forgotten.contains(change);
            let kept_there = self.typed.iter().any(|(other, of)| of == id && kept(other));
            let poisoned = self.poisoned.contains(change);
            assert!(!poisoned || kept_there || lost, "the server kept nothing of what it refused");
        }
    }
}
