//! The sealed records on this device: set up, opened, read, written, locked (design 6).

pub mod contact;
pub mod enrol;
pub mod format;
pub mod keeper;
pub mod locking;
pub mod opened;
pub mod pulled;
pub mod records;
pub mod settled;
pub mod start;
pub mod store;
pub mod unlock;
pub mod ways;
