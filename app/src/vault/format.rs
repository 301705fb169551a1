//! The version that every record of the device's own formats carries, and the refusal of a newer one.

use crate::platform::trouble::Trouble;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version that this app writes. Each earlier one stays readable (`app/fixtures`).
pub const VERSION: u8 = 1;

/// Why a record of this device could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Kept untouched until the app is newer too.
    #[error("A newer version of Satchel wrote this. Update the app to open it.")]
    Newer,
    #[error("This record is damaged.")]
    Damaged,
}

impl From<Unreadable> for Trouble {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Newer => Self::NewerRecords,
            Unreadable::Damaged => Self::Unsealable,
        }
    }
}

#[derive(Serialize)]
struct Written<'a, T> {
    v: u8,
    #[serde(flatten)]
    value: &'a T,
}

#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

/// A record as JSON, its version in the field `v`.
pub fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(&Written { v: VERSION, value }).expect("strings and numbers always serialise")
}

/// Reads what [`to_json`] wrote, in this version or an earlier one.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    // As text both times: a second parser, over bytes, would be downloaded only for this.
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Damaged)?;
    let Versioned { v } = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
    check_upto(v, VERSION)?;
    serde_json::from_str(text).map_err(|_| Unreadable::Damaged)
}

/// Is this a version that this app can read, where it knows those up to `newest`?
pub fn check_upto(version: u64, newest: u8) -> Result<(), Unreadable> {
    match version {
        0 => Err(Unreadable::Damaged),
        _ if version > u64::from(newest) => Err(Unreadable::Newer),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::contact::Contact;
    use crate::vault::store::{SetAside, StoredActor, StoredRow};
    use shared::ids::{Epoch, PersonId};
    use shared::sync::device::Position;

    /// Read as it was, and written again without losing a field.
    fn lasts<T: Serialize + DeserializeOwned>(fixture: &str) -> T {
        let value: T = from_json(fixture.as_bytes()).expect("version 1 is readable");
        let written: serde_json::Value = serde_json::from_str(&to_json(&value)).expect("JSON");
        let before: serde_json::Value = serde_json::from_str(fixture).expect("JSON");
        for (key, value) in before.as_object().expect("an object") {
            assert!(written.get(key).is_some(), "{key} of the first release is lost: {value}");
        }
        value
    }

    #[test]
    fn a_summary_of_the_first_release_is_read_for_ever() {
        let stored: StoredRow = lasts(include_str!("../../fixtures/stored-row-v1.json"));
        assert_eq!(stored.row.patient_name, "WINTERS, Hettie");
        assert_eq!((stored.saved_at, stored.sent_at), (Some(1_795_000_000_000), None));
    }

    #[test]
    fn an_actor_of_the_first_release_is_read_for_ever() {
        let stored: StoredActor = lasts(include_str!("../../fixtures/stored-actor-v1.json"));
        assert_eq!(stored, StoredActor { receipt_hash: [1; 32], tab_nonce: [2; 16] });
    }

    #[test]
    fn a_reason_of_the_first_release_is_read_for_ever() {
        let stored: SetAside = lasts(include_str!("../../fixtures/set-aside-v1.json"));
        assert_eq!(stored.why, "Not taken by the server because it is larger than the server takes.");
    }

    #[test]
    fn a_contact_of_the_first_release_is_read_for_ever() {
        let stored: Contact = lasts(include_str!("../../fixtures/contact-v1.json"));
        assert_eq!((stored.counter, stored.at), (7, Some(1_795_000_000_000)));
        assert!(stored.registered.contains(&PersonId::from_bytes([1; 16])));
    }

    #[test]
    fn a_position_of_the_first_release_is_read_for_ever() {
        let stored: Position = lasts(include_str!("../../fixtures/position-v1.json"));
        let epoch = Some(Epoch::from_bytes([5; 16]));
        assert_eq!(stored, Position { epoch, cursor: 42, heads_due: false });
    }

    #[test]
    fn a_record_of_a_newer_app_is_refused_and_not_called_damaged() {
        let newer = from_json::<SetAside>(br#"{"v":2,"why":"x"}"#);
        assert_eq!(newer, Err(Unreadable::Newer));
        assert_eq!(from_json::<SetAside>(br#"{"why":"x"}"#), Err(Unreadable::Damaged));
        assert_eq!(from_json::<SetAside>(b"\x00"), Err(Unreadable::Damaged));
    }
}
