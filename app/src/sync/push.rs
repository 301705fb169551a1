//! Building and sending one push frame from what lies sealed.

use super::driver::{failure, feed};
use crate::platform::api;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use crate::vault::contact::Contact;
use crate::vault::opened::{Opened, StoredChange};
use crate::vault::{start, store};
use leptos::prelude::*;
use shared::authorship::{AUTHOR_SIGNATURE_LENGTH, Actor};
use shared::consultation::hex;
use shared::ids::ConsultationId;
use shared::sync::device::{Content, Failure, Hash, Input, Ticket, ToPush};
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Sends these documents and reports the answer.
pub async fn push(
    satchel: Satchel,
    opened: Rc<Opened>,
    ticket: Ticket,
    documents: Vec<ToPush>,
    with_receipts: bool,
) {
    let keeper = satchel.keeper.get_value();
    if with_receipts {
        keeper.0.claimed.borrow_mut().clear();
    }
    let input = match frame(satchel, &opened, &documents).await {
        Ok((frame, actors)) => match api::push(satchel, &frame.to_bytes()).await {
            Ok(answer) => {
                keeper.0.claimed.borrow_mut().extend(actors);
                note_nonce(satchel, &answer.server_nonce).await;
                Input::PushAnswered { ticket, answer }
            }
            Err(trouble) => {
                if let Trouble::Refused(problem) = &trouble
                    && problem.status == 400
                {
                    satchel.trouble.set(Some(trouble.to_string()));
                }
                Input::PushFailed { ticket, failure: failure(&trouble) }
            }
        },
        Err(trouble) => {
            satchel.trouble.set(Some(trouble.to_string()));
            Input::PushFailed { ticket, failure: Failure::Unreachable }
        }
    };
    if keeper.is_current(&opened) {
        feed(satchel, input).await;
    }
}

async fn frame(
    satchel: Satchel,
    opened: &Opened,
    documents: &[ToPush],
) -> Result<(PushFrame, BTreeSet<Actor>), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let mut pushed = Vec::with_capacity(documents.len());
    let mut actors = BTreeSet::new();
    for to_push in documents {
        let id = to_push.document;
        let stored = store::load_changes(&vault.database, &opened.sealer, &id).await?;
        let damaged = stored.damaged;
        let stored: BTreeMap<String, StoredChange> = stored.whole.into_iter().collect();
        let document = match &to_push.content {
            Content::Changes(wanted) => {
                // A frame without it would be confirmed as if it were in it.
                if wanted.iter().any(|hash| damaged.contains(&format!("{id}/{}", hex(hash)))) {
                    return Err(Trouble::Damaged);
                }
                single(id, &stored, wanted)
            }
            Content::Whole => {
                let whole = store::load_document(satchel, opened, &id).await?.save_for_frame();
                let signatures = newest(stored.values());
                PushedDocument { id, whole, changes: Vec::new(), signatures }
            }
            Content::Since(heads) => {
                let changes = store::load_document(satchel, opened, &id).await?.changes_for(heads);
                let sent: BTreeSet<&[u8]> = changes.iter().map(Vec::as_slice).collect();
                let signatures = newest(stored.values().filter(|change| is_among(change, &sent)));
                PushedDocument { id, whole: Vec::new(), changes, signatures }
            }
        };
        actors.extend(document.signatures.iter().map(|(actor, _)| *actor));
        pushed.push(document);
    }
    let unclaimed: BTreeSet<Actor> = actors.difference(&keeper.0.claimed.borrow()).copied().collect();
    let (receipts, claims) = store::claims(&vault.database, &opened.sealer, &unclaimed).await?;
    let claims = claims
        .into_iter()
        .map(|stored| ActorClaim { receipt_hash: stored.receipt_hash, tab_nonce: stored.tab_nonce })
        .collect();
    Ok((PushFrame { receipts, actors: claims, documents: pushed }, actors))
}

fn is_among(change: &StoredChange, sent: &BTreeSet<&[u8]>) -> bool {
    match change {
        StoredChange::Made { bytes, .. } => sent.contains(bytes.as_slice()),
        StoredChange::Pulled(_) => false,
    }
}

/// Just these changes, oldest first, each author's newest signed.
fn single(
    id: ConsultationId,
    stored: &BTreeMap<String, StoredChange>,
    wanted: &BTreeSet<Hash>,
) -> PushedDocument {
    let mut made: Vec<&StoredChange> =
        wanted.iter().filter_map(|hash| stored.get(&format!("{id}/{}", hex(hash)))).collect();
    made.sort_by_key(|change| order(change));
    PushedDocument {
        id,
        whole: Vec::new(),
        signatures: newest(made.iter().copied()),
        changes: made.into_iter().map(|change| change.clone().change()).collect(),
    }
}

fn order(change: &StoredChange) -> u64 {
    match change {
        StoredChange::Made { order, .. } => *order,
        StoredChange::Pulled(_) => 0,
    }
}

/// Each actor's signature over its newest change.
fn newest<'a>(
    changes: impl Iterator<Item = &'a StoredChange>,
) -> Vec<(Actor, [u8; AUTHOR_SIGNATURE_LENGTH])> {
    let mut found: BTreeMap<Actor, (u64, [u8; AUTHOR_SIGNATURE_LENGTH])> = BTreeMap::new();
    for change in changes {
        if let StoredChange::Made { order, actor, signature, .. } = change
            && found.get(actor).is_none_or(|(newest, _)| newest < order)
        {
            found.insert(*actor, (*order, *signature));
        }
    }
    found.into_iter().map(|(actor, (_, signature))| (actor, signature)).collect()
}

async fn note_nonce(satchel: Satchel, nonce: &str) {
    let Ok(vault) = satchel.keeper.get_value().vault() else { return };
    let contact: Contact = {
        let mut contact = vault.contact.borrow_mut();
        nonce.clone_into(&mut contact.server_nonce);
        contact.at = Some(crate::platform::clock::now());
        contact.clone()
    };
    start::show_contact(satchel, &contact);
    // An older nonce is accepted too; the next answer brings another.
    let _ = vault.database.write(&[contact.write()]).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(order: u64, actor: u8, byte: u8) -> StoredChange {
        StoredChange::Made { order, actor: [actor; 16], signature: [byte; 64], bytes: vec![byte] }
    }

    #[test]
    fn each_author_vouches_once_for_their_newest_change() {
        let changes = [made(3, 1, 30), made(5, 2, 50), made(4, 1, 40), StoredChange::Pulled(vec![9])];
        assert_eq!(newest(changes.iter()), [([1; 16], [40; 64]), ([2; 16], [50; 64])]);
    }

    #[test]
    fn changes_go_up_in_the_order_in_which_they_were_made() {
        let id = ConsultationId::from_bytes([3; 16]);
        let key = |hash: u8| format!("{id}/{}", hex(&[hash; 32]));
        let stored =
            BTreeMap::from([(key(1), made(9, 1, 90)), (key(2), made(8, 1, 80)), (key(7), made(1, 1, 1))]);
        let document = single(id, &stored, &BTreeSet::from([[1; 32], [2; 32]]));
        assert_eq!(document.changes, [vec![80], vec![90]]);
        assert_eq!(document.signatures, [([1; 16], [90; 64])]);
    }
}
