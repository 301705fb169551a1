//! Sync as the page sees it: the worker does it, this starts and ends it and shows what it says.

use super::link;
use crate::platform::http;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use crate::vault::opened::Opened;
use crate::vault::{edits, list, records};
use crate::worker::messages::{Ask, Said};
use crate::worker::page;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::ConsultationId;
use shared::sync::device::Hash;
use shared::time::Millis;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The vault is open: the worker gets the keys, and sync begins as soon as there is a session.
pub fn begin(satchel: Satchel, opened: Rc<Opened>) {
    let keeper = satchel.keeper.get_value();
    keeper.0.signed_in.set(false);
    keeper.0.unconfirmed.borrow_mut().clear();
    keeper.0.audits_to_tell.set(true);
    keeper.0.telling.forget();
    page::open(satchel, &opened);
    spawn_local(link::keep(satchel, opened));
}

/// The vault is shut.
pub fn end(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    page::end(satchel);
    keeper.0.signed_in.set(false);
    keeper.0.nudge.borrow_mut().take();
    satchel.progress.set(None);
}

/// Once a second: is there an edit that the disk would not take? Is the worker still alive?
pub async fn tick(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    page::tick(satchel);
    list::keep_screen(satchel);
    if !keeper.0.unwritten.borrow().is_empty()
        && let Ok(opened) = keeper.opened()
    {
        // It has been said aloud where it first failed; the snapshot goes on saying *not saved*.
        let _ = edits::flush(satchel, &opened).await;
    }
}

/// There is a session with the server now.
pub fn signed_in(satchel: Satchel) {
    satchel.keeper.get_value().0.signed_in.set(true);
    page::tell(satchel, &Ask::SignedIn);
}

/// The network is back, or somebody looks at the screen again: nothing should wait any longer.
pub fn online(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    keeper.0.hurry.set(true);
    if keeper.opened().is_ok() {
        page::tell(satchel, &Ask::Online);
    }
}

/// The document on the screen has changed.
pub fn on_screen(satchel: Satchel, id: Option<ConsultationId>) {
    page::tell(satchel, &Ask::OnScreen(id));
}

/// What the worker says, with the bytes beside it.
pub fn hear(satchel: Satchel, said: Said, parts: Vec<Vec<u8>>) {
    let keeper = satchel.keeper.get_value();
    let Ok(opened) = keeper.opened() else { return };
    match said {
        Said::Rows { rows, from } => list::hear(satchel, rows, from),
        Said::AllListed => list::complete(satchel),
        Said::Gone(ids) => {
            list::unlist_all(satchel, &ids);
            if open_id(satchel).is_some_and(|id| ids.contains(&id)) {
                records::close(satchel);
            }
        }
        Said::Arrived { id, has_base } => {
            let mut parts = parts;
            let changes = parts.split_off(usize::from(has_base).min(parts.len()));
            let base = parts.pop().unwrap_or_default();
            spawn_local(async move {
                if let Err(trouble) = records::arrived(satchel, &opened, &id, &base, &changes).await {
                    say(satchel, &trouble);
                }
            });
        }
        Said::Settled { id, changes, still_waits: others, at } => {
            let waits = still_waits(satchel, &id, &changes) || others;
            settled(satchel, &id, waits, at);
        }
        Said::SetAside { id, changes, why } => {
            let waits = still_waits(satchel, &id, &changes);
            set_aside(satchel, &id, why, waits);
            if open_id(satchel) == Some(id) {
                spawn_local(async move {
                    if let Err(trouble) = records::reopen(satchel, &opened, &id).await {
                        say(satchel, &trouble);
                    }
                });
            }
        }
        Said::Heard(something) => http::heard(satchel, something),
        Said::SignedOut => {
            keeper.0.signed_in.set(false);
            link::lost(satchel);
        }
        Said::Nonce(nonce) => spawn_local(async move { link::note_nonce(satchel, &nonce).await }),
        Said::Progress(progress) => satchel.progress.set(progress),
        Said::Trouble(failed) => say(satchel, &failed.into()),
        Said::Ready | Said::Loaded { .. } | Said::Touching(_) | Said::Died => {}
    }
}

fn say(satchel: Satchel, trouble: &Trouble) {
    // Being offline is shown where it belongs.
    if !matches!(trouble, Trouble::Unreachable | Trouble::Locked) {
        satchel.trouble.set(Some(trouble.to_string()));
    }
}

fn open_id(satchel: Satchel) -> Option<ConsultationId> {
    satchel.keeper.get_value().0.document.borrow().as_ref().map(|open| open.id)
}

/// These are no longer to be confirmed; does anything else of the document wait?
fn still_waits(satchel: Satchel, id: &ConsultationId, confirmed: &BTreeSet<Hash>) -> bool {
    let keeper = satchel.keeper.get_value();
    let mut unconfirmed = keeper.0.unconfirmed.borrow_mut();
    if let Some(changes) = unconfirmed.get_mut(id) {
        changes.retain(|change| !confirmed.contains(change));
        if changes.is_empty() {
            unconfirmed.remove(id);
        }
    }
    unconfirmed.contains_key(id) || keeper.0.unwritten.borrow().iter().any(|edit| edit.id == *id)
}

fn settled(satchel: Satchel, id: &ConsultationId, waits: bool, at: Millis) {
    let keeper = satchel.keeper.get_value();
    if let Some(mut listed) = list::listed(satchel, id) {
        listed.unsent = waits;
        if !waits {
            listed.sent_at = Some(at);
        }
        list::relist(satchel, vec![listed]);
    }
    if let Some(open) = keeper.0.document.borrow_mut().as_mut()
        && open.id == *id
        && !waits
    {
        open.sent_at = Some(at);
    }
    records::show(satchel);
}

/// Marks a line of the list with why it, or something of it, is set aside.
pub fn set_aside(satchel: Satchel, id: &ConsultationId, why: String, waits: bool) {
    if let Some(mut listed) = list::listed(satchel, id) {
        listed.unsent = waits;
        listed.set_aside = Some(why);
        list::relist(satchel, vec![listed]);
    }
}
