//! Opening the vault offline, with a receipt to prove it; locking; leaving.

use super::contact::Contact;
use super::keeper::Vault;
use super::opened::{Opened, Sealer};
use super::{enrol, list, people, proof, rotation, start, store};
use crate::platform::crypto::{SigningKey, VaultKey, WrappingKey};
use crate::platform::database::Database;
use crate::platform::page::OnlyTab;
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock, js, settings};
use crate::standing::keeping;
use crate::state::{Phase, Proof, Satchel, Who};
use crate::sync::driver;
use crate::work_list::rows::Rows;
use futures_util::future::join3;
use leptos::prelude::*;
use shared::api::PersonView;
use shared::authorship::{PasskeyAssertion, Receipt, Unlock, actor, challenge};
use shared::consultation::{Author, Writer};
use shared::time::Millis;
use shared::vault::{VaultHeader, Wrap, earlier_key_data};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What an unlock claims, fixed before the passkey is asked.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    pub counter: u64,
    pub at: Millis,
}

/// Opens the vault with what one person brings.
pub async fn unlock(satchel: Satchel, index: usize, proof: Proof) -> Result<(), Trouble> {
    let vault = satchel.keeper.get_value().vault()?;
    let tab = only_tab(&vault).await?;
    proof::prove(satchel, &vault, index, proof).await?.open(satchel, tab).await
}

/// Only one tab may have a vault open: its actor and its copies of documents are its own.
pub async fn only_tab(vault: &Vault) -> Result<OnlyTab, Trouble> {
    let name = start::database_name(&vault.header.borrow().pharmacy);
    OnlyTab::hold(&name).await.ok_or(Trouble::OpenElsewhere)
}

pub fn salt(vault: &Vault) -> Result<Vec<u8>, Trouble> {
    js::from_base64url(&vault.header.borrow().salt).ok_or(Trouble::Unsealable)
}

/// The next unlock's place and time.
pub fn claim(vault: &Vault) -> Claim {
    Claim { counter: vault.contact.borrow().counter + 1, at: clock::now() }
}

pub fn challenge_of(vault: &Vault, wrap: &Wrap, claim: Claim) -> [u8; 32] {
    let (header, contact) = (vault.header.borrow(), vault.contact.borrow());
    challenge(&wrap.person, &header.device, &contact.server_nonce, claim.counter, claim.at, &wrap.signing_key)
}

/// Everything that an unlock brings together.
pub struct Opening {
    pub vault: Rc<Vault>,
    pub wrap: Wrap,
    /// What `wrap` holds, under `kek`.
    pub key: VaultKey,
    pub kek: WrappingKey,
    pub claim: Claim,
    pub unlock: Unlock,
    pub assertion: Option<PasskeyAssertion>,
}

impl Opening {
    /// Checks the key, writes the receipt, loads the list, and says that the vault is open.
    pub async fn open(mut self, satchel: Satchel, tab: OnlyTab) -> Result<(), Trouble> {
        let mut sealer = self.sealer().await?;
        if people::rotate_if_due(&mut self, &sealer).await? {
            sealer = self.sealer().await?;
        }
        self.ready_for_handing(&sealer).await?;
        let header = self.vault.header.borrow().clone();
        let database = &self.vault.database;
        let signing = self.kek.unwrap_signing_key(&self.wrap.wrapped_signing_key).await?;
        let receipt = self.receipt(&header, &signing).await?;
        let receipt_hash = Receipt::hash(&receipt);
        let tab_nonce = js::random::<16>();
        let actor = actor(&receipt_hash, &tab_nonce);
        let person_key = format!("person/{}", self.wrap.person);
        let contact = self.count();
        let stored = store::StoredActor { receipt_hash, tab_nonce };
        let mut writes = store::receipt_writes(&sealer, &receipt, &actor, &stored).await?;
        writes.push(contact.write());
        // The receipt must outlive a crash: work under an actor that nobody vouches for would be refused. What is read
        // meanwhile stands before it in the queue.
        let (person, rows, written) = join3(
            store::get_state::<PersonView>(database, &sealer, &person_key),
            list::first(database, &sealer),
            database.write(&writes),
        )
        .await;
        written?;
        let (person, rows) = (person?.ok_or(Trouble::Unsealable)?, rows?);
        let opened = Rc::new(Opened {
            writer: writer(&person, actor, self.unlock),
            who: who(&header, person, self.unlock, &contact, self.claim.at),
            sealer,
            signing,
            actor,
            counter: self.claim.counter,
            edits: Cell::new(0),
        });
        settings::set_pharmacy(&header.pharmacy);
        let keeper = satchel.keeper.get_value();
        *keeper.0.vault.borrow_mut() = Some(self.vault.clone());
        keeping::load(satchel, &opened).await;
        *keeper.0.opened.borrow_mut() = Some(opened.clone());
        *keeper.0.only_tab.borrow_mut() = Some(tab);
        keeper.0.touched_at.set(clock::now());
        keeper.0.hidden_since.set(None);
        keeper.0.printing.set(false);
        satchel.arrival.set(None);
        satchel.rows.set(rows);
        store::count_waiting(satchel);
        start::show_contact(satchel, &contact);
        satchel.phase.set(Phase::Open(opened.who.clone()));
        driver::begin(satchel, opened.clone());
        rotation::reseal(satchel, opened);
        Ok(())
    }

    /// Every key that is still needed, the newest checked.
    async fn sealer(&self) -> Result<Sealer, Trouble> {
        let header = self.vault.header.borrow().clone();
        let (key, key_version) = (self.key.clone(), header.key_version);
        let mut sealer = Sealer { key, vault: header.vault.clone(), key_version, earlier: BTreeMap::new() };
        sealer.check(&header).await?;
        if !header.earlier.is_empty() {
            let newest = self.kek.unwrap_vault_key(&self.wrap.wrapped_key).await?;
            for earlier in &header.earlier {
                let data = earlier_key_data(&header.vault, earlier.key_version);
                let key = newest.open_earlier(&earlier.wrapped_key, &data).await?;
                sealer.earlier.insert(earlier.key_version, key);
            }
        }
        Ok(sealer)
    }

    /// A way in that was made before keys were handed over gets what it takes.
    async fn ready_for_handing(&self, sealer: &Sealer) -> Result<(), Trouble> {
        if self.wrap.agreement.is_some() {
            return Ok(());
        }
        let agreement = people::agreement_key(&self.kek, sealer, &self.wrap.person).await?;
        let _nobody_else = self.vault.changing.lock().await;
        let mut header = self.vault.header.borrow().clone();
        if let Some(wrap) = header.wraps.iter_mut().find(|wrap| **wrap == self.wrap) {
            wrap.agreement = Some(agreement);
        }
        self.vault.database.write(&[enrol::header_write(&header)]).await?;
        *self.vault.header.borrow_mut() = header;
        Ok(())
    }

    async fn receipt(&self, header: &VaultHeader, signing: &SigningKey) -> Result<Vec<u8>, Trouble> {
        let challenge = challenge_of(&self.vault, &self.wrap, self.claim);
        let proof = js::base64url(&signing.sign(&challenge).await?);
        let receipt = Receipt {
            v: 1,
            unlock: self.unlock,
            pharmacy: header.pharmacy.clone(),
            person: self.wrap.person,
            device: header.device,
            server_nonce: self.vault.contact.borrow().server_nonce.clone(),
            counter: self.claim.counter,
            at: self.claim.at,
            signing_key: self.wrap.signing_key.clone(),
            assertion: self.assertion.clone(),
            proof,
        };
        Ok(receipt.to_bytes())
    }

    fn count(&self) -> Contact {
        let mut contact = self.vault.contact.borrow_mut();
        contact.counter = self.claim.counter;
        contact.latest = contact.latest.max(self.claim.at);
        contact.clone()
    }
}

fn writer(person: &PersonView, actor: [u8; 16], unlock: Unlock) -> Writer {
    let author = Author {
        person: person.id.to_string(),
        name: person.name.clone(),
        role: person.role.name().to_owned(),
        unlocked_by: unlock.name().to_owned(),
    };
    Writer { actor, author }
}

fn who(header: &VaultHeader, person: PersonView, unlock: Unlock, contact: &Contact, now: Millis) -> Who {
    Who {
        person: person.id,
        name: person.name,
        role: person.role,
        gphc: person.gphc,
        gphc_checked: person.gphc_checked,
        unlocked_by: unlock,
        ods: header.pharmacy.to_string(),
        pharmacy_name: header.pharmacy_name.clone(),
        contact_overdue: contact.overdue(now),
    }
}

/// Drops the keys and everything that was open. Edits on their way to the disk still arrive there.
pub fn lock(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let Some(opened) = keeper.0.opened.borrow_mut().take() else { return };
    let tab = keeper.0.only_tab.borrow_mut().take();
    driver::end(satchel);
    super::records::close(satchel);
    satchel.rows.set(Rows::default());
    satchel.standing.set(None);
    satchel.ended.set(false);
    satchel.locks_in.set(None);
    start::show_locked(satchel);
    spawn_local(async move {
        if let Err(trouble) = store::flush(satchel, &opened).await {
            satchel.trouble.set(Some(trouble.to_string()));
        }
        // Until the last edit is on disk no other tab may read.
        drop(tab);
    });
}

/// Ends the session and locks.
pub async fn sign_out(satchel: Satchel) -> Result<(), Trouble> {
    let ended = api::end_session(satchel).await;
    lock(satchel);
    match ended {
        // Without a network there is no session to use either; the cookie ends by itself.
        Err(Trouble::Unreachable | Trouble::NotSignedIn) | Ok(()) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

/// Deletes the vault from this device.
pub async fn delete_vault(satchel: Satchel, and_unsent: bool) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let waiting = store::load_unsent(&vault.database).await?.len();
    if waiting > 0 && !and_unsent {
        return Err(Trouble::WouldLoseWork(waiting));
    }
    let name = start::database_name(&vault.header.borrow().pharmacy);
    keeper.0.unwritten.borrow_mut().clear();
    lock(satchel);
    vault.database.close();
    keeper.0.vault.borrow_mut().take();
    Database::delete(&name).await?;
    settings::forget_pharmacy();
    satchel.waiting.set(0);
    // Somebody who works at two pharmacies may have another vault here.
    start::show_any(satchel).await;
    Ok(())
}
