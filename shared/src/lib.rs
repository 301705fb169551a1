//! What both ends of Satchel agree on: the record, the pathways, the sync rules. No clock, no randomness, no IO.

pub mod activity;
pub mod api;
pub mod authorship;
pub mod claim;
pub mod consultation;
pub mod ids;
pub mod letter;
pub mod medicines;
pub mod paper;
pub mod pathway;
pub mod patient;
pub mod people;
pub mod places;
pub mod prescription;
pub mod referral;
pub mod register;
// Only the server destroys records, and the app must stay small.
#[cfg(not(target_arch = "wasm32"))]
pub mod retention;
pub mod scan;
pub mod supply;
pub mod sync;
pub mod time;
pub mod vault;
