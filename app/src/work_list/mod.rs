//! The work list: everything sent to this pharmacy, what is pressing first.

pub mod model;
pub mod notify;
mod page;
pub mod rows;
pub mod same_patient;
mod similar;

pub use page::WorkListPage;
