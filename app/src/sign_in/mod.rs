//! Signing in, unlocking, enrolling by a one-time link, and the first steps afterwards.

mod cis2;
mod enrol;
mod letting_in;
pub mod model;
mod page;
mod proof;
mod unlock;
mod welcome;

pub use enrol::EnrolPage;
pub use page::{PassphraseBoxes, SignInPage};
pub use proof::ProofForm;
pub use welcome::WelcomePage;
