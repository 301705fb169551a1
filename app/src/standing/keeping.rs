//! Keeps the standing of the person who is here: read with the vault, renewed while there is a session, and watched for
//! the end of their access.

use super::model::{Standing, has_ended};
use crate::platform::trouble::Trouble;
use crate::platform::{api_people, clock};
use crate::state::Satchel;
use crate::vault::opened::Opened;
use crate::vault::store;
use leptos::prelude::*;
use shared::ids::PersonId;
use shared::time::Millis;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How often it is asked for anew while there is a session, in milliseconds.
const RENEW: Millis = 10 * 60_000;

fn key(person: PersonId) -> String {
    format!("standing/{person}")
}

/// Shows what was kept, before anything of the vault is seen.
pub async fn load(satchel: Satchel, opened: &Opened) {
    satchel.standing.set(None);
    let Ok(vault) = satchel.keeper.get_value().vault() else { return };
    // One that does not open is missed until the next contact, which brings another.
    let kept = store::get_state(&vault.database, &opened.sealer, &key(opened.who.person)).await;
    satchel.standing.set(kept.unwrap_or_default());
    satchel.ended.set(ended(satchel));
}

/// Asks for it and keeps it. `pharmacies`: as many as the person works at, where that was just heard.
pub async fn renew(satchel: Satchel, opened: &Rc<Opened>, pharmacies: Option<usize>) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    keeper.0.standing_asked_at.set(clock::moment().running);
    let view = api_people::standing(satchel).await?;
    let before = satchel.standing.with_untracked(|kept| kept.as_ref().map_or(1, |kept| kept.pharmacies));
    let standing = Standing { view, pharmacies: pharmacies.unwrap_or(before) };
    let write = store::put_state(&opened.sealer, key(opened.who.person), &standing).await?;
    if keeper.is_current(opened) {
        keeper.vault()?.database.write(&[write]).await?;
        satchel.standing.set(Some(standing));
        satchel.ended.set(ended(satchel));
    }
    Ok(())
}

/// Once a second: has access ended, is it time to ask again?
pub fn watch(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let Ok(opened) = keeper.opened() else { return };
    // As with time without contact: what somebody has in hand with a patient is not taken from them.
    let in_a_visit = satchel.consultation.with_untracked(Option::is_some);
    if !in_a_visit && !satchel.ended.get_untracked() && ended(satchel) {
        satchel.ended.set(true);
    }
    if keeper.0.signed_in.get() && clock::moment().running - keeper.0.standing_asked_at.get() > RENEW {
        spawn_local(async move {
            // It is asked again; until then the last one holds, with its age.
            let _ = renew(satchel, &opened, None).await;
        });
    }
}

fn ended(satchel: Satchel) -> bool {
    let latest = satchel.keeper.get_value().vault().map_or(0, |vault| vault.contact.borrow().latest);
    satchel.standing.with_untracked(|kept| {
        kept.as_ref().is_some_and(|kept| has_ended(&kept.view.access_ends, clock::now(), latest))
    })
}
