//! Inputs in, effects out: the sync machine decides, this carries out and reports back. It runs in the worker.

use super::{pull, push};
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock};
use crate::vault::{erasing, pulled, settled, store};
use crate::worker::backroom::Backroom;
use crate::worker::messages::Said;
use crate::worker::serve::{say, say_trouble};
use futures_util::lock::Mutex;
use shared::api::HeadsRequest;
use shared::ids::ConsultationId;
use shared::sync::device::{Device, Effect, Failure, Input, LONGEST_SLEEP, Position, Standing, Ticket};
use shared::sync::frame::PullFrame;
use shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The machine, and when it wants to be asked again.
#[derive(Default)]
pub struct Machine {
    device: RefCell<Device>,
    /// Effects of one input are carried out before those of the next.
    turn: Mutex<()>,
    wake_at: Cell<Option<Millis>>,
}

impl Machine {
    /// Does the server have all of it, as far as is known? After a restore this device may have the last copy.
    pub fn is_with_server(&self, id: &ConsultationId) -> bool {
        let device = self.device.borrow();
        !device.position().heads_due && device.standing(id) == Standing::WithServer
    }
}

/// Looks at the clock once a second for as long as the worker lives.
pub async fn watch(room: &Rc<Backroom>) {
    loop {
        clock::sleep(1_000).await;
        let now = clock::now();
        // A wait longer than any that the machine asks for means that the clock was set back.
        let due = |at: Millis| now >= at || at - now > LONGEST_SLEEP;
        if room.machine.wake_at.get().is_some_and(due) {
            room.machine.wake_at.set(None);
            feed(room, Input::Tick, None).await;
        }
    }
}

/// Tells the machine what happened and does what follows. `frame` is what a pull has just brought.
pub async fn feed(room: &Rc<Backroom>, input: Input, frame: Option<&PullFrame>) {
    let _turn = room.machine.turn.lock().await;
    // What was destroyed is forgotten first, or the same step might send it once more.
    let destroyed = frame.filter(|frame| !frame.destroyed.is_empty());
    let destroyed = destroyed.map(|frame| Input::Destroyed { documents: frame.destroyed.clone() });
    let mut inputs: VecDeque<Input> = destroyed.into_iter().chain([input]).collect();
    while let Some(input) = inputs.pop_front() {
        let before: Position = room.machine.device.borrow().position();
        let effects = room.machine.device.borrow_mut().handle(clock::now(), input);
        for effect in effects {
            let stores = matches!(effect, Effect::Store { .. });
            if let Err(trouble) = Box::pin(carry_out(room, effect.clone(), frame)).await {
                say_trouble(&trouble);
                // Not stored, so not passed: it is asked for again.
                inputs.push_back(if stores {
                    Input::StoreFailed { cursor: before.cursor }
                } else {
                    Input::Unwritten(effect)
                });
            }
        }
    }
}

async fn carry_out(room: &Rc<Backroom>, effect: Effect, frame: Option<&PullFrame>) -> Result<(), Trouble> {
    match effect {
        Effect::Push { ticket, documents, with_receipts } => {
            let room = room.clone();
            spawn_local(async move { push::push(&room, ticket, documents, with_receipts).await });
        }
        Effect::Pull { ticket, after } => {
            let room = room.clone();
            spawn_local(async move { pull::pull(&room, ticket, after).await });
        }
        Effect::AskHeads { ticket } => {
            let room = room.clone();
            spawn_local(async move { ask_heads(&room, ticket).await });
        }
        Effect::Store { position } => {
            if let Some(frame) = frame {
                pulled::store(room, frame, position).await?;
            }
        }
        Effect::DropFrame => {}
        Effect::StorePosition { position } => {
            let write = store::put_state(&room.sealer(), "position".to_owned(), &position).await?;
            room.database.write(&[write]).await?;
        }
        Effect::Settle { document, changes } => settled::settle(room, &document, &changes).await?,
        Effect::SetAside { document, changes, reason, detail, position } => {
            settled::set_aside(room, &document, &changes, reason.told(&detail), &position).await?;
        }
        Effect::Forget { document } => erasing::erase(room, &[document].into()).await?,
        Effect::AskToSignIn => say(&Said::SignedOut),
        Effect::Wait { until } => room.machine.wake_at.set(Some(until)),
    }
    Ok(())
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

/// Tells the page whether the server answered, and passes the answer on.
pub fn heard<T>(answer: Result<T, Trouble>) -> Result<T, Trouble> {
    say(&Said::Heard(!matches!(answer, Err(Trouble::Unreachable))));
    answer
}

async fn ask_heads(room: &Rc<Backroom>, ticket: Ticket) {
    let input = match heads(room).await {
        Ok(held) => match heard(api::heads(&held).await) {
            Ok(answer) => Input::HeadsAnswered { ticket, answer },
            Err(trouble) => Input::HeadsFailed { ticket, failure: failure(&trouble) },
        },
        Err(trouble) => {
            say_trouble(&trouble);
            Input::HeadsFailed { ticket, failure: Failure::Unreachable }
        }
    };
    feed(room, input, None).await;
}

async fn heads(room: &Backroom) -> Result<HeadsRequest, Trouble> {
    let mut held = HeadsRequest::default();
    for id in store::held(&room.database).await? {
        let (_, mut document) = match room.try_out(&id).await {
            Ok(opened) => opened,
            // It can vouch for nothing; the others are compared all the same.
            Err(Trouble::Damaged | Trouble::Deadly | Trouble::NotHere | Trouble::Document(_)) => continue,
            Err(trouble) => return Err(trouble),
        };
        held.documents.insert(id, document.heads().iter().map(ToString::to_string).collect());
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn being_offline_is_not_being_signed_out() {
        assert_eq!(failure(&Trouble::Unreachable), Failure::Unreachable);
        assert_eq!(failure(&Trouble::NotSignedIn), Failure::SignedOut);
    }
}
