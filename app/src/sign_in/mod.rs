//! Signing in, unlocking, enrolling by a one-time link, and the first steps afterwards.

mod enrol;
pub mod model;
mod page;
mod unlock;
mod welcome;

pub use enrol::EnrolPage;
pub use page::{PassphraseBoxes, SignInPage};
pub use welcome::WelcomePage;
