//! The smallest documents that merge as consultations do: one map, one scalar a change.

use super::dice::Dice;
use crate::authorship::Actor;
use crate::consultation::Document;
use crate::ids::ConsultationId;
use crate::sync::device::Hash;
use automerge::transaction::Transactable as _;
use automerge::{ActorId, Change, ROOT, ReadDoc as _};

/// A key that the server refuses, standing for whatever a real one refuses.
const POISON: &str = "poison";

/// A new document and its only change.
pub fn created(dice: &mut Dice, id: ConsultationId, actor: &Actor, poisoned: bool) -> (Document, Hash) {
    let mut document = Document::from_changes(Vec::new()).expect("nothing fits with nothing");
    write(&mut document, actor, "id", id.to_string().as_str().into());
    if poisoned {
        write(&mut document, actor, POISON, 1.into());
    } else {
        write(&mut document, actor, "field-0", (dice.below(1000) as i64).into());
    }
    let change = committed(&mut document).expect("it has an id");
    (document, change.hash().0)
}

/// One more change, or `None` where the same was there already.
pub fn edited(dice: &mut Dice, document: &mut Document, actor: &Actor, poisoned: bool) -> Option<Change> {
    let field = format!("field-{}", dice.below(4));
    let key = if poisoned { POISON } else { field.as_str() };
    write(document, actor, key, (dice.below(1000) as i64).into());
    committed(document)
}

fn write(document: &mut Document, actor: &Actor, key: &str, value: automerge::ScalarValue) {
    let inner = document.inner_mut();
    if inner.get_actor().to_bytes() != actor {
        inner.set_actor(ActorId::from(actor.as_slice()));
    }
    inner.put(ROOT, key, value).expect("a map takes a scalar");
}

fn committed(document: &mut Document) -> Option<Change> {
    document.inner_mut().commit()?;
    document.inner_mut().get_last_local_change()
}

pub fn is_poisoned(document: &Document) -> bool {
    document.inner().get(ROOT, POISON).is_ok_and(|value| value.is_some())
}

/// Heads in hex, sorted.
pub fn heads(document: &mut Document) -> Vec<String> {
    let mut heads: Vec<String> = document.heads().iter().map(ToString::to_string).collect();
    heads.sort_unstable();
    heads
}

pub fn actor(change: &Change) -> Actor {
    change.actor_id().to_bytes().try_into().expect("every actor here has 16 bytes")
}

/// Changes as they arrive, read.
pub fn read(changes: &[Vec<u8>]) -> Vec<Change> {
    changes.iter().map(|bytes| Change::from_bytes(bytes.clone()).expect("a change arrived whole")).collect()
}
