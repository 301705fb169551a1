//! Settings: this device and its storage, passkeys, locking, colleagues, signing out.

mod access;
mod device;
mod leaving;
pub mod model;
mod page;

pub use page::SettingsPage;
