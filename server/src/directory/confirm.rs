//! Confirming that an address is the right one: a test message with a code that somebody there reads back over the
//! telephone, or their word by telephone. Both need a number that is known from elsewhere than the address.

use super::{DirectoryError, after, find};
use crate::app::App;
use crate::mail::Outgoing;
use crate::store::{AddressEntry, AddressWrite};
use sha2::{Digest as _, Sha256};
use shared::api::AddressConfirmation;
use shared::ids::{OdsCode, PersonId};
use shared::time::Millis;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// A code that nobody has read back by then is not waited for any more.
const GOOD_FOR: Millis = 14 * 24 * 3_600_000;
/// Letters and digits that are not taken for one another when they are read out (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
const LONGEST_NAME: usize = 200;

/// `7K2M94QX`.
fn code() -> String {
    rand::random::<[u8; LENGTH]>().iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect()
}

/// As it was given out: lower case, spaces, a hyphen, and letters that read like digits are the same code.
fn canonical(typed: &str) -> String {
    let signs = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let same = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    signs.map(same).collect()
}

/// Of this entry and this address: a code for an address that was changed since is worth nothing.
fn hash(entry: &AddressEntry, code: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"satchel address code v1\n")
        .chain_update(entry.id.as_bytes())
        .chain_update(entry.email.to_ascii_lowercase())
        .chain_update(b"\n")
        .chain_update(code)
        .finalize()
        .into()
}

/// Sends a test message with a new code. It says nothing of any patient.
pub async fn send_test(app: &App, pharmacy: &OdsCode, id: Uuid) -> Result<(), DirectoryError> {
    // That there is no such address is said first, to whoever asks about another's.
    find(app, pharmacy, id).await?;
    let mail = app.mail.as_ref().ok_or(DirectoryError::NoMail)?;
    let message = test_message(app, pharmacy, id).await?;
    mail.send(&message).await.map_err(DirectoryError::Mail)
}

/// A test message with a new code, which is waited for from now on; the codes before it are worth nothing any more.
pub async fn test_message(app: &App, pharmacy: &OdsCode, id: Uuid) -> Result<Outgoing, DirectoryError> {
    let entry = find(app, pharmacy, id).await?;
    let from = app.store.pharmacy(pharmacy).await?.ok_or(DirectoryError::Unknown)?;
    let (seen, code) = (entry.changed_at, code());
    let waiting = AddressEntry {
        code_hash: Some(hash(&entry, &code)),
        changed_at: after(seen, app.clock.now()),
        ..entry.clone()
    };
    // Kept first: a code that arrives and is not known here would only puzzle.
    app.store.write_addresses(&[AddressWrite { entry: waiting, seen: Some(seen) }]).await?;
    let phone = if from.phone.is_empty() { String::new() } else { format!(" on {}", from.phone) };
    let text = format!(
        "This is a test message. It holds nothing about any patient.\n\n\
         {pharmacy_name} (ODS code {pharmacy}) would like to send confidential messages about patients to this \
         address, as the address of:\n\n    {name}\n\n\
         If that is right, please read this code to the pharmacy when it calls, or call it{phone}:\n\n    \
         {first}-{last}\n\n\
         If it is not right, please tell the pharmacy so. Nothing about a patient is sent here before the code was \
         read to it.\n",
        pharmacy_name = from.name,
        name = entry.name,
        first = &code[..LENGTH / 2],
        last = &code[LENGTH / 2..],
    );
    Ok(Outgoing {
        to: entry.email,
        subject: format!("Test message from {}: please read the code back", from.name),
        text,
        attachments: Vec::new(),
        message_id: format!("{}@satchel.test-message", Uuid::new_v4()),
        in_reply_to: String::new(),
    })
}

/// Somebody there has confirmed it: by the code of the test message, or, where no code is given, by telephone.
pub async fn confirm(
    app: &App,
    pharmacy: &OdsCode,
    id: Uuid,
    person: PersonId,
    told: &AddressConfirmation,
) -> Result<(), DirectoryError> {
    let entry = find(app, pharmacy, id).await?;
    let (now, seen) = (app.clock.now(), entry.changed_at);
    let spoken_to = told.spoken_to.split_whitespace().collect::<Vec<_>>().join(" ");
    if spoken_to.chars().count() > LONGEST_NAME || spoken_to.chars().any(char::is_control) {
        return Err(DirectoryError::Invalid(
            "The name of who confirmed it cannot be kept. Shorten it.".to_owned(),
        ));
    }
    let typed = canonical(&told.code);
    let confirmed_with = if typed.is_empty() {
        if spoken_to.is_empty() {
            let missing = "Enter the name and role of who confirmed the address on the telephone.";
            return Err(DirectoryError::Invalid(missing.to_owned()));
        }
        format!("By telephone: {spoken_to}")
    } else {
        // A clock that was set back must not keep a code alive for ever.
        let in_time = (0..GOOD_FOR).contains(&(now - seen).max(0));
        let waits_for = entry.code_hash.filter(|_| in_time).ok_or(DirectoryError::NoCode)?;
        if !bool::from(hash(&entry, &typed).ct_eq(&waits_for)) {
            return Err(DirectoryError::WrongCode);
        }
        let by = if spoken_to.is_empty() { String::new() } else { format!(": {spoken_to}") };
        format!("Code of the test message read back{by}")
    };
    let confirmed = AddressEntry {
        code_hash: None,
        confirmed_at: Some(now),
        confirmed_by: Some(person),
        confirmed_with,
        changed_at: after(seen, now),
        ..entry
    };
    Ok(app.store.write_addresses(&[AddressWrite { entry: confirmed, seen: Some(seen) }]).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        assert_eq!(canonical(" 7k2m-94qx "), "7K2M94QX");
        assert_eq!(canonical("oil0-0000"), "01100000");
        assert!(code().chars().all(|sign| SIGNS.contains(&(sign as u8))));
        assert_ne!(code(), code());
    }
}
