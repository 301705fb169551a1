//! The pharmacy's address book: to which e-mail address a practice or another pharmacy takes messages about patients.

mod confirming;
mod entry;
mod import;
mod model;
mod page;

pub use page::DirectoryPage;
