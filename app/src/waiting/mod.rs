//! The waiting list: e-mails and letters that become a referral only when a person has read them beside the form.

mod confirm;
mod form;
mod list;
pub mod model;

pub use confirm::WaitingPage;
pub use list::{WaitingLink, WaitingListPage};
