//! What a scanned code on a pack says (GS1).

pub mod gs1;
mod gtin;
mod trouble;

pub use gs1::{Expiry, Pack, parse};
pub use gtin::{as_gtin, has_check_digit};
pub use trouble::NotAPack;
