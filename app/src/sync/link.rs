//! Keeping a session and the nudge alive while the vault is open: by itself, without a touch.

use super::driver;
use crate::platform::socket::Nudge;
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock, js};
use crate::standing::keeping;
use crate::state::{Phase, Satchel};
use crate::vault::contact::Contact;
use crate::vault::opened::Opened;
use crate::vault::{enrol, kept, people, start, store};
use crate::worker::messages::Ask;
use crate::worker::page;
use leptos::prelude::*;
use shared::api::{DeviceKeySignIn, DeviceKeySignInStart, SessionView};
use shared::authorship::device_sign_in_statement;
use shared::time::Millis;
use std::cell::Cell;
use std::rc::Rc;

/// Milliseconds: the first and the longest wait between two tries, and the wait after a refusal.
const FIRST_WAIT: u32 = 1_000;
const LONGEST_WAIT: u32 = 30_000;
/// A nudge that lived so long was a good one.
const STEADY: Millis = 5_000;
/// How often a waiting task looks whether it should go on.
const GLANCE: u32 = 250;

/// Runs from unlocking to locking: session, nudge, and both again whenever they are lost.
pub async fn keep(satchel: Satchel, opened: Rc<Opened>) {
    let keeper = satchel.keeper.get_value();
    let mut wait = FIRST_WAIT;
    while keeper.is_current(&opened) {
        match session(satchel, &opened).await {
            Ok(()) => {
                let over = Rc::new(Cell::new(false));
                let began = clock::now();
                let nudge = nudge(satchel, over.clone());
                let live = nudge.is_some();
                *keeper.0.nudge.borrow_mut() = nudge;
                driver::signed_in(satchel);
                while live && !over.get() && keeper.0.nudge.borrow().is_some() {
                    clock::sleep(GLANCE).await;
                }
                keeper.0.nudge.borrow_mut().take();
                // A nudge that never holds must not become a hail of requests.
                wait = if clock::now() - began > STEADY { FIRST_WAIT } else { (wait * 2).min(LONGEST_WAIT) };
                pause(satchel, &opened, wait).await;
            }
            Err(trouble) => {
                if !matches!(trouble, Trouble::Unreachable) {
                    // Said once: a device that was removed will hear the same for ever.
                    if wait < LONGEST_WAIT {
                        satchel.trouble.set(Some(trouble.to_string()));
                    }
                    wait = LONGEST_WAIT;
                }
                pause(satchel, &opened, wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

/// The server no longer knows the session: without its nudge, [`keep`] begins again.
pub fn lost(satchel: Satchel) {
    satchel.keeper.get_value().0.nudge.borrow_mut().take();
}

async fn pause(satchel: Satchel, opened: &Rc<Opened>, wait: u32) {
    let keeper = satchel.keeper.get_value();
    let mut waited = 0;
    while waited < wait && keeper.is_current(opened) && !keeper.0.hurry.take() {
        clock::sleep(GLANCE).await;
        waited += GLANCE;
    }
}

fn nudge(satchel: Satchel, over: Rc<Cell<bool>>) -> Option<Nudge> {
    let news = move |upto: u64| {
        page::tell(satchel, &Ask::News(upto));
    };
    Nudge::open(news, move || over.set(true))
}

/// A session of the person who has the vault open: the cookie's, or a new one by this device's key.
async fn session(satchel: Satchel, opened: &Rc<Opened>) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let now = api::session(satchel).await?;
    let at_this_pharmacy = now.pharmacies.first().is_some_and(|first| first.ods.as_str() == opened.who.ods);
    let ours = at_this_pharmacy && now.person.as_ref().is_some_and(|person| person.id == opened.who.person);
    let session = if ours { now } else { sign_in(satchel, opened).await? };
    satchel.demo.set(session.demo);
    satchel.cis2.set(session.cis2.clone());
    let contact: Contact = {
        let mut contact = vault.contact.borrow_mut();
        contact.heard(&session);
        contact.clone()
    };
    start::show_contact(satchel, &contact);
    let mut writes =
        vec![contact.write(), people::server_key_write(&opened.sealer, &session.server_key).await?];
    if let Some(person) = &session.person {
        writes.push(store::put_state(&opened.sealer, format!("person/{}", person.id), person).await?);
        refresh_who(satchel, person);
    }
    vault.database.write(&writes).await?;
    if !contact.registered.contains(&opened.who.person) {
        let registration = {
            let header = vault.header.borrow();
            let wrap = header.wraps.iter().find(|wrap| wrap.person == opened.who.person);
            wrap.map(|wrap| (header.device, enrol::registration(&header, &wrap.signing_key)))
        };
        if let Some((device, registration)) = registration {
            api::register_device(satchel, device, &registration).await?;
            enrol::note_registered(&vault, opened.who.person).await?;
        }
    }
    // Nobody waits for this: it is asked again with the next contact.
    let _ = people::let_go(satchel, opened).await;
    let _ = keeping::renew(satchel, opened, Some(session.pharmacies.len())).await;
    let _ = kept::renew_area(satchel).await;
    Ok(())
}

/// Shows what the server now knows of the person: a checked registration, a changed name.
fn refresh_who(satchel: Satchel, person: &shared::api::PersonView) {
    let Phase::Open(mut who) = satchel.phase.get_untracked() else { return };
    let before = who.clone();
    who.name.clone_from(&person.name);
    who.gphc_checked = person.gphc_checked;
    who.contact_overdue = false;
    if who != before && who.person == person.id {
        satchel.phase.set(Phase::Open(who));
    }
}

async fn sign_in(satchel: Satchel, opened: &Opened) -> Result<SessionView, Trouble> {
    let vault = satchel.keeper.get_value().vault()?;
    let (person, device) = (opened.who.person, vault.header.borrow().device);
    let challenge =
        api::start_device_key_sign_in(satchel, &DeviceKeySignInStart { person, device }).await?.challenge;
    let statement = device_sign_in_statement(&person, &device, &challenge);
    let signature = js::base64url(&opened.signing.sign(&statement).await?);
    api::finish_device_key_sign_in(satchel, &DeviceKeySignIn { person, device, challenge, signature }).await
}

/// The server gave a nonce for the next unlock's receipt.
pub async fn note_nonce(satchel: Satchel, nonce: &str) {
    let Ok(vault) = satchel.keeper.get_value().vault() else { return };
    let contact: Contact = {
        let mut contact = vault.contact.borrow_mut();
        nonce.clone_into(&mut contact.server_nonce);
        contact.answered(clock::moment());
        contact.clone()
    };
    start::show_contact(satchel, &contact);
    // An older nonce is accepted too; the next answer brings another.
    let _ = vault.database.write(&[contact.write()]).await;
}
