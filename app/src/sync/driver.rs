//! Inputs in, effects out: the sync machine decides, this carries out and reports back.

use super::{link, push};
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock};
use crate::state::{Connection, Satchel};
use crate::vault::opened::Opened;
use crate::vault::{pulled, settled, store};
use leptos::prelude::*;
use shared::api::{HeadsRequest, Refusal};
use shared::ids::ConsultationId;
use shared::sync::device::{Effect, Failure, Input, Position, Ticket, Unsent};
use shared::sync::frame::{PullFrame, PulledDocument, split_stream};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The vault is open: sync begins as soon as there is a session.
pub fn begin(
    satchel: Satchel,
    opened: Rc<Opened>,
    position: Position,
    unsent: BTreeMap<ConsultationId, Unsent>,
) {
    spawn_local(async move {
        feed(satchel, Input::Unlocked { position, unsent, signed_in: false }).await;
        link::keep(satchel, opened).await;
    });
}

/// The vault is shut.
pub fn end(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    keeper.0.machine.borrow_mut().handle(clock::now(), Input::Locked);
    keeper.0.nudge.borrow_mut().take();
    keeper.0.wake_at.set(None);
}

/// Once a second: is it time for what the machine waits for? And is there an edit that the disk would not take?
pub async fn tick(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    if !keeper.0.unwritten.borrow().is_empty()
        && let Ok(opened) = keeper.opened()
    {
        // It has been said aloud where it first failed; the snapshot goes on saying *not saved*.
        let _ = store::flush(satchel, &opened).await;
    }
    if keeper.0.wake_at.get().is_some_and(|at| clock::now() >= at) {
        keeper.0.wake_at.set(None);
        feed(satchel, Input::Tick).await;
    }
}

/// Tells the machine what happened and does what follows.
pub async fn feed(satchel: Satchel, input: Input) {
    feed_frame(satchel, input, &[]).await;
}

async fn feed_frame(satchel: Satchel, input: Input, documents: &[PulledDocument]) {
    let keeper = satchel.keeper.get_value();
    let Ok(opened) = keeper.opened() else { return };
    let before = keeper.0.machine.borrow().position();
    let effects = keeper.0.machine.borrow_mut().handle(clock::now(), input);
    for effect in effects {
        if !keeper.is_current(&opened) {
            return;
        }
        let done = carry_out(satchel, &opened, effect, documents).await;
        if let Err(trouble) = done {
            satchel.trouble.set(Some(trouble.to_string()));
            // Not stored, so not passed: it is asked for again.
            if !documents.is_empty() {
                let failed = Input::StoreFailed { cursor: before.cursor };
                let more = keeper.0.machine.borrow_mut().handle(clock::now(), failed);
                wait_among(satchel, &more);
            }
            return;
        }
    }
}

fn wait_among(satchel: Satchel, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Wait { until } = effect {
            satchel.keeper.get_value().0.wake_at.set(Some(*until));
        }
    }
}

async fn carry_out(
    satchel: Satchel,
    opened: &Rc<Opened>,
    effect: Effect,
    documents: &[PulledDocument],
) -> Result<(), Trouble> {
    match effect {
        Effect::Push { ticket, documents, with_receipts } => {
            spawn_local(push::push(satchel, opened.clone(), ticket, documents, with_receipts));
        }
        Effect::Pull { ticket, after } => spawn_local(pull(satchel, ticket, after)),
        Effect::AskHeads { ticket } => spawn_local(ask_heads(satchel, opened.clone(), ticket)),
        Effect::Store { position } => {
            pulled::store(satchel, opened, documents, position).await?;
        }
        Effect::DropFrame => {}
        Effect::StorePosition { position } => {
            let write = store::put_state(&opened.sealer, "position".to_owned(), &position).await?;
            satchel.keeper.get_value().vault()?.database.write(&[write]).await?;
        }
        Effect::Settle { document, changes } => settled::settle(satchel, opened, &document, &changes).await?,
        Effect::SetAside { document, changes, reason, detail } => {
            let why = why(reason, &detail);
            settled::set_aside(satchel, opened, &document, &changes, why).await?;
        }
        Effect::AskToSignIn => link::lost(satchel),
        Effect::Wait { until } => satchel.keeper.get_value().0.wake_at.set(Some(until)),
    }
    Ok(())
}

/// The refusal in words; the screen adds that the work itself is kept.
fn why(reason: Refusal, detail: &str) -> String {
    let because = match reason {
        Refusal::TooLarge => "it is larger than the server takes",
        Refusal::Unreadable => "the server could not read it",
        Refusal::ForeignActor | Refusal::AuthorSignature => "the server could not tell who wrote it",
        Refusal::Receipt => "the server did not accept how the device was unlocked",
        Refusal::ForeignPharmacy => "it belongs to another pharmacy",
        Refusal::WroteDeliveries => "it changed what only the server records",
        Refusal::ForbiddenSignature => "it was signed by somebody who may not sign it",
        Refusal::VerifiedNumber => "it called an NHS number verified that the server has not seen verified",
        Refusal::SignedRecord => "the consultation had been signed",
        Refusal::RoleMayNot => "this role may not record consultations",
        Refusal::Removed => "the person or the device was removed; an administrator can release it",
        Refusal::Destroyed => "the record was destroyed at the end of its retention",
        Refusal::Other => "the server had a reason that this version of the app does not know; update the app",
    };
    let said = if detail.is_empty() { String::new() } else { format!(" {detail}") };
    format!("Not taken by the server because {because}.{said}")
}

/// How a request's failure looks to the machine.
pub fn failure(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::NotSignedIn => Failure::SignedOut,
        Trouble::Refused(problem) => match problem.status {
            403 => Failure::SignedOut,
            413 => Failure::TooLarge,
            429 => Failure::Busy { wait: 10_000 },
            _ => Failure::Unreachable,
        },
        _ => Failure::Unreachable,
    }
}

async fn pull(satchel: Satchel, ticket: Ticket, after: u64) {
    let outcome = read_pull(satchel, ticket, after).await;
    let input = match outcome {
        Ok(()) => Input::PullEnded { ticket },
        Err(trouble) => {
            if matches!(trouble, Trouble::Unreachable) {
                unreachable(satchel);
            }
            Input::PullFailed { ticket, failure: failure(&trouble) }
        }
    };
    feed(satchel, input).await;
}

async fn read_pull(satchel: Satchel, ticket: Ticket, after: u64) -> Result<(), Trouble> {
    let stream = api::pull(satchel, after).await?;
    let mut buffer = Vec::new();
    while let Some(piece) = stream.next().await? {
        buffer.extend_from_slice(&piece);
        let frames: Vec<PullFrame> = split_stream(&mut buffer).map_err(|_| Trouble::StrangeAnswer)?;
        for frame in frames {
            let PullFrame { epoch, cursor, more, documents, .. } = frame;
            feed_frame(satchel, Input::PulledFrame { ticket, epoch, cursor, more }, &documents).await;
        }
    }
    // Bytes left over mean a link cut in the middle of a frame.
    if buffer.is_empty() { Ok(()) } else { Err(Trouble::Unreachable) }
}

/// A body cut short is as good as no answer.
pub fn unreachable(satchel: Satchel) {
    if !matches!(satchel.connection.get_untracked(), Connection::Unreachable { .. }) {
        satchel.connection.set(Connection::Unreachable { since: clock::now() });
    }
}

async fn ask_heads(satchel: Satchel, opened: Rc<Opened>, ticket: Ticket) {
    let input = match heads(satchel, &opened).await {
        Ok(held) => match api::heads(satchel, &held).await {
            Ok(answer) => Input::HeadsAnswered { ticket, answer },
            Err(trouble) => Input::HeadsFailed { ticket, failure: failure(&trouble) },
        },
        Err(trouble) => {
            satchel.trouble.set(Some(trouble.to_string()));
            Input::HeadsFailed { ticket, failure: Failure::Unreachable }
        }
    };
    feed(satchel, input).await;
}

async fn heads(satchel: Satchel, opened: &Opened) -> Result<HeadsRequest, Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let mut held = HeadsRequest::default();
    for id in store::held(&vault.database).await? {
        let mut document = match store::load_document(satchel, opened, &id).await {
            Ok(document) => document,
            // It can vouch for nothing; the others are compared all the same.
            Err(Trouble::Damaged) => continue,
            Err(trouble) => return Err(trouble),
        };
        held.documents.insert(id, document.heads().iter().map(ToString::to_string).collect());
        // After a restore every document is opened; the page must stay alive meanwhile.
        clock::sleep(0).await;
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_words_with_what_the_server_adds() {
        let words = why(Refusal::SignedRecord, "Start an amendment.");
        assert_eq!(
            words,
            "Not taken by the server because the consultation had been signed. Start an amendment."
        );
    }

    #[test]
    fn being_offline_is_not_being_signed_out() {
        assert_eq!(failure(&Trouble::Unreachable), Failure::Unreachable);
        assert_eq!(failure(&Trouble::NotSignedIn), Failure::SignedOut);
    }
}
