//! The first moments: is there a vault here, who can open it, does the server answer.

use super::contact::Contact;
use super::keeper::Vault;
use super::{evicted, locking, store};
use crate::platform::database::Database;
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock, page, service_worker, settings};
use crate::state::{LockedView, Phase, Satchel, WayIn};
use crate::worker;
use futures_util::lock::Mutex;
use leptos::prelude::*;
use shared::api::PharmacyView;
use shared::authorship::Unlock;
use shared::ids::OdsCode;
use shared::vault::{NotAHeader, VaultHeader, Wrap, WrapKind};
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
    worker::page::warm(satchel);
    service_worker::start(move || satchel.update_ready.set(true));
    let failure = page::take_cis2_failure();
    spawn_local(async move {
        show_any(satchel).await;
        if failure.is_some() {
            satchel.trouble.set(failure);
        }
        // Being offline at the start is ordinary; the connection says so already.
        if let Ok(session) = api::session(satchel).await {
            satchel.demo.set(session.demo);
            satchel.cis2.set(session.cis2.clone());
            // A session that a passkey began needs nobody's help here.
            satchel.arrival.set(Some(session).filter(|session| session.cis2.present.is_some()));
        }
    });
}

/// Shows the unlock screen of the vault last used here; or, because a crash can lose that preference, of any.
pub async fn show_any(satchel: Satchel) {
    look_around(satchel).await;
    let last = settings::pharmacy();
    let others = satchel.pharmacies.get_untracked().into_iter().map(|one| one.ods);
    for ods in last.into_iter().chain(others) {
        match bring_into_view(satchel, &ods).await {
            Ok(true) => break,
            Ok(false) => {}
            // A vault that cannot be read is said aloud, and does not keep anybody from the others.
            Err(trouble) => satchel.trouble.set(Some(format!("{ods}: {trouble}"))),
        }
    }
    if satchel.pharmacies.with_untracked(Vec::is_empty) && satchel.trouble.with_untracked(Option::is_none) {
        evicted::tell(satchel);
    }
    show_locked(satchel);
}

/// Notes which pharmacies have a vault on this device.
pub async fn look_around(satchel: Satchel) {
    let mut found = Vec::new();
    for name in Database::names().await {
        let Some(ods) = name.strip_prefix(PREFIX).and_then(|ods| ods.parse::<OdsCode>().ok()) else {
            continue;
        };
        // One that cannot be read does not hide the others; it says so itself when it is chosen.
        if let Ok(Some(vault)) = open_database(satchel, &ods).await {
            vault.database.close();
            found.push(PharmacyView { ods, name: vault.header.borrow().pharmacy_name.clone() });
        }
    }
    satchel.pharmacies.set(found);
}

/// Makes a pharmacy's vault the one that the screens are about; `false` where there is none.
pub async fn bring_into_view(satchel: Satchel, ods: &OdsCode) -> Result<bool, Trouble> {
    let keeper = satchel.keeper.get_value();
    let here = keeper.0.vault.borrow().clone();
    if here.as_ref().is_some_and(|vault| vault.header.borrow().pharmacy == *ods) {
        return Ok(true);
    }
    let Some(vault) = open_database(satchel, ods).await? else { return Ok(false) };
    if let Some(before) = here {
        before.database.close();
    }
    show_contact(satchel, &vault.contact.borrow());
    // Markers can be counted without opening anything, so a locked device does not say that all is sent.
    if let Ok(unsent) = store::load_unsent(&vault.database).await {
        satchel.waiting.set(unsent.len());
    }
    *keeper.0.vault.borrow_mut() = Some(Rc::new(vault));
    Ok(true)
}

/// The person chose a pharmacy on the unlock screen.
pub async fn choose(satchel: Satchel, ods: &str) -> Result<(), Trouble> {
    let ods: OdsCode = ods.parse().map_err(|_| Trouble::Locked)?;
    bring_into_view(satchel, &ods).await?;
    settings::set_pharmacy(&ods);
    show_locked(satchel);
    Ok(())
}

/// A pharmacy's vault on this device, locked; `None` where none was ever finished.
pub async fn open_database(satchel: Satchel, ods: &OdsCode) -> Result<Option<Vault>, Trouble> {
    let database = connect(satchel, ods).await?;
    let Some(text) = database.get_text("header", HEADER).await? else {
        database.close();
        return Ok(None);
    };
    let header = VaultHeader::from_json(&text).map_err(|why| match why {
        NotAHeader::Newer => Trouble::NewerRecords,
        NotAHeader::Damaged => Trouble::Unsealable,
    })?;
    // A header brought over from another pharmacy's vault opens nothing here.
    if header.pharmacy != *ods {
        return Err(Trouble::Unsealable);
    }
    let contact = RefCell::new(Contact::read(&database).await?);
    Ok(Some(Vault { database, header: RefCell::new(header), contact, changing: Mutex::default() }))
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

/// What the unlock screen of a vault shows.
pub fn view(vault: &Vault) -> LockedView {
    let (header, contact) = (vault.header.borrow(), vault.contact.borrow());
    LockedView {
        ods: header.pharmacy.to_string(),
        pharmacy_name: header.pharmacy_name.clone(),
        ways: ways(&header),
        last_contact: contact.at,
        contact_overdue: contact.overdue(clock::now()),
        shared: header.shared,
    }
}

/// Every way into a vault, in the order of its header.
pub fn ways(header: &VaultHeader) -> Vec<WayIn> {
    let way = |(index, wrap): (usize, &Wrap)| WayIn {
        index,
        person: wrap.person,
        name: wrap.person_name.clone(),
        by: match wrap.kind {
            WrapKind::Passkey { .. } => Unlock::Passkey,
            WrapKind::PasskeyAndPin { .. } => Unlock::PasskeyAndPin,
            WrapKind::Passphrase { .. } => Unlock::Passphrase,
        },
    };
    header.wraps.iter().enumerate().map(way).collect()
}

/// Shows when the server last answered, and whether the clock is to be believed.
pub fn show_contact(satchel: Satchel, contact: &Contact) {
    let now = clock::now();
    satchel.last_contact.set(contact.at);
    satchel.clock_doubtful.set(contact.clock_doubtful(now));
    satchel.closed.set(contact.overdue(now));
}
