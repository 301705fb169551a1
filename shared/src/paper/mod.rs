//! What is printed on the device: labels, leaflets, tokens, the register and the month's bundle, as PDF.

pub mod bundle;
// Only the server makes them.
#[cfg(not(target_arch = "wasm32"))]
pub mod claims;
pub mod code128;
pub mod label;
pub mod leaflet;
pub mod pdf;
pub mod record;
pub mod register;
mod sheet;
pub mod token;

pub use record::{PatientOnPaper, PharmacyOnPaper};
