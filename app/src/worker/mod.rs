//! The records worker: a second thread with the same WebAssembly, in which records are pulled, pushed, sealed,
//! merged and tidied, so that the page stays free and survives a record that cannot be opened.
//!
//! The page asks ([`messages::Ask`]) and hears ([`messages::Said`]). The worker may die at any moment: what it was
//! doing is on disk or is done again, and the record that it was opening is set aside.

pub mod backroom;
pub mod messages;
pub mod page;
pub mod serve;

pub use serve::{is_worker, serve};
