//! Walk-in: a consultation begun on this device, with or without a network.

pub mod model;
mod page;
mod practice;
mod referrer;

pub use page::{PatientBoxes, PatientBoxesState, WalkInPage, services};
pub use referrer::{ReferrerBoxes, ReferrerBoxesState, ReferrerForm};
