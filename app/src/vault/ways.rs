//! A second way in for the person who is here.

use super::enrol::{header_write, long_enough};
use super::{people, proof, unlock};
use crate::platform::crypto::WrappingKey;
use crate::platform::passphrase;
use crate::platform::trouble::Trouble;
use crate::state::{Proof, Satchel};
use leptos::prelude::*;
use shared::vault::{Wrap, WrapKind};

/// Wraps the vault key once more, by a passphrase. Needs a fresh proof: the key in use cannot be taken out.
pub async fn add_passphrase(
    satchel: Satchel,
    index: usize,
    proof: Proof,
    text: String,
) -> Result<(), Trouble> {
    long_enough(&text)?;
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let mine = proof::prove(satchel, &vault, index, proof).await?;
    if mine.wrap.person != opened.who.person {
        return Err(Trouble::Locked);
    }
    let argon2 = passphrase::parameters();
    let material = passphrase::material(&text, &argon2).await?;
    let other = WrappingKey::from_material(&material, &unlock::salt(&vault)?).await?;
    let wrapped_key = {
        let key = mine.kek.unwrap_vault_key(&mine.wrap.wrapped_key).await?;
        other.wrap_vault_key(&key).await?
    };
    let wrap = Wrap {
        kind: WrapKind::Passphrase { argon2 },
        wrapped_key,
        wrapped_signing_key: mine.kek.rewrap_signing_key(&mine.wrap.wrapped_signing_key, &other).await?,
        agreement: Some(people::agreement_key(&other, &opened.sealer, &mine.wrap.person).await?),
        handed: None,
        ..mine.wrap
    };
    let _nobody_else = vault.changing.lock().await;
    let mut header = vault.header.borrow().clone();
    // A newer passphrase replaces the older one.
    header.wraps.retain(|old| old.person != wrap.person || !matches!(old.kind, WrapKind::Passphrase { .. }));
    header.wraps.push(wrap);
    vault.database.write(&[header_write(&header)]).await?;
    *vault.header.borrow_mut() = header;
    Ok(())
}
