//! The registers: a list that was imported, and what it says of somebody. Neither the GPhC nor CPPE has a public interface
//! (docs/roles.md), so lists come as files.

mod import;
mod names;

pub use import::{Counts, ImportError, import};
pub use names::{Likeness, likeness};

use crate::store::{Registration, Source, Store, StoreError};
use shared::ids::GphcNumber;

/// What the GPhC's list says of a number and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// On the register, under this name.
    Checked,
    /// Not known from the list; why, in words.
    NotChecked(String),
    /// On the list as suspended or removed.
    Barred(Registration),
}

/// Looks somebody up in the list that was imported last.
pub async fn look_up(store: &dyn Store, number: &GphcNumber, name: &str) -> Result<Standing, StoreError> {
    let found = store.registered(Source::Gphc, number).await?;
    let Some(entry) = found.into_iter().next() else {
        let why = if store.register_size(Source::Gphc).await? == 0 {
            "No register has been imported."
        } else {
            "The number is not on the register that was imported."
        };
        return Ok(Standing::NotChecked(why.to_owned()));
    };
    if entry.status != Registration::Registered {
        return Ok(Standing::Barred(entry.status));
    }
    Ok(match likeness(&entry.name, name) {
        Likeness::Same => Standing::Checked,
        Likeness::Near => Standing::NotChecked(
            "The name on the register is nearly this one. Check the spelling.".to_owned(),
        ),
        Likeness::Other => {
            Standing::NotChecked("The number is on the register under another name.".to_owned())
        }
    })
}
