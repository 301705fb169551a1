//! Fetches the medicines file in the background, checks it, and puts it in the place of the old one once it is whole.

use super::model::{self, Fetch, Kept, Looked, best, checked, damaged_words, leftovers, plan, trouble_words};
use super::shelf::Shelf;
use crate::platform::cache::Cache;
use crate::platform::trouble::Trouble;
use crate::platform::{api_medicines, clock, crypto};
use crate::state::Satchel;
use leptos::prelude::*;
use shared::medicines::file;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

const CACHE: &str = "medicines";

/// Once a second: is it time to look whether there is a newer file?
pub fn watch(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    if keeper.opened().is_err() {
        return;
    }
    let shelf = satchel.medicines;
    let running = clock::moment().running;
    if shelf.looked.get_value() == Looked::Never {
        shelf.looked.set_value(Looked::Since(running));
        spawn_local(look_at_device(shelf));
    } else if keeper.0.signed_in.get() && shelf.looked.get_value().is_due(running) {
        spawn_local(async move {
            // What went wrong is said where medicines are searched.
            let _ = renew(satchel).await;
        });
    }
}

/// Asks the server for a newer file and fetches it. An error is in words for the person, and stands in the shelf, too.
pub async fn renew(satchel: Satchel) -> Result<(), String> {
    let shelf = satchel.medicines;
    if shelf.fetching.try_update(|now| now.replace(now.unwrap_or(0)).is_some()) != Some(false) {
        return Ok(());
    }
    let outcome = fetch_all(satchel).await;
    shelf.fetching.set(None);
    let running = clock::moment().running;
    shelf.looked.set_value(if outcome.is_ok() { Looked::WentWell(running) } else { Looked::Failed(running) });
    shelf.trouble.set(outcome.as_ref().err().cloned().unwrap_or_default());
    outcome
}

async fn fetch_all(satchel: Satchel) -> Result<(), String> {
    let shelf = satchel.medicines;
    let words = |trouble: Trouble| trouble_words(&trouble, shelf.kept.with_untracked(Option::is_some));
    let cache = Cache::open(CACHE).await.map_err(words)?;
    let status = api_medicines::status(satchel).await.map_err(words)?;
    for fetch in plan(&all_kept(&cache).await.map_err(words)?, &status) {
        let arrived = move |bytes: u64| {
            let share = (bytes * 100).checked_div(fetch.info.bytes).unwrap_or(0).min(100);
            // Each hundredth is drawn once.
            if shelf.fetching.get_untracked() != Some(share as u8) {
                shelf.fetching.set(Some(share as u8));
            }
        };
        let Fetch { path, info, .. } = &fetch;
        let bytes = api_medicines::file(path, info.bytes, arrived).await.map_err(words)?;
        let digest = crypto::sha256(&bytes).await.map_err(words)?;
        let file = checked(&bytes, &digest, &fetch)?;
        let kept = Kept {
            scope: fetch.scope,
            release: file.release,
            bytes: info.bytes,
            sha256: digest,
            at: clock::now(),
        };
        cache.put(&kept.address(), &bytes).await.map_err(words)?;
        take_up(shelf, &cache, Some(bytes)).await.map_err(words)?;
    }
    Ok(())
}

/// From now on the best of what is kept is used, and the others go. `bytes`: of the file kept last, if at hand.
async fn take_up(shelf: Shelf, cache: &Cache, bytes: Option<Vec<u8>>) -> Result<(), Trouble> {
    let addresses = cache.addresses().await?;
    let kept: Vec<Kept> = addresses.iter().filter_map(|address| Kept::read(address)).collect();
    let best = best(&kept).cloned();
    let is_newer = shelf.kept.with_untracked(|now| *now != best);
    for address in leftovers(&addresses, best.as_ref()) {
        cache.remove(&address).await?;
    }
    shelf.kept.set(best);
    if is_newer && shelf.is_needed.get_value() {
        read_in(shelf, cache, bytes).await?;
    }
    Ok(())
}

async fn all_kept(cache: &Cache) -> Result<Vec<Kept>, Trouble> {
    Ok(cache.addresses().await?.iter().filter_map(|address| Kept::read(address)).collect())
}

/// What is on the device already, without reading it.
async fn look_at_device(shelf: Shelf) {
    let looked = async { take_up(shelf, &Cache::open(CACHE).await?, None).await };
    if let Err(trouble) = looked.await {
        shelf.trouble.set(trouble_words(&trouble, false));
    }
}

/// Makes the file on this device ready for searching, after the screen that needs it is drawn.
pub(super) fn read_in_background(shelf: Shelf) {
    spawn_local(async move {
        clock::sleep(0).await;
        let read = async { take_up_and_read(shelf).await };
        if let Err(trouble) = read.await {
            shelf.trouble.set(trouble_words(&trouble, false));
        }
    });
}

async fn take_up_and_read(shelf: Shelf) -> Result<(), Trouble> {
    let cache = Cache::open(CACHE).await?;
    if shelf.kept.with_untracked(Option::is_none) {
        let kept = all_kept(&cache).await?;
        shelf.kept.set(best(&kept).cloned());
    }
    if shelf.index.with_untracked(Option::is_none) { read_in(shelf, &cache, None).await } else { Ok(()) }
}

/// A file that does not open is removed, so that it is fetched again.
async fn read_in(shelf: Shelf, cache: &Cache, bytes: Option<Vec<u8>>) -> Result<(), Trouble> {
    let Some(kept) = shelf.kept.get_untracked() else { return Ok(()) };
    let bytes = match bytes {
        Some(bytes) => Some(bytes),
        None => cache.get(&kept.address()).await?,
    };
    match file::read(&bytes.unwrap_or_default()) {
        Ok(index) => shelf.index.set(Some(Arc::new(index))),
        Err(error) => {
            cache.remove(&kept.address()).await?;
            shelf.kept.set(None);
            shelf.looked.set_value(Looked::Since(clock::moment().running));
            shelf.trouble.set(damaged_words(&error));
        }
    }
    Ok(())
}

/// `Fetching the medicines file: 40 %.`; empty while nothing is fetched.
pub fn progress_words(shelf: Shelf) -> String {
    shelf.fetching.get().map(|share| format!("Fetching the medicines file: {share} %.")).unwrap_or_default()
}

/// The release and its age for a list of what is ready.
pub fn age_words(shelf: Shelf, now: shared::time::Millis) -> String {
    shelf.kept.with(|kept| model::age_words(kept.as_ref(), now))
}
