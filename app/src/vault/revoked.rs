//! A device that was removed gives up its sealed log as it is, locked or not, and only then forgets everything
//! (design 6, the way back).

use super::keeper::Vault;
use super::{edits, start, store, unlock};
use crate::platform::database::Database;
use crate::platform::settings::Removed;
use crate::platform::trouble::Trouble;
use crate::platform::{api_recovery, clock, settings};
use crate::state::{Phase, Satchel};
use crate::ui::words;
use leptos::prelude::*;
use shared::api::Standing;
use shared::ids::DeviceId;
use shared::time::Millis;
use shared::vault::{LOG_PART_BYTES, SealedLog, SealedRecord};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How often a device asks whether it is still wanted, in milliseconds: now and then, and sooner when the server will
/// not sign it in.
const NOW_AND_THEN: Millis = 5 * 60_000;
const SOONER: Millis = 5_000;
/// Between two tries to give up the log, in milliseconds.
const AGAIN: u32 = 10_000;
/// Before what the server could not open is sent once more: it may have been given an older key meanwhile.
const MUCH_LATER: u32 = 10 * 60_000;
/// Bytes of sealed records in one part: little enough to arrive over a poor link before the app loses patience.
const PART: usize = 512 * 1024;
/// At most so many bytes around each record in a part, and around all of them.
const FRAMING: usize = 64;
const SPARE: usize = 1024;

/// How far the removal of this device has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// What had not been sent goes up, still sealed.
    Sending,
    /// It could not be sent yet, in words; it is tried again by itself.
    Waiting(String),
}

/// Asks, when it is time, whether this device is still wanted; call it once a second.
pub fn watch(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let Ok(vault) = keeper.vault() else { return };
    if satchel.removal.with_untracked(Option::is_some) || keeper.0.asking_standing.get() {
        return;
    }
    let now = clock::moment().running;
    let shut_out = keeper.opened().is_ok() && keeper.0.nudge.borrow().is_none();
    let pause = if shut_out { SOONER } else { NOW_AND_THEN };
    if keeper.0.asked_standing_at.get().is_some_and(|asked| now - asked < pause) {
        return;
    }
    keeper.0.asked_standing_at.set(Some(now));
    keeper.0.asking_standing.set(true);
    spawn_local(async move {
        let device = vault.header.borrow().device;
        // Offline or unknown: nothing is to be done, and above all nothing deleted.
        let standing = api_recovery::standing(satchel, device).await;
        satchel.keeper.get_value().0.asking_standing.set(false);
        if matches!(standing, Ok(Standing::Revoked)) {
            leave(satchel, vault, device).await;
        }
    });
}

async fn leave(satchel: Satchel, vault: Rc<Vault>, device: DeviceId) {
    let keeper = satchel.keeper.get_value();
    satchel.removal.set(Some(Removal::Sending));
    if let Ok(opened) = keeper.opened() {
        // What is in memory belongs to the log; if the disk will not take it, what is on disk still goes up.
        if let Err(trouble) = edits::flush(satchel, &opened).await {
            satchel.trouble.set(Some(trouble.to_string()));
        }
        unlock::lock(satchel);
    }
    loop {
        let (why, pause) = match give_up(satchel, &vault, device).await {
            Ok(0) => break,
            Ok(unopened) => (unopened_words(unopened), MUCH_LATER),
            Err(trouble) => (trouble.to_string(), AGAIN),
        };
        satchel.removal.set(Some(Removal::Waiting(why)));
        clock::sleep(pause).await;
        satchel.removal.set(Some(Removal::Sending));
    }
    satchel.removed_note.set(settings::removed());
    satchel.removal.set(None);
}

fn unopened_words(unopened: usize) -> String {
    let records = words::count(unopened, "record", "records");
    format!(
        "The server could not open {records} that this device sent. Keep the device as it is, and tell your supplier."
    )
}

/// All of it, part by part; the vault goes only after the server has every part on its disk and could open all that
/// is in it. Answers how many records it could not open.
async fn give_up(satchel: Satchel, vault: &Rc<Vault>, device: DeviceId) -> Result<usize, Trouble> {
    // No other tab may be writing what this one has read already.
    let tab = unlock::only_tab(vault).await?;
    let mut unopened = 0;
    for part in parts(vault).await? {
        unopened += api_recovery::send_log(satchel, device, &part.to_bytes()).await?.unopened;
    }
    if unopened > 0 {
        return Ok(unopened);
    }
    let (ods, name) = {
        let header = vault.header.borrow();
        (header.pharmacy.clone(), header.pharmacy_name.clone())
    };
    vault.database.close();
    satchel.keeper.get_value().0.vault.borrow_mut().take();
    Database::delete(&start::database_name(&ods)).await?;
    settings::forget_device(&ods);
    settings::note_removed(&Removed { pharmacy: name, at: clock::now() });
    satchel.waiting.set(0);
    satchel.last_contact.set(None);
    satchel.clock_doubtful.set(false);
    satchel.closed.set(false);
    drop(tab);
    // The vault of another pharmacy may lie here, too.
    start::show_any(satchel).await;
    if satchel.phase.with_untracked(|phase| matches!(phase, Phase::Fresh)) {
        settings::forget_all();
    }
    Ok(0)
}

/// The sealed log, read without any key.
async fn parts(vault: &Vault) -> Result<Vec<SealedLog>, Trouble> {
    let database = &vault.database;
    let header = database.get_text("header", start::HEADER).await?.ok_or(Trouble::StorageLost)?;
    let mut proofs = Vec::new();
    for prefix in ["actor/", "receipt/"] {
        for (key, sealed) in database.under("state", prefix).await? {
            proofs.push(SealedRecord { store: "state".to_owned(), key, sealed });
        }
    }
    let mut unsent: Vec<Vec<SealedRecord>> = Vec::new();
    for (id, waiting) in store::load_unsent(database).await? {
        let mut records = Vec::new();
        for hash in &waiting.changes {
            let key = store::change_key(&id, hash);
            if let Some(sealed) = database.get("changes", &key).await? {
                records.push(SealedRecord { store: "changes".to_owned(), key, sealed });
            }
        }
        if !records.is_empty() {
            unsent.push(records);
        }
    }
    Ok(cut(&header, &proofs, unsent))
}

/// Cuts between consultations; inside one only where it is larger than the server takes. There is a last part even
/// when nothing is unsent, since its answer allows to forget.
fn cut(header: &str, proofs: &[SealedRecord], unsent: Vec<Vec<SealedRecord>>) -> Vec<SealedLog> {
    let part = |records: Vec<SealedRecord>| SealedLog {
        header: header.to_owned(),
        records: proofs.iter().cloned().chain(records).collect(),
        last: false,
    };
    let mut parts = Vec::new();
    let mut records: Vec<SealedRecord> = Vec::new();
    let size = |records: &[SealedRecord]| records.iter().map(|r| r.sealed.len() + r.key.len()).sum::<usize>();
    let most = LOG_PART_BYTES.saturating_sub(size(proofs) + header.len() + FRAMING * proofs.len() + SPARE);
    for consultation in unsent {
        if !records.is_empty() && size(&records) + size(&consultation) > PART {
            parts.push(part(std::mem::take(&mut records)));
        }
        for record in consultation {
            let full = size(&records) + size(std::slice::from_ref(&record)) + FRAMING * (records.len() + 1);
            if !records.is_empty() && full > most {
                parts.push(part(std::mem::take(&mut records)));
            }
            records.push(record);
        }
    }
    parts.push(SealedLog { last: true, ..part(records) });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(store: &str, key: &str, size: usize) -> SealedRecord {
        SealedRecord { store: store.to_owned(), key: key.to_owned(), sealed: vec![7; size] }
    }

    #[test]
    fn every_part_stands_alone_and_no_consultation_is_cut_in_two() {
        let proofs = [record("state", "actor/01", 80), record("state", "receipt/02", 900)];
        let unsent: Vec<Vec<SealedRecord>> = (0..5)
            .map(|n| (0..3).map(|m| record("changes", &format!("{n}/{m}"), PART / 6)).collect())
            .collect();
        let parts = cut("{}", &proofs, unsent);
        assert_eq!(parts.len(), 5);
        let last: Vec<bool> = parts.iter().map(|part| part.last).collect();
        assert_eq!(last, [false, false, false, false, true]);
        for part in &parts {
            assert_eq!(part.records[..2], proofs);
            let of: std::collections::BTreeSet<&str> =
                part.records[2..].iter().filter_map(|record| record.key.split('/').next()).collect();
            assert_eq!((of.len(), part.records.len()), (1, 5));
        }
    }

    #[test]
    fn a_consultation_larger_than_the_server_takes_is_cut_and_every_part_fits() {
        let proofs = [record("state", "actor/01", 80)];
        let one = (0..9).map(|n| record("changes", &format!("c/{n}"), LOG_PART_BYTES / 4)).collect();
        let parts = cut("{}", &proofs, vec![one]);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.to_bytes().len() <= LOG_PART_BYTES));
        let sent: usize = parts.iter().map(|part| part.records.len() - 1).sum();
        assert_eq!(sent, 9);
    }

    #[test]
    fn a_device_with_nothing_unsent_still_says_so() {
        let parts = cut("{}", &[], Vec::new());
        assert_eq!((parts.len(), parts[0].last, parts[0].records.len()), (1, true, 0));
    }
}
