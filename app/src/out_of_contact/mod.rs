//! Without contact for longer than the pharmacy allows, or after the end of one's access: one's own unsent work, to be read and printed, and no more.

mod gate;
pub mod model;
mod page;
mod paper;

pub use gate::InContact;
pub use page::OutOfContact;
pub use paper::UnsentPage;
