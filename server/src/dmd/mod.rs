//! The dictionary of medicines and devices (dm+d): releases of TRUD into the files that devices search (medicines.md 1).

mod dictionary;
mod faults;
mod fetch;
mod groups;
mod import;
mod ledger;
mod lists;
mod metered;
mod part;
mod products;
mod progress;
mod read;
mod replaced;
mod rows;
mod sctid;
mod serve;
mod source;
pub mod synthetic;
#[cfg(test)]
mod tests;
pub mod trud;

pub use faults::{Fault, Faults};
pub use fetch::{fetch, run};
pub use import::{Asked, Counts, ImportError, Imported, Outcome, import};
pub use ledger::{Changes, Kind};
pub use progress::{OnTerminal, Progress, Silent};
pub use serve::{hex, in_full, status};
pub use source::NotARelease;
