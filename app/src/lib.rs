//! The Satchel device: screens over a sealed vault that works without a network.

pub mod app;
pub mod attention;
pub mod audit;
pub mod consultation;
pub mod directory;
pub mod history;
pub mod letter;
pub mod medicines;
pub mod out_of_contact;
pub mod places;
pub mod platform;
pub mod ready;
pub mod set_aside;
pub mod settings;
pub mod sign_in;
pub mod standing;
pub mod state;
pub mod sync;
pub mod tracing;
pub mod ui;
pub mod vault;
pub mod waiting;
pub mod walk_in;
pub mod work_list;
pub mod worker;
