//! Who can open the vault on this device: made for the first person, opened for the next, shut to one who leaves.

use super::contact::Contact;
use super::enrol::{self, Place, header_write, registration};
use super::keeper::Vault;
use super::opened::{Opened, Sealer};
use super::unlock::{self, Claim, Opening};
use super::{proof, rotation, start, store};
use crate::platform::crypto::{
    TransientAgreementKey, TransientSigningKey, TransientVaultKey, VaultKey, WrappingKey,
};
use crate::platform::database::Write;
use crate::platform::page::OnlyTab;
use crate::platform::trouble::Trouble;
use crate::platform::{api, js, storage};
use crate::state::{KeyHolder, LettingIn, Phase, Proof, Satchel};
use futures_util::lock::Mutex;
use leptos::prelude::*;
use shared::api::{PersonView, PharmacyView, ServerKey, SessionView, VaultKeyRequest};
use shared::authorship::{PasskeyAssertion, Unlock};
use shared::ids::PersonId;
use shared::vault::{AgreementKey, KEY_RETURN_INFO, VaultHeader, Wrap, WrapKind};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Where the server's public key lies, sealed: a new vault key can be sealed to it without a network, and nobody who
/// reaches the storage can put their own in its place.
pub const SERVER_KEY: &str = "server-key";

/// Somebody known to the server, with everything for a key of their own but the vault key itself.
#[derive(Debug)]
pub struct Newcomer {
    pub session: SessionView,
    pub person: PersonView,
    pub pharmacy: PharmacyView,
    pub kek: WrappingKey,
    pub kind: WrapKind,
    pub signing: TransientSigningKey,
    /// What the first receipt claims; `assertion` answers for it.
    pub claim: Claim,
    pub unlock: Unlock,
    pub assertion: Option<PasskeyAssertion>,
    /// They said that several people use the device.
    pub shared: bool,
}

impl Newcomer {
    /// The vault key wrapped for them, and a sealer of it.
    async fn wrap(
        &self,
        key: &TransientVaultKey,
        vault: &str,
        key_version: u32,
    ) -> Result<(Wrap, Sealer), Trouble> {
        let wrapped_key = self.kek.wrap_vault_key(key).await?;
        let sealer = Sealer {
            key: self.kek.open_vault_key(&wrapped_key).await?,
            vault: vault.to_owned(),
            key_version,
            earlier: BTreeMap::new(),
        };
        let wrap = Wrap {
            person: self.person.id,
            person_name: self.person.name.clone(),
            kind: self.kind.clone(),
            wrapped_key,
            wrapped_signing_key: self.kek.wrap_signing_key(&self.signing).await?,
            signing_key: self.signing.public.clone(),
            key_version,
            agreement: Some(agreement_key(&self.kek, &sealer, &self.person.id).await?),
            handed: None,
        };
        Ok((wrap, sealer))
    }
}

/// A new key pair by which this wrap can be handed later vault keys.
pub async fn agreement_key(
    kek: &WrappingKey,
    sealer: &Sealer,
    person: &PersonId,
) -> Result<AgreementKey, Trouble> {
    let pair = TransientAgreementKey::generate().await?;
    Ok(AgreementKey {
        public: sealer.seal_in_header(&agreement_name(person), &pair.public).await?,
        wrapped: kek.wrap_agreement_key(&pair).await?,
    })
}

/// What the sealed public half of an agreement key is called.
pub fn agreement_name(person: &PersonId) -> String {
    format!("agreement/{person}")
}

/// Gives a person their key: to a new vault, or to the one that is here, which somebody must open for them.
pub async fn settle_in(satchel: Satchel, newcomer: Newcomer, place: Place) -> Result<(), Trouble> {
    let Some(vault) = &place.vault else { return set_up(satchel, newcomer, place).await };
    vault.contact.borrow_mut().heard(&newcomer.session);
    *satchel.keeper.get_value().0.newcomer.borrow_mut() = Some(Rc::new(newcomer));
    show_letting_in(satchel);
    Ok(())
}

fn show_letting_in(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let (Ok(vault), Some(newcomer)) = (keeper.vault(), keeper.0.newcomer.borrow().clone()) else { return };
    let returning = vault.header.borrow().wraps.iter().any(|wrap| wrap.person == newcomer.person.id);
    satchel.phase.set(Phase::LettingIn(LettingIn {
        name: newcomer.person.name.clone(),
        returning,
        locked: start::view(&vault),
    }));
}

/// Back to the unlock screen: whoever waited for the vault to be opened has changed their mind.
pub fn give_up(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    keeper.0.newcomer.borrow_mut().take();
    keeper.0.half_done.borrow_mut().take();
    start::show_locked(satchel);
}

/// Makes the vault, opens it, and tells the server of this device. The key can be taken out only inside here.
async fn set_up(satchel: Satchel, newcomer: Newcomer, place: Place) -> Result<(), Trouble> {
    // Without persistence the browser may still keep it; the storage screen shows which.
    storage::ask_to_persist().await;
    let server = &newcomer.session.server_key;
    let vault_id = js::base64url(&js::random::<16>());
    let (wrap, sealer, sealed_to_server) = {
        let key = TransientVaultKey::generate().await?;
        let sealed = key.seal_to_server(&server.id, &server.public).await?;
        let (wrap, sealer) = newcomer.wrap(&key, &vault_id, 1).await?;
        (wrap, sealer, sealed)
    };
    let header = VaultHeader {
        v: shared::vault::HEADER_VERSION,
        vault: vault_id,
        pharmacy: newcomer.pharmacy.ods.clone(),
        pharmacy_name: newcomer.pharmacy.name.clone(),
        device: place.device,
        salt: js::base64url(&place.salt),
        key_version: 1,
        key_check: sealer.key_check().await?,
        wraps: vec![wrap.clone()],
        sealed_to_server,
        shared: newcomer.shared,
        rotation_due: false,
        earlier: Vec::new(),
    };
    let mut contact = Contact::default();
    contact.heard(&newcomer.session);
    let database = start::connect(satchel, &header.pharmacy).await?;
    let contact = RefCell::new(contact);
    let changing = Mutex::default();
    let vault = Rc::new(Vault { database, header: RefCell::new(header.clone()), contact, changing });
    let tab = unlock::only_tab(&vault).await?;
    keep(&vault, header, &newcomer, &sealer).await?;
    let key = sealer.key;
    enter(satchel, vault, &newcomer, wrap, key, tab).await
}

/// Writes a header that has this person in it, with what the vault must know of them.
async fn keep(
    vault: &Vault,
    header: VaultHeader,
    newcomer: &Newcomer,
    sealer: &Sealer,
) -> Result<(), Trouble> {
    let person_key = format!("person/{}", newcomer.person.id);
    let contact = vault.contact.borrow().write();
    let writes = [
        header_write(&header),
        contact,
        store::put_state(sealer, person_key, &newcomer.person).await?,
        server_key_write(sealer, &newcomer.session.server_key).await?,
    ];
    vault.database.write(&writes).await?;
    *vault.header.borrow_mut() = header;
    Ok(())
}

/// Remembers the server's public key, sealed.
pub async fn server_key_write(sealer: &Sealer, key: &ServerKey) -> Result<Write, Trouble> {
    store::put_state(sealer, SERVER_KEY.to_owned(), key).await
}

/// Opens the vault as the person who has just got a key to it.
async fn enter(
    satchel: Satchel,
    vault: Rc<Vault>,
    newcomer: &Newcomer,
    wrap: Wrap,
    key: VaultKey,
    tab: OnlyTab,
) -> Result<(), Trouble> {
    let (device, registration) = {
        let header = vault.header.borrow();
        (header.device, registration(&header, &wrap.signing_key))
    };
    // The server must know the key before it hears of work signed with it; without an answer sync sees to it later.
    if api::register_device(satchel, device, &registration).await.is_ok() {
        enrol::note_registered(&vault, newcomer.person.id).await?;
    }
    satchel.demo.set(newcomer.session.demo);
    let opening = Opening {
        vault,
        wrap,
        key,
        kek: newcomer.kek.clone(),
        claim: newcomer.claim,
        unlock: newcomer.unlock,
        assertion: newcomer.assertion.clone(),
    };
    opening.open(satchel, tab).await?;
    let keeper = satchel.keeper.get_value();
    keeper.0.newcomer.borrow_mut().take();
    keeper.0.half_done.borrow_mut().take();
    start::look_around(satchel).await;
    Ok(())
}

/// Somebody who can open the vault opens it for the newcomer.
pub async fn let_in(satchel: Satchel, index: usize, proof: Proof) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let newcomer = keeper.0.newcomer.borrow().clone().ok_or(Trouble::NotSignedIn)?;
    let tab = unlock::only_tab(&vault).await?;
    // From now on two people's passkeys may be on this device, so theirs needs a PIN beside it, too.
    let alone = vault.header.borrow().wraps.get(index).is_some_and(|wrap| {
        wrap.person != newcomer.person.id && matches!(wrap.kind, WrapKind::Passkey { .. })
    });
    if alone && matches!(proof, Proof::Sensor) {
        return Err(Trouble::PinNeeded);
    }
    let opening = proof::prove(satchel, &vault, index, proof).await?;
    let key = opening.kek.unwrap_vault_key(&opening.wrap.wrapped_key).await?;
    admit(satchel, vault, &newcomer, key, tab).await
}

/// The server opens its sealed copy for the newcomer, and keeps a note of it.
pub async fn let_in_by_server(satchel: Satchel) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let newcomer = keeper.0.newcomer.borrow().clone().ok_or(Trouble::NotSignedIn)?;
    let tab = unlock::only_tab(&vault).await?;
    let (device, name, version, registration) = {
        let header = vault.header.borrow();
        let registration = registration(&header, &newcomer.signing.public);
        (header.device, header.vault.clone(), header.key_version, registration)
    };
    // Also brings the newest sealed copy there, should the key have been changed without a network.
    api::register_device(satchel, device, &registration).await?;
    let pair = TransientAgreementKey::generate().await?;
    let request = VaultKeyRequest { ephemeral: js::base64url(&pair.public) };
    let answer = api::vault_key(satchel, device, &request).await?;
    let returned = answer.keys.iter().find(|key| key.vault == name && key.key_version == version);
    let sealed = &returned.ok_or(Trouble::NoSealedCopy)?.sealed;
    let key = pair.secret().open(&sealed.ephemeral, &sealed.sealed, KEY_RETURN_INFO).await?;
    admit(satchel, vault, &newcomer, key, tab).await
}

/// Wraps the key for the newcomer and opens the vault as them. Whoever comes back gets new ways in for their old ones,
/// and since one of those may be in another's hand, the key is changed as well.
async fn admit(
    satchel: Satchel,
    vault: Rc<Vault>,
    newcomer: &Newcomer,
    key: TransientVaultKey,
    tab: OnlyTab,
) -> Result<(), Trouble> {
    let changing = vault.changing.lock().await;
    let mut header = vault.header.borrow().clone();
    let (wrap, mut sealer) = newcomer.wrap(&key, &header.vault, header.key_version).await?;
    sealer.check(&header).await?;
    let before = header.wraps.len();
    header.wraps.retain(|wrap| wrap.person != newcomer.person.id);
    let returning = header.wraps.len() < before;
    header.shared |= newcomer.shared || !header.wraps.is_empty();
    header.wraps.push(wrap);
    let last = header.wraps.len() - 1;
    if returning {
        let server = &newcomer.session.server_key;
        (header, sealer) = rotation::rotate(&header, &key, &sealer, last, &newcomer.kek, server).await?;
        vault.contact.borrow_mut().registered.clear();
    }
    drop(key);
    let wrap = header.wraps[last].clone();
    keep(&vault, header, newcomer, &sealer).await?;
    drop(changing);
    let key = sealer.key;
    enter(satchel, vault, newcomer, wrap, key, tab).await
}

/// Takes a person's keys off this device and changes the vault's, after a fresh proof of who does it.
pub async fn remove(satchel: Satchel, person: PersonId, index: usize, proof: Proof) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let mine = vault.header.borrow().wraps.get(index).is_some_and(|wrap| wrap.person == opened.who.person);
    if !mine || person == opened.who.person {
        return Err(Trouble::Locked);
    }
    let server = server_key(satchel, &vault, &opened.sealer).await?;
    let opening = proof::prove(satchel, &vault, index, proof).await?;
    store::flush(satchel, &opened).await?;
    let old = opening.kek.unwrap_vault_key(&opening.wrap.wrapped_key).await?;
    let changing = vault.changing.lock().await;
    let mut header = vault.header.borrow().clone();
    header.wraps.retain(|wrap| wrap.person != person);
    let present = header.wraps.iter().position(|wrap| *wrap == opening.wrap).ok_or(Trouble::Locked)?;
    let (header, sealer) =
        rotation::rotate(&header, &old, &opened.sealer, present, &opening.kek, &server).await?;
    drop(old);
    let contact = {
        let mut contact = vault.contact.borrow_mut();
        // The server hears of the new key with the next contact.
        contact.registered.clear();
        contact.write()
    };
    vault.database.write(&[header_write(&header), contact]).await?;
    let opening = Opening { wrap: header.wraps[present].clone(), key: sealer.key, ..opening };
    *vault.header.borrow_mut() = header;
    drop(changing);
    open_again(satchel, opening).await
}

/// Drops the wraps of people who no longer work at the pharmacy; the next unlock changes the key, for which it takes
/// somebody's key-encryption key.
pub async fn let_go(satchel: Satchel, opened: &Opened) -> Result<(), Trouble> {
    let vault = satchel.keeper.get_value().vault()?;
    let staff: BTreeSet<PersonId> = api::people(satchel).await?.into_iter().map(|one| one.id).collect();
    // An answer that does not know who asks is not one to shut others out by.
    if !staff.contains(&opened.who.person) {
        return Ok(());
    }
    let _nobody_else = vault.changing.lock().await;
    let mut header = vault.header.borrow().clone();
    header.wraps.retain(|wrap| staff.contains(&wrap.person));
    if header.wraps.len() == vault.header.borrow().wraps.len() {
        return Ok(());
    }
    header.rotation_due = true;
    vault.database.write(&[header_write(&header)]).await?;
    *vault.header.borrow_mut() = header;
    Ok(())
}

/// Ends somebody's work at the pharmacy, and takes their keys off this device.
pub async fn dismiss(satchel: Satchel, person: PersonId) -> Result<(), Trouble> {
    api::remove_person(satchel, person).await?;
    let opened = satchel.keeper.get_value().opened()?;
    let_go(satchel, &opened).await
}

/// Changes the key of a vault from which somebody's wraps were dropped. Without the server's key, which a vault learns
/// at its first contact, it waits.
pub async fn rotate_if_due(opening: &mut Opening, sealer: &Sealer) -> Result<bool, Trouble> {
    let vault = opening.vault.clone();
    if !vault.header.borrow().rotation_due {
        return Ok(false);
    }
    let Some(server) = store::get_state(&vault.database, sealer, SERVER_KEY).await? else { return Ok(false) };
    let _nobody_else = vault.changing.lock().await;
    let header = vault.header.borrow().clone();
    let Some(present) = header.wraps.iter().position(|wrap| *wrap == opening.wrap) else { return Ok(false) };
    let old = opening.kek.unwrap_vault_key(&opening.wrap.wrapped_key).await?;
    let (header, renewed) = rotation::rotate(&header, &old, sealer, present, &opening.kek, &server).await?;
    let contact = {
        let mut contact = vault.contact.borrow_mut();
        contact.registered.clear();
        contact.write()
    };
    vault.database.write(&[header_write(&header), contact]).await?;
    opening.wrap = header.wraps[present].clone();
    opening.key = renewed.key;
    *vault.header.borrow_mut() = header;
    Ok(true)
}

/// The server's key as it says now, or as it said when it was last asked.
async fn server_key(satchel: Satchel, vault: &Vault, sealer: &Sealer) -> Result<ServerKey, Trouble> {
    if let Ok(session) = api::session(satchel).await {
        return Ok(session.server_key);
    }
    store::get_state(&vault.database, sealer, SERVER_KEY).await?.ok_or(Trouble::ServerKeyUnknown)
}

/// From now on several people use this device, so the person who is here needs a PIN beside the passkey.
pub async fn share(satchel: Satchel, index: usize, proof: Proof) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let opening = proof::prove(satchel, &vault, index, proof).await?;
    {
        let _nobody_else = vault.changing.lock().await;
        let header = VaultHeader { shared: true, ..vault.header.borrow().clone() };
        vault.database.write(&[header_write(&header)]).await?;
        *vault.header.borrow_mut() = header;
    }
    open_again(satchel, opening).await
}

/// Goes on under a fresh unlock: the same person, with new keys.
async fn open_again(satchel: Satchel, opening: Opening) -> Result<(), Trouble> {
    let tab = satchel.keeper.get_value().0.only_tab.borrow_mut().take().ok_or(Trouble::Locked)?;
    unlock::lock(satchel);
    opening.open(satchel, tab).await
}

/// Everybody with a key to the vault that is in view, in the order in which they came.
pub fn key_holders(satchel: Satchel) -> Vec<KeyHolder> {
    let Ok(vault) = satchel.keeper.get_value().vault() else { return Vec::new() };
    let header = vault.header.borrow();
    let mut holders: Vec<KeyHolder> = Vec::new();
    for (way, wrap) in start::ways(&header).into_iter().zip(&header.wraps) {
        let away = wrap.handed.is_some();
        if let Some(holder) = holders.iter_mut().find(|holder| holder.person == wrap.person) {
            holder.away &= away;
            holder.ways.push(way);
        } else {
            let (person, name) = (wrap.person, wrap.person_name.clone());
            holders.push(KeyHolder { person, name, ways: vec![way], away });
        }
    }
    holders
}
