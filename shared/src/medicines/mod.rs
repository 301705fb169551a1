//! Medicines of dm+d as a device knows them: what each is, and finding one while typing.

pub mod allergy;
pub mod badges;
pub mod file;
mod index;
pub mod look_alike;
mod product;
mod search;
#[cfg(test)]
mod search_tests;
mod vocabulary;
pub mod words;

pub use badges::{Badge, badges};
pub use index::Index;
pub use product::*;
pub use search::Hit;
