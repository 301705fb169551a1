//! A second way in for the person who is here.

use super::enrol::{header_write, long_enough};
use super::unlock;
use crate::platform::crypto::WrappingKey;
use crate::platform::trouble::Trouble;
use crate::platform::{js, passkey, passphrase};
use crate::state::Satchel;
use leptos::prelude::*;
use shared::vault::{Wrap, WrapKind};

/// Wraps the vault key once more, by a passphrase. The passkey is asked first: the key in use cannot be taken out.
pub async fn add_passphrase(satchel: Satchel, text: String) -> Result<(), Trouble> {
    long_enough(&text)?;
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let wraps = vault.header.borrow().wraps.clone();
    let mine = wraps.iter().find_map(|wrap| match &wrap.kind {
        WrapKind::Passkey { credential_id, prf_input } if wrap.person == opened.who.person => {
            Some((wrap.clone(), credential_id.clone(), prf_input.clone()))
        }
        _ => None,
    });
    let (mine, credential_id, prf_input) = mine.ok_or(Trouble::NoPasskeys)?;
    let input = js::from_base64url(&prf_input).ok_or(Trouble::Unsealable)?;
    keeper.0.sheet_up.set(true);
    let used = passkey::use_this(&credential_id, &js::random::<32>(), &input).await;
    keeper.0.sheet_up.set(false);
    let salt = unlock::salt(&vault)?;
    let kek = WrappingKey::from_prf(&used?.prf.ok_or(Trouble::PasskeyCannotOpen)?, &salt).await?;
    let argon2 = passphrase::parameters();
    let other = WrappingKey::from_material(&passphrase::material(&text, &argon2).await?, &salt).await?;
    let wrapped_key = {
        let key = kek.unwrap_vault_key_to_wrap_again(&mine.wrapped_key).await?;
        other.wrap_vault_key(&key).await?
    };
    let wrapped_signing_key = kek.rewrap_signing_key(&mine.wrapped_signing_key, &other).await?;
    let wrap = Wrap { kind: WrapKind::Passphrase { argon2 }, wrapped_key, wrapped_signing_key, ..mine };
    let header = {
        let mut header = vault.header.borrow_mut();
        // A newer passphrase replaces the older one.
        header
            .wraps
            .retain(|old| old.person != wrap.person || !matches!(old.kind, WrapKind::Passphrase { .. }));
        header.wraps.push(wrap);
        header.clone()
    };
    vault.database.write(&[header_write(&header)]).await
}
