//! Wrong PINs and passphrases: counted on the device, and slower after each.
//!
//! The count deters somebody at the screen. Against somebody with the disk a PIN is guarded by the passkey, and a
//! passphrase by Argon2id.

use super::format;
use super::keeper::Vault;
use crate::platform::clock;
use crate::platform::database::Write;
use crate::platform::trouble::Trouble;
use serde::{Deserialize, Serialize};
use shared::ids::PersonId;
use shared::time::Millis;
use std::collections::BTreeMap;

const KEY: &str = "tries";
/// So many wrong ones cost no waiting: fingers slip.
const FREE: u32 = 4;
/// Milliseconds to wait after the first that is not free; doubled by each further one.
const FIRST_WAIT: Millis = 30_000;
const LONGEST_WAIT: Millis = 15 * 60_000;

/// A version 1 record of the header store, in the clear.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tries {
    people: BTreeMap<PersonId, Wrong>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Wrong {
    count: u32,
    /// By this device's clock.
    at: Millis,
}

impl Wrong {
    /// Milliseconds that are left to wait.
    fn left(self, now: Millis) -> Millis {
        let Some(over) = self.count.checked_sub(FREE + 1) else { return 0 };
        let wait = FIRST_WAIT.saturating_mul(1 << over.min(16)).min(LONGEST_WAIT);
        // A clock put back must neither open the gate nor shut it for good.
        (self.at + wait - now).clamp(0, wait)
    }
}

impl Tries {
    async fn read(vault: &Vault) -> Result<Self, Trouble> {
        let text = vault.database.get_text("header", KEY).await?;
        // A damaged count begins anew, as deleting it would make it.
        Ok(text.and_then(|text| format::from_json(text.as_bytes()).ok()).unwrap_or_default())
    }

    async fn write(&self, vault: &Vault) -> Result<(), Trouble> {
        let value = format::to_json(self);
        vault.database.write(&[Write::PutText { store: "header", key: KEY.to_owned(), value }]).await
    }
}

/// May this person try now?
pub async fn allowed(vault: &Vault, person: PersonId) -> Result<(), Trouble> {
    let tries = Tries::read(vault).await?;
    let left = tries.people.get(&person).map_or(0, |wrong| wrong.left(clock::now()));
    if left > 0 { Err(Trouble::TooManyTries((left + 999) / 1000)) } else { Ok(()) }
}

/// Counts a try before it is made, so that ending the app in the middle gains nothing.
pub async fn begin(vault: &Vault, person: PersonId) -> Result<(), Trouble> {
    let mut tries = Tries::read(vault).await?;
    let wrong = tries.people.entry(person).or_default();
    *wrong = Wrong { count: wrong.count.saturating_add(1), at: clock::now() };
    tries.write(vault).await
}

/// It was right: how many wrong ones there had been before it.
pub async fn right(vault: &Vault, person: PersonId) -> Result<u32, Trouble> {
    let mut tries = Tries::read(vault).await?;
    let Some(wrong) = tries.people.remove(&person) else { return Ok(0) };
    tries.write(vault).await?;
    Ok(wrong.count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_slips_are_free_and_then_each_costs_more_up_to_a_quarter_of_an_hour() {
        let left = |count| Wrong { count, at: 1_000_000 }.left(1_000_000);
        assert_eq!([0, 1, 4].map(left), [0, 0, 0]);
        assert_eq!([5, 6, 7].map(left), [30_000, 60_000, 120_000]);
        assert_eq!([40, u32::MAX].map(left), [LONGEST_WAIT, LONGEST_WAIT]);
    }

    #[test]
    fn waiting_ends_and_a_clock_put_back_does_not_shut_anybody_out() {
        let wrong = Wrong { count: 5, at: 1_000_000 };
        assert_eq!(wrong.left(1_029_000), 1_000);
        assert_eq!(wrong.left(1_031_000), 0);
        assert_eq!(wrong.left(0), 30_000);
    }
}
