//! What the service did: a few facts of each signed consultation, what a span of days adds up to, and the items that are
//! handed on to the data warehouse and the contractor (medicines.md 6.4).
//!
//! Devices count what they hold with no network, the server counts all; both by this code.

mod age;
mod extract;
mod facts;
mod gathering;
mod times;

#[cfg(test)]
mod tests;

pub use age::{BANDS, age_band};
pub use extract::{Extract, ITEMS, Item, Reveals, SUPPLY_ITEMS, SupplyItem, extract};
pub use facts::{Done, Facts, Gateway};
pub use gathering::{Asked, Bar, Dashboard, Days, Gathering, Health, OTHER};
pub use times::{STEPS, Times};
