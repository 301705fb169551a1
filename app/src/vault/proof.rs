//! A fresh proof of who is here: the sensor, with a PIN where the device is shared, or a passphrase; without a network.

use super::keeper::Vault;
use super::unlock::{Opening, challenge_of, claim, salt};
use super::{enrol, tries};
use crate::platform::crypto::WrappingKey;
use crate::platform::passkey::Used;
use crate::platform::trouble::Trouble;
use crate::platform::{js, passkey, passphrase};
use crate::state::{Proof, Satchel};
use js_sys::Object;
use leptos::prelude::*;
use shared::authorship::Unlock;
use shared::vault::{HANDED_INFO, Wrap, WrapKind};
use std::rc::Rc;

/// A key-encryption key that somebody has just brought, and by what.
struct Brought {
    kek: WrappingKey,
    unlock: Unlock,
    used: Option<Used>,
    /// What their wrap is to be from now on, where they have chosen a PIN.
    renewed: Option<(WrapKind, WrappingKey)>,
}

/// Checks what a person brings against one of the wraps. The wrap comes back as it is to be from now on, and is on disk:
/// with the newest key, should it have been changed while they were away, and behind a PIN, should they choose one.
pub async fn prove(
    satchel: Satchel,
    vault: &Rc<Vault>,
    index: usize,
    proof: Proof,
) -> Result<Opening, Trouble> {
    let wrap = vault.header.borrow().wraps.get(index).cloned().ok_or(Trouble::Locked)?;
    let typed = !matches!(proof, Proof::Sensor | Proof::SensorAndNewPin(_));
    let wrong = match &proof {
        Proof::Passphrase(_) => Trouble::WrongPassphrase,
        Proof::SensorAndPin(_) => Trouble::WrongPin,
        Proof::Sensor | Proof::SensorAndNewPin(_) => Trouble::PasskeyCannotOpen,
    };
    if typed {
        tries::allowed(vault, wrap.person).await?;
    }
    let claim = claim(vault);
    let challenge = challenge_of(vault, &wrap, claim);
    let brought = bring(satchel, vault, &wrap, &challenge, proof).await?;
    let key = match brought.kek.open_vault_key(&wrap.wrapped_key).await {
        Err(Trouble::Unsealable) => return Err(wrong),
        key => key?,
    };
    if typed {
        let before = tries::right(vault, wrap.person).await?;
        if before >= 3 {
            satchel.trouble.set(Some(format!(
                "{before} wrong tries were made in your name before this one. If they were not yours, tell your \
                 pharmacy's administrator."
            )));
        }
    }
    let mut opening = Opening {
        vault: vault.clone(),
        wrap,
        key,
        kek: brought.kek,
        claim,
        unlock: brought.unlock,
        assertion: brought.used.map(|used| used.assertion),
    };
    let handed = take_handed(&mut opening).await?;
    if let Some((kind, kek)) = brought.renewed {
        rewrap(&mut opening, kind, kek).await?;
    } else if !handed {
        return Ok(opening);
    }
    let _nobody_else = vault.changing.lock().await;
    let mut header = vault.header.borrow().clone();
    header.wraps[index] = opening.wrap.clone();
    vault.database.write(&[enrol::header_write(&header)]).await?;
    *vault.header.borrow_mut() = header;
    Ok(opening)
}

async fn bring(
    satchel: Satchel,
    vault: &Vault,
    wrap: &Wrap,
    challenge: &[u8],
    proof: Proof,
) -> Result<Brought, Trouble> {
    let salt = salt(vault)?;
    let (shared, person) = (vault.header.borrow().shared, wrap.person);
    let brought = |kek, unlock, used| Brought { kek, unlock, used, renewed: None };
    match (&wrap.kind, proof) {
        (WrapKind::Passkey { .. }, Proof::Sensor) if shared => Err(Trouble::PinNeeded),
        (WrapKind::Passkey { credential_id, prf_input }, Proof::Sensor) => {
            let (used, prf) = touch(satchel, credential_id, challenge, prf_input).await?;
            Ok(brought(WrappingKey::from_prf(&prf, &salt).await?, Unlock::Passkey, Some(used)))
        }
        (WrapKind::Passkey { credential_id, prf_input }, Proof::SensorAndNewPin(pin)) => {
            enrol::good_pin(&pin)?;
            let (used, prf) = touch(satchel, credential_id, challenge, prf_input).await?;
            let kek = WrappingKey::from_prf(&prf, &salt).await?;
            let argon2 = passphrase::parameters();
            let renewed = with_pin(&prf, &pin, &argon2, &salt).await?;
            let (credential_id, prf_input) = (credential_id.clone(), prf_input.clone());
            let kind = WrapKind::PasskeyAndPin { credential_id, prf_input, argon2 };
            // A PIN just chosen has proved nothing yet.
            Ok(Brought { renewed: Some((kind, renewed)), ..brought(kek, Unlock::Passkey, Some(used)) })
        }
        (WrapKind::PasskeyAndPin { credential_id, prf_input, argon2 }, Proof::SensorAndPin(pin)) => {
            let (used, prf) = touch(satchel, credential_id, challenge, prf_input).await?;
            tries::begin(vault, person).await?;
            Ok(brought(with_pin(&prf, &pin, argon2, &salt).await?, Unlock::PasskeyAndPin, Some(used)))
        }
        (WrapKind::Passphrase { argon2 }, Proof::Passphrase(text)) => {
            tries::begin(vault, person).await?;
            let material = passphrase::material(&text, argon2).await?;
            Ok(brought(WrappingKey::from_material(&material, &salt).await?, Unlock::Passphrase, None))
        }
        (WrapKind::PasskeyAndPin { .. }, _) => Err(Trouble::PinNeeded),
        (WrapKind::Passphrase { .. }, _) => Err(Trouble::WrongPassphrase),
        (WrapKind::Passkey { .. }, _) => Err(Trouble::PasskeyCannotOpen),
    }
}

/// The key-encryption key of a passkey and a PIN. The PRF's output is gone afterwards.
pub async fn with_pin(
    prf: &Object,
    pin: &str,
    argon2: &shared::vault::Argon2Parameters,
    salt: &[u8],
) -> Result<WrappingKey, Trouble> {
    WrappingKey::from_material(&passphrase::pin_material(prf, pin, argon2).await?, salt).await
}

/// Asks the person's passkey to answer a challenge, and for its PRF's output.
async fn touch(
    satchel: Satchel,
    credential_id: &str,
    challenge: &[u8],
    prf_input: &str,
) -> Result<(Used, Object), Trouble> {
    let keeper = satchel.keeper.get_value();
    let input = js::from_base64url(prf_input).ok_or(Trouble::Unsealable)?;
    keeper.0.sheet_up.set(true);
    let used = passkey::use_this(credential_id, challenge, &input).await;
    keeper.0.sheet_up.set(false);
    let mut used = used?;
    let prf = used.prf.take().ok_or(Trouble::PasskeyCannotOpen)?;
    Ok((used, prf))
}

/// Somebody was removed while this person was away: takes the new key that was left for them.
async fn take_handed(opening: &mut Opening) -> Result<bool, Trouble> {
    let newest = opening.vault.header.borrow().key_version;
    let (Some(handed), Some(agreement)) = (&opening.wrap.handed, &opening.wrap.agreement) else {
        // Behind, and nothing was left: this way in no longer fits the vault.
        return if opening.wrap.key_version == newest { Ok(false) } else { Err(Trouble::Unsealable) };
    };
    let secret = opening.kek.unwrap_agreement_key(&agreement.wrapped).await?;
    let key = secret.open(&handed.ephemeral, &handed.sealed, HANDED_INFO).await?;
    opening.wrap.wrapped_key = opening.kek.wrap_vault_key(&key).await?;
    opening.wrap.key_version = handed.key_version;
    opening.wrap.handed = None;
    opening.key = opening.kek.open_vault_key(&opening.wrap.wrapped_key).await?;
    Ok(true)
}

/// Takes everything that a wrap holds to another key-encryption key of the same person.
async fn rewrap(opening: &mut Opening, kind: WrapKind, kek: WrappingKey) -> Result<(), Trouble> {
    let (old, wrap) = (&opening.kek, &mut opening.wrap);
    wrap.wrapped_key = kek.wrap_vault_key(&old.unwrap_vault_key(&wrap.wrapped_key).await?).await?;
    wrap.wrapped_signing_key = old.rewrap_signing_key(&wrap.wrapped_signing_key, &kek).await?;
    if let Some(agreement) = &mut wrap.agreement {
        agreement.wrapped = old.rewrap_agreement_key(&agreement.wrapped, &kek).await?;
    }
    wrap.kind = kind;
    opening.kek = kek;
    Ok(())
}
