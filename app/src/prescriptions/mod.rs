//! Whether a prescription is waiting: looked for online, on the tracker's website or by phone, and recorded.

mod by_hand;
pub mod model;
mod online;
mod page;

pub use page::PrescriptionsPanel;
