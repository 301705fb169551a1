//! Who the patient is, as far as PDS can say: looked up by a person, known again when the practice is told.

pub mod background;
mod look_up;
mod vouched;

pub use look_up::{check, look_up};
pub use vouched::{Vouched, vouched};
