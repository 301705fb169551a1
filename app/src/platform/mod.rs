//! The only code that knows it is in a browser.

pub mod api;
pub mod clock;
pub mod crypto;
pub mod database;
pub mod http;
pub mod js;
pub mod page;
pub mod passkey;
pub mod passphrase;
pub mod service_worker;
pub mod settings;
pub mod socket;
pub mod storage;
pub mod trouble;
