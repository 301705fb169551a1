//! A person's first time on this device: known to the server, then with a key of their own to a vault, new or shared.

use super::keeper::Vault;
use super::people::{self, Newcomer};
use super::unlock::Claim;
use super::{proof, start, unlock};
use crate::platform::crypto::{TransientSigningKey, TransientVaultKey, WrappingKey};
use crate::platform::database::Write;
use crate::platform::passkey::{self, Used};
use crate::platform::trouble::Trouble;
use crate::platform::{api, clock, js, page, passphrase, settings};
use crate::state::{Phase, Satchel, Way};
use js_sys::Object;
use leptos::prelude::*;
use shared::api::{
    DeviceKeyEnrolment, DeviceRegistration, EnrolmentStart, PersonView, PharmacyView, SessionView,
};
use shared::authorship::{Unlock, challenge, device_enrolment_statement};
use shared::ids::{DeviceId, OdsCode, PersonId};
use shared::vault::{SealedToServer, VaultHeader, WrapKind};
use std::rc::Rc;

/// Known to the server, but without a key here yet: waits for a PIN or a passphrase.
#[derive(Debug, Clone)]
pub struct HalfDone {
    session: SessionView,
    /// They said at set-up that several people use the device.
    shared: bool,
    passkey: Option<JustUsed>,
}

/// A passkey that has just been made or used.
#[derive(Debug, Clone)]
struct JustUsed {
    credential_id: String,
    prf_input: [u8; 32],
    /// The PRF's output, where the authenticator gave it at once.
    prf: Option<Object>,
}

/// Where a person's key goes: into a vault that is here, or into one to be made.
pub struct Place {
    pub vault: Option<Rc<Vault>>,
    pub salt: Vec<u8>,
    pub device: DeviceId,
    /// Of the first unlock there.
    pub counter: u64,
}

/// Enrols with a one-time link.
pub async fn enrol(
    satchel: Satchel,
    token: String,
    name: String,
    gphc: String,
    way: Way,
    shared: bool,
) -> Result<(), Trouble> {
    if let Way::Passphrase(text) = &way {
        long_enough(text)?;
    }
    let offered = api::look_at_invitation(satchel, &token).await?;
    let place = find_place(satchel, &offered.pharmacy.ods).await?;
    match way {
        Way::Passphrase(text) if !passkey::available() => {
            let signing = TransientSigningKey::generate().await?;
            let statement = device_enrolment_statement(&token, &place.device, &signing.public);
            let enrolment = DeviceKeyEnrolment {
                signature: js::base64url(&signing.sign(&statement).await?),
                signing_key: signing.public.clone(),
                token,
                name,
                gphc,
                device: place.device,
            };
            let session = api::enrol_device_key(satchel, &enrolment).await?;
            by_passphrase(satchel, HalfDone { session, shared, passkey: None }, signing, &text).await
        }
        way => {
            let prf_input = js::random::<32>();
            let start = EnrolmentStart { token, name, gphc };
            let ceremony = api::start_enrolment(satchel, &start).await?;
            let made = passkey::make(ceremony.options, &prf_input).await?;
            let session = api::finish_enrolment(satchel, made.answer).await?;
            let just = JustUsed { credential_id: made.credential_id, prf_input, prf: made.prf };
            let half = HalfDone { session, shared, passkey: Some(just) };
            match way {
                Way::Passkey => by_passkey(satchel, half, None).await,
                Way::Passphrase(text) => {
                    by_passphrase(satchel, half, TransientSigningKey::generate().await?, &text).await
                }
            }
        }
    }
}

/// Joins a further pharmacy by a link, as somebody who has a passkey already.
pub async fn join(satchel: Satchel, token: String) -> Result<(), Trouble> {
    let (_, just) = prove_to_server(satchel).await?;
    let session = api::join(satchel, &token).await?;
    by_passkey(satchel, HalfDone { session, shared: false, passkey: Some(just) }, None).await
}

/// Signs in with a passkey made on another device, or here before it lost its key to the vault.
pub async fn sign_in(satchel: Satchel) -> Result<(), Trouble> {
    let (session, just) = prove_to_server(satchel).await?;
    let session = at_the_vault(satchel, session).await?;
    if let Ok(vault) = satchel.keeper.get_value().vault() {
        let here = vault.header.borrow().pharmacy.clone();
        let (person, pharmacy) = present(&session)?;
        let fits = pharmacy.ods == here
            && vault.header.borrow().wraps.iter().any(|wrap| {
                wrap.person == person.id
                    && matches!(&wrap.kind, WrapKind::Passkey { credential_id, .. }
                        | WrapKind::PasskeyAndPin { credential_id, .. } if *credential_id == just.credential_id)
            });
        if fits {
            // It is their key here already; unlocking with it needs no server.
            return Err(Trouble::UnlockInstead(person.name));
        }
    }
    by_passkey(satchel, HalfDone { session, shared: false, passkey: Some(just) }, None).await
}

/// On the unlock screen of a pharmacy people mean that one, wherever else they work.
async fn at_the_vault(satchel: Satchel, session: SessionView) -> Result<SessionView, Trouble> {
    let Ok(vault) = satchel.keeper.get_value().vault() else { return Ok(session) };
    let here = vault.header.borrow().pharmacy.clone();
    let is_there = session.pharmacies.first().is_some_and(|first| first.ods == here);
    if is_there || session.pharmacies.iter().all(|one| one.ods != here) {
        return Ok(session);
    }
    api::work_at(satchel, &here).await
}

/// Whoever CIS2 brought makes the passkey that from then on signs them in and opens the vault, and gets a key to it; or
/// a key by a passphrase, with a passkey for the server all the same where the platform can.
pub async fn after_cis2(satchel: Satchel, way: Way, shared: bool) -> Result<(), Trouble> {
    if let Way::Passphrase(text) = &way {
        long_enough(text)?;
    }
    let session = satchel.arrival.get_untracked().ok_or(Trouble::NotSignedIn)?;
    let session = at_the_vault(satchel, session).await?;
    let mut half = HalfDone { session, shared, passkey: None };
    if !half.session.has_passkey && passkey::available() {
        let prf_input = js::random::<32>();
        let made = api::make_passkey(satchel, &prf_input).await?;
        half.passkey = Some(JustUsed { credential_id: made.credential_id, prf_input, prf: made.prf });
        // Should the rest fail, the next try signs in with this one.
        half.session.has_passkey = true;
        satchel.arrival.set(Some(half.session.clone()));
    }
    match way {
        Way::Passkey => by_passkey(satchel, half, None).await,
        Way::Passphrase(text) => {
            by_passphrase(satchel, half, TransientSigningKey::generate().await?, &text).await
        }
    }
}

async fn prove_to_server(satchel: Satchel) -> Result<(SessionView, JustUsed), Trouble> {
    let prf_input = js::random::<32>();
    let ceremony = api::start_passkey_sign_in(satchel).await?;
    let used = passkey::use_any(ceremony.options, &prf_input).await?;
    let session = api::finish_passkey_sign_in(satchel, used.answer).await?;
    Ok((session, JustUsed { credential_id: used.assertion.credential_id, prf_input, prf: used.prf }))
}

/// Finishes with a passphrase what the passkey could not, or what somebody would rather not do with it.
pub async fn set_passphrase(satchel: Satchel, text: String) -> Result<(), Trouble> {
    long_enough(&text)?;
    let half = satchel.keeper.get_value().0.half_done.borrow().clone().ok_or(Trouble::NotSignedIn)?;
    by_passphrase(satchel, half, TransientSigningKey::generate().await?, &text).await
}

/// Finishes with a PIN, on a device that several people use.
pub async fn set_pin(satchel: Satchel, pin: String) -> Result<(), Trouble> {
    good_pin(&pin)?;
    let half = satchel.keeper.get_value().0.half_done.borrow().clone().ok_or(Trouble::NotSignedIn)?;
    by_passkey(satchel, half, Some(pin)).await
}

pub fn long_enough(text: &str) -> Result<(), Trouble> {
    if text.chars().count() < passphrase::SHORTEST { Err(Trouble::ShortPassphrase) } else { Ok(()) }
}

pub fn good_pin(pin: &str) -> Result<(), Trouble> {
    if passphrase::is_pin(pin) { Ok(()) } else { Err(Trouble::WeakPin) }
}

/// The vault of a pharmacy, brought into view and locked; or the beginnings of one.
async fn find_place(satchel: Satchel, ods: &OdsCode) -> Result<Place, Trouble> {
    unlock::lock(satchel);
    if !start::bring_into_view(satchel, ods).await? {
        let device = settings::device_or_new(ods);
        return Ok(Place { vault: None, salt: js::random::<32>().to_vec(), device, counter: 1 });
    }
    let vault = satchel.keeper.get_value().vault()?;
    let (salt, device) = (unlock::salt(&vault)?, vault.header.borrow().device);
    let counter = unlock::claim(&vault).counter;
    Ok(Place { vault: Some(vault), salt, device, counter })
}

fn present(session: &SessionView) -> Result<(PersonView, PharmacyView), Trouble> {
    let person = session.person.clone().ok_or(Trouble::StrangeAnswer)?;
    let pharmacy = session.pharmacies.first().cloned().ok_or(Trouble::StrangeAnswer)?;
    Ok((person, pharmacy))
}

impl Place {
    /// A passkey alone is not a person where several people, or several people's passkeys, are about (design 6).
    fn asks_for_pin(&self, person: PersonId, shared: bool) -> bool {
        self.vault.as_ref().map_or(shared, |vault| {
            let header = vault.header.borrow();
            header.shared || header.wraps.iter().any(|wrap| wrap.person != person)
        })
    }
}

/// A key from the PRF, once two evaluations agree; otherwise the person is asked for a passphrase.
async fn by_passkey(satchel: Satchel, half: HalfDone, pin: Option<String>) -> Result<(), Trouble> {
    let (person, pharmacy) = present(&half.session)?;
    let keeper = satchel.keeper.get_value();
    *keeper.0.half_done.borrow_mut() = Some(half.clone());
    let Some(just) = &half.passkey else { return Err(Trouble::NoPasskeys) };
    let place = find_place(satchel, &pharmacy.ods).await?;
    let asked = place.asks_for_pin(person.id, half.shared);
    if asked && pin.is_none() {
        satchel.phase.set(Phase::NeedsPin { name: person.name });
        return Ok(());
    }
    let signing = TransientSigningKey::generate().await?;
    let claim = Claim { counter: place.counter, at: clock::now() };
    let nonce = &half.session.server_nonce;
    let statement = challenge(&person.id, &place.device, nonce, claim.counter, claim.at, &signing.public);
    let used = passkey::use_this(&just.credential_id, &statement, &just.prf_input).await;
    let agreed = match used {
        Ok(used) => agree(just, used, &place.salt).await?,
        // Signed in, so nothing is lost; a passphrase will do.
        Err(_) => None,
    };
    let Some((prf, used)) = agreed else {
        satchel.phase.set(Phase::NeedsPassphrase { name: person.name });
        return Ok(());
    };
    let (credential_id, prf_input) = (just.credential_id.clone(), js::base64url(&just.prf_input));
    let (kek, kind, unlock) = match pin.filter(|_| asked) {
        None => {
            let kind = WrapKind::Passkey { credential_id, prf_input };
            (WrappingKey::from_prf(&prf, &place.salt).await?, kind, Unlock::Passkey)
        }
        Some(pin) => {
            let argon2 = passphrase::parameters();
            let kek = proof::with_pin(&prf, &pin, &argon2, &place.salt).await?;
            (kek, WrapKind::PasskeyAndPin { credential_id, prf_input, argon2 }, Unlock::PasskeyAndPin)
        }
    };
    let shared = half.shared;
    let (session, assertion) = (half.session, Some(used.assertion));
    let newcomer =
        Newcomer { session, person, pharmacy, kek, kind, signing, claim, unlock, assertion, shared };
    people::settle_in(satchel, newcomer, place).await
}

/// Some platforms have returned wrong values, so a PRF is believed only when two evaluations agree.
async fn agree(just: &JustUsed, mut used: Used, salt: &[u8]) -> Result<Option<(Object, Used)>, Trouble> {
    let Some(prf) = used.prf.take() else { return Ok(None) };
    let second = WrappingKey::from_prf(&prf, salt).await?;
    let first = if let Some(first) = just.prf.clone() {
        first
    } else {
        let again = passkey::use_this(&just.credential_id, &js::random::<32>(), &just.prf_input).await?;
        let Some(first) = again.prf else { return Ok(None) };
        first
    };
    let first = WrappingKey::from_prf(&first, salt).await?;
    // Compared by what they open: the values themselves never come into this memory.
    let probe = first.wrap_vault_key(&TransientVaultKey::generate().await?).await?;
    Ok(second.open_vault_key(&probe).await.ok().map(|_| (prf, used)))
}

async fn by_passphrase(
    satchel: Satchel,
    half: HalfDone,
    signing: TransientSigningKey,
    text: &str,
) -> Result<(), Trouble> {
    let (person, pharmacy) = present(&half.session)?;
    let place = find_place(satchel, &pharmacy.ods).await?;
    let argon2 = passphrase::parameters();
    let material = passphrase::material(text, &argon2).await?;
    let newcomer = Newcomer {
        kek: WrappingKey::from_material(&material, &place.salt).await?,
        kind: WrapKind::Passphrase { argon2 },
        claim: Claim { counter: place.counter, at: clock::now() },
        unlock: Unlock::Passphrase,
        assertion: None,
        session: half.session,
        shared: half.shared,
        person,
        pharmacy,
        signing,
    };
    people::settle_in(satchel, newcomer, place).await
}

pub fn header_write(header: &VaultHeader) -> Write {
    Write::PutText { store: "header", key: start::HEADER.to_owned(), value: header.to_json() }
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
