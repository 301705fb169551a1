//! Prescriptions, charges and exemptions: ids, what trackers answer, who pays what and who need not.

pub mod bundle;
pub mod charge;
pub mod exemption_check;
mod found;
mod id;
mod rules;
pub mod tracker;

#[cfg(test)]
mod samples;

pub use found::{Dispensed, Event, Found, Item, Prescription, Repeats, preferred, waiting_words};
pub use id::{Id, NotAnId};
pub use rules::{Coded, item_status, kind_words, status, withdrawal_reason};
