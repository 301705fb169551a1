//! Walk-in: a consultation begun on this device, with or without a network.

pub mod model;
mod page;
mod practice;

pub use page::{PatientBoxes, PatientBoxesState, WalkInPage};
