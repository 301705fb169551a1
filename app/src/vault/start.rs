//! The first moments: is there a vault here, who can open it, does the server answer.

use super::contact::Contact;
use super::keeper::Vault;
use super::{locking, store};
use crate::platform::database::Database;
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock, service_worker, settings};
use crate::state::{LockedView, Phase, Satchel, WayIn};
use leptos::prelude::*;
use shared::authorship::Unlock;
use shared::ids::OdsCode;
use shared::vault::{VaultHeader, WrapKind};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Where the header lies in its store.
pub const HEADER: &str = "header";

const PREFIX: &str = "satchel-vault-";

/// One database a pharmacy.
pub fn database_name(ods: &OdsCode) -> String {
    format!("{PREFIX}{}", ods.as_str().to_lowercase())
}

pub fn start(satchel: Satchel) {
    locking::watch(satchel);
    service_worker::start(move || satchel.update_ready.set(true));
    spawn_local(async move {
        match find(satchel).await {
            Ok(Some(vault)) => {
                show_contact(satchel, &vault.contact.borrow());
                // Markers can be counted without opening anything, so a locked device does not say that all is sent.
                if let Ok(unsent) = store::load_unsent(&vault.database).await {
                    satchel.waiting.set(unsent.len());
                }
                *satchel.keeper.get_value().0.vault.borrow_mut() = Some(Rc::new(vault));
                show_locked(satchel);
            }
            Ok(None) => satchel.phase.set(Phase::Fresh),
            Err(trouble) => {
                satchel.trouble.set(Some(trouble.to_string()));
                satchel.phase.set(Phase::Fresh);
            }
        }
        // Being offline at the start is ordinary; the connection says so already.
        if let Ok(session) = api::session(satchel).await {
            satchel.demo.set(session.demo);
        }
    });
}

/// The vault last used here; or, because a crash can lose that preference, any that is here.
async fn find(satchel: Satchel) -> Result<Option<Vault>, Trouble> {
    if let Some(ods) = settings::pharmacy()
        && let Some(vault) = open_database(satchel, &ods).await?
    {
        return Ok(Some(vault));
    }
    for name in Database::names().await {
        let Some(ods) = name.strip_prefix(PREFIX).and_then(|ods| ods.parse().ok()) else { continue };
        if let Some(vault) = open_database(satchel, &ods).await? {
            return Ok(Some(vault));
        }
    }
    Ok(None)
}

/// A pharmacy's vault on this device, locked; `None` where none was ever finished.
pub async fn open_database(satchel: Satchel, ods: &OdsCode) -> Result<Option<Vault>, Trouble> {
    let database = connect(satchel, ods).await?;
    let Some(text) = database.get_text("header", HEADER).await? else {
        database.close();
        return Ok(None);
    };
    let header: VaultHeader = serde_json::from_str(&text).map_err(|_| Trouble::Unsealable)?;
    let contact = Contact::read(&database).await?;
    Ok(Some(Vault { database, header: RefCell::new(header), contact: RefCell::new(contact) }))
}

/// The bare database of a pharmacy, made if need be.
pub async fn connect(satchel: Satchel, ods: &OdsCode) -> Result<Database, Trouble> {
    let tell = move |trouble: Trouble| satchel.trouble.set(Some(trouble.to_string()));
    Database::open(&database_name(ods), tell).await
}

/// Shows the unlock screen, or the first one where there is no vault.
pub fn show_locked(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let view = keeper.0.vault.borrow().as_ref().map(|vault| view(vault));
    satchel.phase.set(view.map_or(Phase::Fresh, Phase::Locked));
}

fn view(vault: &Vault) -> LockedView {
    let (header, contact) = (vault.header.borrow(), vault.contact.borrow());
    let ways = header.wraps.iter().enumerate().map(|(index, wrap)| WayIn {
        index,
        person: wrap.person,
        name: wrap.person_name.clone(),
        by: match wrap.kind {
            WrapKind::Passkey { .. } => Unlock::Passkey,
            WrapKind::PasskeyAndPin { .. } => Unlock::PasskeyAndPin,
            WrapKind::Passphrase { .. } => Unlock::Passphrase,
        },
    });
    LockedView {
        ods: header.pharmacy.to_string(),
        pharmacy_name: header.pharmacy_name.clone(),
        ways: ways.collect(),
        last_contact: contact.at,
        contact_overdue: contact.overdue(clock::now()),
    }
}

/// Shows when the server last answered, and whether the clock is to be believed.
pub fn show_contact(satchel: Satchel, contact: &Contact) {
    satchel.last_contact.set(contact.at);
    satchel.clock_doubtful.set(contact.clock_doubtful(clock::now()));
}
