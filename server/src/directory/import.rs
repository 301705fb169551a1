//! An address book from a CSV file: all of it or nothing.

use super::csv_file::key;
use super::{DirectoryError, added, changed, read, written};
use crate::app::App;
use crate::store::AddressEntry;
use shared::api::AddressImport;
use shared::ids::OdsCode;
use std::collections::HashMap;
use uuid::Uuid;

/// Adds what is new and changes what is there, by ODS code, or by name where there is no code. What the file does not
/// name stays. A changed address loses its confirmation. Safe to repeat.
pub async fn import(app: &App, pharmacy: &OdsCode, file: &[u8]) -> Result<AddressImport, DirectoryError> {
    let lines = read(file)?;
    let mut known: HashMap<String, Vec<AddressEntry>> = HashMap::new();
    for entry in app.store.addresses(pharmacy).await? {
        known.entry(key(&written(&entry))).or_default().push(entry);
    }
    let now = app.clock.now();
    let mut done = AddressImport::default();
    let mut writes = Vec::new();
    for line in lines {
        let mut of_it = known.remove(&key(&line.address)).unwrap_or_default();
        let same = of_it.iter().position(|entry| entry.email.eq_ignore_ascii_case(&line.address.email));
        // An organisation with several addresses gets one more; one with a single address has moved.
        let before = match (same, of_it.len()) {
            (Some(place), _) => Some(of_it.swap_remove(place)),
            (None, 1) => of_it.pop(),
            _ => None,
        };
        match before {
            None => {
                done.added += 1;
                writes.push(added(pharmacy, Uuid::new_v4(), &line.address, "csv", now));
            }
            Some(before) if written(&before) == line.address => done.unchanged += 1,
            Some(before) => {
                done.changed += 1;
                let again = written(&before).needs_confirming_again(&line.address);
                done.to_confirm_again += u32::from(again && before.confirmed_at.is_some());
                writes.push(changed(before, &line.address, "csv", now));
            }
        }
    }
    app.store.write_addresses(&writes).await?;
    Ok(done)
}
