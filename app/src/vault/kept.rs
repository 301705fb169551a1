//! What the server told last and is needed without it, sealed: the practices of the area, one's own standing; and a
//! look-up that is taken up again after signing in with CIS2.

use super::store;
use crate::platform::api_patients;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::{AreaView, LookUpDetails, StandingView};
use shared::ids::ConsultationId;

const AREA: &str = "area";

fn standing_key(satchel: Satchel) -> Result<String, Trouble> {
    Ok(format!("standing/{}", satchel.keeper.get_value().opened()?.who.person))
}

fn look_up_key(id: &ConsultationId) -> String {
    format!("look-up/{id}")
}

async fn keep<T: Serialize>(satchel: Satchel, key: String, value: &T) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let write = store::put_state(&opened.sealer, key, value).await?;
    vault.database.write(&[write]).await
}

async fn kept<T: DeserializeOwned + Default>(satchel: Satchel, key: &str) -> Result<T, Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    match store::get_state(&vault.database, &opened.sealer, key).await {
        Ok(found) => Ok(found.unwrap_or_default()),
        // The server tells it again.
        Err(Trouble::Unsealable) => Ok(T::default()),
        Err(trouble) => Err(trouble),
    }
}

/// The practices of the area as they were last heard of; none where they never were.
pub async fn area(satchel: Satchel) -> Result<AreaView, Trouble> {
    kept(satchel, AREA).await
}

/// Asks the server for them, and keeps them.
pub async fn fetch_area(satchel: Satchel) -> Result<AreaView, Trouble> {
    let area = api_patients::area(satchel).await?;
    keep(satchel, AREA.to_owned(), &area).await?;
    Ok(area)
}

/// What lets the person who is here do something, as it was last heard of.
pub async fn standing(satchel: Satchel) -> Result<StandingView, Trouble> {
    kept(satchel, &standing_key(satchel)?).await
}

/// Asks the server for it, and keeps it.
pub async fn fetch_standing(satchel: Satchel) -> Result<StandingView, Trouble> {
    let key = standing_key(satchel)?;
    let standing = api_patients::standing(satchel).await?;
    keep(satchel, key, &standing).await?;
    Ok(standing)
}

/// Keeps what was typed to find a patient by, while the page is away at CIS2.
pub async fn keep_look_up(
    satchel: Satchel,
    id: &ConsultationId,
    details: &LookUpDetails,
) -> Result<(), Trouble> {
    keep(satchel, look_up_key(id), details).await
}

/// Takes it up again, once.
pub async fn take_look_up(satchel: Satchel, id: &ConsultationId) -> Result<LookUpDetails, Trouble> {
    let key = look_up_key(id);
    let details = kept(satchel, &key).await?;
    let vault = satchel.keeper.get_value().vault()?;
    vault.database.write(&[store::forget(key)]).await?;
    Ok(details)
}
