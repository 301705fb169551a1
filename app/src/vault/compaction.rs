//! Many single changes of a document become one save, once that has been proven to hold them all. It runs in the
//! worker.

use super::pulled::{base_write, part_name};
use super::store::{Parts, unsent_under};
use super::stored::{AuthorSignature, Proofs, StoredBase, StoredChange};
use crate::platform::clock;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use crate::worker::backroom::Backroom;
use shared::authorship::Actor;
use shared::consultation::Document;
use shared::ids::ConsultationId;
use shared::time::Millis;
use std::collections::BTreeMap;
use std::rc::Rc;

/// More single records of a document than this are made one.
const MANY: usize = 24;
/// Milliseconds between two documents: nobody waits for this.
const PAUSE: u32 = 30;

/// Goes through what lies here, one document after the other.
pub async fn run(room: &Rc<Backroom>) -> Result<(), Trouble> {
    for id in candidates(room).await? {
        match compact(room, &id).await {
            // It stays as it is; whoever opens it hears why.
            Ok(()) | Err(Trouble::Damaged | Trouble::Deadly | Trouble::Document(_) | Trouble::NotHere) => {}
            Err(trouble) => return Err(trouble),
        }
        clock::sleep(PAUSE).await;
    }
    Ok(())
}

async fn candidates(room: &Backroom) -> Result<Vec<ConsultationId>, Trouble> {
    let mut records: BTreeMap<ConsultationId, usize> = BTreeMap::new();
    for store in ["changes", "bases"] {
        for digit in "0123456789abcdef".chars() {
            for key in room.database.keys_under(store, &digit.to_string()).await? {
                if let Some(id) = key.split('/').next().and_then(|id| id.parse().ok()) {
                    *records.entry(id).or_default() += 1;
                }
            }
        }
    }
    Ok(records.into_iter().filter(|(_, count)| *count > MANY).map(|(id, _)| id).collect())
}

async fn compact(room: &Backroom, id: &ConsultationId) -> Result<(), Trouble> {
    // Unsent changes are sent singly, with their own signatures.
    let waiting = room.database.keys_under("state", &unsent_under(id)).await?;
    if room.on_screen.get() == Some(*id) || !waiting.is_empty() {
        return Ok(());
    }
    let (parts, mut document) = room.try_out(id).await?;
    let Some(base) = compacted(&parts, &mut document, clock::now()) else { return Ok(()) };
    let name = part_name(&base.save);
    let kept = format!("{id}/{name}");
    let mut writes = vec![base_write(&room.sealer(), id, &name, &base).await?];
    let changes = parts.changes.iter().map(|(key, _)| ("changes", key));
    let bases = parts.bases.iter().map(|(key, _)| ("bases", key));
    for (store, key) in changes.chain(bases).filter(|(_, key)| **key != kept) {
        let delete = Write::Delete { store, key: key.clone() };
        // An edit made since stands upon these changes and may be sent together with them.
        writes.push(delete.unless(unsent_under(id)));
    }
    room.database.write(&writes).await
}

/// One save with everything of these parts; `None` unless it loads again and has every change that they have.
pub fn compacted(parts: &Parts, document: &mut Document, now: Millis) -> Option<StoredBase> {
    let save = document.save();
    let mut again = Document::load(&save).ok()?;
    let same = again.heads() == document.heads()
        && again.changes_since(&[]).len() == document.changes_since(&[]).len();
    if !same {
        return None;
    }
    let each = signatures(parts).into_iter();
    let by = each.flat_map(|(actor, all)| all.into_iter().map(move |signature| (actor, signature))).collect();
    Some(StoredBase { proofs: Proofs { at: now, by }, save })
}

/// For each author what may be their signature over their newest change, the likeliest first: what was signed here,
/// then what the server vouched for.
pub fn signatures(parts: &Parts) -> BTreeMap<Actor, Vec<AuthorSignature>> {
    let of_bases = parts.bases.iter().map(|(_, base)| &base.proofs);
    let of_changes = parts.changes.iter().filter_map(|(_, change)| change.proofs());
    let mut found = Proofs::of_each(of_bases.chain(of_changes));
    let mut made: Vec<_> = parts
        .changes
        .iter()
        .filter_map(|(_, change)| match change {
            StoredChange::Made { order, actor, signature, .. } => Some((*order, *actor, *signature)),
            StoredChange::Pulled(_) | StoredChange::Proven { .. } => None,
        })
        .collect();
    made.sort_by_key(|(order, ..)| *order);
    for (_, actor, signature) in made {
        // Only the last of one author here can be over their newest change.
        let known = found.entry(actor).or_default();
        known.retain(|other| *other != signature);
        known.insert(0, signature);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::{Answer, Author, Consultation, Writer};

    fn writer(actor: u8) -> Writer {
        Writer { actor: [actor; 16], author: Author { name: "Asha Rao".to_owned(), ..Author::default() } }
    }

    /// A save, then thirty edits of two authors, of which the second is from elsewhere.
    fn example() -> (Parts, Document) {
        let id = ConsultationId::from_bytes([3; 16]);
        let pharmacy = "FA123".parse().expect("an ODS code");
        let record = Consultation::new(id, &pharmacy, "minor-illness@1", 1_000);
        let mut document = Document::create(1_000, &writer(9), &record).expect("a new document");
        let base = StoredBase {
            proofs: Proofs { at: 1, by: vec![([9; 16], [90; 64]), ([2; 16], [19; 64])] },
            save: document.save(),
        };
        let mut parts = Parts { bases: vec![("b".to_owned(), base)], ..Parts::default() };
        for order in 0..30u8 {
            let author = 1 + order % 2;
            let bytes = document
                .edit(2_000 + i64::from(order), &writer(author), |record| {
                    record.answers.insert(format!("field-{order}"), Answer::YesNo(true));
                })
                .expect("written")
                .expect("something changed");
            let change = if author == 1 {
                StoredChange::Made { order: order.into(), actor: [1; 16], signature: [order; 64], bytes }
            } else {
                StoredChange::Proven {
                    proofs: Proofs { at: i64::from(order) + 10, by: vec![([2; 16], [order; 64])] },
                    bytes,
                }
            };
            parts.changes.push((format!("{order:02}"), change));
        }
        (parts, document)
    }

    #[test]
    fn a_compacted_document_has_every_change_and_vouches_for_every_author() {
        let (parts, mut document) = example();
        let base = compacted(&parts, &mut document, 5_000).expect("a base");
        let stored = StoredBase::from_bytes(&base.to_bytes()).expect("readable");
        let mut again = Document::load(&stored.save).expect("a document");
        assert_eq!(again.heads(), document.heads());
        let first = |actor: u8| stored.proofs.by.iter().find(|(by, _)| *by == [actor; 16]).map(|(_, by)| *by);
        assert_eq!([first(1), first(2), first(9)], [Some([28; 64]), Some([29; 64]), Some([90; 64])]);
    }

    #[test]
    fn compacting_twice_changes_nothing_more() {
        let (parts, mut document) = example();
        let base = compacted(&parts, &mut document, 5_000).expect("a base");
        let mut once = Document::load(&base.save).expect("a document");
        let parts = Parts { bases: vec![("z".to_owned(), base.clone())], ..Parts::default() };
        assert_eq!(compacted(&parts, &mut once, 5_000), Some(base));
    }
}
