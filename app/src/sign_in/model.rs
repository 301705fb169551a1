//! Who can open this device and how, and what a person who enrols must type.

use crate::platform::passphrase::is_pin;
use crate::state::{Phase, WayIn};
use crate::ui::Slip;
use shared::api::SessionView;
use shared::authorship::Unlock;
use shared::ids::{GphcNumber, PersonId};
use shared::people::Role;

/// Fewest characters of a passphrase.
pub const SHORTEST_PASSPHRASE: usize = 12;

/// One person who can unlock here, with their ways in.
#[derive(Debug, Clone, PartialEq)]
pub struct Opener {
    pub person: PersonId,
    pub name: String,
    /// Index for the fingerprint, where they have a passkey.
    pub passkey: Option<usize>,
    /// Their passkey opens nothing without their PIN.
    pub asks_for_pin: bool,
    pub passphrase: Option<usize>,
}

/// Everyone with a way in, in the order of the vault.
pub fn openers(ways: &[WayIn]) -> Vec<Opener> {
    let mut openers: Vec<Opener> = Vec::new();
    for way in ways {
        let position = openers.iter().position(|opener| opener.person == way.person).unwrap_or_else(|| {
            openers.push(Opener {
                person: way.person,
                name: way.name.clone(),
                passkey: None,
                asks_for_pin: false,
                passphrase: None,
            });
            openers.len() - 1
        });
        let opener = &mut openers[position];
        match way.by {
            Unlock::Passphrase => opener.passphrase = opener.passphrase.or(Some(way.index)),
            Unlock::Passkey | Unlock::PasskeyAndPin if opener.passkey.is_none() => {
                opener.passkey = Some(way.index);
                opener.asks_for_pin = way.by == Unlock::PasskeyAndPin;
            }
            Unlock::Passkey | Unlock::PasskeyAndPin => {}
        }
    }
    openers
}

/// Name of whoever CIS2 brought, and whether they have a passkey already; `None` for somebody with a way in here, who
/// unlocks like every day.
pub fn newcomer(phase: &Phase, session: Option<&SessionView>) -> Option<(String, bool)> {
    let session = session?;
    let person = session.person.as_ref()?;
    let is_new = match phase {
        Phase::Fresh => true,
        Phase::Locked(locked) => locked.ways.iter().all(|way| way.person != person.id),
        _ => false,
    };
    is_new.then(|| (person.name.clone(), session.has_passkey))
}

/// What is wrong with the enrolment form.
pub fn enrolment_slips(role: Role, name: &str, gphc: &str) -> Vec<Slip> {
    let mut slips = Vec::new();
    if name.trim().is_empty() {
        slips.push(slip("enrol-name", "Enter your name, as colleagues and GPs should read it."));
    }
    let registered = matches!(role, Role::Pharmacist | Role::Technician);
    match gphc.parse::<GphcNumber>() {
        Ok(number) if role == Role::Pharmacist && !number.is_pharmacist() => {
            slips.push(slip("enrol-gphc", "A pharmacist's GPhC number begins with 2. Check it."));
        }
        Ok(number) if role == Role::Technician && !number.is_technician() => {
            slips.push(slip("enrol-gphc", "A pharmacy technician's GPhC number begins with 5. Check it."));
        }
        Ok(_) => {}
        Err(_) if gphc.trim().is_empty() && !registered => {}
        Err(_) => slips.push(slip(
            "enrol-gphc",
            "Enter your GPhC number: 7 digits, beginning with 2 for a pharmacist or 5 for a technician.",
        )),
    }
    slips
}

/// What is wrong with a new passphrase typed twice.
pub fn passphrase_slips(passphrase: &str, again: &str) -> Vec<Slip> {
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return vec![slip(
            "passphrase",
            "Use at least 12 characters. Four words that do not belong together work well.",
        )];
    }
    if passphrase != again {
        return vec![slip("passphrase-again", "The two are not the same. Type the passphrase again.")];
    }
    Vec::new()
}

/// What is wrong with a new PIN typed twice.
pub fn pin_slips(pin: &str, again: &str) -> Vec<Slip> {
    if !is_pin(pin) {
        return vec![slip("new-pin", "Choose at least 6 digits that are not all the same and not in a row.")];
    }
    if pin != again {
        return vec![slip("new-pin-again", "The two are not the same. Type the PIN again.")];
    }
    Vec::new()
}

fn slip(field: &str, words: &str) -> Slip {
    Slip { field: field.to_owned(), words: words.to_owned() }
}

/// The words for one box among the slips; empty when nothing is wrong with it.
pub fn words_for(slips: &[Slip], field: &str) -> String {
    slips.iter().find(|slip| slip.field == field).map(|slip| slip.words.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::LockedView;

    fn way(index: usize, person: u8, by: Unlock) -> WayIn {
        WayIn { index, person: PersonId::from_bytes([person; 16]), name: format!("Person {person}"), by }
    }

    fn session(person: u8, has_passkey: bool) -> SessionView {
        let json = serde_json::json!({
            "person": {
                "id": PersonId::from_bytes([person; 16]),
                "name": format!("Person {person}"),
                "gphc": "",
                "gphc_checked": false,
                "role": "pharmacist",
            },
            "pharmacies": [],
            "epoch": uuid::Uuid::nil(),
            "server_nonce": "",
            "server_time": "",
            "server_key": { "id": "", "public": "" },
            "demo": false,
            "has_passkey": has_passkey,
        });
        serde_json::from_value(json).expect("a session")
    }

    fn locked(person: u8) -> Phase {
        Phase::Locked(LockedView {
            ods: "FA123".to_owned(),
            pharmacy_name: "Elm Pharmacy".to_owned(),
            ways: vec![way(0, person, Unlock::Passkey)],
            last_contact: None,
            contact_overdue: false,
            shared: false,
        })
    }

    #[test]
    fn whoever_cis2_brought_to_a_device_without_a_key_of_theirs_is_offered_one() {
        let came = session(1, false);
        assert_eq!(newcomer(&Phase::Fresh, Some(&came)), Some(("Person 1".to_owned(), false)));
        assert_eq!(newcomer(&locked(2), Some(&came)), Some(("Person 1".to_owned(), false)));
        assert_eq!(newcomer(&Phase::Fresh, Some(&session(1, true))), Some(("Person 1".to_owned(), true)));
    }

    #[test]
    fn whoever_has_a_key_here_unlocks_with_it_whatever_cis2_said() {
        assert_eq!(newcomer(&locked(1), Some(&session(1, true))), None);
        assert_eq!(newcomer(&Phase::Fresh, None), None);
    }

    #[test]
    fn two_ways_of_one_person_are_one_person() {
        let openers = openers(&[
            way(0, 1, Unlock::Passkey),
            way(1, 2, Unlock::Passphrase),
            way(2, 1, Unlock::Passphrase),
        ]);
        assert_eq!(openers.len(), 2);
        assert_eq!((openers[0].passkey, openers[0].passphrase), (Some(0), Some(2)));
        assert_eq!(openers[1].passkey, None);
    }

    #[test]
    fn a_passkey_that_takes_a_pin_is_told_from_one_that_does_not() {
        let openers = openers(&[way(0, 1, Unlock::PasskeyAndPin), way(1, 2, Unlock::Passkey)]);
        assert_eq!((openers[0].passkey, openers[0].asks_for_pin), (Some(0), true));
        assert_eq!((openers[1].passkey, openers[1].asks_for_pin), (Some(1), false));
    }

    #[test]
    fn a_pin_is_typed_the_same_twice() {
        assert_eq!(pin_slips("123456", "123456")[0].field, "new-pin");
        assert_eq!(pin_slips("270194", "270195")[0].field, "new-pin-again");
        assert!(pin_slips("270194", "270194").is_empty());
    }

    #[test]
    fn a_technicians_number_does_not_enrol_a_pharmacist() {
        assert_eq!(enrolment_slips(Role::Pharmacist, "Asha Rao", "5001234")[0].field, "enrol-gphc");
        assert!(enrolment_slips(Role::Pharmacist, "Asha Rao", "2074123").is_empty());
    }

    #[test]
    fn an_administrator_needs_no_number() {
        assert!(enrolment_slips(Role::Administrator, "Ben Ade", "").is_empty());
    }

    #[test]
    fn a_passphrase_is_long_and_typed_the_same_twice() {
        assert_eq!(passphrase_slips("short", "short")[0].field, "passphrase");
        assert_eq!(passphrase_slips("copper lamp river", "copper lamp")[0].field, "passphrase-again");
        assert!(passphrase_slips("copper lamp river", "copper lamp river").is_empty());
    }
}
