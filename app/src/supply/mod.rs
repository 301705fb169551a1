//! Supply in the consultation: found, asked about, decided and handed over, one card for every medicine.

mod asking;
mod boxes;
mod card;
mod decided;
mod decision;
mod details;
mod earlier;
mod exception;
mod find;
mod here;
mod line;
pub mod model;
mod not_supplied;
mod pack;
mod treatments;
mod warnings;

pub use card::{Slots, SupplyCard};
