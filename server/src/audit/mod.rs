//! The audit log: who did what, when, why and on which device, in one chain that shows where it was tampered with.

pub mod chain;
pub mod csv;
mod view;
mod words;

pub use view::Readable;
pub use words::in_words;
