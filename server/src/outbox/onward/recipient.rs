//! To which address a referral goes by e-mail: one that somebody there has confirmed, and none else.

use crate::app::App;
use crate::store::{AddressEntry, StoreError};
use shared::consultation::Onward;
use shared::ids::OdsCode;

/// Whether it can go by e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    Confirmed(Box<AddressEntry>),
    /// Why not, in words for the pharmacist; the next way is gone.
    None(String),
}

/// The confirmed address of whom a patient is sent to: by its ODS code, or by the very address where it has no code. An
/// address that stands in the record only is nobody's.
pub async fn recipient(app: &App, pharmacy: &OdsCode, onward: &Onward) -> Result<Recipient, StoreError> {
    let confirmed = match onward.ods.parse::<OdsCode>() {
        Ok(ods) => app.store.confirmed_address(pharmacy, &ods).await?,
        Err(_) if onward.email.trim().is_empty() => None,
        Err(_) => {
            let book = app.store.addresses(pharmacy).await?;
            book.into_iter().find(|entry| {
                entry.confirmed_at.is_some() && entry.email.eq_ignore_ascii_case(onward.email.trim())
            })
        }
    };
    Ok(confirmed.map_or_else(
        || {
            let words = format!("No e-mail address of {} is confirmed in the address book.", onward.name);
            Recipient::None(words)
        },
        |entry| Recipient::Confirmed(Box::new(entry)),
    ))
}
