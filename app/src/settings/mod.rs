//! Settings: this device and its storage, passkeys, locking, the NHS sign-in, colleagues and their standing, signing out.

mod certificate;
mod cis2;
mod contact;
mod device;
mod devices;
mod invitations;
mod key_holders;
mod leaving;
pub mod model;
mod notices;
mod own_standing;
mod page;
mod papers;
mod passkeys;
mod removed;
mod rename;
mod responsible;
mod second_way;
mod staff;

pub use page::SettingsPage;
pub use removed::{RemovedNote, RemovedPage};
