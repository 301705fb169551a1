//! Settings: this device and its storage, passkeys, locking, colleagues, signing out.

mod access;
mod contact;
mod device;
mod leaving;
pub mod model;
mod page;
mod people;
mod removed;
mod staff;

pub use page::SettingsPage;
pub use removed::{RemovedNote, RemovedPage};
