//! The notice as the GP will see it: the very letter of the PDF, drawn here without a network, to be read and printed.

pub mod model;
mod page;

pub use page::{LetterPage, Which};
