//! The only code that knows it is in a browser.

pub mod api;
pub mod api_deliveries;
pub mod api_patients;
pub mod api_people;
pub mod api_places;
pub mod api_prescriptions;
pub mod api_recovery;
pub mod api_waiting;
pub mod clock;
pub mod crypto;
pub mod database;
pub mod file;
pub mod http;
pub mod js;
pub mod notifications;
pub mod page;
pub mod passkey;
pub mod passphrase;
pub mod reseal;
pub mod service_worker;
pub mod settings;
pub mod socket;
pub mod storage;
pub mod trouble;
