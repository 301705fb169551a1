//! Locking by itself: after a time without a touch, and after hiding for longer than a grace.

use super::{aside, audited, revoked, unlock};
use crate::medicines;
use crate::platform::{clock, page, settings};
use crate::standing::keeping;
use crate::state::{Connection, Satchel};
use crate::sync::{driver, unsent};
use leptos::prelude::*;
use shared::time::Millis;
use wasm_bindgen_futures::spawn_local;

/// Milliseconds that the page may be hidden; judged on return, because hidden pages' timers freeze (design 6).
const GRACE: Millis = 60_000;
/// How often the count of time without contact is put on disk, in milliseconds.
const KEEP_CONTACT: Millis = 60_000;
/// Before what the server did not take is told again, in milliseconds.
const TELL_AGAIN: u32 = 30_000;
/// The countdown is shown for its last seconds.
const SHOWN: Millis = 30_000;

/// Listens to the page and looks at the clock once a second, for as long as the page lives.
pub fn watch(satchel: Satchel) {
    page::on_touch(move || touched(satchel));
    page::on_hiding(move |hidden| hiding(satchel, hidden));
    page::on_network(move || driver::online(satchel));
    page::on_printing(move |printing| {
        satchel.keeper.get_value().0.printing.set(printing);
        let shown = satchel.consultation.with_untracked(|open| open.as_ref().map(|open| open.id));
        if let Some(id) = shown.filter(|_| printing) {
            audited::note(satchel, audited::PRINTED, id, String::new());
        }
    });
    spawn_local(async move {
        loop {
            clock::sleep(1_000).await;
            tick(satchel);
            watch_contact(satchel);
            revoked::watch(satchel);
            tell_what_was_done(satchel);
            keeping::watch(satchel);
            medicines::keeping::watch(satchel);
            unsent::tell(satchel);
            driver::tick(satchel).await;
        }
    });
}

/// Somebody is here.
pub fn touched(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let now = clock::now();
    // A touch long after the limit, on a page that had been frozen, must not save what should be locked.
    let too_late = keeper.opened().is_ok() && left(satchel, now).is_some_and(|left| left <= 0);
    keeper.0.touched_at.set(now);
    // Not every browser says that its dialog is gone; a hand on the page says so, too.
    keeper.0.printing.set(false);
    if too_late {
        unlock::lock(satchel);
        return;
    }
    if satchel.locks_in.get_untracked().is_some() {
        satchel.locks_in.set(None);
    }
}

pub fn set_idle_minutes(satchel: Satchel, minutes: u32) {
    settings::set_idle_minutes(minutes);
    satchel.idle_minutes.set(settings::idle_minutes());
    touched(satchel);
}

fn hiding(satchel: Satchel, hidden: bool) {
    let keeper = satchel.keeper.get_value();
    if hidden {
        // A passkey sheet or a print dialog may cover the page; nobody has left.
        if !keeper.0.sheet_up.get() && !keeper.0.printing.get() {
            keeper.0.hidden_since.set(Some(clock::now()));
        }
        return;
    }
    driver::online(satchel);
    let since = keeper.0.hidden_since.take();
    if since.is_some_and(|since| away_too_long(since, clock::now())) {
        unlock::lock(satchel);
    }
}

/// Counts the time without contact, and closes patients coming in when it has been too long (practice 31).
fn watch_contact(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let Ok(vault) = keeper.vault() else { return };
    let at = clock::moment();
    let in_sight = !page::is_hidden();
    let was_in_sight = keeper.0.in_sight.replace(in_sight);
    let (jumped, overdue, doubtful, write) = {
        let mut contact = vault.contact.borrow_mut();
        let jumped = contact.observe(at, in_sight && was_in_sight);
        (jumped, contact.overdue(at.now), contact.clock_doubtful(at.now), contact.write())
    };
    if satchel.clock_doubtful.get_untracked() != doubtful {
        satchel.clock_doubtful.set(doubtful);
    }
    if keeper.opened().is_err() {
        // Another tab may have the vault open; only whoever has it writes.
        return;
    }
    let in_a_visit = satchel.consultation.with_untracked(Option::is_some);
    if overdue && !in_a_visit && !satchel.closed.get_untracked() {
        satchel.closed.set(true);
    }
    if jumped || at.running - keeper.0.contact_kept_at.get() > KEEP_CONTACT {
        keeper.0.contact_kept_at.set(at.running);
        spawn_local(async move {
            // What is lost here is at most a minute of the count.
            let _ = vault.database.write(&[write]).await;
        });
    }
}

/// Tells the server what was closed, read and printed here while it could not be reached.
fn tell_what_was_done(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let reached = matches!(satchel.connection.get_untracked(), Connection::Reached { .. });
    if !reached || keeper.opened().is_err() || keeper.0.nudge.borrow().is_none() {
        return;
    }
    if keeper.0.asides_to_tell.replace(false) {
        spawn_local(async move {
            if aside::tell(satchel).await.is_err() {
                // Not signed in yet, or offline again: the next contact will do.
                clock::sleep(TELL_AGAIN).await;
                satchel.keeper.get_value().0.asides_to_tell.set(true);
            }
        });
    }
    if keeper.0.audits_to_tell.replace(false) {
        spawn_local(async move {
            if audited::tell(satchel).await.is_err() {
                clock::sleep(TELL_AGAIN).await;
                satchel.keeper.get_value().0.audits_to_tell.set(true);
            }
        });
    }
}

fn away_too_long(since: Millis, now: Millis) -> bool {
    // A clock that went back says nothing about how long it was.
    !(0..GRACE).contains(&(now - since))
}

fn left(satchel: Satchel, now: Millis) -> Option<Millis> {
    let keeper = satchel.keeper.get_value();
    let touched = keeper.0.touched_at.get();
    (touched != 0).then(|| Millis::from(satchel.idle_minutes.get_untracked()) * 60_000 - (now - touched))
}

fn tick(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    if keeper.opened().is_err() {
        return;
    }
    let now = clock::now();
    let hidden_too_long = keeper.0.hidden_since.get().is_some_and(|since| away_too_long(since, now));
    let Some(left) = left(satchel, now) else { return };
    if left <= 0 || hidden_too_long {
        unlock::lock(satchel);
        return;
    }
    let shown = (left <= SHOWN).then_some((left / 1000) as u32);
    if satchel.locks_in.get_untracked() != shown {
        satchel.locks_in.set(shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_at_another_app_does_not_lock_and_a_walk_away_does() {
        assert!(!away_too_long(1_000, 1_000 + GRACE - 1));
        assert!(away_too_long(1_000, 1_000 + GRACE));
        assert!(away_too_long(1_000, 500));
    }
}
