//! What the patient pays for what was supplied on the NHS, or why not, and who declared it.

pub mod model;
mod page;

pub use page::ChargeCard;
