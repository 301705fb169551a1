//! What is done on this device that the audit log must know, kept sealed until the server has it.

use super::opened::Opened;
use super::store;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use crate::platform::{api_people, clock};
use crate::state::Satchel;
use leptos::prelude::*;
use shared::api::{DeviceAudit, DeviceAuditLine};
use shared::ids::ConsultationId;
use shared::time;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Where the lines lie in the state store.
const LINES: &str = "audit/";
/// As many as the server takes at once.
const AT_ONCE: usize = 200;

/// Keeps a line and tells the server if it can be reached. One that the disk would not take is said aloud.
pub fn note(satchel: Satchel, action: &'static str, consultation: ConsultationId, why: String) {
    spawn_local(async move {
        let keeper = satchel.keeper.get_value();
        let Ok(opened) = keeper.opened() else { return };
        let line = DeviceAuditLine {
            id: uuid::Uuid::new_v4(),
            person: opened.who.person,
            at: time::stored(clock::now()),
            action: action.to_owned(),
            consultation,
            why,
        };
        match keep(satchel, &opened, &line).await {
            // Unsent it waits for the next session.
            Ok(()) => drop(tell(satchel, &opened).await),
            Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
        }
    });
}

async fn keep(satchel: Satchel, opened: &Opened, line: &DeviceAuditLine) -> Result<(), Trouble> {
    let vault = satchel.keeper.get_value().vault()?;
    let write = store::put_state(&opened.sealer, format!("{LINES}{}", line.id), line).await?;
    vault.database.write(&[write]).await
}

/// Tells the server what waits.
pub async fn tell(satchel: Satchel, opened: &Rc<Opened>) -> Result<(), Trouble> {
    let vault = satchel.keeper.get_value().vault()?;
    let found = store::open_under(&vault.database, &opened.sealer, "state", LINES).await?;
    let found = found.read(|plain| super::format::from_json::<DeviceAuditLine>(&plain))?;
    for part in found.whole.chunks(AT_ONCE) {
        let lines = part.iter().map(|(_, line)| line.clone()).collect();
        api_people::tell_audit(satchel, &DeviceAudit { lines }).await?;
        let told = part.iter().map(|(key, _)| Write::Delete { store: "state", key: key.clone() });
        vault.database.write(&told.collect::<Vec<_>>()).await?;
    }
    Ok(())
}
