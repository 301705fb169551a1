//! The consultation: a form made from the pathway file, with the patient always in sight.

mod attempts;
mod banner;
pub mod bound;
mod call;
mod claim;
mod clash;
mod desk;
mod emergency;
mod field;
mod finish;
pub mod medicine_words;
mod medicines;
pub mod model;
mod notes;
mod onward;
pub mod onward_model;
mod page;
mod patient;
mod read_only;
mod record_access;
mod referral;
#[cfg(test)]
mod tests;
mod turn;

pub use desk::{Desk, opened};
pub use page::ConsultationPage;
