//! The work list: everything sent to this pharmacy, what is pressing first.

pub mod model;
mod page;
pub mod same_patient;

pub use page::WorkListPage;
