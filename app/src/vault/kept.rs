//! Sealed in the vault: the practices of the area as the server told them last, for when it cannot be asked; and a
//! look-up that is taken up again after signing in with CIS2.

use super::store;
use crate::platform::trouble::Trouble;
use crate::platform::{api_patients, clock};
use crate::state::Satchel;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::api::{AreaView, LookUpDetails};
use shared::ids::ConsultationId;
use shared::time::{self, Millis};

const AREA: &str = "area";
const DAY: Millis = 24 * 60 * 60 * 1000;

fn look_up_key(id: &ConsultationId) -> String {
    format!("look-up/{id}")
}

pub(super) async fn keep<T: Serialize>(satchel: Satchel, key: String, value: &T) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let (vault, opened) = (keeper.vault()?, keeper.opened()?);
    let write = store::put_state(&opened.sealer, key, value).await?;
    vault.database.write(&[write]).await
}

pub(super) async fn kept<T: DeserializeOwned + Default>(satchel: Satchel, key: &str) -> Result<T, Trouble> {
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

/// Asks for them again where they are older than a day, so that they are here when there is no signal.
pub async fn renew_area(satchel: Satchel) -> Result<(), Trouble> {
    let known = time::read(&area(satchel).await?.fetched_at);
    if !known.is_some_and(|at| (0..DAY).contains(&(clock::now() - at))) {
        fetch_area(satchel).await?;
    }
    Ok(())
}

/// A look-up that waits for CIS2. A version 1 record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// It was asked by what stands in the form; otherwise by what is recorded, the number first.
    pub by_form: bool,
    /// What stands in the form.
    pub form: LookUpDetails,
}

/// Keeps it while the page is away at CIS2.
pub async fn keep_look_up(satchel: Satchel, id: &ConsultationId, waiting: &Waiting) -> Result<(), Trouble> {
    keep(satchel, look_up_key(id), waiting).await
}

/// Takes it up again, once.
pub async fn take_look_up(satchel: Satchel, id: &ConsultationId) -> Result<Waiting, Trouble> {
    let key = look_up_key(id);
    let waiting = kept(satchel, &key).await?;
    let vault = satchel.keeper.get_value().vault()?;
    vault.database.write(&[store::forget(key)]).await?;
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::format;

    #[test]
    fn a_look_up_that_waited_in_any_release_goes_on() {
        let stored = r#"{"v":1,"by_form":true,"form":{"family_name":"Winters","given_name":"","birth_date":"1952-03-04","sex":"","postcode":"","fuzzy":true}}"#;
        let waiting: Waiting = format::from_json(stored.as_bytes()).expect("version 1 is readable");
        assert!(waiting.by_form && waiting.form.fuzzy);
        assert_eq!(format::from_json(format::to_json(&waiting).as_bytes()), Ok(waiting));
    }
}
