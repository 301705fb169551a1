//! A person's first time on this device: passkey for the server, vault made, its key wrapped for them, opened.

use super::contact::Contact;
use super::keeper::Vault;
use super::opened::Sealer;
use super::unlock::{self, Claim, Opening};
use super::{start, store};
use crate::platform::crypto::{TransientSigningKey, TransientVaultKey, WrappingKey};
use crate::platform::database::Write;
use crate::platform::passkey::{self, Used};
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock, js, page, passphrase, settings, storage};
use crate::state::{Phase, Satchel, Way};
use js_sys::Object;
use leptos::prelude::*;
use shared::api::{
    DeviceKeyEnrolment, DeviceRegistration, EnrolmentStart, PersonView, PharmacyView, SessionView,
};
use shared::authorship::{Unlock, challenge, device_enrolment_statement};
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::vault::{SealedToServer, VaultHeader, Wrap, WrapKind};
use std::cell::RefCell;
use std::rc::Rc;

/// Enrols with a one-time link.
pub async fn enrol(
    satchel: Satchel,
    token: String,
    name: String,
    gphc: String,
    way: Way,
) -> Result<(), Trouble> {
    if let Way::Passphrase(text) = &way {
        long_enough(text)?;
    }
    let offered = api::look_at_invitation(satchel, &token).await?;
    nobody_else_here(satchel, &offered.pharmacy.ods).await?;
    match way {
        Way::Passphrase(text) if !passkey::available() => {
            let device = settings::device_or_new();
            let signing = TransientSigningKey::generate().await?;
            let statement = device_enrolment_statement(&token, &device, &signing.public);
            let enrolment = DeviceKeyEnrolment {
                signature: js::base64url(&signing.sign(&statement).await?),
                signing_key: signing.public.clone(),
                token,
                name,
                gphc,
                device,
            };
            let session = api::enrol_device_key(satchel, &enrolment).await?;
            by_passphrase(satchel, session, signing, &text).await
        }
        way => {
            let prf_input = js::random::<32>();
            let start = EnrolmentStart { token, name, gphc };
            let ceremony = api::start_enrolment(satchel, &start).await?;
            let made = passkey::make(ceremony.options, &prf_input).await?;
            let session = api::finish_enrolment(satchel, made.answer).await?;
            match way {
                Way::Passkey => by_passkey(satchel, session, made.credential_id, prf_input, made.prf).await,
                Way::Passphrase(text) => {
                    by_passphrase(satchel, session, TransientSigningKey::generate().await?, &text).await
                }
            }
        }
    }
}

/// Signs in with a passkey made on another device, or here before the vault was deleted.
pub async fn sign_in(satchel: Satchel) -> Result<(), Trouble> {
    let prf_input = js::random::<32>();
    let ceremony = api::start_passkey_sign_in(satchel).await?;
    let used = passkey::use_any(ceremony.options, &prf_input).await?;
    let session = api::finish_passkey_sign_in(satchel, used.answer).await?;
    let (person, pharmacy) = present(&session)?;
    if let Some(vault) = start::open_database(satchel, &pharmacy.ods).await? {
        let theirs = vault.header.borrow().wraps.iter().any(|wrap| wrap.person == person.id);
        let first = vault.header.borrow().wraps.first().map(|wrap| wrap.person_name.clone());
        *satchel.keeper.get_value().0.vault.borrow_mut() = Some(Rc::new(vault));
        start::show_locked(satchel);
        return if theirs { Ok(()) } else { Err(Trouble::KeptForAnother(first.unwrap_or_default())) };
    }
    by_passkey(satchel, session, used.assertion.credential_id, prf_input, used.prf).await
}

/// Finishes with a passphrase what the passkey could not.
pub async fn set_passphrase(satchel: Satchel, text: String) -> Result<(), Trouble> {
    long_enough(&text)?;
    let keeper = satchel.keeper.get_value();
    let session = keeper.0.half_done.borrow().clone().ok_or(Trouble::NotSignedIn)?;
    by_passphrase(satchel, session, TransientSigningKey::generate().await?, &text).await?;
    keeper.0.half_done.borrow_mut().take();
    Ok(())
}

pub fn long_enough(text: &str) -> Result<(), Trouble> {
    if text.chars().count() < passphrase::SHORTEST { Err(Trouble::ShortPassphrase) } else { Ok(()) }
}

/// One person a device for now: a second one would need the vault key, which only the first can bring.
async fn nobody_else_here(satchel: Satchel, ods: &OdsCode) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let known = keeper.0.vault.borrow().clone();
    let first = match known.filter(|vault| vault.header.borrow().pharmacy == *ods) {
        Some(vault) => vault.header.borrow().wraps.first().map(|wrap| wrap.person_name.clone()),
        None => match start::open_database(satchel, ods).await? {
            Some(vault) => {
                vault.database.close();
                vault.header.borrow().wraps.first().map(|wrap| wrap.person_name.clone())
            }
            None => None,
        },
    };
    first.map_or(Ok(()), |name| Err(Trouble::KeptForAnother(name)))
}

fn present(session: &SessionView) -> Result<(PersonView, PharmacyView), Trouble> {
    let person = session.person.clone().ok_or(Trouble::StrangeAnswer)?;
    let pharmacy = session.pharmacies.first().cloned().ok_or(Trouble::StrangeAnswer)?;
    Ok((person, pharmacy))
}

/// The vault opens with the PRF, once two evaluations agree; otherwise the person is asked for a passphrase.
async fn by_passkey(
    satchel: Satchel,
    session: SessionView,
    credential_id: String,
    prf_input: [u8; 32],
    at_once: Option<Object>,
) -> Result<(), Trouble> {
    let (person, _) = present(&session)?;
    *satchel.keeper.get_value().0.half_done.borrow_mut() = Some(session.clone());
    let signing = TransientSigningKey::generate().await?;
    let salt = js::random::<32>();
    let device = settings::device_or_new();
    let claim = Claim { counter: 1, at: clock::now() };
    let statement =
        challenge(&person.id, &device, &session.server_nonce, claim.counter, claim.at, &signing.public);
    let used = passkey::use_this(&credential_id, &statement, &prf_input).await;
    let agreed = match used {
        Ok(used) => agree(&credential_id, &prf_input, at_once, used, &salt).await?,
        // Signed in, so nothing is lost; a passphrase will do.
        Err(_) => None,
    };
    let Some((kek, used)) = agreed else {
        satchel.phase.set(Phase::NeedsPassphrase { name: person.name });
        return Ok(());
    };
    let kind = WrapKind::Passkey { credential_id, prf_input: js::base64url(&prf_input) };
    let means = Means { kek, kind, signing, salt, device, claim, used: Some(used) };
    set_up(satchel, session, means).await?;
    satchel.keeper.get_value().0.half_done.borrow_mut().take();
    Ok(())
}

/// Some platforms have returned wrong values, so a PRF is believed only when two evaluations agree.
async fn agree(
    credential_id: &str,
    prf_input: &[u8],
    at_once: Option<Object>,
    used: Used,
    salt: &[u8],
) -> Result<Option<(WrappingKey, Used)>, Trouble> {
    let Some(second) = &used.prf else { return Ok(None) };
    let second = WrappingKey::from_prf(second, salt).await?;
    let first = match at_once {
        Some(first) => first,
        None => match passkey::use_this(credential_id, &js::random::<32>(), prf_input).await?.prf {
            Some(first) => first,
            None => return Ok(None),
        },
    };
    let first = WrappingKey::from_prf(&first, salt).await?;
    // Compared by what they open: the values themselves never come into this memory.
    let probe = first.wrap_vault_key(&TransientVaultKey::generate().await?).await?;
    Ok(second.unwrap_vault_key(&probe).await.ok().map(|_| (second, used)))
}

async fn by_passphrase(
    satchel: Satchel,
    session: SessionView,
    signing: TransientSigningKey,
    text: &str,
) -> Result<(), Trouble> {
    let salt = js::random::<32>();
    let argon2 = passphrase::parameters();
    let material = passphrase::material(text, &argon2).await?;
    let means = Means {
        kek: WrappingKey::from_material(&material, &salt).await?,
        kind: WrapKind::Passphrase { argon2 },
        signing,
        salt,
        device: settings::device_or_new(),
        claim: Claim { counter: 1, at: clock::now() },
        used: None,
    };
    set_up(satchel, session, means).await
}

/// What a new vault is made from.
struct Means {
    kek: WrappingKey,
    kind: WrapKind,
    signing: TransientSigningKey,
    salt: [u8; 32],
    device: DeviceId,
    claim: Claim,
    /// The passkey's answer to the first receipt's challenge.
    used: Option<Used>,
}

/// Makes the vault, opens it, and tells the server of this device. The key can be taken out only inside here.
async fn set_up(satchel: Satchel, session: SessionView, means: Means) -> Result<(), Trouble> {
    let (person, pharmacy) = present(&session)?;
    // Without persistence the browser may still keep it; the storage screen shows which.
    storage::ask_to_persist().await;
    let key = TransientVaultKey::generate().await?;
    let sealed = key.seal_to_server(&session.server_key.id, &session.server_key.public).await?;
    let wrap = Wrap {
        person: person.id,
        person_name: person.name.clone(),
        kind: means.kind,
        wrapped_key: means.kek.wrap_vault_key(&key).await?,
        wrapped_signing_key: means.kek.wrap_signing_key(&means.signing).await?,
        signing_key: means.signing.public.clone(),
    };
    drop(key);
    let vault_id = js::base64url(&js::random::<16>());
    let key = means.kek.unwrap_vault_key(&wrap.wrapped_key).await?;
    let sealer = Sealer { key, vault: vault_id.clone(), key_version: 1 };
    let header = VaultHeader {
        v: 1,
        vault: vault_id,
        pharmacy: pharmacy.ods.clone(),
        pharmacy_name: pharmacy.name,
        device: means.device,
        salt: js::base64url(&means.salt),
        key_version: 1,
        key_check: sealer.key_check().await?,
        wraps: vec![wrap.clone()],
        sealed_to_server: sealed,
    };
    let mut contact = Contact::default();
    contact.heard(&session);
    let database = start::connect(satchel, &pharmacy.ods).await?;
    let person_key = format!("person/{}", person.id);
    database
        .write(&[
            header_write(&header),
            contact.write(),
            store::put_state(&sealer, person_key, &person).await?,
        ])
        .await?;
    let registration = registration(&header, &wrap.signing_key);
    let device = header.device;
    let vault = Rc::new(Vault { database, header: RefCell::new(header), contact: RefCell::new(contact) });
    let tab = unlock::only_tab(&vault).await?;
    let opening = Opening {
        vault: vault.clone(),
        wrap,
        kek: means.kek,
        claim: means.claim,
        unlock: if means.used.is_some() { Unlock::Passkey } else { Unlock::Passphrase },
        assertion: means.used.map(|used| used.assertion),
    };
    // The server must know the key before it hears of work signed with it; without an answer sync sees to it later.
    if api::register_device(satchel, device, &registration).await.is_ok() {
        note_registered(&vault, person.id).await?;
    }
    satchel.demo.set(session.demo);
    opening.open(satchel, tab).await
}

pub fn header_write(header: &VaultHeader) -> Write {
    let value = serde_json::to_string(header).expect("strings and numbers always serialise");
    Write::PutText { store: "header", key: start::HEADER.to_owned(), value }
}

/// What the server is told of this device and one person's key on it.
pub fn registration(header: &VaultHeader, signing_key: &str) -> DeviceRegistration {
    DeviceRegistration {
        label: page::device_label(),
        signing_key: signing_key.to_owned(),
        vault: header.vault.clone(),
        key_version: header.key_version,
        sealed: SealedToServer::clone(&header.sealed_to_server),
    }
}

/// Remembers that the server knows this person's key here.
pub async fn note_registered(vault: &Vault, person: PersonId) -> Result<(), Trouble> {
    let write = {
        let mut contact = vault.contact.borrow_mut();
        contact.registered.insert(person);
        contact.write()
    };
    vault.database.write(&[write]).await
}
