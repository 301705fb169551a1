//! Fetches the medicines file in the background, checks it, and puts it in the place of the old one once it is whole.

use super::model::{
    self, Fetch, Kept, Looked, Miss, best, checked, chosen, damaged_words, leftovers, plan, trouble_words,
};
use super::shelf::Shelf;
use crate::platform::cache::Cache;
use crate::platform::trouble::Trouble;
use crate::platform::{api_medicines, camera, clock, crypto};
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
    if outcome.is_ok() {
        // A pack is scanned where there is no network, as its medicine is found there.
        spawn_local(camera::keep_reader());
    }
    outcome.map_err(|miss| {
        shelf.looked.set_value(miss.looked(clock::moment().running));
        shelf.trouble.set(miss.words.clone());
        miss.words
    })
}

async fn fetch_all(satchel: Satchel) -> Result<(), Miss> {
    let shelf = satchel.medicines;
    let missed = |trouble: Trouble| Miss::of(&trouble, shelf.kept.with_untracked(Option::is_some));
    let cache = Cache::open(CACHE).await.map_err(missed)?;
    let status = api_medicines::status(satchel).await.map_err(missed)?;
    for fetch in plan(&all_kept(&cache).await.map_err(missed)?, &status) {
        let arrived = move |bytes: u64| {
            let share = (bytes * 100).checked_div(fetch.info.bytes).unwrap_or(0).min(100);
            // Each hundredth is drawn once.
            if shelf.fetching.get_untracked() != Some(share as u8) {
                shelf.fetching.set(Some(share as u8));
            }
        };
        let Fetch { path, info, .. } = &fetch;
        let bytes = api_medicines::file(path, info.bytes, arrived).await.map_err(missed)?;
        let digest = crypto::sha256(&bytes).await.map_err(missed)?;
        let file = checked(&bytes, &digest, &fetch)?;
        let kept = Kept {
            scope: fetch.scope,
            release: file.release,
            bytes: info.bytes,
            sha256: digest,
            at: clock::now(),
        };
        cache.put(&kept.address(), &bytes).await.map_err(missed)?;
        take_up(shelf, &cache, Some(bytes), Some(&info.sha256)).await.map_err(missed)?;
    }
    // Before the last step: what that finds damaged is said, and looked for sooner.
    shelf.looked.set_value(Looked::Answered(clock::moment().running));
    shelf.trouble.set(String::new());
    // Another tab may have fetched what this one does not know of.
    take_up(shelf, &cache, None, Some(&status.full.sha256)).await.map_err(missed)
}

/// From now on the best of what is kept is used, and the others go. `wanted`: the SHA-256 that the server named, if it
/// was asked; `bytes`: of that file, if at hand.
async fn take_up(
    shelf: Shelf,
    cache: &Cache,
    bytes: Option<Vec<u8>>,
    wanted: Option<&str>,
) -> Result<(), Trouble> {
    let addresses = cache.addresses().await?;
    let kept: Vec<Kept> = addresses.iter().filter_map(|address| Kept::read(address)).collect();
    let best = chosen(&kept, wanted).cloned();
    let is_newer = shelf.kept.with_untracked(|now| *now != best);
    for address in leftovers(&addresses, best.as_ref()) {
        cache.remove(&address).await?;
    }
    let is_wanted = best.as_ref().is_some_and(|best| wanted == Some(best.sha256.as_str()));
    shelf.kept.set(best);
    if shelf.is_needed.get_value() && (is_newer || shelf.index.with_untracked(Option::is_none)) {
        read_in(shelf, cache, bytes.filter(|_| is_wanted)).await?;
    }
    Ok(())
}

async fn all_kept(cache: &Cache) -> Result<Vec<Kept>, Trouble> {
    Ok(cache.addresses().await?.iter().filter_map(|address| Kept::read(address)).collect())
}

/// What is on the device already, without reading it.
async fn look_at_device(shelf: Shelf) {
    let looked = async { take_up(shelf, &Cache::open(CACHE).await?, None, None).await };
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
    let Some((kept, bytes)) = whole(shelf, cache, bytes).await? else { return Ok(()) };
    match file::read(&bytes) {
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

/// The file on this device with its bytes. Another tab may have put a newer one in its place, so that a file which is
/// gone is not damaged: what is on the device is looked at again, once.
async fn whole(
    shelf: Shelf,
    cache: &Cache,
    bytes: Option<Vec<u8>>,
) -> Result<Option<(Kept, Vec<u8>)>, Trouble> {
    let Some(kept) = shelf.kept.get_untracked() else { return Ok(None) };
    let bytes = match bytes {
        Some(bytes) => Some(bytes),
        None => cache.get(&kept.address()).await?,
    };
    if let Some(bytes) = bytes {
        return Ok(Some((kept, bytes)));
    }
    let there = best(&all_kept(cache).await?).cloned();
    shelf.kept.set(there.clone());
    let Some(kept) = there else {
        shelf.looked.set_value(Looked::Since(clock::moment().running));
        return Ok(None);
    };
    Ok(cache.get(&kept.address()).await?.map(|bytes| (kept, bytes)))
}

/// `Fetching the medicines file: 40 %.`; empty while nothing is fetched.
pub fn progress_words(shelf: Shelf) -> String {
    shelf.fetching.get().map(|share| format!("Fetching the medicines file: {share} %.")).unwrap_or_default()
}

/// The release and its age for a list of what is ready.
pub fn age_words(shelf: Shelf, now: shared::time::Millis) -> String {
    shelf.kept.with(|kept| model::age_words(kept.as_ref(), now))
}
