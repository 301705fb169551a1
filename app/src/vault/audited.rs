//! What a person reads, prints and copies on this device, kept sealed until the server has it in its audit log.

use super::store;
use crate::platform::trouble::Trouble;
use crate::platform::{api_patients, clock};
use crate::state::Satchel;
use leptos::prelude::*;
use shared::api::{DeviceAudit, DeviceAuditLine};
use shared::ids::ConsultationId;
use shared::time::{self, Millis};
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

pub const OPENED: &str = "opened-consultation";
pub const OPENED_HISTORY: &str = "opened-history";
pub const PRINTED: &str = "printed";
pub const COPIED_NUMBER: &str = "copied-nhs-number";
pub const OPENED_NCRS: &str = "opened-ncrs";
pub const OPENED_TRACKER: &str = "opened-tracker";
pub const STARTED_WITHOUT_EVIDENCE: &str = "started-without-evidence";

const UNDER: &str = "audit/";
/// As many lines as the server takes at once.
const AT_ONCE: usize = 200;
/// Lines kept on a device that never meets its server: a month of a busy pharmacy. The oldest give way.
const MOST: usize = 5_000;

/// Keys sort by time, so that the oldest goes first.
fn key(at: Millis, id: Uuid) -> String {
    format!("{UNDER}{at:013}-{id}")
}

/// Keys that must give way to one more line.
fn in_the_way(keys: &[String], most: usize) -> &[String] {
    &keys[..(keys.len() + 1).saturating_sub(most)]
}

/// Notes what the person who is here does, and why where that is asked for. It is told as soon as there is signal.
pub fn note(satchel: Satchel, action: &'static str, consultation: ConsultationId, why: String) {
    spawn_local(async move {
        if let Err(trouble) = keep(satchel, action, consultation, why).await
            && trouble.is_about_storage()
        {
            satchel.trouble.set(Some(trouble.to_string()));
        }
    });
}

async fn keep(
    satchel: Satchel,
    action: &'static str,
    consultation: ConsultationId,
    why: String,
) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let (at, id) = (clock::now(), Uuid::new_v4());
    let line = DeviceAuditLine {
        id,
        person: opened.who.person,
        at: time::stored(at),
        action: action.to_owned(),
        consultation,
        why,
    };
    let mut writes = vec![store::put_state(&opened.sealer, key(at, id), &line).await?];
    let keys = vault.database.keys_under("state", UNDER).await?;
    writes.extend(in_the_way(&keys, MOST).iter().cloned().map(store::forget));
    vault.database.write(&writes).await?;
    keeper.0.audits_to_tell.set(true);
    Ok(())
}

/// Gives the server every line that it has not; a line is forgotten only once the server has said that it has it.
pub async fn tell(satchel: Satchel) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let keys = vault.database.keys_under("state", UNDER).await?;
    for keys in keys.chunks(AT_ONCE) {
        let mut lines = Vec::with_capacity(keys.len());
        for key in keys {
            match store::get_state::<DeviceAuditLine>(&vault.database, &opened.sealer, key).await {
                Ok(line) => lines.extend(line),
                // Nobody can read it any more, so it is no evidence; it must not hold up the others.
                Err(Trouble::Unsealable) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        if !lines.is_empty() {
            api_patients::audit(satchel, &DeviceAudit { lines }).await?;
        }
        let sent: Vec<_> = keys.iter().cloned().map(store::forget).collect();
        vault.database.write(&sent).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_the_order_of_time() {
        let (first, second) = (key(999, Uuid::from_u128(9)), key(1_795_000_000_000, Uuid::from_u128(1)));
        assert!(first < second);
    }

    #[test]
    fn a_device_that_never_meets_its_server_keeps_the_newest_lines() {
        let keys: Vec<String> = (0..5).map(|at| key(at, Uuid::nil())).collect();
        assert!(in_the_way(&keys, 6).is_empty());
        assert_eq!(in_the_way(&keys, 5), &keys[..1]);
        assert_eq!(in_the_way(&keys, 3), &keys[..3]);
    }
}
