//! Hand to patient: a screen with a declaration to sign or a leaflet to read, and no way into the record (practice 27).
//!
//! While it is up it is the only thing that is drawn, whatever the address says. Leaving it locks the vault, so only the
//! pharmacist's own sensor or passphrase leads on; a reload does the same.

pub mod model;
mod pad;
mod page;

pub use model::{Handed, What};
pub use page::HandOverPage;
