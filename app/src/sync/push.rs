//! Building and sending one push frame from what lies sealed. It runs in the worker.

use super::machine::{failure, feed, heard};
use crate::platform::trouble::Trouble;
use crate::platform::{api, crypto};
use crate::vault::compaction::signatures;
use crate::vault::store::{self, Parts};
use crate::vault::stored::{AuthorSignature, StoredChange};
use crate::worker::backroom::Backroom;
use crate::worker::messages::Said;
use crate::worker::serve::{say, say_trouble};
use shared::authorship::{Actor, Receipt, author_statement};
use shared::consultation::Document;
use shared::ids::ConsultationId;
use shared::sync::device::{Content, Failure, Hash, Input, Ticket, ToPush};
use shared::sync::frame::{ActorClaim, PushFrame, PushedDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Signatures of one author that are sent for one document at most; the server's own are one for each news of a delivery.
const SIGNATURES: usize = 32;

/// Sends these documents and reports the answer.
pub async fn push(room: &Rc<Backroom>, ticket: Ticket, documents: Vec<ToPush>, with_receipts: bool) {
    if with_receipts {
        room.claimed.borrow_mut().clear();
    }
    let input = match frame(room, &documents).await {
        Ok((frame, actors)) => match heard(api::push(&frame.to_bytes()).await) {
            Ok(answer) => {
                room.claimed.borrow_mut().extend(actors);
                say(&Said::Nonce(answer.server_nonce.clone()));
                Input::PushAnswered { ticket, answer }
            }
            Err(trouble) => {
                if let Trouble::Refused(problem) = &trouble
                    && problem.status == 400
                {
                    say_trouble(&trouble);
                }
                Input::PushFailed { ticket, failure: failure(&trouble) }
            }
        },
        Err(trouble) => {
            say_trouble(&trouble);
            Input::PushFailed { ticket, failure: Failure::Unreachable }
        }
    };
    feed(room, input, None).await;
}

async fn frame(room: &Backroom, documents: &[ToPush]) -> Result<(PushFrame, BTreeSet<Actor>), Trouble> {
    let (database, sealer) = (&room.database, room.sealer());
    let mut pushed = Vec::with_capacity(documents.len());
    let mut actors = BTreeSet::new();
    let mut incomplete = false;
    for to_push in documents {
        let id = to_push.document;
        let document = match &to_push.content {
            Content::Changes(wanted) => {
                let stored = store::load_changes(database, &sealer, &id).await?;
                // A frame without one of them would be confirmed as if it were in it.
                let Some(document) = single(id, &stored.whole.into_iter().collect(), wanted) else {
                    incomplete = true;
                    continue;
                };
                document
            }
            content => match room.try_out(&id).await {
                Ok((parts, document)) => with_proofs(room, id, &parts, document, content).await?,
                // Said on its own line of the list; the work of others must not wait for it.
                Err(Trouble::Damaged | Trouble::Deadly | Trouble::Document(_)) => {
                    incomplete = true;
                    continue;
                }
                // Destroyed meanwhile.
                Err(Trouble::NotHere) => continue,
                Err(trouble) => return Err(trouble),
            },
        };
        actors.extend(document.signatures.iter().map(|(actor, _)| *actor));
        pushed.push(document);
    }
    if incomplete && !room.said_damaged.replace(true) {
        say_trouble(&Trouble::Damaged);
    }
    let unclaimed: BTreeSet<Actor> = actors.difference(&room.claimed.borrow()).copied().collect();
    let (receipts, claims) = store::claims(database, &sealer, &unclaimed).await?;
    let claims = claims
        .into_iter()
        .map(|stored| ActorClaim { receipt_hash: stored.receipt_hash, tab_nonce: stored.tab_nonce })
        .collect();
    Ok((PushFrame { receipts, actors: claims, documents: pushed }, actors))
}

/// What the server has lost, together with the proofs of everybody who wrote it.
async fn with_proofs(
    room: &Backroom,
    id: ConsultationId,
    parts: &Parts,
    mut document: Document,
    content: &Content,
) -> Result<PushedDocument, Trouble> {
    let (whole, changes, authors) = match content {
        Content::Since(heads) => (Vec::new(), document.changes_for(heads), document.authors_since(heads)),
        Content::Whole | Content::Changes(_) => {
            (document.save_for_frame(), Vec::new(), document.authors_since(&[]))
        }
    };
    let mut known = signatures(parts);
    let mut signed = Vec::new();
    for (actor, newest) in authors {
        let candidates = known.remove(&actor).unwrap_or_default();
        let over = over_newest(room, &id, &actor, &newest, candidates).await?;
        signed.extend(over.into_iter().take(SIGNATURES).map(|signature| (actor, signature)));
    }
    Ok(PushedDocument { id, whole, changes, signatures: signed })
}

/// The one of an author's signatures that is over that change, or all that may be: a server that was restored gives out
/// older ones again, and of the server's own nobody here has the key to check them by.
async fn over_newest(
    room: &Backroom,
    id: &ConsultationId,
    actor: &Actor,
    newest: &Hash,
    candidates: Vec<AuthorSignature>,
) -> Result<Vec<AuthorSignature>, Trouble> {
    if candidates.len() > 1 {
        let (receipts, _) = store::claims(&room.database, &room.sealer(), &BTreeSet::from([*actor])).await?;
        let receipt = receipts.first().and_then(|bytes| Receipt::from_bytes(bytes).ok());
        if let Some(receipt) = receipt {
            let statement = author_statement(id, actor, newest);
            for signature in &candidates {
                if crypto::is_signed(&receipt.signing_key, &statement, signature).await? {
                    return Ok(vec![*signature]);
                }
            }
        }
    }
    Ok(candidates)
}

/// Just these changes, oldest first, each author's newest signed; `None` unless every one of them is here.
fn single(
    id: ConsultationId,
    stored: &BTreeMap<String, StoredChange>,
    wanted: &BTreeSet<Hash>,
) -> Option<PushedDocument> {
    let made: Option<Vec<&StoredChange>> =
        wanted.iter().map(|hash| stored.get(&store::change_key(&id, hash))).collect();
    let mut made = made?;
    made.sort_by_key(|change| order(change));
    Some(PushedDocument {
        id,
        whole: Vec::new(),
        signatures: newest(made.iter().copied()),
        changes: made.into_iter().map(|change| change.clone().change()).collect(),
    })
}

fn order(change: &StoredChange) -> u64 {
    match change {
        StoredChange::Made { order, .. } => *order,
        StoredChange::Pulled(_) | StoredChange::Proven { .. } => 0,
    }
}

/// Each actor's signature over its newest change.
fn newest<'a>(changes: impl Iterator<Item = &'a StoredChange>) -> Vec<(Actor, AuthorSignature)> {
    let mut found: BTreeMap<Actor, (u64, AuthorSignature)> = BTreeMap::new();
    for change in changes {
        if let StoredChange::Made { order, actor, signature, .. } = change
            && found.get(actor).is_none_or(|(newest, _)| newest < order)
        {
            found.insert(*actor, (*order, *signature));
        }
    }
    found.into_iter().map(|(actor, (_, signature))| (actor, signature)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::hex;

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
        let document = single(id, &stored, &BTreeSet::from([[1; 32], [2; 32]])).expect("all are here");
        assert_eq!(document.changes, [vec![80], vec![90]]);
        assert_eq!(document.signatures, [([1; 16], [90; 64])]);
    }

    #[test]
    fn a_document_with_a_change_missing_is_not_sent_as_if_it_were_whole() {
        let id = ConsultationId::from_bytes([3; 16]);
        let stored = BTreeMap::from([(store::change_key(&id, &[1; 32]), made(9, 1, 90))]);
        assert_eq!(single(id, &stored, &BTreeSet::from([[1; 32], [2; 32]])), None);
    }
}
