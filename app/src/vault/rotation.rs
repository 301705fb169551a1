//! A new vault key: wrapped for who is here, handed to who is not, and the old one kept until nothing needs it.

use super::enrol::header_write;
use super::keeper::Vault;
use super::opened::{Opened, Sealer};
use super::people::agreement_name;
use crate::platform::clock;
use crate::platform::crypto::{TransientVaultKey, WrappingKey};
use crate::platform::database::Database;
use crate::platform::reseal::{self, Replacement};
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use leptos::prelude::*;
use shared::api::ServerKey;
use shared::vault::{EarlierKey, VaultHeader, earlier_key_data};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Records sealed anew in one transaction: few enough that an edit never waits for them.
const SLICE: usize = 64;
/// Milliseconds between two slices.
const PAUSE: u32 = 20;
/// Stores with sealed records.
const SEALED: [&str; 5] = ["changes", "bases", "rows", "state", "quarantine"];

/// The header with the next key in it, and that key's sealer. Only `present`, whose key-encryption key is here, gets it
/// wrapped at once; it is handed to the others' public keys, which they alone can use at their next unlock.
///
/// Nothing is written: a header is replaced as a whole, so a crash leaves either key in force and none half-way.
pub async fn rotate(
    header: &VaultHeader,
    old: &TransientVaultKey,
    sealer: &Sealer,
    present: usize,
    kek: &WrappingKey,
    server: &ServerKey,
) -> Result<(VaultHeader, Sealer), Trouble> {
    let next = TransientVaultKey::generate().await?;
    let mut header = header.clone();
    let version = header.key_version + 1;
    for earlier in &mut header.earlier {
        let data = earlier_key_data(&header.vault, earlier.key_version);
        let key = old.unwrap_earlier(&earlier.wrapped_key, &data).await?;
        earlier.wrapped_key = next.wrap_earlier(&key, &data).await?;
    }
    let data = earlier_key_data(&header.vault, header.key_version);
    let wrapped_key = next.wrap_earlier(old, &data).await?;
    header.earlier.push(EarlierKey { key_version: header.key_version, wrapped_key });
    let wrapped_key = kek.wrap_vault_key(&next).await?;
    let mut earlier = sealer.earlier.clone();
    earlier.insert(sealer.key_version, sealer.key.clone());
    let key = kek.open_vault_key(&wrapped_key).await?;
    let renewed = Sealer { key, vault: header.vault.clone(), key_version: version, earlier };
    let mut wraps = Vec::with_capacity(header.wraps.len());
    for (index, mut wrap) in header.wraps.into_iter().enumerate() {
        let name = agreement_name(&wrap.person);
        let public = match &wrap.agreement {
            Some(agreement) => sealer.open_in_header(&name, &agreement.public).await.ok(),
            None => None,
        };
        if let (Some(agreement), Some(public)) = (&mut wrap.agreement, &public) {
            agreement.public = renewed.seal_in_header(&name, public).await?;
        }
        if index == present {
            wrap.wrapped_key.clone_from(&wrapped_key);
            wrap.key_version = version;
            wrap.handed = None;
        } else {
            // Without a public key of theirs nothing can be left for them: somebody must let them in again.
            let Some(public) = public else { continue };
            wrap.handed = Some(next.hand_to(&public, version).await?);
        }
        wraps.push(wrap);
    }
    header.wraps = wraps;
    header.key_version = version;
    header.rotation_due = false;
    header.key_check = renewed.key_check().await?;
    header.sealed_to_server = next.seal_to_server(&server.id, &server.public).await?;
    Ok((header, renewed))
}

/// Seals in the background what earlier keys sealed, for as long as this unlock lasts; goes on with the next one.
pub fn reseal(satchel: Satchel, opened: Rc<Opened>) {
    let keeper = satchel.keeper.get_value();
    let Ok(vault) = keeper.vault() else { return };
    if vault.header.borrow().earlier.is_empty() {
        return;
    }
    spawn_local(async move {
        // What fails here fails again at the next unlock at worst; the earlier key stays until then.
        if let Err(trouble) = all(satchel, &vault, &opened).await
            && trouble.is_about_storage()
        {
            satchel.trouble.set(Some(trouble.to_string()));
        }
        satchel.resealing.set(None);
    });
}

async fn all(satchel: Satchel, vault: &Vault, opened: &Rc<Opened>) -> Result<(), Trouble> {
    // The earlier keys go only after a pass that found nothing: a write that was on its way when the key was changed
    // may have landed behind the one before.
    loop {
        match one_pass(satchel, vault, opened).await? {
            Pass::Clean => break,
            Pass::Sealed => {}
            Pass::Stopped => return Ok(()),
        }
    }
    let _nobody_else = vault.changing.lock().await;
    if satchel.keeper.get_value().is_current(opened) {
        let header = VaultHeader { earlier: Vec::new(), ..vault.header.borrow().clone() };
        vault.database.write(&[header_write(&header)]).await?;
        *vault.header.borrow_mut() = header;
    }
    Ok(())
}

/// What a look at every record came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    /// None needed an earlier key.
    Clean,
    /// Some were sealed anew.
    Sealed,
    /// The vault was locked meanwhile; or there are records under a key that is not here, so that something is amiss,
    /// and no key is to be thrown away.
    Stopped,
}

async fn one_pass(satchel: Satchel, vault: &Vault, opened: &Rc<Opened>) -> Result<Pass, Trouble> {
    let mut keys = Vec::new();
    for store in SEALED {
        keys.extend(vault.database.keys_under(store, "").await?.into_iter().map(|key| (store, key)));
    }
    let mut left = keys.len();
    let mut pass = Pass::Clean;
    for slice in keys.chunks(SLICE) {
        if !satchel.keeper.get_value().is_current(opened) {
            return Ok(Pass::Stopped);
        }
        satchel.resealing.set(Some(left));
        pass = pass.max(one_slice(&vault.database, &opened.sealer, slice).await?);
        left -= slice.len();
        clock::sleep(PAUSE).await;
    }
    Ok(pass)
}

async fn one_slice(
    database: &Database,
    sealer: &Sealer,
    slice: &[(&'static str, String)],
) -> Result<Pass, Trouble> {
    let mut missing = false;
    let mut replacements = Vec::new();
    for (store, key) in slice {
        let Some(before) = database.get(store, key).await? else { continue };
        if !sealer.is_outdated(&before) {
            continue;
        }
        if !sealer.holds(&before) {
            missing = true;
            continue;
        }
        match sealer.open(store, key, &before).await {
            Ok(plain) => {
                let after = sealer.seal(store, key, &plain).await?;
                replacements.push(Replacement { store, key: key.clone(), before, after });
            }
            // Torn: its key is here and does not open it, so keeping the key longer would not, either.
            Err(Trouble::Unsealable) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    // A record that was written meanwhile is left as it is: it is newer, and under the newest key.
    reseal::replace(database, &replacements).await?;
    Ok(match (missing, replacements.is_empty()) {
        (true, _) => Pass::Stopped,
        (false, true) => Pass::Clean,
        (false, false) => Pass::Sealed,
    })
}
